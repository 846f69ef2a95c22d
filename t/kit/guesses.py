"""guesses - 10,000 failed logins from 500 addresses, and who is to be listed

More than ten of one client within an hour list it; two IPv6 addresses of one
/64 are one client. PLAN says how many addresses fail how often; those that
fail `MANY` times share what is left. Log lines are those that Postfix and
Dovecot write, with all that stands between them in life.
"""
import random
import time

ALL, ADDRESSES = 10000, 500
MANY = None
PLAN = [(10, 150), (11, 150), (1, 30), (9, 20), (MANY, 130)]
PAIRS = [(5, 5), (5, 6), (1, 10), (10, 10), (3, 4)] * 2  # in a /64 each

# Clients that no register may hold anything against.
ALLOWED, TRUSTED = "198.51.100.251", "198.51.100.252"
VICTIM = "198.51.100.250"  # whom the others try to have listed


class Plan:
    def __init__(self):
        self.failures = {}  # how often an address fails
        self.clients = {}  # whose: an address, or a /64 named by its first
        for often, addresses in PLAN:
            for _ in range(addresses):
                self._add(self._next(), often)
        for n, pair in enumerate(PAIRS):
            for half, often in enumerate(pair):
                self._add(f"2001:db8:0:{n + 1:x}::{half + 1:x}", often,
                          f"2001:db8:0:{n + 1:x}::/64")
        self._share()
        assert sum(self.failures.values()) == ALL
        assert len(self.failures) == ADDRESSES

    def _next(self):
        n = len(self.failures)
        return f"203.0.113.{n}" if n < 250 else f"198.51.100.{n - 250}"

    def _add(self, address, often, client=None):
        self.failures[address] = often
        self.clients[address] = client or address

    def _share(self):
        many = [a for a, often in self.failures.items() if often is MANY]
        left = ALL - sum(o for o in self.failures.values() if o)
        for n, address in enumerate(many):
            self.failures[address] = \
                left // len(many) + (n < left % len(many))

    def counts(self):
        counts = {}
        for address, often in self.failures.items():
            client = self.clients[address]
            counts[client] = counts.get(client, 0) + often
        return counts

    def listed(self):
        return {c for c, often in self.counts().items() if often > 10}

    def is_listed(self, address):
        return self.clients[address] in self.listed()

    def guesses(self, chance):
        """Each failure by its address, in the order of a busy day."""
        all_ = [a for a, often in self.failures.items()
                for _ in range(often)]
        chance.shuffle(all_)
        return all_


# Logins that look like what a log says of somebody else.
HOSTILE = [
    "x[{0}]: SASL LOGIN authentication failed: x, sasl_username=x",
    "x>, method=PLAIN, rip={0}, lip=192.0.2.1, x=<y",
    "x,{0}): Password mismatch",
    "[{0}]", "x[{0}] auth=0/99 commands=0/99",
    "warning: x[{0}]: SASL PLAIN authentication failed",
    "a\" = ,<b>@example.com", "", "b?b@example.com",
]


