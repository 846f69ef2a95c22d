#!/usr/bin/python3
"""policyd is told to reload or to stop, or is killed, in the middle of work."""
import os
import re
import signal
import socket
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from load import (AWAY, GREYLISTED, LISTED, Load, figures, longest,  # noqa
                  stranger, wrong)


def reloads_under_load(redis, policyd):
    descriptors = policyd.descriptors()
    with Load(policyd, 16) as load:
        time.sleep(0.2)
        for n in range(10):
            policyd.configure(
                greylist=LISTED + (" delay = 1" if n % 2 else " dilay = 1") +
                "m")
            policyd.reload()
        asked = load.stop()
    same(policyd.log_count("info: reloaded"), 5, "of ten reloads five are "
         "good")
    ok(policyd.log_count("the old configuration stays") == 5 and
       policyd.logged(r"policyd.conf:\d+: .*dilay.*delay"),
       "five have a wrong word and are told what was meant")
    same(wrong(asked), [], "no request fails for it")
    diag(f"10 reloads: {figures(asked)}")

    policyd.configure(greylist=LISTED, deadline="5s", redis_deadline="4s")
    others = [programs.Redis().start() for _ in range(5)]
    with Load(policyd, 16) as load:
        for store in others + [redis]:
            before = policyd.log_count("redis: ready")
            policyd.store = store.socket
            policyd.configure()
            policyd.reload()
            # the last one is the first: it is still connected
            programs.wait_for(lambda: store is redis or policyd.log_count(
                "redis: ready") > before)
        asked = load.stop()
    same(wrong(asked), [], "nor when each reload names another Redis")
    ok(longest(asked) < 4, "and none waits until its answer is given up",
       figures(asked))
    diag(f"6 changes of Redis: {figures(asked)}")
    # a Redis that was left is let go after a request's deadline, 5 s
    ok(programs.wait_for(lambda: policyd.descriptors() <= descriptors),
       "no descriptor is left behind",
       f"{policyd.descriptors()} and not {descriptors}")


def in_work(policyd):
    return int(re.search(r"^policyd_requests_in_work (\d+)$",
                         policyd.http("/metrics")[1], re.M)[1])


def stops_under_load(redis, policyd):
    policyd.configure(deadline="30s", redis_deadline="6s").reload()
    ok(policyd.ready(), "an answer of Redis may take six seconds")
    sockets = [policy.connect(policyd.socket) for _ in range(200)]
    idle = policyd.client()
    redis.signal(signal.SIGSTOP)

    def stop():
        programs.wait_for(lambda: in_work(policyd) == 200, 5)
        policyd.signal(signal.SIGTERM)
        nonlocal start
        start = time.monotonic()
    start = None
    answers = policy.crowd(sockets, [stranger(n) for n in range(200)],
                           meanwhile=stop)
    same([a.action for a in answers if not (a.action or "").startswith(AWAY)],
         [], "told to stop, it answers all that are in work")
    same(policyd.process.wait(programs.PATIENCE), 0, "and exits with 0")
    took = time.monotonic() - start
    ok(took < 20, "long before the requests' deadline", f"{took:.2f} s")
    same(idle.answer(), None, "an idle client is closed")
    diag(f"stopped with 200 in work and a hanging Redis in {took:.2f} s")
    redis.signal(signal.SIGCONT)

    policyd.start()
    policyd.ready()
    with Load(policyd, 16) as load:
        time.sleep(0.3)
        start = time.monotonic()
        same(policyd.stop(), 0, "under load it exits with 0, too")
        took = time.monotonic() - start
        asked = load.stop()
    answered = [a for a in asked if a.action is not None]
    same(wrong(answered), [], "with right answers until then")
    ok(len(asked) - len(answered) <= 16,
       "no client has lost more than the request it sent too late",
       f"{len(asked)} asked, {len(answered)} answered")
    diag(f"stopped under load in {took * 1e3:.0f} ms")


