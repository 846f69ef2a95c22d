#!/usr/bin/python3
"""DNS lists through a real Postfix: who is refused, whose mail is marked, and
what a domain has to say about it."""
import os
import re
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.postfix import Postfix, Smtp, told  # noqa: E402

# Each list has the entries by which one knows that it is in its right mind
# (RFC 5782, 5).
ZONE = """\
2.0.0.127.bl.example   A    127.0.0.2
2.0.0.127.more.example A    127.0.0.2
2.0.0.127.wl.example   A    127.0.0.2
2.0.0.127.dead.example A    127.0.0.2
7.2.0.192.bl.example   A    127.0.0.2
7.2.0.192.bl.example   TXT  https://bl.example/query/192.0.2.7
8.2.0.192.bl.example   A    127.0.0.10
9.2.0.192.more.example A    127.0.0.2
10.2.0.192.bl.example  A    127.0.0.2
10.2.0.192.wl.example  A    127.0.9.3
11.2.0.192.dead.example *   !servfail
7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example A 127.0.0.3
spam.example.dbl.example A  127.0.1.2
"""

POLICY = """
local_domains = {{ "example.com", "example.org" }}
dns {{ servers = {{ "{server}" }} deadline = 20s }}
dnsbl {{
    mode = enforce
    threshold = 3
    clients = {{ "bl.example=127.0.0.[2..9]*3", "more.example*2",
        "wl.example*-4", "dead.example*3" }}
    helos = {{ "dbl.example*3" }}
    senders = {{ "dbl.example*3" }}
    deadline = 10s
}}
domain "example.org" {{ dnsbl {{ action = mark }} }}
mailbox "bob@example.com" {{ dnsbl {{ mode = off }} }}
"""

LETS_IN = "250 2.1.5 Ok"
LISTED = ("554 5.7.1 The IP address of the sender ({}) was found in a DNS "
          "blacklist database and was therefore refused")
DOMAIN = ("554 5.7.1 The domain of the sender (spam.example) was found in a "
          "DNS blacklist database and was therefore refused")
ALICE, BOB = "alice@example.com", "bob@example.com"

ROWS = [
    ("a client that a list has is refused", LISTED.format("192.0.2.7"),
     "192.0.2.7", {}),
    ("over IPv6, too", LISTED.format("2001:db8::7"), "2001:db8::7", {}),
    ("another one is not", LETS_IN, "192.0.2.6", {}),
    ("nor one with an answer that does not count", LETS_IN, "192.0.2.8", {}),
    ("nor one that weighs too little", LETS_IN, "192.0.2.9", {}),
    ("nor one that a list of good clients has as well", LETS_IN,
     "192.0.2.10", {}),
    ("nor one of which a list says nothing", LETS_IN, "192.0.2.11", {}),
    ("a name in the greeting is looked for", DOMAIN, "192.0.2.6",
     {"helo": "spam.example"}),
    ("and the domain of a sender", DOMAIN, "192.0.2.6",
     {"sender": "x@SPAM.example"}),
    ("a mailbox that does not want it is let alone", LETS_IN, "192.0.2.7",
     {"recipient": BOB}),
]


def said(postfix, client, helo="mx.example.net", sender="x@example.net",
         recipient=ALICE):
    s = postfix.session(address=client, helo=helo)
    s.say(f"MAIL FROM:<{sender}>")
    reply = s.say(f"RCPT TO:<{recipient}>")
    s.quit()
    return reply


def marks(postfix):
    """Of mail for a domain that wants it marked."""
    replies = postfix.send(
        "x@spam.example", ["carol@example.org", "dora@example.org"],
        "Subject: marked\r\n\r\nx", address="192.0.2.7")
    tap.ok([r.code for r in replies] == ["250"] * 3,
           "where mail is marked it is accepted", replies)
    postfix.delivered("Subject: marked")
    postfix.delivers()
    with open(os.path.join(postfix.directory, "sink", "mail"),
              errors="surrogateescape") as f:
        mails = [m for m in f.read().split("X-Client-Addr:")
                 if "Subject: marked" in m]
    tap.same([re.findall(r"^X-DNSBL: (.*)", m, re.M) for m in mails],
             [["bl.example (127.0.0.2), dbl.example (127.0.1.2); score=6"]] *
             len(mails),
             "and delivered with one header that tells the lists")


def log(policyd):
    d = policyd.decided(check="dnsbl", verdict="refuse", client="192.0.2.7")
    tap.same([d.get(name) for name in ("by", "list", "score", "text")],
             ["client", "bl.example", "3",
              "https://bl.example/query/192.0.2.7"],
             "the log tells who, which list, how much and why")


def at_once(policyd):
    """Asked before the client has said anything."""
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}", "--stages", "client",
                      "smtpd_delay_reject=no")
    s = Smtp("127.0.0.1", postfix.ports["smtp"])
    s.say("EHLO mx.example.net")
    told(s.say("XCLIENT ADDR=192.0.2.7 NAME=[UNAVAILABLE]"),
         LISTED.format("192.0.2.7"), "a client can be refused at once")
    s.quit()
    told(said(postfix, "192.0.2.6"), LETS_IN, "and another one is not")
    tap.ok(not postfix.warnings(), "and Postfix has nothing to say",
           postfix.warnings())


def script():
    server = programs.NameServer(ZONE)
    policyd = programs.Policyd().configure(
        greylist="mode = off",
        other=POLICY.format(server=server.address)).start()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}")
    for sentence, wanted, client, options in ROWS:
        told(said(postfix, client, **options), wanted, sentence)
    log(policyd)
    marks(postfix)
    at_once(policyd)
    tap.ok(not postfix.warnings(), "and Postfix has nothing to say",
           postfix.warnings())


tap.run(script)