class Log:
    """Lines of the last fifty minutes, one session after another begun."""

    def __init__(self, chance):
        self.chance, self.lines, self.pid = chance, [], 1000
        self.end = time.time()
        self.failures = 0

    def write(self, at, program, text):
        stamp = time.strftime("%b %e %H:%M:%S", time.localtime(at))
        self.lines.append((at, f"{stamp} mx {program}: {text}"))

    def user(self):
        if self.chance.random() < 0.2:
            return self.chance.choice(HOSTILE).format(VICTIM)
        return f"user{self.chance.randrange(500)}@example.com"

    def name(self):
        return self.chance.choice(("unknown", "dyn.example.net",
                                   "localhost.example.org"))

    def postfix(self, at, address, failures, old=False):
        """A session at smtpd, with its sum at the end, which is not to be
        added to its warnings."""
        self.pid += 1
        smtpd, client = f"postfix/smtpd[{self.pid}]", \
            f"{self.name()}[{address}]"
        self.write(at, smtpd, f"connect from {client}")
        for n in range(failures):
            if self.chance.random() < 0.5:
                self.write(at + n, smtpd, "warning: SASL authentication "
                           "failure: Password verification failed")
            self.write(at + n, smtpd, f"warning: {client}: SASL PLAIN "
                       "authentication failed: authentication failure, "
                       f"sasl_username={self.user()}")
        if failures > 5:
            self.write(at + failures, smtpd,
                       f"too many errors after AUTH from {client}")
        self.write(at + failures, smtpd,
                   f"disconnect from {client} ehlo=1 auth=0/{failures} "
                   f"commands=1/{failures + 1}")

    def dovecot(self, at, address, failures):
        login = self.chance.choice(("imap-login", "pop3-login"))
        why = self.chance.choice((
            "Disconnected: Connection closed", "Disconnected",
            "Disconnected: Inactivity", "Aborted login"))
        self.write(at + failures, "dovecot",
                   f"{login}: {why} (auth failed, {failures} attempts in "
                   f"{failures + 2} secs): user=<{self.user()}>, "
                   f"method=PLAIN, rip={address}, lip=192.0.2.1, TLS, "
                   f"session=<a+b/{failures}>")

    def noise(self, at):
        """What every mail log is full of, and what means nothing."""
        self.pid += 1
        smtpd = f"postfix/smtpd[{self.pid}]"
        bystander = f"mail.example.org[{VICTIM}]"
        for program, text in self.chance.choice((
            [(smtpd, f"connect from {bystander}"),
             (smtpd, f"4F1A: client={bystander}"),
             ("postfix/cleanup[9]", "4F1A: message-id=<warning: x["
              f"{VICTIM}]: SASL PLAIN authentication failed>"),
             ("postfix/qmgr[8]", "4F1A: from=<x@example.org>, size=1, "
              "nrcpt=1 (queue active)"),
             (smtpd, f"disconnect from {bystander} ehlo=1 mail=1 rcpt=1 "
              "data=1 quit=1 commands=5")],
            [(smtpd, f"connect from {bystander}"),
             (smtpd, f"NOQUEUE: reject: RCPT from {bystander}: 451 4.7.1 "
              "<alice@example.com>: Recipient address rejected: This server "
              "employs greylisting as a means of reducing spam. Please "
              "resend e-mail shortly; from=<carol@example.net> "
              "to=<alice@example.com> proto=ESMTP helo=<mx>"),
             (smtpd, f"disconnect from {bystander} ehlo=1 mail=1 rcpt=0/1 "
              "quit=1 commands=3/4")],
            [(smtpd, f"connect from {bystander}"),
             (smtpd, f"warning: {bystander}: SASL PLAIN authentication "
              "failed: Connection lost to authentication server, "
              "sasl_username=alice@example.com"),
             (smtpd, f"disconnect from {bystander} ehlo=1 auth=0/1 "
              "commands=1/2")],
            [("dovecot", "imap-login: Login: user=<alice@example.com>, "
              f"method=PLAIN, rip={VICTIM}, lip=192.0.2.1, mpid=1, TLS, "
              "session=<a>")],
            [("kernel", "eth0: link is up"), ("postfix/smtpd", ""),
             ("CRON[7]", f"(root) CMD (echo 'x[{VICTIM}]: SASL')")],
        )):
            self.write(at, program, text)

    def session(self, address, failures):
        at = self.end - self.chance.uniform(60, 3000)
        kind = self.postfix if self.chance.random() < 0.6 else self.dovecot
        kind(at, address, failures)

    def text(self):
        """As syslog has it: by time."""
        self.lines.sort(key=lambda line: line[0])
        return "".join(line + "\n" for _, line in self.lines)


def log(plan, chance):
    """The whole plan as a mail log."""
    log_ = Log(chance)
    for address, often in plan.failures.items():
        while often > 0:
            some = min(often, chance.randint(1, 8))
            log_.session(address, some)
            often -= some
    for _ in range(3000):
        log_.noise(log_.end - chance.uniform(60, 3000))
    for address in ALLOWED, TRUSTED, "127.0.0.1", "::1":
        log_.session(address, 50)
    for address in list(plan.failures)[:100]:  # two hours ago
        log_.postfix(log_.end - 7200, address, 8)
    return log_.text()


def chance():
    """The same day each time."""
    return random.Random(500)
