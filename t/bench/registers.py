#!/usr/bin/env python3
"""registers - what a million listed addresses cost a request

Two policyd, each with a redis-server: in the abuse register of one is nobody,
in that of the other a million clients, written as the feed would write them.
Both are asked about strangers, by turns, many times and for moments only, so
that what else the machine does meets both; figures are medians of all turns,
and what is judged is the median of their ratios. Listed clients are asked
about for the record. Greylisting is off, so that what is asked of Redis is the
registers' one question.

    BENCH_LISTED    default 1000000
    BENCH_SECONDS   of one measurement, default 1
    BENCH_ROUNDS    default 5
"""
import os
import statistics
import subprocess
import time

import bench

LISTED = int(os.environ.get("BENCH_LISTED", "1000000"))
NETWORKS = 1 << 20  # of request.c: each number is a client
CONNECTIONS = (1, 16)
TURNS = 8  # a round, of an eighth of its time each
MORE = 1.1  # what a request may cost with a million, of what it costs without

# A ban comes before the listing it follows from; its key is read all the same.
CONF = """
listen = {{ "unix:{socket}" }}
http {{ listen = "" }}
state_directory = "{dir}"
redis {{ servers = {{ "unix:{redis}" }} }}
greylist {{ mode = off }}
ban {{ mode = off }}
"""


def start(place, name):
    redis = bench.Server(place, "redis-" + name, [
        "redis-server", "--port", "0", "--unixsocket", "{socket}",
        "--save", "", "--appendonly", "no", "--dir", place,
        "--hash-max-listpack-value", "256"])
    conf = os.path.join(place, name + ".conf")
    with open(conf, "w") as f:
        f.write(CONF.format(socket=os.path.join(place, name), dir=place,
                            redis=redis.socket))
    return redis, conf, bench.Server(
        place, name, [os.path.join(bench.BUILD, "policyd"), "-f", "-c", conf],
        redis=redis, echo=False)


def cli(redis, *words, **more):
    return subprocess.run(["redis-cli", "-s", redis.socket, *words],
                          check=True, stdout=subprocess.PIPE, **more).stdout


def info(redis, name):
    return int(dict(
        line.split(":") for line in cli(redis, "info", "memory").decode()
        .split("\r\n") if line.startswith(name + ":"))[name])


def sample(redis, conf):
    """The fields of a client whom the feed has listed."""
    stamp = time.strftime("%b %e %H:%M:%S")
    log = "".join(
        f"{stamp} mx postfix/smtpd[{n}]: warning: unknown[192.0.2.99]: SASL "
        "PLAIN authentication failed: authentication failure, "
        f"sasl_username=user{n}@example.com\n" for n in range(11))
    subprocess.run([os.path.join(bench.BUILD, "policyctl"), "-c", conf,
                    "feed", "--once"], input=log.encode(), check=True,
                   stderr=subprocess.DEVNULL)
    lines = cli(redis, "hgetall", "policyd:abuse:{192.0.2.99}").split(b"\n")
    fields = dict(zip(lines[::2], lines[1::2]))
    if int(fields[b"failures"]) != 11:
        raise SystemExit(f"bench: the feed has listed nobody: {fields}")
    return fields


def client(number):
    """As request.c has it."""
    n = number % NETWORKS
    return (f"{240 | n >> 16 & 15}.{n >> 8 & 255}.{n & 255}."
            f"{1 + number // NETWORKS}").encode()


def word(w):
    return b"$%d\r\n%s\r\n" % (len(w), w)


def fill(redis, count, fields):
    """What the feed's scripts write, by redis-cli --pipe."""
    until = word(fields[b"until"])
    mark = word(b"1") + word(b"EXAT") + until
    values = b"".join(word(w) for pair in fields.items() for w in pair)
    hset = b"*%d\r\n" % (2 + 2 * len(fields)) + word(b"HSET")
    expire = b"*3\r\n" + word(b"EXPIREAT")
    set_ = b"*5\r\n" + word(b"SET")
    zadd = b"*4\r\n" + word(b"ZADD") + word(b"policyd:index:abuse") + until
    with subprocess.Popen(["redis-cli", "-s", redis.socket, "--pipe"],
                          stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL) as pipe:
        for n in range(count):
            name = client(n)
            key = word(b"policyd:abuse:{" + name + b"}")
            pipe.stdin.write(b"".join((
                hset, key, values, expire, key, until, zadd, word(name),
                set_, word(b"policyd:client:{" + name + b"}"), mark)))
    if pipe.returncode != 0:
        raise SystemExit("bench: redis-cli --pipe failed")


def turns(none, many, connections, first):
    """By turns one is the first."""
    for n in range(bench.ROUNDS * TURNS):
        both = [None, None]
        for i in (0, 1) if n % 2 else (1, 0):
            both[i] = bench.load((none, many)[i], "unlisted", connections,
                                 first)
        first += int(2 * max(b["requests"] for b in both))
        yield both


def total(figures, name):
    return figures["cpu"] + figures["redis"] if name == "sum" \
        else figures[name]


def row(connections, what, listed, rounds):
    print(f"{connections:4} {what:8} {listed:7}" + "".join(
        f"{statistics.median(total(r, n) for r in rounds):{w}.{d}f}"
        for n, w, d in (("p50", 10, 1), ("p99", 9, 1), ("cpu", 11, 2),
                        ("redis", 9, 2), ("sum", 9, 2))))


def measure(none, many):
    """{connections: [(figures with none, with many)]}"""
    print(f"{'microseconds':>42}{'CPU us/request':>26}")
    print("conn client   listed        p50      p99    policyd    Redis"
          "      sum")
    found = {}
    for connections in CONNECTIONS:
        found[connections] = list(turns(none, many, connections,
                                        NETWORKS + LISTED))
        for i, listed in enumerate((0, LISTED)):
            row(connections, "unlisted", listed,
                [both[i] for both in found[connections]])
        row(connections, "listed", LISTED,
            [bench.load(many, "listed", connections, known=LISTED)
             for _ in range(bench.ROUNDS)])
    return found


def judge(found):
    for connections, rounds in found.items():
        for n, name in ("sum", "CPU"), ("p50", "latency"):
            r = statistics.median(
                total(many, n) / total(none, n) for none, many in rounds)
            word_ = "PASS" if r <= MORE else "over"
            print(f"{word_}: {name} of unlisted clients at {connections} "
                  f"connections, with {LISTED} listed: {r:.2f} of that with "
                  f"none, aim {MORE}")


def main():
    bench.SECONDS /= TURNS
    with bench.directory() as place:
        redis_none, conf, none = start(place, "none")
        redis_many, _, many = start(place, "many")
        fields = sample(redis_none, conf)
        bench.flush(redis_none)
        before, began = info(redis_many, "used_memory"), time.time()
        fill(redis_many, LISTED, fields)
        took = time.time() - began
        used = info(redis_many, "used_memory") - before
        print(f"{LISTED} listed addresses: {used / 2**20:.0f} MiB of Redis' "
              f"memory, {used / LISTED:.0f} bytes each, loaded by redis-cli "
              f"--pipe in {took:.1f} s")
        judge(measure(none, many))


if __name__ == "__main__":
    main()
