#!/usr/bin/python3
"""Sender and recipient policy through a real Postfix: each check once, from
the list that leaves its code alone, and what becomes of the message."""
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402
from kit.tap import ok, same  # noqa: E402

LETS_IN = "250 2.1.5 Ok"
SENDS = "250 2.0.0"
FROM_OURS = ("551 5.7.1 This mail server requires authentication before "
             "sending mail from a locally hosted domain. Please reconfigure "
             "your mail client to authenticate before sending mail.")
DENIED_BY_DOMAIN = ("550 5.7.1 Requested action not taken. The domain you are "
                    "sending from is not permitted to access this")
DENIED_BY_USER = ("550 5.7.1 A user policy is preventing you from sending "
                  "e-mail to this address. Please contact your e-mail "
                  "administrator.")
DISABLED = ("504 5.7.13 User account has been disabled by the mail "
            "administrator")
SUBMISSION = ("550 5.7.1 This mail server requires authentication (1) when "
              "attempting to send via this SMTP (submission) port")
TOO_LARGE = "552 5.3.4 Message size exceeds fixed maximum message size"
TOO_MANY = "452 4.5.3 Too many recipients"

POLICY = """
local_domains = {{ "example.com", "example.org" }}
mailboxes = {{ "alice@example.com", "bob@example.com", "carol@example.com",
    "disabled@example.com", "@example.org" }}
submission {{ ports = {{ "{submission}" }} }}
login {{ mode = enforce }}
spoof {{ who = authenticated }}
size {{ mode = enforce inbound = 10K }}
mailbox {{ mode = enforce }}
relay {{ mode = enforce }}
recipients {{ mode = enforce limit = 3 }}
domain "example.org" {{
    remote {{ mode = enforce }}
    size {{ inbound = 20K }}
}}
mailbox "disabled@example.com" {{ account {{ state = disabled }} }}
"""

# What a panel has written: lists of a domain and of a mailbox.
LISTS = [("policyd:deny:{example.org}", "spam.example", "1700000000"),
         ("policyd:deny:{example.com}:bob", "news@example.net", "1700000000")]

# For each list that policyd stands in: sentence, reply, sender, recipient (of
# the sender list alice), and what differs from a stranger.
SENDER_LIST = [
    ("account: a login whose mailbox is disabled", DISABLED,
     "disabled@example.com", {"login": "disabled@example.com"}),
    ("submission: a stranger on the port for users", SUBMISSION,
     "x@example.net", {"port": "submission"}),
    ("address: a sender that cannot be right", "501 5.1.7 Invalid Address",
     "x@example.net.", {}),
    ("login: somebody else's address",
     "551 5.7.1 Sender address is not valid for your login. Check your email "
     "program settings", "bob@example.com", {"login": "alice@example.com"}),
    ("spoof: a stranger who calls himself one of us", FROM_OURS,
     "alice@example.com", {}),
    ("spoof: and one whose mailbox is disabled", FROM_OURS,
     "disabled@example.com", {}),
]
RECIPIENT_LIST = [
    ("address: a recipient that cannot be right", "501 5.1.3 Invalid Address",
     "x@example.net", "jo..x@example.com", {}),
    ("mailbox: nobody's address",
     "550 5.1.1 Requested action not taken: mailbox unavailable or not local",
     "x@example.net", "nobody@example.com", {}),
    ("remote: a login that may write to us only",
     "452 4.7.1 You are not permitted to send to remote domains",
     "bob@example.org", "x@example.net", {"login": "bob@example.org"}),
    ("deny_domain: a sender that a domain does not want", DENIED_BY_DOMAIN,
     "x@spam.example", "alice@example.org", {}),
    ("deny_user: a sender that a user does not want", DENIED_BY_USER,
     "news@example.net", "bob@example.com", {}),
    ("and those whom nobody has anything against come in", LETS_IN,
     "x@example.net", "alice@example.com", {}),
]
RELAY_LIST = [
    ("relay: a stranger who writes to others",
     "503 5.7.1 This mail server requires authentication when attempting to "
     "send to a non-local e-mail address. Please check your mail client "
     "settings or contact your administrator to verify that the domain or "
     "address is defined for this server.", "x@example.net",
     "y@remote.example", {}),
]


def said(postfix, sender, recipient, **client):
    """The reply to MAIL when that is refused, else the one to RCPT."""
    s = postfix.session(**{"address": "192.0.2.7", **client})
    reply = s.say(f"MAIL FROM:<{sender}>")
    if reply.code == "250":
        reply = s.say(f"RCPT TO:<{recipient}>")
    s.quit()
    return reply


