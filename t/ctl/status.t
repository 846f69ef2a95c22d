#!/usr/bin/env python3
"""policyctl status: Redis, the nodes, the daemon here; well or not."""

import contextlib
import os
import signal
import socket
import threading
import time

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal, lacks, matches,
                 programs, tap, test)

redis = Redis()
policyd = programs.Policyd(redis).start()
ctl = Ctl(redis, listen=f"unix:{policyd.socket}")
# The first record may be older than the answer that changes will be told.
programs.wait_for(lambda: "told" in [
    redis("HGET", key, "changes") for key in redis("KEYS", "policyd:node:*")])


@test("all is well: exit 0, a line for each fact")
def _():
    answer = ctl("status")
    equal((answer.status, answer.err), (0, ""))
    matches(answer.out, rf"(?m)^redis +unix:{redis.socket}$")
    matches(answer.out, r"(?m)^redis answers in +\d+ us$")
    matches(answer.out, r"(?m)^redis role +master$")
    matches(answer.out, rf"(?m)^daemon +unix:{policyd.socket}$")
    matches(answer.out, r"(?m)^daemon answers in +\d+ us$")
    lacks(answer.out, "trouble")


@test("the daemon is among the nodes, with what it published")
def _():
    node, = ctl("status", "--json").json["nodes"]
    host = socket.gethostname()
    equal(node["host"], f"{host}/{policyd.pid}".lower())
    equal(node["config"], policyd.conf)
    for name in ("version", "started", "config_read", "requests", "refused",
                 "clients", "greylist_asked", "greylist_remembered"):
        equal(isinstance(node[name], str), True)
    equal(node["reload_failed"], "no")
    equal(node["changes"], "told")
    matches(ctl("status").out, rf"(?m)^node {node['host']} +version=")


@test("how it fares with its name servers is a line of its own; a reload "
      "forgets what they said when they are others")
def _():
    def conf(server):
        return server.section + " sender_domain { mode = enforce }"
    names = programs.NameServer("example.net MX 10 mx.example.net\n")
    store = Redis()
    asks = programs.Policyd(store).configure(
        other=conf(names)).start()
    asks.ask(sender="bob@example.net")
    its = Ctl(store, listen=f"unix:{asks.socket}")

    def dns():
        return (its("status", "--json").json["nodes"] or [{}])[0].get("dns")
    got = programs.wait_for(lambda: (dns() or {}).get("answered") == "1"
                            and dns())
    equal({name: got[name] for name in
           ("state", "servers", "asked", "late", "failed", "busy", "down",
            "in_flight", "max_in_flight", "cache")},
          {"state": "ready", "servers": names.address, "asked": "1",
           "late": "0", "failed": "0", "busy": "0", "down": "0",
           "in_flight": "0", "max_in_flight": "2000",
           "cache": str(16 << 20)})
    equal(0 < int(got["p50_us"]) <= int(got["p99_us"]), True)
    equal(0 < int(got["bytes"]) < 4096, True)
    matches(its("status").out,
            rf"(?m)^dns \S+/{asks.pid} +state=ready servers={names.address} "
            "asked=1 answered=1 remembered=0 ")
    asks.reload()
    asks.ask(sender="bob@example.net", client_address="192.0.2.8")
    got = programs.wait_for(lambda: dns().get("remembered") == "1" and dns())
    equal((got["asked"], got["servers"]), ("1", names.address))
    others = programs.NameServer("example.net MX 10 mx.example.net\n")
    asks.configure(other=conf(others)).reload()
    asks.ask(sender="bob@example.net", client_address="192.0.2.9")
    got = programs.wait_for(lambda: dns().get("asked") == "2" and dns())
    equal((got["remembered"], got["servers"]), ("1", others.address))
    asks.stop()


