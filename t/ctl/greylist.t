#!/usr/bin/env python3
"""policyctl greylist: list, show and del on prepared records."""

import subprocess
import time

from ctl import (POLICYCTL, Ctl, Redis, contains, done, equal, lacks, matches,
                 near, programs, test)

redis = Redis()
ctl = Ctl(redis)
now = int(time.time())
DAY = 86400


def put(key, value, seconds=DAY):
    redis("SET", "policyd:" + key, value, "EX", seconds)
    return "policyd:" + key


def record(first, tries=1, passed=0):
    return f"first={first} last={first} tries={tries} passed={passed}"


def prepare():
    """What the tests below speak of."""
    redis("FLUSHALL")
    put("grey:{192.0.2.0/24}:a@example.org:b@example.net",
        record(now - 60, 2))
    put("grey:{192.0.2.0/24}:<>:b@example.net", record(now - 400))
    put("grey:{198.51.100.0/24}:list-#@lists.example.org:c@example.com",
        record(now - DAY, 3, now - 3600), 30 * DAY)
    put("grey:{2001%3adb8%3a%3a/64}:a@example.org:c@example.com",
        record(now - DAY, 1, now - DAY), 36 * DAY)
    put("known:{192.0.2.0/24}",
        f"last={now - DAY} passes=3 since={now - 2 * DAY} fresh=2 "
        f"hour={now - 60}", 35 * DAY)
    put("known:{198.51.100.0/24}",
        f"last={now - DAY} passes=5 since={now - 2 * DAY}", 35 * DAY)
    put("grey:{xn--bcher-kva.example}:a@b\u00fccher.example:d@example.com"
        .replace("\u00fc", "%c3%bc"), record(now - 60))
    put("known:{xn--bcher-kva.example}",
        f"last={now - DAY} passes=5 since={now - 2 * DAY}", 35 * DAY)
    redis("SET", "session:1", "another program's")


def listed(*options):
    """(identity, sender, recipient) of what is listed."""
    return sorted((r["identity"], r["sender"], r["recipient"])
                  for r in ctl("greylist", "list", "--json", *options).json)


A = ("192.0.2.0/24", "a@example.org", "b@example.net")
NULL = ("192.0.2.0/24", "<>", "b@example.net")
LIST = ("198.51.100.0/24", "list-#@lists.example.org", "c@example.com")
SIX = ("2001:db8::/64", "a@example.org", "c@example.com")

BOOKS = ("xn--bcher-kva.example", "a@b\u00fccher.example", "d@example.com")

SELECTIONS = [
    ("all records are listed without options", [],
     [A, NULL, LIST, SIX, BOOKS]),
    ("those of a domain", ["--identity", "XN--bcher-kva.example"], [BOOKS]),
    ("in any script", ["--identity", "B\u00fccher.example"], [BOOKS]),
    ("no domain below it is meant", ["--identity", "bcher-kva.example"], []),
    ("those of an address are its network's", ["--identity", "192.0.2.9"],
     [A, NULL]),
    ("a domain lies in no network", ["--network", "0.0.0.0/0"],
     [A, NULL, LIST]),
    ("those of a network", ["--network", "192.0.2.0/24"], [A, NULL]),
    ("those of all networks within one", ["--network", "192.0.0.0/8"],
     [A, NULL]),
    ("a network within an identity does not mean the identity",
     ["--network", "192.0.2.0/25"], []),
    ("those of an IPv6 network", ["--network", "2001:db8::/32"], [SIX]),
    ("those of a sender", ["--sender", "a@example.org"], [A, SIX]),
    ("in any letter case", ["--sender", "A@Example.ORG"], [A, SIX]),
    ("a sender's extension and number do not matter",
     ["--sender", "list-20261121@lists.example.org"], [LIST]),
    ("those of a sender's domain", ["--sender", "example.org"], [A, SIX]),
    ("a domain may carry its @", ["--sender", "@lists.example.org"],
     [LIST]),
    ("those of the null sender", ["--sender", "<>"], [NULL]),
    ("those to a recipient", ["--recipient", "c@example.com"],
     [LIST, SIX]),
    ("those to a domain", ["--recipient", "example.net"], [A, NULL]),
    ("fresh ones", ["--state", "fresh"], [A, NULL, BOOKS]),
    ("passed ones", ["--state", "passed"], [LIST, SIX]),
    ("options are narrowed by further ones",
     ["--sender", "a@example.org", "--state", "passed"], [SIX]),
    ("nothing matches what is not there", ["--sender", "x@example.org"],
     []),
    ("what looks like a pattern is none", ["--sender", "*@example.org"],
     []),
]

