#!/usr/bin/env python3
"""policyctl explain: what every check would say; nothing is written."""

import signal
import time

from ctl import HARMLESS, Ctl, Redis, contains, done, equal, test

redis = Redis()
ctl = Ctl(redis)
now = int(time.time())

STRANGER = ["client_address=192.0.2.1", "sender=a@example.org",
            "recipient=b@example.net"]
FRESH = "policyd:grey:{198.51.100.0/24}:a@example.org:b@example.net"
KNOWN = "policyd:known:{203.0.113.0/24}"

redis("SET", FRESH, f"first={now - 60} last={now - 60} tries=1 passed=0",
      "EX", 86400)
redis("SET", KNOWN, f"passes=5 since={now - 90000} last={now - 90000}",
      "EX", 86400)


@test("a stranger would be greylisted")
def _():
    answer = ctl("explain", *STRANGER)
    equal((answer.status, answer.err), (0, ""))
    contains(answer.lines[0], "stage=RCPT class=inbound client=192.0.2.1")
    contains(answer.lines[1], "refuse")
    contains(answer.lines[1], "state=new identity=192.0.2.0/24 wait=300")
    contains(answer.lines[-1], "action=451 4.7.1 This server employs grey")


@test("JSON says the same in names that stay")
def _():
    answer = ctl("explain", "--json", *STRANGER)
    whole = answer.json
    equal(list(whole), ["action", "check", "reply", "checks"])
    contains(whole["action"], "451 4.7.1 ")
    equal((whole["check"], whole["reply"]), ("greylist", "greylisted"))
    greylist, = [c for c in whole["checks"] if c["name"] == "greylist"]
    equal(list(greylist),
          ["name", "tier", "mode", "verdict", "reply", "detail"])
    equal((greylist["tier"], greylist["mode"], greylist["verdict"],
           greylist["reply"]),
          ("counters", "enforce", "refuse", "greylisted"))
    equal((greylist["detail"]["state"], greylist["detail"]["wait"]),
          ("new", 300))


@test("one who is back too early is told the rest of the wait")
def _():
    detail = ctl("explain", "--json", "client_address=198.51.100.7",
                 *STRANGER[1:]).json["checks"][0]["detail"]
    equal((detail["state"], detail["identity"]),
          ("early", "198.51.100.0/24"))
    if not 230 <= detail["wait"] <= 240:
        raise AssertionError(detail)


@test("one whose network is known would pass")
def _():
    whole = ctl("explain", "--json", "client_address=203.0.113.9",
                *STRANGER[1:]).json
    equal((whole["action"], whole["check"], whole["reply"]),
          ("DUNNO", None, None))
    equal((whole["checks"][0]["verdict"],
           whole["checks"][0]["detail"]["state"]), ("pass", "known"))


@test("nothing is written, whatever is asked")
def _():
    redis("CONFIG", "RESETSTAT")
    before = redis.everything()
    for client in "192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8::1":
        equal(ctl("explain", f"client_address={client}",
                  *STRANGER[1:]).status, 0)
    equal(redis.everything(), before)
    calls = redis.calls()
    equal(calls["evalsha_ro"] >= 4, True)
    equal(set(calls) - HARMLESS, set())


REASONS = [
    ("who is authenticated is no stranger",
     ["sasl_username=b"], "authenticated", "not for this class of client"),
    ("who is trusted is no stranger",
     ["client_address=127.0.0.1"], "trusted", "not for this class of client"),
    ("at another stage the check is not asked",
     ["protocol_state=DATA"], "inbound", "not at this stage"),
]

for sentence, words, kind, because in REASONS:
    @test(sentence)
    def _():
        whole = ctl("explain", "--json", *words, *STRANGER).json
        equal((whole["action"], whole["check"]), ("DUNNO", None))
        equal((whole["checks"][0]["verdict"], whole["checks"][0]["detail"]),
              ("none", {"because": because}))
        contains(ctl("explain", *words, *STRANGER).lines[0], f"class={kind}")


@test("a check that is off says so")
def _():
    off = Ctl(redis, "greylist { mode = off }")
    check = off("explain", "--json", *STRANGER).json["checks"][0]
    equal((check["mode"], check["detail"]),
          ("off", {"because": "mode is off"}))


@test("a check that observes refuses nobody")
def _():
    observe = Ctl(redis, "greylist { mode = observe }")
    whole = observe("explain", "--json", *STRANGER).json
    equal((whole["action"], whole["check"], whole["reply"]),
          ("DUNNO", None, None))
    equal((whole["checks"][0]["mode"], whole["checks"][0]["verdict"]),
          ("observe", "refuse"))


