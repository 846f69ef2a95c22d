"""babble - random SMTP sessions, the same ones for the same seed

Everything happens that clients do: several transactions in a session, many
recipients, those that are refused before or behind policyd or by it, RSET and
dropped connections anywhere, pipelining, chunks, declared sizes that are true
or lies, recipients that are given twice.

One thing does not: no transaction has both a recipient that is given twice
and one that Postfix takes or refuses without or behind policyd. Postfix tells
how many recipients a message has, but not which; nobody could know.
"""
import random

from kit.dialogue import Dialogue

# Whom one writes to: in our domains, elsewhere, and who is refused.
OURS = [f"user{n}@example.com" for n in range(20)]
REMOTE = [f"user{n}@remote.example" for n in range(20)]
WRONG = ["one..two@example.com", "three.@example.com"]  # for policyd
# What follows concerns Postfix alone: in front of policyd, and behind it.
EARLY = ["early1@example.com", "early2@example.com"]
LATE = ["late1@example.com", "late2@example.com", "unlisted@example.com"]
UNASKED = ["postmaster"]

MOST = 20_000  # bytes of a message; Postfix' limit
LARGE = 24_000


class Babble:
    def __init__(self, seed):
        self.chance = random.Random(seed)

    def often(self, share):
        return self.chance.random() < share

    def another_case(self, address):
        return "".join(self.chance.choice((c.lower(), c.upper()))
                       for c in address)

    def recipients(self, everywhere):
        whom = OURS + REMOTE if everywhere else OURS
        count = self.chance.choice((1, 1, 1, 2, 3, 5, 12))
        some = self.chance.sample(whom, count)
        if self.often(0.2):
            some += self.chance.choices(WRONG)
        if self.often(0.1):
            some += self.chance.choices(EARLY)
        if self.often(0.3):
            some += [self.another_case(self.chance.choice(some))
                     if self.often(0.5) else self.chance.choice(some)
                     for _ in range(self.chance.choice((1, 1, 2, 5)))]
        elif self.often(0.3):
            some += self.chance.sample(LATE + UNASKED,
                                       self.chance.choice((1, 1, 2)))
        self.chance.shuffle(some)
        return some

    def size(self):
        return LARGE if self.often(0.02) else \
            self.chance.choice((0, 100, 500, 2000, 8000))

    def declared(self, size):
        """The words behind MAIL FROM."""
        if self.often(0.5):
            return ""
        lie = self.chance.choice((0, size // 2, size + 1000, MOST, LARGE))
        return f" SIZE={lie if self.often(0.5) else size}"

    def chunks(self, size):
        cuts = sorted(self.chance.randrange(size) for _ in
                      range(self.chance.randrange(3)))
        return " ".join(str(end - start) for start, end in
                        zip([0] + cuts, cuts + [size]))

    def body(self, size):
        if self.often(0.3):
            chunks = f"BDAT {self.chunks(max(size, 300))}"
            return chunks if self.often(0.85) else chunks + " ..."
        how = self.chance.random()
        return f"DATA {size}" + (" LEAVE" if how < 0.04 else
                                 " CUT" if how < 0.1 else "")

    def transaction(self, sender, everywhere):
        size = self.size()
        sender = "" if self.often(0.1) else sender
        lines = [f"MAIL FROM:<{sender}>{self.declared(size)}"]
        lines += [f"RCPT TO:<{r}>" for r in self.recipients(everywhere)]
        lines += [self.body(size)]
        if self.often(0.25):  # it ends somewhere on its way
            at = self.chance.randrange(1, len(lines) + 1)
            lines[at:] = self.chance.choices(
                ("RSET", "EHLO mx.example.net", "DROP", "QUIT"),
                (5, 2, 2, 1))
        if self.often(0.1):
            lines.insert(
                self.chance.randrange(1, len(lines)),
                self.chance.choice(("NOOP", "VRFY <user1@example.com>")))
        return lines + ["RSET"] * (lines[-1].endswith("..."))

    def dialogue(self, name, mta, client, sender, everywhere):
        lines = []
        for _ in range(self.chance.choice((1, 2, 4, 8))):
            lines += self.transaction(sender, everywhere)
            if lines[-1] in ("DROP", "QUIT") or \
                    lines[-1].endswith(("CUT", "LEAVE")):
                break
        else:
            lines.append(self.chance.choice(("QUIT", "DROP")))
        return Dialogue(name, mta, client, self.often(0.5), lines)
