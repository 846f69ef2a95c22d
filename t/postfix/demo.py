#!/usr/bin/python3
"""demo - greylisting to look at: a real Postfix, a stranger, a short delay

Runs a Postfix and a policyd of its own, beside whatever else is running, and
takes them away again.
"""
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, undo  # noqa: E402
from kit.postfix import Postfix, can_start  # noqa: E402

DELAY = 3


def title(text):
    print(f"\n== {text}\n", flush=True)


def show(who, text):
    for line in text.splitlines():
        print(f"    {who:>8}: {line}", flush=True)


def attempt(postfix):
    s = postfix.session("192.0.2.7")  # played by means of XCLIENT
    s.show = show
    if s.mail("carol@example.net", "alice@example.com").code == "250":
        s.message("Subject: hello\r\n\r\nFrom a stranger who came back.")
    s.quit()


def count_down(seconds):
    for left in range(seconds, 0, -1):
        print(f"    {left} ...", flush=True)
        time.sleep(1)


def look(policyd):
    title("What Redis knows now  (redis-cli -s STATE/redis.sock)")
    for key in sorted(policyd.cli("keys", "*grey:*").split()):
        print(f"    > get {key}\n    {policyd.cli('get', key)}")
    title("What policyd's log says")
    for line in policyd.log().splitlines():
        if "decision" in line:
            print(f"    {line}")


def demo():
    if not can_start():
        sys.exit("Postfix can only be started by root")
    title("Starting a Postfix and a policyd of their own")
    policyd = programs.Policyd().configure(
        greylist=f"delay = {DELAY}s").start()
    policyd.logged("redis: ready")
    postfix = Postfix(f"{{ inet:127.0.0.1:{policyd.port}, timeout=10s, "
                      "default_action=DUNNO }")
    print(f"    Postfix listens on 127.0.0.1:{postfix.ports['smtp']}, "
          f"policyd on 127.0.0.1:{policyd.port}")
    title("192.0.2.7, a stranger, tries to send a mail")
    attempt(postfix)
    title(f"It waits, as mail servers do (here {DELAY} seconds, 5 minutes "
          "when you leave it)")
    count_down(DELAY + 1)
    title("It tries again")
    attempt(postfix)
    postfix.delivered("a stranger who came back")
    look(policyd)
    title("Taking both away again")


undo.after(demo)
