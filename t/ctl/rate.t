#!/usr/bin/env python3
"""policyctl rate: how much was sent, what is left, and how more is allowed."""

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal, lacks, matches,
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
    settled(ALICE, "messages/1h", 1)
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
                 r"warned +messages/1h, .* ago\)", r"refused +messages/1h, ",
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
            r"idle +messages/1h, 3: what example.net has of messages holds")
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
    redis("CONFIG", "RESETSTAT")
    before = redis.everything()
    told = ctl("--json", "rate", "show", ALICE, "example.net").json
    equal([t["name"] for t in told], [ALICE, "example.net"])
    ctl("rate", "list")
    equal(redis.everything(), before)


done()
