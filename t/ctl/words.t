#!/usr/bin/env python3
"""policyctl's command line: what it takes, and how it refuses the rest."""

from ctl import Ctl, contains, done, equal, lacks, test

ctl = Ctl()

WRONG = [
    ("no command is wrong usage", [], "usage: policyctl"),
    ("an unknown command is named with the nearest right one",
     ["statsu"], "unknown command 'statsu': did you mean 'status'?"),
    ("a command that is like no other gets no advice",
     ["frobnicate"], "unknown command 'frobnicate': 'policyctl -h'"),
    ("a command of a group is told the same way",
     ["greylist", "lits"], "unknown command 'lits': did you mean 'list'?"),
    ("a group alone is no command", ["greylist"], "no command"),
    ("an unknown option is named with the nearest right one",
     ["greylist", "list", "--sendr", "a"],
     "unknown option '--sendr': did you mean '--sender'?"),
    ("an option of another command is unknown",
     ["greylist", "list", "--dry-run"], "unknown option '--dry-run'"),
    ("an option without its value is wrong",
     ["greylist", "list", "--limit"], "--limit: its value is missing"),
    ("a limit is a number",
     ["greylist", "list", "--limit", "x"], "'x' is no number"),
    ("a network must be one",
     ["greylist", "list", "--network", "x"], "'x' is no network"),
    ("a network has no bits behind its prefix",
     ["greylist", "list", "--network", "192.0.2.1/24"],
     "'192.0.2.1/24' is no network"),
    ("a state is fresh or passed",
     ["greylist", "list", "--state", "old"], "unknown state 'old'"),
    ("list takes no words",
     ["greylist", "list", "x"], "greylist list: 'x' is too much"),
    ("show wants to know of whom",
     ["greylist", "show"], "which identity or address?"),
    ("a mail address is no identity",
     ["greylist", "show", "alice@example.com"],
     "'alice@example.com' is a mail address: 'greylist list --sender'"),
    ("del deletes nothing that was not named",
     ["greylist", "del"], "a KEY, or --identity, --network"),
    ("a state alone is no selection to delete by",
     ["greylist", "del", "--state", "fresh"], "a KEY, or --identity, --network"),
    ("keys and a selection exclude each other",
     ["greylist", "del", "--sender", "a@example.org",
      "policyd:grey:{192.0.2.0/24}"], "either keys or a selection"),
    ("a foreign key is not deleted",
     ["greylist", "del", "session:1"],
     "'session:1' is no key of the greylist"),
    ("another register's key is not deleted",
     ["greylist", "del", "policyd:ban:{192.0.2.1}"],
     "'policyd:ban:{192.0.2.1}' is no key of the greylist"),
    ("history is of clients alone",
     ["access", "history", "192.0.2.1"], "unknown command 'history'"),
    ("reports are of spam alone",
     ["ban", "report", "192.0.2.1"], "unknown command 'report'"),
    ("add wants to know whom", ["ban", "add"], "which client?"),
    ("a time has its unit",
     ["ban", "add", "192.0.2.1", "--for", "90"], "--for: '90' is no time"),
    ("a time and no end exclude each other",
     ["ban", "add", "192.0.2.1", "--for", "1h", "--permanent"],
     "either --for or --permanent"),
    ("who is listed for failed logins is not so for ever",
     ["abuse", "add", "192.0.2.1", "--permanent"], "ends by itself"),
    ("a network has no failed logins",
     ["abuse", "add", "192.0.2.0/24"], "this register keeps single clients"),
    ("a word is no client",
     ["spam", "add", "mx.example.net"], "'mx.example.net' is no address"),
    ("a pattern has no blank",
     ["allow", "add", "mx .example"], "'mx .example' has a blank"),
    ("a pattern has no bits behind its prefix",
     ["allow", "add", "192.0.2.1/24"], "192.0.2.1/24"),
    ("a time is no client, and the ban not to be for ever",
     ["ban", "add", "192.0.2.1", "1h"],
     "'1h' is a time and no client: did you mean '--for 1h'?"),
    ("a sender is no client",
     ["ban", "add", "news@example.net"],
     "'news@example.net' is a mail address and no client: 'policyctl deny'"),
    ("nor is all of a domain's mail",
     ["allow", "add", "@example.net"],
     "'@example.net' is a mail address and no client"),
    ("one wrong client is enough to add none",
     ["ban", "add", "192.0.2.1", "a b"], "'a b' has a blank"),
    ("del deletes nobody who was not named", ["ban", "del"], "which one?"),
    ("clear wants to know which",
     ["ban", "clear"], "either --all, or which ones"),
    ("clear takes all or some",
     ["ban", "clear", "--all", "--level", "1"], "either --all, or which"),
    ("clear takes no clients",
     ["ban", "clear", "192.0.2.1"], "'del' takes single entries"),
    ("a moment is a time ago or a date",
     ["ban", "list", "--before", "soon"], "--before: 'soon' is no time"),
    ("a level is a number",
     ["ban", "list", "--level", "x"], "--level: 'x' is no number"),
    ("a network's history is none",
     ["ban", "history", "192.0.2.0/24"], "networks have no history"),
    ("show wants to know of which entry",
     ["allow", "show"], "allow show: which one?"),
    ("a report is of one client",
     ["spam", "report", "192.0.2.1", "192.0.2.3", "--by", "u@example.net"],
     "One a call"),
    ("a report is a user's", ["spam", "report", "192.0.2.1"], "--by whom?"),
    ("a user has a domain",
     ["spam", "report", "192.0.2.1", "--by", "bob"],
     "--by: 'bob' is no address"),
    ("import takes one file", ["ban", "import", "a", "b"], "one file"),
    ("export takes no words", ["ban", "export", "x"], "'x' is too much"),
    ("status takes no words", ["status", "x"], "status: 'x' is too much"),
    ("an attribute Postfix does not know is named with the nearest",
     ["explain", "client_adress=192.0.2.1"],
     "unknown attribute 'client_adress': did you mean 'client_address'?"),
    ("an attribute like no other gets no advice",
     ["explain", "x=1"], "unknown attribute 'x'"),
    ("a stage that there is not is named with the nearest",
     ["explain", "protocol_state=RCTP"],
     "protocol_state: there is no 'RCTP': did you mean 'RCPT'?"),
    ("a client is an address",
     ["explain", "client_address=192.0.2.300"],
     "client_address: '192.0.2.300' is no address"),
    ("a word among attributes is wrong",
     ["explain", "sender=a@example.org", "b@example.net"],
     "'b@example.net' is not NAME=VALUE"),
    ("a value cannot smuggle in an attribute",
     ["explain", "sender=a\nrecipient=b"], "cannot hold a newline"),
    ("what would move the terminal is escaped in errors",
     ["\033[2J"], "unknown command '\\x1b[2J'"),
]

