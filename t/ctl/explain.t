#!/usr/bin/env python3
"""policyctl explain: what every check would say; nothing is written."""

import signal
import time

from ctl import (HARMLESS, Ctl, Redis, contains, done, equal, lacks, matches,
                 near, tap, test)

redis = Redis()
ctl = Ctl(redis)
now = int(time.time())

STRANGER = ["client_address=192.0.2.1", "sender=a@example.org",
            "recipient=b@example.net"]


def check(answer, name="greylist"):
    """That check's part of an answer in JSON."""
    found, = [c for c in answer.json["checks"] if c["name"] == name]
    return found


def line(answer, name="greylist"):
    found, = [one for one in answer.lines if one.startswith(name + " ")]
    return found


FRESH = "policyd:grey:{198.51.100.0/24}:a@example.org:b@example.net"
KNOWN = "policyd:known:{203.0.113.0/24}"

redis("SET", FRESH, f"first={now - 60} last={now - 60} tries=1 passed=0",
      "EX", 86400)
redis("SET", KNOWN, f"last={now - 90000} passes=5 since={now - 90000}",
      "EX", 86400)


@test("a stranger would be greylisted")
def _():
    answer = ctl("explain", *STRANGER)
    equal((answer.status, answer.err), (0, ""))
    contains(answer.lines[0], "stage=RCPT class=inbound client=192.0.2.1")
    contains(line(answer), "refuse")
    contains(line(answer), "state=new identity=192.0.2.0/24 "
             "identity_by=network wait=300")
    contains(answer.lines[-1], "action=451 4.7.1 This server employs grey")


@test("JSON says the same in names that stay")
def _():
    answer = ctl("explain", "--json", *STRANGER)
    whole = answer.json
    equal(list(whole), ["action", "check", "reply", "scopes", "dnsbl",
                        "checks"])
    contains(whole["action"], "451 4.7.1 ")
    equal((whole["check"], whole["reply"]), ("greylist", "greylisted"))
    greylist = check(answer)
    equal(list(greylist),
          ["name", "tier", "mode", "verdict", "reply", "detail", "settings"])
    equal((greylist["tier"], greylist["mode"], greylist["verdict"],
           greylist["reply"]),
          ("counters", "enforce", "refuse", "greylisted"))
    equal((greylist["detail"]["state"], greylist["detail"]["wait"]),
          ("new", 300))


@test("one who is back too early is told the rest of the wait")
def _():
    detail = check(ctl("explain", "--json", "client_address=198.51.100.7",
                       *STRANGER[1:]))["detail"]
    equal((detail["state"], detail["identity"]),
          ("early", "198.51.100.0/24"))
    near(detail["wait"], 240)


@test("one whose network is known would pass")
def _():
    answer = ctl("explain", "--json", "client_address=203.0.113.9",
                 *STRANGER[1:])
    whole = answer.json
    equal((whole["action"], whole["check"], whole["reply"]),
          ("DUNNO", None, None))
    equal((check(answer)["verdict"], check(answer)["detail"]["state"]),
          ("pass", "known"))


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
        answer = ctl("explain", "--json", *words, *STRANGER)
        whole, found = answer.json, check(answer)
        equal((whole["action"], whole["check"]), ("DUNNO", None))
        equal((found["verdict"], found["detail"]),
              ("none", {"because": because}))
        contains(ctl("explain", *words, *STRANGER).lines[0], f"class={kind}")


@test("a check that is off says so")
def _():
    off = Ctl(redis, "greylist { mode = off }")
    found = check(off("explain", "--json", *STRANGER))
    equal((found["mode"], found["detail"]),
          ("off", {"because": "mode is off"}))


@test("so does one that goes by the limits of several and judges anyway")
def _():
    off = Ctl(redis, "size { mode = off }")
    found = check(off("explain", "--json", *STRANGER), "size")
    equal((found["mode"], found["verdict"], found["detail"]),
          ("off", "none", {"because": "mode is off"}))
    matches(line(off("explain", *STRANGER), "size"),
            r'local +off +none +- +because="mode is off"$')


