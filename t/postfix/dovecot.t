#!/usr/bin/python3
"""Failed logins, told by a real Dovecot, at a real Postfix."""
import os
import shutil
import subprocess
import sys
import time

sys.path.append(sys.path[0] + "/..")
from kit import dovecot, programs, tap  # noqa: E402
from kit.postfix import Postfix  # noqa: E402
from kit.tap import diag, ok, same  # noqa: E402

FAILED = "535 5.7.8 Error: authentication failed: "
BANNED = FAILED + "not accepting connections from your address"
LISTED = FAILED + "temporarily refused because of policy violation"
LOCKED = (FAILED + "Access to this user account has been denied by the mail "
          "administrator")
DISABLED = (FAILED + "User account has been disabled by the mail "
            "administrator")
CONF = """
ban {{ mode = {ban} }}
abuse {{ failures = 10 }}
account {{ lockout = {lockout} }}
"""


def login(postfix, address, user="alice@example.com", password="secret"):
    s = postfix.session(address)
    reply = s.login(user, password)
    s.quit()
    return reply


def told(reply, wanted, sentence):
    return ok(reply.text == wanted or
              reply.text.startswith(wanted) and wanted.endswith(" "),
              sentence, f"got    {reply}", f"wanted {wanted}")


def failures(policyd, address):
    """Those of the register, when the last report has arrived."""
    return int(policyd.cli("hget", f"policyd:abuse:{{{address}}}",
                           "failures") or 0)


def come_to(policyd, address, count):
    programs.wait_for(lambda: failures(policyd, address) >= count)
    return failures(policyd, address)


def wrong_passwords(postfix, policyd):
    address = "203.0.113.5"
    for n in range(10):
        told(login(postfix, address, password=f"guess-{n}"), FAILED,
             f"wrong password number {n + 1} is one")
    same(come_to(policyd, address, 10), 10, "ten failures are counted")
    told(login(postfix, address), "235 2.7.0 Authentication successful",
         "after ten its client may still log in")
    login(postfix, address, password="guess-10")
    ok(policyd.logged(rf"register listed client={address}"),
       "the eleventh lists it")
    told(login(postfix, address), LISTED,
         "then the right password is refused too, with our words")
    told(login(postfix, "203.0.113.6"), "235 2.7.0 Authentication successful",
         "its neighbour is not")
    for n in range(5):
        login(postfix, address, password=f"more-{n}")
    time.sleep(0.3)  # of reports that must not come there is no sign
    same(failures(policyd, address), 11,
         "what was refused by policyd does not count again")


def same_password(postfix, policyd):
    address = "203.0.113.7"
    for _ in range(15):
        login(postfix, address, password="of last year")
    same(come_to(policyd, address, 1), 1,
         "the same wrong password fifteen times counts once")
    for user in "carol@example.com", "dave@example.com":
        login(postfix, address, user, "of last year")
    same(come_to(policyd, address, 3), 3,
         "for another mailbox it is another one")
    told(login(postfix, address), "235 2.7.0 Authentication successful",
         "and the client is let in")


def other_services(postfix, policyd):
    """As Dovecot's own servers ask."""
    conf = os.path.join(postfix.directory, "dovecot", "dovecot.conf")

    def try_login(service, password):
        return subprocess.run(
            ["doveadm", "-c", conf, "auth", "test", "-a", os.path.join(
                postfix.directory, "dovecot", "auth"), "-x",
             f"service={service}", "-x", "rip=203.0.113.20",
             "alice@example.com", password], capture_output=True,
            text=True).returncode == 0

    policyd.configure(other=CONF.format(ban="off", lockout=0).replace(
        "failures = 10", "failures = 10 services = apart")).reload()
    for n in range(11):
        try_login("imap", f"guess-{n}")
    ok(policyd.logged("register listed client=203.0.113.20"),
       "eleven failures at IMAP list their client")
    ok(not try_login("imap", "secret"), "which may not log in there")
    ok(try_login("pop3", "secret"), "but at POP3, when they are judged apart")
    told(login(postfix, "203.0.113.20"), "235 2.7.0 Authentication successful",
         "and at SMTP")


