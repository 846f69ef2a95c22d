#!/usr/bin/python3
"""What counts is what was sent: whatever is said to two Postfix, each meter
of two policyd is in the end what the next hop was given, exactly.

SEED=... has other sessions (kit/chance.h), SESSIONS=... so many. Of what was not
counted right the sessions are printed, and one that is wrong by itself
without what it does not take.
"""
import collections
import concurrent.futures
import os
import re
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.babble import MOST, Babble  # noqa: E402
from kit.dialogue import Player  # noqa: E402
from kit.envelopes import envelopes  # noqa: E402
from kit.meters import (  # noqa: E402
    counted, forget, is_open, meters, used)
from kit.postfix import Postfix  # noqa: E402
from kit.shrink import Shrink  # noqa: E402
from kit.tap import ok, same  # noqa: E402

SEED = os.environ.get("SEED", "1795383420")
SESSIONS = int(os.environ.get("SESSIONS", 1000))
AT_A_TIME = 12

POLICY = """
trusted = {{ "198.51.100.0/24" }}
local_domains = {{ "texthash:{place}/domains" }}
aliases = {{ "texthash:{place}/aliases" }}
recipients {{ mode = enforce  limit = 15 }}
rate {{
    mode = enforce
    messages = {{ "100000/1h", "200000/1d" }}
    recipients = "100000/1h"
    bytes = "10G/1d"
    server_messages = "1000000/1h"
    server_recipients = {{ "1000000/1h", "2000000/1d" }}
    server_bytes = "100G/1h"
    inbound_messages = "6/1h"
    inbound_recipients = "20/1h"
    inbound_bytes = "1G/1h"
    trusted_messages = "100000/1h"
    trusted_recipients = "100000/1h"
    trusted_bytes = "30K/1h"
}}
domain "low.example.com" {{
    rate {{ messages = "6/1h"  recipients = "20/1h"  bytes = "20K/1h" }}
}}
domain "adds.example.com" {{
    rate {{
        domain_limits = adds
        domain_messages = "100/1h"
        domain_recipients = "400/1h"
        domain_bytes = "1G/1h"
    }}
}}
domain "overrides.example.com" {{
    rate {{ domain_messages = "80/1h"  domain_recipients = "300/1d" }}
}}
domain "staff.example.com" {{ remote {{ mode = enforce }} }}
mailbox "free@low.example.com" {{
    rate {{ messages = 0  recipients = 0  bytes = 0 }}
}}
"""

# The meters of a mailbox, and those of its domain.
MAILBOX = ["messages/1h", "messages/1d", "recipients/1h", "bytes/1d"]
OWN, DOMAINS = {
    "low.example.com": ["messages/1h", "recipients/1h", "bytes/1h"],
    "overrides.example.com": ["bytes/1d"],
}, {
    "adds.example.com": ["messages/1h", "recipients/1h", "bytes/1h"],
    "overrides.example.com": ["messages/1h", "recipients/1d"],
}
SERVER = ["messages/1h", "recipients/1h", "recipients/1d", "bytes/1h"]
CLIENT = ["messages/1h", "recipients/1h", "bytes/1h"]

# What no meter may go beyond, of those that some did reach.
LIMITS = {
    r"\{low\.example\.com\}:user\d:messages/1h": 6,
    r"\{low\.example\.com\}:user\d:recipients/1h": 20,
    r"\{low\.example\.com\}:user\d:bytes/1h": 20 << 10,
    r"\{adds\.example\.com\}:messages/1h": 100,
    r"\{overrides\.example\.com\}:recipients/1d": 300,
    r".*:inbound:messages/1h": 6,
    r".*:inbound:recipients/1h": 20,
    r".*:trusted:bytes/1h": 30 << 10,
}

ALIASES = {"sales@example.com": "anna@example.com"}
LOGINS = ["anna@example.com", "Anna@Example.COM", "sales@example.com",
          "nobody", "free@low.example.com"] + \
    [f"user{n}@{domain}" for n in range(6) for domain in
     ("low.example.com", "adds.example.com", "overrides.example.com",
      "staff.example.com", "example.com")]
STRANGERS = [f"192.0.2.{n}" for n in range(1, 9)] + \
    ["2001:db8:1::1", "2001:db8:1::2"]
