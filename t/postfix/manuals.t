#!/usr/bin/python3
"""The manuals and conf/main.cf.example keep their word: their lines are done."""
import os
import re
import shutil
import subprocess
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.policy import GREYLISTED  # noqa: E402
from kit.postfix import Postfix, can_start, told  # noqa: E402
from kit.tap import ok, same  # noqa: E402

# A limit for all, of which policyctl.1 grants somebody more.
LIMITS = 'rate { mode = enforce messages = "100/1h" }'
QUEUE = "/var/spool/postfix"
CLI = "redis-cli -s /var/lib/policyd/redis.sock"


MAP = "[SMTP:al@example.net]\t[SF:example.net/al]\t0\n"
REQUEST = """request=smtpd_access_policy
protocol_state=RCPT
client_address=192.0.2.1
sender=a@example.org
recipient=b@example.net

"""


def content(path):
    with open(os.path.join(programs.TOP, path)) as f:
        return f.read()


def displays(path, first):
    """The displays of a manual that begin so, as they are printed."""
    found = re.findall(r"^\.Bd -literal.*\n((?:[^.].*\n|\n)*)\.Ed",
                       content(path), re.M)
    return [d.replace("\\e", "\\") for d in found if d.startswith(first)]


def settings(main_cf):
    """What main.cf says, as arguments of postconf -e."""
    lines = re.findall(r"^(\w+) =((?:\n?[ \t]+.*)+)", main_cf, re.M)
    return [f"{name}={' '.join(value.split())}" for name, value in lines]


def greylists(policyd, main_cf, where, address):
    """A Postfix with these lines does; policyd's port is another here."""
    postfix = Postfix("none", *(
        s.replace("127.0.0.1:10040", f"127.0.0.1:{policyd.port}")
        for s in settings(main_cf)))
    told(postfix.send("carol@example.net", ["bob@example.org"],
                      address=address)[0], GREYLISTED,
         f"Postfix greylists with the lines of {where}")
    told(postfix.send("carol@example.net", ["bob@example.org"])[-1],
         "250 2.0.0", "and takes the mail of our own networks")
    same(postfix.warnings(), [], "and warns of nothing")
    return postfix


def over_tcp(policyd):
    [manual] = displays("policyd/policyd.8", "smtpd_relay_restrictions")
    greylists(policyd, manual, "policyd(8)", "203.0.113.7")
    example = content("conf/main.cf.example")
    greylists(policyd, example, "main.cf.example", "203.0.113.8")
    ok(settings(example) == settings(manual), "which are the same")


def over_a_socket(policyd):
    """The socket's name is relative to the queue directory."""
    [main_cf] = displays("conf/policyd.conf.5", "smtpd_recipient_restrictions")
    configured = displays("conf/policyd.conf.5", "listen = ")
    ok(configured[0] in displays("policyd/policyd.8", "listen = "),
       "the manuals have the same lines for a socket in Postfix' chroot")
    postfix = Postfix("none", *settings(main_cf))
    queue = os.path.join(postfix.directory, "queue")
    [made] = displays("policyd/policyd.8", "install -d")
    made = made.replace(QUEUE, queue).replace("-o policyd", "-o root")
    subprocess.run(made, shell=True, check=True)
    conf = os.path.join(policyd.place, "socket.conf")
    store = os.path.join(policyd.state, "redis.sock")
    with open(conf, "w") as f:
        f.write(configured[0].replace(QUEUE, queue) +
                f'redis {{ servers = {{ "unix:{store}" }} }}\n'
                'http { listen = "" }\n')
    second = programs.Program([policyd.words[0], "-f", "-c", conf],
                              conf + ".log").start()
    ok(second.logged("redis: ready"), "policyd starts with them", second.log())
    told(postfix.send("carol@example.net", ["bob@example.org"],
                      address="203.0.113.9")[0], GREYLISTED,
         "Postfix greylists with them")


def by_redis_cli(policyd):
    """The lines that begin with CLI, for the keys of the examples."""
    policyd.ask(protocol_state="RCPT", client_address="192.0.2.1",
                sender="a@example.org", recipient="b@example.net")
    lines = "".join(displays("policyd/policyd.8", "CLI "))
    lines = re.sub(r" *\\\n *", " ", lines)
    command = f"redis-cli -e -s {policyd.state}/redis.sock"
    ok(CLI in content("policyd/policyd.8"), "policyd(8) says what CLI is")
    made = "policyd:grey:"
    for line in lines.splitlines():
        done = subprocess.run(command + line[3:], shell=True,
                              capture_output=True, text=True,
                              env=dict(os.environ, USER="root"))
        ok(done.returncode == 0, line, done.stdout + done.stderr)
        if " get 'policyd:grey:" in line:
            ok(done.stdout.startswith("first="), "that key is there")
        if " hset " in line:
            made += line
        if " del " in line and line.split("'")[1].split("{")[0] in made:
            ok(done.stdout == "1\n", "that key was there")

    def known():
        return policyd.ask(protocol_state="RCPT", client_address="192.0.2.1",
                           sender="new@example.org", recipient="b@example.net")

    # It was denied access for a moment, and policyd may have seen that: it
    # looks at the lists each half second.
    programs.wait_for(lambda: not known().startswith("530"))
    same(known(), "DUNNO",
         "a network that was made known by hand is not put off")
    same(policyd.ask(client_address="203.0.113.6", recipient="al@example.com"),
         "DUNNO", "nor is anybody, to a domain whose greylisting is off")


SHELL = """
policyctl() {{ {build}/policyctl -c {conf} "$@"; }}
ssh() {{ shift; "$@"; }}
set -o pipefail
"""


def by_policyctl(policyd):
    """The lines that begin with a prompt, in a shell that knows where."""
    place = programs.directory()
    for name, text in {"new.conf": content(policyd.conf), "mail.log": "",
                       "captured.req": REQUEST,
                       "ADDRESS-MAP.TAB": MAP}.items():
        with open(os.path.join(place, name), "w") as f:
            f.write(text)
    shell = SHELL.format(build=programs.BUILD, conf=policyd.conf)
    text = "".join(displays("policyd/policyctl.1", "$ policyctl"))
    text = re.sub(r" *\\\n *|(?<=\|)\n *", " ", text)
    for line in text.replace("/var/log/", "").splitlines():
        if "| jq " in line and not shutil.which("jq"):
            continue
        done = subprocess.run(["bash", "-c", shell + line[2:]], cwd=place,
                              capture_output=True, text=True)
        ok(done.returncode == 0, line, done.stdout + done.stderr)


def script():
    policyd = programs.Policyd().configure(other=LIMITS).start()
    policyd.ready()
    if can_start(): # while nobody has settings of example.com yet
        over_tcp(policyd)
        over_a_socket(policyd)
    else:
        ok(True, "the lines in main.cf # SKIP only root can start a Postfix")
    by_policyctl(policyd)
    by_redis_cli(policyd)


tap.run(script)