@test("JSON has names that stay")
def _():
    whole = ctl("status", "--json").json
    equal(list(whole), ["redis", "listed", "nodes", "daemon"])
    equal(list(whole["listed"]),
          ["abuse", "spam", "ban", "allow", "access", "bans", "trusted"])
    equal(list(whole["redis"]),
          ["well", "where", "own_child", "error", "ping_us", "version",
           "role", "uptime", "clients", "memory", "memory_limit",
           "memory_policy", "keys", "keys_complete"])
    equal(list(whole["daemon"]), ["well", "listen", "us", "error"])
    equal((whole["redis"]["well"], whole["redis"]["own_child"],
           whole["redis"]["error"]), (True, False, None))
    equal((whole["redis"]["role"], whole["redis"]["memory_policy"]),
          ("master", "noeviction"))
    equal((whole["daemon"]["well"], whole["daemon"]["listen"],
           whole["daemon"]["error"]), (True, f"unix:{policyd.socket}", None))


@test("a Redis that would throw records away is told to people")
def _():
    redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    matches(ctl("status").out,
            r"(?m)^redis memory_policy +allkeys-lru: must be noeviction$")
    equal(ctl("status", "--json").json["redis"]["memory_policy"],
          "allkeys-lru")
    redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
    matches(ctl("status").out, r"(?m)^redis memory_policy +noeviction$")


@test("keys are counted by register, those of others are not")
def _():
    for i in range(1200):
        redis("SET", f"policyd:grey:{{192.0.2.0/24}}:{i}@example.org:b", "x")
    redis("SET", "policyd:known:{192.0.2.0/24}", "x")
    redis("SET", "session:1", "x")
    whole = ctl("status", "--json").json["redis"]
    equal((whole["keys"]["grey"], whole["keys"]["known"],
           whole["keys_complete"]), (1200, 1, True))
    lacks(whole["keys"], "session")
    lacks(whole["keys"], "node")
    matches(ctl("status").out, r"(?m)^keys grey +1200$")


@test("nothing is written")
def _():
    quiet = Redis()
    Ctl(quiet)("status")
    equal(quiet("DBSIZE"), 0)
    equal(set(quiet.calls()) - HARMLESS, set())


@test("what would move the terminal is escaped")
def _():
    redis("HSET", "policyd:node:{evil%1b[2j:1}", b"ver\x1bsion", b"\x1b[2J")
    answer = ctl("status")
    lacks(answer.out, "\x1b")
    contains(answer.out, r"evil\x1b[2j:1")
    equal(ctl("status", "--json").out.isascii(), True)
    redis("DEL", "policyd:node:{evil%1b[2j:1}")


@test("a user who may not ask for INFO still sees the rest")
def _():
    redis("ACL", "SETUSER", "default", "-info")
    answer = ctl("status", "--json")
    redis("ACL", "SETUSER", "default", "+info")
    equal((answer.status, answer.json["redis"]["well"],
           answer.json["redis"]["version"]), (0, True, None))


@test("a user who may not SCAN sees no keys and no nodes, and the rest")
def _():
    redis("ACL", "SETUSER", "default", "-scan")
    answer, plain = ctl("status", "--json"), ctl("status")
    redis("ACL", "SETUSER", "default", "+scan")
    whole = answer.json
    equal((answer.status, whole["redis"]["well"], whole["redis"]["keys"],
           whole["redis"]["keys_complete"], whole["nodes"]),
          (0, True, {}, False, []))
    matches(plain.out, "(?m)^keys +not counted$")


@test("without Redis: 69, and the daemon is looked at all the same")
def _():
    away = Ctl(listen=f"unix:{policyd.socket}")
    answer = away("status")
    equal(answer.status, 69)
    matches(answer.out, r"(?m)^redis trouble +No such file or directory$")
    matches(answer.out, r"(?m)^daemon answers in +\d+ us$")
    whole = away("status", "--json").json
    equal((whole["redis"]["well"], whole["redis"]["ping_us"],
           whole["redis"]["version"], whole["redis"]["keys_complete"],
           whole["nodes"], whole["daemon"]["well"]),
          (False, None, None, False, [], True))


