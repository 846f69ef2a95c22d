"""spf_cases - t/spf/cases, read: see the README there"""

import collections
import glob
import os

Case = collections.namedtuple("Case", "name client helo sender result record")
PLACE = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "spf", "cases")


def unescape(text):
    return text.encode("latin-1").decode("unicode_escape")


class File:
    """Its zone, as the lines nameserver.py reads, and its cases."""

    def __init__(self, path):
        self.zone, self.cases = [], []
        self.short = os.path.basename(path)[:2]
        with open(path, encoding="latin-1") as lines:
            for line in lines:
                self.add(line.rstrip("\n"))

    def add(self, line):
        if line.startswith("case "):
            self.sentence = f"{self.short} {line[5:]}"
        elif line.startswith("ask "):
            _, client, helo, sender, result, *_ = line.split(" ")
            self.cases.append(Case(self.sentence, client, helo, sender, result,
                                   None))
        elif line.startswith("record "):
            _, client, result, record = line.split(" ", 3)
            self.cases.append(Case(self.sentence, client, "mail.example.net",
                                   "strong-bad@t.example.org", result, record))
        elif line and not line.startswith("#"):
            self.zone.append(line)

    def zone_of(self, case):
        """A text, with the record that only this case has."""
        lines = self.zone + ([f"t.example.org TXT {case.record}"]
                             if case.record else [])
        return "\n".join(lines) + "\n"


def files():
    return [File(path) for path in sorted(glob.glob(f"{PLACE}/*.txt"))]
