#!/usr/bin/python3
"""Whom a real Postfix' clients count as: pools that retry from anywhere, and
name servers that are slow or dead."""
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.policy import GREYLISTED  # noqa: E402
from kit.postfix import Postfix, told  # noqa: E402
from kit.registers import age  # noqa: E402
from kit.tap import ok, same  # noqa: E402

DELAY = 600
PATIENTLY = "identity = spf spf_wait = 2s"
POOL = [f"198.51.{i}.7" for i in range(100, 120)]  # a network each
ELSEWHERE = "203.0.113.7"
LETS_IN = "250 2.1.5 Ok"

ZONE = f"""\
pool.example     TXT  v=spf1 {" ".join(f"ip4:{a}" for a in POOL)} -all
open.example     TXT  v=spf1 +all
mx1.helo.example TXT  v=spf1 ip4:{POOL[0]} -all
mx2.helo.example TXT  v=spf1 ip4:{POOL[1]} -all
slow.example     TXT  v=spf1 ip4:{POOL[0]} ip4:{POOL[1]} -all
slow.example     TXT  !after=1
dead.example     *    !silence
"""


class Play:
    def __init__(self, postfix, policyd):
        self.postfix, self.policyd = postfix, policyd

    def mail(self, sender, address, **session):
        return self.postfix.send(sender, ["alice@example.com"],
                                 address=address, **session)[0]

    def stranger(self, sentence, sender, address, identity, by, **session):
        """Is put off, and counts as `identity`."""
        self.counts("new", GREYLISTED, sentence, sender, address, identity,
                    by, **session)

    def returns(self, sentence, sender, address, identity, by, **session):
        self.counts("passed", LETS_IN, sentence, sender, address, identity,
                    by, **session)

    def counts(self, state, wanted, sentence, sender, address, identity, by,
               **session):
        # A null sender is not logged: then others have such lines, too.
        fields = {"client": address, "state": state,
                  **({"sender": sender} if sender else {})}
        before = len(self.policyd.decisions(**fields))
        told(self.mail(sender, address, **session), wanted, sentence)
        lines = programs.wait_for(
            lambda: self.policyd.decisions(**fields)[before:])
        line = (lines or [{}])[-1]
        same((line.get("identity"), line.get("identity_by")), (identity, by),
             f"and counts as {identity}, by {by}")

    def set(self, options):
        """A machine that is busy may need all of 2 s for an answer."""
        self.policyd.configure(greylist=f"delay = {DELAY} {options}")
        self.policyd.reload()

    def later(self):
        age(self.policyd, DELAY)


def pool(play):
    sender = "news@pool.example"
    play.stranger("the first host of a pool is put off", sender, POOL[0],
                  "pool.example", "spf")
    play.later()
    play.returns("another one of it, in another network, is let in", sender,
                 POOL[19], "pool.example", "spf")
    replies = [play.mail(sender, a) for a in POOL]
    ok(all(r.is_(LETS_IN) for r in replies), "and so are all 20", replies)
    play.stranger("who is not of it is a stranger", sender, ELSEWHERE,
                  "203.0.113.0/24", "network")


def everybody(play):
    play.stranger("who passes as everybody does counts as its network",
                  "x@open.example", POOL[0], "198.51.100.0/24", "network")


def bounces(play):
    play.stranger("a bounce from one host of a domain is put off", "",
                  POOL[0], "helo.example", "spf", helo="mx1.helo.example")
    play.later()
    play.returns("and let in from another", "", POOL[1], "helo.example",
                 "spf", helo="mx2.helo.example")


def names(play):
    sender = "x@none.example"
    play.stranger("who has a verified name counts as its organisation",
                  sender, POOL[0], "named.example", "name",
                  name="mx1.named.example")
    play.later()
    play.returns("and is let in as another host of it", sender, POOL[1],
                 "named.example", "name", name="mx2.named.example")
    play.stranger("the name of a line is none", sender, ELSEWHERE,
                  "203.0.113.0/24", "network",
                  name="203-0-113-7.named.example")


def slow(play):
    """The name server takes a second, an answer waits 200 ms for it."""
    sender, key = "x@slow.example", "policyd:grey:{slow.example}:*"
    play.set("identity = spf")
    play.stranger("a name server that is slow is not waited for", sender,
                  POOL[0], "198.51.100.0/24", "network")
    ok(programs.wait_for(lambda: play.policyd.cli("keys", key)),
       "what it says in the end is given a record")
    play.later()
    play.set(PATIENTLY)
    play.returns("so the retry is let in from elsewhere", sender, POOL[1],
                 "slow.example", "spf")


def dead(play):
    sender = "x@dead.example"
    play.stranger("when the DNS is dead a client counts as its network",
                  sender, POOL[0], "198.51.100.0/24", "network")
    play.stranger("or as its organisation", sender, POOL[1], "named.example",
                  "name", name="mx1.named.example")
    play.later()
    play.returns("and is let in when it comes back", sender, POOL[0],
                 "198.51.100.0/24", "network")


def switched_on(play):
    sender = "x@pool.example"
    play.set("identity = network")
    play.stranger("counted as a network", sender, POOL[2], "198.51.102.0/24",
                  "network")
    play.later()
    play.returns("it is let in", sender, POOL[2], "198.51.102.0/24",
                 "network")
    play.set(PATIENTLY)
    told(play.mail(sender, POOL[2]), LETS_IN,
         "and does not wait again when its domain counts")
    told(play.mail(sender, POOL[3]), GREYLISTED, "a neighbour does")


def script():
    server = programs.NameServer(ZONE)
    policyd = programs.Policyd().configure(
        greylist=f"delay = {DELAY} {PATIENTLY}",
        other=server.within("2s")).start()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}")
    policyd.ready()
    play = Play(postfix, policyd)
    for part in pool, everybody, bounces, names, slow, dead, switched_on:
        part(play)


tap.run(script)
