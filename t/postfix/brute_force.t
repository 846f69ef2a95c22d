#!/usr/bin/python3
"""A night of guessed passwords at a real Dovecot lists whom it should.

As many of the ten thousand as fit into the time (DOVECOT_SECONDS, 20) go
through Dovecot, the rest to the endpoint that it asks.
"""
import http.client
import json
import os
import shutil
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import dovecot, guesses, programs, tap  # noqa: E402
from kit.postfix import Postfix  # noqa: E402
from kit.registers import PATIENT, failures, heard, listed  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402

SECONDS, STEP = int(os.environ.get("DOVECOT_SECONDS", "20")), 2000
CONF = f"""
allow {{ clients = {{ "{guesses.ALLOWED}" }} }}
trusted = {{ "{guesses.TRUSTED}" }}
ban {{ mode = off }}
"""


def wanted(plan, chance):
    """Each guess is another one; among them those who know their password,
    and some whom nobody may hold anything against."""
    tries = [(address, f"user{n}@example.com", f"guess-{n}",
              chance.choice(("smtp", "imap", "pop3")))
             for n, address in enumerate(plan.guesses(chance))]
    for who in guesses.ALLOWED, guesses.TRUSTED, "127.0.0.1":
        tries += [(who, f"user{n}@example.com", f"guess-{n}", "imap")
                  for n in range(30)]
    tries += [(guesses.VICTIM, "alice@example.com", "secret", "imap")] * 50
    chance.shuffle(tries)
    return tries


def through_dovecot(path, tries):
    """Tries until the time is over; what is left."""
    since, outcomes = time.monotonic(), {True: 0, False: 0}
    door, done = dovecot.Door(path), 0
    while done < len(tries) and time.monotonic() - since < SECONDS:
        for address, good in door.logins(tries[done:done + STEP]):
            outcomes[good] += 1
            if good != (address == guesses.VICTIM):
                ok(False, "a login is judged by its password", address)
        done += STEP
    took = time.monotonic() - since
    done = min(done, len(tries))
    diag(f"{done} logins through Dovecot in {took:.1f} s, "
         f"{done / took:.0f} a second")
    return tries[done:]


def to_the_endpoint(policyd, tries):
    c = http.client.HTTPConnection("127.0.0.1", policyd.http_port)
    since = time.monotonic()
    for address, user, password, service in tries:
        body = {"login": user, "remote": address, "protocol": service,
                "pwhash": password[-4:], "success":
                address == guesses.VICTIM, "policy_reject": False}
        c.request("POST", "/auth-policy?command=report", json.dumps(body),
                  {"Authorization": "Bearer sesame",
                   "Content-Type": "application/json"})
        reply = c.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{reply.status} {text}")
    took = time.monotonic() - since
    if tries:
        diag(f"{len(tries)} reports to the endpoint in {took:.1f} s, "
             f"{len(tries) / took:.0f} a second")


def judge(policyd, plan):
    """Whoever is listed is refused before its password is looked at, and
    counts no more; all others have what they had."""
    counts = plan.counts()
    programs.wait_for(lambda: listed(policyd) == plan.listed())
    same(listed(policyd), plan.listed(),
         "clients with more than ten failures are listed, and nobody else")
    quiet = {c: n for c, n in counts.items() if n <= 10}
    # Dovecot reports when it has answered.
    programs.wait_for(lambda: all(failures(policyd, c) >= n
                                  for c, n in quiet.items()))
    found = {c: failures(policyd, c) for c in counts}
    same({c: (n, counts[c]) for c, n in found.items()
          if counts[c] <= 10 and n != counts[c]}, {},
         "each of the others has the failures it had")
    same({c: n for c, n in found.items() if counts[c] > 10 and
          not 11 <= n <= counts[c]}, {},
         "each that is listed has eleven at least")
    for who in (guesses.ALLOWED, guesses.TRUSTED, guesses.VICTIM,
                "127.0.0.1"):
        same(policyd.cli("keys", f"policyd:[^a]*{who}*"), "",
             f"nothing is held against {who}")


def script():
    if not shutil.which("dovecot"):
        tap.skip_all("there is no Dovecot")
    if os.geteuid() != 0:
        tap.skip_all("only root may ask Dovecot as Postfix does")
    plan, chance = guesses.Plan(), guesses.chance()
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis).configure(
        greylist="mode = off", other=CONF).start()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}", "--dovecot",
                      dovecot.shipped(policyd), *PATIENT)
    ok(policyd.logged("redis: ready"), "policyd is up")
    left = through_dovecot(os.path.join(postfix.directory, "dovecot/auth"),
                           wanted(plan, chance))
    to_the_endpoint(policyd, left)
    judge(policyd, plan)
    heard(postfix, plan)
    same(policyd.stop(), 0, "policyd ends well")


tap.run(script)
