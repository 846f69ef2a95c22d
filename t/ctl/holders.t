#!/usr/bin/env python3
"""policyctl domain, mailbox: what is set for them, and what then holds."""

import getpass
import os
import socket

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal, matches, near,
                 test)

redis = Redis()
now = redis.now
ctl = Ctl(redis, """
local_domains = { "redis:", "example.org" }
mailboxes = { "redis:" }
aliases = { "redis:" }
greylist { delay = 5m }
spoof { decided_by = domain }
domain "example.com" { recipients { limit = 50 } }
mailbox "carol@example.com" { greylist { mode = observe } }
""")
ME = os.environ.get("SUDO_USER") or getpass.getuser()
ME = f"{ME}@{socket.gethostname()}"
DOMAIN = "policyd:domain:{example.com}"
BOB = "policyd:mailbox:{example.com}:bob"


def one(*words):
    """What `show --json` tells of one of them."""
    told, = ctl("--json", *words).json
    return told


def origin(kind, name, option):
    """(value, from, level)"""
    for s in one(kind, "show", name)["settings"]:
        if s["name"] == option:
            return s["value"], s["from"], s["level"]
    raise AssertionError(f"there is no {option}")


# -- set, unset --

@test("set: a domain exists without any setting")
def _():
    answer = ctl("domain", "set", "Example.COM.")
    equal((answer.status, answer.err, answer.out),
          (0, "", "domain: example.com created, 0 set\n"))
    equal(list(redis.fields(DOMAIN)), ["since"])
    near(redis.fields(DOMAIN)["since"], now())


@test("set: values stand in Redis as in policyd.conf")
def _():
    equal(ctl("mailbox", "set", "Bob+x@Example.com", "greylist.mode=off",
              "size.inbound=10M").out,
          "mailbox: bob@example.com created, 2 set\n")
    found = redis.fields(BOB)
    del found["since"]
    equal(found, {"greylist.mode": "off", "size.inbound": "10M"})


@test("set: once more changes nothing")
def _():
    before = redis.everything()
    equal(ctl("mailbox", "set", "bob@example.com", "greylist.mode=off").out,
          "mailbox: bob@example.com was so already\n")
    equal(redis.everything(), before)


@test("set: it says how many are different now")
def _():
    equal(ctl("mailbox", "set", "bob@example.com", "greylist.mode=off",
              "greylist.delay=1m").out,
          "mailbox: bob@example.com changed, 1 set\n")


@test("set: programs are told the same")
def _():
    equal(ctl("--json", "mailbox", "set", "bob@example.com",
              "greylist.delay=2m").json,
          {"kind": "mailbox", "address": "bob@example.com", "action": "set",
           "created": False, "changed": 1, "local": True, "idle": {}})


@test("set: more than one question takes")
def _():
    many = ["greylist.mode=off", "greylist.on_failure=accept",
            "greylist.decided_by=mailbox", "greylist.key=pair",
            "greylist.delay=1m", "greylist.retry_window=1h",
            "greylist.memory=1d", "greylist.known_memory=1d",
            "greylist.ipv4_bits=32", "greylist.ipv6_bits=64",
            "greylist.known_after=0", "greylist.fresh_limit=0",
            "size.mode=enforce", "size.inbound=1M", "size.outbound=1M",
            "recipients.mode=enforce", "recipients.limit=9"]
    equal(ctl("mailbox", "set", "many@example.com", *many).out,
          "mailbox: many@example.com created, 17 set\n")
    equal(len(redis.fields("policyd:mailbox:{example.com}:many")), 18)
    ctl("mailbox", "del", "many@example.com")


@test("unset: a value goes, the mailbox stays")
def _():
    equal(ctl("mailbox", "unset", "bob@example.com", "greylist.mode",
              "greylist.delay", "size.inbound").out,
          "mailbox: bob@example.com changed, 3 unset\n")
    equal(list(redis.fields(BOB)), ["since"])
    equal(ctl("mailbox", "unset", "bob@example.com", "greylist.mode").out,
          "mailbox: bob@example.com was so already\n")


@test("unset: what no version knows goes, too")
def _():
    redis("HSET", BOB, "greylist.colour", "red")
    contains(ctl("mailbox", "unset", "bob@example.com",
                 "greylist.colour").out, "1 unset")


@test("set: an alias that leads to nobody of ours is told")
def _():
    strict = Ctl(redis, 'local_domains = { "example.com" }\n'
                 'mailboxes = { "redis:" }\naliases = { "redis:" }')
    equal(strict("mailbox", "set", "info@example.com",
                 "alias=bbo,bob,al@example.net").out.splitlines()[1:],
          ["   alias      bbo@example.com: there is no such mailbox"])
    ctl("mailbox", "del", "info@example.com")


