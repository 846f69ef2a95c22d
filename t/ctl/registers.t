#!/usr/bin/env python3
"""policyctl access, allow, ban, abuse, spam: what they put there and take."""

import getpass
import json
import os
import re
import socket
import subprocess

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal, lacks, matches,
                 near, test)

redis = Redis()
now = redis.now
ctl = Ctl(redis, 'trusted = { "127.0.0.0/8", "::1", "203.0.113.0/28" }\n'
                 'allow { clients = { "203.0.113.16/28" } }')
ME = os.environ.get("SUDO_USER") or getpass.getuser()
ME = f"{ME}@{socket.gethostname()}"
DAY = 86400


def fields(key):
    return redis.fields("policyd:" + key)


def clients(register, *options):
    return sorted(e["client"]
                  for e in ctl(register, "list", "--json", *options).json)


def ban(client, reason="abuse", level=1, since=-60, ends=3600, by="policyd"):
    """As a strike would have left it."""
    until = "permanent" if ends is None else now() + ends
    redis("HSET", f"policyd:ban:{{{client}}}", "reason", reason, "by", by,
          "since", now() + since, "until", until, "level", level)


def entry(register, pattern, more=""):
    redis("HSET", f"policyd:{register}:{{lists}}", pattern,
          f"since={now() - 60} until=0 by=alice@mx1 reason={more}")


# -- add --

@test("ban add: an address is banned for as long as was said")
def _():
    answer = ctl("ban", "add", "192.0.2.1", "--for", "1h", "--reason",
                 "tries passwords")
    equal((answer.status, answer.err, len(answer.lines)), (0, "", 1))
    matches(answer.out, r"^ban: 192\.0\.2\.1 added until .*, in 1h\)$")
    found = fields("ban:{192.0.2.1}")
    near(found["until"], now() + 3600)
    near(found["since"], now())
    equal((found["reason"], found["by"], found["level"]),
          ("tries passwords", ME, "0"))


@test("ban add: its key ends with it, and the index knows it")
def _():
    near(redis("EXPIRETIME", "policyd:ban:{192.0.2.1}"), now() + 3600)
    near(redis("ZSCORE", "policyd:index:ban", "192.0.2.1"), now() + 3600)


@test("ban add: without a time it is permanent")
def _():
    equal(ctl("ban", "add", "192.0.2.12").out,
          "ban: 192.0.2.12 added, permanent\n")
    equal((fields("ban:{192.0.2.12}")["until"],
           redis("TTL", "policyd:ban:{192.0.2.12}")), ("permanent", -1))


@test("ban add: --permanent says so")
def _():
    ctl("ban", "add", "192.0.2.1", "--permanent")
    equal(fields("ban:{192.0.2.1}")["until"], "permanent")


@test("ban add: an IPv6 address is its /64")
def _():
    contains(ctl("ban", "add", "2001:DB8::5").out, "2001:db8::/64 added")
    equal(clients("ban", "--network", "2001:db8::/32"), ["2001:db8::/64"])


@test("ban add: an IPv4 address in IPv6 clothes is the IPv4 address")
def _():
    contains(ctl("ban", "add", "::ffff:192.0.2.3").out, "ban: 192.0.2.3 ")


@test("ban add: a network stands in the list, and the version says so")
def _():
    before = int(redis("GET", "policyd:version:{lists}") or 0)
    equal(ctl("ban", "add", "198.51.100.0/24", "--reason", "all of it").out,
          "ban: 198.51.100.0/24 added, permanent\n")
    matches(redis("HGET", "policyd:bans:{lists}", "198.51.100.0/24"),
            rf"^since=\d+ until=0 by={ME} reason=all of it$")
    equal(int(redis("GET", "policyd:version:{lists}")), before + 1)


@test("ban add: several at once are a line each")
def _():
    equal(len(ctl("ban", "add", "192.0.2.8", "192.0.2.9").lines), 2)