def bans(postfix, policyd):
    policyd.configure(other=CONF.format(ban="enforce", lockout=0)).reload()
    policyd.cli("hset", "policyd:ban:{203.0.113.9}", "until", "permanent",
                "reason", "test")
    policyd.cli("set", "policyd:client:{203.0.113.9}", 1)
    told(login(postfix, "203.0.113.9"), BANNED,
         "a banned client is refused at AUTH")
    told(login(postfix, "203.0.113.9", password="wrong"), BANNED,
         "and does not learn whether the password was right")


def accounts(postfix, policyd):
    policyd.configure(other=CONF.format(ban="enforce", lockout=5)).reload()
    told(login(postfix, "192.0.2.1", "bob@example.org"),
         "235 2.7.0 Authentication successful", "bob logs in at home")
    ok(programs.wait_for(lambda: "192.0.2.0/24=" in policyd.cli(
        "hget", "policyd:account:{bob@example.org}", "networks")),
       "which is remembered as his network")
    for n in range(5):
        login(postfix, f"198.51.100.{n}", "bob@example.org", f"guess-{n}")
    ok(policyd.logged("account locked=yes user=bob@example.org"),
       "five wrong passwords from five clients lock his mailbox")
    told(login(postfix, "198.51.100.99", "bob@example.org"), LOCKED,
         "it is locked for those elsewhere")
    told(login(postfix, "192.0.2.200", "bob@example.org"),
         "235 2.7.0 Authentication successful", "and not for him")
    policyd.cli("hset", "policyd:account:{alice@example.com}", "disabled",
                "left")
    told(login(postfix, "192.0.2.1"), DISABLED,
         "a disabled mailbox is refused from everywhere")
    policyd.cli("del", "policyd:account:{alice@example.com}")


def seconds(postfix, count=20):
    """The time of a good login, on a machine that did nothing else."""
    times = []
    for n in range(count):
        s = postfix.session(f"192.0.2.{n + 1}")
        began = time.monotonic()
        s.login("alice@example.com")
        times.append(time.monotonic() - began)
        s.quit()
    return min(times)


def speed(postfix, policyd):
    with_it = seconds(postfix)
    policyd.stop()
    told(login(postfix, "192.0.2.1"), "235 2.7.0 Authentication successful",
         "when policyd is stopped, logins go on")
    told(login(postfix, "203.0.113.9"), "235 2.7.0 Authentication successful",
         "also of a banned client: nobody knows")
    without = seconds(postfix, 1)  # Dovecot tries again, later each time
    diag(f"a good login takes {with_it * 1e3:.1f} ms, "
         f"{without * 1e3:.1f} ms when policyd is stopped")
    ok(with_it < without + 0.5, "a good login is not slowed down",
       f"{with_it} s instead of {without} s")
    policyd.start()
    ok(policyd.ready(), "policyd is started again")
    ok(programs.wait_for(
        lambda: login(postfix, "203.0.113.9").text == BANNED),
       "and Dovecot asks it again")


def script():
    if not shutil.which("dovecot"):
        tap.skip_all("there is no Dovecot")
    policyd = programs.Policyd().configure(
        other=CONF.format(ban="off", lockout=0)).start()
    policyd.ready()
    postfix = Postfix(f"inet:127.0.0.1:{policyd.port}", "--dovecot",
                      dovecot.shipped(policyd), "smtpd_hard_error_limit=100")
    wrong_passwords(postfix, policyd)
    same_password(postfix, policyd)
    other_services(postfix, policyd)
    bans(postfix, policyd)
    accounts(postfix, policyd)
    speed(postfix, policyd)
    same(policyd.stop(), 0, "policyd ends well")


tap.run(script)
