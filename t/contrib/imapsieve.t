#!/usr/bin/python3
"""Who moves a message to Junk reports it: contrib/dovecot at a real Dovecot.

Installed and configured as its README says, but for the directories. Dovecot
runs as nobody, or as whoever runs the test.
"""
import imaplib
import os
import re
import shutil
import subprocess
import sys

sys.path.append(sys.path[0] + "/..")
from kit import programs, tap  # noqa: E402
from kit.tap import ok, same  # noqa: E402

CONTRIB = os.path.join(programs.TOP, "contrib/dovecot")
NOBODY = 65534
UID, GID = (os.getuid(), os.getgid()) if os.getuid() else (NOBODY, NOBODY)
CLIENT = "192.0.2.7"
MESSAGE = """Received: from mx.example.net (mx.example.net [{}])
\tby {} (Postfix) with ESMTP id 4XyZ; Sat, 21 Nov 2026 16:00:00 +0000
Subject: {}
From: carol@example.net

text
"""
ALONE = """
{dialect}
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
protocols = imap
listen = 127.0.0.1
ssl = no
stats_writer_socket_path =
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
# What each writes in its own way; 2.4 wants its versions on top. The word tells
# which of the README's configurations is meant.
DIALECT_23 = "mail_plugins = ", """
disable_plaintext_auth = no
mail_location = maildir:~/mail
passdb {{
  driver = passwd-file
  args = {place}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home/%u
}}
"""
DIALECT_24 = "imap_sieve = yes", """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/mail
passdb passwd-file {{
  passwd_file_path = {place}/users
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {place}/home/%{{user}}
  }}
}}
"""


def dialect():
    version = subprocess.run(["dovecot", "--version"], capture_output=True,
                             text=True).stdout
    return DIALECT_23 if re.match(r"2\.[0-3]\.", version) else DIALECT_24


def readme(configuration):
    """What it installs, its lines for dovecot.conf, and what compiles."""
    with open(os.path.join(CONTRIB, "README")) as f:
        text = f.read().split("Spam reports\n", 1)[1]
    blocks = re.findall(r"(?:^    .*\n)+", text, re.M)
    return [next(b for b in blocks if word in b)
            for word in ("install -m", configuration, "sievec")]


class Dovecot(programs.Program):
    def __init__(self, policyd):
        self.place = programs.directory()
        self.port = programs.free_port()
        self.conf = os.path.join(self.place, "dovecot.conf")
        self.install(policyd)
        words = ["dovecot", "-F", "-c", self.conf]
        if os.getuid() == 0:
            words = ["setpriv", f"--reuid={UID}", f"--regid={GID}",
                     "--clear-groups", "--pdeathsig=KILL", *words]
        super().__init__(words, os.path.join(self.place, "start.log"))

    def write(self, name, text):
        with open(os.path.join(self.place, name), "w") as f:
            f.write(text)

    def here(self, text):
        """With directories of our own for those of the system."""
        return text.replace("/usr/local/lib/dovecot", f"{self.place}/lib") \
                   .replace("/etc/policyd", self.place)

    def install(self, policyd):
        word, words_of_its_own = dialect()
        install, conf, compile_it = readme(word)
        for name in "lib/sieve-pipe", "lib/sieve", "home":
            os.makedirs(os.path.join(self.place, name))
        user = subprocess.run(["id", "-nu", str(UID)], capture_output=True,
                              text=True).stdout.strip()
        group = subprocess.run(["getent", "group", str(GID)], text=True,
                               capture_output=True).stdout.split(":")[0]
        place = {"place": self.place, "uid": UID, "gid": GID}
        self.write("dovecot.conf", ALONE.format(
            dialect=words_of_its_own.format(**place), port=self.port,
            user=user, group=group, **place) + self.here(conf))
        self.write("users", "".join(
            f"{who}:{{PLAIN}}secret::::::\n"
            for who in ("alice@example.com", "bob@example.org")))
        self.write("report-spam.conf",
                   'hosts="mx.example.com"\ntoken=sesame\n'
                   f"url=http://127.0.0.1:{policyd.http_port}/spam-report\n")
        for words in install, compile_it.replace("sievec", "sievec -c " +
                                                 self.conf):
            subprocess.run(self.here(words), shell=True, check=True,
                           cwd=CONTRIB)
        with open(os.path.join(CONTRIB, "report-spam")) as f:
            self.write("lib/sieve-pipe/report-spam", self.here(f.read()))
        subprocess.run(["chown", "-R", f"{UID}:{GID}", self.place],
                       check=True)

    def log(self):
        """Its own, and what it said before it had one."""
        text = super().log()
        path = os.path.join(self.place, "dovecot.log")
        if os.path.exists(path):
            with open(path, errors="surrogateescape") as f:
                text += f.read()
        return text

    def login(self, user):
        def connect():
            try:
                return imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
            except OSError:
                return None
        imap = programs.wait_for(connect)
        imap.login(user, "secret")
        for folder in "Junk", "Archive":
            imap.create(folder)
        return imap


def put(imap, subject, folder="INBOX", client=CLIENT, by="mx.example.com"):
    message = MESSAGE.format(client, by, subject).replace("\n", "\r\n")
    return imap.append(folder, None, None, message.encode())[0]


def move(imap, subject, to, at="INBOX"):
    imap.select(at)
    found = imap.search(None, "SUBJECT", subject)[1][0].split()
    return imap._simple_command("MOVE", found[-1].decode(), to)[0]



def count(imap, folder):
    return int(imap.select(folder)[1][0])


def reporters(policyd, client=CLIENT):
    return sorted(k for k in policyd.cli(
        "hkeys", f"policyd:spam:{{{client}}}").split() if "@" in k)


def reports(policyd, alice, bob):
    put(alice, "first")
    same(move(alice, "first", "Junk"), "OK", "a message is moved to Junk")
    programs.wait_for(lambda: reporters(policyd))
    same(reporters(policyd), ["alice@example.com"],
         "its client then has one reporter: who moved it")
    same((count(alice, "INBOX"), count(alice, "Junk")), (0, 1),
         "and the message is there")
    move(alice, "first", "INBOX", "Junk")
    move(alice, "first", "Junk")
    same(reporters(policyd), ["alice@example.com"],
         "who moves it back and there again counts once")
    put(bob, "second")
    move(bob, "second", "Junk")
    programs.wait_for(lambda: len(reporters(policyd)) > 1)
    same(reporters(policyd), ["alice@example.com", "bob@example.org"],
         "another user is another reporter")
    put(bob, "third", "Junk", "192.0.2.11")
    programs.wait_for(lambda: reporters(policyd, "192.0.2.11"))
    same(reporters(policyd, "192.0.2.11"), ["bob@example.org"],
         "a program that puts a copy into Junk reports as well")


def no_reports(policyd, imap):
    """Dovecot answers when the script has run: what is known after a report
    was known before it."""
    put(imap, "saved", client="192.0.2.8")
    same(move(imap, "saved", "Archive"), "OK", "a message is archived")
    put(imap, "foreign", client="192.0.2.9", by="mx.example.org")
    same(move(imap, "foreign", "Junk"), "OK",
         "one that no host of ours has taken is moved to Junk")
    put(imap, "last", "Junk", "192.0.2.10")
    programs.wait_for(lambda: reporters(policyd, "192.0.2.10"))
    same([reporters(policyd, f"192.0.2.{n}") for n in (8, 9, 10)],
         [[], [], ["alice@example.com"]], "and neither is reported")


def script():
    if not shutil.which("dovecot") or not shutil.which("sievec"):
        tap.skip_all("there is no Dovecot with Sieve")
    policyd = programs.Policyd().start()
    policyd.ready()
    dovecot = Dovecot(policyd).start()
    alice = dovecot.login("alice@example.com")
    bob = dovecot.login("bob@example.org")
    reports(policyd, alice, bob)
    ok(not re.search("Error|Warning|Fatal|Panic", dovecot.log()),
       "Dovecot has nothing to complain about", dovecot.log())
    no_reports(policyd, alice)
    policyd.stop()
    put(alice, "late")
    same((move(alice, "late", "Junk"), count(alice, "INBOX")), ("OK", 0),
         "when policyd does not run, the message is moved all the same")
    ok(dovecot.logged("policyd did not take the report about 192.0.2.7"),
       "and the log tells", dovecot.log())
    same(dovecot.stop(), 0, "Dovecot ends well")


tap.run(script)
