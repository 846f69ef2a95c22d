"""pair - two policyd on one Redis, as two mail servers of a cluster have them

Greylisting is off: whom no register holds anything against is told DUNNO.
"""
import os
import subprocess
import time

from kit import programs, tap

POLICYCTL = os.path.join(programs.BUILD, "policyctl")
FRESH = 1.0  # seconds until the other one has to know


def pair(redis, other=""):
    return [programs.Policyd(redis).configure(
        greylist="mode = off", other=other).start() for _ in range(2)]


def ctl(policyd, *words):
    """What policyctl prints, told by this node's configuration."""
    done = subprocess.run([POLICYCTL, "-c", policyd.conf, *map(str, words)],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    if done.returncode:
        raise RuntimeError(f"policyctl {' '.join(map(str, words))}: "
                           f"{done.stderr}")
    return done.stdout


def up(policyd):
    """It has Redis, and has read the lists."""
    return programs.wait_for(
        lambda: policyd.ask(client_address="203.0.113.250") == "DUNNO" and
        policyd.log_count("redis: ready"))


def says(policyd, address, wanted, **more):
    return (policyd.ask(client_address=address, **more) or
            "").startswith(wanted)


def seen_after(since, policyd, address, wanted):
    """Seconds from `since` until the node says so; None when it never does."""
    while not says(policyd, address, wanted):
        if time.monotonic() - since > 5:
            return None
        time.sleep(0.005)
    return time.monotonic() - since


def seen(change, nodes, address, wanted, sentence):
    """After change() all nodes say so, soon enough."""
    change()
    since = time.monotonic()
    took = [seen_after(since, node, address, wanted) for node in nodes]
    if tap.ok(None not in took and max(took) < FRESH, sentence,
              f"after {took} s"):
        tap.diag(f"after {max(took) * 1e3:.0f} ms")