for sentence, words, error in WRONG:
    @test(sentence)
    def _():
        answer = ctl(*words)
        contains(answer.err, error)
        equal((answer.status, answer.out), (64, ""))


@test("-h lists the commands")
def _():
    answer = ctl("-h")
    equal(answer.status, 0)
    for command in ("access", "allow", "ban", "abuse", "spam", "why",
                    "explain", "greylist", "status"):
        contains(answer.out, f"  {command}")


@test("-h behind a group lists its commands")
def _():
    answer = ctl("greylist", "-h")
    equal(answer.status, 0)
    for command in "list", "show", "del":
        contains(answer.out, f"  {command} ")


@test("-h behind a command tells of it alone")
def _():
    for words, usage in (
            (["why"], "  why CLIENT [--name HOST] | USER@DOMAIN\n"),
            (["status"], "  status\n"),
            (["spf"], "  spf CLIENT HELO SENDER\n"),
            (["import"], "  import [--dry-run]"),
            (["ban", "add"], "  add CLIENT ... [--for TIME | --permanent]")):
        answer = ctl(*words, "-h")
        equal((answer.status, answer.err), (0, ""))
        contains(answer.out, usage)
        lacks(answer.out, "  list ")
        lacks(answer.out, "  explain ")


@test("a command that has two forms tells both")
def _():
    answer = ctl("ban", "clear", "--help")
    contains(answer.out, "  clear [--dry-run] --all\n")
    contains(answer.out, "  clear [--dry-run] [--network CIDR]")


@test("-V tells the version")
def _():
    answer = ctl("-V")
    equal((answer.status, answer.out.split()[0]), (0, "policyctl"))


@test("a wrong configuration is EX_CONFIG, with its line")
def _():
    wrong = Ctl(more="greylist { dealy = 5m }")
    answer = wrong("status")
    equal(answer.status, 78)
    contains(answer.err, f"{wrong.conf}:5: ")
    contains(answer.err, "delay")


@test("a configuration that is not there is EX_CONFIG")
def _():
    absent = Ctl()
    absent.conf = absent.place + "/none.conf"
    answer = absent("status")
    equal(answer.status, 78)
    contains(answer.err, absent.conf)


done()
