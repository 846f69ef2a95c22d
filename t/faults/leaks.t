#!/usr/bin/python3
"""A bit of everything under valgrind: no byte is lost, none misused."""
import glob
import itertools
import os
import re
import signal
import socket
import subprocess
import sys

sys.path.append(sys.path[0] + "/..")
from kit import policy, programs, tap  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402
from load import LISTED, stranger  # noqa: E402


FAILED = ('{"login":"alice@example.com","remote":"203.0.113.5",'
          '"protocol":"smtp","pwhash":"075c","success":false}')
REPORT = '{"client":"192.0.2.1","reporter":"alice@example.com"}'


def everything(policyd):
    sockets = [policy.connect(policyd.socket) for _ in range(50)]
    policy.crowd(sockets, [stranger(n) for n in range(50)])
    client = policyd.client()
    for path in sorted(glob.glob(os.path.join(programs.TOP,
                                              "t/wire/requests/*.req"))):
        with open(path, "rb") as f:
            client.exchange(f.read())

    for some in b"foo\n\n", b"request=smtpd_access_policy\nsender=", b"\0":
        broken = policyd.client()
        broken.send(some)
        broken.socket.shutdown(socket.SHUT_WR)
        broken.answer()

    half = socket.create_connection(("127.0.0.1", policyd.http_port))
    half.sendall(b"POST /healthz HTTP/1.1\r\nHost: x\r\n"
                 b"Content-Length: 9\r\n\r\n{")
    for path, body in [
            ("/metrics", None), ("/nowhere", None), ("/auth-policy", "{"),
            ("/auth-policy?command=report", FAILED),
            ("/auth-policy?command=allow", FAILED),
            ("/spam-report", REPORT)]:
        policyd.http(path, body, "sesame")
    for options in LISTED, "dilay = 1m", LISTED + " delay = 1m":
        policyd.configure(greylist=options)
        policyd.reload()
    policyd.cli("script", "flush")
    client.ask()
    policyd.cli("config", "set", "maxmemory", "1")
    client.ask(sender="full@example.net")
    policyd.cli("config", "set", "maxmemory", "0")
    policyd.signal(signal.SIGUSR1)

    # questions in flight while their Redis hangs, is killed, and comes back
    with open(os.path.join(policyd.state, "redis.pid")) as f:
        child = int(f.read())
    os.kill(child, signal.SIGSTOP)
    policy.crowd(sockets[:20], [stranger(n) for n in range(20)],
                 meanwhile=lambda: os.kill(child, signal.SIGKILL))
    ok(policyd.ready(), "its redis-server is killed, and comes back")
    with open(os.path.join(policyd.state, "redis.pid")) as f:
        child = int(f.read())
    os.kill(child, signal.SIGSTOP)
    policy.crowd(sockets[:20], [stranger(n) for n in range(20)],
                 meanwhile=lambda: policyd.signal(signal.SIGTERM))
    os.kill(child, signal.SIGCONT)


# -- every check, with a Redis that others write to --

ZONE = """\
2.0.0.127.bl.example A 127.0.0.2
7.2.0.192.bl.example A 127.0.0.4
7.2.0.192.bl.example TXT spam was sent from here
*.dead.example * !silence
example.net TXT v=spf1 a:mx.example.net exists:%{l}.%{i}.example.net -all
mx.example.net A 192.0.2.9
example.edu MX 10 mx.example.net
"""
LISTS = 'dnsbl { mode = observe clients = { "bl.example", "dead.example" } }\n'
WATCHED = ("access", "ban", "abuse", "connections", "account", "submission",
           "address", "login", "spoof", "size", "mailbox", "relay", "remote",
           "deny_domain", "deny_user", "recipients", "spam_source",
           "sender_domain", "spf")


def all_checks(names, office):
    return "\n".join(
        ['local_domains = { "redis:", "example.com" }',
         'mailboxes = { "redis:", "@example.com" }',
         'aliases = { "redis:" } trusted = { "redis:" }',
         names.within("2s"), LISTS, f'events {{ url = "{office}" }}',
         'rate { mode = enforce messages = "9/1h" recipients = "50/1d" '
         'networks = "2/1h" refused = "3/1h" lease = 60s '
         'domain_messages = "500/1h" domain_limits = adds '
         'inbound_messages = "40/1h" }',
         *(f"{check} {{ mode = observe }}" for check in WATCHED)])


def ctl(policyd, *words):
    subprocess.run([os.path.join(programs.BUILD, "policyctl"), "-c",
                    policyd.conf, *words], check=True, capture_output=True)