@test("unset: of what was not there the nearest right name is told")
def _():
    ctl("mailbox", "set", "bob@example.com", "size.inbound=1M")
    equal(ctl("mailbox", "unset", "bob@example.com", "size.inbond").out,
          "mailbox: bob@example.com was so already\n"
          "   idle       size.inbond: unknown option 'size.inbond': "
          "did you mean 'size.inbound'?\n")
    told = ctl("--json", "mailbox", "unset", "bob@example.com",
               "size.inbound", "size.colour").json
    equal((told["changed"], list(told["idle"])), (1, ["size.colour"]))


@test("set: what then has no effect is told, and why")
def _():
    equal(ctl("mailbox", "set", "bob@example.com", "spoof.who=privileged",
              "alias=al").out.splitlines()[1:],
          ["   idle       spoof.who: what al@example.com has holds",
           "   alias      al@example.com: there is no such mailbox"])
    equal(ctl("mailbox", "unset", "bob@example.com", "alias").status, 0)
    told = ctl("--json", "mailbox", "set", "bob@example.com",
               "spoof.who=privileged", "greylist.delay=2m").json
    equal(told["idle"], {"spoof.who": "the server's value holds"})
    ctl("mailbox", "unset", "bob@example.com", "spoof.who",
        "greylist.delay")
    strange = Ctl(redis, 'local_domains = { "example.org" }')
    contains(strange("mailbox", "set", "bob@example.com",
                     "greylist.mode=off").out,
             "greylist.mode: example.com is no domain of ours")
    contains(strange("mailbox", "set", "bob@example.com").out,
             "local      no: local_domains has neither its domain nor redis:")
    contains(ctl("mailbox", "set", "bob@example.net").out,
             "local      no: 'policyctl domain set example.net' makes it ours")
    ctl("mailbox", "del", "bob@example.net")
    ctl("mailbox", "unset", "bob@example.com", "greylist.mode")


@test("set: so is what can have none: a threshold out of reach, no list at all")
def _():
    listing = Ctl(redis, """local_domains = { "redis:" }
                  dnsbl { mode = enforce clients = { "bl.example*2" } }""")
    contains(listing("domain", "set", "example.com",
                     "dnsbl.threshold=3").out,
             "   idle       dnsbl.threshold: dnsbl.threshold (3) must be at "
             "most 2, the sum of weights above 0, else nobody is ever listed\n")
    equal(list(listing("--json", "domain", "show",
                       "example.com").json[0]["idle"]), ["dnsbl.threshold"])
    equal(listing("domain", "set", "example.com", "dnsbl.threshold=2").lines,
          ["domain: example.com changed, 1 set"])
    contains(ctl("domain", "set", "example.com", "dnsbl.mode=enforce").out,
             "dnsbl.mode (enforce) needs dnsbl.clients, helos or senders\n")
    ctl("domain", "unset", "example.com", "dnsbl.threshold", "dnsbl.mode")


WRONG = [
    ("an option that is none is told the nearest right one",
     ["mailbox", "set", "bob@example.com", "greylist.mod=off"],
     "unknown option 'greylist.mod': did you mean 'greylist.mode'?"),
    ("one that is like no other, where they are listed",
     ["domain", "set", "example.com", "colour=red"],
     "unknown option 'colour': 'domain show --all' lists them"),
    ("the server's options are none of a domain's",
     ["domain", "set", "example.com", "abuse.failures=3"],
     "unknown option 'abuse.failures'"),
    ("a domain has no alias",
     ["domain", "set", "example.com", "alias=a@example.org"],
     "unknown option 'alias'"),
    ("a wrong value is told the right ones",
     ["mailbox", "set", "bob@example.com", "greylist.mode=on"],
     "'on' is none of off, observe, enforce"),
    ("one wrong value keeps the others out",
     ["mailbox", "set", "bob@example.com", "greylist.mode=off",
      "size.inbound=big"], "size.inbound"),
    ("an alias leads to addresses",
     ["mailbox", "set", "bob@example.com", "alias=@"], "alias: "),
    ("a setting has a value", ["mailbox", "set", "bob@example.com", "alias"],
     "'alias' is not OPTION=VALUE"),
    ("and has none to be taken back",
     ["mailbox", "unset", "bob@example.com", "greylist.mode=off"],
     "is no name of an option"),
    ("that it exists is no setting",
     ["mailbox", "unset", "bob@example.com", "since"], "'mailbox del'"),
    ("a mailbox has a domain", ["mailbox", "set", "bob"],
     "'bob' is not a mailbox, user@domain"),
    ("a domain has no user", ["domain", "show", "bob@example.com"],
     "'policyctl mailbox' takes it"),
    ("a domain must be one", ["domain", "set", "example..com"],
     "is not a domain"),
    ("set wants to know whom", ["mailbox", "set"], "which one?"),
    ("unset wants to know what", ["mailbox", "unset", "bob@example.com"],
     "which option?"),
    ("show wants to know of whom", ["domain", "show"], "which one?"),
    ("del wants to know whom", ["domain", "del"], "which one?"),
    ("list takes one pattern", ["domain", "list", "a", "b"],
     "'b' is too much"),
]
for sentence, words, said in WRONG:
    @test(f"wrong: {sentence}")
    def _():
        before = redis.everything()
        answer = ctl(*words)
        equal((answer.status, answer.out), (64, ""))
        contains(answer.err, said)
        equal(redis.everything(), before)


