#!/usr/bin/python3
"""policyd in every list of Postfix: still one record a recipient."""
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.policy import GREYLISTED  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402
from kit.registers import age  # noqa: E402
from kit.tap import ok, same  # noqa: E402

DELAY = 600
ALL = "client,helo,sender,recipient,data,end_of_data"


def record(policyd, sender, recipient="alice@example.com"):
    """Its words as a dict."""
    text = policyd.cli(
        "get", f"policyd:grey:{{192.0.2.0/24}}:{sender}:{recipient}")
    return dict(word.split("=") for word in text.split())


def attempt(postfix, sender, **options):
    return postfix.send(sender, ["alice@example.com", "bob@example.com"],
                        address="192.0.2.7", **options)


def first(postfix, policyd, sender, when):
    replies = attempt(postfix, sender)
    ok(replies[0].is_(GREYLISTED) and replies[1].is_(GREYLISTED),
       f"a stranger's two recipients are put off, {when}", replies)
    for recipient in "alice@example.com", "bob@example.com":
        same(record(policyd, sender, recipient).get("tries"), "1",
             f"each counts as one try, {when}")


def second(postfix, policyd, sender, when):
    replies = attempt(postfix, sender, body=f"Subject: x\r\n\r\nby {sender}")
    ok([r.code for r in replies] == ["250"] * 3,
       f"after the delay the message is taken, {when}", replies)
    ok(postfix.delivered(f"by {sender}"), f"and delivered, {when}")
    same(record(policyd, sender).get("tries"), "2",
         f"that was the second try, {when}")


def script():
    policyd = programs.Policyd().configure(
        greylist=f"delay = {DELAY}s").start()
    policyd.ready()
    service = f"inet:127.0.0.1:{policyd.port}"
    late = Postfix(service, "--stages", ALL)
    soon = Postfix(service, "--stages", ALL, "smtpd_delay_reject=no")

    first(late, policyd, "late@example.net", "all lists asked at RCPT")
    first(soon, policyd, "soon@example.net", "each list in its turn")
    same(sorted({d.get("stage") for d in
                 policyd.decisions(client="192.0.2.7")}),
         ["EHLO", "MAIL", "RCPT", "XCLIENT"],  # by which it came, not CONNECT
         "it was asked about every stage up to the refusals")
    age(policyd, DELAY)
    second(late, policyd, "late@example.net", "all lists asked at RCPT")
    second(soon, policyd, "soon@example.net", "each list in its turn")
    asked = policyd.decisions(sender="late@example.net", stage="RCPT",
                              recipient="bob@example.com", action="DUNNO")
    same((len(asked), len([d for d in asked if d.get("repeated")])), (4, 3),
         "four lists asked the same, three had the first one's answer")
    same(len(policyd.decisions(stage="END-OF-MESSAGE", action="DUNNO")), 2,
         "and about each message's end, with no objection")

    s = late.session("192.0.2.7")
    replies = [s.mail("late@example.net", "alice@example.com")]
    replies += [s.say("RCPT TO:<eve@example.com>"), s.message()]
    s.reset()
    replies += [s.mail("late@example.net", "alice@example.com"), s.message()]
    told(replies[1], GREYLISTED, "in the next mail a new recipient waits")
    ok(all(r.code == "250" for r in replies[:1] + replies[2:]),
       "while the known one gets both mails of the session", replies)


tap.run(script)
