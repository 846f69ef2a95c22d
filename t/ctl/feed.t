#!/usr/bin/env python3
"""policyctl feed: from a growing mail log into the registers."""

import contextlib
import json
import os
import signal
import time

from ctl import (POLICYCTL, Ctl, Redis, contains, done, equal, matches,
                 programs, test)

redis = Redis()
ctl = Ctl(redis)
place = programs.directory()
SAMPLES = os.path.join(programs.TOP, "t/feed/maillog")
with open(ctl.conf, "a") as conf:
    conf.write(f'state_directory = "{place}"\n')


def failure(client, user="bob"):
    """A line of this very moment."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return (f"{now} mx postfix/smtpd[9]: warning: unknown[{client}]: SASL "
            f"LOGIN authentication failed: x, sasl_username={user}\n")


def failures(client):
    return int(redis("HGET", f"policyd:abuse:{{{client}}}", "failures") or 0)


def write(path, text, how="a"):
    with open(path, how) as file:
        file.write(text)


class Feed(programs.Program):
    """policyctl feed on these files, until it is stopped."""

    def __init__(self, *words, conf=ctl):
        super().__init__([POLICYCTL, "-c", conf.conf, "feed", *words],
                         os.path.join(programs.directory(), "feed.log"))

    def at_the_end_of(self, path):
        """It has opened the file, and there is nothing more in it."""
        here = f"/proc/{self.pid}"
        with contextlib.suppress(FileNotFoundError):  # one it just closed
            for fd in os.listdir(f"{here}/fd"):
                if os.readlink(f"{here}/fd/{fd}") == path:
                    with open(f"{here}/fdinfo/{fd}") as info:
                        return int(info.readline().split()[1]) == \
                            os.path.getsize(path)
        return False


def soon(count, client):
    programs.wait_for(lambda: failures(client) >= count)
    time.sleep(0.3)  # of what comes too often there is no sign
    equal(failures(client), count)


def started(feed):
    """It has Redis, and reads on from where it is."""
    before = feed.log().count("redis: ready") if feed.process else 0
    feed.start()
    programs.wait_for(lambda: feed.log().count("redis: ready") > before and
                      feed.at_the_end_of(log))
    return feed


@test("a log on standard input is read to its end: exit 0, all is written")
def _():
    answer = ctl("feed", stdin=(failure("198.51.100.1") * 12).encode())
    equal(answer.status, 0)
    equal(failures("198.51.100.1"), 12)
    contains(answer.err, "register listed client=198.51.100.1 register=abuse "
                         'why="failed logins" failures=12')
    matches(answer.err, "feed lines=12 .*failures=12 .*written=1")
    contains(str(redis("KEYS", "policyd:index:*")), "policyd:index:abuse")


@test("a last line without its end counts")
def _():
    ctl("feed", stdin=failure("198.51.100.2").strip().encode())
    equal(failures("198.51.100.2"), 1)


@test("a line that is too long is no two lines")
def _():
    text = failure("198.51.100.3", "x" * 200000 + failure("198.51.100.4"))
    ctl("feed", stdin=text.encode())
    equal((failures("198.51.100.3"), failures("198.51.100.4")), (1, 0))


@test("--dry-run writes nothing and tells what it would")
def _():
    before = redis.everything()
    answer = ctl("feed", "--dry-run", stdin=failure("198.51.100.5").encode())
    equal(answer.out, "failure client=198.51.100.5 service=smtp count=1 "
                      "user=bob\n")
    equal(redis.everything(), before)


@test("a dry run needs no Redis")
def _():
    answer = Ctl()("feed", "--dry-run", stdin=failure("198.51.100.5").encode())
    equal((answer.status, answer.out[:7]), (0, "failure"))
    contains(answer.err, "Redis does not answer")


@test("JSON has an object a line, the last one has the counts")
def _():
    answer = ctl("feed", "--json", stdin=failure("198.51.100.6").encode())
    act, counts = [json.loads(line) for line in answer.lines]
    equal(act, {"what": "failure", "client": "198.51.100.6", "service": "smtp",
                "count": 1, "user": "bob", "reason": None, "failures": 1,
                "listed": False, "banned": False, "until": None})
    equal((counts["what"], counts["lines"], counts["login_failed"],
           counts["written"]), ("counts", 1, 1, 1))


@test("old lines, such as the samples, do not count")
def _():
    before = redis.everything()
    files = [os.path.join(SAMPLES, name) for name in os.listdir(SAMPLES)]
    answer = ctl("feed", "--once", *files)
    equal(answer.status, 0)
    matches(answer.err, "failures=0 strikes=0 written=0")
    equal(redis.everything(), before)


@test("who is on the allow list is known before the first line is read")
def _():
    redis("HSET", "policyd:allow:{lists}", "198.51.100.7",
          "since=1 until=0 by=t reason=")
    answer = ctl("feed", stdin=failure("198.51.100.7").encode())
    matches(answer.err, "immune=1")
    equal(failures("198.51.100.7"), 0)


@test("--logins none leaves failed logins to others")
def _():
    ctl("feed", "--logins", "none", stdin=failure("198.51.100.8").encode())
    equal(failures("198.51.100.8"), 0)


@test("wrong words are told")
def _():
    equal(ctl("feed", "--logins", "some").status, 64)
    contains(ctl("feed", "--loggins", "own").err, "did you mean '--logins'?")
    answer = ctl("feed", "--once", "/nonexistent/log")
    equal(answer.status, 66)
    contains(answer.err, "/nonexistent/log: No such file or directory")


@test("without Redis nothing is read, and that is said")
def _():
    feed = Feed(conf=Ctl())
    feed.words.append(os.path.join(place, "nothing.log"))
    feed.start()
    equal(bool(feed.logged("redis: cannot use")), True)
    equal(feed.stop(), 0)


log = os.path.join(place, "mail.log")
write(log, failure("198.51.100.20"))
feed = started(Feed(log))


@test("a file is followed from its end")
def _():
    write(log, failure("198.51.100.21"))
    soon(1, "198.51.100.21")
    equal(failures("198.51.100.20"), 0)


@test("half a line waits for its other half")
def _():
    text = failure("198.51.100.22")
    write(log, text[:90])
    programs.wait_for(lambda: feed.at_the_end_of(log))
    write(log, text[90:])
    soon(1, "198.51.100.22")


@test("a renamed file is read to its end, then the new one")
def _():
    os.rename(log, log + ".1")
    write(log, "")
    write(log + ".1", failure("198.51.100.23"))
    soon(1, "198.51.100.23")
    write(log, failure("198.51.100.23"))
    soon(2, "198.51.100.23")


@test("a file that was cut begins anew")
def _():
    write(log, failure("198.51.100.24") * 3)
    soon(3, "198.51.100.24")
    write(log, failure("198.51.100.24"), "w")
    soon(4, "198.51.100.24")


@test("a file that is gone may come back")
def _():
    os.unlink(log)
    time.sleep(0.4)  # whether it has looked meanwhile or not
    write(log, failure("198.51.100.25"))
    soon(1, "198.51.100.25")


@test("SIGTERM writes what it has and says what that was")
def _():
    write(log, failure("198.51.100.26"))
    soon(1, "198.51.100.26")
    equal(feed.stop(), 0)
    matches(feed.log(), "feed lines=.* lost=0 dropped=0")


@test("what was written while nobody read is read at the next start")
def _():
    write(log, failure("198.51.100.27"))
    os.rename(log, log + ".1")
    write(log, failure("198.51.100.27"))
    started(feed)
    soon(2, "198.51.100.27")
    soon(1, "198.51.100.26")


@test("while Redis hangs the log is the queue")
def _():
    equal(feed.stop(), 0)
    hasty = started(Feed(log, conf=Ctl(
        redis=f'servers = {{ "unix:{redis.socket}" }}',
        more=f'state_directory = "{place}"')))
    redis.signal(signal.SIGSTOP)
    gives_up = bool(hasty.logged("redis: lost .*: no answers"))
    for i in range(30):
        write(log, failure(f"198.51.100.{100 + i}"))
    time.sleep(2)  # time to read what cannot be written
    redis.signal(signal.SIGCONT)
    equal(gives_up, True)
    counts = [1] * 30
    programs.wait_for(lambda: counts == [
        failures(f"198.51.100.{100 + i}") for i in range(30)])
    equal([failures(f"198.51.100.{100 + i}") for i in range(30)], counts)
    equal(hasty.stop(), 0)


@test("a dry run does not remember where it stopped")
def _():
    places = open(os.path.join(place, "feed.places")).read()
    dry = started(Feed("--dry-run", log))
    write(log, failure("198.51.100.28"))
    equal(bool(dry.logged("failure client=198.51.100.28")), True)
    equal(dry.stop(), 0)
    equal(open(os.path.join(place, "feed.places")).read(), places)
    started(feed)
    soon(1, "198.51.100.28")
    equal(feed.stop(), 0)


@test("who is trusted in a table is, as soon as the table says so")
def _():
    table = os.path.join(place, "ours")
    write(table, "192.0.2.1\n")
    other = Ctl(redis, f'trusted = "cidr:{table}"\n'
                f'state_directory = "{programs.directory()}"')
    feed = started(Feed(log, conf=other))
    write(log, failure("198.51.100.29"))
    soon(1, "198.51.100.29")
    write(table, "198.51.100.29\n")
    equal(bool(feed.logged(f"'{table}' has changed")), True)
    write(log, failure("198.51.100.29") + failure("198.51.100.30"))
    soon(1, "198.51.100.30")
    equal(failures("198.51.100.29"), 1)
    write(table, "198.51.100\n")
    equal(bool(feed.logged("those of before stay")), True)
    equal(feed.stop(), 0)


done()
