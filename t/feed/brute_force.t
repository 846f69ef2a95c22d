#!/usr/bin/python3
"""A night of guessed passwords in the mail log lists whom it should."""
import os
import re
import subprocess
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import guesses, programs, tap  # noqa: E402
from kit.postfix import Postfix  # noqa: E402
from kit.registers import (PATIENT, endless, failures, heard,  # noqa: E402
                           listed)
from kit.tap import diag, ok, same  # noqa: E402

CONF = f"""
allow {{ clients = {{ "{guesses.ALLOWED}" }} }}
trusted = {{ "{guesses.TRUSTED}" }}
ban {{ mode = off }}
"""


def feed(policyd, text):
    path = os.path.join(policyd.place, "mail.log")
    with open(path, "w") as f:
        f.write(text)
    since = time.monotonic()
    done = subprocess.run(
        [os.path.join(programs.BUILD, "policyctl"), "-c", policyd.conf,
         "feed", "--once", path], stdin=subprocess.DEVNULL,
        capture_output=True, text=True)
    took = time.monotonic() - since
    same(done.returncode, 0, "a mail log of ten thousand failed logins is fed")
    lines = text.count("\n")
    diag(f"{lines} lines in {took:.2f} s, {lines / took:.0f} lines/s, "
         "policyctl's start and Redis included")
    diag(re.search(r"feed lines=.*", done.stderr)[0])


def registers(policyd, plan):
    counts = plan.counts()
    found = {c: failures(policyd, c) for c in counts}
    same({c: (n, counts[c]) for c, n in found.items() if n != counts[c]}, {},
         "each client has the failures it had, and not one more")
    same(listed(policyd), plan.listed(), "those with more than ten are "
         "listed, and nobody else")
    for who in (guesses.ALLOWED, guesses.TRUSTED, guesses.VICTIM,
                "127.0.0.1"):
        same(policyd.cli("keys", f"policyd:*{who}*"), "",
             f"nothing is held against {who}")
    same(endless(policyd), [], "whatever was written ends by itself")


def script():
    plan = guesses.Plan()
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis).configure(
        greylist="mode = off", other=CONF).start()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}", *PATIENT)
    ok(policyd.logged("redis: ready"), "policyd is up")
    feed(policyd, guesses.log(plan, guesses.chance()))
    registers(policyd, plan)
    heard(postfix, plan)
    same(policyd.stop(), 0, "policyd ends well")


tap.run(script)
