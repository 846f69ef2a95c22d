#!/usr/bin/env python3
"""policyctl rate: how much was sent, what is left, and how more is allowed."""

import re
import time

from ctl import (Ctl, Redis, contains, done, equal, lacks, matches,
                 near, programs, test)

redis = Redis()
now = redis.now

LIMITS = """
rate {
    mode = enforce
    messages = { "3/1h", "20/1d" }
    recipients = "50/1d"
    bytes = "10M/1d"
    refused = "5/1h"
    networks = "4/1d"
    server_messages = "1000/1h"
    inbound_messages = "2/1h"
    trusted_recipients = "9/1h"
    warn = 60
}
domain "example.net" { rate { domain_messages = "7/1h" } }
aliases = { "inline:{al@example.com=alice@example.com}" }
"""
policyd = programs.Policyd(redis)
policyd.configure(other=LIMITS, greylist="mode = off").start()
ctl = Ctl(redis, LIMITS)
ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.net"
transactions = iter(range(1000000))


def send(login, recipients=1, size=1000, client="192.0.2.7", ends=True):
    """One message, from the first recipient to its end; the last answer."""
    about = {"instance": f"t.{next(transactions)}", "client_address": client,
             "sender": "carol@example.net", "size": str(size)}
    if login:
        about["sasl_username"] = login
    with_postfix = policyd.client()
    try:
        for i in range(recipients):
            answer = with_postfix.ask(recipient=f"r{i}@example.org", **about)
        if ends:
            with_postfix.ask(protocol_state="END-OF-MESSAGE", recipient="",
                             recipient_count=str(recipients), **about)
        else:
            held.append(with_postfix)
    finally:
        if ends:
            with_postfix.close()
    return answer


held = []  # connections on which a message is on its way


def one(*words):
    told, = ctl("--json", "rate", *words).json
    return told


def meters(who):
    """Those of one, by their names; others' with whose they are."""
    told = one("show", who)
    return {m["meter"] if m["name"] == told["name"] else
            f"{m['owner']} {m['meter']}": m for m in told["meters"]}


def settled(who, meter, used):
    """What was sent is counted a moment after Postfix was told."""
    programs.wait_for(lambda: meters(who)[meter]["used"] == used and
                      meters(who)[meter]["open"] == 0)
    return meters(who)[meter]


def stored():
    return {k: v for k, v in redis.everything().items()
            if k.startswith("policyd:rate:")}


def key(rest):
    return f"policyd:rate:{rest}"


# -- show --

@test("show: before anything is sent every limit is told, with all of it left")
def _():
    told = one("show", ALICE)
    equal((told["kind"], told["name"], told["alias"], told["mode"]),
          ("mailbox", ALICE, None, "enforce"))
    equal([(m["meter"], m["owner"], m["used"], m["limit"], m["left"],
            m["next"]) for m in told["meters"]],
          [("messages/1h", "mailbox", 0, 3, 3, 0),
           ("messages/1d", "mailbox", 0, 20, 20, 0),
           ("recipients/1d", "mailbox", 0, 50, 50, 0),
           ("bytes/1d", "mailbox", 0, 10 << 20, 10 << 20, 0),
           ("networks/1d", "mailbox", 0, 4, 4, 0),
           ("refused/1h", "mailbox", 0, 5, 5, 0),
           ("messages/1h", "server", 0, 1000, 1000, 0)])


@test("show: what was sent is used, and what is on its way is open")
def _():
    equal(send(ALICE, 4), "DUNNO")
    for meter in "messages/1h", "server messages/1h":
        settled(ALICE, meter, 1)
    equal(send(ALICE, 2, ends=False), "DUNNO")
    found = meters(ALICE)
    equal([(found[m]["used"], found[m]["open"]) for m in (
        "messages/1h", "recipients/1d", "bytes/1d", "networks/1d",
        "server messages/1h")],
        [(2, 1), (6, 2), (2000, 1000), (1, 0), (2, 1)])
    equal(found["messages/1h"]["left"], 1)


