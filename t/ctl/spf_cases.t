#!/usr/bin/env python3
"""t/spf/cases once more: by policyctl spf, and a name server that is asked
over UDP and TCP. What lib/spf knows by heart must come through the DNS, too.

c-ares asks for names that no host has until 1.22. Later ones leave such a case
open: temperror.
"""

import ctypes
import re

from ctl import Ctl, programs
from kit import spf_cases
from kit.tap import ok, run

TEMPFAIL = 75


def c_ares():
    version = ctypes.c_int()
    ctypes.CDLL("libcares.so.2").ares_version(ctypes.byref(version))
    return version.value


ASKS_FOR_ALL = c_ares() < 0x011600


def left_open(answer):
    return not ASKS_FOR_ALL and not all(
        re.fullmatch(r"[\w./*-]+", lookup["name"], re.ASCII)
        for lookup in answer["lookups"])


def deadline_of(file, case):
    """Who waits for nobody need not wait long; where somebody is silent a
    result may take as long as this."""
    if case.result == "temperror":
        return "1s"
    return "4s" if any("!" in line for line in file.zone) else "20s"


class Asker:
    """policyctl, with as much patience as a result needs."""

    def __init__(self, server, file):
        self.server, self.file, self.ctls = server, file, {}

    def __call__(self, case):
        deadline = deadline_of(self.file, case)
        if deadline not in self.ctls:
            self.ctls[deadline] = Ctl(more=self.server.within(deadline))
        return self.ctls[deadline]("--json", "spf", "--", case.client,
                                   case.helo, case.sender)


def cases():
    for file in spf_cases.files():
        server = programs.NameServer(file.zone_of(file.cases[0]))
        ask = Asker(server, file)
        for case in file.cases:
            server.says(file.zone_of(case))
            answer = ask(case)
            got = answer.json["result"]
            status = TEMPFAIL if got == "temperror" else 0
            wanted = case.result
            if got == "temperror" and left_open(answer.json):
                wanted = got
            ok((got, answer.status) == (wanted, status), case.name,
               f"{got}, not {case.result}, and ends with {answer.status}",
               answer.out)


run(cases)