@test("a client on the allow list is not asked about")
def _():
    allow = Ctl(redis, 'allow { clients = { "192.0.2.0/24" } }')
    equal(allow("explain", "--json", *STRANGER).json["checks"][0]["detail"],
          {"because": "the client is on the allow list"})


@test("the settings of a mailbox hold")
def _():
    boss = Ctl(redis, 'mailbox "b@example.net" { greylist { delay = 7m } }')
    equal(boss("explain", "--json", *STRANGER)
          .json["checks"][0]["detail"]["wait"], 420)


CAPTURED = (b"request=smtpd_access_policy\nprotocol_state=RCPT\n"
            b"client_address=192.0.2.1\nsender=a@example.org\n"
            b"recipient=b@example.net\nnew_in_postfix_4=x\n\n")


@test("a captured request is read from a file")
def _():
    path = ctl.place + "/captured.req"
    with open(path, "wb") as file:
        file.write(CAPTURED)
    equal(ctl("explain", "--json", path).json["reply"], "greylisted")


@test("and from standard input, with - or without a word")
def _():
    equal(ctl("explain", "--json", "-", stdin=CAPTURED).json["reply"],
          "greylisted")
    equal(ctl("explain", "--json", stdin=CAPTURED).json["reply"],
          "greylisted")


@test("it may lack the empty line and the last line's end")
def _():
    equal(ctl("explain", "--json", stdin=CAPTURED.rstrip(b"\n"))
          .json["reply"], "greylisted")


BROKEN = [
    ("a line without = is no request", b"request\n\n", 65),
    ("another service's request is none",
     b"request=junk\nsender=a@example.org\n\n", 65),
    ("two requests are one too many", CAPTURED + CAPTURED, 65),
    ("a NUL is no part of a request", b"request=smtpd\0access_policy\n\n",
     65),
    ("a request without an end is none",
     b"request=smtpd_access_policy\n" + b"x=y\n" * 30000, 65),
    ("nothing is no request", b"", 66),
]

for sentence, text, status in BROKEN:
    @test(sentence)
    def _():
        answer = ctl("explain", stdin=text)
        equal((answer.status, answer.out), (status, ""))
        contains(answer.err, "policyctl: ")


@test("a file that is not there is EX_NOINPUT")
def _():
    answer = ctl("explain", ctl.place + "/none.req")
    equal(answer.status, 66)
    contains(answer.err, "none.req': No such file or directory")


@test("what would move the terminal is escaped")
def _():
    answer = ctl("explain", "client_address=192.0.2.1",
                 "sender=\033[2J\u009b2J@example.org",
                 "recipient=b@example.net")
    contains(answer.lines[0], r"\x1b[2J\xc2\x9b2J@example.org")


@test("without Redis a check does not know, and says why")
def _():
    answer = Ctl()("explain", *STRANGER)
    equal(answer.status, 0)
    contains(answer.err, "policyctl: Redis unix:")
    contains(answer.err, "No such file or directory")
    contains(answer.lines[1], "unknown")
    contains(answer.lines[1], "lost=down on_failure=accept")
    equal(answer.lines[-1], "action=DUNNO")


@test("a Redis that can never be is no reason to guess: EX_UNAVAILABLE")
def _():
    answer = Ctl(redis="", more=f'state_directory = "/{"x" * 120}"')(
        "explain", *STRANGER)
    equal((answer.status, answer.out), (69, ""))
    contains(answer.err, "longer than 107 bytes")


@test("without Redis the action is what on_failure asks for")
def _():
    defer = Ctl(more="greylist { on_failure = defer }")
    whole = defer("explain", "--json", *STRANGER).json
    contains(whole["action"], "451 4.3.0 ")
    equal((whole["check"], whole["reply"]), ("greylist", "away"))
    equal(whole["checks"][0]["reply"], None)


@test("Redis that does not answer is waited for no longer than it may")
def _():
    silent = Redis()
    hung = Ctl(silent)
    silent.signal(signal.SIGSTOP)
    begun = time.monotonic()
    answer = hung("explain", *STRANGER)
    silent.signal(signal.SIGCONT)
    equal(answer.status, 0)
    equal(answer.lines[-1], "action=DUNNO")
    if time.monotonic() - begun > 5:
        raise AssertionError("it took more than 5 s")


done()
