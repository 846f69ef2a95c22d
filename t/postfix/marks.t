#!/usr/bin/python3
"""Headers that messages get, through a real Postfix: once each, whatever number
of recipients and of lists in main.cf that ask policyd."""
import os
import re
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402

ZONE = """\
named.example    TXT  v=spf1 ip4:192.0.2.7 -all
named.example    MX   10 mail.named.example
"""

POLICY = """
local_domains = {{ "example.com" }}
{dns}
spf {{ mode = enforce received_spf = yes }}
"""

ACCEPTED = "250 2.1.5 Ok"
RECIPIENTS = [f"{name}@example.com" for name in ("alice", "bob", "carol")]


def headers_of(postfix, subject):
    """Of the messages that the next hop was given with that subject."""
    with open(os.path.join(postfix.directory, "sink", "mail"),
              errors="surrogateescape") as f:
        mails = f.read().split("X-Client-Addr:")
    return [re.findall(r"^Received-SPF: (.*(?:\n[ \t].*)*)", mail, re.M)
            for mail in mails if f"Subject: {subject}\n" in mail]


def sends(postfix, subject, client, recipients):
    replies = postfix.send("x@named.example", recipients,
                           f"Subject: {subject}\r\n\r\nx", address=client)
    tap.ok([r.code for r in replies[:-1]] == ["250"] * len(recipients),
           f"{subject}: it is accepted", replies)
    postfix.delivered(f"Subject: {subject}")
    postfix.delivers()
    found = headers_of(postfix, subject)
    tap.ok(found and all(len(h) == 1 for h in found),
           f"{subject}: it has one header", found)
    tap.ok(found and all(h and h[0].startswith("pass (") for h in found),
           f"{subject}: which tells the result", found)


def script():
    server = programs.NameServer(ZONE)
    policyd = programs.Policyd().configure(
        greylist="mode = off",
        other=POLICY.format(dns=server.section)).start()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}",
                      "--stages", "sender,recipient,data")
    sends(postfix, "one recipient", "192.0.2.7", RECIPIENTS[:1])
    sends(postfix, "three recipients", "192.0.2.7", RECIPIENTS)

    s = postfix.session(address="192.0.2.8")
    s.say("MAIL FROM:<x@named.example>")
    told(s.say("RCPT TO:<alice@example.com>"),
         "554 5.7.23 The IP address of the sender (192.0.2.8) does not match "
         "the SPF record for the sender domain",
         "who is refused is refused")
    s.quit()

    s = postfix.session(address="192.0.2.7")
    for subject in "first", "second":
        s.mail("x@named.example", "alice@example.com")
        s.message(f"Subject: {subject}\r\n\r\nx")
    s.quit()
    postfix.delivered("Subject: second")
    postfix.delivers()
    for subject in "first", "second":
        found = headers_of(postfix, subject)
        tap.ok([len(h) for h in found] == [1],
               f"the {subject} message of a session has one", found)
    tap.ok(not postfix.warnings(), "and Postfix has nothing to say",
           postfix.warnings())


tap.run(script)