# -- show --

@test("show: a value is told from where it comes")
def _():
    ctl("mailbox", "set", "bob@example.com", "greylist.delay=1m")
    ctl("domain", "set", "example.com", "greylist.known_after=7")
    equal(origin("mailbox", "bob@example.com", "greylist.delay"),
          ("1m", "redis", "mailbox"))
    equal(origin("mailbox", "bob@example.com", "greylist.known_after"),
          ("7", "redis", "domain"))
    equal(origin("mailbox", "bob@example.com", "recipients.limit"),
          ("50", "policyd.conf", "domain"))
    equal(origin("mailbox", "carol@example.com", "greylist.mode"),
          ("observe", "policyd.conf", "mailbox"))
    equal(origin("mailbox", "bob@example.com", "greylist.mode"),
          ("enforce", "server", "server"))
    equal(origin("domain", "example.com", "greylist.delay"),
          ("5m", "server", "server"))


@test("show: JSON has names that stay")
def _():
    told = one("mailbox", "show", "bob@example.com")
    near(told.pop("since"), now())
    del told["settings"]
    equal(told, {"kind": "mailbox", "address": "bob@example.com",
                 "local": True, "known": True, "alias_of": [],
                 "settings_of": "bob@example.com", "in_redis": True,
                 "stored": {"greylist.delay": "1m"}, "idle": {},
                 "denied": 0})


@test("show: people read what differs from the server's, --all is all")
def _():
    answer = ctl("mailbox", "show", "bob@example.com")
    equal((answer.status, answer.err), (0, ""))
    for line in (r"(?m)^mailbox bob@example\.com$", r"local +yes\n",
                 r"known +yes\n", r"key +policyd:mailbox:\{example.com\}:bob",
                 r"(?m)^ +greylist\.delay +1m +redis, mailbox$",
                 r"recipients\.limit +50 +policyd\.conf, domain\n"):
        matches(answer.out, line)
    equal("greylist.mode" in answer.out, False)
    matches(ctl("mailbox", "show", "bob@example.com", "--all").out,
            r"(?m)^ +greylist\.mode +enforce +server$")


@test("show: where nobody said what exists, that is why it does not")
def _():
    nothing = Ctl(redis)
    answer = nothing("mailbox", "show", "bob@example.com")
    matches(answer.out, r"local +no: local_domains is empty\n")
    matches(answer.out, r"known +no: mailboxes is empty\n")
    answer = ctl("mailbox", "show", "nobody@example.net")
    matches(answer.out, r"local +no\n")
    matches(answer.out, r"known +no\n")


@test("show: an alias has the settings of where it leads, and says so")
def _():
    ctl("mailbox", "set", "info@example.com", "alias=bob",
        "greylist.delay=3m")
    told = one("mailbox", "show", "info@example.com")
    equal((told["alias_of"], told["settings_of"]),
          (["bob@example.com"], "bob@example.com"))
    answer = ctl("mailbox", "show", "info@example.com")
    matches(answer.out, r"alias of +bob@example\.com\n")
    matches(answer.out, r"settings +those of bob@example\.com\n")
    matches(answer.out, r"idle +greylist\.delay=3m: what bob@example.com has")
    matches(answer.out, r"greylist\.delay +1m +redis, mailbox")


@test("show: what does not hold says why")
def _():
    ctl("mailbox", "set", "bob@example.com", "spoof.who=privileged")
    redis("HSET", BOB, "greylist.mode", "on", "greylist.colour", "red")
    answer = ctl("mailbox", "show", "bob@example.com")
    matches(answer.out, r"idle +spoof\.who=privileged: the server's value holds")
    matches(answer.out, r"idle +greylist\.mode=on: .*observe")
    matches(answer.out, r"idle +greylist\.colour=red: .*is no option")
    ctl("mailbox", "unset", "bob@example.com", "greylist.mode",
        "greylist.colour", "spoof.who")


@test("show: of one that nobody knows there is the server's")
def _():
    told = one("mailbox", "show", "nobody@example.net")
    equal((told["local"], told["known"], told["in_redis"], told["since"]),
          (False, False, False, None))


