#!/usr/bin/env python3
"""greylist.local_memory of the whole daemon: who is known is known without
Redis, until that time is over or another one is set."""
import re
import signal
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

WAIT = "451 4.7.1"
# Nobody else asks Redis, nor whether the recipient is one of ours.
MORE = 'local_domains = { "example.com" }' + "".join(
    f" {check} {{ mode = off }}" for check in (
        "access", "ban", "abuse", "connections", "spam_source", "deny_domain",
        "deny_user"))


def counted(policyd):
    """Looked up in (memory, Redis)."""
    text = policyd.http("/metrics")[1]
    return tuple(int(re.search(
        r'^policyd_greylist_records_total\{from="%s"\} (\d+)$' % place, text,
        re.M)[1]) for place in ("memory", "redis"))


def make_known(redis):
    now = int(time.time())
    redis.cli("set", "policyd:known:{192.0.2.0/24}",
              f"last={now} passes=5 since={now - 86400}", "ex", "86400")


def main():
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis).configure(
        greylist="local_memory = 5m", other=MORE).start()
    policyd.ready()

    def ask(n):
        return policyd.ask(client_address="192.0.2.7",
                           sender=f"{'abcdefghij'[n]}@example.net")[:9]
    make_known(redis)
    _, before = counted(policyd)
    same({ask(n) for n in range(10)}, {"DUNNO"}, "who is known passes")
    memory, asked = counted(policyd)
    same((memory, asked - before), (9, 1),
         "and Redis is asked for it once in ten times")
    redis.cli("flushall")
    same(ask(0), "DUNNO", "for a while it does not matter that all is gone")
    redis.signal(signal.SIGSTOP)
    start = time.monotonic()
    same(ask(1), "DUNNO", "nor that Redis hangs")
    ok(time.monotonic() - start < 10, "for which nobody waits")
    redis.signal(signal.SIGCONT)
    policyd.signal(signal.SIGUSR1)
    ok(policyd.logged(r"counts of=greylist_memory asked=\d+ remembered=11\b"),
       "the log counts it, too")
    policyd.configure(greylist="local_memory = 0s").reload()
    ok(programs.wait_for(lambda: ask(0) == WAIT),
       "after a reload without such a memory it is a stranger")
    same(counted(policyd)[0], 11, "and everybody is asked for")
    make_known(redis)
    policyd.configure(greylist="local_memory = 1s").reload()
    ok(programs.wait_for(lambda: ask(2) == "DUNNO"), "known again")
    redis.cli("flushall")
    ok(programs.wait_for(lambda: ask(2) == WAIT),
       "what is deleted is missed when the time is over")
    same(policyd.stop(), 0, "policyd ends well")


tap.run(main)