@test("show: a full meter tells when the next is allowed, and what helps")
def _():
    equal(send(ALICE), "DUNNO")
    contains(send(ALICE), "451 4.7.1")
    full = meters(ALICE)["messages/1h"]
    equal((full["used"], full["left"], full["percent"]), (3, 0, 100))
    equal(0 < full["next"] <= 3780, True)
    near(full["next_at"], now() + full["next"])
    near(full["warned"], now())
    near(full["refused"], now())
    answer = ctl("rate", "show", ALICE)
    equal((answer.status, answer.err), (0, ""))
    for line in (rf"^mailbox {ALICE}\n",
                 r"METER +OF +USED +OPEN +LIMIT +LEFT +NEXT +FROM\n",
                 r"\nmessages/1h +mailbox +3 +\d +3 +0 +20\S+ \S+, in \S+",
                 r"\nbytes/1d +mailbox +\S+K +\S+ +10.0M +10.0M +now +server",
                 r"\nmessages/1h +server +3 +\d +1000 +997 +now +server\n",
                 r"warned +messages/1h of mailbox, .* ago\)",
                 r"refused +messages/1h of mailbox, ",
                 rf"help +policyctl rate grant {ALICE} \+3 "
                 r"--meter messages/1h --for 1h\n",
                 rf"help +policyctl rate reset {ALICE} "
                 r"--meter messages/1h\n"):
        matches(answer.out, line)


@test("show: JSON has names that stay")
def _():
    equal(list(meters(ALICE)["messages/1h"]),
          ["name", "owner", "meter", "kind", "seconds", "key", "used", "open",
           "window", "current", "previous", "limit", "left", "percent", "next",
           "next_at", "set", "from", "level", "idle", "granted",
           "granted_until", "warned", "refused"])


@test("show: who set a limit is told, in the file and in Redis")
def _():
    redis("HSET", "policyd:mailbox:{example.com}:bob", "rate.messages",
          "9/1h")
    found = meters(BOB)
    equal([(found[m]["set"], found[m]["from"], found[m]["level"])
           for m in ("messages/1h", "recipients/1d")],
          [(9, "redis", "mailbox"), (50, "server", "server")])
    matches(ctl("rate", "show", BOB).out,
            r"messages/1h +mailbox .* redis, mailbox\n")
    equal([(m["meter"], m["set"], m["from"], m["level"])
           for m in one("show", "example.net")["meters"]],
          [("messages/1h", 7, "policyd.conf", "domain")])


@test("show: where the domain's limit holds instead, that is told")
def _():
    found = meters(CAROL)
    equal((found["messages/1h"]["limit"], found["messages/1h"]["set"],
           found["messages/1h"]["idle"]),
          (None, 3, "what example.net has of messages holds instead"))
    equal(found["domain messages/1h"]["limit"], 7)
    equal(found["recipients/1d"]["idle"], None)
    matches(ctl("rate", "show", CAROL).out,
            r"idle +messages/1h of mailbox, 3: what example.net has of "
            r"messages holds")
    adds = Ctl(redis, LIMITS.replace("warn = 60", "domain_limits = adds"))
    told, = adds("--json", "rate", "show", CAROL).json
    equal({m["idle"] for m in told["meters"]}, {None})


@test("show: an alias has the meters of its mailbox")
def _():
    told = one("show", "AL@Example.COM")
    equal((told["name"], told["alias"], told["meters"][0]["used"]),
          (ALICE, "al@example.com", 3))
    matches(ctl("rate", "show", "al@example.com").out,
            rf"^mailbox {ALICE}\n +alias +al@example.com\n")


