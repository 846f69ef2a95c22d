#!/usr/bin/python3
"""README keeps its word: its lines are taken and done."""
import os
import re
import shlex
import subprocess
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.policy import GREYLISTED  # noqa: E402
from kit.postfix import Postfix, can_start, told  # noqa: E402
from kit.tap import ok  # noqa: E402

with open(os.path.join(programs.TOP, "README")) as f:
    README = f.read()


def indented(first):
    """The indented lines from the one that begins so, to the next paragraph."""
    block = re.search(rf"^    {re.escape(first)}.*\n(?: {{4}}.*\n)*", README,
                      re.M)
    return "".join(line[4:] for line in block[0].splitlines(True))


def its_configuration(policyd):
    path = os.path.join(policyd.place, "readme.conf")
    domains = os.path.join(policyd.place, "domains")
    with open(domains, "w") as f:
        f.write("example.com yes\n")
    for first in ("trusted = ", "redis {"):
        with open(path, "w") as f:
            f.write(indented(first).replace("/etc/postfix/domains", domains))
        checked = subprocess.run([policyd.words[0], "-t", "-c", path],
                                 capture_output=True, text=True)
        ok(checked.returncode == 0,
           f"policyd takes the configuration with '{first.strip(' ={')}'",
           checked.stdout + checked.stderr)


def its_main_cf(policyd):
    name, value = indented("smtpd_recipient_restrictions =").split("=", 1)
    value = " ".join(value.split()).replace("127.0.0.1:10040",
                                            f"127.0.0.1:{policyd.port}")
    postfix = Postfix("none", f"{name.strip()}={value}")
    ok(str(policyd.port) in value, "it has policyd listen on port 10040")
    told(postfix.send("carol@example.net", ["alice@example.com"],
                      address="203.0.113.7")[0], GREYLISTED,
         "Postfix greylists with its lines in main.cf")
    policyd.stop()
    told(postfix.send("carol@example.net", ["alice@example.com"],
                      address="203.0.113.8")[0], "250 2.1.5",
         "and goes on without policyd while that is not running")
    policyd.start()
    policyd.ready()


def its_commands(policyd):
    text = "\n".join(indented(first).replace("\\\n", "") for first in (
        "policyctl status", "policyctl why"))
    for command in filter(None, text.splitlines()):
        words = shlex.split(command)
        done = subprocess.run(
            [os.path.join(programs.BUILD, words[0]), "-c", policyd.conf,
             *words[1:]], capture_output=True, text=True)
        ok(done.returncode == 0 and done.stdout,
           f"'{' '.join(words[:3])}' answers", done.stdout + done.stderr)


def its_keys(policyd):
    # Nobody has passed yet, and of strangers only a sample is counted.
    ok("policyd:known:{IDENTITY}" in README and
       "policyd:grey:{IDENTITY}" in README and
       policyd.cli("keys", "policyd:grey:{192.0.2.0/24}*"),
       "there are keys policyd:grey:{IDENTITY}")


def its_names():
    with open(os.path.join(programs.TOP, "Makefile")) as f:
        targets = re.findall(r"^(\w+):", f.read(), re.M)
    wanted = set(re.findall(r"\bmake (?:SAN=1 )?([a-z]+)\b", README))
    tap.same(sorted(wanted - set(targets)), [],
             "what it says to make can be made")
    paths = re.findall(r"(?<![\w/])((?:policyd|lib|conf|t|contrib)/[\w./]+\w"
                       r"|\.ci/run)", README)
    tap.same([p for p in paths
              if not os.path.exists(os.path.join(programs.TOP, p))], [],
             "the files it names are there")


def script():
    policyd = programs.Policyd().start()
    policyd.ready()
    policyd.ask(client_address="192.0.2.7", sender="carol@example.net",
                recipient="alice@example.com")
    its_keys(policyd)
    its_commands(policyd)
    its_configuration(policyd)
    its_names()
    if can_start():
        its_main_cf(policyd)
    else:
        ok(True, "its lines in main.cf # SKIP only root can start a Postfix")


tap.run(script)
