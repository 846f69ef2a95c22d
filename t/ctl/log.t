#!/usr/bin/env python3
"""What policyctl changes is in the log, with the name of whoever did it."""

import os
import shutil
import socket
import subprocess
import sys

from ctl import Ctl, Redis, done, equal, matches, test
from kit import tap

# A /dev of our own, so that we are who reads /dev/log.
INSIDE = "POLICYD_TEST_DEV"
NEW_DEV = """
mount -t tmpfs none "$0" && cp -a /dev/null /dev/urandom "$0" &&
mount --move "$0" /dev && exec "$@"
"""
if INSIDE not in os.environ:
    words = ["unshare", "-m", "sh", "-c", NEW_DEV]
    place = subprocess.run(["mktemp", "-d"], capture_output=True,
                           text=True).stdout.strip()
    try:
        if subprocess.run([*words, place, "true"],
                          capture_output=True).returncode:
            tap.skip_all("no right to have a /dev of its own")
        sys.exit(subprocess.run(
            [*words, place, sys.executable, *sys.argv],
            env={**os.environ, INSIDE: place}).returncode)
    finally:
        shutil.rmtree(place)

log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
log.setblocking(False)
os.environ["SUDO_USER"] = "alice"
HOST = socket.gethostname()
redis = Redis()
ctl = Ctl(redis, 'rate { messages = "200/1h" }')


def logged(*words, stdin=b""):
    """What stands in the log behind the name of the program."""
    equal(ctl(*words, stdin=stdin).status, 0)
    lines = []
    while True:
        try:
            lines.append(log.recv(8192).decode())
        except BlockingIOError:
            break
    for line in lines:
        matches(line, r"^<21>.* policyctl\[\d+\]: ")  # mail.notice
    return [line.split("]: ", 1)[1] for line in lines]


def change(register, action, rest):
    return f"change register={register} action={action} by=alice@{HOST}{rest}"


SOON = redis.now() + 7200
BOBS = " owner=mailbox name=bob@example.org meter=messages/1h"

CHANGES = [
    ("a ban", ["ban", "add", "192.0.2.1", "--reason", "too \x1b[2J much"],
     ("ban", "add",
      r' client=192.0.2.1 until=permanent reason="too \x1b[2J much"')),
    ("its lifting", ["ban", "del", "192.0.2.1"],
     ("ban", "del", " client=192.0.2.1")),
    ("a report", ["spam", "report", "192.0.2.1", "--by", "u@example.net"],
     ("spam", "report", " client=192.0.2.1 reporter=u@example.net")),
    ("a clearing", ["spam", "clear", "--network", "192.0.2.0/24"],
     ("spam", "clear", ' count=1 filter="--network 192.0.2.0/24"')),
    ("a disabled mailbox",
     ["account", "disable", "Bob@example.org", "--reason", "has left"],
     ("account", "disable",
      ' user=bob@example.org until=permanent reason="has left"')),
    ("its being enabled", ["account", "enable", "bob@example.org"],
     ("account", "enable", " user=bob@example.org")),
    ("that somebody may send more",
     ["rate", "grant", "Bob@example.org", "+500", "--until", f"@{SOON}"],
     ("rate", "grant", BOBS + f" more=500 until={SOON}")),
    ("that a meter is forgotten", ["rate", "reset", "bob@example.org"],
     ("rate", "reset", BOBS + " used=0")),
    ("that he may not any more", ["rate", "revoke", "bob@example.org"],
     ("rate", "revoke", BOBS + " granted=500")),
]
for sentence, words, wanted in CHANGES:
    @test(f"{sentence} is in the log, with who did it")
    def _():
        equal(logged(*words), [change(*wanted)])


@test("an import is one line")
def _():
    line = (b'{"register":"allow","client":"192.0.2.1","permanent":true}\n'
            b'{"register":"allow","client":"*.example","permanent":true}\n')
    equal(logged("allow", "import", stdin=line),
          [change("allow", "import", " count=2")])
    equal(logged("allow", "import", stdin=line), [])


for words in (["ban", "list"], ["why", "192.0.2.1"], ["allow", "export"],
              ["ban", "del", "192.0.2.1"], ["ban", "clear", "--all"],
              ["allow", "clear", "--all", "--dry-run"], ["account", "list"],
              ["account", "unlock", "bob@example.org"],
              ["rate", "reset", "bob@example.org"],
              ["rate", "revoke", "bob@example.org"]):
    @test(f"what changes nothing is not: {' '.join(words)}")
    def _():
        equal(logged(*words), [])


done()
