#!/usr/bin/env python3
"""policyctl why: what is held against a client, and how it is lifted."""

import shlex

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal,
                 lacks, matches, near, programs, test)

redis = Redis()
now = redis.now
ctl = Ctl(redis, 'trusted = { "203.0.113.0/28" }')
DAY = 86400


def entry(register, pattern, reason="said so"):
    redis("HSET", f"policyd:{register}:{{lists}}", pattern,
          f"since={now() - 60} until=0 by=alice@mx1 reason={reason}")


def prepare():
    redis("FLUSHALL")
    redis("HSET", "policyd:ban:{192.0.2.71}", "reason", "abuse", "by",
          "policyd", "since", now() - 60, "until", now() + 900, "level", 1)
    redis("HSET", "policyd:strikes:{192.0.2.71}", "count", 1, "last",
          now() - 60, "history", f"at={now() - 60} what=strike level=1 "
          f"until={now() + 900} by=policyd reason=abuse")
    redis("EXPIRE", "policyd:strikes:{192.0.2.71}", 30 * DAY)
    redis("HSET", "policyd:abuse:{192.0.2.71}", "failures", 11, "first",
          now() - 600, "last", now() - 60, "until", now() + 3540, "users",
          "bob carol", "times", "", "seen", "")
    redis("HSET", "policyd:spam:{192.0.2.71}", "u@example.net", now() - 30)
    redis("SET", "policyd:client:{192.0.2.71}", 1, "EX", 900)
    redis("SET", "policyd:known:{192.0.2.0/24}",
          f"last={now() - 60} passes=5 since={now() - DAY}", "EX", DAY)
    entry("bans", "192.0.2.64/26", "the whole row")
    entry("access", "*.example")


def why(*words, by=ctl):
    return by("why", "--json", *words).json


def found(whole):
    return [(e["register"], e["client"], e["effect"])
            for e in whole["entries"]]


@test("every register and list that has it is told, in the order of checks")
def _():
    prepare()
    whole = why("192.0.2.71")
    equal(found(whole), [("ban", "192.0.2.64/26", "refuses"),
                         ("ban", "192.0.2.71", "refuses"),
                         ("abuse", "192.0.2.71", "refuses"),
                         ("spam", "192.0.2.71", "counts")])
    equal((whole["client"], whole["exempt"], whole["refused"]),
          ("192.0.2.71", None, "ban"))


@test("JSON has names that stay")
def _():
    whole = why("192.0.2.71")
    equal(list(whole), ["client", "name", "exempt", "refused", "deferred",
                        "entries", "strikes", "greylist"])
    equal(list(whole["greylist"]), ["identity", "known", "fresh", "waiting",
                                    "organisation"])
    equal((whole["greylist"]["identity"],
           whole["greylist"]["known"]["proven"]), ("192.0.2.0/24", True))
    equal((whole["strikes"]["count"], whole["strikes"]["next_level"]),
          (1, 2))


@test("people read evidence, since when and until when")
def _():
    out = ctl("why", "192.0.2.71").out
    for pattern in ("because +11 failed logins: bob, carol",
                    "because +abuse, level 1", "because +the whole row",
                    "reporter +u@example.net, .*ago", "until +not listed yet",
                    "until +permanent", "until +.*, in 1.m",
                    "since +.*, [1-9]m", "by +alice@mx1", "next +level 2, 1h",
                    "passes +5, known", "exempt +no", "refused +ban"):
        matches(out, rf"(?m)^   {pattern}")


@test("nothing is written")
def _():
    before = redis.everything()
    redis("CONFIG", "RESETSTAT")
    ctl("why", "192.0.2.71")
    equal(set(redis.calls()) - HARMLESS, set())
    equal(redis.everything(), before)


@test("each command that lifts something does, and then nothing is left")
def _():
    prepare()
    for e in why("192.0.2.71")["entries"]:
        words = shlex.split(e["lift"])
        equal(words[0], "policyctl")
        equal(ctl(*words[1:]).status, 0)
    whole = why("192.0.2.71")
    equal((whole["entries"], whole["refused"]), ([], None))
    out = ctl("why", "192.0.2.71").out
    matches(out, "(?m)^   refused +no$")
    matches(out, "(?m)^   deferred +no$")


