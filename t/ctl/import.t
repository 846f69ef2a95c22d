#!/usr/bin/env python3
"""policyctl import, export: domains and mailboxes, many at once."""

import os
import pty
import signal
import subprocess
import time

from ctl import (HARMLESS, POLICYCTL, Ctl, Redis, contains, done, equal, lacks,
                 matches, test)

redis = Redis()
ctl = Ctl(redis, 'local_domains = { "redis:", "example.org" }\n'
          'mailboxes = { "redis:" }\naliases = { "redis:" }')


def fields(key):
    found = redis.fields("policyd:" + key)
    found.pop("since", None)
    return found


def load(text, *options):
    return ctl("import", *options, stdin=text.encode())


def counts(text, *options):
    """Those that are not 0."""
    told = ctl("import", "--json", *options, stdin=text.encode()).json
    return {name: n for name, n in told.items() if n}


def keys():
    return sorted(key[8:] for key in redis("KEYS", "policyd:*"))


# -- tables --

TABLE = """address,greylist.mode,account.state,alias
bob@example.com,off,,
Carol@Example.com,,disabled,
info@example.com,,,"bob, carol@example.com"
example.net,observe,,
al@example.org,,,
"""


@test("csv: each line is a domain or a mailbox, a column an option")
def _():
    answer = load(TABLE)
    equal((answer.status, answer.err, answer.out), (0, "",
          "import: 5 read, 5 created, 0 changed, 0 were so already, "
          "1 domains besides, 0 lines ignored, 0 lines wrong\n"))
    equal(keys(), ["domain:{example.com}", "domain:{example.net}",
                   "mailbox:{example.com}:bob", "mailbox:{example.com}:carol",
                   "mailbox:{example.com}:info", "mailbox:{example.org}:al"])
    equal(fields("mailbox:{example.com}:bob"), {"greylist.mode": "off"})
    equal(fields("mailbox:{example.com}:carol"),
          {"account.state": "disabled"})
    equal(fields("mailbox:{example.com}:info"),
          {"alias": "bob, carol@example.com"})
    equal(fields("domain:{example.net}"), {"greylist.mode": "observe"})


@test("csv: once more changes nothing")
def _():
    before = redis.everything()
    equal(counts(TABLE), {"read": 5, "same": 5})
    equal(redis.everything(), before)


@test("csv: an empty cell leaves what is there, - takes it back")
def _():
    equal(counts("address,account.state,greylist.mode\n"
                 "bob@example.com,disabled,\ncarol@example.com,-,\n"),
          {"read": 2, "changed": 2})
    equal(fields("mailbox:{example.com}:bob"),
          {"greylist.mode": "off", "account.state": "disabled"})
    equal(fields("mailbox:{example.com}:carol"), {})


@test("--dry-run says what would be, and writes nothing")
def _():
    redis("CONFIG", "RESETSTAT")
    before = redis.everything()
    text = ("address,greylist.mode\nbob@example.com,enforce\n"
            "carol@example.com,-\nnew@fresh.example,off\n")
    equal(counts(text, "--dry-run"),
          {"dry_run": True, "read": 3, "created": 1, "changed": 1, "same": 1,
           "domains": 1})
    contains(load(text, "--dry-run").out,
             "1 would be created, 1 would be changed")
    equal((redis.everything(), set(redis.calls()) - HARMLESS), (before, set()))


FORMS = [
    ("semicolons separate", "address;greylist.mode\na@x.example;off\n"),
    ("so do tabs", "address\tgreylist.mode\na@x.example\toff\n"),
    ("letters of the head do not matter",
     "Address,Greylist.Mode\na@x.example,off\n"),
    ("columns stand in any order", "greylist.mode,address\noff,a@x.example\n"),
    ("lines end as on Windows", "address,greylist.mode\r\na@x.example,off\r\n"),
    ("the last line need not end", "address,greylist.mode\na@x.example,off"),
    ("blanks around a cell do not count",
     "address , greylist.mode\n a@x.example , off \n"),
    ("cells may have quotes", '"address","greylist.mode"\n'
     '"a@x.example","off"\n'),
    ("a spreadsheet's mark is no part of the head",
     "\ufeffaddress,greylist.mode\na@x.example,off\n"),
    ("empty lines do not count", "address,greylist.mode\n\na@x.example,off\n"),
]
for sentence, text in FORMS:
    @test(f"csv: {sentence}")
    def _():
        redis("DEL", "policyd:mailbox:{x.example}:a")
        answer = load(text)
        equal((answer.status, answer.err), (0, ""))
        equal(fields("mailbox:{x.example}:a"), {"greylist.mode": "off"})