@test("ban add: JSON is an array with names that stay")
def _():
    one, = ctl("--json", "ban", "add", "192.0.2.8", "--for", "1d").json
    near(one.pop("until"), now() + DAY)
    equal(one, {"register": "ban", "client": "192.0.2.8",
                "permanent": False})


@test("abuse add: listed as long as abuse.listed, in a line and a field")
def _():
    matches(ctl("abuse", "add", "192.0.2.1", "--reason", "x").out,
            r"^abuse: 192\.0\.2\.1 added until .*, in 1h\)$")
    found = fields("abuse:{192.0.2.1}")
    near(found["until"], now() + 3600)
    equal((found["by"], found["reason"]), (ME, "x"))
    near(redis("ZSCORE", "policyd:index:abuse", "192.0.2.1"), now() + 3600)


@test("abuse add: failures that were counted stay")
def _():
    redis("HSET", "policyd:abuse:{192.0.2.4}", "failures", 3, "users", "bob")
    ctl("abuse", "add", "192.0.2.4")
    equal((fields("abuse:{192.0.2.4}")["failures"],
           fields("abuse:{192.0.2.4}")["users"]), ("3", "bob"))


@test("abuse add: with services apart it holds for each")
def _():
    apart = Ctl(redis, "abuse { services = apart }")
    equal(len(apart("abuse", "add", "192.0.2.5").lines), 1)
    equal(sorted(redis("KEYS", "policyd:abuse:{192.0.2.5}*")),
          [f"policyd:abuse:{{192.0.2.5}}:{s}"
           for s in ("imap", "pop3", "smtp")])
    contains(apart("abuse", "del", "192.0.2.5").out, "192.0.2.5 deleted")
    equal(redis("KEYS", "policyd:abuse:{192.0.2.5}*"), [])


@test("abuse add: a value of another kind makes room")
def _():
    redis("SET", "policyd:abuse:{192.0.2.4}", "x")
    equal(ctl("abuse", "add", "192.0.2.4", "--for", "1h").status, 0)
    near(fields("abuse:{192.0.2.4}")["until"], now() + 3600)


@test("spam add: whoever adds it is among the reporters")
def _():
    ctl("spam", "add", "192.0.2.1", "--for", "2d")
    found = fields("spam:{192.0.2.1}")
    near(found.pop("until"), now() + 2 * DAY)
    equal(list(found), [ME.lower()])


@test("access and allow take addresses, networks, names and stars")
def _():
    for register in "access", "allow":
        wanted = ["192.0.2.77", "192.0.2.128/25", "2001:db8:1::/48",
                  "2001:db8:2::1", "mx.example", "*.example.net", "10.1.*"]
        equal(ctl(register, "add", *wanted, "--for", "1h").status, 0)
        equal(clients(register), sorted(wanted))
        contains(ctl(register, "clear", "--all").out, ": 7 deleted")


@test("letter case and spelling of an address do not matter")
def _():
    ctl("access", "add", "MX.Example", "2001:0DB8:0::1")
    equal(clients("access"), ["2001:db8::1", "mx.example"])
    equal(ctl("access", "del", "mx.EXAMPLE", "2001:db8:0::1").out,
          "access: mx.example deleted\naccess: 2001:db8::1 deleted\n")


@test("what cannot stand in a value is replaced")
def _():
    ctl("ban", "add", "192.0.2.6", "--reason", "a;b\n\x1b[2Jé until=1")
    equal(fields("ban:{192.0.2.6}")["reason"], "a?b??[2J?? until=1")
    ctl("allow", "add", "192.0.2.6", "--reason", "until=1 by=x")
    one, = ctl("allow", "list", "--json").json
    equal((one["until"], one["by"], one["reason"]),
          (None, ME, "until=1 by=x"))
    ctl("allow", "clear", "--all")


# -- whom nobody may ban --

