#!/usr/bin/python3
"""Every request that was once captured from a Postfix has its one answer."""
import glob
import os
import re
import sys

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

ANSWER = re.compile(r"DUNNO|[45]\d\d [45]\.\d+\.\d+ [!-~][ -~]{0,400}")


def read(path):
    with open(path, "rb") as f:
        return f.read()


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

    same(len(policyd.decisions()) - 1, 2 * len(paths),
         "each has its line in the log")  # one is that of ready()
    with open(policyd.log_path, "rb") as f:
        raw = f.read()
    ok(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw),
       "no control byte is in it")
    ok(raw.decode("utf-8"), "all of it is UTF-8")
    same(policyd.stop(), 0, "policyd ends well")


tap.run(script)
