#!/usr/bin/python3
"""What the daemon answers over HTTP: from start over reloads to its end."""
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

LOGIN = ('{{"login":"alice@example.com","protocol":"imap",'
         '"remote":"203.0.113.{}","pwhash":"{}","success":{}}}')


def pages(policyd):
    policyd.ask(client_address="192.0.2.1")
    status, text = policyd.http("/metrics")
    ok(status == 200 and
       'policyd_requests_total{class="inbound",stage="RCPT"}' in text and
       'policyd_verdicts_total{check="greylist",mode="enforce",'
       'verdict="refuse"}' in text, "its metrics tell of a request", text)
    same(policyd.http("/healthz"), (200, "alive\n"), "it is alive")
    same(policyd.http("/readyz"), (200, "ready\n"), "and ready")


def registers(policyd):
    for n in range(11):
        policyd.http("/auth-policy?command=report",
                     LOGIN.format(5, f"{n:03x}", "false"), "sesame")
    ok(policyd.logged("register listed client=203.0.113.5 register=abuse"),
       "eleven failed logins list their client")
    same(policyd.http("/auth-policy?command=allow",
                      LOGIN.format(5, "1", "true"), "sesame"),
         (200, '{"status":-1,"msg":"not accepting connections from your '
          'address"}\n'), "which may not log in")
    ok("4.7.0" in policyd.ask(client_address="203.0.113.5") or
       "5.3.2" in policyd.ask(client_address="203.0.113.5"),
       "nor send mail", policyd.log())
    same(policyd.http("/auth-policy?command=allow",
                      LOGIN.format(6, "1", "true"), "sesame"),
         (200, '{"status":0,"msg":""}\n'), "its neighbour may log in")


def accounts(policyd):
    def change(action):
        subprocess.run([os.path.join(programs.BUILD, "policyctl"), "-c",
                        policyd.conf, "account", action,
                        "alice@example.com"], check=True,
                       stdout=subprocess.DEVNULL)
        return policyd.http("/auth-policy?command=allow",
                            LOGIN.format(6, "1", "true"), "sesame")

    same(change("disable"),
         (200, '{"status":-1,"msg":"User account has been disabled by the '
          'mail administrator"}\n'),
         "a mailbox that policyctl disables may not log in")
    same(change("enable"), (200, '{"status":0,"msg":""}\n'),
         "one that it enables again may")


def deny_lists(policyd):
    news = "/mailboxes/al@example.net/deny/news%40example.org"
    mail = {"sender": "news@example.org", "recipient": "al@example.net",
            "client_address": "203.0.113.9"}
    ok("550" not in policyd.ask(**mail), "nobody denies a sender")
    status, text = policyd.http(news, "", "sesame", method="PUT")
    ok(status == 200 and '"changed":true' in text, "webmail does", text)
    ok(policyd.logged("change register=deny action=add by=http "
                      "address=al@example.net sender=news@example.org"),
       "and the log says so")
    ok(programs.wait_for(
        lambda: "550 5.7.1 A user policy" in policyd.ask(**mail)),
       "then its mail is refused", policyd.log())
    ok('"sender":"news@example.org"' in
       policyd.http("/mailboxes/al@example.net/deny", token="sesame")[1],
       "the list has it")
    same(policyd.http(news, token="sesame", method="DELETE")[0], 200,
         "it is taken off again")
    same(policyd.http(news, token="sesame")[0], 404, "and is gone")


