#!/usr/bin/python3
"""What Redis may say instead of an answer, and what others do to its keys."""
import sys
import time
from datetime import datetime

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from false_redis import LETS_IN, FalseRedis  # noqa: E402
from load import AWAY, GREYLISTED, LISTED, letters  # noqa: E402

BROKEN = "451 4.3.0 Requested action aborted: error in processing"
TEMPORARY = "451 4.3.0 Temporary server error. Please try again later."

OF_REDIS = 5  # seconds that an answer may take

# Each time: what Redis says now is to be heard.
ASKING = LISTED + " local_memory = 0s"

# What Redis says, what the log calls it, what the client hears.
ERRORS = [
    (b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
     "full", TEMPORARY),
    (b"-MISCONF Errors writing to the AOF file: No space left on device\r\n",
     "full", TEMPORARY),
    (b"-NOREPLICAS Not enough good replicas to write.\r\n", "read_only",
     TEMPORARY),
    (b"-NOPERM this user has no permissions\r\n", "refused", TEMPORARY),
    (b"-WRONGTYPE Operation against a key\r\n", "wrong_type", BROKEN),
    (b"-ERR user_script:1: attempt to index a nil value\r\n", "script_error",
     BROKEN),
    (b"+what is this\r\n", "unexpected_answer", BROKEN),
    (b"*2\r\n:1\r\n:2\r\n", "unexpected_answer", BROKEN),
    (b":1\r\n", "unexpected_answer", BROKEN),
    (b"$-1\r\n", "unexpected_answer", BROKEN),
    # From here on the connection is of no use.
    (b"-READONLY You can't write against a read only replica.\r\n",
     "read_only", TEMPORARY),
    (b"-LOADING Redis is loading the dataset in memory\r\n", "down",
     TEMPORARY),
    (b"-NOAUTH Authentication required.\r\n", "refused", TEMPORARY),
    (b"%no RESP at all\r\n", "broken", TEMPORARY),
    (b",1.5\r\n", "broken", TEMPORARY),  # RESP3, unasked
    (b"*2147483647\r\n", "broken", TEMPORARY),
    (b"$6\r\npas", "timeout", TEMPORARY),  # and the rest never comes
    (None, "timeout", TEMPORARY),
]


def said_by_a_false_one():
    redis = FalseRedis()
    policyd = programs.Policyd(redis).configure(
        greylist=ASKING, redis_deadline=f"{OF_REDIS}s").start()
    wait = programs.wait_for
    ok(wait(lambda: policyd.ask() == "DUNNO"),
       "policyd is content with the false Redis")
    longest = 0
    for n, (says, loss, wanted) in enumerate(ERRORS):
        redis.says = says
        start = time.monotonic()
        sender = f"{letters(n)}@example.net"
        action = policyd.ask(sender=sender)
        longest = max(longest, time.monotonic() - start)
        lost = policyd.decided(sender=sender).get("lost")
        same((lost, action), (loss, wanted),
             f"to {says and says[:20]} it says {wanted[:9]}, lost={loss}")
        same(policyd.ask(sender="listed@example.edu"), "DUNNO",
             "while a listed sender is let in")
        redis.says = LETS_IN
        ok(wait(lambda: policyd.ask() == "DUNNO"), "then all is well")
    diag(f"longest wait {longest * 1e3:.0f} ms")
    # A request has thirty seconds.
    ok(longest < 20, "none of them had to wait for its own deadline",
       f"{longest:.1f} s")
    return redis, policyd


def told_once_a_minute(policyd, word):
    """By the times of the lines: on a busy machine it may be a second one."""
    times = [datetime.fromisoformat(line[:19])
             for line in policyd.log().splitlines() if word in line]
    return times and all((b - a).total_seconds() >= 59
                         for a, b in zip(times, times[1:]))


def unasked(redis, policyd):
    # The first as a full server does.
    for word in b"-ERR max number of clients", b"+more than was asked":
        redis.unasked(word + b"\r\n")
        ok(policyd.logged("max number of clients" if word[:1] == b"-"
                          else "what nobody asked for"),
           "what Redis says unasked is nobody's answer",
           policyd.log()[-500:])
        ok(programs.wait_for(lambda: policyd.ask() == "DUNNO"),
           "and it is asked again")
    redis.greets = b"*3\r\n$5\r\nslave\r\n:0\r\n*0\r\n"
    redis.says = b"-READONLY You can't write against a read only replica.\r\n"
    policyd.ask()
    redis.says = LETS_IN
    same({policyd.ask()[:9] for _ in range(20)}, {AWAY},
         "a replica is not asked")
    redis.greets = None
    ok(programs.wait_for(lambda: policyd.ask() == "DUNNO"),
       "a master is")
    redis.says = ERRORS[0][0]
    for n in range(200):
        policyd.ask(sender=f"oom-{letters(n)}@example.net")
    ok(told_once_a_minute(policyd, "OOM"),
       "200 errors of a kind are told of once a minute", policyd.log())
    same(policyd.stop(), 0, "policyd ends well")


def done_to_a_real_one():
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis).configure(greylist=ASKING).start()
    ok(policyd.ready(), "policyd has a real Redis")
    client = policyd.client()

    def ask(sender="carol@example.net"):
        return (client.ask(sender=sender) or "")[:9]

    def record(sender="carol@example.net"):
        key = f"policyd:grey:{{192.0.2.0/24}}:{sender}:alice@example.com"
        return key, policyd.cli("get", key)

    ask()
    policyd.cli("script", "flush")
    same(ask(), GREYLISTED, "nobody sees that Redis forgot the scripts")
    ok("tries=2" in record()[1], "the record goes on", record())

    policyd.cli("flushall")
    same(ask(), GREYLISTED, "when it has forgotten all, all are strangers")
    ok("tries=1" in record()[1], "with new records", record())

    key, _ = record()
    policyd.cli("del", key)
    policyd.cli("lpush", key, "a list")
    same(ask(), GREYLISTED, "a list under our key is replaced")
    ok("tries=1" in record()[1], "by a record", record())
    ok(policyd.decided(replaced="unreadable"), "the log tells of it")
    policyd.cli("set", key, "first=yesterday")
    same(ask(), GREYLISTED, "so is what nobody can read")
    ok("tries=1" in record()[1], "by a record, too", record())

    # What Redis needs for itself is over this limit: no write is allowed.
    policyd.cli("config", "set", "maxmemory", "1")
    same(ask("oom@example.net"), AWAY, "with a full Redis a stranger is told "
         "451 4.3.0, as configured")
    policyd.cli("config", "set", "maxmemory", "0")
    same(ask("oom@example.net"), GREYLISTED, "with room again it greylists")
    client.close()
    same(policyd.stop(), 0, "policyd ends well")


def script():
    unasked(*said_by_a_false_one())
    done_to_a_real_one()


tap.run(script)
