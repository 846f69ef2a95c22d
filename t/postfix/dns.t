#!/usr/bin/python3
"""Checks by the DNS through a real Postfix: what is said of a sender's domain,
and when nobody answers."""
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402

ZONE = """\
named.example    TXT  v=spf1 ip4:192.0.2.7 -all
named.example    MX   10 mail.named.example
helo.example     TXT  v=spf1 -all
nomail.example   MX   0 .
bare.example     A    192.0.2.9
dead.example     *    !servfail
silent.example   *    !silence
xn--bcher-kva.example MX  10 mail.named.example
xn--bcher-kva.example TXT v=spf1 ip4:192.0.2.7 -all
spoilt.example   MX   10 mail.named.example
spoilt.example   TXT  v=spf1 ipv4:192.0.2.7 -all
unsure.example   MX   10 mail.named.example
unsure.example   TXT  v=spf1 include:dead.example -all
"""

POLICY = """
local_domains = {{ "example.com" }}
{dns}
sender_domain {{ mode = enforce on_failure = defer }}
spf {{ mode = enforce temperror = defer permerror = refuse }}
"""

LETS_IN = "250 2.1.5 Ok"
NO_MX = ("501 {} Your domain does not seem to be valid, Could not find MX "
         "record for your domain.")
LATER = "451 4.4.3 Temporary server error. Please try again later."
SPF = ("554 5.7.23 The IP address of the sender ({}) does not match the SPF "
       "record for the sender domain")

ROWS = [
    ("who is named by the sender's domain comes in", LETS_IN,
     "x@named.example", "192.0.2.7"),
    ("spf: who is not is refused", SPF.format("192.0.2.8"),
     "x@named.example", "192.0.2.8"),
    ("sender_domain: a domain that does not exist", NO_MX.format("5.1.8"),
     "x@none.example", "192.0.2.7"),
    ("sender_domain: one that takes no mail", NO_MX.format("5.7.27"),
     "x@nomail.example", "192.0.2.7"),
    ("an address is enough, and no SPF record is none", LETS_IN,
     "x@bare.example", "192.0.2.7"),
    ("sender_domain: name servers that fail", LATER, "x@dead.example",
     "192.0.2.7"),
    ("sender_domain: and those that are silent", LATER, "x@silent.example",
     "192.0.2.7"),
    ("a domain in UTF-8 is asked for in ASCII", LETS_IN,
     "x@b\u00fccher.example", "192.0.2.7"),
    ("spf: and what it says holds", SPF.format("192.0.2.8"),
     "j\u00f6rg@B\u00dcCHER.example", "192.0.2.8"),
    ("sender_domain: one that does not exist", NO_MX.format("5.1.8"),
     "x@gr\u00fc\u00dfe.example", "192.0.2.7"),
    ("spf: a record that is wrong",
     "550 5.7.24 The SPF record for the sender domain is not valid",
     "x@spoilt.example", "192.0.2.7"),
    ("spf: one that cannot be read to its end",
     "451 4.7.24 The SPF record for the sender domain could not be looked "
     "up. Please try again later.", "x@unsure.example", "192.0.2.7"),
]


def said(postfix, sender, client):
    """The reply to MAIL when that is refused, else the one to RCPT."""
    s = postfix.session(address=client)
    option = "" if sender.isascii() else " SMTPUTF8"
    reply = s.say(f"MAIL FROM:<{sender}>{option}")
    if reply.code == "250":
        reply = s.say("RCPT TO:<alice@example.com>")
    s.quit()
    return reply


def script():
    server = programs.NameServer(ZONE)
    policyd = programs.Policyd().configure(
        greylist="mode = off",
        other=POLICY.format(dns=server.within("5s"))).start()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}",
                      "--stages", "sender,recipient",
                      "smtpd_delay_reject=no")
    for sentence, wanted, sender, client in ROWS:
        told(said(postfix, sender, client), wanted, sentence)


tap.run(script)