HEADS = [
    ("a column that is no option is told the nearest right one",
     "address,greylist.mod\n", "-:1: unknown option 'greylist.mod': did you "
     "mean 'greylist.mode'?"),
    ("a head has the address", "greylist.mode\n", "no column 'address'"),
    ("also when it is misspelt", "adress,greylist.mode\n",
     "no column 'address' in the head"),
    ("a table without a head is told so", "bob@x.example,off\n",
     "no column 'address' in the head, which is the first line"),
    ("and not more columns than there are options", "address" + "," * 256
     + "\n", "more than 256 cells"),
    ("and no column twice", "address,alias,alias\n", "'alias' is there twice"),
]
for sentence, text, said in HEADS:
    @test(f"csv: {sentence}")
    def _():
        before = redis.everything()
        answer = load(text + "a@x.example,off,\n")
        equal(answer.status, 65)
        contains(answer.err, said)
        equal(redis.everything(), before)


WRONG = [
    ("an address that is none", "bob@,", "is not a mailbox"),
    ("an address with two '@'", "bob@@y.example,off", "has a second '@'"),
    ("a value that is none", "bob@y.example,on", "'on' is none of off"),
    ("a cell too many", "bob@y.example,off,off", "3 cells, the head has 2"),
    ("a cell too few", "bob@y.example", "1 cells, the head has 2"),
    ("a quote without an end", '"bob@y.example,off', "does not end"),
    ("words behind a quote", '"bob@y.example" x,off', "behind a quote"),
    ("an address that was there", "good@y.example,off", "is there twice"),
    ("a line that is too long", "a@y.example," + "x" * 70000, "too long"),
]
for sentence, line, said in WRONG:
    @test(f"csv: {sentence} is told with its line, and left out")
    def _():
        redis("FLUSHALL")
        answer = load(f"address,greylist.mode\ngood@y.example,\n{line}\n"
                      "also@y.example,off\n")
        equal(answer.status, 65)
        contains(answer.err, "policyctl: -:3: ")
        contains(answer.err, said)
        contains(answer.out, "2 read, 2 created")
        contains(answer.out, "1 lines wrong")
        equal(keys(), ["domain:{y.example}", "mailbox:{y.example}:also",
                       "mailbox:{y.example}:good"])


@test("csv: the domain's columns are not the mailbox'")
def _():
    answer = load("address,alias\nexample.net,bob@example.com\n")
    equal(answer.status, 65)
    contains(answer.err, "-:2: 'alias' is no option of domains")


# -- MailEnable's address map --

MAP = ("[SMTP:Bob@example.com]\t[SF:example.com/Bob]\t0\r\n"
       "[SMTP:sales@example.com]\t[SF:example.com/bob]\t0\r\n"
       "[SMTP:eve@shop.example]\t[SF:Shop/eve]\t0\r\n"
       "[SMTP:orders@shop.example]\t[SF:Shop/eve]\t0\r\n"
       "[SMTP:away@shop.example]\t[SMTP:eve@example.net]\t0\r\n"
       "[SMTP:news@shop.example]\t[LS:Shop/news]\t0\r\n"
       "[SMTP:*@catch.example]\t[SF:Shop/eve]\t0\r\n"
       "[FAX:1234]\t[SF:Shop/eve]\t0\r\n")


@test("mailenable: a mailbox is MAILBOX@POSTOFFICE, what leads there an alias")
def _():
    redis("FLUSHALL")
    equal(counts(MAP), {"read": 7, "created": 7, "domains": 2, "ignored": 1})
    equal(fields("mailbox:{example.com}:bob"), {})
    equal(fields("mailbox:{example.com}:sales"), {"alias": "bob@example.com"})


@test("mailenable: an office that is no domain has that of its first address")
def _():
    equal(redis("EXISTS", "policyd:mailbox:{shop.example}:eve"), 1)
    equal(fields("mailbox:{shop.example}:eve"), {})
    equal(fields("mailbox:{shop.example}:orders"),
          {"alias": "eve@shop.example"})


@test("mailenable: what is sent on is an alias, a list is an address")
def _():
    equal(fields("mailbox:{shop.example}:away"), {"alias": "eve@example.net"})
    equal((fields("mailbox:{shop.example}:news"),
           redis("EXISTS", "policyd:mailbox:{shop.example}:news")), ({}, 1))


@test("mailenable: *@domain lets the domain take every address")
def _():
    equal(fields("domain:{catch.example}"), {"mailbox.catch_all": "yes"})


@test("mailenable: once more changes nothing")
def _():
    before = redis.everything()
    equal(counts(MAP), {"read": 7, "same": 7, "ignored": 1})
    equal(redis.everything(), before)