redis("FLUSHALL")
ctl("allow", "add", "192.0.2.64/26", "mail.example")
IMMUNE = [
    ("loopback", "127.0.0.1", "it is a loopback address"),
    ("IPv6 loopback, whose /64 it is", "::1", "loopback"),
    ("a trusted address", "203.0.113.7", "it is trusted"),
    ("one that allow.clients has", "203.0.113.20", "allow.clients"),
    ("one on the allow list", "192.0.2.100",
     "it is on the allow list (192.0.2.64/26)"),
    ("a network that loopback lies in", "0.0.0.0/0", "loopback lies in it"),
    ("everybody", "*", "loopback lies in it"),
    ("a network with a trusted one in it", "203.0.113.0/24",
     "203.0.113.0/28 is trusted"),
    ("the same with a wildcard", "203.0.113.*", "203.0.113.0/28 is trusted"),
    ("the same without its end", "203.0.113", "203.0.113.0/28 is trusted"),
    ("a network within a trusted one", "203.0.113.8/29",
     "203.0.113.0/28 is trusted"),
    ("a network that is allowed", "192.0.2.96/27", "on the allow list"),
]
for sentence, client, why in IMMUNE:
    @test(f"ban add: {sentence} is refused, --force does it")
    def _():
        before = redis.everything()
        answer = ctl("ban", "add", "192.0.2.1", client)
        equal((answer.status, answer.out), (77, ""))
        contains(answer.err, why)
        contains(answer.err, "--force")
        equal(redis.everything(), before)
        equal(ctl("ban", "add", client, "--force").status, 0)
        contains(ctl("ban", "del", client).out, " deleted")


def own_addresses():
    """Of this host, but for loopback and the like."""
    told = subprocess.run(["hostname", "-I"], capture_output=True, text=True)
    return re.findall(r"[0-9.]{7,}", told.stdout)


for address in own_addresses()[:1]:
    @test("ban add: an address of this host is refused")
    def _():
        answer = ctl("ban", "add", address)
        equal(answer.status, 77)
        contains(answer.err, "it is an address of this host")
        answer = ctl("ban", "add", address.rsplit(".", 1)[0] + ".0/24")
        equal(answer.status, 77)
        contains(answer.err, "an address of this host lies in it")


@test("abuse and spam refuse them, too")
def _():
    for words in (["abuse", "add"], ["spam", "add"],
                  ["spam", "report", "--by", "u@example.net"]):
        equal(ctl(*words, "192.0.2.100").status, 77)
        equal(ctl(*words, "192.0.2.100", "--force").status, 0)


@test("an access list may name anybody")
def _():
    equal(ctl("access", "add", "127.0.0.1", "203.0.113.7").status, 0)


# -- report --

@test("spam report: the third reporter of a domain lists it for that domain")
def _():
    redis("FLUSHALL")
    for i in 1, 2:
        answer = ctl("spam", "report", "192.0.2.1", "--by",
                     f"u{i}@example.net")
        equal(answer.out, f"spam: 192.0.2.1 reported by u{i}@example.net, "
                          f"{i} of 3 reporters\n")
    matches(ctl("spam", "report", "192.0.2.1", "--by", "u3@example.net").out,
            r"u3@example\.net, 3 of 3 reporters, listed until .*, in 1d\)$")
    near(fields("spam:{192.0.2.1}")["until:example.net"], now() + DAY)
    near(redis("ZSCORE", "policyd:index:spam", "192.0.2.1"), now() + DAY)


@test("spam report: the same user again is no further reporter")
def _():
    one = ctl("--json", "spam", "report", "192.0.2.12", "--by",
              "u@example.net").json
    equal(one, {"register": "spam", "client": "192.0.2.12",
                "by": "u@example.net", "new": True, "reporters": 1,
                "until": None})
    one = ctl("--json", "spam", "report", "192.0.2.12", "--by",
              "U@Example.NET").json
    equal((one["new"], one["reporters"]), (False, 1))


# -- list and show --

def prepare():
    redis("FLUSHALL")
    ban("192.0.2.1", "abuse", 1)
    ban("192.0.2.12", "flood", 2, since=-2 * DAY)
    ban("198.51.100.1", "abuse", 3, ends=None)
    ban("2001%3adb8%3a%3a/64", "by hand", 0, by="alice@mx1")
    entry("bans", "198.51.100.0/24", "all of it")
    redis("HSET", "session:1", "another", "program's")