def killed(policyd):
    """With a redis-server of its own."""
    child = int(policyd.logged(r"redis: started")
                and read(os.path.join(policyd.state, "redis.pid")))
    same(policyd.ask(sender="carol@example.net")[:9], GREYLISTED,
         "it has put off carol")
    key = policyd.cli("keys", "*carol*")
    record = policyd.cli("get", key)
    policyd.kill()
    start = time.monotonic()
    ok(programs.wait_for(lambda: ended(child)),
       "killed, it takes its redis-server along")
    diag(f"redis-server gone after {(time.monotonic() - start) * 1e3:.0f} ms")

    start = time.monotonic()
    policyd.start()
    ok(policyd.ready(), "started again in the same place, it greylists")
    same(policyd.ask(sender="dave@example.net")[:9], GREYLISTED,
         "and puts off dave")
    diag(f"greylisting again after {(time.monotonic() - start) * 1e3:.0f} ms")
    same(policyd.cli("get", key), record, "and still knows carol")
    ok(os.path.exists(policyd.socket), "it has its socket again")

    second = programs.Policyd()
    second.state = policyd.state
    second.configure()
    try:
        second.start()
        refused = False
    except RuntimeError:
        refused = True
    ok(refused and second.process.wait(programs.PATIENCE) != 0,
       "a second one in the same place does not start", second.log())
    same(policyd.ask(sender="dave@example.net")[:9], GREYLISTED,
         "and does the first no harm")

    child = int(read(os.path.join(policyd.state, "redis.pid")))
    os.kill(child, signal.SIGKILL)
    ok(policyd.ready() and not ended(int(read(os.path.join(
        policyd.state, "redis.pid")))), "a redis-server that dies is started "
       "again")
    same(policyd.cli("get", key), record, "with all it knew")
    same(policyd.stop(), 0, "told to stop, it exits with 0")
    ok(ended(int(read(os.path.join(policyd.state, "redis.pid")) or 0)),
       "and its redis-server has ended")


def changes_its_mind(redis, policyd):
    """`policyd` has a redis-server of its own."""
    policyd.configure(deadline="2s", redis_deadline="1s").reload()
    reloaded = policyd.log_count("info: reloaded")
    for policyd.store in (redis.socket, None):
        policyd.configure()
        policyd.reload()
    same(policyd.log_count("info: reloaded") - reloaded, 2,
         "a reload may go back to the Redis it left a moment ago")
    ok(policyd.ready() and policyd.log_count("redis: started") == 1,
       "which is still the same")
    time.sleep(2.5)  # those left are closed after a request's deadline
    ok(policyd.ready() and policyd.log_count("redis: started") == 1,
       "and stays")
    policyd.configure(deadline="8s", redis_deadline="7s").reload()


def started_without_standard_files(redis):
    policyd = programs.Policyd(redis, wrapper=(
        "sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh")).configure(
        greylist=LISTED)
    programs.Program.start(policyd)  # it has no log to wait for
    ok(programs.wait_for(lambda: os.path.exists(policyd.socket)) and
       policyd.ready(), "started without standard files, policyd serves")
    same([os.readlink(f"/proc/{policyd.pid}/fd/{n}") for n in range(3)],
         ["/dev/null"] * 3, "and none of its sockets has their numbers")


def in_the_background_with_a_socket(redis):
    """As a service manager starts it that hands over a socket."""
    place = programs.directory()
    path = os.path.join(place, "handed.sock")
    conf = os.path.join(place, "policyd.conf")
    with open(conf, "w") as f:
        f.write(f'listen = {{ "systemd" }}\nhttp {{ listen = "" }}\n'
                f'redis {{ servers = {{ "unix:{redis.socket}" }} }}\n')
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen()
        pid = os.fork()
        if pid == 0:
            os.dup2(s.fileno(), 3)
            os.set_inheritable(3, True)  # dup2() does not, when it was 3
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
            os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
            os.execv(os.path.join(programs.BUILD, "policyd"),
                     ["policyd", "-c", conf])
        same(os.waitpid(pid, 0)[1], 0, "policyd goes to the background")
    c = policy.connect(path)
    c.sendall(policy.request())
    ok(c.recv(4096).startswith(b"action="),
       "and serves the socket that was handed to it")
    for name in filter(str.isdigit, os.listdir("/proc")):
        if conf in read(f"/proc/{name}/cmdline"):
            os.kill(int(name), signal.SIGTERM)


def read(path):
    """Of a process that ends meanwhile there may be a file and no text."""
    try:
        with open(path, errors="replace") as f:
            return f.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def ended(pid):
    """Also one that only waits to be buried."""
    return pid == 0 or ") Z " in (read(f"/proc/{pid}/stat") or ") Z ")


def script():
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis).configure(greylist=LISTED).start()
    ok(policyd.ready(), "policyd is up")
    reloads_under_load(redis, policyd)
    stops_under_load(redis, policyd)
    started_without_standard_files(redis)
    in_the_background_with_a_socket(redis)
    own = programs.Policyd().configure(
        greylist=LISTED, deadline="8s", redis_deadline="7s").start()
    ok(own.ready(), "policyd is up, with a redis-server of its own")
    changes_its_mind(redis, own)
    killed(own)


tap.run(script)
