#!/usr/bin/env python3
"""scripts - what the pieces of a Lua script cost Redis

Each row is a script; the figures are instructions of redis-server for one
EVALSHA, on keys that are there and on keys that are not, sixteen calls in one
read as policyd sends them. The first row is what any script costs; what the
others cost more is their own. valgrind counts: time on a shared machine tells
no difference below a microsecond, instructions are the same on every run. The
kernel is not counted; it does the same for all.

    t/bench/scripts.py [WORD...]     only rows with one of the words

The last rows are plain commands, without a script, as lib/checks/quick.c and
lib/rate send them.

What it teaches, with Redis 7.0: a table as the answer costs as much as TIME, a
text nearly nothing; an expiry costs more than the SET it stands in; each word
of the call costs a third of a GET; a number handed to redis.call() is printed
with %.17g and costs as much as two words; two GETs are no dearer than MGET.
"""
import os
import socket
import subprocess
import sys
import tempfile
import time

CALLS = 1600
DEPTH = 16  # calls in one write
KEYS = 400

VALUE = "last=1700000000 first=1700000000 tries=2 passed=1700000000"

# As policyd sends it: who has passed within an hour, or a stranger who is
# written down and not counted.
GREYLIST = ("last=1699996401 1700000000 0 0005 00300 0001000 16 03110400 "
            "03110400 86400")


def script(path):
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    with open(os.path.join(top, path)) as file:
        return file.read()


GREYLIST_LUA = script("lib/checks/greylist.lua")
RATE_LUA = script("lib/rate/rate.lua")
CHARGE_LUA = script("lib/rate/charge.lua")

# Two limits of a mailbox, far away; and one that warns each time.
HOUR = " 1 80000 100000 3600"
DAY = " 1 800000 1000000 86400"
CHARGE = ["charge 1700000940 1700000000 900" + HOUR + DAY]
ONE = ["charge 1700000940 1700000000 900" + HOUR]
LATER = ["charge 1700001000 1700000060 900" + HOUR + DAY]
LOOK = ["charge 1700000940 1700000000 900" + HOUR + " 0 80 100 86400"]
NEAR = ["charge 1700000940 1700000000 900 1 1 100000 3600" + DAY]
PLAIN = ["open:1700000940", "1 80000 1 800000"]
SETTLE = ["settle 1700000000 1 3600 1700000940=1 1 86400 1700000940=1"]

