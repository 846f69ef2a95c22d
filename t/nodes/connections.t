#!/usr/bin/python3
"""Connections of an address count on all nodes; a killed node's end by
themselves."""
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from kit.registers import wait_for_window  # noqa: E402
from pair import pair, up  # noqa: E402

LEASE = 10  # seconds, the least there is
BUSY, BANNED = "451 4.3.2", "554 5.3.2"


class Sessions:
    """SMTP sessions of one client, each by a policy connection of its own."""

    def __init__(self, address):
        self.address, self.port = address, 20000
        self.open = []

    def begin(self, policyd):
        self.port += 1
        client = policyd.client()
        answer = client.ask(client_address=self.address,
                            client_port=str(self.port),
                            server_address="198.51.100.250",
                            server_port="25")
        self.open.append(client)
        return (answer or "")[:9]

    def end(self, n):
        self.open.pop(n).close()


def leases(redis, address):
    return redis.cli("zrange", f"policyd:conn:{{{address}}}", 0, -1).split()


def alive(redis, address):
    """How many leases are not over."""
    now = redis.cli("time").split()[0]
    return int(redis.cli("zcount", f"policyd:conn:{{{address}}}", f"({now}",
                         "+inf"))


def at_a_time(redis, one, other):
    s = Sessions("192.0.2.101")
    same([s.begin(one), s.begin(other), s.begin(one)], ["DUNNO"] * 3,
         "of three sessions at a time each node may have some")
    same([s.begin(one), s.begin(other)], [BUSY] * 2,
         "the fourth is one too many, wherever it begins")
    same(Sessions("192.0.2.102").begin(one), "DUNNO",
         "another client has sessions of its own")
    s.end(0)
    ok(programs.wait_for(lambda: len(leases(redis, s.address)) == 2),
       "a session that ends makes room", leases(redis, s.address))
    same(s.begin(other), "DUNNO", "which one at the other node may take")


def killed(redis, one, other):
    s = Sessions("192.0.2.103")
    for _ in range(3):
        s.begin(one)
    same(s.begin(other), BUSY, "a client has all its sessions at one node")
    begun = time.monotonic()
    one.kill()
    time.sleep(LEASE / 4)
    answer = s.begin(other)
    ok(answer == BUSY or time.monotonic() - begun > LEASE / 2,
       "killed, the node takes back nothing", answer)
    took = programs.seconds_until(
        lambda: alive(redis, s.address) == 0, 3 * LEASE)
    ok(took, "but its sessions end with their leases",
       leases(redis, s.address))
    took = time.monotonic() - begun
    same(s.begin(other), "DUNNO", "and make room")
    diag(f"killed, its sessions counted for {took:.1f} s more, a lease is "
         f"{LEASE} s")
    for session in list(s.open):
        session.close()
    other.kill()
    ok(programs.wait_for(lambda: redis.cli("keys", "policyd:conn:*") == ""),
       "with all nodes killed no lease is left in Redis",
       redis.cli("keys", "policyd:conn:*"))


def flood(redis, one, other):
    """Twenty sessions in an hour are allowed, the next is an offence."""
    wait_for_window(redis, 3600)
    s = Sessions("2001:db8:0:1::1")
    answers = []
    for n in range(10):
        s.address = f"2001:db8:0:1::{n}"
        answers += [s.begin(one), s.begin(other)]
        s.end(0)
        s.end(0)
    same(answers, ["DUNNO"] * 20, "twenty sessions within an hour, ten at "
         "each node, are as many as there may be")
    same(s.begin(other), BUSY, "the next is one too many")
    same([s.begin(one), s.begin(other)], [BANNED] * 2,
         "and bans the client at all nodes")
    same(redis.cli("hget", "policyd:strikes:{2001%3adb8%3a0%3a1%3a%3a/64}", "count"),
         "1", "by one strike")
    same(redis.cli("zrange", "policyd:index:ban", 0, -1),
         "2001:db8:0:1::/64", "and it is on the index of bans")


def immune(redis, one, other):
    """Nobody strikes them, however many sessions they begin."""
    programs.wait_for(lambda: len(redis.cli(
        "keys", "policyd:node:*").split()) == 2)  # as they tell of themselves
    programs.wait_for(lambda: redis.cli("keys", "policyd:conn:*") == "")
    before = sorted(redis.cli("keys", "*").split())
    for address in "127.0.0.1", "::1", "192.0.2.200", "203.0.113.77":
        s = Sessions(address)
        same({s.begin((one, other)[n % 2]) for n in range(30)}, {"DUNNO"},
             f"{address} may begin as many as it likes")
    same(sorted(redis.cli("keys", "*").split()), before,
         "nothing is written of those whom no register may know")


CONF = f"""
trusted = {{ "192.0.2.200" }}
allow {{ clients = {{ "203.0.113.64/26" }} }}
connections {{
    mode = enforce
    server = 0
    address = 3
    rate = "20/1h"
    lease = {LEASE}s
}}
"""


def script():
    redis = programs.Redis().start()
    one, other = pair(redis, CONF)
    ok(up(one) and up(other), "two policyd are up, with one Redis")
    at_a_time(redis, one, other)
    flood(redis, one, other)
    immune(redis, one, other)
    killed(redis, one, other)


tap.run(script)
