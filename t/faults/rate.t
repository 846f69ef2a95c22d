#!/usr/bin/python3
"""Limits hold when Redis or a policyd is lost, and counts are right later."""
import itertools
import signal
import sys
import threading
import time

sys.path.append(sys.path[0] + "/..")
from kit import cable, meters, programs, tap  # noqa: E402
from kit.registers import wait_for_window  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402

DEADLINE, OF_REDIS = 10, 2  # seconds, of a request and of an answer
SLACK = 5  # this machine has other things to do
OVER = "451 4.7.1"
LIMIT, NODES = 20, 2
SHARE = LIMIT // NODES
STEP = 180  # a twentieth of the window
NOTED = 3  # no more in a second: then some are charged in advance
LEASE = 60  # the least that can be set; ends are rounded up, by a fifteenth
GRACE = 5  # and what stands in the journal is left to who has written it
LINES = 4  # connections that are never quiet, at each node

RATE = f"""
rate {{
    mode = enforce
    messages = "{LIMIT}/1h"
    lease = {LEASE}s
}}
domain "example.net" {{
    rate {{ messages = "1000000/1h" }}
}}
"""
numbers = itertools.count()


def start(redis):
    policyd = programs.Policyd(redis).configure(
        greylist="mode = off", other=RATE, deadline=f"{DEADLINE}s",
        redis_deadline=f"{OF_REDIS}s").start()
    policyd.logged("redis: ready")
    return policyd


class Line:
    """A connection of Postfix, and how long its answers took."""

    def __init__(self, policyd):
        self.client = policyd.client()
        self.times = []

    def ask(self, **attributes):
        since = time.monotonic()
        action = self.client.ask(**attributes)
        self.times.append(time.monotonic() - since)
        return action

    def begin(self, user):
        """A message, up to its recipient: what that is told, and the rest."""
        message = dict(sasl_username=user, sender=user, size="1000",
                       instance=f"faults.{next(numbers)}")
        return self.ask(protocol_state="RCPT", **message), message

    def send(self, user):
        """True when it is sent, False when its limit is reached."""
        action, message = self.begin(user)
        if action == "DUNNO":
            action = self.ask(protocol_state="END-OF-MESSAGE",
                              recipient_count="1", **message)
        if action != "DUNNO" and not action.startswith(OVER):
            raise RuntimeError(f"{user} is told {action}")
        return action == "DUNNO"


class Busy:
    """Messages of one user without a pause, over several connections."""

    def __init__(self, nodes, user):
        self.user, self.sent, self.going = user, 0, True
        self.lock = threading.Lock()
        self.lines = [Line(n) for n in nodes for _ in range(LINES)]
        self.threads = [threading.Thread(target=self._run, args=(line,),
                                         daemon=True) for line in self.lines]
        for t in self.threads:
            t.start()

    def _run(self, line):
        while self.going:
            sent = line.send(self.user)
            with self.lock:
                self.sent += sent

    def stop(self):
        """How many were sent, and the longest that one had to wait."""
        self.going = False
        for t in self.threads:
            t.join()
        return self.sent, max(max(line.times) for line in self.lines)


def meter(redis, user):
    """What was sent, and what is open, as Redis has it."""
    name, domain = user.split("@")
    fields = meters.meters(redis, f"{{{domain}}}:{name}:messages/1h").get(
        f"{{{domain}}}:{name}:messages/1h", {})
    is_open = meters.is_open(fields)
    return meters.used(fields) - is_open, is_open


def tries(nodes, user, count):
    """So many at each node: how many each has let pass."""
    lines = [Line(n) for n in nodes]
    return [sum(line.send(user) for _ in range(count)) for line in lines]


def metric(policyd, name):
    for line in policyd.http("/metrics")[1].splitlines():
        if line.startswith(name + " "):
            return int(line.split()[1])
    return None


def alone(nodes, user):
    """Each has found out that Redis is away: it counts by itself."""
    def all_alone():
        before = [metric(n, "policyd_rate_alone_charged_total")
                  for n in nodes]
        tries(nodes, user, 1)
        return all(metric(n, "policyd_rate_alone_charged_total") > b
                   for n, b in zip(nodes, before))
    return programs.wait_for(all_alone)


