#!/usr/bin/env python3
"""policyctl: what Redis names more than once is told, counted and gone once.

Redis promises that SCAN and HSCAN leave nothing out, not that they name
nothing again.
"""

from ctl import Ctl, Redis, done, equal, test
from kit.stammer import Stammer

redis = Redis()
stammer = Stammer(redis)
ctl = Ctl(stammer)
now = redis.now
DAY = 86400
MANY = 700  # more than a page


def prepare():
    redis("FLUSHALL")
    for n in range(MANY):
        network = f"10.{n // 250}.{n % 250}.0/24"
        redis("SET", f"policyd:grey:{{{network}}}:a@example.org:b@example.net",
              f"first={now() - 60} last={now()} tries=2 passed=0", "EX", DAY)
        redis("HSET", "policyd:access:{lists}", f"*.host{n}.example",
              f"since={now() - 60} until=0 by=alice@mx1 reason={'x' * 99}")
    for n in range(3):
        client = f"192.0.2.{n}"
        redis("SET", f"policyd:grey:{{198.51.100.0/24}}:a{n}@example.org:"
              "b@example.net", f"first={now()} last={now()} tries=1 passed=0",
              "EX", DAY)
        redis("HSET", f"policyd:ban:{{{client}}}", "reason", "abuse", "by",
              "policyd", "since", now(), "until", now() + DAY, "level", 1)
        redis("HSET", f"policyd:domain:{{d{n}.example}}", "greylist.mode",
              "off")
        redis("HSET", f"policyd:mailbox:{{d{n}.example}}:bob",
              "greylist.mode", "off")
        redis("HSET", f"policyd:deny:{{d{n}.example}}", "example.org", now())
        redis("HSET", f"policyd:account:{{bob@d{n}.example}}", "disabled",
              "left")
        redis("HSET", f"policyd:rate:{{d{n}.example}}:bob:messages/1h",
              "window", now(), "current", 2)
        redis("SET", f"policyd:known:{{192.0.{n}.0/24}}",
              f"last={now()} passes=5 since={now() - DAY}", "EX", DAY)


def names(field, *words):
    return sorted(e[field] for e in ctl("--json", *words).json)


prepare()

LISTS = [
    ("greylist list", "key", MANY + 3),
    ("access list", "client", MANY),
    ("ban list", "client", 3),
    ("domain list", "address", 3),
    ("mailbox list", "address", 3),
    ("deny list", "address", 3),
    ("account list", "user", 3),
    ("rate list", "name", 3),
    ("rate top messages", "name", 3),
]
for words, field, count in LISTS:
    @test(f"{words}: everything is there, and once")
    def _():
        found = names(field, *words.split())
        equal((len(found), len(set(found))), (count, count))


@test("a limit counts each once, too")
def _():
    found = names("key", "greylist", "list", "--limit", "600")
    equal((len(found), len(set(found))), (600, 600))


@test("greylist show: an identity's records are told once")
def _():
    told, = ctl("--json", "greylist", "show", "198.51.100.0/24").json
    equal(len(told["records"]), 3)


@test("why: mails that wait are counted once")
def _():
    waiting = ctl("--json", "why", "198.51.100.9").json["greylist"]["waiting"]
    equal(waiting["count"], 3)


@test("status: keys are counted once")
def _():
    told = ctl("--json", "status").json["redis"]
    equal((told["keys"]["grey"], told["keys"]["known"],
           told["keys"]["mailbox"], told["keys_complete"]),
          (MANY + 3, 3, 3, True))


@test("rate show: a mailbox' meters are told once")
def _():
    told, = ctl("--json", "rate", "show", "bob@d1.example").json
    equal([m["meter"] for m in told["meters"]], ["messages/1h"])


for kind in "domains", "mailboxes":
    @test(f"export {kind}: a row for each")
    def _():
        lines = ctl("export", kind).lines
        equal((len(lines), len(set(lines))), (4, 4))


@test("ban export: a line for each")
def _():
    equal(len([line for line in ctl("ban", "export").lines
               if not line.startswith("#")]), 3)


@test("what would be deleted is counted once, and so is what was")
def _():
    for dry in ["--dry-run"], []:
        told = ctl("--json", "greylist", "del", *dry, "--network",
                   "10.0.0.0/8").json
        equal((told["count"], len(told["keys"])), (MANY, MANY))
        told = ctl("--json", "ban", "clear", *dry, "--all").json
        equal(told["count"], 3)


done()
