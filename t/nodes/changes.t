#!/usr/bin/python3
"""What is changed on one node, all others soon enforce."""
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402
from pair import ctl, pair, says, seen, up  # noqa: E402

BANNED, FOR_EVER, DENIED = "554 5.3.2", "554 5.7.1", "530 5.7.1"
PASSES = "DUNNO"

# What policyctl changes, who is asked about at the other node, and its word.
COMMANDS = [
    ("a ban", ("ban", "add", "192.0.2.101", "--for", "1h"),
     "192.0.2.101", BANNED),
    ("a ban for ever", ("ban", "add", "192.0.2.102", "--permanent"),
     "192.0.2.102", FOR_EVER),
    ("its end", ("ban", "del", "192.0.2.101"), "192.0.2.101", PASSES),
    ("a ban of an IPv6 client, who has a /64",
     ("ban", "add", "2001:db8:1:2::3", "--for", "1h"),
     "2001:db8:1:2:ffff::1", BANNED),
    ("a ban of a network", ("ban", "add", "198.51.100.0/24", "--for", "1h"),
     "198.51.100.7", BANNED),
    ("that one of its addresses is allowed",
     ("allow", "add", "198.51.100.7"), "198.51.100.7", PASSES),
    ("that it no longer is",
     ("allow", "del", "198.51.100.7"), "198.51.100.7", BANNED),
    ("the end of the network's ban",
     ("ban", "del", "198.51.100.0/24"), "198.51.100.7", PASSES),
    ("a denial", ("access", "add", "203.0.113.*"), "203.0.113.5", DENIED),
    ("its end", ("access", "del", "203.0.113.*"), "203.0.113.5", PASSES),
]

# The same with nothing but redis-cli.
WORDS = [
    ("a ban", ("HSET", "policyd:ban:{192.0.2.103}", "until", "permanent"),
     "192.0.2.103", FOR_EVER),
    ("its end", ("DEL", "policyd:ban:{192.0.2.103}"), "192.0.2.103", PASSES),
    ("a denial", ("HSET", "policyd:access:{lists}", "203.0.113.0/28",
                  "by=root"), "203.0.113.5", DENIED),
    ("that somebody is allowed", ("HSET", "policyd:allow:{lists}",
                                  "192.0.2.102", ""), "192.0.2.102", PASSES),
    ("the end of a denial", ("HDEL", "policyd:access:{lists}",
                             "203.0.113.0/28"), "203.0.113.5", PASSES),
]


def of_policyctl(nodes):
    """By turns at one and at the other."""
    for n, (what, words, address, wanted) in enumerate(COMMANDS):
        seen(lambda: ctl(nodes[n % 2], *words), nodes, address, wanted,
             f"{what}: made with policyctl, it is soon all nodes'")


def of_redis_cli(redis, nodes):
    redis.cli("SET", "policyd:client:{192.0.2.103}", 1)
    for what, words, address, wanted in WORDS:
        seen(lambda: redis.cli(*words), nodes, address, wanted,
             f"{what}: made with redis-cli, it is soon all nodes'")


def ending(redis, one, other):
    """Seconds are Redis' own, cut off."""
    ctl(one, "ban", "add", "198.51.100.0/24", "--for", "10s")
    seen(lambda: ctl(one, "ban", "add", "192.0.2.104", "--for", "10s"),
         [other], "192.0.2.104", BANNED, "a ban of ten seconds is seen")
    for address in "192.0.2.104", "198.51.100.7":
        ok(programs.wait_for(lambda a=address: says(
            other, PASSES, client_address=a), 20), "and ends by itself")
    ok(programs.wait_for(lambda: not redis.cli(
        "keys", "policyd:ban:{192.0.2.104}")), "with nothing left in Redis "
        "but its history", redis.cli("keys", "*"))


def reloads(one, other):
    ctl(one, "ban", "add", "198.51.100.0/24", "192.0.2.105", "--for", "1h")
    programs.wait_for(lambda: all(
        says(n, BANNED, client_address="198.51.100.7") for n in (one, other)))
    for node in one, other:
        node.reload()
        same([says(node, w, client_address=a) for a, w in (
            ("198.51.100.7", BANNED), ("192.0.2.105", BANNED),
            ("192.0.2.102", PASSES))], [True] * 3,
            "a reload forgets nothing, not for a moment")
    seen(lambda: ctl(one, "access", "add", "203.0.113.9"), [other],
         "203.0.113.9", DENIED, "after it changes are seen as before")


def script():
    redis = programs.Redis().start()
    one, other = pair(redis)
    ok(up(one) and up(other), "two policyd are up, with one Redis")
    of_policyctl((one, other))
    of_redis_cli(redis, (one, other))
    ending(redis, one, other)
    reloads(one, other)
    for node in one, other:
        same(node.stop(), 0, "policyd ends well")


tap.run(script)