SELECTIONS = [
    ("all of them", [], ["192.0.2.1", "192.0.2.12", "198.51.100.0/24",
                         "198.51.100.1", "2001:db8::/64"]),
    ("those within a network", ["--network", "198.51.100.0/24"],
     ["198.51.100.0/24", "198.51.100.1"]),
    ("no network that is wider", ["--network", "198.51.100.0/25"],
     ["198.51.100.1"]),
    ("those for a reason, or a part of it", ["--reason", "ab"],
     ["192.0.2.1", "198.51.100.1"]),
    ("those of a level", ["--level", "2"], ["192.0.2.12"]),
    ("those made by somebody", ["--by", "alice@mx1"],
     ["198.51.100.0/24", "2001:db8::/64"]),
    ("those older than a day", ["--before", "1d"], ["192.0.2.12"]),
    ("those that all of it fits", ["--reason", "abuse", "--level", "3"],
     ["198.51.100.1"]),
    ("none that it does not fit", ["--reason", "abuse", "--level", "2"], []),
]
prepare()
for sentence, options, wanted in SELECTIONS:
    @test("list: " + sentence)
    def _():
        equal(clients("ban", *options), wanted)


@test("list: a limit ends it")
def _():
    equal(len(clients("ban", "--limit", "2")), 2)


@test("list: a ban in JSON has names that stay")
def _():
    one, = ctl("ban", "list", "--json", "--level", "1").json
    since, until = one.pop("since"), one.pop("until")
    near(since, now() - 60)
    near(until, now() + 3600)
    equal(one, {"register": "ban", "client": "192.0.2.1",
                "permanent": False, "by": "policyd", "reason": "abuse",
                "level": 1})


@test("list: people read a line each, under a head")
def _():
    answer = ctl("ban", "list")
    equal((answer.status, len(answer.lines)), (0, 6))
    equal(answer.lines[0].split(), ["CLIENT", "SINCE", "UNTIL", "BY",
                                    "REASON"])
    matches(answer.out, r"(?m)^198\.51\.100\.1 .* permanent +policyd +"
                        r"abuse, level 3$")


@test("list: abuse tells failures and users, and who is not listed yet")
def _():
    redis("HSET", "policyd:abuse:{192.0.2.1}", "failures", 12, "first",
          now() - 600, "last", now() - 6, "until", now() + 3594, "users",
          "bob al%20ice", "times", f"{now() - 6}", "seen", "secret=1")
    redis("HSET", "policyd:abuse:{192.0.2.12}:imap", "failures", 3, "first",
          now() - 600, "last", now() - 6, "until", 0, "users", "")
    listed, = ctl("abuse", "list", "--json", "--listed").json
    for name in "since", "until", "last", "times":
        del listed[name]
    equal(listed, {
        "register": "abuse", "client": "192.0.2.1", "permanent": False,
        "by": None, "reason": None, "service": None, "failures": 12,
        "users": ["bob", "al%20ice"]})
    contains(ctl("abuse", "list").out, "12 failed logins: bob, al ice\n")
    matches(ctl("abuse", "list").out,
            r"(?m)^192\.0\.2\.12 .* - +- +3 failed logins in imap$")


@test("show: one that was put there by hand is not said to have failed")
def _():
    ctl("abuse", "add", "192.0.2.13")
    shown = ctl("abuse", "show", "192.0.2.13").out
    lacks(shown, "failed logins")
    matches(shown, rf"by +{ME}")
    ctl("abuse", "del", "192.0.2.13")


@test("list: spam tells reporters and domains")
def _():
    redis("HSET", "policyd:spam:{192.0.2.1}", "u@example.net", now() - 9,
          "v@example.net", now() - 8, "until:example.net", now() + DAY)
    one, = ctl("spam", "list", "--json").json
    equal((sorted(one["reporters"]), list(one["domains"]), one["until"]),
          (["u@example.net", "v@example.net"], ["example.net"], None))
    contains(ctl("spam", "list").out, "reported by 2\n")


