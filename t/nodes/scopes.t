#!/usr/bin/python3
"""What panels and webmail write about domains and mailboxes, all nodes know
at once, as Redis tells them, or soon where it does not; without Redis each
goes by what it knew, or by its file."""
import signal
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from pair import ctl, pair, says, soon  # noqa: E402

CONF = """
local_domains = { "example.com", "redis:" }
mailboxes = { "redis:" }
mailbox { mode = enforce }
relay { mode = enforce }
mailbox "filed@example.com" { account { state = disabled } }
"""

DISABLED, DENIED = "504 5.7.13 User", "550 5.7.1 A user"
DENIED_BY_DOMAIN = "550 5.7.1 Requested"
TOO_LARGE, NOBODY, NOT_OURS = "552 5.3.4", "550 5.1.1", "503 5.7.1"
SPOOFED, PASSES = "551 5.7.1", "DUNNO"

AT_ONCE = 0.25  # seconds; where nobody tells, a copy is good for half a one

ALICE = {"sasl_username": "alice@example.com", "sender": "alice@example.com",
         "recipient": "bob@example.com"}
TO_BOB = {"sender": "news@example.net", "recipient": "bob@example.com"}
TO_EVE = {"recipient": "eve@example.com"}
TO_NEW = {"recipient": "alice@example.org"}
FROM_ALICE = {"sender": "alice@example.com", "recipient": "bob@example.com"}

BOB = "policyd:mailbox:{example.com}:bob"
ALICE_KEY = "policyd:mailbox:{example.com}:alice"
EVE = "policyd:mailbox:{example.com}:eve"
DENY = "policyd:deny:{example.com}"

# What redis-cli changes, who is asked about, and what all nodes say then.
WORDS = [
    ("a mailbox is disabled", ("HSET", ALICE_KEY, "account.state", "disabled"),
     ALICE, DISABLED),
    ("and nobody sends in its name", (), FROM_ALICE, SPOOFED),
    ("it is enabled", ("HDEL", ALICE_KEY, "account.state"), ALICE, PASSES),
    ("its domain is disabled", ("HSET", "policyd:domain:{example.com}",
                                "account.state", "disabled"), ALICE, DISABLED),
    ("it is not any more", ("DEL", "policyd:domain:{example.com}"),
     ALICE, PASSES),
    ("a user denies a sender", ("HSET", f"{DENY}:bob", "news@example.net",
                                "1700000000"), TO_BOB, DENIED),
    ("and wants it again", ("HDEL", f"{DENY}:bob", "news@example.net"),
     TO_BOB, PASSES),
    ("a domain denies another", ("HSET", DENY, "example.net", "1700000000"),
     TO_BOB, DENIED_BY_DOMAIN),
    ("a user allows one of its senders",
     ("HSET", f"{DENY}:bob", "news@example.net", "1700000000 allow"),
     TO_BOB, PASSES),
    ("the domain forces its word",
     ("HSET", DENY, "example.net", "1700000000 forced"), TO_BOB,
     DENIED_BY_DOMAIN),
    ("both lists are emptied", ("DEL", DENY, f"{DENY}:bob"), TO_BOB, PASSES),
    ("a limit on size is set", ("HSET", BOB, "size.mode", "enforce",
                                "size.inbound", "10K"),
     {**TO_BOB, "size": "10241"}, TOO_LARGE),
    ("and taken away", ("HDEL", BOB, "size.mode", "size.inbound"),
     {**TO_BOB, "size": "10241"}, PASSES),
    ("a mailbox is made", ("HSET", EVE, "since", "1700000000"),
     TO_EVE, PASSES),
    ("and deleted", ("DEL", EVE), TO_EVE, NOBODY),
    ("a domain comes to us", ("HSET", "policyd:domain:{example.org}",
                              "mailbox.catch_all", "yes"), TO_NEW, PASSES),
    ("and goes", ("DEL", "policyd:domain:{example.org}"), TO_NEW, NOT_OURS),
]


def seen(change, nodes, asked, wanted, sentence):
    """Seconds until all nodes say so; None: they never do."""
    for node in nodes:
        node.ask(**asked)  # what was so before is in its memory now
    change()
    return soon(nodes, sentence, wanted, **asked)


