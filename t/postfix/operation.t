#!/usr/bin/python3
"""policyd is reloaded, stopped and without Redis while Postfix asks it."""
import re
import signal
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.policy import GREYLISTED  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402
from kit.tap import ok, same  # noqa: E402

PROBLEM = "451 4.3.5 Server configuration problem"


def reload(postfix, policyd):
    s = postfix.session("192.0.2.7")
    told(s.mail("a@example.net", "alice@example.com"), GREYLISTED,
         "in a session a stranger is put off")

    policyd.configure(greylist="mode = observe")
    policyd.reload()
    told(s.say("RCPT TO:<bob@example.com>"), "250 2.1.5 Ok",
         "under observe the same session is let in")
    found = policyd.decided(recipient="bob@example.com")
    same((found["mode"], found["verdict"], found["action"]),
         ("observe", "refuse", "DUNNO"),
         "the log has what would have happened")

    policyd.configure(greylist="mode = off")
    policyd.reload()
    told(s.say("RCPT TO:<eve@example.com>"), "250 2.1.5 Ok",
         "switched off it does not judge")
    same(policyd.cli("keys", "*eve@*"), "", "and writes nothing")

    policyd.configure(greylist="mode = enforced")
    policyd.reload()
    ok(policyd.logged(r'error.*policyd.conf:\d+.*enforced'),
       "a wrong file is told of by file and line", policyd.log())
    told(s.say("RCPT TO:<dan@example.com>"), "250 2.1.5 Ok",
         "and the old configuration stays")
    s.quit()


def reply_ids(postfix, policyd):
    policyd.configure(greylist="", other="reply_ids = yes")
    policyd.reload()
    reply = postfix.send("b@example.net", ["alice@example.com"],
                         address="192.0.2.7")[0]
    found = re.search(r"\((\w+)\)$", reply.text)
    ok(found and policyd.decided(id=found[1])["sender"] == "b@example.net",
       "with reply_ids the reply ends in an id that the log has", reply)


def decision_line(postfix, policyd):
    start = time.monotonic()
    s = postfix.session("192.0.2.7", name="mx.example.org")
    s.mail("c@example.net", "postmaster@example.com")
    s.quit()
    took = time.monotonic() - start
    found = policyd.decided(sender="c@example.net")
    for name, wanted in {
            "action": "451", "reply": "451 4.7.1", "check": "greylist",
            "mode": "enforce", "verdict": "refuse", "state": "new",
            "identity": "192.0.2.0/24", "wait": "300", "stage": "RCPT",
            "class": "inbound", "client": "192.0.2.7",
            "name": "mx.example.org", "sender": "c@example.net",
            "recipient": "postmaster@example.com"}.items():
        same(found.get(name), wanted, f"the decision line has {name}")
    ok(re.fullmatch(r"[0-9a-f]+(\.[0-9a-f]+){3}", found.get("instance", "")),
       "it has Postfix' instance", found)
    ok(0 < int(found.get("us", 0)) < took * 1e6,
       "it has the microseconds it took", found)
    # only once a recipient is accepted has Postfix a queue id
    s = postfix.session()
    s.mail("c@example.net", "alice@example.com")
    s.say("RCPT TO:<bob@example.com>")
    queued = s.message().text.split()[-1]
    s.quit()
    same(policyd.decided(sender="c@example.net", client="127.0.0.1",
                         recipient="bob@example.com").get("queue_id"),
         queued, "it has the queue id, once there is one")


def without_redis(postfix, policyd, redis):
    redis.kill()
    start = time.monotonic()
    told(postfix.send("d@example.net", ["alice@example.com"],
                      address="192.0.2.7")[0], "250 2.1.5 Ok",
         "without Redis greylisting lets pass")
    took = time.monotonic() - start
    ok(took < 10, "and Postfix does not wait for it, not even for the "
       "deadline of an answer", f"{took:.1f} s")
    same(policyd.decided(sender="d@example.net").get("verdict"), "unknown",
         "the log says that nobody knows")
    policyd.configure(greylist="on_failure = defer", other="")
    policyd.reload()
    told(postfix.send("e@example.net", ["alice@example.com"],
                      address="192.0.2.7")[0],
         "451 4.3.0 Temporary server error. Please try again later.",
         "with on_failure = defer it is 451 4.3.0")
    redis.start()
    ok(policyd.ready(), "with Redis back it greylists again")


def stopped(postfix, policyd):
    s = postfix.session("192.0.2.7")
    same(policyd.stop(), 0, "policyd is stopped while a session is open")
    told(s.mail("f@example.net", "alice@example.com"), PROBLEM,
         "without default_action Postfix says 451 4.3.5")
    policyd.configure(greylist="", other="").start()
    policyd.ready()
    told(s.say("RCPT TO:<alice@example.com>"), GREYLISTED,
         "started again, it serves the same session")
    s.quit()


def script():
    redis = programs.Redis().start()
    policyd = programs.Policyd(redis).configure().start()
    policyd.ready()
    postfix = Postfix(f"unix:{policyd.socket}")
    reload(postfix, policyd)
    reply_ids(postfix, policyd)
    decision_line(postfix, policyd)
    without_redis(postfix, policyd, redis)
    stopped(postfix, policyd)
    policyd.signal(signal.SIGUSR1)
    ok(policyd.logged(r"requests"), "SIGUSR1 has it log its counts")


tap.run(script)
