#!/usr/bin/python3
"""Redis is killed, hangs, is not there yet, or wants another password."""
import signal
import sys
import time
from collections import Counter

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from load import (AWAY, GREYLISTED, LISTED, Load, figures, letters,  # noqa
                  stranger, wrong)


def milliseconds(seconds):
    return f"{seconds * 1e3:.1f} ms"


def start():
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis).configure(greylist=LISTED).start()
    ok(policyd.ready(), "policyd and Redis are up")
    return redis, policyd


def killed_with_1000_in_flight(redis, policyd):
    sockets = [policy.connect(policyd.socket) for _ in range(1000)]
    redis.signal(signal.SIGSTOP)  # or it would answer some before it dies

    def kill():
        time.sleep(0.2)  # all are on their way to Redis
        redis.kill()
    answers = policy.crowd(sockets, [stranger(n) for n in range(1000)],
                           meanwhile=kill)
    worst = max(a.seconds for a in answers)
    same([a.action for a in answers if not (a.action or "").startswith(AWAY)],
         [], "1,000 in flight when Redis is killed are answered, 451 4.3.0")
    # Twenty seconds are the deadline of an answer.
    ok(worst < 10, "none of them has waited for its deadline",
       milliseconds(worst))
    # the log is written when a turn of the loop ends, behind its answers
    ok(programs.wait_for(lambda: len([
        d for d in policyd.decisions()
        if d.get("lost") in ("broken", "down")]) == 1000),
       "each of them was lost with the connection, or found none",
       Counter(d.get("lost") for d in policyd.decisions()))
    diag(f"longest wait {milliseconds(worst)}, 200 ms of it before the kill")

    answers = []
    for n, s in enumerate(sockets[:100]):
        answers += policy.crowd([s], [stranger(n)])
    times = sorted(a.seconds for a in answers)
    ok(all((a.action or "").startswith(AWAY) for a in answers) and
       times[50] < 1, "without Redis the answer is there at once",
       milliseconds(times[50]))
    diag(f"without Redis: median {milliseconds(times[50])}, longest "
         f"{milliseconds(times[-1])}")

    since = time.monotonic()
    redis.start()
    ok(policyd.ready(), "with Redis back it greylists again")
    diag(f"back after {milliseconds(time.monotonic() - since)}")
    policy.crowd(sockets, [stranger(n) for n in range(1000)])
    records = policyd.cli("eval", "local t = redis.call('KEYS', "
                          "'policyd:grey:{192.0.*') for i, k in ipairs(t) do "
                          "t[i] = redis.call('GET', k) end return t", 0)
    ok("tries=" in records and "tries=2" not in records,
       "no stranger was counted twice", records[:500])
    for s in sockets:
        s.close()


def hangs_under_load(redis, policyd):
    """Until policyd has given it up, and a while longer: an answer may take a
    second, and whoever needs longer waits for Redis."""
    policyd.configure(redis_deadline="1s").reload()
    ok(policyd.ready(), "with another deadline it goes on")
    before = policyd.status("VmRSS")
    given_up = policyd.log_count(": no answers")
    with Load(policyd, 16) as load:
        time.sleep(0.5)
        redis.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        programs.wait_for(lambda: policyd.log_count(": no answers") > given_up)
        opened = time.monotonic()
        time.sleep(1)
        hanging = load.after(stopped)
        answered = programs.wait_for(lambda: all(
            a.seconds is not None for a in hanging))
        grown = policyd.status("VmRSS") - before
        redis.signal(signal.SIGCONT)
        back = time.monotonic()
        greylists = programs.wait_for(lambda: any(
            (a.action or "").startswith(GREYLISTED)
            for a in load.since(back)[-100:]))
        took = time.monotonic() - back
        asked = load.stop()
    same(wrong(asked), [], "while Redis hangs each request has its answer")
    ok(answered, "before Redis is awake", figures(hanging))
    later = [a for a in hanging if a.sent > opened]
    median = sorted(a.seconds for a in later)[len(later) // 2]
    ok(median < 0.5, "soon it no longer waits for Redis", figures(later))
    ok(grown < 5 * 1024 or programs.SANITIZED,
       "its memory does not grow by more than 5 MB", f"{grown} kB")
    ok(greylists, "awake again, Redis is asked again")
    diag(f"hanging: {figures(hanging)}; breaker open: {figures(later)}; "
         f"memory +{grown} kB; back after {took:.1f} s")


def absent_at_start():
    redis = programs.Redis()
    policyd = programs.Policyd(redis).configure(greylist=LISTED).start()
    answers = {(policyd.ask(sender=f"{letters(n)}@example.net") or "")[:9]
               for n in range(50)}
    same(answers, {AWAY}, "without Redis from the start it answers, too")
    complaints = [line for line in policyd.log().splitlines()
                  if "redis" in line]
    ok(1 <= len(complaints) <= 5, "it tells of that, not of each request",
       complaints)
    since = time.monotonic()
    redis.start()
    ok(policyd.ready(), "it finds the Redis that comes later")
    diag(f"found after {milliseconds(time.monotonic() - since)}")
    same(policyd.stop(), 0, "and ends well")


def wrong_password():
    redis = programs.Redis("--requirepass", "right-secret").start()
    policyd = programs.Policyd(redis).configure(
        greylist=LISTED, redis='password = "wrong-secret"').start()
    ok(policyd.ask().startswith(AWAY), "with a wrong password it answers")
    ok(policyd.logged("WRONGPASS"), "and logs what Redis says")
    policyd.configure(redis='password = "right-secret"')
    policyd.reload()
    ok(policyd.ready(), "with the right one after a reload it greylists",
       policyd.log())
    ok("secret" not in policyd.log(), "no password is in the log")
    same(policyd.stop(), 0, "and ends well")


def script():
    redis, policyd = start()
    killed_with_1000_in_flight(redis, policyd)
    hangs_under_load(redis, policyd)
    same(policyd.stop(), 0, "policyd ends well")
    absent_at_start()
    wrong_password()


tap.run(script)