prepare()

for sentence, options, wanted in SELECTIONS:
    @test("list: " + sentence)
    def _():
        equal(listed(*options), sorted(wanted))


@test("list: a limit ends it")
def _():
    equal(len(listed("--limit", "1")), 1)
    equal(listed("--limit", "0"), [])


@test("list: a record in JSON has names that stay")
def _():
    fresh, = ctl("greylist", "list", "--json", "--state", "fresh",
                 "--sender", "a@example.org").json
    expires = fresh.pop("expires")
    equal(fresh, {
        "key": "policyd:grey:{192.0.2.0/24}:a@example.org:b@example.net",
        "identity": "192.0.2.0/24", "sender": "a@example.org",
        "recipient": "b@example.net", "state": "fresh", "first": now - 60,
        "last": now - 60, "tries": 2, "passed": None,
        "may_pass": now + 240})
    near(expires, redis.now() + DAY)


@test("list: one that has passed says when, and not when it may")
def _():
    passed, = ctl("greylist", "list", "--json", "--network",
                  "198.51.100.0/24").json
    equal((passed["passed"], passed["may_pass"]), (now - 3600, None))


@test("list: people read a line each, under a head")
def _():
    answer = ctl("greylist", "list")
    equal((answer.status, len(answer.lines)), (0, 6))
    equal(answer.lines[0].split(), ["STATE", "IDENTITY", "SENDER",
                                    "RECIPIENT", "TRIES", "LAST",
                                    "PROSPECT"])
    line, = [x for x in answer.lines if " <> " in x]
    contains(line, "may pass now")
    line, = [x for x in answer.lines if " 2 " in x]
    matches(line, "may pass in [1-4]m")
    line, = [x for x in answer.lines if "2001:db8::/64" in x]
    matches(line, "expires in (36d|35d 23h)")


@test("list: no record is an empty array, and no line")
def _():
    equal(ctl("greylist", "list", "--json", "--limit", "0").json, [])
    equal(ctl("greylist", "list", "--limit", "0").out, "")


@test("list: the delay is that of the recipient")
def _():
    redis("HSET", "policyd:mailbox:{example.com}:d", "greylist.delay", "2h")
    fresh, = ctl("greylist", "list", "--json", "--recipient",
                 "d@example.com").json
    equal(fresh["may_pass"], now - 60 + 7200)
    redis("DEL", "policyd:mailbox:{example.com}:d")
    slow = Ctl(redis, 'domain "example.net" { greylist { delay = 1h } }')
    fresh, = slow("greylist", "list", "--json", "--sender", "<>").json
    equal(fresh["may_pass"], now - 400 + 3600)


@test("list: a client's record has neither sender nor recipient")
def _():
    put("grey:{203.0.113.0/24}", record(now))
    put("grey:{203.0.113.0/24}:a@example.org", record(now))
    equal({(r["sender"], r["recipient"]) for r in
           ctl("greylist", "list", "--json", "--network",
               "203.0.113.0/24").json},
          {(None, None), ("a@example.org", None)})
    prepare()


STRANGE = [
    ("a text nobody can read", ["SET", "K", "junk"]),
    ("numbers that are none",
     ["SET", "K", "first=x last=1 tries=1 passed=0"]),
    ("a list", ["RPUSH", "K", "x"]),
]

