#!/usr/bin/python3
"""Name servers that never answer, under thousands of requests that need them,
beside clients who need none."""
import multiprocessing
import os
import re
import selectors
import socket
import sys
import threading
import time

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from load import letters  # noqa: E402

STRANGERS = 400  # connections that ask about ever new domains
BYSTANDERS = 4  # and those of users, who need no DNS
BOUND = 200  # questions in flight: strangers alone could have twice as many
PHASE = 3  # seconds of each phase that is measured
MEMORY = 16 * 1024  # kB: what is remembered of lost names, and those who wait
SLOWER = 5  # times what it may have been without a DNS to wait for

CONF = """
local_domains = {{ "example.com" }}
dns {{
    servers = {{ "{server}" }}
    deadline = 2s
    max_in_flight = {bound}
}}
sender_domain {{ mode = enforce on_failure = defer }}
spf {{ mode = enforce temperror = defer }}
"""

NO_DNS = "451 4.4.3"
NO_NAME = "501 5.1.8"


class DeadServer:
    """A socket that nobody reads; later one that knows no name."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]

    def revive(self):
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        while True:
            packet, who = self.socket.recvfrom(4096)
            packet = bytearray(packet)
            packet[2:4] = b"\x81\x83"  # an answer: there is no such name
            self.socket.sendto(packet, who)


def stranger(n):
    return policy.request(sender=f"{letters(n)}@{letters(n)}.example")


def user(n):
    return policy.request(sender="alice@example.com", sasl_method="plain",
                          sasl_username="alice@example.com",
                          recipient=f"{letters(n)}@example.net")


class OnesClock:
    """Stands while that process waits for a processor: what others do on this
    machine is no fault of it. Without a process, or where the kernel does not
    tell, the usual one."""

    def __init__(self, pid):
        path = f"/proc/{pid}/schedstat"
        self.file = os.open(path, os.O_RDONLY) if os.path.exists(path) \
            else None

    def now(self):
        """[1] are nanoseconds."""
        waited = int(os.pread(self.file, 100, 0).split()[1]) / 1e9 \
            if self.file else 0
        return time.monotonic() - waited


class Crowd:
    """A process of its own that asks without a pause on some connections;
    `pid` is by whose clock answers take their time."""

    def __init__(self, policyd, connections, request, pid=None):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=self._run, daemon=True,
            args=(theirs, policyd.socket, connections, request,
                  OnesClock(pid)))
        self.process.start()

    def stop(self):
        """[when, seconds, action] of each request; takes what is under
        way."""
        self.pipe.send("stop")
        asked = self.pipe.recv()
        self.process.join()
        return asked

    @staticmethod
    def _run(pipe, address, connections, request, clock):
        waiting, asked = selectors.DefaultSelector(), []
        going, end = True, None

        def ask(s):
            asked.append([time.monotonic(), clock.now(), None])
            s.sendall(request(len(asked)))
            waiting.modify(s, selectors.EVENT_READ, asked[-1])

        for _ in range(connections):
            s = policy.connect(address)
            waiting.register(s, selectors.EVENT_READ)
            ask(s)
        while going or (connections and time.monotonic() < end):
            for key, _ in waiting.select(0.05):
                key.data[2] = policy.action(key.fileobj.recv(4096))
                key.data[1] = clock.now() - key.data[1]
                if going and key.data[2]:
                    ask(key.fileobj)
                else:
                    waiting.unregister(key.fileobj)
                    connections -= 1
            if going and pipe.poll():
                going, end = False, time.monotonic() + programs.PATIENCE
        pipe.send(asked)


class Watch:
    """What /metrics says of the DNS, the most there ever was."""

    def __init__(self, policyd):
        self.policyd, self.most = policyd, 0

    def value(self, name):
        page = self.policyd.http("/metrics")[1]
        return float(re.search(rf"^{name}(?:{{.*}})? (\S+)$", page, re.M)[1])

    def silent(self):
        self.most = max(self.most, self.value("policyd_dns_in_flight"))
        return self.value("policyd_dns_ready") == 0


def median(asked, begin, end):
    times = sorted(a[1] for a in asked if begin <= a[0] < end)
    return times[len(times) // 2] if times else 0


def rate(asked, begin, end):
    return sum(1 for a in asked if begin <= a[0] + a[1] < end) / (end - begin)


def unlike(asked, beginning):
    """The first that were not answered so."""
    return [a for a in asked if not (a[2] or "").startswith(beginning)][:5]


def measure(policyd, watch, request, until):
    """Both crowds, until that is true and a phase longer; the times between
    are three: the begin, when it was true, and the end."""
    crowd = Crowd(policyd, STRANGERS, request)
    bystanders = Crowd(policyd, BYSTANDERS, user, policyd.pid)
    times = [time.monotonic()]
    programs.wait_for(until)
    times.append(time.monotonic())
    while time.monotonic() < times[1] + PHASE:
        watch.silent()
        time.sleep(0.1)
    times.append(time.monotonic())
    return crowd.stop(), bystanders.stop(), times


def milliseconds(seconds):
    return f"{seconds * 1e3:.2f} ms"


def script():
    server = DeadServer()
    policyd = programs.Policyd(programs.Redis().start()).configure(
        greylist="mode = off",
        other=CONF.format(server=server.address, bound=BOUND)).start()
    watch = Watch(policyd)

    users, usual, times = measure(policyd, watch, user, lambda: True)
    same(unlike(users + usual, "DUNNO"), [], "users need no DNS")
    before, busy = median(usual, *times[1:]), rate(users, *times[1:])
    # As long a bystander waits when policyd, and not who asks it, is the slow
    # one: behind all others.
    behind = STRANGERS / busy
    diag(f"users only: {busy:.0f} requests/s, a bystander waits "
         f"{milliseconds(before)}, behind all others {milliseconds(behind)}")
    memory = policyd.status("VmRSS")

    asked, beside, times = measure(policyd, watch, stranger, watch.silent)
    grown = policyd.status("VmRSS") - memory
    same(unlike(asked, NO_DNS), [],
         "without name servers each stranger is told to come later")
    same(unlike(beside, "DUNNO"), [], "and each user is served")
    same(watch.value("policyd_requests_late_total"), 0,
         "no request has waited for its deadline")
    ok(0 < watch.most <= BOUND, "no more questions are under way than may be",
       watch.most)
    ok(watch.silent(), "the name servers are known to be silent")
    told = policyd.log_count("the name servers do not answer")
    ok(1 <= told <= 1 + (times[2] - times[0]) / 60,
       "which the log tells at most once a minute", told)
    ok(grown < MEMORY or programs.SANITIZED, "memory is bounded",
       f"{grown} kB")
    for name, begin, end in (("asking", *times[:2]), ("silent", *times[1:])):
        now = median(beside, begin, end)
        ok(now < SLOWER * max(before, behind),
           f"{name}: who needs no DNS waits no longer", milliseconds(now),
           f"before {milliseconds(before)}, {milliseconds(behind)}")
        diag(f"{name}, {end - begin:.1f} s: {rate(asked, begin, end):.0f} "
             f"requests/s that need the DNS, each waits "
             f"{milliseconds(median(asked, begin, end))}; a bystander "
             f"{milliseconds(now)}")
    diag(f"{len(asked)} requests; longest wait "
         f"{milliseconds(max(a[1] for a in asked))}; at most {watch.most:.0f} "
         f"questions under way; memory {grown:+} kB")

    server.revive()
    n = 0

    def judged():
        nonlocal n
        n -= 1
        return (policyd.ask(sender=f"x@{letters(-n)}.example.org")
                or "").startswith(NO_NAME)
    ok(programs.wait_for(judged), "when they answer, they are asked again")
    policyd.logged("the name servers answer again")
    same(policyd.log_count("the name servers answer again"), 1,
         "and the log tells that, too")


tap.run(script)