TRUSTED = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]


def client(babble):
    """One who begins a session, what he writes as, and whether anywhere."""
    kind = babble.chance.random()
    if kind < 0.8:
        login = babble.chance.choice(LOGINS)
        sender = login if "@" in login else f"{login}@example.com"
        return {"address": babble.chance.choice(STRANGERS),
                "login": login}, sender, True
    if kind < 0.9:
        return {"address": babble.chance.choice(STRANGERS)}, \
            "x@example.net", False
    return {"address": babble.chance.choice(TRUSTED)}, "x@example.net", True


def babbled(n):
    babble = Babble(f"{SEED}-{n}")
    who, sender, everywhere = client(babble)
    return babble.dialogue(f"{n}", babble.chance.randrange(2), who, sender,
                           everywhere)


def metered(client):
    """The keys of its meters."""
    if "login" not in client:
        kind = "trusted" if client["address"] in TRUSTED else "inbound"
        return [f"{{{address(client)}}}:{kind}:{m}" for m in CLIENT]
    login = client["login"].lower()
    user, _, domain = ALIASES.get(login, login).partition("@")
    domain = domain or "(none)"
    own = OWN.get(domain, MAILBOX) if user != "free" else []
    return [f"{{{domain}}}:{user}:{m}" for m in own] + \
        [f"{{{domain}}}:{m}" for m in DOMAINS.get(domain, [])] + \
        [f"{{(server)}}:{m}" for m in SERVER]


def address(client):
    a = client["address"]
    return a[:a.index("::")].replace(":", "%3a") + "%3a%3a/64" \
        if ":" in a else a


class Town:
    """Two mail servers, each with a policyd, one Redis, one next hop each."""

    def __init__(self):
        redis = programs.Redis().start()
        self.policyds = [programs.Policyd(redis) for _ in range(2)]
        for p in self.policyds:
            write(p.place, "domains", [
                f"{d}example.com yes" for d in
                ("", "low.", "adds.", "overrides.", "staff.")])
            write(p.place, "aliases", [
                " ".join(pair) for pair in ALIASES.items()])
            p.configure(greylist="mode = off",
                        other=POLICY.format(place=p.place)).start()
        place = self.policyds[0].place
        write(place, "early", ["/^early/ REJECT"])
        write(place, "late", ["/^late/ REJECT"])
        write(place, "known", ["!/^unlisted/ OK"])
        tcp = [f"inet:127.0.0.1:{p.port}" for p in self.policyds]
        own = f"unix:{self.policyds[1].socket}"
        early = f"check_recipient_access regexp:{place}/early"
        late = f"check_recipient_access regexp:{place}/late"
        self.postfixes = [
            # Asked in three lists, by a connection for each.
            self.postfix(
                place,
                f"smtpd_relay_restrictions={early}, "
                f"check_policy_service {{ {tcp[0]}, policy_context=relay }}, "
                "permit_mynetworks, permit_sasl_authenticated, "
                "reject_unauth_destination",
                f"smtpd_recipient_restrictions=check_policy_service "
                f"{{ {tcp[0]}, policy_context=recipient }}, "
                f"reject_unlisted_recipient, {late}",
                "smtpd_data_restrictions=reject_multi_recipient_bounce",
                f"smtpd_end_of_data_restrictions=check_policy_service "
                f"{{ {tcp[0]}, policy_context=end }}"),
            # Asked in four by one.
            self.postfix(
                place, "smtpd_delay_reject=no",
                f"smtpd_sender_restrictions=check_policy_service {own}",
                "smtpd_relay_restrictions=permit_mynetworks, "
                "permit_sasl_authenticated, reject_unauth_destination",
                f"smtpd_recipient_restrictions=reject_unlisted_recipient, "
                f"{early}, check_policy_service {own}, {late}",
                f"smtpd_data_restrictions=check_policy_service {own}",
                f"smtpd_end_of_data_restrictions=check_policy_service {own}")]

    def postfix(self, place, *settings):
        return Postfix(
            "none", "--each", f"message_size_limit={MOST}",
            "local_header_rewrite_clients=", "in_flow_delay=0",
            "smtpd_hard_error_limit=30",
            "mynetworks=198.51.100.0/24 127.0.0.0/8",
            f"relay_recipient_maps=regexp:{place}/known",
            "smtpd_reject_unlisted_recipient=no", *settings)

    def play(self, dialogue):
        smtp = self.postfixes[dialogue.mta].session(**dialogue.client)
        return Player(dialogue, smtp).play()

    def play_all(self, dialogues):
        """What was heard, of all."""
        told = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as threads:
            for heard in threads.map(self.play, dialogues):
                told += heard
        return told

    def at_rest(self):
        """Nobody is connected, all is delivered, nothing is open."""
        for p in self.postfixes:
            p.hang_up()
        delivered = all([p.delivers() for p in self.postfixes])
        settled = programs.wait_for(
            lambda: not any(map(is_open, self.meters().values())), 60)
        return delivered, settled

    def sent(self, dialogues):
        """By meter what of them the next hops were given."""
        got = {}
        for p in self.postfixes:
            envelopes(p, got)
        sums = collections.Counter()
        for d in dialogues:
            keys = metered(d.client)
            mine = [e for name, e in got.items()
                    if name.split("/")[0] == d.name]
            for key in keys:
                kind = key.split(":")[-1].split("/")[0]
                sums[key] += sum(
                    1 if kind == "messages" else
                    e.size if kind == "bytes" else len(e.recipients)
                    for e in mine)
        return {key: n for key, n in sums.items() if n}

    def meters(self):
        return meters(self.policyds[0])

    def wrong(self, dialogues):
        """Meters that are not what they should be: by windows, by what counts now, and
        what was sent."""
        all_of_them, sent = self.meters(), self.sent(dialogues)
        found = {}
        for key in all_of_them | sent:
            m, n = all_of_them.get(key, {}), sent.get(key, 0)
            if not counted(m) == used(m) == n:
                found[key] = counted(m), used(m), n
        return found

    def wrong_with(self, dialogue):
        """The same when that is all that was said."""
        forget(self.policyds[0])
        self.play(dialogue)
        self.at_rest()
        return self.wrong([dialogue])