for what, words in STRANGE:
    @test(f"list: {what} is unreadable, and deleted like any other")
    def _():
        key = "policyd:grey:{203.0.113.0/24}:a@example.org:b@example.net"
        redis(*[key if word == "K" else word for word in words])
        odd, = ctl("greylist", "list", "--json", "--network",
                   "203.0.113.0/24").json
        equal((odd["state"], odd["first"], odd["expires"]),
              ("unreadable", None, None))
        contains(ctl("greylist", "list").out, "never expires")
        equal(ctl("greylist", "del", key).lines[-1], "1 deleted")
        equal(redis("EXISTS", key), 0)


@test("list: what would move the terminal is escaped")
def _():
    key = put("grey:{203.0.113.0/24}:%1b[2j%c2%9b@example.org:%ff@x",
              record(now))
    out = ctl("greylist", "list", "--network", "203.0.113.0/24").out
    contains(out, r"\x1b[2j\xc2\x9b@example.org")
    contains(out, r"\xff@x")
    plain = ctl("greylist", "list", "--json", "--network", "203.0.113.0/24")
    odd, = plain.json
    equal((odd["sender"], odd["recipient"]),
          ("\x1b[2j\u009b@example.org", r"\xff@x"))
    equal(plain.out.isascii(), True)
    redis("DEL", key)


@test("list: raw bytes in a key do no harm either")
def _():
    raw = b"policyd:grey:{203.0.113.0/24}:\x1b[2J\xff:\xc3\xa9"
    redis("SET", raw, record(now))
    out = ctl("greylist", "list", "--network", "203.0.113.0/24").out
    contains(out, r"\x1b[2J\xff")
    contains(out, "\u00e9")
    odd, = ctl("greylist", "list", "--json", "--network",
               "203.0.113.0/24").json
    equal(odd["sender"], "\x1b[2J\\xff")
    redis("DEL", raw)


@test("list: output that cannot be written is EX_IOERR")
def _():
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [POLICYCTL, "-c", ctl.conf, "greylist", "list"], stdout=full,
            stderr=subprocess.PIPE)
    equal(ended.returncode, 74)
    contains(ended.stderr.decode(), "standard output: No space left")


