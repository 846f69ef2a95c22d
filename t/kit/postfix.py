"""postfix - a throw-away Postfix, and SMTP dialogues with it

One client plays many by XCLIENT. A reply compares by its code, enhanced code
and the end of its line: in front of a policy's text Postfix puts whom it
rejects ("<alice@example.com>: Recipient address rejected: ...").
"""
import base64
import os
import re
import shutil
import socket
import subprocess

from kit import programs, tap

SANDBOX = os.path.join(programs.TOP, "t/postfix/sandbox.sh")
SUDO = [] if os.geteuid() == 0 else ["sudo", "-n"]


def can_start():
    """Only root can start a Postfix: we are, or may become it unasked."""
    return not SUDO or shutil.which("sudo") and subprocess.run(
        [*SUDO, "true"], stderr=subprocess.DEVNULL).returncode == 0


class Postfix:
    def __init__(self, policy, *options):
        """`options` as sandbox.sh has them, main.cf settings last. Comes
        before the first assertion of a script."""
        if not can_start():
            tap.skip_all("Postfix can only be started by root")
        self.directory = programs.directory()
        tap.later(subprocess.run, [*SUDO, SANDBOX, "clean", self.directory])
        out = subprocess.run(
            [*SUDO, SANDBOX, "start", self.directory, policy, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True,
            text=True).stdout
        self.ports = {name: int(port) for name, port in
                      (line.split("=") for line in out.split())}

    def log(self):
        with open(os.path.join(self.directory, "maillog"),
                  errors="surrogateescape") as f:
            return f.read()

    def warnings(self):
        """Its trouble with policyd, which it calls a server. Its own services
        may end while one is asked, as after hang_up(); and that the clock of
        a virtual machine was set is none (two lines of cleanup(8))."""
        return [line for line in self.log().splitlines()
                if "warning" in line and
                not re.search("problem talking to service|file system clock|"
                              "file time stamps", line)]

    def hang_up(self):
        """Its idle servers end, and with each its connection to policyd."""
        with open(os.path.join(self.directory, "queue/pid/master.pid")) as f:
            # A shell has kill; the program is in a package of its own.
            subprocess.run([*SUDO, "sh", "-c", 'kill -HUP "$0"',
                            f.read().strip()], check=True)

    def delivers(self, seconds=120):
        """All that it has taken, also what waits to be tried again, or was
        forgotten when servers ended."""
        postqueue = [*SUDO, "postqueue", "-c",
                     os.path.join(self.directory, "etc")]

        def empty():
            return not subprocess.run([*postqueue, "-j"], check=True,
                                      stdout=subprocess.PIPE).stdout
        for _ in range(0, seconds, 2):
            if programs.wait_for(empty, 2):
                return True
            subprocess.run([*postqueue, "-f"], check=True)
        return empty()

    def delivered(self, text):
        """What the next hop was given comes to contain the text."""
        path = os.path.join(self.directory, "sink", "mail")

        def there():
            with open(path, "rb") as f:
                return text.encode() in f.read()
        return programs.wait_for(
            lambda: os.path.exists(path) and there())

    def recipients_of(self, text):
        """To whom the next hop was given what holds the text, sorted."""
        with open(os.path.join(self.directory, "sink", "mail"),
                  errors="surrogateescape") as f:
            mails = f.read().split("X-Client-Addr:")
        return sorted(
            r for mail in mails if text in mail
            for r in re.findall(r"^X-Rcpt-Args: <([^>]*)>", mail, re.M))

    def session(self, address=None, name="[UNAVAILABLE]", reverse=None,
                login=None, port="smtp", helo="mx.example.net"):
        """A client that has said EHLO; `address` None is loopback itself,
        `name` is verified, `reverse` only what the address claims."""
        s = Smtp("127.0.0.1", self.ports[port])
        s.say(f"EHLO {helo}")
        if address:
            kind = "IPV6:" if ":" in address else ""
            s.say(f"XCLIENT ADDR={kind}{address} NAME={name} "
                  f"REVERSE_NAME={reverse or name}" +
                  (f" LOGIN={login}" if login else ""))
            s.say(f"EHLO {helo}")
        return s

    def send(self, sender, recipients, body="Subject: x\r\n\r\nx", **session):
        """A whole session; the replies to RCPT, and to the message's end,
        or to DATA when that was refused."""
        s = self.session(**session)
        s.say(f"MAIL FROM:<{sender}>")
        replies = [s.say(f"RCPT TO:<{r}>") for r in recipients]
        last = s.message(body)
        s.quit()
        return replies + [last]


class Reply:
    def __init__(self, lines):
        self.lines = lines
        self.text = lines[-1]
        self.code = self.text[:3]

    def is_(self, wanted):
        """`wanted` is "451 4.7.1 the end of the text"."""
        code, enhanced, *text = wanted.split(" ", 2)
        return self.text.startswith(f"{code} {enhanced}") and \
            self.text.endswith("".join(text))

    def __repr__(self):
        return repr(self.lines)


class Smtp:
    def __init__(self, host, port):
        self.show = lambda who, line: None  # told each, and who said it
        self.socket = socket.create_connection((host, port),
                                               programs.PATIENCE)
        self.file = self.socket.makefile("rb")
        self.greeting = self.reply()

    def reply(self):
        lines = []
        while True:
            line = self.file.readline().decode("utf-8", "surrogateescape")
            if not line:
                raise EOFError(f"the server closed the session after {lines}")
            lines.append(line.rstrip("\r\n"))
            self.show("postfix", lines[-1])
            if line[3:4] != "-":
                return Reply(lines)

    def say(self, line):
        self.show("client", line)
        raw = line.encode("utf-8", "surrogateescape")
        self.socket.sendall(raw + b"\r\n")
        return self.reply()

    def login(self, user, password="secret"):
        word = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self.say(f"AUTH PLAIN {word}")

    def mail(self, sender, recipient, options=""):
        """MAIL and RCPT; the reply to RCPT."""
        self.say(f"MAIL FROM:<{sender}>{options}")
        return self.say(f"RCPT TO:<{recipient}>")

    def message(self, body="Subject: x\r\n\r\nx"):
        reply = self.say("DATA")
        return self.say(body + "\r\n.") if reply.code == "354" else reply

    def reset(self):
        return self.say("RSET")

    def quit(self):
        self.say("QUIT")
        self.close()

    def close(self):
        """At once: what has been made of a socket keeps it open."""
        self.file.close()
        self.socket.close()


def told(reply, wanted, sentence):
    return tap.ok(reply.is_(wanted), sentence, f"got    {reply}",
                  f"wanted {wanted}")
