#!/usr/bin/python3
"""Users who send quickly over two policyd: what is charged beforehand shows
in no meter when all is still for a second, and lets nobody pass a limit."""
import itertools
import random
import sys
import threading
import time

sys.path.append(sys.path[0] + "/..")
from kit import meters, programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from pair import pair, up  # noqa: E402

OVER = "451 4.7.1"
LIMIT = 400
LEASE = 60  # the least that can be set; ends are rounded up, by a fifteenth
STILL = 1.1  # seconds
LINES = 6  # connections at each node, which are never quiet
CONF = f"""
rate {{
    mode = enforce
    messages = "{LIMIT}/1h"
    recipients = "100000/1d"
    domain_messages = "1000000/1h"
    domain_limits = adds
    lease = {LEASE}s
}}
domain "example.net" {{ rate {{ messages = "100000/1h" }} }}
"""
numbers = itertools.count()


class Sender:
    """A connection of Postfix, by which one user sends. Of a message some
    recipients are refused by Postfix, or it is broken off: then the next one
    begins."""

    def __init__(self, policyd, user, seed=None):
        self.client, self.user = policyd.client(), user
        self.chance = random.Random(seed) if seed is not None else None
        self.messages = self.recipients = self.refused = 0

    def dice(self, sides):
        return self.chance.randrange(sides) if self.chance else 0

    def begin(self):
        """Its recipients that may be sent to, and the message."""
        n = next(numbers)
        message = dict(sasl_username=self.user, sender=self.user,
                       size="1000", instance=f"nodes.{n}")
        told = [self.client.ask(protocol_state="RCPT",
                                recipient=f"r{n}.{i}@example.com", **message)
                for i in range(1 + self.dice(4))]
        if None in told:
            raise ConnectionError
        for action in told:
            if action != "DUNNO" and not action.startswith(OVER):
                raise RuntimeError(f"{self.user} is told {action}")
        return told.count("DUNNO"), message

    def send(self):
        """False when its limit is reached."""
        taken, message = self.begin()
        if taken == 0:
            self.refused += 1
            return False
        if self.dice(8) == 1:
            return True  # broken off
        if self.dice(4) == 1 and taken > 1:
            taken -= 1  # Postfix knows of no such recipient
        action = self.client.ask(protocol_state="END-OF-MESSAGE",
                                 recipient_count=str(taken), **message)
        if action is None:
            raise ConnectionError
        if action != "DUNNO":
            raise RuntimeError(f"refused when it was sent: {action}")
        self.messages += 1
        self.recipients += taken
        return True

    def rest(self):
        """A whole message: nothing that was broken off is left open."""
        self.chance = None
        return self.send()


def crowd(nodes, user, go, mixed=True):
    """go(sender) for each of many at once; meanwhile the senders are ours."""
    seed = next(numbers)
    senders = [Sender(n, user, seed * 1000 + i if mixed else None)
               for i, n in enumerate(nodes * LINES)]
    threads = [threading.Thread(target=go, args=(s,), daemon=True)
               for s in senders]
    for t in threads:
        t.start()
    return senders, threads


def wait(threads):
    for t in threads:
        t.join()


def read(policyd, user, kind="messages/1h"):
    """What was sent, what is open, what counts."""
    name, domain = user.split("@")
    fields = meters.meters(policyd, f"{{{domain}}}:{name}:{kind}")[
        f"{{{domain}}}:{name}:{kind}"]
    return meters.counted(fields), meters.is_open(fields), meters.used(fields)


def still(policyd, user):
    """A second without a message; this machine has other things to do."""
    time.sleep(STILL)
    programs.wait_for(lambda: read(policyd, user)[1] == 0, programs.SOON)


def too_little(policyd, user, senders, threads):
    """How often what counts was less than what had been sent before."""
    seen = times = 0
    while any(t.is_alive() for t in threads):
        sent = sum(s.messages for s in senders)
        if sent:
            seen += 1
            times += read(policyd, user)[2] < sent
    diag(f"looked at {seen} times")
    return times


def covered(policyd):
    """Charges that were made beforehand."""
    return int(next(line.split()[1] for line in
                    policyd.http("/metrics")[1].splitlines()
                    if line.startswith("policyd_rate_advance_charged_total")))