@test("list: what would move the terminal is escaped")
def _():
    redis("HSET", "policyd:ban:{%1b[2j}", "reason", b"\x1b[2J\xff", "by",
          "x\x9b", "until", "permanent")
    for answer in ctl("ban", "list"), ctl("ban", "list", "--json"):
        lacks(answer.out, "\x1b")
        lacks(answer.out, "\x9b")
    redis("DEL", "policyd:ban:{%1b[2j}")


@test("list: a value of another kind is no entry")
def _():
    redis("SET", "policyd:ban:{192.0.2.99}", "x")
    equal(("192.0.2.99" in clients("ban"), ctl("ban", "list").status),
          (False, 0))
    redis("DEL", "policyd:ban:{192.0.2.99}")


@test("list: none is an empty array, and no line")
def _():
    equal((ctl("allow", "list", "--json").json, ctl("allow", "list").out),
          ([], ""))


@test("show: all of an entry, its key, and the command that lifts it")
def _():
    answer = ctl("ban", "show", "192.0.2.1")
    equal((answer.status, answer.lines[0]), (0, "ban 192.0.2.1"))
    for pattern in (r"since +20.*, [1-9]m .*ago\)", r"until +20.*, in (5.m|1h)",
                    "because +abuse, level 1", "by +policyd",
                    r"key +policyd:ban:\{192\.0\.2\.1\}",
                    r"lift +policyctl ban del 192\.0\.2\.1"):
        matches(answer.out, rf"(?m)^ +{pattern}")


@test("show: who is not there is said, and an empty array")
def _():
    equal(ctl("ban", "show", "192.0.2.200").out, "ban 192.0.2.200: no entry\n")
    equal(ctl("ban", "show", "--json", "192.0.2.200").json, [])


@test("list, show, export and history write nothing")
def _():
    before = redis.everything()
    redis("CONFIG", "RESETSTAT")
    for words in (["list"], ["list", "--json"], ["show", "192.0.2.1"],
                  ["export"], ["history", "192.0.2.1"]):
        ctl("ban", *words)
    equal(set(redis.calls()) - HARMLESS, set())
    equal(redis.everything(), before)


# -- del and clear --

@test("del: says what was there and what was not")
def _():
    prepare()
    answer = ctl("ban", "del", "192.0.2.1", "192.0.2.77", "198.51.100.0/24")
    equal((answer.status, answer.out),
          (0, "ban: 192.0.2.1 deleted\nban: 192.0.2.77 was not there\n"
              "ban: 198.51.100.0/24 deleted\n"))
    equal(clients("ban"), ["192.0.2.12", "198.51.100.1", "2001:db8::/64"])


@test("del: the index forgets it, too")
def _():
    redis("ZADD", "policyd:index:ban", now() + 99, "192.0.2.12")
    equal(ctl("ban", "del", "--json", "192.0.2.12").json,
          [{"register": "ban", "client": "192.0.2.12", "deleted": True}])
    equal(redis("ZSCORE", "policyd:index:ban", "192.0.2.12"), None)


@test("del: even when the entry itself is gone")
def _():
    redis("ZADD", "policyd:index:ban", "inf", "192.0.2.77")
    equal(ctl("ban", "del", "192.0.2.77").out,
          "ban: 192.0.2.77 was not there\n")
    equal(redis("ZSCORE", "policyd:index:ban", "192.0.2.77"), None)


@test("del and clear: a pattern that somebody spelled his own way")
def _():
    for words in ["del", "MX.Example"], ["clear", "--all"]:
        entry("access", "MX.Example")
        equal(ctl("access", *words).status, 0)
        equal(redis("HLEN", "policyd:access:{lists}"), 0)


@test("import: more patterns than go out at once")
def _():
    lines = "".join(json.dumps({
        "register": "allow", "client": f"10.0.{i}.0/24", "permanent": True,
        "by": f"a{i}@mx1"}) + "\n" for i in range(200))
    contains(ctl("allow", "import", stdin=lines.encode()).out, "200 changed")
    equal([(e["client"], e["by"]) for e in sorted(
        ctl("allow", "list", "--json").json,
        key=lambda e: int(e["by"][1:-4]))],
          [(f"10.0.{i}.0/24", f"a{i}@mx1") for i in range(200)])
    equal(ctl("allow", "clear", "--all").out, "allow: 200 deleted\n")