# name, script, number of keys, further arguments; for lib/rate, those with
# which rate.lua was called before
ROWS = [
    ("return 1", "return 1", 1, []),
    ("  an argument more", "return 1", 1, ["1700000000"]),
    ("  a key more", "return 1", 2, []),
    ("  a text as the answer", "return '3 0 2 0 0'", 1, []),
    ("  one integer in a table", "return {1}", 1, []),
    ("  five integers in a table", "return {1, 2, 3, 4, 5}", 1, []),
    ("  three functions of its own", "local function a() return 1 end "
     "local function b() return a() end local function c() return b() end "
     "return c()", 1, []),
    ("TIME", "return redis.call('TIME')[1]", 1, []),
    ("PTTL", "return redis.call('PTTL', KEYS[1])", 1, []),
    ("GET", "return redis.call('GET', KEYS[1])", 1, []),
    ("GET, match of four numbers",
     "local v = redis.call('GET', KEYS[1])\n"
     "if not v then return 0 end\n"
     "local a, b, c, d = string.match(v, "
     "'^last=(%d+) first=(%d+) tries=(%d+) passed=(%d+)$')\n"
     "return a", 1, []),
    ("GET, GET of two", "redis.call('GET', KEYS[2]) "
     "return redis.call('GET', KEYS[1])", 2, []),
    ("MGET of two", "return redis.call('MGET', KEYS[1], KEYS[2])[1]", 2, []),
    ("HMGET of four fields", "return redis.call('HMGET', KEYS[1] .. '#', "
     "'first', 'last', 'tries', 'passed')[1]", 1, []),
    ("SET", f"return redis.call('SET', KEYS[1], '{VALUE}') and 1", 1, []),
    ("SET EX", f"return redis.call('SET', KEYS[1], '{VALUE}', 'EX', '900') "
     "and 1", 1, []),
    ("SET EX, the time a number", "return redis.call('SET', KEYS[1], "
     f"'{VALUE}', 'EX', 900) and 1", 1, []),
    ("SET NX EX", f"return redis.call('SET', KEYS[1], '{VALUE}', 'NX', 'EX', "
     "'900') and 1", 1, []),
    ("SET KEEPTTL", f"return redis.call('SET', KEYS[1], '{VALUE}', "
     "'KEEPTTL') and 1", 1, []),
    ("SET, EXPIRE", f"redis.call('SET', KEYS[1], '{VALUE}') "
     "return redis.call('EXPIRE', KEYS[1], '900')", 1, []),
    ("HSET of four fields, EXPIRE", "redis.call('HSET', KEYS[1] .. '#', "
     "'first', '1700000000', 'last', '1700000000', 'tries', '1', "
     "'passed', '0') return redis.call('EXPIRE', KEYS[1] .. '#', '900')",
     1, []),
    ("INCR", "return redis.call('INCR', KEYS[1] .. '+')", 1, []),
    ("INCR, EXPIRE", "redis.call('INCR', KEYS[1] .. '+') "
     "return redis.call('EXPIRE', KEYS[1] .. '+', '900')", 1, []),
    ("echo.c's", "local seen = redis.call('GET', KEYS[1])\n"
     "if not seen then\n"
     "redis.call('SET', KEYS[1], '1', 'EX', '86400')\n"
     "end\n"
     "return seen\n", 1, []),
    ("greylist.lua", GREYLIST_LUA, 1, [GREYLIST]),
    ("rate.lua, one charged", RATE_LUA, 1, ONE, ONE),
    ("rate.lua, two charged", RATE_LUA, 2, CHARGE, CHARGE),
    ("  with another lease", RATE_LUA, 2, LATER, CHARGE),
    ("  one is only looked at", RATE_LUA, 2, LOOK, CHARGE),
    ("  one warns", RATE_LUA, 2, NEAR, CHARGE),
    ("charge.lua, two charged", CHARGE_LUA, 2, PLAIN, CHARGE),
    ("rate.lua, two settled", RATE_LUA, 2, SETTLE, CHARGE, SETTLE, CHARGE),
]

# name, commands; KEY is one that fill() makes or a new one.
PLAIN_ROWS = [
    ("plain: GET", [["GET", "KEY"]]),
    ("plain: GET, GET", [["GET", "KEY"], ["GET", "KEY!"]]),
    ("plain: SET NX GET EX", [["SET", "KEY", VALUE, "NX", "GET", "EX",
                               "86400"]]),
    ("plain: a stranger's two", [["SET", "KEY", VALUE, "NX", "GET", "EX",
                                  "86400"], ["GET", "KEY!"]]),
    ("plain: HINCRBY", [["HINCRBY", "KEY#", "last", "1"]]),
]


def command(*words):
    out = [b"*%d\r\n" % len(words)]
    for w in words:
        w = w if isinstance(w, bytes) else str(w).encode()
        out.append(b"$%d\r\n%s\r\n" % (len(w), w))
    return b"".join(out)