def mail(client, n, login="", recipients=2, end=True, **more):
    message = dict(instance=f"leaks.{n}", sasl_username=login, size="2000",
                   sender=login or f"carol+{n}@example.net", **more)
    for i in range(recipients):
        client.ask(recipient=f"bob{i}@example.com", **message)
    if end:
        client.ask(protocol_state="END-OF-MESSAGE",
                   recipient_count=str(recipients), recipient="", **message)


def senders(policyd, numbers):
    """Strangers and logins; quickly, over the limit, and to no end."""
    clients = [policyd.client() for _ in range(8)]
    for n in range(160):
        login = n % 8 and f"user{n % 8}@example.com"
        mail(clients[n % 8], next(numbers), login or "", 1 + n % 3,
             end=n % 7 != 0, client_address=f"192.0.2.{n % 16}",
             client_name=f"mx{n % 3}.example.net" if n % 3 else "unknown")
    for c in clients:
        c.close()


def written(policyd):
    for words in (
            "domain set example.org greylist.delay=1m",
            "mailbox set dora@example.org rate.messages=3/1h",
            "mailbox set al@example.org alias=dora,bob@example.com",
            "domain set example.com dnsbl.threshold=3 rate.warn=50",
            "deny add bob0@example.com carol@example.net",
            "ban add 192.0.2.3 --for 1h", "allow add 192.0.2.4",
            "trusted add 192.0.2.5", "access add 192.0.2.6 deny",
            "rate grant user1@example.com +5 --for 1h"):
        ctl(policyd, *words.split())


def everything_written(policyd, redis, names):
    numbers = itertools.count()
    senders(policyd, numbers)
    written(policyd)
    senders(policyd, numbers)
    ctl(policyd, "domain", "del", "example.org")
    for path, body in (("/auth-policy?command=report", FAILED),
                       ("/auth-policy?command=allow", FAILED),
                       ("/spam-report", REPORT), ("/metrics", None)):
        policyd.http(path, body, "sesame")
    names.says("* * !silence")
    policyd.reload()
    senders(policyd, numbers)

    # counted alone while Redis hangs, and told to it later
    names.says(ZONE)
    redis.signal(signal.SIGSTOP)
    senders(policyd, numbers)
    redis.signal(signal.SIGCONT)
    senders(policyd, numbers)
    redis.kill()
    senders(policyd, numbers)
    redis.start()
    ok(policyd.logged("rate: Redis was told what was sent without it"),
       "what was counted while its Redis was away is told", policyd.log())
    senders(policyd, numbers)
    other = programs.Redis().start()
    policyd.store = other.socket
    policyd.configure(other=all_checks(names, "http://127.0.0.1:9/"),
                      **programs.AS_SHIPPED)
    policyd.reload()
    senders(policyd, numbers)
    mail(policyd.client(), next(numbers), "user9@example.com", end=False)
    policyd.signal(signal.SIGTERM)


def under_valgrind(store=None):
    report = os.path.join(programs.directory(), "valgrind")
    policyd = programs.Policyd(store, wrapper=[
        "valgrind", "--leak-check=full", "--error-exitcode=99",
        "--errors-for-leak-kinds=definite,indirect,possible",
        "--child-silent-after-fork=yes", f"--log-file={report}"])
    return policyd, report


def is_clean(policyd, report, whose):
    same(policyd.process.wait(programs.PATIENCE), 0,
         f"{whose}, told to stop, exits with 0: nothing lost or misused")
    with open(report) as f:
        text = f.read()
    lost = re.findall(r"(definitely|indirectly|possibly) lost: ([\d,]+)", text)
    ok("ERROR SUMMARY: 0 errors" in text and
       ("no leaks are possible" in text or
        len(lost) == 3 and all(n == "0" for _, n in lost)),
       "valgrind has seen no error and no lost byte", text)
    used = re.search(r"total heap usage: (.*)", text)
    diag(f"heap: {used[1]}")


def script():
    if programs.SANITIZED:
        tap.skip_all("the sanitizers look for leaks themselves, in all tests")
    policyd, report = under_valgrind()
    policyd.configure(greylist=LISTED).start()
    ok(policyd.ready(), "policyd runs under valgrind")
    everything(policyd)
    is_clean(policyd, report, "one that greylists")

    redis, names = programs.Redis().start(), programs.NameServer(ZONE)
    policyd, report = under_valgrind(redis)
    policyd.configure(
        greylist="mode = observe identity = spf",
        other=all_checks(names, f"http://127.0.0.1:{policyd.http_port}/x"),
        **programs.AS_SHIPPED).start()
    policyd.logged("redis: ready")
    everything_written(policyd, redis, names)
    is_clean(policyd, report, "one with every check")


tap.run(script)
