"""policy - the Postfix end of the policy protocol

request() makes the bytes of a request, Client is one connection, and crowd()
asks on many of them at once and keeps the time of each answer.
"""
import contextlib
import selectors
import socket
import time

PATIENCE = 180  # seconds, until nothing more is expected

# A stranger's first recipient, as Postfix asks about it.
STRANGER = {
    "request": "smtpd_access_policy",
    "protocol_state": "RCPT",
    "protocol_name": "ESMTP",
    "client_address": "192.0.2.7",
    "client_name": "unknown",
    "reverse_client_name": "unknown",
    "helo_name": "mx.example.net",
    "sender": "carol@example.net",
    "recipient": "alice@example.com",
}

# How a greylisted stranger is told, to the end of the line.
GREYLISTED = ("451 4.7.1 This server employs greylisting as a means of "
              "reducing spam. Please resend e-mail shortly")


def request(**attributes):
    whole = dict(STRANGER, **attributes)
    return "".join(f"{k}={v}\n" for k, v in whole.items()).encode(
        "utf-8", "surrogateescape") + b"\n"


def action(answer):
    """The action of an answer that is well formed, else None."""
    if not (answer.startswith(b"action=") and answer.endswith(b"\n\n")):
        return None
    text = answer[len(b"action="):-2]
    return text.decode("ascii") if text.isascii() and b"\n" not in text \
        else None


def connect(address):
    """`address` is a path or (host, port). A socket with a timeout would not
    wait where too many wait already."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    s = socket.socket(family, socket.SOCK_STREAM)
    s.connect(address)
    s.settimeout(PATIENCE)
    return s


class Client:
    def __init__(self, address):
        self.socket = connect(address)
        self.got = b""  # behind the last answer

    def ask(self, **attributes):
        return self.exchange(request(**attributes))

    def exchange(self, request_bytes):
        """The answer; None also when we were refused before we asked."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send(request_bytes)
        return self.answer()

    def send(self, some):
        self.socket.sendall(some)

    def answer(self):
        """The next action; None when the connection ends without one."""
        while b"\n\n" not in self.got:
            try:
                some = self.socket.recv(4096)
            except ConnectionResetError:
                some = b""
            if not some:
                return None
            self.got += some
        answer, self.got = self.got.split(b"\n\n", 1)
        return action(answer + b"\n\n")

    def silent(self, seconds):
        """Nothing comes, and the connection stays, for so long."""
        self.socket.settimeout(seconds)
        try:
            self.got += self.socket.recv(4096)
        except socket.timeout:
            return not self.got
        except OSError:
            pass
        finally:
            self.socket.settimeout(PATIENCE)
        return False

    def close(self):
        self.socket.close()


class Answer:
    """What one of a crowd was told: `action` is None when nothing came."""

    def __init__(self, action, seconds):
        self.action, self.seconds = action, seconds


def crowd(sockets, requests, meanwhile=lambda: None,
          timeout=PATIENCE):
    """Sends requests[i] on sockets[i], calls meanwhile(), takes an answer
    from each; those that have none after `timeout` seconds have none."""
    waiting = selectors.DefaultSelector()
    got = [b""] * len(sockets)
    answers = [None] * len(sockets)
    start = time.monotonic()
    for i, (s, r) in enumerate(zip(sockets, requests)):
        try:
            s.sendall(r)
        except OSError:
            continue  # closed before
        waiting.register(s, selectors.EVENT_READ, i)
    meanwhile()
    while waiting.get_map() and time.monotonic() - start < timeout:
        for key, _ in waiting.select(0.1):
            i = key.data
            try:
                some = key.fileobj.recv(4096)
            except ConnectionResetError:
                some = b""
            got[i] += some
            if not some or got[i].endswith(b"\n\n"):
                answers[i] = Answer(action(got[i]), time.monotonic() - start)
                waiting.unregister(key.fileobj)
    waiting.close()
    return [a or Answer(None, timeout) for a in answers]
