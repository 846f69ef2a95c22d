#!/usr/bin/env python3
"""Files of lookup tables are read anew when they have changed, by a policyd
that goes on serving; what is wrong with them leaves the old ones in force."""
import os
import re
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

STAY = "those of before stay"
LOOKS = 2.2  # seconds, for two of them
ZONE = "example.org MX 10 mail.example.org\n"


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


class Town:
    """A policyd that puts off all but those in a table."""

    def __init__(self):
        self.place = programs.directory()
        self.strangers = 0
        self.redis = programs.Redis().start()
        self.policyd = programs.Policyd(self.redis)
        self.names = programs.NameServer(ZONE)

    def table(self, name, text):
        path = os.path.join(self.place, name)
        write(path, text)
        return path

    def configure(self, path):
        self.policyd.configure(
            greylist=f'allow_clients = {{ "cidr:{path}" }}',
            other=self.names.section + "\nsender_domain { mode = enforce }")

    def passes(self, address):
        """Each time with another sender."""
        self.strangers += 1
        action = self.policyd.ask(client_address=address,
                                  sender=f"{self.strangers}@example.org")
        return action == "DUNNO"

    def soon(self, address):
        return programs.wait_for(lambda: self.passes(address))

    def logged(self, text, count):
        return programs.wait_for(
            lambda: self.policyd.log_count(text) == count)

    def metric(self, name):
        return int(re.search(rf"^{name} (\d+)$",
                             self.policyd.http("/metrics")[1], re.M)[1])


def a_change_is_seen(t, table):
    ok(t.passes("198.51.100.1") and not t.passes("192.0.2.1"),
       "at the start the table is as its file")
    start = t.metric("policyd_tables_read_time_seconds")
    ok(start > 1600000000 and t.metric("policyd_tables_broken") == 0,
       "metrics tell when it was read")
    client = t.policyd.client()
    write(table, "192.0.2.1 friend\n")
    ok(t.soon("192.0.2.1"), "a change is seen")
    ok(not t.passes("198.51.100.1"),
       "also by who is not listed any more")
    ok(t.logged(f"info: '{table}' has changed, the tables are read anew", 1),
       "it is logged once, with the file's name")
    ok(t.metric("policyd_tables_read_time_seconds") > start,
       "and metrics tell the time")
    ok(re.search(r"^tables\n\d{10}$", t.redis.cli(
        "hgetall", t.redis.cli("keys", "policyd:node:*")), re.M),
       "so does the record in Redis")
    same(client.ask(client_address="192.0.2.9", sender="x@example.org")[:3],
         "451", "connections of Postfix stay")


def the_dns_is_where_it_was(t):
    action = t.policyd.ask(client_address="192.0.2.1",
                           sender="x@none.example")
    same(action[:3], "501", "what is asked of the DNS is asked there as ever")


def a_broken_one_changes_nothing(t, table):
    write(table, "192.0.2.1 friend\n\n192.0.2.300 friend\n")
    ok(t.policyd.logged(
        rf"error: {table}:3: '192.0.2.300' is not a network"),
       "of a table that is wrong the log tells file and line")
    ok(t.logged(STAY, 1), "and that the old one stays")
    ok(t.passes("192.0.2.1") and not t.passes("192.0.2.2"), "which is so")
    same(t.metric("policyd_tables_broken"), 1, "metrics tell it too")
    time.sleep(LOOKS)
    same(t.policyd.log_count(STAY), 1, "it is told once")
    os.unlink(table)
    ok(t.policyd.logged(rf"'{table}' cannot be read: No such file") and
       t.logged(STAY, 2), "a table that is gone is a wrong one")
    ok(t.passes("192.0.2.1"), "and the old one stays")
    write(table + ".new", "192.0.2.2 friend\n")
    os.rename(table + ".new", table)
    ok(t.soon("192.0.2.2"), "a file that is moved to its place is a change")
    same(t.metric("policyd_tables_broken"), 0, "and all is well again")


def only_tables_are_read(t, table):
    write(t.policyd.conf, "greylist { mode = \n")
    write(table, "192.0.2.3 friend\n")
    ok(t.soon("192.0.2.3"),
       "a policyd.conf that somebody is editing is not looked at")
    other = t.table("others", "192.0.2.4\n")
    t.configure(other)
    t.policyd.reload()
    ok(t.passes("192.0.2.4") and not t.passes("192.0.2.3"),
       "a reload names another file")
    write(other, "192.0.2.5\n")
    ok(t.soon("192.0.2.5"), "which is looked at from then on")
    reads = t.policyd.log_count("read anew")
    write(table, "192.0.2.6\n")
    time.sleep(LOOKS)
    same(t.policyd.log_count("read anew"), reads,
         "and the one before is not any more")


def script():
    t = Town()
    table = t.table("friends", "198.51.100.1 friend\n")
    t.configure(table)
    t.policyd.start()
    t.policyd.ready()
    a_change_is_seen(t, table)
    the_dns_is_where_it_was(t)
    a_broken_one_changes_nothing(t, table)
    only_tables_are_read(t, table)
    same(t.policyd.stop(), 0, "it stops as ever")


tap.run(script)