def each_check(postfix):
    for sentence, wanted, sender, client in SENDER_LIST:
        told(said(postfix, sender, "alice@example.com", **client), wanted,
             f"{sentence}, from the sender list")
    for sentence, wanted, sender, recipient, client in \
            RECIPIENT_LIST + RELAY_LIST:
        told(said(postfix, sender, recipient, **client), wanted, sentence)


def other_lists(service):
    """In each list Postfix makes one code of all that concern an address."""
    sender_list = Postfix(service, "--stages", "sender")
    recipient_list = Postfix(service)
    wrong = "501 {} Invalid Address"
    nobody = ("550 {} Requested action not taken: mailbox unavailable or not "
              "local")
    for postfix, kept, name in (sender_list, "5.1.7", "sender list"), \
            (recipient_list, "5.1.3", "recipient list"):
        told(said(postfix, "x@example.net.", "alice@example.com"),
             wrong.format(kept), f"a wrong sender is {kept} in the {name}")
        told(said(postfix, "x@example.net", "jo..x@example.com"),
             wrong.format(kept), "and so is a wrong recipient")
    told(said(sender_list, "x@example.net", "nobody@example.com"),
         nobody.format("5.1.7"),
         "in the sender list one who does not exist is 5.1.7")
    told(said(recipient_list, "x@example.net", "nobody@example.com"),
         nobody.format("5.1.1"), "in the recipient list 5.1.1")


def too_many(postfix):
    four = [f"{name}@example.com" for name in ("alice", "bob", "carol")] + \
        ["dora@example.org"]
    replies = postfix.send("x@example.net", four,
                           body="Subject: x\r\n\r\nto three",
                           address="192.0.2.7")
    same([r.code for r in replies], ["250"] * 3 + ["452", "250"],
         "of four recipients three are taken, and the message")
    told(replies[3], TOO_MANY, "recipients: the fourth is told why not now")
    ok(postfix.delivered("to three"), "it is delivered")
    same(postfix.recipients_of("to three"), four[:3],
         "to the three, and to nobody else")
    replies = postfix.send("x@example.net", four[3:], address="192.0.2.7")
    same([r.code for r in replies], ["250"] * 2,
         "the fourth gets the next message")


def some_deny(postfix):
    three = ["alice@example.com", "bob@example.com", "carol@example.com"]
    replies = postfix.send("news@example.net", three,
                           body="Subject: x\r\n\r\nnot to bob",
                           address="192.0.2.7")
    same([r.code for r in replies], ["250", "550", "250", "250"],
         "what one recipient denies the others get")
    told(replies[1], DENIED_BY_USER, "he alone hears of his list")
    ok(postfix.delivered("not to bob"), "the message is delivered")
    same(postfix.recipients_of("not to bob"), [three[0], three[2]],
         "to the others")


def large(kilobytes, text):
    return "Subject: x\r\n\r\n" + "".join(
        f"{n:06} {text:<55}\r\n" for n in range(kilobytes * 16))


def too_large(postfix):
    s = postfix.session("192.0.2.7")
    told(s.mail("x@example.net", "alice@example.com", " SIZE=10241"),
         TOO_LARGE, "size: what is declared too large is refused at RCPT")
    told(s.say("RCPT TO:<dora@example.org>"), LETS_IN,
         "but by those only for whom it is")
    s.quit()
    to = ["dora@example.org", "alice@example.com"]
    told(postfix.send("x@example.net", to, large(15, "undeclared"),
                      address="192.0.2.7")[-1], TOO_LARGE,
         "size: undeclared it is refused when it is there, for the strictest")
    told(postfix.send("x@example.net", to, large(5, "small"),
                      address="192.0.2.7")[-1], SENDS, "a small one is not")
    told(postfix.send("x@example.net", to[:1], large(15, "for dora"),
                      address="192.0.2.7")[-1], SENDS,
         "nor one for her who may have larger ones")
    told(postfix.send("x@example.net", to[:1], large(25, "undeclared"),
                      address="192.0.2.7")[-1], TOO_LARGE,
         "but hers has an end, too")
    ok(postfix.delivered("for dora") and postfix.delivered("small") and
       not postfix.recipients_of("undeclared"),
       "what was refused went nowhere")


def script():
    policyd = programs.Policyd().configure(greylist="mode = off").start()
    service = f"inet:127.0.0.1:{policyd.port}"
    postfix = Postfix(
        service, "--stages", "sender,recipient,end_of_data",
        "smtpd_delay_reject=no",
        "smtpd_relay_restrictions=permit_mynetworks,permit_sasl_authenticated,"
        f"check_policy_service {service},reject_unauth_destination")
    policyd.configure(other=POLICY.format(**postfix.ports)).reload()
    for key, entry, says in LISTS:
        policyd.cli("hset", key, entry, says)
    each_check(postfix)
    too_many(postfix)
    some_deny(postfix)
    too_large(postfix)
    other_lists(service)


tap.run(script)