for sentence, options, wanted in SELECTIONS[1:]:
    @test("clear: " + sentence)
    def _():
        prepare()
        everybody = clients("ban")
        before = redis.everything()
        answer = ctl("ban", "clear", "--dry-run", *options)
        equal(answer.out, f"ban: {len(wanted)} would be deleted\n")
        equal(redis.everything(), before)
        equal(ctl("ban", "clear", "--json", *options).json,
              {"register": "ban", "dry_run": False, "count": len(wanted)})
        equal(clients("ban"), sorted(set(everybody) - set(wanted)))


@test("clear: ten thousand at once, and nothing else")
def _():
    redis("FLUSHALL")
    ban("198.51.100.1")
    for i in range(10000):
        redis("HSET", f"policyd:ban:{{10.0.{i >> 8}.{i & 255}}}", "reason",
              "x", "until", "permanent", "by", "y", "since", 1, "level", 0)
    equal(ctl("ban", "clear", "--network", "10.0.0.0/8").out,
          "ban: 10000 deleted\n")
    equal(clients("ban"), ["198.51.100.1"])
    equal(redis("KEYS", "policyd:ban:{10.*"), [])


@test("clear: a key that is no client's goes as well")
def _():
    redis("HSET", "policyd:ban:{nobody}", "until", "permanent")
    ctl("ban", "clear", "--all")
    equal(redis("KEYS", "policyd:ban:*"), [])


# -- history --

@test("history: a ban by hand, its lifting, and what comes next")
def _():
    redis("FLUSHALL")
    ctl("ban", "add", "192.0.2.1", "--for", "1h", "--reason", "a; b=c")
    ctl("ban", "del", "192.0.2.1")
    one, = ctl("ban", "history", "--json", "192.0.2.1").json
    events = one.pop("history")
    near(one.pop("last"), now())
    near(one.pop("forgotten"), now() + 30 * DAY)
    equal(one, {"client": "192.0.2.1", "count": 0, "next_level": 1,
                "next_seconds": 900})
    equal([(e["what"], e["by"], e["reason"]) for e in events],
          [("ban", ME, "a? b=c"), ("lift", ME, "a? b=c")])
    answer = ctl("ban", "history", "192.0.2.1")
    matches(answer.out, r"(?m)^   next +level 1, 15m$")
    equal([line.split()[2] for line in answer.lines[-2:]], ["ban", "lift"])


@test("history: who was at a level goes on there, though it was lifted")
def _():
    ban("192.0.2.12", level=2)
    ctl("ban", "del", "192.0.2.12")
    one, = ctl("ban", "history", "--json", "192.0.2.12").json
    equal((one["count"], one["next_level"], one["next_seconds"]),
          (2, 3, 21600))


@test("history: the top of the ladder is permanent")
def _():
    ban("192.0.2.3", level=9)
    ctl("ban", "del", "192.0.2.3")
    one, = ctl("ban", "history", "--json", "192.0.2.3").json
    equal((one["next_level"], one["next_seconds"]), (4, None))
    contains(ctl("ban", "history", "192.0.2.3").out, "level 4, permanent")


@test("history: who never offended has none")
def _():
    one, = ctl("abuse", "history", "--json", "192.0.2.200").json
    equal((one["count"], one["history"], one["last"]), (0, [], None))


# -- export and import --

