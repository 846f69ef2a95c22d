#!/usr/bin/env python3
"""profile - where the instructions of a request go

    t/bench/profile.py [known|mixed|new] [connections]
        [policyd|asking|shipped|policy|p-asking|all] [triplets]

Runs one of bench.py's policyds, the yardstick (b) of bench.py and their
redis-servers under callgrind and prints the instructions a request takes
outside the kernel, and those of each function of policyd together with what it
calls. Time tells little on a shared machine; these figures hardly change from
run to run.

But all is some fifty times slower here, and what is known of addresses is half
a second old at most: of the 2000 known triplets each asks anew what is set for
its mailbox, of 40 some do, as at full speed. That they have passed policyd
knows for ten seconds, and was told just before; `asking` asks each time.
"""
import os
import re
import subprocess
import sys
import time

import bench

bench.SECONDS = 2
SHOWN = 60  # functions


def control(server, *words):
    subprocess.run(["callgrind_control", *words, str(server.process.pid)],
                   check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def annotate(path):
    """[(instructions, function)], with what they call."""
    text = subprocess.run(
        ["callgrind_annotate", "--inclusive=yes", "--threshold=100", path],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return [(int(m[1].replace(",", "")), m[2]) for m in re.finditer(
        r"^ *([\d,]+) \(.*?\)  (.*)$", text, re.M)]


def measure(server, what, connections, known):
    """[(instructions a request, function)] of the server, and of its Redis"""
    both = server, server.redis
    bench.load(server, "known", connections, known=known)
    for s in both:
        control(s, "-i", "on")
    requests = bench.load(
        server, what, connections, known=known)["answered"]
    for s in both:
        control(s, "-i", "off")
        s.stop()
    paths = [os.path.join(s.place, f"count.{s.process.pid}") for s in both]
    return [[(n / requests, f) for n, f in annotate(p)] for p in paths]


def asked(redis):
    """Without what Redis does ten times a second: on a machine that has more to
    do, it is more of the figure."""
    return redis[0][0] - sum(
        n for n, f in redis if f.split()[0].endswith(":serverCron"))


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "known"
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    name = sys.argv[3] if len(sys.argv) > 3 else "policyd"
    known = int(sys.argv[4]) if len(sys.argv) > 4 else bench.KNOWN
    with bench.directory() as place:
        stores, servers = bench.start(place, [
            "valgrind", "-q", "--tool=callgrind", "--instr-atstart=no",
            f"--callgrind-out-file={place}/count.%p"])
        time.sleep(2)  # policyd greets Redis
        bench.prepare(stores, servers)
        by_name = {server.name: server for server in servers}
        least, least_redis = measure(
            by_name["echo-b"], what, connections, known)
        ours, redis = measure(by_name[name], what, connections, known)
    for n, f in [r for r in ours if r[1].startswith("lib/")][:SHOWN]:
        print(f"{n:8.0f}  {f.split()[0]}")
    print(f"{least[0][0]:8.0f}  (b), {asked(least_redis):.0f} in Redis\n"
          f"{ours[0][0]:8.0f}  {name}, {asked(redis):.0f} in Redis")


if __name__ == "__main__":
    main()
