#!/usr/bin/python3
"""A bit of everything under valgrind: no byte is lost, none misused."""
import glob
import os
import re
import signal
import socket
import sys

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from load import LISTED, stranger  # noqa: E402


FAILED = ('{"login":"alice@example.com","remote":"203.0.113.5",'
          '"protocol":"smtp","pwhash":"075c","success":false}')
REPORT = '{"client":"192.0.2.1","reporter":"alice@example.com"}'


def everything(policyd):
    sockets = [policy.connect(policyd.socket) for _ in range(50)]
    policy.crowd(sockets, [stranger(n) for n in range(50)])
    client = policyd.client()
    for path in sorted(glob.glob(os.path.join(programs.TOP,
                                              "t/wire/requests/*.req"))):
        with open(path, "rb") as f:
            client.exchange(f.read())

    for some in b"foo\n\n", b"request=smtpd_access_policy\nsender=", b"\0":
        broken = policyd.client()
        broken.send(some)
        broken.socket.shutdown(socket.SHUT_WR)
        broken.answer()

    half = socket.create_connection(("127.0.0.1", policyd.http_port))
    half.sendall(b"POST /healthz HTTP/1.1\r\nHost: x\r\n"
                 b"Content-Length: 9\r\n\r\n{")
    for path, body in [
            ("/metrics", None), ("/nowhere", None), ("/auth-policy", "{"),
            ("/auth-policy?command=report", FAILED),
            ("/auth-policy?command=allow", FAILED),
            ("/spam-report", REPORT)]:
        policyd.http(path, body, "sesame")
    for options in LISTED, "dilay = 1m", LISTED + " delay = 1m":
        policyd.configure(greylist=options)
        policyd.reload()
    policyd.cli("script", "flush")
    client.ask()
    policyd.cli("config", "set", "maxmemory", "1")
    client.ask(sender="full@example.net")
    policyd.cli("config", "set", "maxmemory", "0")
    policyd.signal(signal.SIGUSR1)

    # questions in flight while their Redis hangs, is killed, and comes back
    with open(os.path.join(policyd.state, "redis.pid")) as f:
        child = int(f.read())
    os.kill(child, signal.SIGSTOP)
    policy.crowd(sockets[:20], [stranger(n) for n in range(20)],
                 meanwhile=lambda: os.kill(child, signal.SIGKILL))
    ok(policyd.ready(), "its redis-server is killed, and comes back")
    with open(os.path.join(policyd.state, "redis.pid")) as f:
        child = int(f.read())
    os.kill(child, signal.SIGSTOP)
    policy.crowd(sockets[:20], [stranger(n) for n in range(20)],
                 meanwhile=lambda: policyd.signal(signal.SIGTERM))
    os.kill(child, signal.SIGCONT)


def script():
    if programs.SANITIZED:
        tap.skip_all("the sanitizers look for leaks themselves, in all tests")
    place = programs.directory()
    report = os.path.join(place, "valgrind")
    policyd = programs.Policyd(wrapper=[
        "valgrind", "--leak-check=full", "--error-exitcode=99",
        "--errors-for-leak-kinds=definite,indirect,possible",
        "--child-silent-after-fork=yes", f"--log-file={report}"])
    policyd.configure(greylist=LISTED).start()
    ok(policyd.ready(), "policyd runs under valgrind")
    everything(policyd)
    same(policyd.process.wait(programs.PATIENCE), 0,
         "told to stop, it exits with 0: nothing lost, nothing misused")
    with open(report) as f:
        text = f.read()
    lost = re.findall(r"(definitely|indirectly|possibly) lost: ([\d,]+)", text)
    ok("ERROR SUMMARY: 0 errors" in text and
       ("no leaks are possible" in text or
        len(lost) == 3 and all(n == "0" for _, n in lost)),
       "valgrind has seen no error and no lost byte", text)
    used = re.search(r"total heap usage: (.*)", text)
    diag(f"heap: {used[1]}")


tap.run(script)
