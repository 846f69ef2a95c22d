#!/usr/bin/python3
"""Of as many as send at once, through two Postfix, as many as may do."""
import collections
import concurrent.futures
import os
import sys
import threading

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.dialogue import message, stuffed  # noqa: E402
from kit.meters import counted, meters  # noqa: E402
from kit.postfix import Postfix  # noqa: E402
from kit.tap import same  # noqa: E402

RUNS = int(os.environ.get("RUNS", 20))
SESSIONS = 32
SIZE = 1024
BODY = stuffed(message("x", SIZE))[:-2].decode()

POLICY = """
local_domains = {{ "messages.example", "recipients.example", "bytes.example",
    {domains} }}
rate {{ mode = enforce  domain_messages = "10/1d"
    domain_limits = adds }}
domain "messages.example" {{ rate {{ messages = "10/1h"
    domain_messages = 0 }} }}
domain "recipients.example" {{ rate {{ recipients = "17/1h"
    domain_messages = 0 }} }}
domain "bytes.example" {{ rate {{ bytes = "10K/1h"
    domain_messages = 0 }} }}
""".format(domains=", ".join(f'"run{n}.example"' for n in range(RUNS)))

METERS = {
    "{{messages.example}}:user{0}:messages/1h": 10,
    "{{recipients.example}}:user{0}:recipients/1h": 17,
    "{{bytes.example}}:user{0}:bytes/1h": 10 * SIZE,
    "{{run{0}.example}}:messages/1d": 10,
}


class Crowd:
    """All come in, and when the last one is there all begin at once."""

    def __init__(self, postfixes, login, recipients):
        self.postfixes, self.login = postfixes, login
        self.recipients = recipients
        self.begin = threading.Barrier(SESSIONS)

    def one(self, n):
        """The codes of the replies to RCPT, and of that to the message."""
        login = self.login(n)
        s = self.postfixes[n % 2].session(address=f"192.0.2.{n}", login=login)
        self.begin.wait(120)
        s.say(f"MAIL FROM:<{login}> SIZE={SIZE}")
        codes = [s.say(f"RCPT TO:<user{n}.{r}@remote.example>").code
                 for r in range(self.recipients)]
        last = s.message(BODY).code if "250" in codes else None
        s.quit()
        return codes, last

    def all(self):
        with concurrent.futures.ThreadPoolExecutor(SESSIONS) as threads:
            return list(threads.map(self.one, range(SESSIONS)))


def outcome(told):
    """How many recipients, and how many messages, were told what."""
    return dict(collections.Counter(c for codes, _ in told for c in codes)), \
        dict(collections.Counter(last for _, last in told if last))


def runs(postfixes, wanted, sentence, login, recipients=1):
    """`login` makes one of the numbers of a run and of a session."""
    got = [outcome(Crowd(postfixes, lambda n, run=run: login(run, n),
                         recipients).all()) for run in range(RUNS)]
    messages = [sum(m.values()) for _, m in got]
    same([o for o, _ in got], [wanted] * RUNS,
         f"{sentence}, in {RUNS} runs of {RUNS}")
    same([m for _, m in got], [{"250": n} for n in messages],
         "and all that have a recipient send")


def full(policyd):
    return {key: counted(m) for key, m in meters(policyd).items()}


def script():
    redis = programs.Redis().start()
    policyds = [programs.Policyd(redis).configure(
        greylist="mode = off", other=POLICY).start() for _ in range(2)]
    postfixes = [Postfix(f"inet:127.0.0.1:{p.port}", "--stages",
                         "recipient,end_of_data") for p in policyds]
    runs(postfixes, {"250": 10, "451": 22},
         "of 32 sessions of one who may send 10 messages 10 do",
         lambda run, n: f"user{run}@messages.example")
    runs(postfixes, {"250": 17, "451": 79},
         "of 96 recipients of one who may write to 17 there are 17",
         lambda run, n: f"user{run}@recipients.example", recipients=3)
    runs(postfixes, {"250": 10, "451": 22},
         "of 32 messages of 1 kB there is room for 10 in 10 kB",
         lambda run, n: f"user{run}@bytes.example")
    runs(postfixes, {"250": 10, "451": 22},
         "of 32 users of a domain that may send 10 messages 10 do",
         lambda run, n: f"user{n}@run{run}.example")
    wanted = {key.format(run): limit for key, limit in METERS.items()
              for run in range(RUNS)}
    programs.wait_for(lambda: full(policyds[0]) == wanted)
    same(full(policyds[0]), wanted, "the meters are full, and not beyond")
    same([p.stop() for p in policyds], [0, 0], "both end well")


tap.run(script)