def write(place, name, lines):
    with open(os.path.join(place, name), "w") as f:
        f.writelines(line + "\n" for line in lines)


def suspects(dialogues, wrong):
    """Those with the fewest sessions that a wrong meter is of."""
    of = {key: [d for d in dialogues if key in metered(d.client)]
          for key in wrong}
    return min(of.values(), key=len)


def within_limits(town):
    beyond = {key: counted(m) for key, m in town.meters().items()
              for pattern, limit in LIMITS.items()
              if re.fullmatch(pattern, key) and counted(m) > limit}
    same(beyond, {}, "no meter is beyond its limit")


def exact(town, dialogues):
    wrong = town.wrong(dialogues)
    if not ok(not wrong, "every meter is what the next hop was given",
              f"SEED={SEED}", "(by windows, by steps, sent):",
              *(f"{key} {n}" for key, n in sorted(wrong.items()))):
        some = suspects(dialogues, wrong)
        tap.complain(*some[:40])
        Shrink(town.wrong_with).of(some)


def script():
    tap.diag(f"SEED={SEED} SESSIONS={SESSIONS}")
    town = Town()
    dialogues = [babbled(n) for n in range(SESSIONS)]
    started = time.monotonic()
    told = town.play_all(dialogues)
    tap.diag(f"{told['MAIL', '250']} transactions in "
             f"{time.monotonic() - started:.1f} s")
    tap.diag(" ".join(f"{command} {code}: {n}" for (command, code), n in
                      sorted(told.items())))
    if "SESSIONS" not in os.environ:
        ok(told["MAIL", "250"] >= 2000, "that were 2000 transactions", told)
        ok(told["RCPT", "451"] >= 20, "limits were met", told)
    delivered, settled = town.at_rest()
    ok(delivered, "all that was taken is delivered")
    ok(settled, "what was left unfinished is given back",
       {k: m for k, m in town.meters().items() if is_open(m)})
    within_limits(town)
    exact(town, dialogues)
    tap.diag(f"{time.monotonic() - started:.1f} s")
    same([p.stop() for p in town.policyds], [0, 0], "both end well")


tap.run(script)