@test("offences are told after the ban is lifted")
def _():
    equal([e["what"] for e in why("192.0.2.71")["strikes"]["history"]],
          ["strike", "lift"])


@test("an allow list exempts from registers, which are told all the same")
def _():
    prepare()
    entry("allow", "192.0.2.71")
    whole = why("192.0.2.71")
    equal((whole["exempt"], whole["refused"], len(whole["entries"])),
          ("it is on the allow list (192.0.2.71)", None, 5))
    equal(found(whole)[-1], ("allow", "192.0.2.71", "grants"))


@test("it does not exempt from the access list")
def _():
    entry("access", "192.0.2.*")
    equal(why("192.0.2.71")["refused"], "access")


@test("a trusted client is refused by none of them")
def _():
    entry("access", "203.0.113.7")
    whole = why("203.0.113.7")
    equal((whole["exempt"], whole["refused"]),
          ("it is trusted in the configuration", None))


@test("one of the list of trusted ones too, where trusted has redis:")
def _():
    entry("access", "198.51.100.9")
    entry("trusted", "198.51.100.9")
    closed = Ctl(redis, 'trusted = { "redis:" }')
    whole = why("198.51.100.9", by=closed)
    equal((whole["exempt"], whole["refused"]),
          ("it is on the list of trusted ones (198.51.100.9)", None))
    equal(found(whole)[-1], ("trusted", "198.51.100.9", "grants"))
    whole = why("198.51.100.9")
    equal((whole["exempt"], whole["refused"]), (None, "access"))
    equal(found(whole)[-1], ("trusted", "198.51.100.9", "off"))


@test("a list may know it by its host name")
def _():
    equal(found(why("198.51.100.1")), [])
    equal(found(why("198.51.100.1", "--name", "mx.example")),
          [("access", "*.example", "refuses")])


names = programs.NameServer(
    "1.100.51.198.in-addr.arpa PTR mx7.shop.example\n"
    "mx7.shop.example A 198.51.100.1\n")
named = Ctl(redis, names.section)


@test("by the one that the DNS tells, when it is not told")
def _():
    whole = why("198.51.100.1", by=named)
    equal((whole["name"], found(whole)),
          ("mx7.shop.example", [("access", "*.example", "refuses")]))
    matches(named("why", "198.51.100.1").out,
            "(?m)^   name +mx7.shop.example$")
    whole = why("198.51.100.1", "--name", "mx.example.net", by=named)
    equal((whole["name"], found(whole)), ("mx.example.net", []))
    equal(why("198.51.100.2", by=named)["name"], None)


@test("the greylist may know the organisation of its name")
def _():
    redis("SET", "policyd:known:{shop.example}",
          f"last={now() - 60} passes=5 since={now() - DAY}", "EX", DAY)
    grey = why("198.51.100.1", by=named)["greylist"]
    equal((grey["identity"], grey["known"]), ("198.51.100.0/24", None))
    equal((grey["organisation"]["identity"],
           grey["organisation"]["known"]["passes"]), ("shop.example", 5))
    contains(named("why", "198.51.100.1").out, "identity shop.example\n")
    equal(why("198.51.100.2", by=named)["greylist"]["organisation"], None)
    narrow = Ctl(redis, names.section + " greylist { identity = network }")
    equal(why("198.51.100.1", by=narrow)["greylist"]["organisation"], None)


def greylisted(identity, sender, recipient, first, last):
    redis("SET", f"policyd:grey:{{{identity}}}:{sender}:{recipient}",
          f"first={now() - first} last={now() - last} tries=2 passed=0",
          "EX", DAY)


NETWORK = "198.51.100.0/24"


