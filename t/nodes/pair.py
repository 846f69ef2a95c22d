"""pair - two policyd on one Redis, as two mail servers of a cluster have them

Greylisting is off: whom no register holds anything against is told DUNNO.
"""
import os
import subprocess

from kit import programs, tap

POLICYCTL = os.path.join(programs.BUILD, "policyctl")

def pair(redis, other="", **settings):
    return [programs.Policyd(redis).configure(
        greylist="mode = off", other=other, **settings).start()
        for _ in range(2)]


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


def says(policyd, wanted, **asked):
    return (policyd.ask(**asked) or "").startswith(wanted)


def soon(nodes, sentence, wanted, **asked):
    """All come to say so, and how long that took; within half a second where
    nobody else wants the processor, as t/register and t/scope have it."""
    took = programs.seconds_until(
        lambda: all(says(n, wanted=wanted, **asked) for n in nodes),
        programs.SOON)
    if tap.ok(took is not None, sentence, f"wanted {wanted}",
              f"got    {[n.ask(**asked) for n in nodes]}"):
        tap.diag(f"after {took * 1e3:.0f} ms")
    return took


def seen(change, nodes, address, wanted, sentence):
    """After change() all nodes say so."""
    change()
    soon(nodes, sentence, wanted, client_address=address)
