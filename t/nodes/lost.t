#!/usr/bin/python3
"""Redis is lost: who is known to be banned stays so, all others pass."""
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from pair import ctl, pair, says, seen, up  # noqa: E402

BANNED, ABUSE, DENIED = "554 5.3.2", "451 4.7.0", "530 5.7.1"
PASSES = "DUNNO"


def answers(policyd, *addresses):
    return [(policyd.ask(client_address=a) or "")[:9].strip()
            for a in addresses]


def known(one, other):
    ctl(one, "ban", "add", "192.0.2.101", "192.0.2.102", "--for", "1h")
    ctl(one, "ban", "add", "198.51.100.0/24", "--for", "1h")
    ctl(one, "access", "add", "203.0.113.9")
    ctl(one, "abuse", "add", "192.0.2.103", "--for", "1h")
    for node in one, other:
        programs.wait_for(lambda: says(node, DENIED,
                                       client_address="203.0.113.9"))
    same(answers(one, "192.0.2.101", "192.0.2.103"), [BANNED, ABUSE],
         "of two bans one node has met the first")
    same(answers(other, "192.0.2.102"), [BANNED], "the other the second")


def away(one, other):
    same(answers(one, "192.0.2.101", "192.0.2.104"), [BANNED, PASSES],
         "without Redis the node that met a ban enforces it, others pass")
    same(answers(other, "192.0.2.102", "192.0.2.104"), [BANNED, PASSES],
         "so does the other one")
    same(answers(one, "192.0.2.102") + answers(other, "192.0.2.101"),
         [PASSES] * 2, "what a node never met it does not know")
    same(answers(one, "192.0.2.103"), [PASSES],
         "a listing that ends by itself is not held against anybody")
    for node in one, other:
        same(answers(node, "198.51.100.7", "203.0.113.9"), [BANNED, DENIED],
             "lists are in memory, and stay")


def quickly(one):
    """Who waited for an answer of Redis, or for the next try to reach it,
    would have to some of the time; and on no machine are all of them slow."""
    times = []
    for n in range(200):
        start = time.monotonic()
        one.ask(client_address=f"192.0.2.{n}")
        times.append(time.monotonic() - start)
    times.sort()
    ok(times[100] < 0.1, "nobody waits for it",
       f"median {times[100] * 1e3:.2f} ms, longest {times[-1] * 1e3:.2f} ms")
    diag(f"without Redis a request takes {times[100] * 1e3:.2f} ms")


def script():
    redis = programs.Redis("--appendfsync", "always").start()
    one, other = pair(redis)
    ok(up(one) and up(other), "two policyd are up, with one Redis")
    known(one, other)
    redis.kill()
    away(one, other)
    one.reload()
    same(answers(one, "192.0.2.101", "198.51.100.7", "203.0.113.9",
                 "192.0.2.104"), [BANNED, BANNED, DENIED, PASSES],
         "a reload meanwhile forgets nothing")
    quickly(one)
    ok(one.logged(r"bans: Redis is silent, .* \d+ s old"),
       "the age of what is known of bans is logged")
    ok(one.logged(r"lists: Redis is silent, .* \d+ s old"),
       "so is that of the lists")
    redis.start()
    took = programs.seconds_until(
        lambda: says(one, BANNED, client_address="192.0.2.102") and
        says(other, BANNED, client_address="192.0.2.101"), programs.PATIENCE)
    ok(took, "with Redis each node knows all again")
    diag(f"{took} s after Redis")
    same(answers(one, "192.0.2.103"), [ABUSE], "and all registers count")
    seen(lambda: ctl(one, "ban", "del", "192.0.2.101"), (one, other),
         "192.0.2.101", PASSES, "a ban that is lifted is gone everywhere")
    seen(lambda: ctl(one, "access", "del", "203.0.113.9"), (one, other),
         "203.0.113.9", PASSES, "and lists are fresh again")
    redis.kill()
    same(answers(one, "192.0.2.101"), [PASSES],
         "lost again, a ban that was lifted is not remembered")
    for node in one, other:
        same(node.stop(), 0, "policyd ends well")


tap.run(script)
