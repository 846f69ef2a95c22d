"""load - many clients that ask without a pause, in a thread of its own

Two kinds of request are mixed so that an answer to another one's request
shows: a listed sender's is DUNNO, whatever is broken, and a stranger's never
is, as greylisting defers here without Redis, too. LISTED has to be among the
policyd's greylist options.
"""
import selectors
import threading
import time

from kit import policy

LISTED = 'allow_senders = { "example.edu" } on_failure = defer'
GREYLISTED = "451 4.7.1"
AWAY = "451 4.3.0"


def listed(n):
    return policy.request(sender=f"listed-{n}@example.edu")


def stranger(n):
    """Digits would be folded, so that all strangers were one."""
    return policy.request(sender=f"{letters(n)}@example.net",
                          client_address=f"192.0.{n % 250}.{n // 250 % 250}")


def letters(n):
    text = ""
    while True:
        n, digit = divmod(n, 16)
        text = "ghjkmnpqrstvwxyz"[digit] + text
        if n == 0:
            return text


class Asked:
    """One request and what became of it; `action` None: no answer."""

    def __init__(self, n, sent):
        self.listed = n % 2 == 0
        self.sent, self.seconds, self.action = sent, None, None

    def answered(self, action):
        self.action = action
        self.seconds = time.monotonic() - self.sent

    def is_right(self):
        """It is the answer to this request, and not to another."""
        if self.listed:
            return self.action == "DUNNO"
        return self.action is not None and self.action.startswith("451 4.")


def mixed(n):
    return listed(n) if n % 2 == 0 else stranger(n)


class Load:
    def __init__(self, policyd, connections):
        self.all, self.going = [], True
        self.next = 0
        self.waiting = selectors.DefaultSelector()
        self.sockets = [policy.connect(policyd.socket)
                        for _ in range(connections)]
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Takes the answers on their way, then ends; all requests."""
        self.going = False
        self.thread.join()
        return self.all

    def since(self, moment):
        return [a for a in list(self.all) if a.sent >= moment]

    def after(self, moment):
        """Those that were not answered by then."""
        return [a for a in list(self.all)
                if a.seconds is None or a.sent + a.seconds > moment]

    def _ask(self, s):
        self.next += 1
        asked = Asked(self.next, time.monotonic())
        self.all.append(asked)
        try:
            s.sendall(mixed(self.next))
        except OSError:
            return
        self.waiting.register(s, selectors.EVENT_READ, asked)

    def _take(self, s, asked):
        try:
            got = s.recv(4096)
        except OSError:
            got = b""
        self.waiting.unregister(s)
        if not got:
            s.close()  # unanswered, and nothing more is asked here
            return
        asked.answered(policy.action(got))
        if self.going:
            self._ask(s)

    def _run(self):
        for s in self.sockets:
            self._ask(s)
        end = None
        while self.waiting.get_map():
            for key, _ in self.waiting.select(0.1):
                self._take(key.fileobj, key.data)
            if not self.going:
                end = end or time.monotonic() + 10
                if time.monotonic() > end:
                    break
        for s in self.sockets:
            s.close()


def wrong(all_asked):
    """Those with no answer, or with one that is not theirs."""
    return [(a.listed, a.action) for a in all_asked if not a.is_right()][:5]


def longest(all_asked):
    return max((a.seconds for a in all_asked if a.seconds is not None),
               default=0)


def figures(all_asked):
    times = sorted(a.seconds for a in all_asked if a.seconds is not None)
    if not times:
        return "no answers"
    return (f"{len(times)} answers, median {times[len(times) // 2] * 1e3:.2f}"
            f" ms, longest {times[-1] * 1e3:.1f} ms")
