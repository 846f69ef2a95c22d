#!/usr/bin/env python3
"""DNS lists in a policyd: one that lies is not believed until it is sane, and
everybody who looks can see that."""
import json
import os
import re
import subprocess
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

SANE = """\
2.0.0.127.bl.example  A   127.0.0.2
2.0.0.127.off.example A   192.0.2.80
7.2.0.192.bl.example  A   127.0.0.4
7.2.0.192.bl.example  TXT spam was sent from here
*.dead.example        *   !silence
"""
LIES = SANE + "*.bl.example A 127.255.255.254\n"
POLICY = """
dns {{ servers = {{ "{names}" }} deadline = 5s }}
dnsbl {{
    mode = enforce
    deadline = 5s
    clients = {{ "bl.example", "off.example" }}
    senders = {{ {senders} }}
}}
"""
LISTED = ("554 5.7.1 The IP address of the sender (192.0.2.7) was found in a "
          "DNS blacklist database and was therefore refused")
REQUEST = ["client_address=192.0.2.7", "helo_name=mail.example.org",
           "sender=a@example.org", "recipient=b@example.com"]


def configure(policyd, names, senders=""):
    return policyd.configure(
        greylist="mode = off",
        other=POLICY.format(names=names.address, senders=senders))


def ask(policyd, client="192.0.2.7"):
    return policyd.ask(client_address=client, helo_name="mail.example.org",
                       sender="a@example.org")


def state(policyd, zone):
    """As the metrics have it."""
    found = re.search(
        rf'^policyd_dnsbl_state{{zone="{zone}",state="(\w+)"}} 1$',
        policyd.http("/metrics")[1], re.M)
    return found[1] if found else None


def becomes(policyd, zone, wanted):
    return programs.wait_for(lambda: state(policyd, zone) == wanted)


def ctl(policyd, *words):
    return subprocess.run(
        [os.path.join(programs.BUILD, "policyctl"), "-c", policyd.conf,
         *words], capture_output=True, text=True).stdout


def a_list_is_believed(policyd):
    ok(becomes(policyd, "bl.example", "on"), "a list that is sane is on")
    same(ask(policyd), LISTED, "and whom it has is refused")
    same(policyd.decided(check="dnsbl").get("text"),
         "spam was sent from here", "with its text in the log")
    ok(becomes(policyd, "off.example", "off"), "one that is not is off")
    ok(policyd.logged(r"warning: dnsbl: off\.example is not used until it "
                      r"makes sense: \S+off\.example is 192\.0\.2\.80: "),
       "with a warning that says what it said")


def until_it_lies(policyd, names):
    names.says(LIES)
    same(ask(policyd, "192.0.2.99"), "DUNNO",
         "an answer that no list gives refuses nobody")
    ok(becomes(policyd, "bl.example", "off"), "and the list is off")
    same(ask(policyd), "DUNNO", "also for whom it had before")
    policyd.logged("dnsbl: bl.example is not used")
    same(policyd.log_count("dnsbl: bl.example is not used"), 1,
         "which is told once")


def all_can_see_it(policyd):
    policyd.signal(programs.signal.SIGUSR1)
    ok(policyd.logged(r"counts of=dnsbl zone=bl\.example state=off .*"
                      r"asked=\d+ listed=\d+ list=\d+"),
       "the counts tell it")
    line = programs.wait_for(lambda: re.search(
        r"^dnsbl \S+ +zone=bl\.example state=off since=\d+ why=.* asked=3 "
        r"listed=1 list=2$", ctl(policyd, "status"), re.M))
    ok(line, "so does policyctl status", ctl(policyd, "status"))
    node, = json.loads(ctl(policyd, "status", "--json"))["nodes"]
    same([(z["zone"], z["state"], z["asked"], z["listed"], z["lost"])
          for z in node["dnsbl"]],
         [("bl.example", "off", 3, 1, {"list": 2}),
          ("off.example", "off", 3, 0, {"list": 3})],
         "with numbers, in JSON")
    explained = ctl(policyd, "explain", *REQUEST)
    ok(re.search(r'^zone=bl\.example state=off why="\S+bl\.example is '
                 r'127\.255\.255\.254: ', explained, re.M) and
       explained.endswith("action=DUNNO\n"), "and explain", explained)


def until_it_is_sane(policyd, names):
    names.says(SANE)
    policyd.reload()
    ok(becomes(policyd, "bl.example", "on"),
       "a list that is sane again is on again")
    ok(policyd.logged(r"info: dnsbl: bl\.example is used again"),
       "and that is told")
    same(ask(policyd), LISTED, "and whom it has is refused again")


def a_dead_one_costs_nothing(policyd, names):
    configure(policyd, names, senders='"dead.example"')
    policyd.reload()
    ok(becomes(policyd, "dead.example", "silent"),
       "a list that never answers is silent")
    same(state(policyd, "bl.example"), "on", "and no other")
    same(ask(policyd), LISTED, "nor is anybody let in by that")
    ok('policyd_dnsbl_lost_total{zone="dead.example",reason="down"} 1' in
       policyd.http("/metrics")[1], "questions to it are lost at once")


def script():
    names = programs.NameServer(SANE)
    policyd = configure(programs.Policyd(), names).start()
    a_list_is_believed(policyd)
    until_it_lies(policyd, names)
    all_can_see_it(policyd)
    until_it_is_sane(policyd, names)
    a_dead_one_costs_nothing(policyd, names)
    same(policyd.stop(), 0, "it stops as ever")


tap.run(script)
