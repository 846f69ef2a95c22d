#!/usr/bin/python3
"""What the registers refuse, as clients of a real Postfix hear it."""
import re
import subprocess
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.postfix import Postfix, Smtp  # noqa: E402
from kit.registers import wait_for_window  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402

CHECKS = """
service = "Mail"
host = "mx.example.com"
spam_source { reporters = 1 domains = 1 }
connections { mode = enforce address = 1 rate = "200/1h" }
"""

TIME = r"\d\d/\d\d/\d\d \d\d:\d\d:\d\d"

# Address, and what is said: code, enhanced code, the end of the line.
ENTRIES = [
    ("a client on the access list", "198.51.100.1", "530 5.7.1",
     rf"mx\.example\.com Mail, Version: [\w.]+--[\w.]+ denied access at "
     rf"{TIME}"),
    ("a banned client", "198.51.100.2", "554 5.3.2",
     "ESMTP not accepting connections"),
    ("a client that is banned for good", "198.51.100.3", "554 5.7.1",
     "ESMTP not accepting connections"),
    ("a client of a banned network", "203.0.113.77", "554 5.7.1",
     "ESMTP not accepting connections"),
    ("a client with too many failed logins", "198.51.100.4", "451 4.7.0",
     rf"Mail temporarily refused connection at {TIME} from IP "
     r"\(198\.51\.100\.4\) because of policy violation"),
    ("one in the /64 of such a client", "2001:db8:0:4::25", "451 4.7.0",
     rf"Mail temporarily refused connection at {TIME} from IP "
     r"\(2001:db8:0:4::25\) because of policy violation"),
]
SPAM_SOURCE = ("a client that users have reported", "198.51.100.5",
               "451 4.7.1", "The IP Address you are sending from was "
               r"reported as a source of spam\. Please contact your e-mail "
               r"administrator\.")
BUSY = [("a client with a session already", f"198.51.100.{n}", "451 4.3.2",
         rf"Mail temporarily refused connection at {TIME} from IP "
         rf"\[198\.51\.100\.{n}\] because the server is too busy")
        for n in (6, 7)]


def fill(redis):
    now = int(time.time())
    redis.cli("hset", "policyd:access:{lists}", "198.51.100.1",
              f"since={now} until=0 by=root reason=noise")
    redis.cli("hset", "policyd:bans:{lists}", "203.0.113.0/24",
              f"since={now} until=0 by=root reason=botnet")
    redis.cli("hset", "policyd:ban:{198.51.100.2}", "until", now + 900,
              "since", now, "reason", "flood", "by", "policyd", "level", 1)
    redis.cli("hset", "policyd:ban:{198.51.100.3}", "until", "permanent",
              "since", now, "reason", "flood", "by", "policyd", "level", 4)
    for client in "198.51.100.4", "2001%3adb8%3a0%3a4%3a%3a/64":
        redis.cli("hset", f"policyd:abuse:{{{client}}}", "failures", 11,
                  "first", now, "last", now, "until", now + 3600)
    redis.cli("hset", "policyd:spam:{198.51.100.5}", "anna@example.com", now,
              "until:example.com", now + 3600)
    for client in ("198.51.100.2", "198.51.100.3", "198.51.100.4",
                   "198.51.100.5", "2001%3adb8%3a0%3a4%3a%3a/64"):
        redis.cli("set", f"policyd:client:{{{client}}}", 1, "ex", 3600)


class Visit:
    """A session of that client; `replies` are what it heard so far."""

    port = 40000

    def __init__(self, postfix, address):
        Visit.port += 1
        kind = "IPV6:" if ":" in address else ""
        self.smtp = Smtp("127.0.0.1", postfix.ports["smtp"])
        self.smtp.say("EHLO mx.example.net")
        self.replies = []
        self.say(f"XCLIENT ADDR={kind}{address} PORT={Visit.port} "
                 "NAME=[UNAVAILABLE]")
        self.say("EHLO mx.example.net")

    def say(self, line):
        self.replies.append(self.smtp.say(line))
        return self.replies[-1]

    def mail(self, recipient="alice@example.com"):
        self.say("MAIL FROM:<carol@example.net>")
        return self.say(f"RCPT TO:<{recipient}>")


def says(reply, code, text):
    return re.fullmatch(rf"{code} <[^>]*>: [A-Z][a-z ]+ rejected: {text}",
                        reply.text)


def at_rcpt(postfix, entry):
    who, address, code, text = entry
    v = Visit(postfix, address)
    reply = v.mail()
    ok(says(reply, code, text) and v.replies[0].code == "220",
       f"{who} is told {code} at RCPT", v.replies)
    v.smtp.quit()


