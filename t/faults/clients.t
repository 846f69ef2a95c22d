#!/usr/bin/python3
"""Clients that are many, slow, huge, or only half there."""
import resource
import socket
import sys
import threading
import time
from collections import Counter

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from load import GREYLISTED, LISTED, listed  # noqa: E402

IDLE = 10000
MEMORY = 20 * 1024  # kB, of policyd with so many
ALONE = 2 * 1024  # kB that are not its program's, with nobody yet
PARTIAL = 10  # seconds for the rest of a request


def limit_files(number):
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


def rings(policyd):
    """Someone who asks once is served."""
    return policyd.ask(sender="listed@example.edu") == "DUNNO"


class Slow(threading.Thread):
    """A request, a byte a second, for as long as it is let."""

    def __init__(self, policyd):
        super().__init__(daemon=True)
        self.begun, self.closed = time.monotonic(), None
        self.socket = policy.connect(policyd.socket)
        self.socket.settimeout(1)
        self.start()

    def run(self):
        for byte in policy.request():
            try:
                self.socket.send(bytes([byte]))
                self.socket.recv(1)
                break
            except socket.timeout:
                pass
            except OSError:
                break
        self.closed = time.monotonic()

    def closed_after(self):
        """How long that took; None when it is still let."""
        return programs.wait_for(lambda: self.closed) and \
            self.closed - self.begun


def few_descriptors():
    policyd = programs.Policyd(programs.Redis().start(),
                               ["prlimit", "--nofile=64"])
    policyd.configure(greylist=LISTED).start()
    ok(policyd.ready(), "policyd may have 64 descriptors")
    sockets = [policy.connect(policyd.socket) for _ in range(200)]
    answers = policy.crowd(sockets, [listed(n) for n in range(200)],
                           timeout=5)
    served = [s for s, a in zip(sockets, answers) if a.action == "DUNNO"]
    ok(20 <= len(served) < 64, "of 200 clients some are served",
       len(served))
    before, begun = policyd.cpu_seconds(), time.monotonic()
    time.sleep(1)
    used = policyd.cpu_seconds() - before
    seconds = time.monotonic() - begun
    ok(used < 0.1 * seconds, "the others do not keep it busy",
       f"{used:.2f} s in {seconds:.2f} s")
    again = policy.crowd(served, [listed(n) for n in range(len(served))])
    same([a.action for a in again if a.action != "DUNNO"], [],
         "those it serves it goes on serving")
    for s in sockets:
        s.close()
    ok(policyd.ready(),
       "when they are gone others are served, and Redis is asked")
    told = [line for line in policyd.log().splitlines() if "clients" in line]
    ok(len(told) <= 6, "the log tells of it a few times", told)
    diag(f"{len(served)} of 200 served with 64 descriptors, "
         f"{used:.2f} s CPU in {seconds:.2f} s")
    same(policyd.stop(), 0, "policyd ends well")


def hostile(policyd):
    client = policyd.client()
    try:
        client.send(b"request=smtpd_access_policy\nsender=" + b"x" * 1000000)
        answer = client.answer()
    except OSError:
        answer = None
    same(answer, None, "who sends a line of 1 MB is closed")
    ok(policyd.logged("warning: .*unix:"), "the log tells of it",
       policyd.log()[-300:])

    for what, some in (
            ("a line without =", b"request=smtpd_access_policy\nfoo\n\n"),
            ("a NUL", b"request=smtpd_access_policy\nsender=a\0b\n\n"),
            ("another protocol", b"GET / HTTP/1.1\r\n\r\n"),
            ("no request=", b"sender=a@example.net\n\n"),
            ("10,000 attributes", b"request=smtpd_access_policy\n" +
             b"a=b\n" * 10000 + b"\n")):
        client = policyd.client()
        client.send(some)
        same(client.answer(), None, f"so is who sends {what}")
    ok(rings(policyd), "others are served meanwhile")

    client = policyd.client()
    client.send(listed(1))
    client.socket.shutdown(socket.SHUT_WR)
    same(client.answer(), "DUNNO", "who only stops talking hears its answer")
    same(client.answer(), None, "and is closed then")

    client = policyd.client()
    for byte in listed(1):
        client.send(bytes([byte]))
    same(client.answer(), "DUNNO", "a request may come in single bytes")
    client.send(listed(1) + policy.request() + listed(2))
    same([(client.answer() or "")[:5] for _ in range(3)],
         ["DUNNO", "451 4", "DUNNO"],
         "three requests at once have three answers in their order")
    client = policyd.client()
    client.send(policy.request())
    client.close()
    ok(rings(policyd), "who leaves without its answer is not missed")


