#!/usr/bin/env python3
"""policyctl spf: what a domain says about a client, and explain about it."""

from ctl import Ctl, contains, done, equal, lacks, matches, programs, test

ZONE = """\
example.org           TXT  v=spf1 include:_spf.example.com mx -all
example.org           TXT  something else
_spf.example.com      TXT  v=spf1 ip4:198.51.100.0/24 ?all
example.org           MX   10 mail.example.org
mail.example.org      A    192.0.2.7
mail.example.org      AAAA 2001:db8::7
moved.example         TXT  v=spf1 redirect=example.org
silent.example        *    !silence
broken.example        *    !servfail
wrong.example         TXT  v=spf1 ipv4:192.0.2.1 -all
half.example          TXT  v=spf1 include:broken.example -all
odd.example           TXT  v=spf1 exp=\\033[2J.example -all
helo.example          TXT  v=spf1 -all
nomx.example          MX   0 .
xn--bcher-kva.example TXT  v=spf1 ip4:192.0.2.7 -all
"""
server = programs.NameServer(ZONE)
ANNA = "anna@example.org"


def asking(more=""):
    """Of a sender: whoever asks about one that is silent does not wait."""
    patient, hasty = (Ctl(more=server.within(deadline) + more)
                      for deadline in ("20s", "1s"))
    return lambda sender: hasty if "silent" in sender else patient


asks = asking()
ctl = asks("")


def spf(client, sender=ANNA, helo="mx.example.net"):
    return asks(sender)("spf", client, helo, sender)


def asked(whole):
    return [(one["type"], one["name"], one["outcome"], one["records"])
            for one in whole["lookups"]]


def path(whole):
    return [(step["depth"], step["domain"], step["term"], step["outcome"])
            for step in whole["steps"]]


@test("the result comes first, then whose record and which term decided")
def _():
    answer = spf("192.0.2.7")
    equal(answer.status, 0)
    equal(answer.lines[:4], ["result pass", "domain example.org",
                             "by example.org", "term mx"])


@test("a domain in another script is asked for in ASCII")
def _():
    whole = ctl("--json", "spf", "192.0.2.7", "mx.example.net",
                "j\u00f6rg@b\u00fccher.example").json
    equal((whole["result"], whole["domain"]),
          ("pass", "xn--bcher-kva.example"))
    equal(asked(whole), [("TXT", "xn--bcher-kva.example", "found",
                          ["v=spf1 ip4:192.0.2.7 -all"])])


@test("then the terms that were gone through, those of an include below it")
def _():
    answer = spf("192.0.2.7")
    at = answer.lines.index("terms")
    equal(answer.lines[at + 1:at + 5], [
        "    example.org include:_spf.example.com: no match",
        "        _spf.example.com ip4:198.51.100.0/24: no match",
        "        _spf.example.com ?all: match",
        "    example.org mx: match"])


@test("then every look-up, with what it found")
def _():
    answer = spf("192.0.2.7")
    at = answer.lines.index("TXT example.org found")
    equal(sorted(answer.lines[at + 1:at + 3]),
          ["    something else",
           "    v=spf1 include:_spf.example.com mx -all"])
    equal(answer.lines[at + 3:], [
        "TXT _spf.example.com found",
        "    v=spf1 ip4:198.51.100.0/24 ?all",
        "MX example.org found", "    mail.example.org",
        "A mail.example.org found", "    192.0.2.7"])


@test("--json tells the same")
def _():
    whole = ctl("--json", "spf", "2001:db8::7", "mx.example.net", ANNA).json
    equal(list(whole), ["result", "domain", "by", "term", "problem",
                        "lookups", "steps"])
    equal((whole["result"], whole["domain"], whole["by"], whole["term"],
           whole["problem"]),
          ("pass", "example.org", "example.org", "mx", ""))
    equal(asked(whole)[1:], [
        ("TXT", "_spf.example.com", "found",
         ["v=spf1 ip4:198.51.100.0/24 ?all"]),
        ("MX", "example.org", "found", ["mail.example.org"]),
        ("AAAA", "mail.example.org", "found", ["2001:db8::7"])])
    equal(path(whole), [
        (0, "example.org", "include:_spf.example.com", "no match"),
        (1, "_spf.example.com", "ip4:198.51.100.0/24", "no match"),
        (1, "_spf.example.com", "?all", "match"),
        (0, "example.org", "mx", "match")])