@test("and speaks up when the limit of one of them is in force")
def _():
    mine = Ctl(redis, "size { mode = off inbound = 1M }\n"
                      'mailbox "b@example.net" { size { mode = enforce } }')
    for size, verdict in (1000, "pass"), (2000000, "refuse"):
        found = check(mine("explain", "--json", f"size={size}", *STRANGER),
                      "size")
        equal((found["mode"], found["verdict"]), ("enforce", verdict))


@test("a check that observes refuses nobody")
def _():
    observe = Ctl(redis, "greylist { mode = observe }")
    answer = observe("explain", "--json", *STRANGER)
    whole, found = answer.json, check(answer)
    equal((whole["action"], whole["check"], whole["reply"]),
          ("DUNNO", None, None))
    equal((found["mode"], found["verdict"]), ("observe", "refuse"))


@test("a client on the allow list is not asked about")
def _():
    allow = Ctl(redis, 'allow { clients = { "192.0.2.0/24" } }')
    equal(check(allow("explain", "--json", *STRANGER))["detail"],
          {"because": "the client is on the allow list"})


@test("the settings of a mailbox hold")
def _():
    boss = Ctl(redis, 'mailbox "b@example.net" { greylist { delay = 7m } }')
    equal(check(boss("explain", "--json", *STRANGER))["detail"]["wait"], 420)


@test("a banned client sees since when, until when and why")
def _():
    redis("HSET", "policyd:ban:{192.0.2.77}", "until", now + 900, "since",
          now, "reason", "connection flood", "by", "policyd", "level", 1)
    redis("SET", "policyd:client:{192.0.2.77}", 1, "EX", 900)
    words = ["client_address=192.0.2.77", *STRANGER[1:]]
    answer = ctl("explain", *words)
    contains(line(answer, "ban"), f"identity=192.0.2.77 since={now} "
             f"until={now + 900} wait=")
    contains(line(answer, "ban"),
             'level=1 by=policyd reason="connection flood"')
    equal(answer.lines[-1], "action=554 5.3.2 ESMTP not accepting connections")
    found = check(ctl("explain", "--json", *words), "ban")
    equal((found["tier"], found["reply"], found["detail"]["reason"]),
          ("registers", "ban", "connection flood"))


@test("the access list is read, and nothing is taken off it")
def _():
    redis("HSET", "policyd:access:{lists}",
          "192.0.2.78", f"since={now} until=0 by=root reason=too much noise",
          "192.0.2.79", f"since={now - 9} until={now - 1} by=root reason=x")
    answer = ctl("explain", "client_address=192.0.2.78", *STRANGER[1:])
    contains(line(answer, "access"), "state=denied entry=192.0.2.78")
    contains(line(answer, "access"), 'by=root reason="too much noise"')
    contains(answer.lines[-1], "action=530 5.7.1 ")
    contains(ctl("explain", "client_address=192.0.2.79", *STRANGER[1:])
             .lines[-1], "action=451 4.7.1 ")
    equal(redis("HLEN", "policyd:access:{lists}"), 2)


@test("a client on the allow list in Redis is not asked about")
def _():
    redis("HSET", "policyd:allow:{lists}", "192.0.2.80", "until=0")
    found = check(ctl("explain", "--json", "client_address=192.0.2.80",
                      *STRANGER[1:]), "ban")
    equal(found["detail"], {"because": "the client is on the allow list"})


@test("who has too many sessions sees how many")
def _():
    redis("ZADD", "policyd:conn:{192.0.2.81}", now + 900, "a", now + 900, "b")
    full = Ctl(redis, "connections { mode = enforce address = 2 }\n"
                      "greylist { mode = off }")
    found = check(full("explain", "--json", "client_address=192.0.2.81",
                       *STRANGER[1:]), "connections")
    equal((found["verdict"], found["reply"], found["detail"]),
          ("refuse", "busy", {"limit": "address", "count": 2, "most": 2}))
    equal(redis("ZCARD", "policyd:conn:{192.0.2.81}"), 2)


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
    for name in "access", "ban", "abuse", "spam_source", "greylist":
        contains(line(answer, name), "unknown")
        contains(line(answer, name), "lost=down on_failure=accept")
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
    answer = defer("explain", "--json", *STRANGER)
    whole = answer.json
    contains(whole["action"], "451 4.3.0 ")
    equal((whole["check"], whole["reply"]), ("greylist", "away"))
    equal(check(answer)["reply"], None)