def come_to(redis, user, wanted):
    """Redis hears of the rest a little later."""
    programs.wait_for(lambda: meter(redis, user) == wanted)
    return meter(redis, user)


def over():
    """When leases that begin now must have ended."""
    return time.monotonic() + LEASE * 16 / 15 + GRACE + 2


# -- a policyd is killed --

def killed_with_open_charges(redis):
    """Returns the node that goes on, and when the leases must be over."""
    policyd = start(redis)
    lines = [Line(policyd) for _ in range(LIMIT + 1)]
    told = [line.begin("lost@example.com")[0] for line in lines]
    same(told[:LIMIT], ["DUNNO"] * LIMIT,
         "as many messages as are allowed are begun")
    ok(told[LIMIT].startswith(OVER), "what is only begun counts", told)
    # Another one sends what tells policyd that its step has begun; then they
    # are charged without a lease, until that step is over.
    wait_for_window(redis, STEP)
    same(tries([policyd], "gone@example.com", 1), [1], "one more sends")
    more = [Line(policyd) for _ in range(NOTED)]
    same([line.begin("gone@example.com")[0] for line in more],
         ["DUNNO"] * NOTED, "and begins some messages")
    policyd.kill()
    same(meter(redis, "gone@example.com"), (1, NOTED), "these are open")
    same(redis.cli("hget", "policyd:rate:{example.com}:gone:messages/1h",
                   "current"), str(1 + NOTED), "by what is in the journal")
    other = start(redis)
    same(tries([other], "lost@example.com", 1), [0],
         "when their policyd is killed they still count")
    same(meter(redis, "lost@example.com"), (0, LIMIT), "as open ones")
    return other, over()


def given_back(redis, policyd, when):
    time.sleep(max(0, when - time.monotonic()))
    same(tries([policyd], "lost@example.com", LIMIT + 1), [LIMIT],
         "after the lease all of it is free again")
    same(tries([policyd], "gone@example.com", LIMIT), [LIMIT - 1],
         "and what was in the journal")
    ok(programs.wait_for(lambda: redis.cli("exists", "policyd:open") == "0"),
       "of which nothing is left")
    ok(policyd.logged(f"rate: {NOTED} open charges of a policyd that died are "
                      "given back"), "as the log tells")
    same(metric(policyd, "policyd_rate_given_back_total"), NOTED,
         "and the metrics")
    same(come_to(redis, "lost@example.com", (LIMIT, 0)), (LIMIT, 0),
         "and nothing but what was sent counts")


# -- one policyd is without Redis --

def cut_off(redis):
    """Of what it had begun it sends some, and Redis cannot hear that. Returns
    its cable, the node that goes on, and when the leases must be over."""
    line = cable.Cable(redis)
    policyd, other = start(line), start(redis)
    same(tries([policyd], "cut@example.com", 1), [1], "one message is sent")
    lines = [Line(policyd) for _ in range(NOTED)]
    begun = [each.begin("cut@example.com") for each in lines]
    ok(programs.wait_for(lambda: meter(redis, "cut@example.com") ==
                         (1, NOTED)), "and some are begun",
       meter(redis, "cut@example.com"))
    line.pull()
    same([each.ask(protocol_state="END-OF-MESSAGE", recipient_count="1", **m)
          for each, (_, m) in list(zip(lines, begun))[1:]],
         ["DUNNO"] * (NOTED - 1), "of which all but one are sent while their "
         "policyd alone is without Redis")
    return line, other, over()


def heard_of(redis, line, other, when):
    time.sleep(max(0, when - time.monotonic()))

    def all_is_given_back():
        tries([other], "cut@example.com", 1)
        return redis.cli("exists", "policyd:open") == "0"
    user = "cut@example.com"
    ok(programs.wait_for(all_is_given_back),
       "when the lease is over another one gives them back")
    sent = sum(meter(redis, user))
    line.plug()
    same(come_to(redis, user, (sent + NOTED - 1, 0)), (sent + NOTED - 1, 0),
         "when its policyd is back what it has sent counts again")


# -- Redis is lost --

