#!/usr/bin/env python3
"""rate - what limits cost a message, beside the least a request could cost

Mailboxes of fifty domains send in turn, and far less than they may. Each
message is two requests, RCPT and END-OF-MESSAGE: with the first it is charged,
with the second settled. (b) of bench.py, an echo, asks Redis once a request.
`mailbox` counts the messages and recipients of each mailbox, `domain` those of
each domain as well. All else is off. Figures are medians of all rounds, what is
judged are ratios to (b) in the same round, asked by as many mailboxes: twenty
thousand do not stay in the processor's caches, whoever asks.

A thousand mailboxes at this speed send so much that most of it is charged in
advance. Of `quiet` ones, twenty thousand, each sends too seldom for that: not
five times within a second. Those of their domain do.

    BENCH_SECONDS   of one measurement, default 1
    BENCH_ROUNDS    default 5

It measures and judges, and exits 0 whatever the judgement.
"""
import statistics

import bench

MAILBOXES = 1000  # request.h has them in fifty domains
QUIET = 20000

# CPU microseconds a request, known of such a machine (two cores, Debian 12); not
# measured here.
PEERS = "postfwd 245-440, policyd-rate-limit 410-430"

MAILBOX = bench.ALONE + """
account { mode = off }
rate {
    mode = enforce
    messages = "1000000/1h"
    recipients = "1000000/1h"
"""
DOMAIN = MAILBOX + """
    domain_messages = "100000000/1h"
    domain_recipients = "100000000/1h"
    domain_limits = adds
"""
LIMITS = {"mailbox": MAILBOX + "}", "domain": DOMAIN + "}"}

# What is measured: whose limits, and how many send.
LOADS = {"echo-b": ("echo-b", MAILBOXES),
         "mailbox": ("mailbox", MAILBOXES), "domain": ("domain", MAILBOXES),
         "echo-b quiet": ("echo-b", QUIET),
         "mailbox quiet": ("mailbox", QUIET), "domain quiet": ("domain", QUIET)}

# What is counted when all is done: so many meters there are.
METERS = {"mailbox": 2 * QUIET, "domain": 2 * QUIET + 2 * 50}


def start(place):
    """(b), and a policyd for each of LIMITS."""
    stores = {name: bench.redis_server(place, "redis-" + name)
              for name in ("echo-b", *LIMITS)}
    return {server.name: server for server in [
        bench.echo_b(place, stores["echo-b"])] + [
            bench.policyd(place, name, stores[name], limits)
            for name, limits in LIMITS.items()]}


def begin_steps(servers):
    """All of them have sent something lately, in one run: each begins with the
    first."""
    for name in LIMITS:
        seconds, sent = bench.SECONDS, 0
        while sent < 2 * QUIET:
            sent = bench.load(
                servers[name], "sent", 16, 0, QUIET)["answered"]
            bench.SECONDS *= 2
        bench.SECONDS = seconds


def measure(servers):
    """{(connections, name): [figures of each round]}"""
    found, first = {}, 0
    for _ in range(bench.ROUNDS):
        begin_steps(servers)
        for connections in bench.CONNECTIONS:
            sent = 0
            for name, (server, mailboxes) in LOADS.items():
                figures = bench.load(
                    servers[server], "sent", connections, first, mailboxes)
                found.setdefault((connections, name), []).append(figures)
                sent = max(sent, figures["answered"])
            first += int(sent)  # more than there were messages
    return found


def check(servers):
    """That all of them were counted: what costs nothing does nothing."""
    for server in servers.values():
        meters = bench.count_keys(server.redis, "policyd:rate:*")
        if meters != METERS.get(server.name, 0):
            raise SystemExit(f"bench: {server.name} has {meters} meters")


def least_for(name):
    return "echo-b quiet" if name.endswith("quiet") else "echo-b"


def ratio(found, connections, name, what):
    return statistics.median(
        ours[what] / least[what] for ours, least in zip(
            found[connections, name], found[connections, least_for(name)]))


def report(found):
    print("\nlimits, each message charged and settled\n"
          f"{'microseconds':>43}{'CPU us/request':>20}{'of (b)':>16}\n"
          "conn  server        requests/s      p50      p99"
          "      own    Redis     own   Redis")
    for (connections, name), rounds in found.items():
        print(f"{connections:4} {name:14} " + "".join(
            f"{bench.median(rounds, n):9.{d}f}" for n, d in (
                ("rate", 0), ("p50", 0), ("p99", 0), ("cpu", 2),
                ("redis", 2))) + "".join(
            f"{ratio(found, connections, name, n):8.2f}"
            for n in ("cpu", "redis") if name != least_for(name)))


def judge(found):
    for connections, name in found:
        if name == least_for(name) or connections == bench.CONNECTIONS[0]:
            continue
        for what, whose in (("cpu", "own"), ("redis", "Redis'")):
            r = ratio(found, connections, name, what)
            word = "PASS" if r <= bench.COST else "over"
            print(f"{word}: {whose} CPU at {connections} connections, limits "
                  f"of the {name}: {r:.2f} of (b), aim {bench.COST}")


def main():
    with bench.directory() as place:
        servers = start(place)
        found = measure(servers)
        check(servers)
    report(found)
    judge(found)
    print(f"not measured here, CPU microseconds a request: {PEERS}")


if __name__ == "__main__":
    main()
