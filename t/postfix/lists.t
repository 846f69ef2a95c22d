#!/usr/bin/python3
"""Who is never greylisted, through a real Postfix."""
import os
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.policy import GREYLISTED  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402
from kit.tap import ok  # noqa: E402

LETS_IN = "250 2.1.5 Ok"

CIDR = """# our friends
203.0.113.16/28 friends
2001:db8:f::/48 friends
"""
SENDERS = """# senders of bulk mail that never come back
news@example.net one
example.edu whole
"""
OTHER = """
trusted = {{ "127.0.0.0/8", "::1", "198.51.100.0/24" }}
allow {{ clients = {{ "203.0.113.99" }} }}
"""
GREYLIST = """
allow_clients = {{ "cidr:{place}/clients", "mx.example.org", ".example.info" }}
allow_senders = {{ "texthash:{place}/senders" }}
allow_recipients = {{ "postmaster@example.com" }}
"""

# sentence, reply, then whatever differs from a stranger
CLIENTS = [
    ("one on no list is put off", GREYLISTED, {}),
    ("a trusted network is let in", LETS_IN, {"address": "198.51.100.8"}),
    ("so is the allow list of all checks", LETS_IN,
     {"address": "203.0.113.99"}),
    ("so is a network of a cidr: file", LETS_IN, {"address": "203.0.113.20"}),
    ("an address beside that network is not", GREYLISTED,
     {"address": "203.0.113.32"}),
    ("an IPv6 network of that file is let in", LETS_IN,
     {"address": "2001:db8:f:1::25"}),
    ("a listed host is let in by its verified name", LETS_IN,
     {"address": "192.0.2.10", "name": "mx.example.org"}),
    ("a host is let in by its listed domain", LETS_IN,
     {"address": "192.0.2.11", "name": "a.b.example.info"}),
    ("a name that nobody verified is none", GREYLISTED,
     {"address": "192.0.2.12", "reverse": "mx.example.org"}),
    ("one who has logged in is let in", LETS_IN,
     {"address": "192.0.2.13", "login": "alice@example.com"}),
]

SENDERS_AND_RECIPIENTS = [
    ("a sender of a texthash: file is let in", LETS_IN,
     "news@example.net", "alice@example.com"),
    ("so is one with a plus part", LETS_IN,
     "news+today@example.net", "alice@example.com"),
    ("its neighbour is put off", GREYLISTED,
     "olds@example.net", "alice@example.com"),
    ("everybody of a listed domain is let in", LETS_IN,
     "anybody@example.edu", "alice@example.com"),
    ("capital letters make no difference", LETS_IN,
     "AnyBody@EXAMPLE.edu", "alice@example.com"),
    ("to a listed recipient everybody is let in", LETS_IN,
     "stranger@example.net", "postmaster@example.com"),
]


def logins(postfix, policyd):
    s = postfix.session(port="submission")
    told(s.login("alice@example.com"), "235 2.7.0", "alice logs in")
    told(s.mail("alice@example.com", "bob@remote.example"), LETS_IN,
         "on the submission port she is not put off")
    told(s.message("Subject: x\r\n\r\nfrom submission"), "250 2.0.0",
         "her message is taken")
    s.quit()
    found = policyd.decided(user="alice@example.com", stage="RCPT")
    ok(found.get("class") == "authenticated", "the log calls her "
       "authenticated", found)
    ok(postfix.delivered("from submission"), "and it is delivered")


def write(place, name, text):
    with open(os.path.join(place, name), "w") as f:
        f.write(text)


def script():
    policyd = programs.Policyd()
    write(policyd.place, "clients", CIDR)
    write(policyd.place, "senders", SENDERS)
    policyd.configure(other=OTHER.format(),
                      greylist=GREYLIST.format(place=policyd.place)).start()
    policyd.ready()
    postfix = Postfix(f"unix:{policyd.socket}",
                      "smtpd_relay_restrictions=permit_sasl_authenticated,"
                      "reject_unauth_destination")
    told(postfix.send("carol@example.net", ["alice@example.com"])[0],
         LETS_IN, "this host itself is trusted")
    for sentence, wanted, client in CLIENTS:
        client = {"address": "192.0.2.7", **client}
        told(postfix.send("carol@example.net", ["alice@example.com"],
                          **client)[0], wanted, sentence)
    for sentence, wanted, sender, recipient in SENDERS_AND_RECIPIENTS:
        told(postfix.send(sender, [recipient], address="192.0.2.200")[0],
             wanted, sentence)
    logins(postfix, policyd)
    keys = policyd.cli("keys", "policyd:grey:*").split()
    ok(not any("198.51.100" in k or "news@" in k or "postmaster" in k
               for k in keys), "who is let in by a list leaves no record",
       keys)


tap.run(script)