def of_redis_cli(redis, nodes):
    times = []
    for what, words, asked, wanted in WORDS:
        took = seen(lambda w=words: w and redis.cli(*w), nodes, asked, wanted,
                    f"{what}: by redis-cli, and all nodes soon know")
        if words and took is not None:
            times.append(took)
    # On a busy machine some come late; who is not told is always late.
    ok(sorted(times)[len(times) // 4] < AT_ONCE,
       "at once, as Redis tells them", f"after {times} s")


def disable(redis, nodes, sentence):
    """And enables again."""
    for says_what, *words in ((DISABLED, "HSET", ALICE_KEY, "account.state",
                               "disabled"),
                              (PASSES, "HDEL", ALICE_KEY, "account.state")):
        seen(lambda w=words: redis.cli(*w), nodes, ALICE, says_what, sentence)


def telling(nodes, times):
    """To each Redis has begun to tell so often."""
    return all(programs.wait_for(
        lambda n=n: n.log_count("tells of changes") >= times) for n in nodes)


def told_no_more(redis, nodes):
    """The connections on which Redis tells are lost, then all hang."""
    redis.cli("CLIENT", "KILL", "TYPE", "pubsub")
    disable(redis, nodes, "on a connection that is cut nothing is told, and "
            "all nodes soon know")
    ok(telling(nodes, 2), "then there is another one")
    redis.signal(signal.SIGSTOP)
    given_up = all(n.logged(": no answers") for n in nodes)
    redis.signal(signal.SIGCONT)
    ok(given_up and telling(nodes, 3),
       "and another after Redis has hung until it was given up")
    disable(redis, nodes, "what it did not tell is not missed")


def never_told():
    """Some proxies cannot do it, and some rights forbid it."""
    redis = programs.Redis("--rename-command", "SUBSCRIBE", "").start()
    redis.cli("HSET", ALICE_KEY, "since", "1700000000")
    redis.cli("HSET", BOB, "since", "1700000000")
    nodes = pair(redis, CONF)
    ok(all(n.logged("does not tell of changes: ERR") for n in nodes),
       "of a Redis that does not tell of changes the log says so")
    disable(redis, nodes, "and all nodes soon know")
    for node in nodes:
        same(node.log_count("does not tell"), 1, "once")
        node.stop()


# The same by policyctl, at one node and seen by the other.
COMMANDS = [
    ("a mailbox is disabled", ("account", "disable", "alice@example.com"),
     ALICE, DISABLED),
    ("it is enabled", ("account", "enable", "alice@example.com"),
     ALICE, PASSES),
    ("its settings disable it", ("mailbox", "set", "alice@example.com",
                                 "account.state=disabled"), ALICE, DISABLED),
    ("they do not any more", ("mailbox", "unset", "alice@example.com",
                              "account.state"), ALICE, PASSES),
    ("a user denies a sender", ("deny", "add", "bob@example.com",
                                "news@example.net"), TO_BOB, DENIED),
    ("and wants it again", ("deny", "del", "bob@example.com",
                            "news@example.net"), TO_BOB, PASSES),
]


def of_policyctl(nodes):
    for n, (what, words, asked, wanted) in enumerate(COMMANDS):
        seen(lambda i=n, w=words: ctl(nodes[i % 2], *w), nodes, asked, wanted,
             f"{what}: by policyctl, and all nodes soon know")


def away(redis, nodes):
    """Each had asked about bob and eve; nobody about zoe."""
    redis.cli("HSET", BOB, "account.state", "disabled")
    bob = {**ALICE, "sasl_username": "bob@example.com",
           "sender": "bob@example.com", "recipient": "alice@example.com"}
    for node in nodes:
        programs.wait_for(lambda n=node: says(n, DISABLED, **bob))
    redis.kill()
    time.sleep(1)  # what is known is older than it may be, with a Redis
    ok(all(says(n, DISABLED, **bob) for n in nodes),
       "without Redis a mailbox that was known to be disabled stays so")
    ok(all(says(n, NOBODY, **TO_EVE) for n in nodes),
       "and one that did not exist does not")
    ok(all(says(n, PASSES, recipient="zoe@example.com") for n in nodes),
       "of whom nobody had asked nobody knows, and she gets her mail")


def started_without(redis):
    """Its data lives in the file; eve is not in it, and alice's disabled."""
    one, other = pair(redis, CONF)
    filed = {**ALICE, "sasl_username": "filed@example.com"}
    ok(all(says(n, PASSES, **ALICE) and says(n, PASSES, **TO_EVE)
           for n in (one, other)),
       "two that are started without Redis let all in")
    same(one.decided(check="account").get("lost"), "down",
         "as the log says, for that reason")
    ok(all(says(n, DISABLED, **filed) for n in (one, other)),
       "but for what the file says")
    redis.start()
    redis.cli("HSET", ALICE_KEY, "account.state", "disabled")
    took = programs.seconds_until(lambda: all(
        says(n, DISABLED, **ALICE) and says(n, NOBODY, **TO_EVE)
        for n in (one, other)), programs.PATIENCE)
    ok(took, "when Redis comes they go by it",
       [n.ask(**who) for n in (one, other) for who in (ALICE, TO_EVE)])
    diag(f"{took} s after Redis")
    return one, other


def script():
    redis = programs.Redis("--appendfsync", "always").start()
    redis.cli("HSET", ALICE_KEY, "since", "1700000000")
    redis.cli("HSET", BOB, "since", "1700000000")
    nodes = pair(redis, CONF, redis_deadline="2s")
    ok(all(programs.wait_for(lambda n=n: says(n, NOBODY, **TO_EVE))
           for n in nodes), "two policyd are up, with one Redis")
    of_redis_cli(redis, nodes)
    of_policyctl(nodes)
    told_no_more(redis, nodes)
    never_told()
    away(redis, nodes)
    for node in (*nodes, *started_without(redis)):
        same(node.stop(), 0, "policyd ends well")


tap.run(script)