@test("a client that was only greylisted is told to be")
def _():
    greylisted(NETWORK, "a@example.org", "b@example.net", 3600, 3000)
    greylisted(NETWORK, "c@example.org", "b@example.net", 60, 20)
    whole = why("198.51.100.3")
    equal((whole["refused"], whole["deferred"]), (None, "greylist"))
    waiting = whole["greylist"]["waiting"]
    equal((waiting["count"], waiting["latest"]["sender"]),
          (2, "c@example.org"))
    near(waiting["latest"]["may_pass"] - now(), 240)


@test("and when it may come back, and where the rest of it is told")
def _():
    answer = ctl("why", "198.51.100.3")
    for pattern in ("refused +no", "deferred +greylist, may pass .*, in .m",
                    "sender +c@example.org", "recipient +b@example.net",
                    "tries +2", "may pass +.*, in [34]m"):
        matches(answer.out, rf"(?m)^   {pattern}")
    lacks(answer.out, "a@example.org")
    line, = [one for one in answer.lines if one.startswith("   waiting ")]
    count, command = line.split(None, 1)[1].split(": policyctl ")
    equal((count, len(ctl(*shlex.split(command), "--json").json)), ("2", 2))


@test("who has waited and not come back may pass now")
def _():
    greylisted("203.0.113.128/25", "a@example.org", "b@example.net", 900, 900)
    wide = Ctl(redis, "greylist { ipv4_bits = 25 }")
    matches(wide("why", "203.0.113.200").out,
            "(?m)^   deferred +greylist, may pass now$")


@test("a mail may wait for its organisation, under a name that the DNS tells")
def _():
    redis("DEL", "policyd:known:{shop.example}")
    greylisted("shop.example", "d@shop.example", "b@example.net", 60, 10)
    whole = why("198.51.100.1", by=named)
    equal((whole["deferred"],
           whole["greylist"]["organisation"]["waiting"]["count"]),
          ("greylist", 1))
    matches(named("why", "198.51.100.1").out,
            "(?m)^   sender +d@shop.example$")


@test("keys are looked through once, for network and organisation together")
def _():
    stranger = "s" + NETWORK[1:]  # not of the two, but like both
    greylisted(stranger, "x@example.org", "b@example.net", 60, 0)
    redis("CONFIG", "RESETSTAT")
    waiting = why("198.51.100.1", by=named)["greylist"]
    equal((waiting["waiting"]["count"],
           waiting["organisation"]["waiting"]["count"]), (2, 1))
    equal(redis.calls()["scan"], 1)
    redis("DEL", f"policyd:grey:{{{stranger}}}:x@example.org:b@example.net")


LETS_IN = [
    ("a greylist that only observes", "greylist { mode = observe }"),
    ("a list of clients",
     'greylist { allow_clients = { "198.51.100.0/24" } }'),
    ("a list of recipients",
     'greylist { allow_recipients = { "b@example.net" } }'),
    ("the domain of the recipient",
     'domain "example.net" { greylist { mode = off } }'),
]
for sentence, config in LETS_IN:
    @test(sentence + " puts nobody off, whatever was before")
    def _():
        whole = why("198.51.100.3", by=Ctl(redis, config))
        equal((whole["deferred"], whole["greylist"]["waiting"]),
              (None, {"count": 0, "latest": None}))


@test("nor does one that the domain has turned off in Redis")
def _():
    redis("HSET", "policyd:domain:{example.net}", "greylist.mode", "off")
    equal(why("198.51.100.3")["deferred"], None)
    redis("DEL", "policyd:domain:{example.net}")
    equal(why("198.51.100.3")["deferred"], "greylist")


@test("nor is a client put off that is on the allow list, or known by now")
def _():
    entry("allow", "198.51.100.3")
    equal(why("198.51.100.3")["deferred"], None)
    matches(ctl("why", "198.51.100.3").out, "(?m)^   deferred +no$")
    redis("HDEL", "policyd:allow:{lists}", "198.51.100.3")
    equal(why("198.51.100.3")["deferred"], "greylist")
    redis("SET", f"policyd:known:{{{NETWORK}}}",
          f"last={now() - 60} passes=5 since={now() - DAY}", "EX", DAY)
    equal(why("198.51.100.3")["deferred"], None)
    redis("DEL", f"policyd:known:{{{NETWORK}}}")