def fill():
    """Something in each register and list."""
    prepare()
    redis("HSET", "policyd:abuse:{192.0.2.1}", "failures", 12, "first",
          now() - 600, "last", now() - 6, "until", now() + 3594, "users",
          "bob al%20ice", "times", f"{now() - 9} {now() - 6}")
    redis("HSET", "policyd:abuse:{192.0.2.12}:imap", "failures", 3, "first",
          now() - 600, "last", now() - 6, "until", 0, "users", "", "times",
          "")
    redis("HSET", "policyd:spam:{192.0.2.1}", "until", now() + DAY,
          "until:example.net", now() + 2 * DAY,
          *(x for i in range(40) for x in (f"u{i}@x%7by", now() - i)))
    entry("access", "*.example", "by name; reason=x")
    entry("allow", "192.0.2.0/28")
    entry("trusted", "198.51.100.0/28")


REGISTERS = ["access", "ban", "abuse", "spam", "allow", "trusted"]


def contents():
    keys = [k for r in ("ban", "abuse", "spam", "bans", "access", "allow",
                           "trusted")
            for k in redis("KEYS", f"policyd:{r}:*")]
    return {k: sorted(redis("HGETALL", k)) for k in keys}


@test("import: brings back what export told, for all of them")
def _():
    fill()
    # ";" stands in no value of ours, and a record is one.
    redis("HDEL", "policyd:access:{lists}", "*.example")
    entry("access", "*.example", "by name, reason=x")
    before = contents()
    exports = {r: ctl(r, "export").out for r in REGISTERS}
    redis("FLUSHALL")
    for r in REGISTERS:
        count = exports[r].count("\n")
        equal(ctl(r, "import", stdin=exports[r].encode()).out,
              f"{r}: {count} read, {count} changed, 0 were over, 0 immune\n")
    equal(contents(), before)
    for r in REGISTERS:
        equal(sorted(ctl(r, "export").out.splitlines()),
              sorted(exports[r].splitlines()))


@test("import: once more changes nothing")
def _():
    for r in REGISTERS:
        lines = ctl(r, "export").out
        before = redis.everything()
        equal(ctl("--json", r, "import", "--force",  # some are allowed now
                  stdin=lines.encode()).json,
              {"register": r, "read": lines.count("\n"), "changed": 0,
               "over": 0, "immune": 0})
        equal(redis.everything(), before)


@test("import: the indexes know, and the lists have a new version")
def _():
    exports = {r: ctl(r, "export").out for r in REGISTERS}
    redis("FLUSHALL")
    for r in REGISTERS:
        ctl(r, "import", stdin=exports[r].encode())
    equal((redis("ZCARD", "policyd:index:ban"),
           redis("ZRANGE", "policyd:index:abuse", 0, -1),
           redis("ZRANGE", "policyd:index:spam", 0, -1)),
          (4, ["192.0.2.1"], ["192.0.2.1"]))
    equal(int(redis("GET", "policyd:version:{lists}")) >= 3, True)


@test("import: keys end when their entries do")
def _():
    near(redis("EXPIRETIME", "policyd:ban:{192.0.2.1}"), now() + 3600)
    near(redis("EXPIRETIME", "policyd:spam:{192.0.2.1}"), now() + 2 * DAY)
    equal(redis("TTL", "policyd:ban:{198.51.100.1}"), -1)


@test("import: what is over is left out")
def _():
    old = {"register": "ban", "client": "192.0.2.50", "until": now() - 1}
    equal(ctl("ban", "import", stdin=json.dumps(old).encode()).out,
          "ban: 1 read, 0 changed, 1 were over, 0 immune\n")


@test("import: whom no register may hold is left out, and named")
def _():
    lines = "".join(json.dumps(
        {"register": "ban", "client": c, "permanent": True}) + "\n" for c in
        ("203.0.113.7", "203.0.113.0/24", "192.0.2.52", "127.0.0.1")).encode()
    answer = ctl("ban", "import", stdin=lines)
    equal((answer.status, answer.out),
          (0, "ban: 4 read, 1 changed, 0 were over, 3 immune\n"))
    contains(answer.err, "-:1: 203.0.113.7: left out, it is trusted")
    contains(answer.err, "-:2: 203.0.113.0/24: left out, 203.0.113.0/28 is")
    contains(answer.err, "-:4: 127.0.0.1: left out, it is a loopback")
    equal(redis("KEYS", "policyd:ban:{203*"), [])
    answer = ctl("ban", "import", "--force", stdin=lines)
    equal((answer.out, answer.err),
          ("ban: 4 read, 3 changed, 0 were over, 0 immune\n", ""))
    ctl("ban", "del", "203.0.113.7", "203.0.113.0/24", "192.0.2.52",
        "127.0.0.1")