@test("show: a client has meters as a stranger, or as one of ours")
def _():
    for _ in range(2):
        send(None, client="198.51.100.9")
    contains(send(None, client="198.51.100.9"), "451 4.7.1")
    found = [(m["owner"], m["meter"], m["used"], m["limit"])
             for m in one("show", "198.51.100.9")["meters"]]
    equal(found, [("inbound", "messages/1h", 2, 2),
                  ("trusted", "recipients/1h", 0, 9)])
    send(None, client="2001:db8::7")
    equal([one("show", who)["meters"][0]["used"]
           for who in ("2001:db8::1", "2001:db8::/64")], [1, 1])
    settled("198.51.100.9", "messages/1h", 2)
    settled("2001:db8::/64", "messages/1h", 1)


@test("show: a login without a domain has meters, too")
def _():
    send("dave")
    settled("dave", "messages/1h", 1)
    equal([one("show", who)["name"] for who in ("dave", "Dave@(none)")],
          ["dave@(none)"] * 2)
    realm = Ctl(redis, LIMITS + 'realm = "example.com"\n')
    equal(realm("--json", "rate", "show", "alice").json[0]["name"], ALICE)


@test("show: all who log in are 'server'")
def _():
    told = one("show", "server")
    equal((told["kind"], [m["meter"] for m in told["meters"]]),
          ("server", ["messages/1h"]))


@test("show: what was counted before its limit was taken away is told")
def _():
    bare = Ctl(redis, "rate { mode = enforce }")
    told, = bare("--json", "rate", "show", ALICE).json
    found = {m["meter"]: (m["used"], m["limit"], m["left"], m["from"])
             for m in told["meters"]}
    equal(found["messages/1h"], (3, None, None, None))
    equal("networks/1d" in found, True)
    equal(bare("rate", "show", "nobody@example.org").lines[-1].split(),
          ["meters", "none:", "it", "has", "no", "limit"])


@test("show: where nothing is counted, that is told")
def _():
    contains(Ctl(redis)("rate", "show", ALICE).out,
             "off: rate.mode lets nothing be counted")


@test("show: several are told one after the other, and nothing is written")
def _():
    before = stored()
    told = ctl("--json", "rate", "show", ALICE, "example.net").json
    equal([t["name"] for t in told], [ALICE, "example.net"])
    ctl("rate", "list")
    equal(stored(), before)


# -- elsewhere --

@test("why: a login that may send no more sees what is full, and what helps")
def _():
    told, = ctl("--json", "why", ALICE).json
    equal([(m["name"], m["meter"], m["left"]) for m in told["full"]],
          [(ALICE, "messages/1h", 0)])
    answer = ctl("why", "AL@example.com").out
    matches(answer, r"\nmessages/1h +mailbox +3 ")
    contains(answer, f"policyctl rate reset {ALICE} --meter messages/1h\n")
    lacks(answer, "bytes/1d")
    equal(ctl("--json", "why", BOB).json[0]["full"], [])
    lacks(ctl("account", "show", ALICE).out, "messages/1h")


@test("explain: a login sees what rate would say, and charges nothing")
def _():
    before = stored()
    told = ctl("--json", "explain", f"sasl_username={ALICE}",
               "client_address=192.0.2.7", "sender=a@example.com",
               "recipient=b@example.org").json
    found, = [c for c in told["checks"] if c["name"] == "rate"]
    equal((told["check"], found["verdict"], found["reply"]),
          ("rate", "refuse", "rate"))
    equal([found["detail"][n] for n in ("meter", "owner", "used", "limit")],
          ["messages/1h", "mailbox", 3, 3])
    equal(stored(), before)


# -- list, top --

@test("list: all meters there are, by name")
def _():
    told = ctl("--json", "rate", "list").json
    names = [m["name"] for m in told]
    equal(names, sorted(names))
    equal(set(names), {ALICE, "dave@(none)", "198.51.100.9", "2001:db8::/64",
                       "server"})
    equal([m["meter"] for m in told if m["name"] == ALICE],
          ["messages/1h", "messages/1d", "recipients/1d", "bytes/1d",
           "networks/1d"])
    answer = ctl("rate", "list")
    equal((answer.status, answer.err, len(answer.lines)),
          (0, "", len(told) + 1))
    matches(answer.lines[0],
            "^NAME +OF +METER +USED +OPEN +LIMIT +PERCENT$")
    matches(answer.out, rf"\n{ALICE} +mailbox +messages/1h +3 +\d +3 +100\n")


