#!/usr/bin/python3
"""Who is told when a limit is near, by the whole daemon: from the first event
over a reload to an end that waits for nobody."""
import http.server
import json
import os
import sys
import threading
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

place = programs.directory()
STOPPING = 4  # seconds that policyd waits for what hangs


class Office(http.server.BaseHTTPRequestHandler):
    letters, open = [], threading.Event()

    def do_POST(self):
        self.letters.append(
            self.rfile.read(int(self.headers["Content-Length"])))
        self.open.wait(60)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def office():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Office)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Office.open.set()
    return f"http://127.0.0.1:{server.server_port}/events"


def path(name):
    return os.path.join(place, name)


def read(name):
    try:
        with open(path(name)) as f:
            return f.read()
    except FileNotFoundError:
        return ""


def program(name, body):
    with open(path(name), "w") as f:
        f.write(f"#!/bin/sh\ncd {place}\n{body}\n")
    os.chmod(path(name), 0o755)
    return path(name)


def told():
    return [json.loads(line) for line in read("told").splitlines()]


def events(command, url):
    return (f'events {{ command = "{command}" url = "{url}" }}\n'
            'rate { mode = enforce messages = "5/1h" warn = 80 }\n')


def send(policyd, login, n, sender=None):
    """Message number n, to its end; what its recipient was told."""
    mail = {"instance": f"{login}.{n}", "sasl_username": login,
            "sender": sender or login, "recipient": "bob@example.net"}
    c = policyd.client()
    told = c.ask(**mail)
    c.ask(protocol_state="END-OF-MESSAGE", recipient_count="1", **mail)
    c.close()
    return told


def first_event(policyd):
    for n in range(3):
        send(policyd, "alice@example.com", n)
    time.sleep(0.1)
    same(policyd.log_count("event kind="), 0,
         "three messages of five are no event")
    send(policyd, "alice@example.com", 3)
    ok(policyd.logged("event kind=rate_near check=rate mode=enforce "
                      "verdict=pass .*user=alice@example.com"),
       "the fourth is one, and a line in the log", policyd.log())
    ok(programs.wait_for(told), "the program has read it", policyd.log())
    event = told()[0]
    same({k: event[k] for k in ("event", "check", "login", "client", "used",
                                "limit")},
         {"event": "rate_near", "check": "rate",
          "login": "alice@example.com", "client": "192.0.2.7", "used": 4,
          "limit": 5}, "as JSON that says who, and how near")
    ok(programs.wait_for(lambda: Office.letters),
       "the same was posted to the URL", policyd.log())
    same(json.loads(Office.letters[0]), event, "word by word")


def further_events(policyd):
    send(policyd, "alice@example.com", 4)
    refused = [send(policyd, "alice@example.com", n) for n in range(5, 8)]
    ok(all(r.startswith("451") for r in refused),
       "those above the limit are refused", refused)
    programs.wait_for(lambda: len(told()) > 1)
    time.sleep(0.2)
    same([e["event"] for e in told()], ["rate_near", "rate_over"],
         "which is an event once")
    same(told()[1]["reply"], "451 4.7.1", "with the reply")
    for by in ("log", "command", "url"):
        line = (f'policyd_events_total{{event="rate_over",by="{by}",'
                'result="told"} 1\n')
        # A program has told when it ends, not when it has read.
        ok(programs.wait_for(
            lambda: line in policyd.http("/metrics")[1]),
           f"the metrics have what was told by {by}",
           policyd.http("/metrics")[1])


def hostile(policyd):
    login = "eve@example.com"
    for n in range(4):
        send(policyd, login, n, '"},{"event":"x\x1b[2J\udcff"@example.com')
    ok(programs.wait_for(lambda: len(told()) > 2),
       "bytes of strangers do no harm", read("told"), policyd.log())
    same(told()[2]["sender"], '"},{"event":"x\x1b[2J\\xff"@example.com',
         "and are told as they are, or by number")
    ok("\x1b" not in policyd.log() and "\udcff" not in policyd.log(),
       "but are never in the log", policyd.log())


def reloads(policyd, url):
    policyd.configure(other=events("/no/such/program", url))
    policyd.reload()
    ok(policyd.logged("events.command: '/no/such/program': No such file"),
       "a reload says that a program is not there")
    for n in range(4):
        send(policyd, "carol@example.com", n)
    ok(policyd.logged("events: cannot run '/no/such/program' for rate_near"),
       "so does each event")
    ok(policyd.logged("event kind=rate_near .*user=carol@example.com"),
       "which the log has all the same")


def stops(policyd, url):
    Office.open.clear()
    policyd.configure(other=events(
        program("hang", "trap '' TERM\necho $$ >pid\n"
                        "while :; do sleep 0.1; done"), url))
    policyd.reload()
    letters = len(Office.letters)
    for n in range(4):
        send(policyd, "dave@example.com", n)
    ok(programs.wait_for(lambda: read("pid").strip() and
                         len(Office.letters) > letters),
       "a program hangs, and a server", policyd.log())
    pid = int(read("pid"))
    begun = time.monotonic()
    same(policyd.stop(), 0, "policyd ends as it is told, though both do not")
    took = time.monotonic() - begun
    ok(took > STOPPING - 0.5, "having waited for them", took)

    def is_gone():
        try:
            with open(f"/proc/{pid}/stat") as f:
                return ") Z " in f.read()
        except OSError:
            return True
    ok(programs.wait_for(is_gone), "the program has ended with it")
    ok("command for rate_near is ended, as policyd stops" in policyd.log() and
       "cannot post rate_near: policyd stops" in policyd.log(),
       "and the log says so", policyd.log())


def idle():
    policyd = programs.Policyd().configure(
        other=events(program("tell", "cat >>told"), "http://127.0.0.1:9/"))
    times = []
    for _ in range(3):  # on a busy machine one may take long, but not all
        policyd.start()
        begun = time.monotonic()
        policyd.stop()
        times.append(time.monotonic() - begun)
    ok(min(times) < STOPPING - 0.5, "with nothing to tell it ends at once",
       times)


def script():
    url = office()
    policyd = programs.Policyd().configure(
        other=events(program("tell", "cat >>told"), url)).start()
    policyd.ready()
    first_event(policyd)
    further_events(policyd)
    hostile(policyd)
    reloads(policyd, url)
    stops(policyd, url)
    idle()


tap.run(script)
