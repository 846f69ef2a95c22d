#!/usr/bin/env python3
"""policyctl deny: senders that a domain or a mailbox does not want."""

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal, matches, near,
                 test)

redis = Redis()
now = redis.now
ctl = Ctl(redis, 'local_domains = { "redis:", "example.com" }\n'
          'aliases = { "redis:" }')
LIST = "policyd:deny:{example.com}"
BOB = "policyd:deny:{example.com}:bob"


# -- add, del --

@test("add: a sender is on the list of a mailbox, with the time")
def _():
    answer = ctl("deny", "add", "Bob+x@Example.com", "News@Example.ORG")
    equal((answer.status, answer.err, answer.out),
          (0, "", "deny: bob@example.com: news@example.org denied\n"))
    equal(list(redis.fields(BOB)), ["news@example.org"])
    near(redis.fields(BOB)["news@example.org"], now())


@test("add: once more changes nothing")
def _():
    before = redis.everything()
    equal(ctl("deny", "add", "bob@example.com", "news@example.org").out,
          "deny: bob@example.com: news@example.org was so already\n")
    equal(redis.everything(), before)


@test("add: a domain may deny for good, and let somebody in")
def _():
    equal(ctl("deny", "add", "example.com", ".example", "--forced").out,
          "deny: example.com: .example denied, forced\n")
    equal(ctl("deny", "add", "example.com", "good.example", "--allow").out,
          "deny: example.com: good.example allowed\n")
    matches(redis.fields(LIST)[".example"], r"^\d+ forced$")
    matches(redis.fields(LIST)["good.example"], r"^\d+ allow$")


@test("add: several at once are a line each, @domain is the domain")
def _():
    answer = ctl("deny", "add", "example.com", "@spam.example", "news@")
    equal(len(answer.lines), 2)
    equal(sorted(redis.fields(LIST)),
          [".example", "good.example", "news@", "spam.example"])


@test("add: programs are told the same")
def _():
    equal(ctl("--json", "deny", "add", "bob@example.com",
              "x@example.org").json,
          [{"kind": "deny", "address": "bob@example.com", "sender":
            "x@example.org", "action": "add", "changed": True,
            "idle": None}])


@test("add: it says when nobody looks at the list, and why")
def _():
    off = Ctl(redis, 'local_domains = { "example.com" }\n'
              'deny_user { mode = off }\ndeny_domain { decided_by = server }')
    for who, why in (("bob@example.com", "deny_user.mode is off"),
                     ("example.com", "deny_domain.decided_by is server"),
                     ("bob@example.net", "example.net is no domain of ours")):
        contains(off("deny", "add", who, "y@example.org").out,
                 f"denied, without effect: {why}\n")
        off("deny", "del", who, "y@example.org")


@test("add: and when mail for the mailbox is refused, as there is none")
def _():
    strict = Ctl(redis, 'local_domains = { "example.com" }\n'
                 'mailboxes = { "redis:", "inline:{cy@example.com}" }\n'
                 'mailbox { mode = enforce }')
    for who, idle in (("bbo@example.com", True), ("cy@example.com", False),
                      ("postmaster@example.com", False),
                      ("example.com", False)):
        out = strict("deny", "add", who, "y@example.org").out
        equal("without effect: there is no such mailbox" in out, idle)
        strict("deny", "del", who, "y@example.org")


@test("add: the list of an alias is that of where it leads")
def _():
    ctl("mailbox", "set", "info@example.com", "alias=bob")
    contains(ctl("deny", "add", "info@example.com", "y@example.org").out,
             "without effect: that of bob@example.com counts")
    ctl("mailbox", "del", "info@example.com")


@test("del: an entry goes, and the rest stays")
def _():
    equal(ctl("deny", "del", "bob@example.com", "X@example.org",
              "z@example.org").lines,
          ["deny: bob@example.com: x@example.org deleted",
           "deny: bob@example.com: z@example.org was not on the list"])
    equal(list(redis.fields(BOB)), ["news@example.org"])


