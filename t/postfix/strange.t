#!/usr/bin/python3
"""Addresses that Postfix lets through, and a naive service stumbles over.

The check that would refuse some of them is off: they come as far as Redis."""
import re
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.policy import GREYLISTED  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402
from kit.registers import age  # noqa: E402
from kit.tap import ok, same  # noqa: E402

DELAY = 600
LONG = "x" * 1900

# what it is, sender, what MAIL says besides
SENDERS = [
    ("UTF-8 with SMTPUTF8", "b\u00fccher@example.net", " SMTPUTF8"),
    ("UTF-8 without it", "gr\u00fc\u00dfe@example.net", ""),
    ("a domain in UTF-8", "a@b\u00fccher.example", " SMTPUTF8"),
    ("1,900 bytes before the @", f"{LONG}@example.net", ""),
    ("a control byte", "a\x01b@example.net", ""),
    ("an escape sequence in quotes", '"\x1b[31mred"@example.net', ""),
    ("DEL in quotes", '"a\x7fb"@example.net', ""),
    ("a blank in quotes", '"a b"@example.net', ""),
    ("a second @ in quotes", '"a@b"@example.net', ""),
    ("separators of keys", "a:b{c}%d@example.net", ""),
    ("an equals sign", "a=b=c@example.net", ""),
    ("quotes and backslashes", '"a\\"b\\\\c"@example.net', ""),
    ("a template", "%{ip}%s%n@example.net", ""),
]


def ask_about_all(postfix, wanted, when):
    for what, sender, options in SENDERS:
        s = postfix.session("192.0.2.7")
        told(s.mail(sender, "alice@example.com", options), wanted,
             f"a sender with {what} {when}")
        s.quit()


def script():
    policyd = programs.Policyd().configure(
        greylist=f"delay = {DELAY}s",
        other="address { mode = off }").start()
    policyd.ready()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}")

    ask_about_all(postfix, GREYLISTED, "is put off")
    age(policyd, DELAY)
    ask_about_all(postfix, "250 2.1.5 Ok", "is let in after the delay")

    s = postfix.session("192.0.2.7", helo="h" * 1000 + "\x02")
    told(s.mail("long-helo@example.net", f"{LONG}@example.com"), GREYLISTED,
         "a recipient of 1,900 bytes and a long HELO are put off")
    s.quit()

    log = policyd.log()
    ok(not re.search(r"[^\n -~\u00a0-\U0010ffff]", log),
       "no control byte reaches the log",
       [line for line in log.splitlines() if not line.isprintable()])
    ok(len(max(log.splitlines(), key=len)) < 4096, "no line of it is endless")
    keys = policyd.cli("keys", "policyd:grey:*").splitlines()
    ok(len(keys) >= len(SENDERS) + 1 and
       all(re.fullmatch(r"[!-~]{1,900}", k) for k in keys),
       "all keys are short and printable", keys)
    ok(all(k.count("{") == 1 and k.count("}") == 1 for k in keys),
       "each has one tag", keys)
    same(postfix.warnings(), [], "Postfix has no trouble with the answers")


tap.run(script)
