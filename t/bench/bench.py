#!/usr/bin/env python3
"""bench - what a request costs policyd, beside the least it could cost

Starts redis-servers, the echoes of echo.c and policyd, all on unix sockets in a
directory of its own, and loads them in turn: 1, 16 and 128 connections, new,
known and mixed triplets. (a) is a bare echo of the protocol, (b) an echo that
asks Redis once a request. `policyd` does nothing but greylisting, which asks
once, too, and not at all for who has passed within greylist.local_memory: the
known triplets come again many times in that. `asking` is the same without that
memory, and asks Redis for each request as (b) does. `shipped` is policyd as it
comes, with its registers in front; `policy` is like policyd and has all checks
of senders and recipients besides, with domains and mailboxes in Redis,
`p-asking` like asking and has them, `all` has them and the registers; and
`counting`, of which only the memory is looked at, counts sessions, too. What
counts is the ratio of policyd and asking to (b), of policy to policyd, of
p-asking to asking and of all to shipped in the same round, as the machine's
speed changes from minute to minute.
Figures are medians of all rounds. `longest` is the longest answer and
`unfairest` the mean of the connection that waited most, both in medians of all
answers.

    BENCH_SECONDS   of one measurement, default 1
    BENCH_ROUNDS    default 5
    BENCH_IDLE      idle connections for the memory figure, default 10000

It measures and judges, and exits 0 whatever the judgement.
"""
import contextlib
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
SECONDS = float(os.environ.get("BENCH_SECONDS", "1"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
IDLE = int(os.environ.get("BENCH_IDLE", "10000"))

CONNECTIONS = (1, 16, 128)
KNOWN = 2000  # triplets; far more than fit a cache line, far fewer than memory
REMEMBERED = 10  # seconds: before that, policyd does not see that all is new
WHATS = ("known", "mixed", "new")
NAMES = ("echo-a", "echo-b", "policyd", "asking", "shipped", "policy",
         "p-asking", "all")
SETTLED = ("policy", "p-asking", "all")  # what mailboxes have is in Redis
KNOWN_ONLY = ("echo-a", *SETTLED)  # that tells enough
NOT_NEW = KNOWN_ONLY + ("asking",)  # of a stranger nothing is remembered
COST = 1.5  # what policyd may take of (b)'s CPU, its own and Redis'
MORE = 1.3  # what checks of senders and recipients may make of that
TRIPS = 0.1  # and what they may add to the round trips of a request
MEMORY = 20  # MiB that policyd may take with IDLE clients
WAIT = 20  # medians that the longest answer may take

# CPU microseconds a request, known of such a machine (two cores, Debian 12); not
# measured here.
PEERS = "postgrey 410-610, gross 540, mtpolicyd 1100-2900"

# Checks that would ask, too.
ALONE = "\n".join(check + " { mode = off }" for check in (
    "access", "ban", "abuse", "connections", "spam_source"))

# All checks of senders and recipients, for domains that a panel keeps.
POLICY = """
local_domains = { "redis:" }
mailboxes = { "redis:" }
aliases = { "redis:" }
login { mode = enforce }
spoof { mode = enforce who = authenticated }
size { mode = enforce inbound = 20M outbound = 20M }
mailbox { mode = enforce }
relay { mode = enforce }
remote { mode = enforce }
recipients { mode = enforce }
"""
RECIPIENTS = 5000  # of load.c, all of one domain
WITH_SETTINGS, WITH_LIST = 10, 20  # each such mailbox has its own

# Sessions are followed only for this one; strangers may be any number.
COUNTING = "connections { mode = enforce server = 0 }"

CONF = """
listen = {{ "unix:{socket}" }}
http {{ listen = "" }}
state_directory = "{dir}"
redis {{ servers = {{ "unix:{redis}" }} deadline = 4s }}
greylist {{ delay = 1s identity = network {greylist} }}
{more}
"""


class Server:
    """A process that listens on a unix socket."""

    started = []

    def __init__(self, place, name, command, **kind):
        self.name = name
        self.place = place
        self.socket = os.path.join(place, name)
        self.redis = kind.get("redis")
        self.echo = kind.get("echo", True)
        with open(os.path.join(place, name + ".log"), "wb") as log:
            self.process = subprocess.Popen(
                [w.format(socket=self.socket) for w in command],
                stdout=log, stderr=log)
        Server.started.append(self)
        self.wait()

    def wait(self):
        for _ in range(1000):
            with socket.socket(socket.AF_UNIX) as s:
                if s.connect_ex(self.socket) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise SystemExit(f"bench: {self.name} does not start, see its log:\n"
                         + open(self.socket + ".log").read())

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def directory():
    """One to start servers in; however it ends, none of them is left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="policyd-bench.") as place:
        try:
            yield place
        finally:
            for server in reversed(Server.started):
                server.stop()


def policyd(place, name, redis, more, wrap=(), greylist=""):
    conf = os.path.join(place, name + ".conf")
    with open(conf, "w") as f:
        f.write(CONF.format(socket=os.path.join(place, name), dir=place,
                            redis=redis.socket, greylist=greylist,
                            more=more))
    return Server(place, name, [
        *wrap, os.path.join(BUILD, "policyd"), "-f", "-c", conf],
        redis=redis, echo=False)


def redis_server(place, name, wrap=()):
    return Server(place, name, [
        *wrap, "redis-server", "--port", "0", "--unixsocket", "{socket}",
        "--save", "", "--appendonly", "no", "--dir", place])


def echo_b(place, store, wrap=()):
    return Server(place, "echo-b", [
        *wrap, os.path.join(BUILD, "t/bench/echo"), "-r", store.socket,
        "{socket}"], redis=store)


def start(place, wrap=()):
    """The redis-servers, and those to compare, `wrap` before each."""
    stores = {name: redis_server(place, "redis-" + name, wrap)
              for name in NAMES[1:]}
    return list(stores.values()), [
        Server(place, "echo-a", [
            *wrap, os.path.join(BUILD, "t/bench/echo"), "{socket}"]),
        echo_b(place, stores["echo-b"], wrap),
        policyd(place, "policyd", stores["policyd"], ALONE, wrap),
        policyd(place, "asking", stores["asking"], ALONE, wrap,
                "local_memory = 0s"),
        policyd(place, "shipped", stores["shipped"], "", wrap),
        policyd(place, "policy", stores["policy"], ALONE + POLICY, wrap),
        policyd(place, "p-asking", stores["p-asking"], ALONE + POLICY, wrap,
                "local_memory = 0s"),
        policyd(place, "all", stores["all"], POLICY, wrap),
    ]


def load(server, what, connections=1, first=KNOWN, known=KNOWN):
    """One run of load.c; its words as numbers."""
    command = [os.path.join(BUILD, "t/bench/load"), "-w", what,
               "-c", str(connections), "-s", str(SECONDS), "-k", str(known),
               "-f", str(first), "-p", str(server.process.pid)]
    if server.redis:
        command += ["-r", str(server.redis.process.pid)]
    if server.echo:
        command += ["-e"]
    out = subprocess.run(command + [server.socket], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return {k: float(v) for k, v in (w.split("=") for w in out.split())}


def flush(store):
    subprocess.run(["redis-cli", "-s", store.socket, "flushall"], check=True,
                   stdout=subprocess.DEVNULL)


def count_keys(store, pattern):
    out = subprocess.run(
        ["redis-cli", "-s", store.socket, "--scan", "--pattern", pattern],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return len(out.splitlines())


def settle(store):
    """The mailboxes that are written to, as a panel has them."""
    def lines():
        yield "hset policyd:domain:{example.com} since 1700000000"
        for n in range(RECIPIENTS):
            name = f"{{example.com}}:recipient{n}"
            yield f"hset policyd:mailbox:{name} since 1700000000"
            if n % WITH_SETTINGS == 0:
                yield f"hset policyd:mailbox:{name} size.inbound 10M"
            if n % WITH_LIST == 0:
                yield f"hset policyd:deny:{name} bulk@example.org 1700000000"
    subprocess.run(["redis-cli", "-s", store.socket, "--pipe"], check=True,
                   input="\n".join(lines()) + "\n", text=True,
                   stdout=subprocess.DEVNULL)


def prepare(stores, servers):
    """The known triplets have come, have waited, and have come again."""
    for store in stores:
        flush(store)
    for store in stores[-len(SETTLED):]:
        settle(store)
    for pause in (0, 2.1):
        time.sleep(pause)
        for server in servers:
            if server.redis:
                load(server, "prepare")


def asked_for(name, what):
    """Whether it is measured with such requests."""
    if what == "known":
        return True
    return name not in (NOT_NEW if what == "new" else KNOWN_ONLY)


def measure(stores, servers):
    """{(connections, what, name): [figures of each round]}"""
    found = {}
    for n in range(ROUNDS):
        if n > 0:
            time.sleep(REMEMBERED)
        prepare(stores, servers)
        first = KNOWN
        for what in WHATS:
            for connections in CONNECTIONS:
                sent = 0
                for server in servers:
                    if not asked_for(server.name, what):
                        continue
                    figures = load(server, what, connections, first)
                    found.setdefault((connections, what, server.name),
                                     []).append(figures)
                    sent = max(sent, figures["requests"])
                first += int(sent * 1.5)  # the warm-up did not count
    return found


def median(rounds, name):
    return statistics.median(r[name] for r in rounds)


def ratio(found, connections, what, name, whose="policyd"):
    """Of ours to (b), paired by round."""
    ours = found[connections, what, whose]
    least = found[connections, what, "echo-b"]
    return statistics.median(
        o[name] / b[name] for o, b in zip(ours, least))


def sum_of_both(figures):
    return figures["cpu"] + figures["redis"]


def checks_cost(found, connections, name, without):
    """Of that server, as of the other one, paired by round."""
    return statistics.median(
        sum_of_both(o) / sum_of_both(w) for o, w in zip(
            found[connections, WHATS[0], name],
            found[connections, WHATS[0], without]))


def round_trips(server):
    """A request, as nothing else is in flight: how often Redis reads."""
    def reads():
        out = subprocess.run(
            ["redis-cli", "-s", server.redis.socket, "info", "stats"],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        return int(dict(line.split(":") for line in out.split()
                        if ":" in line)["total_reads_processed"])
    load(server, WHATS[0])  # who was forgotten since he passed is known again
    before = reads()
    answered = load(server, WHATS[0])["answered"]
    return (reads() - before - 1) / answered  # one is our own


def row(found, key):
    connections, what, name = key
    rounds = found[key]
    text = f"{connections:4} {what:6} {name:8} " + "".join(
        f"{median(rounds, n):9.{d}f}" for n, d in (
            ("rate", 0), ("p50", 0), ("p99", 0), ("p999", 0),
            ("worst_wait", 1), ("worst_mean", 2), ("cpu", 2)))
    if "redis" in rounds[0]:
        text += f"{median(rounds, 'redis'):9.2f}"
    if not name.startswith("echo"):
        text += "".join(f"{ratio(found, connections, what, n, name):8.2f}"
                        for n in ("cpu", "redis"))
    return text


def report(found):
    print(f"{'microseconds':>44}{'in medians':>18}{'CPU us/request':>20}"
          f"{'of (b)':>16}")
    print("conn asked  server  requests/s      p50      p99    p99.9"
          "  longest unfairest    own    Redis     own   Redis")
    for connections in CONNECTIONS:
        for what in WHATS:
            for name in NAMES:
                if (connections, what, name) in found:
                    print(row(found, (connections, what, name)))


def judge_cost(found, connections, what, server):
    asking = ", each request asked of Redis" if server == "asking" else ""
    for name, whose in (("cpu", "own"), ("redis", "Redis'")):
        r = ratio(found, connections, what, name, server)
        word = "PASS" if r <= COST else "over"
        print(f"{word}: {whose} CPU at {connections} connections, "
              f"{what}{asking}: {r:.2f} of (b), aim {COST}")


def judge(found):
    for connections in CONNECTIONS[1:]:
        for what in WHATS:
            for server in "policyd", "asking":
                if asked_for(server, what):
                    judge_cost(found, connections, what, server)
    for what in WHATS:
        w = median(found[CONNECTIONS[-1], what, "policyd"], "worst_wait")
        word = "PASS" if w <= WAIT else "over"
        print(f"{word}: longest wait at {CONNECTIONS[-1]} connections, "
              f"{what}: {w:.1f} medians, aim {WAIT}")


def judge_policy(found, servers):
    """All checks of senders and recipients, beside the same without them."""
    by_name = {server.name: server for server in servers}
    for name, without in (("policy", "policyd"), ("p-asking", "asking"),
                          ("all", "shipped")):
        for connections in CONNECTIONS[1:]:
            r = checks_cost(found, connections, name, without)
            word = "PASS" if r <= MORE else "over"
            print(f"{word}: CPU of {name} and its Redis at {connections} "
                  f"connections, known: {r:.2f} of {without}, aim {MORE}")
    trips, least = (round_trips(by_name[n]) for n in ("all", "shipped"))
    word = "PASS" if trips <= least + TRIPS else "over"
    print(f"{word}: {trips:.2f} round trips a request of all, {least:.2f} of "
          "shipped: the registers' answers bring the settings along")


def memory(servers):
    """Each connection has asked once, in a session and an instance of its
    own."""
    for server in servers:
        if server.redis:
            flush(server.redis)
        mib = load(server, "idle", IDLE)["rss"] / 1024
        word = "" if server.echo else \
            ("PASS: " if mib < MEMORY else "over: ")
        print(f"{word}memory with {IDLE} idle connections: {server.name} "
              f"{mib:.1f} MiB" + (f", aim {MEMORY}" if word else ""))


def feed(store, place):
    """The mail log: the feed alone, and policyctl feed with its Redis."""
    own = os.path.join(BUILD, "t/bench/feed")
    log, conf = (os.path.join(place, name) for name in ("mail.log", "feed"))
    subprocess.run([own], check=True)
    subprocess.run([own, log], check=True)
    with open(conf, "w") as file:
        file.write(f'redis {{ servers = {{ "unix:{store.socket}" }} }}\n')
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    subprocess.run([os.path.join(BUILD, "policyctl"), "-c", conf, "feed",
                    "--once", log], check=True, stderr=subprocess.DEVNULL)
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open(log, "rb") as file:
        lines = sum(1 for _ in file)
    print(f"policyctl feed: {lines / (took - began):.0f} lines a second, "
          f"{lines / cpu:.0f} a second of its CPU, with Redis beside it")


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with directory() as place:
        stores, servers = start(place)
        found = measure(stores, servers)
        report(found)
        judge(found)
        judge_policy(found, servers)
        memory([s for s in servers if s.name not in SETTLED] +
               [policyd(place, "counting", stores[-1], COUNTING)])
        print(f"not measured here, CPU microseconds a request: {PEERS}")
        feed(stores[0], place)


if __name__ == "__main__":
    main()
