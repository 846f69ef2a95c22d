#!/usr/bin/env python3
"""dns - what the checks that ask the DNS cost, once it has answered

policyd as it comes (`without`), and the same with SPF, whose record is behind
an include, and with two DNS lists (`with`): known triplets in turn, so that all
answers are in its cache. Figures are medians of all rounds, what is judged is
the ratio of policyd's own CPU in the same round.

    BENCH_SECONDS   of one measurement, default 1
    BENCH_ROUNDS    default 5

It measures and judges, and exits 0 whatever the judgement.
"""
import os
import statistics
import subprocess
import sys
import time

import bench

sys.path.append(os.path.dirname(sys.path[0]))

COST = 2.0  # what they may make of policyd's own CPU

# All clients of load.c are of 240.0.0.0/4.
ZONE = """\
example.net        TXT  v=spf1 include:_spf.example.net -all
_spf.example.net   TXT  v=spf1 ip4:198.51.100.0/24 ip4:240.0.0.0/4 -all
a.list.example     SOA  3600
b.list.example     SOA  3600
2.0.0.127.a.list.example  A  127.0.0.2
2.0.0.127.b.list.example  A  127.0.0.2
"""

CHECKS = """
dns {{ servers = {{ "{server}" }} }}
spf {{ mode = enforce }}
dnsbl {{
    mode = enforce
    clients = {{ "a.list.example", "b.list.example*2" }}
}}
"""


def name_server(place):
    zone = os.path.join(place, "zone")
    with open(zone, "w") as file:
        file.write(ZONE)
    process = subprocess.Popen(
        [sys.executable, os.path.join(sys.path[-1], "kit/nameserver.py"), zone],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().split()[1]


def start(place, server):
    stores = {name: bench.redis_server(place, "redis-" + name)
              for name in ("without", "with")}
    return [bench.policyd(place, "without", stores["without"], ""),
            bench.policyd(place, "with", stores["with"],
                          CHECKS.format(server=server))]


def prepare(servers):
    """The known triplets have come, have waited, and have come again."""
    for pause in (0, 2.1):
        time.sleep(pause)
        for server in servers:
            bench.load(server, "prepare", 16)


def measure(servers):
    """{(connections, name): [figures of each round]}"""
    found = {}
    prepare(servers)
    for _ in range(bench.ROUNDS):
        for connections in bench.CONNECTIONS:
            for server in servers:
                found.setdefault((connections, server.name), []).append(
                    bench.load(server, "known", connections))
    return found


def ratio(found, connections, what):
    return statistics.median(
        ours[what] / least[what] for ours, least in zip(
            found[connections, "with"], found[connections, "without"]))


def report(found):
    print(f"{'microseconds':>39}{'CPU us/request':>19}\n"
          "conn  server   requests/s      p50      p99      own    Redis")
    for (connections, name), rounds in found.items():
        print(f"{connections:4}  {name:8}" + "".join(
            f"{bench.median(rounds, n):9.{d}f}" for n, d in (
                ("rate", 0), ("p50", 0), ("p99", 0), ("cpu", 2),
                ("redis", 2))))


def main():
    with bench.directory() as place:
        process, server = name_server(place)
        try:
            found = measure(start(place, server))
        finally:
            process.kill()
            process.wait()
    report(found)
    for connections in bench.CONNECTIONS:
        r = ratio(found, connections, "cpu")
        word = "PASS" if r <= COST else "over"
        print(f"{word}: own CPU with SPF and two lists at {connections} "
              f"connections: {r:.2f} of the same without, aim {COST}")


if __name__ == "__main__":
    main()