def bare(n):
    """One without a session, as of a Postfix before 3.0."""
    return policy.request(sender="a@example.net")


def in_session(n):
    """Each of them is another client's, in a transaction of its own."""
    return policy.request(
        sender="a@example.net", client_address=f"2001:db8:0:{n:x}::1",
        client_port=str(1024 + n), instance=f"{n:x}.69206c65.{n:x}.0")


def all_ask(policyd, request):
    """10,000 clients, each of which has asked once."""
    start = policyd.status("VmRSS")
    sockets = [policy.connect(policyd.socket) for _ in range(IDLE)]
    answers = []
    for at in range(0, IDLE, 1000):
        answers += policy.crowd(sockets[at:at + 1000], [
            request(n) for n in range(at, at + 1000)])
    ok(all((a.action or "").startswith(GREYLISTED) for a in answers),
       "10,000 clients have asked, and stay",
       Counter((a.action or "none")[:9] for a in answers))
    memory = policyd.status("VmRSS")
    ok(memory < MEMORY or programs.SANITIZED,
       "policyd takes less than 20 MB", f"{memory} kB")
    diag(f"10,000 idle clients: {memory} kB resident ({start} kB before)")
    return sockets


def many_sessions(what, other):
    policyd = programs.Policyd(programs.Redis().start())
    policyd.configure(greylist=LISTED, other=other).start()
    ok(policyd.ready(), what)
    sockets = all_ask(policyd, in_session)
    for s in sockets:
        s.close()
    ok(programs.wait_for(lambda: policyd.descriptors() < 50),
       "when they leave, their descriptors are given back")
    ok(rings(policyd), "and others are served")
    same(policyd.stop(), 0, "policyd ends well")


def many_idle():
    limit_files(IDLE + 2000)
    policyd = programs.Policyd(programs.Redis().start())
    policyd.configure(greylist=LISTED).start()
    ok(policyd.ready(), "policyd may have 12,000 descriptors")
    sockets = all_ask(policyd, bare)
    before = policyd.cpu_seconds()
    times = sorted(policy.crowd([s], [listed(1)])[0].seconds
                   for s in sockets[::10])
    used = policyd.cpu_seconds() - before
    # The others' share of the machine is no fault of policyd.
    ok(used < 1 or programs.SANITIZED, "an answer to one of them costs less "
       "than a millisecond", f"{used} s for {len(times)}")
    ok(times[0] < 0.1, "and does not wait for anything",
       f"{times[0] * 1e3:.2f} ms")
    diag(f"answers to them: median {times[500] * 1e3:.2f} ms, "
         f"99 % {times[989] * 1e3:.2f} ms, {used * 1e3:.0f} us of CPU each")
    time.sleep(0.2)
    same([a.action for a in policy.crowd(sockets[:9], [listed(1)] * 9)],
         ["DUNNO"] * 9, "none of them is closed for being idle")
    for s in sockets:
        s.close()
    ok(programs.wait_for(lambda: policyd.descriptors() < 50),
       "when they leave, their descriptors are given back")
    same(policyd.stop(), 0, "policyd ends well")


def script():
    policyd = programs.Policyd(programs.Redis().start()).configure(
        greylist=LISTED).start()
    ok(policyd.ready(), "policyd is up")
    memory = policyd.status("RssAnon")
    ok(memory < ALONE or programs.SANITIZED,
       "what it has read it has let go of", f"{memory} kB")
    slow = Slow(policyd)
    hostile(policyd)
    memory = policyd.status("VmHWM")
    few_descriptors()
    many_idle()
    many_sessions("policyd has 10,000 clients with sessions", "")
    many_sessions("policyd counts the sessions of 10,000 clients",
                  "connections { mode = enforce server = 0 }")
    took = slow.closed_after()
    ok(took and PARTIAL - 1 < took < 5 * PARTIAL, "who sends a byte a second "
       "is closed after ten", f"{took} s")
    ok(policyd.logged("no end of its request"), "and told of")
    ok(rings(policyd), "others were served all the time")
    ok(memory < MEMORY or programs.SANITIZED,
       "no hostile client costs much memory", f"{memory} kB")
    diag(f"{memory} kB at most after what was hostile; closed after "
         f"{took} s")
    same(policyd.stop(), 0, "policyd ends well")


tap.run(script)
