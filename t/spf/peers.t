#!/usr/bin/python3
"""What t/spf/cases say, pyspf says too, but for what is told here.

Debian's interpreter: its package python3-spf is no other one's.
"""

import ipaddress
import sys

sys.path.append(sys.path[0] + "/..")
import spf  # noqa: E402
from kit import spf_cases  # noqa: E402
from kit.tap import ok, run  # noqa: E402

# Where pyspf says something else, and why ours is right.
DIFFERENCES = {
    # 4.3: an empty label is wrong "not at the end" only.
    "04 nor does a dot at its end": "none",
    "04 a HELO with a dot at its end": "none",
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
    def __init__(self, lines):
        self.records, self.dead = {}, set()
        for line in lines:
            name, kind, data = line.split(" ", 2)
            self.add(spf_cases.unescape(name).lower(), kind, data)

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
        return (spf_cases.unescape(data).encode("latin-1"),)
    if kind == "MX":
        preference, host = data.split()
        return int(preference), host.rstrip(".")
    if kind == "AAAA":
        return ipaddress.IPv6Address(data).packed
    return data


def ask(zone, case):
    def look(name, kind, *_):
        name = name.lower()
        if case.record and (name, kind) == ("t.example.org", "TXT"):
            return [((name, kind), value("TXT", case.record))]
        return zone.find(name, kind)

    spf.DNSLookup = look
    return spf.check2(i=case.client, s=case.sender.replace("<>", ""),
                      h=case.helo, querytime=0)[0]


def peers():
    for file in spf_cases.files():
        zone = Zone(file.zone)
        for case in file.cases:
            got = ask(zone, case)
            ok(got == DIFFERENCES.get(case.name, case.result), case.name,
               f"pyspf: {got}")


run(peers)