@test("Redis that does not answer is waited for no longer than it may")
def _():
    silent = Redis()
    hung = Ctl(redis=f'servers = {{ "unix:{silent.socket}" }}')
    silent.signal(signal.SIGSTOP)
    begun = time.monotonic()
    answer = hung("explain", *STRANGER)
    silent.signal(signal.SIGCONT)
    equal(answer.status, 0)
    equal(answer.lines[-1], "action=DUNNO")
    took = time.monotonic() - begun
    tap.diag(f"{took:.1f} s")
    if took > 20:  # 2 s, of which a machine may make more
        raise AssertionError(f"it took {took:.1f} s")


# -- whose settings --

layers = Ctl(redis, """
local_domains = { "redis:" }
mailboxes = { "redis:" }
aliases = { "redis:" }
domain "example.com" { recipients { limit = 9 } }
""")
redis("HSET", "policyd:domain:{example.com}", "greylist.delay", "7m")
redis("HSET", "policyd:mailbox:{example.com}:bob", "greylist.mode", "observe")
redis("HSET", "policyd:mailbox:{example.com}:info", "alias", "bob")
TO_INFO = ["client_address=192.0.2.1", "sender=a@example.org",
           "recipient=info@example.com"]
LOGIN = ["client_address=192.0.2.1", "sasl_username=bob@example.com",
         "sender=bob@example.com", "recipient=a@example.org"]


def setting(answer, name, check_name="greylist"):
    for one in check(answer, check_name)["settings"]:
        if one["name"] == name:
            return one["value"], one["from"], one["level"]
    return None


@test("a setting that is not the server's is told from where it comes")
def _():
    answer = layers("explain", "--json", *TO_INFO)
    equal(check(answer)["settings"],
          [{"name": "greylist.mode", "value": "observe", "from": "redis",
            "level": "mailbox"},
           {"name": "greylist.delay", "value": "7m", "from": "redis",
            "level": "domain"}])
    equal(check(answer, "access")["settings"], [])


@test("a check of users goes by the settings of who has logged in")
def _():
    answer = layers("explain", "--json", *LOGIN)
    equal(setting(answer, "recipients.limit", "recipients"),
          ("9", "policyd.conf", "domain"))
    equal(setting(answer, "greylist.delay"), None)


@test("-v: the server's settings are told, too")
def _():
    answer = layers("explain", "-v", "--json", *TO_INFO)
    equal(setting(answer, "greylist.memory"), ("36d", "server", "server"))
    equal(setting(answer, "abuse.failures", "abuse"),
          ("10", "server", "server"))
    equal(setting(answer, "greylist.delay"), ("7m", "redis", "domain"))


@test("what is known of each address is told")
def _():
    bob = {"address": "bob@example.com", "local": True, "known": True,
           "alias_of": [], "settings_of": "bob@example.com", "lost": None}
    scopes = layers("explain", "--json", *TO_INFO).json["scopes"]
    equal(scopes["recipient"],
          {**bob, "address": "info@example.com",
           "alias_of": ["bob@example.com"]})
    equal(scopes["login"], None)
    scopes = layers("explain", "--json", *LOGIN).json["scopes"]
    equal((scopes["login"], scopes["sender"]), (bob, bob))
    equal(scopes["recipient"]["local"], False)


@test("people read it, too")
def _():
    answer = layers("explain", *TO_INFO)
    contains(answer.out, "scope=recipient address=info@example.com local=yes "
             "known=yes alias_of=bob@example.com settings_of=bob@example.com")
    matches(answer.out, r"(?m)^greylist .*\n +greylist\.mode=observe "
            r"from=redis level=mailbox$")
    lacks(answer.out, "from=server")
    matches(layers("explain", "-v", *TO_INFO).out,
            r"(?m)^ +greylist\.memory=36d from=server$")


@test("without Redis it says what is lost, and goes by the file")
def _():
    away = Ctl(None, 'local_domains = { "redis:" }\n'
               'domain "example.com" { greylist { delay = 8m } }')
    answer = away("explain", "--json", *TO_INFO)
    equal(answer.json["scopes"]["recipient"]["lost"], "down")
    equal(setting(answer, "greylist.delay"),
          ("8m", "policyd.conf", "domain"))


done()