for line, said in (("[SMTP:a@x.example]", "it is not [SMTP:address] TAB"),
                   ("[SMTP:a@x.example]\tx", "the second column is not"),
                   ("[SMTP:a@x.example]\t[SF:x]", "no post office"),
                   ("[SMTP:a@x..example]\t[SF:x/y]", "is not a mailbox"),
                   ("[SMTP:x.example]\t[SF:x/y]", "has no user"),
                   ("[SMTP:*a@]\t[SF:x/y]", "is not a mailbox"),
                   ("SMTP:a@x.example\t[SF:x/y]", "it is not [SMTP:")):
    @test(f"mailenable: a wrong line is told: {said}")
    def _():
        answer = load("[SMTP:b@x.example]\t[SF:x/b]\t0\n" + line + "\n")
        equal(answer.status, 65)
        matches(answer.err, r"^policyctl: -:2: ")
        contains(answer.err, said)


@test("the format can be said")
def _():
    equal(load(MAP, "--format", "csv").status, 65)
    equal(load(TABLE, "--format", "mailenable").status, 65)
    contains(load("", "--format", "xml").err, "it is csv or mailenable")


@test("odd bytes are wrong lines, or addresses, and nothing else")
def _():
    before = set(keys())
    noise = bytes(i * 7 % 256 for i in range(20000))
    answer = ctl("import", stdin=b"address,alias\n" + noise)
    equal(answer.status, 65)
    lacks(answer.err, "\x1b")
    for key in set(keys()) - before:
        matches(key, r"^(domain|mailbox):\{[a-z0-9._%-]+\}(:[!-~]+)?$")


# -- many --

def many(count):
    return "address,greylist.mode\n" + "".join(
        f"user{i}@d{i % 50}.example,off\n" for i in range(count))


@test("more than one heap of them")
def _():
    redis("FLUSHALL")
    equal(counts(many(3000)), {"read": 3000, "created": 3000, "domains": 50})
    equal(len(keys()), 3050)


@test("a file is read as standard input is")
def _():
    path = os.path.join(ctl.place, "table")
    with open(path, "w") as file:
        file.write(many(10))
    equal(ctl("import", path).status, 0)
    equal(ctl("import", path + "-none").status, 66)


@test("elsewhere than on a terminal a short work shows no progress")
def _():
    equal(load(many(3000)).err, "")


@test("on a terminal there is a bar, and it goes")
def _():
    path = os.path.join(ctl.place, "table")
    with open(path, "w") as file:
        file.write(many(20000))
    redis("FLUSHALL")
    ours, theirs = pty.openpty()
    program = subprocess.Popen([POLICYCTL, "-c", ctl.conf, "import", path],
                               stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    while redis("DBSIZE") < 2000:
        pass
    program.send_signal(signal.SIGSTOP)  # a fast machine needs no bar
    time.sleep(0.2)
    program.send_signal(signal.SIGCONT)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:
        pass  # how a terminal ends
    equal(program.wait(), 0)
    matches(seen.decode(), r"\rimport \[#+ *\] +\d+%, \d+ lines, \d+/s ")
    equal(seen.endswith(b"\r\x1b[K"), True)


# -- export --

@test("export: what import reads, and then nothing is different")
def _():
    redis("FLUSHALL")
    load(TABLE)
    load(MAP)
    redis("HSET", "policyd:mailbox:{example.com}:bob", "no.option", "x",
          "login.addresses", 'a@example.com, "c@example.com"')
    before = redis.everything()
    for kind in "domains", "mailboxes":
        table = ctl("export", kind)
        equal((table.status, table.err), (0, ""))
        told = counts(table.out)
        equal(told, {"read": told["read"], "same": told["read"]})
    equal(redis.everything(), before)


@test("export: a pattern says which, and the head has what they have")
def _():
    equal(ctl("export", "domains", "example.*").lines[0],
          "address,greylist.mode")
    answer = ctl("export", "mailboxes", "carol@*")
    equal(answer.lines, ["address,account.state",
                         "carol@example.com,disabled"])


@test("export: into an empty Redis it is the same again")
def _():
    tables = [ctl("export", kind).out for kind in ("domains", "mailboxes")]
    wanted = {key: fields(key) for key in keys()}
    redis("FLUSHALL")
    for table in tables:
        load(table)
    del wanted["mailbox:{example.com}:bob"]["no.option"]
    equal({key: fields(key) for key in keys()}, wanted)


@test("export: of domains or mailboxes, and of no more")
def _():
    contains(ctl("export", "domain").err, "did you mean 'domains'?")
    equal(ctl("export", "domains", "a", "b").status, 64)


away = Ctl(None, 'local_domains = { "redis:" }')
for words in (["import"], ["import", "--dry-run"], ["export", "mailboxes"]):
    @test(f"without Redis: {' '.join(words)} is EX_UNAVAILABLE")
    def _():
        answer = away(*words, stdin=TABLE.encode())
        equal(answer.status, 69)
        contains(answer.err, "No such file or directory")


done()