# -- what policyd would say by the DNS --

ALONE = "203.0.113.64/26"  # whose mails wait, but for what is tried here
asked = programs.NameServer(
    "example.org TXT v=spf1 ip4:203.0.113.0/24 -all\n"
    "77.113.0.203.in-addr.arpa PTR mx7.books.example\n"
    "mx7.books.example A 203.0.113.77\n"
    "78.113.0.203.in-addr.arpa PTR mx8.books.example\n"
    "mx8.books.example A 203.0.113.78\n"
    "2.0.0.127.bl.example A 127.0.0.2\n"
    "78.113.0.203.bl.example A 127.0.0.2\n")


def by_dns(options, more=""):
    return Ctl(redis, asked.section +
               f" greylist {{ ipv4_bits = 26 spf_wait = 2s {options} }} " +
               more)


def prepare_alone():
    for key in redis("KEYS", "policyd:*"):
        redis("DEL", key)
    greylisted(ALONE, "a@example.org", "b@example.net", 60, 20)
    greylisted(ALONE, "a@example.com", "b@example.net", 60, 40)


def waits(whole):
    """Whether it is deferred, how many wait, and the sender of the latest."""
    waiting = whole["greylist"]["waiting"]
    latest = waiting["latest"]
    return (whole["deferred"], waiting["count"],
            latest["sender"] if latest else None)


LISTED = 'dnsbl { mode = observe clients = { "bl.example" } }'
OPTIONS = [
    ("without such options all wait", "203.0.113.77", "", "",
     ("greylist", 2, "a@example.org")),
    ("by bypass_spf who passes SPF does not, and others do", "203.0.113.77",
     "bypass_spf = yes identity = network", "",
     ("greylist", 1, "a@example.com")),
    ("by only_suspicious who has a name of its own does not", "203.0.113.77",
     "only_suspicious = yes", "", (None, 0, None)),
    ("who has none does", "203.0.113.79", "only_suspicious = yes", "",
     ("greylist", 2, "a@example.org")),
    ("and who is on a list", "203.0.113.78", "only_suspicious = yes", LISTED,
     ("greylist", 2, "a@example.org")),
    ("the domain of a recipient may say so", "203.0.113.77", "",
     'domain "example.net" { greylist { only_suspicious = yes } }',
     (None, 0, None)),
]
for sentence, client, options, more, wanted in OPTIONS:
    @test("why: " + sentence)
    def _():
        prepare_alone()
        equal(waits(why(client, by=by_dns(options, more))), wanted)


@test("a sender's domain that is known and passes SPF waits no more")
def _():
    prepare_alone()
    redis("SET", "policyd:known:{example.org}",
          f"last={now() - 60} passes=5 since={now() - DAY}", "EX", DAY)
    equal(waits(why("203.0.113.77", by=by_dns(""))),
          ("greylist", 1, "a@example.com"))


@test("nor does a mail that has passed as the other of the two")
def _():
    prepare_alone()
    redis("SET", "policyd:grey:{books.example}:a@example.com:b@example.net",
          f"last={now() - 9} first={now() - 900} tries=2 passed={now() - 9}",
          "EX", DAY)
    equal(waits(why("203.0.113.77", by=by_dns("identity = name"))),
          ("greylist", 1, "a@example.org"))


@test("nothing is written by asking")
def _():
    before = redis.everything()
    redis("CONFIG", "RESETSTAT")
    why("203.0.113.77", by=by_dns("bypass_spf = yes", LISTED))
    equal(set(redis.calls()) - HARMLESS, set())
    equal(redis.everything(), before)


