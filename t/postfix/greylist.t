#!/usr/bin/python3
"""Greylisting as the client of a real Postfix sees it."""
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap
from kit.policy import GREYLISTED
from kit.postfix import Postfix, told
from kit.registers import age
from kit.tap import ok, same

DELAY = 600


def first_contact(postfix):
    s = postfix.session("192.0.2.7")
    reply = s.mail("carol@example.net", "alice@example.com")
    told(reply, GREYLISTED, "a stranger is told 451 4.7.1")
    same(reply.text, "451 4.7.1 <alice@example.com>: Recipient address "
         "rejected: " + GREYLISTED[len("451 4.7.1 "):],
         "in front of the text Postfix names the recipient")
    told(s.message(), "554 5.5.1 Error: no valid recipients",
         "without a recipient there is no message")
    s.quit()


def too_early(postfix):
    replies = postfix.send("carol@example.net", ["alice@example.com"],
                           address="192.0.2.7")
    ok(replies[0].is_(GREYLISTED),
       "one who is back too early is told so again", replies)


def passing(postfix):
    replies = postfix.send("carol@example.net", ["alice@example.com"],
                           "Subject: first\r\n\r\nfrom 192.0.2.7",
                           address="192.0.2.7")
    told(replies[0], "250 2.1.5 Ok", "after the delay it is let in")
    ok(replies[-1].text.startswith("250 2.0.0 Ok: queued as"),
       "and its message taken", replies[-1])
    ok(postfix.delivered("from 192.0.2.7"), "and delivered")


def neighbours(postfix):
    def first_time(address, sender="carol@example.net"):
        return postfix.send(sender, ["alice@example.com"],
                            address=address)[0]

    told(first_time("192.0.2.250"), "250 2.1.5 Ok",
         "a neighbour in the /24 is let in at once")
    told(first_time("198.51.100.7"), GREYLISTED,
         "the same sender from elsewhere is a stranger")
    told(first_time("192.0.2.7", "dave@example.net"), GREYLISTED,
         "another sender from there is a stranger")
    told(first_time("2001:db8:0:1::7"), GREYLISTED,
         "so is one with an IPv6 address")
    told(first_time("2001:db8:0:2::7"), GREYLISTED,
         "and one in the /64 beside it")


def neighbours_later(postfix):
    told(postfix.send("carol@example.net", ["alice@example.com"],
                      address="2001:db8:0:1:ffff::25")[0], "250 2.1.5 Ok",
         "a retry from elsewhere in the /64 is let in after the delay")


def several_recipients(postfix, policyd):
    names = ["alice@example.com", "bob@example.com", "eve@example.org"]

    replies = postfix.send("list@example.net", names, address="203.0.113.9")
    ok(all(r.is_(GREYLISTED) for r in replies[:3]),
       "of three recipients each is put off", replies)
    told(postfix.send("list@example.net", ["bob@example.com"],
                      address="203.0.113.200")[0], GREYLISTED,
         "each has a record of its own")
    same(sorted(policyd.cli("keys", "policyd:grey:*:list@example.net:*")
                .split()),
         [f"policyd:grey:{{203.0.113.0/24}}:list@example.net:{n}"
          for n in sorted(names)],
         "in Redis, a key each")


def several_recipients_later(postfix):
    names = ["alice@example.com", "new@example.com", "eve@example.org"]
    replies = postfix.send("list@example.net", names,
                           "Subject: list\r\n\r\nto two of three",
                           address="203.0.113.9")
    ok(replies[0].code == replies[2].code == "250" and
       replies[1].is_(GREYLISTED),
       "who is new among them waits alone", replies)
    told(replies[-1], "250 2.0.0", "while the others get the message")
    ok(postfix.delivered("to two of three"), "which is delivered")


def null_sender(postfix):
    told(postfix.send("", ["alice@example.com"], address="203.0.113.40")[0],
         GREYLISTED, "a bounce from a stranger is put off")


def null_sender_later(postfix):
    told(postfix.send("", ["bob@example.com"], address="203.0.113.40")[0],
         GREYLISTED, "a bounce to somebody else is another bounce")
    told(postfix.send("", ["alice@example.com"], address="203.0.113.40")[0],
         "250 2.1.5 Ok", "one that was put off is let in after the delay")


def script():
    policyd = programs.Policyd().configure(
        greylist=f"delay = {DELAY}s").start()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}")
    ok(policyd.ready(), "policyd's own redis-server answers")

    first_contact(postfix)
    too_early(postfix)
    several_recipients(postfix, policyd)
    null_sender(postfix)
    age(policyd, DELAY)
    passing(postfix)
    several_recipients_later(postfix)
    null_sender_later(postfix)
    neighbours(postfix)
    age(policyd, DELAY)
    neighbours_later(postfix)
    same(policyd.stop(), 0, "policyd ends well")


tap.run(script)
