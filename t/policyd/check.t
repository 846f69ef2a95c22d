#!/usr/bin/env python3
"""policyd -t: what an administrator is told before anything depends on it."""
import os
import re
import subprocess
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

place = programs.directory()
EX_NOUSER, EX_CONFIG = 67, 78


def check(text, *options):
    """Exit code, standard output, and the errors without their time."""
    path = os.path.join(place, "policyd.conf")
    with open(path, "w") as f:
        f.write(text.replace("PLACE", place))
    done = subprocess.run(
        [os.path.join(programs.BUILD, "policyd"), *(options or ["-t"]), "-c",
         path],
        capture_output=True, text=True)
    said = [line.split(" error: ", 1)[-1].replace(place + "/", "")
            for line in done.stderr.splitlines()]
    return done.returncode, done.stdout.replace(place + "/", ""), said


def script():
    same(check('user = "nobody"\nsocket_group = "root"\n'
               'state_directory = "PLACE/state"\n'),
         (0, "policyd.conf: no errors\n", []),
         "a right configuration has no errors")
    same(check('user = "no-such-user"\n\nsocket_group = "no-such-group"\n'),
         (EX_CONFIG, "",
          ["policyd.conf:1: user: there is no user 'no-such-user'",
           "policyd.conf:3: socket_group: there is no group 'no-such-group'"]),
         "a user or group that is not there is an error, with its line")
    same(check('user = "daemom"\nsocket_group = "roof"\n')[2],
         ["policyd.conf:1: user: there is no user 'daemom', "
          "did you mean 'daemon'?",
          "policyd.conf:2: socket_group: there is no group 'roof', "
          "did you mean 'root'?"],
         "and with the one that was meant, if there is one")
    if os.geteuid() == 0:
        same(check('\nuser = "daemom"\n', "-f"),
             (EX_NOUSER, "",
              ["policyd.conf:2: user: there is no user 'daemom', "
               "did you mean 'daemon'?"]),
             "one that root is to become is told so at the start, too")
    else:
        ok(True, "root is told so at the start, too # SKIP not root")
    same(check('\nsocket_group = "roof"\nlisten = "unix:PLACE/policy"\n'
               'state_directory = "PLACE/state"\n', "-f"),
         (EX_CONFIG, "",
          ["policyd.conf:2: socket_group: there is no group 'roof', "
           "did you mean 'root'?"]),
         "so is a group, whoever starts it")
    with open(os.path.join(place, "table"), "w") as f:
        f.write("a@example.com b@example.com\n*\n")
    same(check('\naliases = "texthash:PLACE/table"\n'),
         (EX_CONFIG, "",
          ["table:2: '*' is no address, network, domain or mail address"]),
         "so is a table that cannot be used, with its own line")
    same(check('events { command = "/no/such/program" }\n'),
         (EX_CONFIG, "",
          ["policyd.conf:1: events.command: '/no/such/program': "
           "No such file or directory"]),
         "so is a program that is not there")
    same(check('events { command = "/etc/passwd" }\n')[2],
         ["policyd.conf:1: events.command: '/etc/passwd': Permission denied"],
         "or cannot be run")
    same(check('events { url = "http://example.com:99999/" }\n')[2],
         ["policyd.conf:1: events.url: is no URL"], "so is what is no URL")
    same(check('events { command = "/bin/true" '
               'url = "https://example.com/" }\n'),
         (0, "policyd.conf: no errors\n", []),
         "those that are right are no errors, and nobody is told anything")
    same(check('reply "greylisted" { text = "in %{delay}" }\n'
               'reply "size" { text = "%{ipp}" }\n')[2],
         ["policyd.conf:1: reply 'greylisted': nothing is called %{delay}",
          "policyd.conf:2: reply 'size': nothing is called %{ipp}, "
          "did you mean %{ip}?"],
         "so is a name in a reply that nobody tells")
    ok(not os.path.exists(os.path.join(place, "state")),
       "nothing is started or made")
    a_reload()
    a_reload_without_root()


def a_reload():
    """A wrong one leaves what is in force, as if it could not be read."""
    policyd = programs.Policyd().start()

    def told(option, value):
        policyd.configure(other=f'{option} = "{value}"').reload()
        said = re.findall(r"error: .*/policyd\.conf:\d+: (.*)", policyd.log())
        failed = re.search(r"^policyd_reload_failed (\d)",
                           policyd.http("/metrics")[1], re.M)
        return said[-1:], int(failed[1])

    same(told("socket_group", "roof"),
         (["socket_group: there is no group 'roof', did you mean 'root'?"], 1),
         "a reload tells of a group that is not there, and fails")
    ok("reload failed, the old configuration stays" in policyd.log(),
       "as it does when anything else is wrong")
    same(told("user", "daemom"),
         (["user: there is no user 'daemom', did you mean 'daemon'?"], 1),
         "so it does of a new user whom the next start would not find")
    policyd.configure(other="").reload()
    ok(re.search(r"^policyd_reload_failed 0", policyd.http("/metrics")[1],
                 re.M), "what is right is gone by again")
    policyd.stop()


NOBODY = ["setpriv", "--reuid=65534", "--clear-groups"]


def a_reload_without_root():
    """Whom nobody is to become was not looked for at the start."""
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis, NOBODY if os.geteuid() == 0 else ())
    for path in (policyd.place, os.path.dirname(redis.socket), redis.socket):
        os.chmod(path, 0o777)
    policyd.configure(other='user = "daemom"').start().reload()
    ok(re.search(r"^policyd_reload_failed 0", policyd.http("/metrics")[1],
                 re.M), "who started without its user reloads without him")
    policyd.stop()


tap.run(script)
