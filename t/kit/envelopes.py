"""envelopes - what the next hop was given, by smtp-sink's files

Of a sandbox that was started with --each. A message counts once, even when
Postfix delivers it in several goes.
"""
import os
import re

from kit.dialogue import MARK


class Envelope:
    def __init__(self):
        self.recipients, self.size = set(), 0


def _read(path):
    with open(path, "rb") as f:
        return f.read().decode("utf-8", "surrogateescape")


def envelopes(postfix, into):
    """Those of dialogues: by their names, added to `into`."""
    place = os.path.join(postfix.directory, "sink", "each")
    for name in os.listdir(place):
        text = _read(os.path.join(place, name))
        found = re.search(rf"^{MARK}(\S+)$", text, re.M)
        if not found:
            continue  # of Postfix itself
        e = into.setdefault(found[1], Envelope())
        e.recipients |= {r.lower() for r in re.findall(
            r"^X-Rcpt-Args: <([^>]*)>", text[:found.start()], re.M)}
        # An empty line is behind each, and line ends were two bytes.
        body = text[found.start():-1]
        e.size = len(body) + body.count("\n")
    return into