RESULTS = [
    ("a fail is an answer like others", "203.0.113.1", ANNA,
     "fail", "example.org", "-all", 0),
    ("an include that passes is a match", "198.51.100.1", ANNA,
     "pass", "example.org", "include:_spf.example.com", 0),
    ("a redirect names whose record it was", "203.0.113.1",
     "x@moved.example", "fail", "example.org", "-all", 0),
    ("a domain without a record has none", "192.0.2.7", "x@none.example",
     "none", "none.example", "", 0),
    ("a record that is wrong is a permerror", "192.0.2.7",
     "x@wrong.example", "permerror", "wrong.example", "", 0),
    ("a DNS that does not answer is EX_TEMPFAIL", "192.0.2.7",
     "x@silent.example", "temperror", "", "", 75),
    ("so is one that fails", "192.0.2.7", "x@broken.example", "temperror",
     "", "", 75),
    ("and in an include", "192.0.2.7", "x@half.example", "temperror",
     "half.example", "include:broken.example", 75),
    ("<> is the null sender, whose domain is in HELO", "192.0.2.7", "<>",
     "fail", "helo.example", "-all", 0),
    ("a sender may stand in such brackets", "192.0.2.7", f"<{ANNA}>",
     "pass", "example.org", "mx", 0),
]

for sentence, client, sender, result, by, term, status in RESULTS:
    @test(sentence)
    def _():
        answer = asks(sender)("spf", "--json", client, "helo.example", sender)
        whole = answer.json
        equal((whole["result"], whole["by"], whole["term"], answer.status),
              (result, by, term, status))


@test("what is wrong with a record is told")
def _():
    answer = spf("192.0.2.7", "x@wrong.example")
    matches(answer.out, r"(?m)^problem .*")
    lacks(spf("192.0.2.7").out, "problem")


@test("why there was no answer is told")
def _():
    contains(spf("192.0.2.7", "x@silent.example").out,
             "TXT silent.example timeout")
    contains(spf("192.0.2.7", "x@broken.example").out,
             "TXT broken.example servfail")


@test("that there is no such name is told, too")
def _():
    contains(spf("192.0.2.7", "x@none.example").out,
             "TXT none.example no such name")


@test("a record cannot move the terminal")
def _():
    answer = spf("192.0.2.7", "x@odd.example")
    contains(answer.out, r"\x1b[2J")
    lacks(answer.out, "\033")


@test("behind -- a sender may look like an option")
def _():
    equal(ctl("spf", "--json", "--", "192.0.2.7", "x", "--json@example.org")
          .json["result"], "pass")
    contains(ctl("spf", "--", "192.0.2.7", "x", "--json@example.org").out,
             "result pass\n")


@test("an empty sender is the null sender, and a HELO may be empty, too")
def _():
    equal(spf("192.0.2.7", "", "helo.example").lines[:2],
          ["result fail", "domain helo.example"])
    equal(spf("192.0.2.7", "", "").lines[:1], ["result none"])


@test("an address in IPv6 may be one of IPv4")
def _():
    equal(spf("::ffff:192.0.2.7").lines[0], "result pass")


WRONG = [
    ("it needs a client, a name and a sender", ["192.0.2.7", "x"], "needs"),
    ("and no more", ["192.0.2.7", "x", ANNA, "y"], "needs"),
    ("a client is an address", ["mx.example.org", "x", ANNA],
     "'mx.example.org' is no address"),
]

for sentence, words, says in WRONG:
    @test(sentence)
    def _():
        answer = ctl("spf", *words)
        equal((answer.status, answer.out), (64, ""))
        contains(answer.err, f"policyctl: spf: {says}" if says == "needs"
                 else says)


# -- explain --

enforced = asking("""
spf { mode = enforce temperror = defer }
sender_domain { mode = enforce on_failure = defer }
greylist { mode = off }
""")


def explain(client, sender, check):
    answer = enforced(sender)(
        "explain", "--json", f"client_address={client}", f"sender={sender}",
        "helo_name=helo.example", "recipient=jo@example.net")
    whole = answer.json
    return whole["action"], next(c for c in whole["checks"]
                                 if c["name"] == check)


@test("explain tells result, domain, term and how many look-ups")
def _():
    action, found = explain("203.0.113.1", ANNA, "spf")
    equal(action, "554 5.7.23 The IP address of the sender (203.0.113.1) "
          "does not match the SPF record for the sender domain")
    equal((found["tier"], found["verdict"], found["reply"]),
          ("dns", "refuse", "spf"))
    equal(found["detail"], {"result": "fail", "domain": "example.org",
                            "term": "-all", "lookups": 4})


@test("and of one that passes")
def _():
    action, found = explain("192.0.2.7", ANNA, "spf")
    equal(action, "DUNNO")
    equal((found["verdict"], found["detail"]),
          ("pass", {"result": "pass", "domain": "example.org", "term": "mx",
                    "lookups": 4}))


@test("that a domain takes no mail")
def _():
    action, found = explain("192.0.2.7", "x@nomx.example", "sender_domain")
    contains(action, "501 5.7.27 ")
    equal((found["reply"], found["detail"]),
          ("null_mx", {"domain": "nomx.example"}))


@test("and that nobody knows, and why")
def _():
    action, found = explain("192.0.2.7", "x@silent.example", "sender_domain")
    contains(action, "451 4.4.3 ")
    equal((found["verdict"], found["detail"]),
          ("unknown", {"lost": "timeout", "on_failure": "defer",
                       "domain": "silent.example"}))
    equal(explain("192.0.2.7", "x@broken.example",
                  "sender_domain")[1]["detail"]["lost"], "servfail")


done()