class Redis:
    def __init__(self, place):
        path = os.path.join(place, "redis")
        self.process = subprocess.Popen(
            ["valgrind", "-q", "--tool=callgrind",
             "--callgrind-out-file=" + os.path.join(place, "count"),
             "redis-server", "--port", "0", "--unixsocket", path,
             "--save", "", "--appendonly", "no", "--dir", place],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.place = place
        self.dumps = 0
        self.socket = socket.socket(socket.AF_UNIX)
        while self.socket.connect_ex(path) != 0:
            if self.process.poll() is not None:
                raise SystemExit("scripts: needs redis-server and valgrind")
            time.sleep(0.01)

    def send(self, commands):
        """Sends them in one write; waits until all are answered."""
        mark = b"$4\r\nmark\r\n"
        self.socket.sendall(b"".join(commands) + command("ECHO", "mark"))
        reply = b""
        while not reply.endswith(mark):
            reply += self.socket.recv(1 << 16)
        if reply.startswith(b"-") or b"\r\n-" in reply:
            raise SystemExit(f"scripts: {reply.decode()}")
        return reply[:-len(mark)]

    def control(self, word):
        subprocess.run(["callgrind_control", word, str(self.process.pid)],
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def instructions(self, batches):
        """What it takes to answer them."""
        self.control("--zero")
        for batch in batches:
            self.send(batch)
        self.control("--dump")
        self.dumps += 1
        with open(os.path.join(self.place, f"count.{self.dumps}")) as f:
            return sum(int(line.split()[1]) for line in f
                       if line.startswith("totals:"))

    def load(self, script):
        return self.send([command("SCRIPT", "LOAD", script)]).split()[1]

    def fill(self):
        self.send([command("FLUSHALL")])
        for i in range(KEYS):
            key = name(i, 0)
            self.send([
                command("SET", key, VALUE, "EX", 86400),
                command("HSET", key + "#", "first", 1700000000,
                        "last", 1700000000, "tries", 1, "passed", 0),
                command("EXPIRE", key + "#", 86400),
                command("SET", key + "+", 1, "EX", 3600)])


def name(i, j):
    return (f"policyd:grey:{{192.0.2.{i}}}:sender{i}@example.net:"
            f"recipient{j}@example.com")


def rate_name(i, j):
    return (f"policyd:rate:{{example{i}.com}}:alice:"
            f"{['messages/1h', 'recipients/1d'][j]}")


def calls(sha, keys, names, arguments, there):
    """Calls on keys that fill() makes, or on new ones; DEPTH in each item."""
    out = []
    for i in range(CALLS):
        n = i % KEYS if there else KEYS + i
        words = [names(n, j) for j in range(keys)] + arguments
        out.append(command("EVALSHA", sha, keys, *words))
    return [out[i:i + DEPTH] for i in range(0, CALLS, DEPTH)]


def plain(commands, there):
    """The same of plain commands."""
    out = []
    for i in range(CALLS):
        key = name(i % KEYS if there else KEYS + i, 0)
        out.append(b"".join(command(*(w.replace("KEY", key) for w in c))
                            for c in commands))
    return [out[i:i + DEPTH] for i in range(0, CALLS, DEPTH)]


def measure_plain(redis, row):
    found = []
    for there in (True, False):
        redis.fill()
        found.append(redis.instructions(plain(row[1], there)) // CALLS)
    return found


def measure(redis, row):
    """Instructions a call, when the keys are there and when they are not."""
    _, text, keys, arguments, *before = row
    names = rate_name if before else name
    found = []
    for there in (True, False):
        redis.fill()
        sha = redis.load(text)
        redis.send([command("EVALSHA", sha, keys,
                            *(names(0, j) for j in range(keys)), *arguments)])
        for earlier in before if there else []:
            for batch in calls(redis.load(RATE_LUA), keys, names, earlier, there):
                redis.send(batch)
        found.append(redis.instructions(
            calls(sha, keys, names, arguments, there)) // CALLS)
    return found


def main():
    rows = [r for r in ROWS + PLAIN_ROWS
            if not sys.argv[1:] or any(w in r[0] for w in sys.argv[1:])]
    with tempfile.TemporaryDirectory() as place:
        redis = Redis(place)
        try:
            print(f"{'':32}   there  absent")
            for row in rows:
                figures = (measure_plain if row in PLAIN_ROWS else measure)(
                    redis, row)
                print(f"{row[0]:32}{'{:8}{:8}'.format(*figures)}", flush=True)
        finally:
            redis.process.terminate()
            redis.process.wait(10)


if __name__ == "__main__":
    main()