@test("show: somebody else's value is not taken for settings")
def _():
    redis("SET", "policyd:domain:{odd.example}", "x")
    contains(ctl("domain", "show", "odd.example").out,
             "its value cannot be read")
    equal(ctl("domain", "set", "odd.example").out,
          "domain: odd.example created, 0 set\n")
    ctl("domain", "del", "odd.example")


# -- list --

@test("list: a line each, under a head")
def _():
    answer = ctl("mailbox", "list")
    equal((answer.status, len(answer.lines)), (0, 3))
    matches(answer.lines[0], r"^ADDRESS +SINCE +SETTINGS$")
    matches(answer.out, r"(?m)^bob@example\.com +20.* greylist\.delay=1m$")


def listed(kind, *words):
    return sorted(h["address"] for h in ctl(kind, "list", "--json",
                                            *words).json)


ODD = "o'{x}:%\u00e4@example.org"
PATTERNS = [
    ("all of them", [], ["bob@example.com", "info@example.com", ODD,
                         "z@sub.example.com"]),
    ("those of a domain", ["example.com"],
     ["bob@example.com", "info@example.com"]),
    ("in capitals or not", ["Example.COM"],
     ["bob@example.com", "info@example.com"]),
    ("those of a domain's parts", ["*.example.com"], ["z@sub.example.com"]),
    ("those with a name", ["*o*@*"], ["bob@example.com", "info@example.com",
                                      ODD]),
    ("one alone", ["bob@example.com"], ["bob@example.com"]),
    ("none", ["example.net"], []),
]
ctl("mailbox", "set", "z@sub.example.com")
ctl("mailbox", "set", ODD)
for sentence, words, wanted in PATTERNS:
    @test(f"list: {sentence}")
    def _():
        equal(listed("mailbox", *words), sorted(wanted))


@test("list: domains are no mailboxes")
def _():
    equal(listed("domain"), ["example.com"])


@test("list: a limit ends it")
def _():
    equal(len(listed("mailbox", "--limit", "2")), 2)


@test("list: an entry in JSON has names that stay")
def _():
    told, = ctl("mailbox", "list", "bob@example.com", "--json").json
    near(told.pop("since"), now())
    equal(told, {"address": "bob@example.com",
                 "settings": {"greylist.delay": "1m"}})


@test("looking writes nothing")
def _():
    redis("CONFIG", "RESETSTAT")
    before = redis.everything()
    ctl("mailbox", "list")
    ctl("mailbox", "show", "bob@example.com", ODD)
    ctl("domain", "show", "example.com", "example.net")
    equal((redis.everything(), set(redis.calls()) - HARMLESS), (before, set()))


# -- del --

@test("del: a mailbox goes with its deny list")
def _():
    redis("HSET", "policyd:deny:{example.com}:bob", "x@example.net", "1")
    answer = ctl("mailbox", "del", "bob@example.com", "no@example.com")
    equal(answer.lines, ["mailbox: bob@example.com deleted",
                         "mailbox: no@example.com: there is none"])
    equal(redis("KEYS", "policyd:*:bob"), [])


@test("del: a domain leaves its mailboxes")
def _():
    equal(ctl("--json", "domain", "del", "example.com").json,
          [{"kind": "domain", "address": "example.com", "deleted": True}])
    equal(listed("mailbox", "example.com"), ["info@example.com"])


# -- other scripts --

@test("a domain in any script is the one that the DNS has")
def _():
    equal(ctl("domain", "set", "b\u00fccher.example").out,
          "domain: xn--bcher-kva.example created, 0 set\n")
    equal(ctl("mailbox", "set", "J\u00f6rg@B\u00fccher.example",
              "greylist.delay=1m").out,
          "mailbox: j\u00f6rg@xn--bcher-kva.example created, 1 set\n")
    equal(listed("mailbox", "b\u00fccher.example"),
          ["j\u00f6rg@xn--bcher-kva.example"])
    equal(listed("mailbox", "*@B\u00dcCHER.example"),
          ["j\u00f6rg@xn--bcher-kva.example"])
    equal(origin("mailbox", "j\u00f6rg@xn--bcher-kva.example",
                 "greylist.delay")[0], "1m")


# -- without Redis --

away = Ctl(None, 'local_domains = { "redis:" }\n'
           'domain "example.com" { greylist { mode = off } }')
for words in (["domain", "list"], ["domain", "set", "example.com"],
              ["mailbox", "unset", "bob@example.com", "greylist.mode"],
              ["mailbox", "del", "bob@example.com"]):
    @test(f"without Redis: {' '.join(words)} is EX_UNAVAILABLE")
    def _():
        answer = away(*words)
        equal(answer.status, 69)
        contains(answer.err, "No such file or directory")


@test("without Redis: show tells what the file says, and EX_UNAVAILABLE")
def _():
    answer = away("mailbox", "show", "bob@example.com")
    equal(answer.status, 69)
    matches(answer.out, r"greylist\.mode +off +policyd\.conf, domain")


done()
