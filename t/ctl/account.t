#!/usr/bin/env python3
"""policyctl account: who is locked out or disabled, and how it is undone."""

import getpass
import os
import socket

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal, matches, near,
                 test)

redis = Redis()
now = redis.now
ctl = Ctl(redis, "account { lockout = 5 }")
ME = os.environ.get("SUDO_USER") or getpass.getuser()
ME = f"{ME}@{socket.gethostname()}"
ALICE, BOB, CAROL = (f"{who}@example.com" for who in ("alice", "bob", "carol"))
DAY = 86400


def key(user):
    return f"policyd:account:{{{user}}}"


def fields(user):
    return redis.fields(key(user))


def lock(user, seconds=1800):
    """As five wrong passwords would have left it."""
    redis("HSET", key(user), "failures", 0, "before", 0, "since", now() - 60,
          "last", now() - 60, "tries", f"075c={now() - 60}", "until",
          now() + seconds, "networks", f"192.0.2.0/24={now() - DAY}")
    redis("EXPIRE", key(user), 30 * DAY)


def try_passwords(user, count):
    redis("HSET", key(user), "failures", count, "before", 0, "since",
          now() - 60, "last", now() - 30)
    redis("EXPIRE", key(user), 7200)


def one(*words):
    told, = ctl("--json", "account", *words).json
    return told


# -- disable, enable --

@test("disable: it is so for good, and says why and by whom")
def _():
    answer = ctl("account", "disable", ALICE, "--reason", "has left")
    equal((answer.status, answer.err, answer.out),
          (0, "", f"account: {ALICE} disabled, permanent\n"))
    found = fields(ALICE)
    near(found.pop("disabled_at"), now())
    equal(found, {"disabled": "has left", "disabled_by": ME})
    equal(redis("TTL", key(ALICE)), -1)


@test("disable: once more changes nothing")
def _():
    before = redis.everything()
    equal(ctl("account", "disable", ALICE, "--reason", "has left").out,
          f"account: {ALICE} was disabled for that already\n")
    equal(redis.everything(), before)


@test("disable: of a mailbox that is none it is done, and said")
def _():
    strict = Ctl(redis, 'local_domains = { "example.com" }\n'
                 'mailboxes = { "inline:{bob@example.com}", "redis:" }')
    for who, said in (("bbo@example.com", ", but there is no such mailbox"),
                      ("bob@example.com", ""),
                      ("bob@example.net", ", but there is no such mailbox")):
        equal(strict("account", "disable", who).out,
              f"account: {who} disabled, permanent{said}\n")
        equal(strict("account", "enable", who).out,
              f"account: {who} enabled\n")


@test("disable: another reason replaces the first")
def _():
    ctl("account", "disable", ALICE, "--reason", "stolen password")
    equal(one("show", ALICE)["reason"], "stolen password")


@test("disable: what somebody disabled by hand loses its end")
def _():
    redis("HSET", key(BOB), "disabled", "left")
    redis("EXPIRE", key(BOB), 60)
    ctl("account", "disable", BOB, "--reason", "left")
    equal(redis("TTL", key(BOB)), -1)


@test("enable: nothing is left of it")
def _():
    answer = ctl("account", "enable", ALICE, BOB)
    equal(answer.lines, [f"account: {ALICE} enabled",
                         f"account: {BOB} enabled"])
    equal(redis("KEYS", "policyd:account:*"), [])


@test("enable: what else was known stays, and ends as it would have")
def _():
    lock(ALICE)
    ctl("account", "disable", ALICE)
    equal(redis("TTL", key(ALICE)), -1)
    matches(ctl("account", "enable", ALICE).out,
            r"enabled, is locked until .*, in (2.|30)m")
    near(redis("TTL", key(ALICE)), 30 * DAY)
    near(fields(ALICE)["until"], now() + 1800)


@test("enable: who was not disabled is told so")
def _():
    equal(ctl("account", "enable", CAROL).out,
          f"account: {CAROL} was not disabled\n")
    equal(redis("EXISTS", key(CAROL)), 0)


# -- unlock, forget --

