#!/usr/bin/env python3
"""conf/redis.acl: all that policyd and policyctl do, and nothing else."""
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from kit import programs, tap  # noqa: E402

ACL = os.path.join(programs.TOP, "conf", "redis.acl")
SECRET = "CHANGE-ME"
USERS = "policyd", "policyctl"

FOREIGN = [  # command line, what it would be
    ("get other:key", "reading a key of others"),
    ("set other:key x", "writing one"),
    ("flushall", "emptying the server"),
    ("config get requirepass", "reading its configuration"),
    ("keys '*'", "listing all keys at once"),
    ("script flush", "forgetting scripts"),
    ("eval 'return 1' 0", "running what was not loaded"),
    ("publish __redis__:invalidate x", "writing to channels"),
    ("subscribe other", "listening to those of others"),
    ("acl list", "reading rights"),
    ("shutdown", "ending it"),
]


def script_commands():
    """What Lua of ours calls."""
    found = set()
    for path in glob.glob(os.path.join(programs.TOP, "lib", "**", "*.lua"),
                          recursive=True):
        with open(path) as f:
            found |= set(re.findall(r"(?:call|try)\('(\w+)'", f.read()))
    return sorted(found)


# What lib/checks/quick.c and lib/rate/plain.c ask without a script.
PLAIN = ["DEL", "GET", "HINCRBY", "SET"]


def policyctl_commands():
    """What policyctl sends: first words in capitals."""
    found = set()
    for path in glob.glob(os.path.join(programs.TOP, "policyd",
                                       "policyctl*.c")):
        with open(path) as f:
            found |= set(re.findall(
                r'order_words\(\s*&[^;]*?"([A-Z]+)"[^;]*;', f.read()))
    return sorted(found)


def may(redis, user, line):
    """Asked as that user, the reply is no lack of rights."""
    reply = subprocess.run(
        f"redis-cli -s {redis.socket} --user {user} --pass {SECRET} "
        f"--no-auth-warning {line}", shell=True, capture_output=True,
        text=True).stdout
    return "NOPERM" not in reply


def test_rights(redis):
    for command in script_commands():
        for user in USERS:
            tap.ok(f"+{command.lower()} " in rights(user),
                   f"{user}: scripts may {command}")
    for command in PLAIN:
        tap.ok(f"+{command.lower()} " in rights("policyd"),
               f"policyd may {command}")
    for command in policyctl_commands():
        tap.ok(f"+{command.lower()} " in rights("policyctl"),
               f"policyctl may {command}")
    tap.ok(not may(redis, "policyd", "scan 0"),
           "policyd may not look for keys: SCAN shows those of others")
    for line, what in FOREIGN:
        for user in USERS:
            tap.ok(not may(redis, user, line), f"{user} is refused {what}")


def rights(user):
    with open(ACL) as f:
        return re.search(rf"^user {user} .*$", f.read(), re.M)[0] + " "


def login(user):
    return f'user = "{user}"\npassword = "{SECRET}"\n'


def test_policyd(redis):
    policyd = programs.Policyd(redis)
    policyd.configure(redis=login("policyd"), greylist="delay = 1h").start()
    tap.ok(policyd.logged(r"redis: ready at"), "policyd can use it",
           policyd.log())
    tap.ok(policyd.logged(r"redis: \S+ tells of changes"),
           "and hears of changes", policyd.log())
    action = policyd.ask(client_address="192.0.2.7",
                         protocol_state="RCPT", sender="a@example.com",
                         recipient="b@example.org")
    tap.ok(action.startswith("451 4.7.1"), "and greylists with it", action)
    tap.ok(programs.wait_for(lambda: "policyd:node:" in
                             redis.cli("keys", "*")),
           "and tells of itself")
    tap.same(policyd.log().count("NOPERM"), 0, "nothing was refused")
    return policyd


def ctl(policyd, *words):
    return subprocess.run(
        [os.path.join(programs.BUILD, "policyctl"), "-c", policyd.conf,
         *words], capture_output=True, text=True)


def test_policyctl(redis, policyd):
    policyd.configure(redis=login("policyctl"),
                      other='rate { server_messages = "5/1h" }')
    key = redis.cli("keys", "policyd:grey:*")
    for words in (["status"], ["greylist", "list"],
                  ["greylist", "show", "192.0.2.7"],
                  ["greylist", "del", key],
                  ["ban", "add", "192.0.2.7", "192.0.2.8/31"],
                  ["ban", "list"], ["ban", "export"],
                  ["ban", "history", "192.0.2.7"],
                  ["abuse", "add", "192.0.2.7"], ["why", "192.0.2.7"],
                  ["spam", "report", "192.0.2.7", "--by", "u@example.net"],
                  ["ban", "clear", "--all"], ["abuse", "del", "192.0.2.7"],
                  ["account", "disable", "u@example.net"],
                  ["account", "list"], ["account", "show", "u@example.net"],
                  ["account", "enable", "u@example.net"],
                  ["rate", "show", "u@example.net"], ["rate", "list"],
                  ["rate", "grant", "server", "+5", "--for", "1h"],
                  ["rate", "revoke", "server"],
                  ["rate", "reset", "server"]):
        run = ctl(policyd, *words)
        tap.ok("NOPERM" not in run.stdout + run.stderr and
               run.returncode == 0, f"policyctl {' '.join(words[:2])}: works",
               run.stdout + run.stderr)


def script():
    redis = programs.Redis("--include", ACL).start()
    redis.cli("set", "other:key", "x")
    tap.same(redis.cli("acl", "users"), "default\npolicyctl\npolicyd",
             "Redis reads it")
    test_rights(redis)
    test_policyctl(redis, test_policyd(redis))


tap.run(script)