@test("import: who is denied may be anybody")
def _():
    line = {"register": "access", "client": "203.0.113.7", "permanent": True}
    equal(ctl("access", "import", stdin=json.dumps(line).encode()).out,
          "access: 1 read, 1 changed, 0 were over, 0 immune\n")
    ctl("access", "del", "203.0.113.7")


@test("import: a file, and empty lines in it")
def _():
    path = ctl.place + "/bans"
    with open(path, "w") as file:
        file.write('\n{"register":"ban","client":"192.0.2.51",'
                   '"permanent":true}\n\n')
    equal(ctl("ban", "import", path).out,
          "ban: 1 read, 1 changed, 0 were over, 0 immune\n")


WRONG = [
    ("no JSON", "x", "-:2: "),
    ("no object", "[]", "-:2: no object"),
    ("another register's", '{"register":"abuse","client":"192.0.2.1"}',
     "-:2: 'register' is not 'ban'"),
    ("a client that is none",
     '{"register":"ban","client":"a b","permanent":true}', "-:2: "),
    ("a number that is none",
     '{"register":"ban","client":"192.0.2.1","until":"x"}',
     "-:2: 'until' is no number"),
    ("a time before all times",
     '{"register":"ban","client":"192.0.2.1","until":-1}',
     "-:2: 'until' is no number"),
    ("no end", '{"register":"ban","client":"192.0.2.1"}',
     "-:2: neither 'until' nor 'permanent'"),
    ("a text that is none",
     '{"register":"ban","client":"192.0.2.1","permanent":true,"by":1}',
     "-:2: 'by' is no text"),
    ("bytes that are no UTF-8", b'{"register":"\xff"}', "-:2: "),
    ("half a line", '{"register":"ban"', "-:2: "),
    ("a line without end", "[" + "x" * (1 << 21),
     "-:2: the line is too long"),
]
for sentence, line, error in WRONG:
    @test(f"import: {sentence} is told with its line, what was before stays")
    def _():
        redis("FLUSHALL")
        text = line if isinstance(line, bytes) else line.encode()
        answer = ctl("ban", "import", stdin=b'{"register":"ban","client":'
                     b'"192.0.2.60","permanent":true}\n' + text + b"\n")
        equal(answer.status, 65)
        contains(answer.err, error)
        equal(clients("ban"), ["192.0.2.60"])


@test("import: a hostile file forges nothing")
def _():
    redis("FLUSHALL")
    evil = {"register": "allow", "client": "192.0.2.1", "since": 1,
            "until": now() + 9, "by": "x until=0 y", "reason": "a\nb\x1b"}
    ctl("allow", "import", stdin=json.dumps(evil).encode())
    matches(redis("HGET", "policyd:allow:{lists}", "192.0.2.1"),
            r"^since=1 until=\d+ by=x_until=0_y reason=a\?b\?$")


@test("import: a file that is not there is EX_NOINPUT")
def _():
    equal(ctl("ban", "import", "/none").status, 66)


# -- without Redis --

away = Ctl()
for words in (["ban", "list"], ["ban", "show", "192.0.2.1"],
              ["ban", "add", "192.0.2.1"], ["ban", "del", "192.0.2.1"],
              ["ban", "clear", "--all"], ["ban", "history", "192.0.2.1"],
              ["ban", "export"], ["ban", "import"], ["allow", "list"],
              ["access", "add", "192.0.2.1"],
              ["spam", "report", "192.0.2.1", "--by", "u@example.net"]):
    @test(f"without Redis: {' '.join(words)} is EX_UNAVAILABLE")
    def _():
        answer = away(*words)
        equal(answer.status, 69)
        contains(answer.err, "No such file or directory")
        lacks(answer.out, "added")


done()