@test("with a wrong password: 69, and Redis' own word for it")
def _():
    locked = Redis("--requirepass", "right")
    wrong = Ctl(redis=f'servers = {{ "unix:{locked.socket}" }}\n'
                'password = "wrong" deadline = 20s connect_timeout = 20s')
    answer = wrong("status")
    equal(answer.status, 69)
    matches(answer.out, r"(?m)^redis trouble +.*WRONGPASS")


@test("a Redis that hangs costs a bounded time")
def _():
    hung = Redis()
    silent = Ctl(redis=f'servers = {{ "unix:{hung.socket}" }}')
    hung.signal(signal.SIGSTOP)
    begun = time.monotonic()
    answer = silent("status")
    hung.signal(signal.SIGCONT)
    equal(answer.status, 69)
    matches(answer.out, r"(?m)^redis trouble +\S")
    took = time.monotonic() - begun
    tap.diag(f"{took:.1f} s")
    if took > 20:  # 2 s, of which a machine may make more
        raise AssertionError(f"it took {took:.1f} s")


@test("when no server is configured, the own child's socket is tried")
def _():
    own = Ctl(redis="deadline = 20s connect_timeout = 20s",
              more=f'state_directory = "{redis.place}"')
    whole = own("status", "--json").json["redis"]
    equal((whole["well"], whole["own_child"], whole["where"]),
          (True, True, f"unix:{redis.socket}"))


def false_daemon(listen, behave):
    """Takes one connection and lets `behave` do with it what it likes."""
    listener = socket.socket(
        socket.AF_UNIX if listen.startswith("/") else socket.AF_INET)
    listener.bind(listen if listen.startswith("/") else ("127.0.0.1", 0))
    listener.listen(1)

    def serve():
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            behave(connection)

    threading.Thread(target=serve, daemon=True).start()
    return listener


def answers(text):
    def behave(connection):
        connection.recv(4096)
        connection.sendall(text)
        connection.recv(1)
    return behave


TROUBLES = [
    ("one that closes is not well", lambda c: c.recv(4096),
     "read: closed without an answer"),
    ("one that says something else is not well",
     answers(b"action=451 4.3.0 no\n\n"), "it is not action=DUNNO"),
    ("one that says nothing is waited for two seconds",
     answers(b""), "read: no answer in time"),
    ("one that says half of it, too", answers(b"action=DUN"),
     "read: no answer in time"),
]

for sentence, behave, error in TROUBLES:
    @test("a daemon: " + sentence)
    def _():
        other = Ctl(redis)
        false_daemon(other.place + "/policy", behave)
        answer = other("status")
        equal(answer.status, 69)
        matches(answer.out, rf"(?m)^daemon trouble +.*{error}$")
        matches(answer.out, r"(?m)^redis role +master$")


for host in "127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]":
    @test(f"a daemon that listens on {host} is found")
    def _():
        listener = false_daemon("inet", answers(b"action=DUNNO\n\n"))
        where = f"inet:{host}:{listener.getsockname()[1]}"
        other = Ctl(redis, listen=where)
        daemon = other("status", "--json").json["daemon"]
        equal((daemon["well"], daemon["listen"]), (True, where))


@test("a daemon whose sockets systemd opens is not asked")
def _():
    other = Ctl(redis, listen="systemd:policy")
    equal(other("status", "--json").json["daemon"], None)
    answer = other("status")
    equal(answer.status, 0)
    matches(answer.out, "(?m)^daemon +systemd has its sockets: not asked$")


@test("a daemon that was stopped is missed")
def _():
    equal(policyd.stop(), 0)
    answer = ctl("status")
    equal(answer.status, 69)
    matches(answer.out, r"(?m)^daemon trouble +connect: No such file")


done()
