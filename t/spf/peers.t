#!/usr/bin/python3
"""What t/spf/cases say, pyspf says too, but for what is told here.

Debian's interpreter: its package python3-spf is no other one's.
"""

import glob
import ipaddress
import os
import sys

sys.path.append(sys.path[0] + "/..")
import spf  # noqa: E402
from kit.tap import ok, run  # noqa: E402

# Where pyspf says something else, and why ours is right.
DIFFERENCES = {
    # 4.3: an empty label is wrong "not at the end" only.
    "04 nor does a dot at its end": "none",
    # RFC 5321, 4.1.2: a local part in quotes may have one.
    "04 the last at is the one": "none",
    # 5.4: an exchanger that comes later need not be asked for.
    "05 mx of another domain": "temperror",
    "05 the right one before it is enough": "temperror",
    # 5.5: DNS errors on the way to names are no match.
    "05 ptr that nobody answers matches nobody": "temperror",
    "05 a name that nobody answers is passed over": "temperror",
    "07 unknown when nobody answers": "temperror",
    # 6: only "redirect" and "exp" must not be there twice.
    "05 it may be there twice": "permerror",
    # 12: what stands in quotes in ABNF has no letter case.
    "07 also with a capital": "fail",
    # 12: no such macro-expand; pyspf takes what it can.
    "07 a brace must be closed": "fail",
    "07 none of zero parts": "fail",
    "07 the r comes behind the number": "fail",
    "07 only some characters are delimiters": "fail",
    "07 one r is enough": "fail",
}


class Zone:
    def __init__(self):
        self.records, self.dead = {}, set()

    def add(self, name, kind, data):
        if data.startswith("!"):
            self.dead.add(name)
        else:
            self.records.setdefault(name, []).append((kind, data))

    def at(self, name):
        if name in self.records or name in self.dead:
            return name
        labels = name.split(".")
        for i in range(1, len(labels)):
            if "*." + ".".join(labels[i:]) in self.records:
                return "*." + ".".join(labels[i:])
        return name

    def find(self, name, kind):
        """As pyspf's DNSLookup() has it."""
        place = self.at(name)
        if place in self.dead:
            raise spf.TempError("no answer")
        found = []
        for known, data in self.records.get(place, []):
            if known == kind:
                found.append(((name, kind), value(kind, data)))
            elif known == "CNAME":
                found.append(((name, "CNAME"), data))
        return found


def value(kind, data):
    if kind == "TXT":
        return (data.encode("latin-1").decode("unicode_escape")
                .encode("latin-1"),)
    if kind == "MX":
        preference, host = data.split()
        return int(preference), host.rstrip(".")
    if kind == "AAAA":
        return ipaddress.IPv6Address(data).packed
    return data


def read(path):
    zone, cases, sentence = Zone(), [], None
    with open(path, encoding="latin-1") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("case "):
                sentence = line[5:]
            elif line.startswith("ask "):
                _, client, helo, sender, result, *_ = line.split(" ")
                cases.append((sentence, client, helo,
                              "" if sender == "<>" else sender, result, None))
            elif line.startswith("record "):
                _, client, result, record = line.split(" ", 3)
                cases.append((sentence, client, "mail.example.net",
                              "strong-bad@t.example.org", result, record))
            elif line and not line.startswith("#"):
                name, kind, data = line.split(" ", 2)
                zone.add(name.lower(), kind, data)
    return zone, cases


def ask(zone, client, helo, sender, record):
    def look(name, kind, *_):
        name = name.lower()
        if record and (name, kind) == ("t.example.org", "TXT"):
            return [((name, kind), value("TXT", record))]
        return zone.find(name, kind)

    spf.DNSLookup = look
    return spf.check2(i=client, s=sender, h=helo, querytime=0)[0]


def peers():
    for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__),
                                              "cases", "*.txt"))):
        zone, cases = read(path)
        for sentence, client, helo, sender, result, record in cases:
            got = ask(zone, client, helo, sender, record)
            name = f"{os.path.basename(path)[:2]} {sentence}"
            ok(got == DIFFERENCES.get(name, result), name, f"pyspf: {got}")


run(peers)