@test("unlock: lock and failures go, the networks of its owner stay")
def _():
    lock(ALICE)
    equal(ctl("account", "unlock", ALICE).out, f"account: {ALICE} unlocked\n")
    equal(list(fields(ALICE)), ["networks"])
    near(redis("TTL", key(ALICE)), 30 * DAY)


@test("unlock: who is disabled stays so, and it is said")
def _():
    lock(BOB)
    ctl("account", "disable", BOB)
    equal(ctl("account", "unlock", BOB).out,
          f"account: {BOB} unlocked, is disabled\n")
    equal((one("show", BOB)["disabled"], redis("TTL", key(BOB))), (True, -1))


@test("unlock: without a lock it takes the failures")
def _():
    try_passwords(CAROL, 3)
    equal(one("unlock", CAROL)["changed"], True)
    equal(redis("EXISTS", key(CAROL)), 0)
    equal(one("unlock", CAROL)["changed"], False)


@test("forget: where its owner has logged in is no longer known")
def _():
    lock(ALICE)
    matches(ctl("account", "forget", ALICE).out,
            r"networks forgotten, is locked until")
    equal(one("show", ALICE)["networks"], {})
    near(redis("TTL", key(ALICE)), 7200)


@test("another's value is replaced, or taken away")
def _():
    redis("SET", key(CAROL), "nonsense")
    contains(ctl("account", "show", CAROL).out, "its value cannot be read")
    ctl("account", "unlock", CAROL)
    equal(redis("EXISTS", key(CAROL)), 0)


@test("a user is the same in capital letters, and may have no domain")
def _():
    equal(ctl("account", "disable", "Carol").out,
          "account: carol disabled, permanent\n")
    equal(redis("EXISTS", key("carol")), 1)
    ctl("account", "enable", "CAROL")


@test("a change tells programs what is so now")
def _():
    told = one("disable", CAROL)
    equal(told, {"register": "account", "user": CAROL, "action": "disable",
                 "changed": True, "disabled": True, "locked_until": None})
    ctl("account", "enable", CAROL)


# -- list, show --

redis("DEL", key(ALICE), key(BOB))
lock(ALICE)
ctl("account", "disable", BOB, "--reason", "has left")
try_passwords(CAROL, 2)
ODD = "o'neill {x}@example.com"
ctl("account", "disable", ODD, "--reason", "odd \x1b[2J")


@test("list: every mailbox, one a line")
def _():
    answer = ctl("account", "list")
    equal((answer.status, len(answer.lines)), (0, 5))
    for line in (r"USER +STATE +UNTIL +FAILURES +LAST +REASON",
                 rf"{ALICE} +locked +20\S+ \S+ +0 +20",
                 rf"{BOB} +disabled +permanent +0 +- +has left",
                 rf"{CAROL} +- +- +2 +20", r"odd \\x1b\[2J"):
        matches(answer.out, line)


@test("list: --listed are those in force, --limit is enough")
def _():
    equal({a["user"] for a in ctl("account", "list", "--json",
                                  "--listed").json}, {ALICE, BOB, ODD})
    equal(len(ctl("account", "list", "--json", "--limit", "1").json), 1)


@test("list: a lock that is over is none")
def _():
    lock(CAROL, -1)
    equal(one("show", CAROL)["locked_until"], None)
    try_passwords(CAROL, 2)


@test("show: JSON has names that stay")
def _():
    told = one("show", ALICE)
    near(told.pop("locked_until"), now() + 1800)
    near(told.pop("last"), now() - 60)
    near(told["tried"].pop("075c"), now() - 60)
    near(told["networks"].pop("192.0.2.0/24"), now() - DAY)
    equal(told, {"register": "account", "user": ALICE, "disabled": False,
                 "reason": None, "by": None, "since": None, "failures": 0,
                 "tried": {}, "networks": {},
                 "state": {"value": "enabled", "from": "server",
                           "level": "server"}})
    told = one("show", BOB)
    near(told["since"], now())
    equal((told["disabled"], told["reason"], told["by"]),
          (True, "has left", ME))


