#!/usr/bin/env python3
"""What policyctl changes, every policyd knows soon: lists within the half
second of which t/register/lists.c is the judge, all else at once."""

import time

from ctl import Ctl, Redis, equal, done, programs, tap, test

redis = Redis()
nodes = [programs.Policyd(redis).start() for _ in range(2)]
ctl = Ctl(redis)
clients = [node.client() for node in nodes]
asked = 0


def answers(address):
    """What each node says to a new transaction of this client."""
    global asked
    asked += 1
    return [c.ask(client_address=address, client_port=str(asked),
                  instance=f"i{asked}", sender=f"s{asked}@example.org")
            for c in clients]


def all_say(address, code):
    return all((a or "").startswith(code) for a in answers(address))


def soon(address, code):
    """Both nodes come to say so, and how long that took."""
    took = programs.seconds_until(lambda: all_say(address, code),
                                  programs.SOON)
    if took is None:
        raise AssertionError(f"{answers(address)} is not {code!r}, even "
                             f"after {programs.SOON} s")
    tap.diag(f"{took:.2f} s")


CHANGES = [
    ("a ban of an address", ["ban", "add", "198.51.100.7", "--for", "1h"],
     ["ban", "del", "198.51.100.7"], "554 5.3.2"),
    ("a permanent ban", ["ban", "add", "198.51.100.7"],
     ["ban", "del", "198.51.100.7"], "554 5.7.1"),
    ("a ban of its network", ["ban", "add", "198.51.100.0/24"],
     ["ban", "del", "198.51.100.0/24"], "554 5.7.1"),
    ("a denial of access", ["access", "add", "198.51.100.*"],
     ["access", "del", "198.51.100.*"], "530 5.7.1"),
    ("an entry in the abuse register", ["abuse", "add", "198.51.100.7"],
     ["abuse", "clear", "--network", "198.51.100.0/24"], "451 4.7.0"),
    ("a spam source", ["spam", "add", "198.51.100.7"],
     ["spam", "clear", "--all"], "451 4.7.1 The IP Address"),
]
for sentence, there, back, code in CHANGES:
    @test(f"{sentence} is known to both nodes soon")
    def _():
        soon("198.51.100.7", "451 4.7.1 This")
        equal(ctl(*there).status, 0)
        soon("198.51.100.7", code)

    @test(f"{sentence} that was lifted is forgotten as soon")
    def _():
        equal(ctl(*back).status, 0)
        soon("198.51.100.7", "451 4.7.1 This")


@test("whoever is allowed is soon no longer banned")
def _():
    ctl("ban", "add", "198.51.100.0/24")
    soon("198.51.100.7", "554")
    ctl("allow", "add", "198.51.100.7")
    soon("198.51.100.7", "DUNNO")
    ctl("allow", "clear", "--all")
    soon("198.51.100.7", "554")
    ctl("ban", "clear", "--all")


@test("an import of a list is known soon")
def _():
    line = (b'{"register":"access","client":"198.51.100.0/25",'
            b'"permanent":true}\n')
    equal(ctl("access", "import", stdin=line).status, 0)
    soon("198.51.100.7", "530 5.7.1")


@test("what redis-cli puts on a list is known as soon")
def _():
    ctl("access", "clear", "--all")
    soon("198.51.100.7", "451 4.7.1 This")
    redis("HSET", "policyd:access:{lists}", "198.51.100.*", "until=0 by=me")
    soon("198.51.100.7", "530 5.7.1")


@test("so is what it replaces, when it counts the version up")
def _():
    redis("HSET", "policyd:access:{lists}", "198.51.100.*", "until=1 by=me")
    redis("INCR", "policyd:version:{lists}")
    soon("198.51.100.7", "451 4.7.1 This")


@test("a ban by redis-cli is one, as the manual has it")
def _():
    end = int(time.time()) + 3600
    redis("HSET", "policyd:ban:{198.51.100.7}", "until", end, "since",
          end - 3600, "reason", "flood", "by", "me", "level", 0)
    redis("EXPIRE", "policyd:ban:{198.51.100.7}", 3600)
    redis("SET", "policyd:client:{198.51.100.7}", 1, "EX", 3600)
    soon("198.51.100.7", "554 5.3.2")
    equal(ctl("ban", "list", "--json").json[0]["by"], "me")


done()