@test("the latest five hundred are asked about, and all when these pass")
def _():
    prepare_alone()
    for n in range(510):
        greylisted(ALONE, f"n{n}@example.org", "b@example.net", 60, 19)
    passes = by_dns("bypass_spf = yes identity = network")
    equal(waits(why("203.0.113.77", by=passes)), (None, 0, None))
    greylisted(ALONE, "a@example.com", "b@example.net", 60, 0)
    equal(waits(why("203.0.113.77", by=passes)),
          ("greylist", 13, "a@example.com"))
    prepare_alone()
    greylisted(NETWORK, "c@example.org", "b@example.net", 60, 20)


@test("without the right to SCAN it is not known, and the rest is")
def _():
    redis("ACL", "SETUSER", "default", "-scan")
    whole, out = why("198.51.100.3"), ctl("why", "198.51.100.3").out
    redis("ACL", "SETUSER", "default", "+scan")
    equal((whole["deferred"], whole["greylist"]["waiting"],
           whole["greylist"]["fresh"]), (None, None, None))
    matches(out, "(?m)^   deferred +not known without the right to SCAN$")


@test("a check that only observes does not refuse")
def _():
    prepare()
    whole = why("192.0.2.71", by=Ctl(redis, "ban { mode = observe } "
                                            "abuse { mode = off }"))
    equal([effect for _, _, effect in found(whole)],
          ["observe", "observe", "off", "counts"])
    equal(whole["refused"], None)


@test("when only the listed have access, who is not is refused")
def _():
    closed = Ctl(redis, "access { default = deny }")
    equal(why("198.51.100.1", by=closed)["refused"], "access")
    out = closed("why", "198.51.100.1").out
    matches(out, "(?m)^   lift +policyctl access add 198.51.100.1$")
    equal(found(why("198.51.100.1", "--name", "mx.example", by=closed)),
          [("access", "*.example", "grants")])


@test("an IPv6 address is its /64")
def _():
    redis("HSET", "policyd:ban:{2001%3adb8%3a%3a/64}", "until", "permanent",
          "reason", "x", "by", "y", "since", 1, "level", 4)
    redis("SET", "policyd:client:{2001%3adb8%3a%3a/64}", 1)
    whole = why("2001:db8::1:2:3:4")
    equal((whole["client"], found(whole)),
          ("2001:db8::/64", [("ban", "2001:db8::/64", "refuses")]))


@test("a ban without a mark refuses nobody, and it says so")
def _():
    redis("DEL", "policyd:client:{2001%3adb8%3a%3a/64}")
    whole = why("2001:db8::1:2:3:4")
    equal((whole["refused"], found(whole)),
          (None, [("ban", "2001:db8::/64", "unmarked")]))


@test("who is nowhere is told to be nowhere")
def _():
    answer = ctl("why", "198.51.100.200")
    equal((answer.status, answer.err), (0, ""))
    matches(answer.out, "(?m)^   refused +no$")
    lacks(answer.out, "lift")


@test("of a mailbox it shows the account")
def _():
    redis("HSET", "policyd:account:{alice@example.com}", "disabled", "left")
    answer = ctl("why", "alice@example.com")
    equal(answer.out, ctl("account", "show", "alice@example.com").out)
    contains(answer.out, "policyctl account enable alice@example.com")
    redis("DEL", "policyd:account:{alice@example.com}")


WRONG = [
    ("an id is not known", ["why", "4XyZ"],
     "'4XyZ' is no address and no USER@DOMAIN; of ids, senders and "
     "recipients no traces are kept"),
    ("a network is no address", ["why", "192.0.2.0/24"], "is no address"),
    ("one at a time", ["why", "192.0.2.1", "192.0.2.12"], "One at a time"),
    ("none is too few", ["why"], "which address?"),
]
for sentence, words, error in WRONG:
    @test("why: " + sentence)
    def _():
        answer = ctl(*words)
        contains(answer.err, error)
        equal((answer.status, answer.out), (64, ""))


@test("without Redis: EX_UNAVAILABLE")
def _():
    answer = Ctl()("why", "192.0.2.1")
    equal((answer.status, answer.out), (69, ""))


done()