def within_the_bound(redis, busy, sentence):
    """Of what was on its way nobody knows whether it ran: what was charged so
    is open. What Redis was told of many messages at once may be lost as well:
    then these are open, too, and count until their lease ends. One message a
    connection may be missing."""
    sent, longest = busy.stop()
    programs.wait_for(
        lambda: sum(meter(redis, busy.user)) >= sent - len(busy.lines))
    time.sleep(1.5)  # whatever would come too often
    counted, is_open = meter(redis, busy.user)
    ok(counted <= sent and counted + is_open >= sent - len(busy.lines),
       sentence, f"{sent} sent, {counted} counted, {is_open} open")
    ok(longest < DEADLINE + SLACK, "no answer came later than the deadline",
       f"{longest:.2f} s")
    diag(f"{sent} sent, {counted} counted, {is_open} open, longest wait "
         f"{longest * 1e3:.0f} ms")


def killed(redis, nodes):
    same(tries(nodes, "k1@example.com", 5), [5, 5], "two nodes count in Redis")
    same(come_to(redis, "k1@example.com", (10, 0)), (10, 0), "as one")
    busy = Busy(nodes, "killed@example.net")
    time.sleep(1)
    redis.kill()
    ok(alone(nodes, "x1@example.com"),
       "Redis is killed under load: each node counts by itself")
    same(tries(nodes, "k1@example.com", LIMIT), [SHARE, SHARE],
         "each lets its share of a limit pass, and no more")
    same(tries(nodes, "k2@example.com", SHARE - 1), [SHARE - 1] * 2,
         "and whatever is within it")
    redis.start()
    same(come_to(redis, "k1@example.com", (10 + LIMIT, 0)), (10 + LIMIT, 0),
         "when Redis is back it hears of all that was sent")
    same(tries(nodes, "k1@example.com", 3), [0, 0], "and refuses more")
    come_to(redis, "k2@example.com", (2 * (SHARE - 1), 0))
    same(tries(nodes, "k2@example.com", 3), [2, 0], "but not what is left")
    within_the_bound(redis, busy, "of what was on its way at most one message "
                     "a connection is not counted or open, and none twice")


def hangs(redis, nodes):
    busy = Busy(nodes, "hangs@example.net")
    time.sleep(1)
    redis.signal(signal.SIGSTOP)
    ok(alone(nodes, "x2@example.com"),
       "Redis hangs under load: each node counts by itself")
    for n in nodes:  # and no question is on its way any more
        n.logged("redis: lost .* no answers")
    same(tries(nodes, "h1@example.com", LIMIT), [SHARE, SHARE],
         "each lets its share pass")
    redis.signal(signal.SIGCONT)
    same(come_to(redis, "h1@example.com", (LIMIT, 0)), (LIMIT, 0),
         "when Redis goes on it hears of that")
    same(tries(nodes, "h1@example.com", 3), [0, 0], "and refuses more")
    within_the_bound(redis, busy, "of what was on its way nothing counts "
                     "twice when its lease is over")


def ends(redis, nodes):
    one, other = nodes
    redis.kill()
    ok(alone(nodes, "x3@example.com"), "Redis is lost once more")
    tries(nodes, "e1@example.com", 3)
    same(one.stop(), 0, "a policyd that is stopped meanwhile ends well")
    ok(one.logged(r"rate: what was sent without Redis is forgotten, of \d+ "
                  "meters"), "and logs how much Redis will not hear of")
    redis.start()
    ok(other.logged(r"rate: Redis was told what was sent without it"),
       "of what the other one counted Redis hears")
    same(come_to(redis, "e1@example.com", (3, 0)), (3, 0), "all of it")
    same(other.stop(), 0, "and it ends well")
    ok(f"/{other.pid}" not in redis.cli("zrange", "policyd:nodes", 0, -1),
       "it is no longer among those who share limits")


def script():
    first = programs.Redis().start()
    policyd, when = killed_with_open_charges(first)
    third = programs.Redis().start()
    cut = cut_off(third)
    redis = programs.Redis("--appendfsync", "always").start()
    nodes = [start(redis) for _ in range(NODES)]
    ok(programs.wait_for(lambda: all(metric(n, "policyd_nodes") == NODES
                                     for n in nodes)),
       "each of two policyd knows how many there are")
    killed(redis, nodes)
    hangs(redis, nodes)
    ends(redis, nodes)
    given_back(first, policyd, when)
    heard_of(third, *cut)
    same(policyd.stop(), 0, "policyd ends well")


tap.run(script)