def at_connect(postfix, entry):
    who, address, code, text = entry
    v = Visit(postfix, address)
    ok(says(v.replies[0], code, text), f"{who} is told {code} at CONNECT",
       v.replies)
    same(v.mail().code, "503", "and nothing else is done for it")
    v.smtp.quit()


def busy(postfix, at, entry, policyd):
    first = Visit(postfix, entry[1])
    same(first.mail().code, "250", "a client's first session is served")
    at(postfix, entry)
    same(first.say("RCPT TO:<bob@example.com>").code, "250",
         "its first session goes on")
    first.smtp.quit()
    found = policyd.decided(check="connections", verdict="refuse")
    same((found.get("limit"), found.get("count")), ("address", "1"),
         "the log says which limit it met")


def login(postfix):
    s = postfix.session("198.51.100.3", login="alice@example.com")
    same(s.mail("alice@example.com", "bob@example.com").code, "250",
         "who has logged in may send from a banned address")
    s.quit()


def one_question(redis, postfix):
    v = Visit(postfix, "198.51.100.20")
    v.mail()
    redis.cli("config", "resetstat")
    for n in range(10):
        v.say(f"RCPT TO:<user{n}@example.com>")
    calls = redis.cli("info", "commandstats")
    ok("cmdstat_exists:calls=10," in calls and
       [r.code for r in v.replies[-10:]] == ["250"] * 10,
       "of ten more recipients the settings are asked for, and no register",
       calls)
    v.smtp.quit()


def seen_elsewhere(redis, here, there):
    """Two policyd on one Redis: what one writes, or policyctl, both see."""
    def told(policyd, address):
        return (policyd.ask(client_address=address, client_port="1") or "")

    ctl = [f"{programs.BUILD}/policyctl", "-c", here.conf]
    same([told(p, "198.51.100.30") for p in (here, there)], ["DUNNO"] * 2,
         "a client comes to two nodes")
    subprocess.run([*ctl, "ban", "add", "198.51.100.30", "--for", "1h"],
                   check=True, capture_output=True)
    same([told(p, "198.51.100.30")[:9] for p in (here, there)],
         ["554 5.3.2"] * 2, "banned, it is refused by both at once")
    subprocess.run([*ctl, "access", "add", "198.51.100.32/30"], check=True,
                   capture_output=True)
    took = programs.seconds_until(
        lambda: all(told(p, "198.51.100.33").startswith("530 5.7.1")
                    for p in (here, there)), programs.SOON)
    ok(took is not None,
       "a network on the access list is soon refused by both")
    diag(f"after {took} s")
    wait_for_window(redis, 3600)
    with_port = [here.ask(client_address="198.51.100.40",
                          client_port=str(1000 + n)) for n in range(201)]
    ok(with_port[199] == "DUNNO" and
       with_port[200].startswith("451 4.3.2"),
       "of 201 connections an hour the last is one too many",
       with_port[198:])
    ok(told(there, "198.51.100.40").startswith("554 5.3.2"),
       "and the other node bans the client as well")
    struck = redis.cli("hget", "policyd:strikes:{198.51.100.40}",
                       "history")
    ok(re.fullmatch(r"at=\d+ what=strike level=1 until=\d+ by=policyd "
                    r"reason=flood", struck), "its strike can be read",
       struck)


def without_redis(redis, postfix):
    redis.kill()
    at_rcpt(postfix, ENTRIES[0])
    at_rcpt(postfix, ENTRIES[2])
    v = Visit(postfix, "198.51.100.50")
    same(v.mail().code, "250", "and who is not known gets in")
    v.smtp.quit()


def script():
    redis = programs.Redis().start()
    here, there = (programs.Policyd(redis).configure(
        greylist="mode = off", other=CHECKS) for _ in range(2))
    here.start()
    there.start()
    service = f"inet:127.0.0.1:{here.port}"
    late = Postfix(service, "--stages", "client,recipient")
    soon = Postfix(service, "--stages", "client,recipient",
                   "smtpd_delay_reject=no")
    fill(redis)
    for policyd in here, there:
        programs.wait_for(lambda p=policyd: (p.ask(
            client_address="198.51.100.1") or "").startswith("530"))
        programs.wait_for(lambda p=policyd: (p.ask(
            client_address="203.0.113.77") or "").startswith("554"))

    for entry in ENTRIES:
        at_rcpt(late, entry)
        at_connect(soon, entry)
    at_rcpt(late, SPAM_SOURCE)
    at_rcpt(soon, SPAM_SOURCE)
    busy(late, at_rcpt, BUSY[0], here)
    busy(soon, at_connect, BUSY[1], here)
    login(late)
    one_question(redis, late)
    seen_elsewhere(redis, here, there)
    without_redis(redis, late)
    same([p.stop() for p in (here, there)], [0, 0], "both end well")


tap.run(script)