@test("show: people read all that is kept, and how to undo it")
def _():
    answer = ctl("account", "show", ALICE, BOB, "nobody@example.com")
    for line in (rf"^account {ALICE}\n", r"locked +until .*, in (2.|30)m",
                 r"tried +075c, ", r"network +192.0.2.0/24, .*1d ago",
                 r"key +policyd:account:\{alice@example.com\}",
                 rf"lift +policyctl account unlock {ALICE}\n",
                 rf"lift +policyctl account forget {ALICE}\n",
                 r"disabled +permanent, since .*ago\)", r"because +has left",
                 rf"by +{ME}", rf"lift +policyctl account enable {BOB}\n",
                 r"account nobody@example.com: no entry\n$"):
        matches(answer.out, line)


@test("show: a lock has no effect when the lockout is off, and says so")
def _():
    contains(Ctl(redis)("account", "show", ALICE).out,
             "without effect: account.lockout is 0")


SHUT = [
    ("a mailbox", "policyd:mailbox:{example.net}:al", "mailbox",
     "mailbox unset al@example.net"),
    ("a domain", "policyd:domain:{example.net}", "domain",
     "domain unset example.net"),
]
for sentence, where, level, lift in SHUT:
    @test(f"show: what Redis has set for {sentence} is told, and how to lift")
    def _():
        redis("HSET", where, "account.state", "disabled")
        for command in ["account", "show"], ["why"]:
            answer = ctl(*command, "al@example.net")
            contains(answer.out, "account.state is disabled, as the "
                     f"{level} says in redis\n")
            contains(answer.out, f"policyctl {lift} account.state\n")
        equal(one("show", "al@example.net")["state"],
              {"value": "disabled", "from": "redis", "level": level})
        ctl(*lift.split(), "account.state")
        contains(ctl("account", "show", "al@example.net").out, "no entry")


@test("show: what the file says there is no command to lift")
def _():
    answer = Ctl(redis, 'domain "example.net" { account { state = denied } }'
                 )("why", "al@example.net")
    contains(answer.out, "account.state is denied, as the domain says in "
             "policyd.conf\n")
    equal("unset" in answer.out, False)


@test("looking writes nothing")
def _():
    redis("CONFIG", "RESETSTAT")
    before = redis.everything()
    ctl("account", "list")
    ctl("account", "show", ALICE)
    equal((redis.everything(), set(redis.calls()) - HARMLESS), (before, set()))


@test("the commands that it shows undo what it shows")
def _():
    for user in ALICE, BOB, CAROL, ODD:
        for line in ctl("account", "show", user).lines:
            if line.split()[0] == "lift":
                words = line.split(None, 3)
                equal(ctl("account", words[3].split()[0], user).status, 0)
    equal(redis("KEYS", "policyd:account:*"), [])
    equal((ctl("account", "list").out, ctl("account", "list", "--json").json),
          ("", []))


@test("a name that a shell would take apart is quoted")
def _():
    ctl("account", "disable", ODD)
    contains(ctl("account", "show", ODD).out,
             "policyctl account enable 'o'\\''neill {x}@example.com'\n")


# -- what is wrong --

WRONG = [
    ("a mailbox is missing", ["unlock"], 64, "unlock: which one?"),
    ("one without a name", ["disable", ALICE, ""], 64, "'' is no mailbox"),
    ("list takes none", ["list", ALICE], 64, "is too much"),
    ("an option of others", ["disable", ALICE, "--for", "1h"], 64,
     "unknown option '--for'"),
    ("a slip of the hand", ["dissable", ALICE], 64,
     "did you mean 'disable'?"),
]
for sentence, words, status, error in WRONG:
    @test("account: " + sentence)
    def _():
        answer = ctl("account", *words)
        contains(answer.err, error)
        equal((answer.status, answer.out), (status, ""))


@test("and then none is changed")
def _():
    equal(redis("EXISTS", key(ALICE)), 0)


@test("without Redis: EX_UNAVAILABLE")
def _():
    for words in ["list"], ["show", ALICE], ["disable", ALICE]:
        answer = Ctl()("account", *words)
        equal((answer.status, answer.out), (69, ""))


done()
