#!/usr/bin/python3
"""Which client contrib/dovecot/report-spam finds in a message, and tells."""
import os
import subprocess
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

HELPER = os.path.join(programs.TOP, "contrib/dovecot/report-spam")
BODY = "Subject: x\nFrom: carol@example.net\n\nReceived: from body\n"

OURS = """Received: from mx.example.net (mx.example.net [192.0.2.7])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
\t(No client certificate requested)
\tby mx.example.com (Postfix) with ESMTPS id 4XyZ
\tfor <alice@example.com>; Sat, 21 Nov 2026 16:00:00 +0000 (UTC)
"""
PLAIN = """Received: from {helo} ({name} [{address}])
\tby {by} (Postfix) with {protocol} id 4XyZ; Sat, 21 Nov 2026 16:00:00 +0000
"""
FORGED = """Received: from victim.example.org (victim.example.org [198.51.100.1])
\tby mx.example.com (Postfix) with ESMTP id 1; Sat, 21 Nov 2026 15:00:00 +0000
"""
LMTP = """Return-Path: <carol@example.net>
Delivered-To: alice@example.com
Received: from mx.example.com
\tby mx.example.com with LMTP id abc
\t(envelope-from <carol@example.net>)
\tfor <alice@example.com>; Sat, 21 Nov 2026 16:00:01 +0000
"""
LOCAL = """Received: by mx.example.com (Postfix, from userid 33)
\tid 4XyZ; Sat, 21 Nov 2026 16:00:00 +0000 (UTC)
"""


def plain(address="192.0.2.7", helo="mx.example.net", name="unknown",
          by="mx.example.com", protocol="ESMTP"):
    return PLAIN.format(**locals())


FILTER = plain("127.0.0.1", "localhost", "localhost")

# sentence, headers, the client ("": none), more of the configuration
MESSAGES = [
    ("the client is in our own header", OURS, "192.0.2.7", ""),
    ("also behind that of our LMTP server", LMTP + OURS, "192.0.2.7", ""),
    ("a header below ours is not looked at", OURS + FORGED, "192.0.2.7", ""),
    ("nor is one above which ours is missing",
     plain(by="mx.example.org") + FORGED, "", ""),
    ("a client that calls itself an address is not that address",
     plain(helo="[198.51.100.1]"), "192.0.2.7", ""),
    ("nor one that has it in its name",
     plain(helo="x[198.51.100.1]", name="a.example.net"), "192.0.2.7", ""),
    ("an IPv6 client is known without the prefix",
     plain("IPv6:2001:db8::25"), "2001:db8::25", ""),
    ("one that submitted with a login is our own user",
     plain(protocol="ESMTPSA"), "", ""),
    ("what a program on the host sent has no client", LOCAL + FORGED, "", ""),
    ("a filter hides the client", FILTER + OURS, "127.0.0.1", ""),
    ("unless it is called one", FILTER + OURS, "192.0.2.7",
     'filters="127.0.0.1"'),
    ("behind a filter, too, only one header counts", FILTER + OURS + FORGED,
     "192.0.2.7", 'filters="127.0.0.1"'),
    ("the name of the host may be written otherwise",
     plain(by="MX.Example.COM"), "192.0.2.7", ""),
    ("any of our hosts will do", plain(by="mx2.example.com"), "192.0.2.7", ""),
    ("no header, no client", "", "", ""),
    ("a header that is cut short tells nothing",
     "Received: from mx.example.net (unknown [192.0.2.7]\n", "", ""),
    ("nor one with something else for an address",
     plain("$(reboot)"), "", ""),
    ("what a client certificate says does not matter",
     OURS.replace("(No client certificate requested)",
                  '(Client CN "by evil [198.51.100.1]", Issuer "x")'),
     "192.0.2.7", ""),
]

USERS = [
    ("a user with a domain reports as he is", "bob@example.org",
     "bob@example.org"),
    ("one without gets that of the configuration", "alice",
     "alice@example.com"),
    ("one that would break the report does not report", 'a"}@example.com',
     None),
    ("nor does one with blanks", "a b@example.com", None),
]


class Reporter:
    def __init__(self, url):
        self.conf = os.path.join(programs.directory(), "conf")
        self.url = url

    def run(self, message, user, *options, more=""):
        with open(self.conf, "w") as f:
            f.write('hosts="mx.example.com mx2.example.com"\n'
                    f'token=sesame\nurl={self.url}\n'
                    f'domain=example.com\n{more}\n')
        return subprocess.run(
            [HELPER, *options, "-c", self.conf, user],
            input=message.encode(), capture_output=True, timeout=20)


def finds(reporter, ending):
    for sentence, headers, client, more in MESSAGES:
        done = reporter.run((headers + BODY).replace("\n", ending), "alice",
                            "-n", more=more)
        same((done.returncode, done.stdout.decode().strip()), (0, client),
             sentence)


def tells(reporter, policyd):
    for sentence, user, reporting in USERS:
        policyd.cli("del", "policyd:spam:{192.0.2.7}")
        done = reporter.run(OURS + BODY, user)
        kept = policyd.cli("hkeys", "policyd:spam:{192.0.2.7}").split()
        ok(done.returncode == 0 and
           [k for k in kept if "@" in k] == ([reporting] if reporting else []),
           sentence, done, kept)


def script():
    policyd = programs.Policyd().start()
    policyd.ready()
    reporter = Reporter(f"http://127.0.0.1:{policyd.http_port}/spam-report")
    finds(reporter, "\n")
    done = reporter.run((OURS + BODY).replace("\n", "\r\n"), "alice", "-n")
    same(done.stdout, b"192.0.2.7\n", "line ends of the wire are understood")
    done = reporter.run(OURS + BODY + "x" * 5000000, "alice", "-n")
    same((done.returncode, done.stdout), (0, b"192.0.2.7\n"),
         "a large message is read to its end")
    tells(reporter, policyd)
    done = reporter.run(OURS + BODY, "alice", more="token=wrong")
    ok(done.returncode == 0 and b"did not take" in done.stderr,
       "a report that was not taken is no reason not to move the message",
       done)
    ok(b"sesame" not in done.stderr, "and nobody reads the token")
    policyd.stop()
    done = reporter.run(OURS + BODY, "alice")
    ok(done.returncode == 0 and b"did not take" in done.stderr,
       "nor is a policyd that does not run", done)


tap.run(script)