CHOSEN = [
    ("a domain is of its mailboxes", ["example.com"], {ALICE}),
    ("a pattern with an @ is of mailboxes", ["al*@example.com"], {ALICE}),
    ("an address is a client", ["198.51.100.*"], {"198.51.100.9"}),
    ("capitals are small ones", ["EXAMPLE.com"], {ALICE}),
    ("nobody may be meant", ["nobody@*"], set()),
    ("--over is a part of the limit", ["--over", "60"],
     {ALICE, "198.51.100.9"}),
    ("--over 0 is what has a limit", ["--over", "0", "example.com"], {ALICE}),
    ("--meter is a kind", ["--meter", "networks"], {ALICE, "dave@(none)"}),
    ("--meter is a kind and a time", ["--meter", "bytes/1d"],
     {ALICE, "dave@(none)"}),
    ("a time is the same in minutes", ["--meter", "recipients/1440m"],
     {ALICE, "dave@(none)"}),
    ("--limit is enough", ["--limit", "1"], {"198.51.100.9"}),
]
for sentence, words, wanted in CHOSEN:
    @test(f"list: {sentence}")
    def _():
        equal({m["name"] for m in ctl("--json", "rate", "list", *words).json},
              wanted)


@test("list: only those that are shown are looked at closely")
def _():
    store = Redis()
    for n in range(100, 400):
        store("HSET", key("{example.org}:u%d:messages/1h" % n), "current", n,
              "earlier", 0)
    store("CONFIG", "RESETSTAT")
    told = Ctl(store, LIMITS)("--json", "rate", "list", "--limit", "2").json
    equal([(m["name"], m["used"], m["limit"]) for m in told],
          [("u100@example.org", 100, 3), ("u101@example.org", 101, 3)])
    equal(store.calls()["evalsha"], 1)


def heaviest(*words):
    return [(m["name"], m["meter"], m["used"])
            for m in ctl("--json", "rate", "top", *words).json]