def far_below(nodes):
    def go(sender):
        for _ in range(40):
            sender.send()
        sender.rest()
    before = sum(map(covered, nodes))
    user = "far@example.net"
    senders, threads = crowd(nodes, user, go)
    same(too_little(nodes[0], user, senders, threads), 0,
         "what counts is never less than what was sent")
    still(nodes[0], user)
    sent = sum(s.messages for s in senders)
    to = sum(s.recipients for s in senders)
    same(sum(s.refused for s in senders), 0,
         "far below a limit nobody is refused")
    ok(sum(map(covered, nodes)) > before,
       "and Redis is not asked each time")
    same(read(nodes[0], user), (sent, 0, sent),
         "a second later messages are what was sent, and none is open")
    same(read(nodes[0], user, "recipients/1d"), (to, 0, to),
         "so are recipients, without those that were refused")
    domain = meters.meters(nodes[0], "{example.net}:messages/1h")
    fields = domain["{example.net}:messages/1h"]
    same((meters.counted(fields), meters.is_open(fields)), (sent, 0),
         "and those of the domain")
    diag(f"{sent} messages to {to} recipients")


def up_to_the_limit(nodes, user, mixed, sentence):
    def go(sender):
        while sender.send():
            pass
    senders, threads = crowd(nodes, user, go, mixed)
    wait(threads)
    still(nodes[0], user)
    sent = sum(s.messages for s in senders)
    ok(sent <= LIMIT, sentence, sent)
    for s in senders[:2]:  # one at each
        while s.rest():
            pass
    still(nodes[0], user)
    more = sum(s.messages for s in senders) - sent
    same(sent + more, LIMIT, "who tries again has the rest, and no more")
    same(read(nodes[0], user), (LIMIT, 0, LIMIT), "which is what counts")
    diag(f"{sent} at first, {more} more")


def killed(redis, nodes):
    """Returns who goes on."""
    one, other = nodes
    user = "killed@example.net"
    going = threading.Event()
    going.set()

    def go(sender):
        try:
            while going.is_set():
                sender.send()
        except OSError:
            pass  # its policyd is gone
    senders, threads = crowd([one, other], user, go, mixed=False)
    programs.wait_for(lambda: sum(s.messages for s in senders) > 300)
    one.kill()
    time.sleep(0.3)
    going.clear()
    wait(threads)
    time.sleep(STILL)
    sent = sum(s.messages for s in senders)
    counted, is_open, used = read(other, user)
    now = int(redis.cli("time").split()[0])
    ok(counted <= sent + LINES and counted + is_open >= sent,
       "killed, a policyd leaves open what it did not tell",
       f"{sent} sent, {counted} counted, {is_open} open")
    same(used, counted + is_open, "which counts")
    key = "policyd:rate:{example.net}:killed:messages/1h"
    ends = [int(f[5:]) for f in redis.cli("hkeys", key).split()
            if f.startswith("open:")]
    ok(all(e <= now + LEASE * 16 / 15 for e in ends),
       "until its lease ends", [e - now for e in ends])
    ok(int(redis.cli("ttl", key)) >= max(ends) - now, "and not beyond its key")
    diag(f"{sent} sent, {counted} counted, {is_open} open")
    return other


def stopped(redis, policyd):
    """One that is told to stop tells all that it has."""
    def go(sender):
        for _ in range(20):
            sender.send()
        sender.rest()
    user = "stopped@example.net"
    senders, threads = crowd([policyd], user, go)
    wait(threads)
    sent = sum(s.messages for s in senders)
    same(policyd.stop(), 0, "a policyd that has just let much pass ends well")
    fields = dict(itertools.zip_longest(*[iter(redis.cli(
        "hgetall", "policyd:rate:{example.net}:stopped:messages/1h")
        .split("\n"))] * 2))
    same((meters.counted(fields), meters.is_open(fields)), (sent, 0),
         "and Redis knows all of it")


def script():
    redis = programs.Redis().start()
    nodes = pair(redis, CONF)
    ok(all(map(up, nodes)), "two policyd are up, with one Redis")
    far_below(nodes)
    up_to_the_limit(nodes, "a@example.com", False,
                    "both at once let no more than the limit pass")
    up_to_the_limit(nodes, "b@example.com", True,
                    "nor when some messages are broken off")
    stopped(redis, killed(redis, nodes))


tap.run(script)