@test("list: when its reader has gone it ends, without a word")
def _():
    for i in range(2000):
        put(f"grey:{{203.0.113.0/24}}:{i}@example.org:b@example.net",
            record(now))
    process = subprocess.Popen(
        [POLICYCTL, "-c", ctl.conf, "greylist", "list"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    equal((process.stderr.read(), process.wait()), (b"", 74))
    prepare()


# -- show --

@test("show: an address stands for its network")
def _():
    answer = ctl("greylist", "show", "192.0.2.77")
    equal(answer.status, 0)
    equal(answer.lines[0], "identity 192.0.2.0/24")
    contains(answer.out, "3, not known yet")
    contains(answer.out, "2 since ")
    equal(sum(x.startswith("record ") for x in answer.lines), 2)
    matches(answer.out, rf"\({now - 60}, [1-9]m")
    matches(answer.out, rf"may pass .*\({now + 240}, in [1-4]m")


@test("show: the width of the network is the configured one")
def _():
    narrow = Ctl(redis, "greylist {\nipv4_bits = 28\nipv6_bits = 48\n}")
    equal([i["identity"] for i in
           narrow("greylist", "show", "--json", "192.0.2.77",
                  "2001:db8:1:2::3").json],
          ["192.0.2.64/28", "2001:db8:1::/48"])


@test("show: in JSON it is one object for each that was asked for")
def _():
    two, six = ctl("greylist", "show", "--json", "192.0.2.0/24",
                   "2001:db8::1").json
    equal(list(two), ["identity", "known", "fresh", "records", "complete"])
    expires = two["known"].pop("expires")
    equal(two["known"], {"proven": False, "passes": 3,
                         "since": now - 2 * DAY, "last": now - DAY})
    near(expires, redis.now() + 35 * DAY)
    equal(two["fresh"], {"count": 2, "since": now - 60})
    equal((len(two["records"]), two["complete"]), (2, True))
    equal((six["identity"], six["known"], six["fresh"]),
          ("2001:db8::/64", None, None))
    equal(len(six["records"]), 1)


@test("show: enough passes make an identity known")
def _():
    equal(ctl("greylist", "show", "--json", "198.51.100.1")
          .json[0]["known"]["proven"], True)
    contains(ctl("greylist", "show", "198.51.100.1").out, "5, known")


@test("show: an identity nobody knows has nothing")
def _():
    answer = ctl("greylist", "show", "203.0.113.1")
    equal((answer.status, answer.lines[0]),
          (0, "identity 203.0.113.0/24"))
    contains(answer.lines[1], "none")
    equal(len(answer.lines), 2)


@test("show: a thousand records are enough, and it says so")
def _():
    for i in range(1001):
        put(f"grey:{{203.0.113.0/24}}:{i}@example.org:b@example.net",
            record(now))
    one, = ctl("greylist", "show", "--json", "203.0.113.1").json
    equal((len(one["records"]), one["complete"]), (1000, False))
    contains(ctl("greylist", "show", "203.0.113.1").lines[-1], "and more")
    prepare()


# -- del --

@test("del: a key is deleted, and said to be")
def _():
    key = "policyd:grey:{192.0.2.0/24}:a@example.org:b@example.net"
    answer = ctl("greylist", "del", key)
    equal((answer.status, answer.lines), (0, ["deleted " + key,
                                              "1 deleted"]))
    equal(redis("EXISTS", key), 0)


@test("del: one that is not there is not deleted")
def _():
    equal(ctl("greylist", "del", "policyd:known:{203.0.113.0/24}").lines,
          ["0 deleted"])
    prepare()


@test("del: a dry run says the same and deletes nothing")
def _():
    before = redis.everything()
    answer = ctl("greylist", "del", "--dry-run", "--sender",
                 "a@example.org")
    equal(answer.lines[-1], "2 would be deleted")
    contains(answer.out, "would delete policyd:grey:{192.0.2.0/24}:a@")
    equal(redis.everything(), before)


@test("del: JSON names the keys")
def _():
    done = ctl("greylist", "del", "--json", "--sender", "a@example.org",
               "--recipient", "b@example.net").json
    equal(done, {"dry_run": False, "count": 1, "keys": [
        "policyd:grey:{192.0.2.0/24}:a@example.org:b@example.net"]})
    prepare()


@test("del: a network is forgotten whole")
def _():
    equal(ctl("greylist", "del", "--network", "192.0.2.0/24").lines[-1],
          "3 deleted")
    equal([k for k in redis("KEYS", "*") if "192.0.2" in k], [])
    equal(redis("EXISTS", "policyd:known:{198.51.100.0/24}", "session:1"),
          2)
    prepare()


@test("del: so is a domain")
def _():
    equal(ctl("greylist", "del", "--identity", "xn--bcher-kva.example")
          .lines[-1], "2 deleted")
    equal([k for k in redis("KEYS", "*") if "bcher" in k], [])
    prepare()


@test("show: a domain is an identity, too")
def _():
    one, = ctl("greylist", "show", "--json", "B\u00fccher.example").json
    equal((one["identity"], one["known"]["proven"], len(one["records"])),
          ("xn--bcher-kva.example", True, 1))


ZONE = "\n".join((
    "7.2.0.192.in-addr.arpa PTR mx7.mail.example.com",
    "mx7.mail.example.com A 192.0.2.70",
    "mx7.mail.example.com A 192.0.2.7",
    "8.2.0.192.in-addr.arpa PTR liar.example.com",
    "liar.example.com A 192.0.2.9",
    "9.2.0.192.in-addr.arpa PTR host-192-0-2-9.example.com",
    "host-192-0-2-9.example.com A 192.0.2.9",
    "10.2.0.192.in-addr.arpa PTR liar.example.com",
    "10.2.0.192.in-addr.arpa PTR mx10.example.net",
    "mx10.example.net A 192.0.2.10",
    "7.0.0.0." + 20 * "0." + "8.b.d.0.1.0.0.2.ip6.arpa PTR mx.example.org",
    "mx.example.org A 192.0.2.7",
    "mx.example.org AAAA 2001:db8::7",
    "11.2.0.192.in-addr.arpa * !servfail"))
names = programs.NameServer(ZONE)
named = Ctl(redis, names.section)
NETWORK = "192.0.2.0/24"
for client, sentence, identities in (
        ("192.0.2.7", "also for the organisation of its name",
         [NETWORK, "example.com"]),
        ("2001:db8::7", "of IPv6 too", ["2001:db8::/64", "example.org"]),
        ("192.0.2.8", "but not of one that does not lead back", [NETWORK]),
        ("192.0.2.9", "nor of one that any client has", [NETWORK]),
        ("192.0.2.10", "and of several names of one that does",
         [NETWORK, "example.net"]),
        ("192.0.2.11", "nor where nobody tells", [NETWORK]),
        ("192.0.2.12", "nor where there is none", [NETWORK])):
    @test("show: an address stands for its network, " + sentence)
    def _():
        shown = named("greylist", "show", "--json", client)
        equal((shown.status, shown.err), (0, ""))
        equal([i["identity"] for i in shown.json], identities)


@test("show: and what is kept of that is shown")
def _():
    put("known:{example.com}", f"last={now - 60} passes=7 since={now - DAY}")
    put("grey:{example.com}:a@example.com:b@example.net", record(now - 60, 2))
    shown = named("greylist", "show", "192.0.2.7").out
    contains(shown, "identity example.com\n")
    contains(shown, "7, known")
    contains(shown, "policyd:grey:{example.com}:a@example.com:b@example.net")
    prepare()


@test("show: where clients count as networks, that is all")
def _():
    by_network = Ctl(redis, names.section + " greylist { identity = network }")
    one, = by_network("greylist", "show", "--json", "192.0.2.7").json
    equal(one["identity"], NETWORK)


@test("del: with a sender, what is known of the network stays")
def _():
    equal(ctl("greylist", "del", "--network", "192.0.2.0/24", "--sender",
              "<>").lines[-1], "1 deleted")
    equal(redis("EXISTS", "policyd:known:{192.0.2.0/24}"), 1)
    prepare()


@test("del: many records go in one run")
def _():
    for i in range(3000):
        put(f"grey:{{203.0.113.0/24}}:{i}@example.org:b@example.net",
            record(now))
    equal(ctl("greylist", "del", "--network", "203.0.113.0/24").lines[-1],
          "3000 deleted")
    lacks(" ".join(redis("KEYS", "*")), "203.0.113")


# -- everywhere --

@test("the prefix is the configured one")
def _():
    other = Ctl(redis, 'prefix = "other.1:"')
    for prefix in "other.1:", "other-1:":
        redis("SET", prefix + "grey:{192.0.2.0/24}:x@example.org:y",
              record(now))
    equal([r["key"] for r in other("greylist", "list", "--json").json],
          ["other.1:grey:{192.0.2.0/24}:x@example.org:y"])


@test("show: what looks like a pattern is none")
def _():
    for name in "*", "192.0.2.0/2?", "192.0.2.0/2[4]":
        one, = ctl("greylist", "show", "--json", name).json
        equal((one["identity"], one["records"]), (name, []))


@test("Redis is looked through without KEYS")
def _():
    redis("CONFIG", "RESETSTAT")
    ctl("greylist", "list")
    ctl("greylist", "show", "192.0.2.1")
    ctl("greylist", "del", "--dry-run", "--network", "192.0.2.0/24")
    calls = redis.calls()
    equal(("keys" in calls, calls["scan"] > 0), (False, True))


for words in (["list"], ["show", "192.0.2.1"],
              ["del", "--sender", "a@example.org"]):
    @test(f"{words[0]}: without Redis it is EX_UNAVAILABLE, and why")
    def _():
        answer = Ctl()("greylist", *words)
        equal(answer.status, 69)
        contains(answer.err, "policyctl: Redis unix:")
        contains(answer.err, "No such file or directory")
        Ctl()("greylist", *words, "--json").json


done()