def reloads(policyd):
    old, new = policyd.http_port, programs.free_port()
    secret = os.path.join(policyd.place, "token")
    with open(secret, "w") as f:
        f.write("open\n")
    with open(policyd.conf) as f:
        text = f.read()
    with open(policyd.conf, "w") as f:
        f.write(text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
                .replace('token = "sesame"', f'token_file = "{secret}"'))
    policyd.reload()
    same(policyd.http("/healthz", port=new)[0], 200,
         "a reload may move it")
    same(policyd.http("/healthz")[0], 0, "from where it was")
    same([policyd.http("/spam-report", "{}", token, new)[0]
          for token in ("sesame", "open")], [401, 400],
         "and give it another token, from a file")
    busy = programs.free_port()  # and it is ours when nobody listens any more
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", busy))
        taken.listen()
        with open(policyd.conf, "w") as f:
            f.write(text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{busy}"))
        policyd.reload()
        ok(policyd.logged(f"cannot listen on '127.0.0.1:{busy}' for http"),
           "an address that is taken is told")
        same(policyd.http("/healthz", port=new)[0], 200,
             "and the former one kept")
        same(metric(policyd, "policyd_reload_failed", new), 1,
             "metrics tell that the reload has failed")
    policyd.reload()
    same(metric(policyd, "policyd_reload_failed", busy), 0,
         "until one finds it free")
    policyd.http_port = busy


def metric(policyd, name, port=None):
    return int(re.search(rf"^{name} (\d+)$",
                         policyd.http("/metrics", port=port)[1], re.M)[1])


def published(policyd, name):
    """What its record in Redis tells of a reload, which writes it anew."""
    node = policyd.cli("keys", "policyd:node:*")
    return policyd.cli("hget", node, name)


def reloads_fail(policyd):
    def failed():
        return metric(policyd, "policyd_reload_failed")
    start = metric(policyd, "policyd_config_read_time_seconds")
    with open(policyd.conf) as f:
        text = f.read()
    with open(policyd.conf, "w") as f:
        f.write(text + "greylist { dilay = 1m }\n")
    same(failed(), 0, "before a reload fails, metrics tell of none")
    programs.wait_for(lambda: time.time() > start + 2)
    policyd.reload()
    same([failed(), metric(policyd, "policyd_config_read_time_seconds")],
         [1, start], "that one has, and how old the configuration is")
    ok(programs.wait_for(
        lambda: published(policyd, "reload_failed") == "yes"),
       "the record in Redis tells it at once")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with open(policyd.conf, "w") as f:
            f.write(text.replace(
                "listen = {", f'listen = {{ "inet:127.0.0.1:'
                f'{taken.getsockname()[1]}",', 1))
        policyd.reload()
    read = metric(policyd, "policyd_config_read_time_seconds")
    ok(failed() and read > start,
       "a listener that cannot be had is a failure, though the rest is new")
    with open(policyd.conf, "w") as f:
        f.write(text)
    policyd.reload()
    same(failed(), 0, "one that works ends it")
    ok(programs.wait_for(
        lambda: published(policyd, "reload_failed") == "no" and
        int(published(policyd, "config_read")) >= read),
       "in the record, too, with when it was")


def redis_goes(policyd):
    policyd.configure(**programs.AS_SHIPPED).reload()
    with open(os.path.join(policyd.state, "redis.pid")) as f:
        child = int(f.read())
    policyd.cli("hset", "policyd:ban:{203.0.113.9}", "until", "permanent")
    policyd.cli("set", "policyd:client:{203.0.113.9}", 1)
    os.kill(child, signal.SIGSTOP)
    same(policyd.http("/auth-policy?command=allow",
                      LOGIN.format(9, "1", "true"), "sesame"),
         (200, '{"status":0,"msg":""}\n'),
         "while Redis hangs, a login is allowed")
    ok('"status":-1' in policyd.http("/auth-policy?command=allow",
                                     LOGIN.format(5, "1", "true"),
                                     "sesame")[1],
       "but for a ban that is remembered")
    os.kill(child, signal.SIGCONT)


def hung_up(s):
    """What was sent last may not have been read: then it is a reset."""
    try:
        return s.recv(100) == b""
    except ConnectionResetError:
        return True


def stops(policyd):
    half = socket.create_connection(("127.0.0.1", policyd.http_port))
    half.sendall(b"POST /healthz HTTP/1.1\r\nHost: x\r\n"
                 b"Content-Length: 9\r\n\r\n{")
    idle = socket.create_connection(("127.0.0.1", policyd.http_port))
    same(policyd.stop(), 0, "with clients on the line, it ends well")
    same([hung_up(half), hung_up(idle)], [True, True], "and hangs up")


def alone():
    """Another one whose port is taken from the start."""
    first = programs.Policyd().start()
    second = programs.Policyd()
    second.http_port = first.http_port
    second.configure().start()
    ok(second.logged("cannot listen on '127.0.0.1:.*' for http"),
       "one that finds its address taken says so")
    ok(second.ready(), "and judges mail")
    same(first.stop(), 0, "the first ends well")
    same(second.stop(), 0, "so does the second")


def script():
    policyd = programs.Policyd().start()
    policyd.ready()
    pages(policyd)
    registers(policyd)
    accounts(policyd)
    deny_lists(policyd)
    reloads_fail(policyd)
    reloads(policyd)
    redis_goes(policyd)
    stops(policyd)
    alone()


tap.run(script)
