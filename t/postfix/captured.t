#!/usr/bin/python3
"""Every request that was once captured from a Postfix has its one answer."""
import glob
import os
import re
import sys

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

# All checks of senders and recipients, and what they refuse of the requests at
# RCPT, by the number that a file's name begins with. All others pass.
CHECKS = """
trusted = {}
local_domains = { "example.com", "example.org" }
mailboxes = { "@example.com", "@example.org" }
login { mode = enforce }
spoof { mode = enforce who = authenticated }
size { mode = enforce }
mailbox { mode = enforce }
relay { mode = enforce }
remote { mode = enforce }
recipients { mode = enforce }
"""
ADDRESS = "501 5.1.7 Invalid Address"
LOGIN = ("551 5.7.1 Sender address is not valid for your login. Check your "
         "email program settings")
REMOTE = "452 4.7.1 You are not permitted to send to remote domains"
SPOOF = ("551 5.7.1 This mail server requires authentication before sending "
         "mail from a locally hosted domain. Please reconfigure your mail "
         "client to authenticate before sending mail.")
REFUSED = {
    "40-domain-literal": ADDRESS, "41-trailing-dot": ADDRESS,
    "42-no-domain": ADDRESS, "47-empty-local": ADDRESS, "48-dots": ADDRESS,
    "53-local-part-300": ADDRESS, "54-local-part-1900": ADDRESS,
    "55-long-domain": ADDRESS, "65-control-01": ADDRESS,
    "65-control-0b": ADDRESS, "65-control-7f": ADDRESS,
    "66-control-quoted-01": ADDRESS, "66-control-quoted-0b": ADDRESS,
    "66-control-quoted-1b5b33316d": ADDRESS, "66-control-quoted-7f": ADDRESS,
    "80-sasl-plain-smtp-port": REMOTE,
    "81-sasl-login-mail-auth-parameter": REMOTE,
    "82-sasl-starttls-submission-port-foreign-sender": LOGIN,
    "85-xclient-login-destaddr-destport": REMOTE,
    "86-after-failed-sasl": SPOOF, "92-sasl-dovecot": REMOTE,
    "93-sasl-mail-auth-parameter-with-encoded-newline": REMOTE,
}

ANSWER = re.compile(r"DUNNO|[45]\d\d [45]\.\d+\.\d+ [!-~][ -~]{0,400}")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def with_all_checks(paths):
    policyd = programs.Policyd().configure(
        greylist="mode = off", other=CHECKS).start()
    client = policyd.client()
    told, wanted = {}, {}
    for path in paths:
        if read(path).find(b"\nprotocol_state=RCPT\n") < 0:
            continue
        name = os.path.basename(path)
        told[name] = client.exchange(read(path))
        wanted[name] = REFUSED.get(name.split(".")[0], "DUNNO")
    same({n: a for n, a in told.items() if a != wanted[n]}, {},
         "with all checks of senders and recipients on, each recipient has "
         "the answer that is due")
    same(len([a for a in wanted.values() if a != "DUNNO"]), len(REFUSED),
         "which is a refusal for some")


def logged(policyd):
    """How many decisions, but for those of ready()."""
    return len([d for d in policyd.decisions()
                if d.get("client") != "203.0.113.250"])


def script():
    paths = sorted(glob.glob(os.path.join(programs.TOP,
                                          "t/wire/requests/*.req")))
    ok(len(paths) >= 160, "the requests are there", len(paths))
    policyd = programs.Policyd().start()
    policyd.ready()

    strange = []
    client = policyd.client()
    for path in paths:
        action = client.exchange(read(path))
        if not (action and ANSWER.fullmatch(action)):
            strange.append((os.path.basename(path), action))
    same(strange, [], "each has a well-formed answer, one after the other")
    ok(client.silent(0.3), "none has a second one")

    sockets = [policy.connect(policyd.socket) for _ in paths]
    answers = policy.crowd(sockets, [read(p) for p in paths])
    same([os.path.basename(p) for p, a in zip(paths, answers)
          if not (a.action and ANSWER.fullmatch(a.action))], [],
         "and each on a connection of its own, all at once")

    programs.wait_for(lambda: logged(policyd) >= 2 * len(paths))
    same(logged(policyd), 2 * len(paths), "each has its line in the log")
    with open(policyd.log_path, "rb") as f:
        raw = f.read()
    ok(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw),
       "no control byte is in it")
    ok(raw.decode("utf-8"), "all of it is UTF-8")
    same(policyd.stop(), 0, "policyd ends well")
    with_all_checks(paths)


tap.run(script)