HEAVY = {f"u{i}@example.org": i for i in range(1, 13)}
for user, count in HEAVY.items():
    redis("HSET", key("{example.org}:%s:messages/1h" % user.split("@")[0]),
          "current", count, "steps", now() // 180 * 180, "window", now() // 3600 * 3600)
redis("HSET", key("{example.org}:messages/1h"), "current", 78,
      "steps", now() // 180 * 180, "window", now() // 3600 * 3600)


@test("top: ten of each window, the heaviest first")
def _():
    hour = [m for m in heaviest() if m[1] == "messages/1h"]
    equal(hour, [(f"u{i}@example.org", "messages/1h", i)
                 for i in range(12, 2, -1)])
    equal([m[0] for m in heaviest() if m[1] == "messages/1d"],
          [ALICE, "dave@(none)"])
    equal(ctl("rate", "top").lines[1].split()[:4],
          ["u12@example.org", "mailbox", "messages/1h", "12"])


@test("top: so many, of one window, of another kind")
def _():
    equal(len(heaviest("-n", "2", "messages/1h")), 2)
    equal(len(heaviest("messages/1h", "-n3")), 3)
    equal(len(heaviest("messages/1h", "--limit=4")), 4)
    equal([m[:2] for m in heaviest("recipients", "-n", "1")],
          [(ALICE, "recipients/1d")])


@test("top: what is open was not sent yet")
def _():
    redis("HSET", key("{example.org}:u1:messages/1h"), f"open:{now() + 600}",
          500, "current", 501)
    equal(heaviest("-n", "1", "messages/1h")[0][0], "u12@example.org")


@test("top: domains, and clients")
def _():
    equal(heaviest("--domains"), [("example.org", "messages/1h", 78)])
    equal([m[0] for m in heaviest("--clients")],
          ["198.51.100.9", "2001:db8::/64"])
    equal([m[0] for m in heaviest("--clients", "--domains", "-n", "1")],
          ["example.org"])


# -- grant, revoke, reset --

@test("grant: so much more until then, of all windows of messages")
def _():
    answer = ctl("rate", "grant", ALICE, "+5", "--for", "2h")
    equal((answer.status, answer.err, len(answer.lines)), (0, "", 2))
    for line, meter in zip(answer.lines, ("messages/1h", "messages/1d")):
        matches(line, rf"^rate: {ALICE} {meter}: 5 more until .*, in 2h\)$")
    found = meters(ALICE)["messages/1h"]
    near(found.pop("granted_until"), now() + 7200)
    equal((found["set"], found["granted"], found["limit"], found["left"]),
          (3, 5, 8, 5))
    matches(ctl("rate", "show", "al@example.com").out,
            r"granted +messages/1h of mailbox, 5 more until .*, in ")
    equal(send(ALICE), "DUNNO")
    programs.wait_for(lambda: meters(ALICE)["messages/1h"]["open"] == 1)


@test("grant: another one takes its place, of one meter, until a clock's time")
def _():
    told, = ctl("--json", "rate", "grant", "AL@example.com", "+40", "--meter",
                "messages/1h", "--until", f"@{now() + 900}").json
    until = told.pop("until")
    near(until, now() + 900)
    used = told.pop("used"), told.pop("open")
    equal(used[0] >= 4, True)
    equal(told, {"action": "grant", "owner": "mailbox", "name": ALICE,
                 "meter": "messages/1h", "granted": 5, "more": 40})
    equal((meters(ALICE)["messages/1h"]["limit"],
           meters(ALICE)["messages/1d"]["limit"]), (43, 25))
    noon = time.strftime("%H:%M", time.gmtime(now() + 43200))
    equal(ctl("rate", "grant", ALICE, "+1", "--until", noon).status, 0)


@test("grant: bytes are counted as sizes")
def _():
    ctl("rate", "grant", ALICE, "+50M", "--meter", "bytes", "--for", "1h")
    equal(meters(ALICE)["bytes/1d"]["limit"], 60 << 20)


@test("grant: a domain, a client and the server may have more")
def _():
    for who, meter, limit in (("example.net", "messages/1h", 107),
                              ("server", "messages/1h", 1100),
                              ("198.51.100.9", "messages/1h", 102)):
        equal(ctl("rate", "grant", who, "+100", "--for", "1h").status, 0)
        equal(one("show", who)["meters"][0]["limit"], limit)
        equal(ctl("rate", "revoke", who).status, 0)
    equal(redis("EXISTS", key("{example.net}:messages/1h")), 0)


@test("revoke: a grant is taken back, and none is no error")
def _():
    equal(sorted(ctl("rate", "revoke", ALICE).lines),
          [f"rate: {ALICE} bytes/1d: grant of 50.0M taken back",
           f"rate: {ALICE} messages/1d: grant of 1 taken back",
           f"rate: {ALICE} messages/1h: grant of 1 taken back"])
    equal(ctl("rate", "revoke", ALICE).out,
          f"rate: {ALICE}: nothing was granted\n")
    equal(ctl("--json", "rate", "revoke", ALICE).json, [])
    ctl("rate", "grant", ALICE, "+9", "--for", "1h")
    equal(len(ctl("rate", "grant", ALICE, "+0").lines), 2)
    equal(meters(ALICE)["messages/1h"]["granted"], None)


VAIN = [
    ("a limit there is not", [ALICE, "+9", "--meter", "messages/1m"],
     f"rate grant: {ALICE} has no such limit of messages; its limits are "
     "messages/1h, messages/1d, recipients/1d, bytes/1d, networks/1d, "
     "refused/1h"),
    ("a limit that does not hold", [CAROL, "+9"],
     f"rate grant: {CAROL}: what example.net has of messages holds instead"),
    ("a domain without limits", ["example.org", "+9"],
     "its limits are none"),
]
for sentence, words, said in VAIN:
    @test(f"grant: {sentence} is told, and nothing is written")
    def _():
        before = stored()
        answer = ctl("rate", "grant", *words, "--for", "1h")
        equal((answer.status, answer.out), (64, ""))
        contains(answer.err, said)
        equal(stored(), before)


@test("grant: show proposes one that helps, whatever was granted before")
def _():
    for _ in range(3):
        equal(send("gil@example.com"), "DUNNO")
    ctl("rate", "grant", "gil@example.com", "+4", "--meter", "messages/1h",
        "--for", "1h")
    for _ in range(4):
        equal(send("gil@example.com"), "DUNNO")
    contains(send("gil@example.com"), "451 4.7.1")
    settled("gil@example.com", "messages/1h", 7)
    proposed, = re.findall("policyctl (rate grant .*)",
                           ctl("rate", "show", "gil@example.com").out)
    equal(ctl(*proposed.split()).status, 0)
    full = meters("gil@example.com")["messages/1h"]
    equal((full["used"], full["left"]), (7, 3))


@test("show: of two meters of one name it is told whose is refused")
def _():
    for owner, name in (("mailbox", "carol:messages/1h"),
                        ("domain", "messages/1h")):
        redis("HSET", key("{example.net}:" + name), "refused", now())
    matches(ctl("rate", "show", CAROL).out,
            r"refused +messages/1h of mailbox, .*\n"
            r"(.*\n)? +refused +messages/1h of domain, ")


@test("reset: what was counted is forgotten, what is open and granted is not")
def _():
    redis("HSET", key("{example.com}:alice:messages/1h"),
          f"open:{now() + 600}", 2)
    before = meters(ALICE)
    ctl("rate", "grant", ALICE, "+7", "--meter", "messages/1h", "--for", "1h")
    answer = ctl("rate", "reset", ALICE, "--meter", "messages/1h")
    matches(answer.out, rf"^rate: {ALICE} messages/1h: reset, was \d+, still "
            r"open \d+, grant of 7 stays\n$")
    after = meters(ALICE)
    equal((after["messages/1h"]["used"] - after["messages/1h"]["open"],
           after["messages/1h"]["open"] >= 2, after["messages/1h"]["granted"]),
          (0, True, 7))
    equal(after["messages/1d"]["used"], before["messages/1d"]["used"])
    equal(after["server messages/1h"]["used"],
          before["server messages/1h"]["used"])


@test("reset: --grants takes these, too; without --meter it is all of them")
def _():
    answer = ctl("rate", "reset", ALICE, "--grants")
    matches(answer.out, r"messages/1h: reset, was \d+, still open \d+, grant "
            r"of 7 taken back\n")
    matches(answer.out, r"networks/1d: reset, was 1\n")
    found = meters(ALICE)
    equal([m["used"] - m["open"] for m in found.values()
           if m["owner"] == "mailbox"], [0] * 6)
    equal(found["messages/1h"]["granted"], None)
    equal(redis("KEYS", key("{example.com}:alice:networks*")), [])


@test("reset: a domain's are not those of its mailboxes")
def _():
    equal(ctl("rate", "reset", "example.org").lines,
          ["rate: example.org messages/1h: reset, was 78"])
    equal(meters("u12@example.org")["messages/1h"]["used"], 12)
    equal(ctl("rate", "reset", "example.org").out,
          "rate: example.org: nothing was counted\n")


@test("reset: programs are told what was")
def _():
    told, = ctl("--json", "rate", "reset", "u12@example.org").json
    equal(told, {"action": "reset", "owner": "mailbox",
                 "name": "u12@example.org", "meter": "messages/1h",
                 "used": 12, "open": 0, "granted": None, "more": None,
                 "until": None})


# -- what others wrote --

@test("a value that is no meter is told, listed and replaced")
def _():
    foreign = key("{example.com}:erin:messages/1h")
    redis("SET", foreign, "x")
    equal((meters("erin@example.com")["messages/1h"]["used"],
           one("show", "erin@example.com")["meters"][0]["left"]), (None, 3))
    matches(ctl("rate", "show", "erin@example.com").out,
            r"because +messages/1h of mailbox: its value cannot be read\n")
    matches(ctl("rate", "list", "erin@*").out,
            r"erin@example.com +mailbox +messages/1h +- +- +3 ")
    equal(ctl("rate", "reset", "erin@example.com").status, 0)
    equal(redis("EXISTS", foreign), 0)


@test("fields that nobody understands count for nothing")
def _():
    odd = key("{example.com}:frank:messages/1h")
    redis("HSET", odd, "current", "many", "steps", "\x1b[2J", "window", "-1",
          "warned", "9" * 30, "refused", "\x1b[2J", "grant", "9 9 9",
          "open:x", "1", f"open:{now() + 60}", "-5")
    found = meters("frank@example.com")["messages/1h"]
    equal((found["used"], found["open"], found["granted"], found["warned"],
           found["refused"]), (0, 0, None, None, None))
    for command in (["show", "frank@example.com"], ["list"], ["top"]):
        lacks(ctl("rate", *command).out, "\x1b")


STRANGE = [b"{example.com}:%1b[2j:messages/1h", b"{a%00b}:messages/1h",
           b"{example.com}:\x1b[2J:messages/1h", b"{}:messages/1h",
           b"{%1b]0;x}:a:bytes/1d", b"{example.com}:gus:messages/60m",
           b"{example.com}:gus:messages/1w", b"{example.com}:gus:cheese/1h",
           b"{example.com}:gus:messages", b"{example.com}:gus:messages/1h:7",
           b"{example.com}:a:b:c:messages/1h", b"{example.com", b"",
           b"example.com:gus:messages/1h", b"{example.com}:gus:networks/1d:x",
           b"{x}:inbound:messages/1h", b"{(server)}:a:messages/1h",
           b"{example.com}:" + b"x" * 300 + b":messages/1h"]


@test("keys that nobody makes are passed over, and never move a terminal")
def _():
    for name in STRANGE:
        redis("HSET", b"policyd:rate:" + name, "current", 9,
              "steps", now() // 180 * 180)
    for command in (["list"], ["top"], ["top", "--domains"],
                    ["show", "gus@example.com"], ["show", "example.com"]):
        for words in ([], ["--json"]):
            answer = ctl(*words, "rate", *command)
            equal((answer.status, answer.err), (0, ""))
            lacks(answer.out, "\x1b")
    told = ctl("--json", "rate", "list").json
    equal([m for m in told if "gus@" in m["name"]], [])
    contains(ctl("rate", "list").out, "\\x1b[2j@example.com")
    for name in STRANGE:
        redis("DEL", b"policyd:rate:" + name)


@test("a name from a list may be shown, and reset")
def _():
    for m in ctl("--json", "rate", "list").json:
        equal(one("show", m["name"])["name"], m["name"])


@test("many are walked through, and only those that fit are kept")
def _():
    for i in range(3000):
        redis("HSET", key("{example.org}:v%04d:messages/1m" % i), "current", i,
              "steps", now() // 3 * 3)
    equal(len(ctl("--json", "rate", "list", "v*@example.org").json), 3000)
    told = ctl("--json", "rate", "list", "v*@example.org", "--limit", "7")
    equal([m["name"] for m in told.json],
          ["v%04d@example.org" % i for i in range(7)])


def looked_at(*words):
    """What is listed, and how many meters Redis had to add up for it.

    One call of the script adds up several, as they come out of SCAN; but
    each meter is read by an HGETALL of its own."""
    redis("CONFIG", "RESETSTAT")
    told = ctl("--json", "rate", *words).json
    return [m["name"] for m in told], redis.calls().get("hgetall", 0)


@test("those that cannot be among the first or heaviest are not added up")
def _():
    for i in range(3000):
        redis("HSET", key("{many.example}:m%04d:messages/1h" % i),
              "current", i + 1, "previous", 0, "steps",
              now() // 180 * 180, "window", now() // 3600 * 3600)
    names, looks = looked_at("top", "-n", "7", "messages/1h")
    equal(names, ["m%04d@many.example" % i for i in range(2999, 2992, -1)])
    equal(looks < 2500, True)
    names, looks = looked_at("list", "many.example", "--limit", "7")
    equal(names, ["m%04d@many.example" % i for i in range(7)])
    equal(looks, 7)
    names, looks = looked_at("list", "many.example", "--over", "99900")
    equal(names, ["m%04d@many.example" % i for i in range(2996, 3000)])
    equal(looks, 4)


# -- how it ends --

@test("without Redis that is said")
def _():
    away = Ctl(None, LIMITS)
    for words in (["show", ALICE], ["list"], ["top"], ["reset", ALICE],
                  ["grant", ALICE, "+1", "--for", "1h"], ["revoke", ALICE]):
        answer = away("rate", *words)
        equal((answer.status, answer.out), (69, ""))
        contains(answer.err, "policyctl: Redis ")


WRONG = [
    ("of whom is asked", ["show"], "rate show: of whom?"),
    ("whom to reset is asked", ["reset"], "rate reset: whom?"),
    ("a network has no meters", ["show", "192.0.2.0/24"],
     "meters are of single clients"),
    ("a domain must be one", ["show", "example..com"], "'example..com' "),
    ("nobody has no meters", ["show", ""], "'' is nobody"),
    ("one pattern is enough", ["list", "a", "b"], "'b' is too much"),
    ("an unknown meter is named with the nearest", ["list", "--meter",
     "mesages"], "unknown meter 'mesages': did you mean 'messages'?"),
    ("a meter that is like none is named with all", ["top", "xyz"],
     "it is messages, recipients, bytes, networks or refused"),
    ("a meter's time has its unit", ["list", "--meter", "messages/60"],
     "'60' is no time"),
    ("an unknown option is named", ["list", "--ovr", "1"],
     "did you mean '--over'?"),
    ("a letter needs its value", ["top", "-n"], "-n: its value is missing"),
    ("a letter of another command is unknown", ["list", "-x"],
     "unknown option '-x'"),
    ("how much is asked", ["grant", ALICE, "--for", "1h"], "how much?"),
    ("how much is said once", ["grant", ALICE, "+1", "+2", "--for", "1h"],
     "either +1 or +2"),
    ("until when is asked", ["grant", ALICE, "+5"], "until when?"),
    ("an end is enough", ["grant", ALICE, "+5", "--for", "1h", "--until",
     "18:00"], "either --until or --for"),
    ("how much is a number", ["grant", ALICE, "+x", "--for", "1h"],
     "'+x' is no amount of messages such as +500"),
    ("messages are no bytes", ["grant", ALICE, "+5M", "--for", "1h"],
     "'+5M' is no amount of messages"),
    ("more than all is too much", ["grant", ALICE, "+9999999999999999999",
     "--for", "1h"], "is no amount"),
    ("an end is to come", ["grant", ALICE, "+5", "--until", "2020-01-01"],
     "is no time to come"),
    ("an end is not too far", ["grant", ALICE, "+5", "--until",
     "2199-01-01"], "is too far"),
    ("a grant is of nobody without a name", ["grant", "+5", "--for", "1h"],
     "rate grant: whom?"),
]
for sentence, words, said in WRONG:
    @test(f"words: {sentence}")
    def _():
        for more in ([], ["--json"]):
            answer = ctl(*more, "rate", *words)
            equal((answer.status, answer.out), (64, ""))
            contains(answer.err, said)


done()