WRONG = [
    ("add wants to know whom", ["deny", "add", "example.com"],
     "ADDRESS or DOMAIN, and SENDER"),
    ("forced entries are of domains",
     ["deny", "add", "bob@example.com", "x@example.org", "--forced"],
     "--forced is of domains"),
    ("del takes no word of an entry",
     ["deny", "del", "example.com", "x@example.org", "--allow"],
     "unknown option '--allow'"),
    ("a sender must be one", ["deny", "add", "example.com", "a b@x.example"],
     "'a b@x.example' is no sender"),
    ("so must a domain", ["deny", "add", "example.com", "x@"
                          + "y" * 64 + ".example"], "is no sender"),
    ("a wrong sender keeps the others out",
     ["deny", "add", "example.com", "a@example.org", ".."], "is no sender"),
    ("a mailbox must be one", ["deny", "add", "@example.com", "a@x.example"],
     "is not a mailbox"),
    ("show wants to know of whom", ["deny", "show"], "of which one?"),
    ("clear wants to know of whom", ["deny", "clear"], "of which one?"),
    ("list takes one pattern", ["deny", "list", "a", "b"], "too much"),
]
for sentence, words, said in WRONG:
    @test(f"wrong: {sentence}")
    def _():
        before = redis.everything()
        answer = ctl(*words)
        equal((answer.status, answer.out), (64, ""))
        contains(answer.err, said)
        equal(redis.everything(), before)


# -- show, list --

@test("show: people read each entry, and the key")
def _():
    answer = ctl("deny", "show", "example.com", "no@example.com")
    equal((answer.status, answer.err), (0, ""))
    for line in (r"^deny example\.com\n", r"key +policyd:deny:\{example.com\}",
                 r"\n +\.example +20\S+ \S+ +denied, forced\n",
                 r"\n +good\.example +20\S+ \S+ +allowed\n",
                 r"deny no@example\.com: no entry\n"):
        matches(answer.out, line)


@test("show: an entry that no sender meets is told, and which one would be")
def _():
    redis("HSET", "policyd:deny:{example.org}", "News@Example.org", "5",
          "a b", "5")
    for words in (["show", "example.org"], ["list", "example.org"]):
        out = ctl("deny", *words).out
        contains(out, "idle: news@example.org would be found\n")
        contains(out, "idle: it is no sender\n")
    redis("DEL", "policyd:deny:{example.org}")


@test("show: JSON has names that stay")
def _():
    told, = ctl("--json", "deny", "show", "bob@example.com").json
    entry, = told.pop("entries")
    equal(told, {"kind": "deny", "address": "bob@example.com", "idle": None})
    near(entry.pop("since"), now())
    equal(entry, {"sender": "news@example.org", "allow": False,
                  "forced": False})


@test("list: every entry of every list, or of those that match")
def _():
    answer = ctl("deny", "list")
    equal((answer.status, len(answer.lines)), (0, 6))
    matches(answer.lines[0], r"^ADDRESS +SENDER +SINCE +IS$")
    told = ctl("deny", "list", "*@example.com", "--json").json
    equal([(e["address"], e["sender"], e["allow"]) for e in told],
          [("bob@example.com", "news@example.org", False)])
    equal(len(ctl("deny", "list", "--json", "--limit", "2").json), 2)


@test("list: a sender that was called `since` by hand is one")
def _():
    redis("HSET", "policyd:deny:{example.com}:al", "since", "1")
    equal([e["sender"] for e in ctl("deny", "list", "al@example.com",
                                    "--json").json], ["since"])


@test("looking writes nothing")
def _():
    redis("CONFIG", "RESETSTAT")
    before = redis.everything()
    ctl("deny", "list")
    ctl("deny", "show", "bob@example.com", "example.net")
    equal((redis.everything(), set(redis.calls()) - HARMLESS), (before, set()))


# -- clear --

@test("clear: --dry-run says how many, and changes nothing")
def _():
    before = redis.everything()
    equal(ctl("deny", "clear", "--dry-run", "example.com").out,
          "deny: example.com: 4 would be deleted\n")
    equal(redis.everything(), before)


@test("clear: all entries go, and no other list")
def _():
    equal(ctl("deny", "clear", "example.com").out,
          "deny: example.com: 4 deleted\n")
    equal((redis("EXISTS", LIST), redis("EXISTS", BOB)), (0, 1))


away = Ctl(None, 'local_domains = { "redis:" }')
for words in (["deny", "list"], ["deny", "show", "example.com"],
              ["deny", "add", "example.com", "a@example.org"],
              ["deny", "clear", "example.com"]):
    @test(f"without Redis: {' '.join(words)} is EX_UNAVAILABLE")
    def _():
        answer = away(*words)
        equal(answer.status, 69)
        contains(answer.err, "No such file or directory")


done()
