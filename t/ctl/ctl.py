"""ctl - what the tests of policyctl share

A test is a function behind a sentence, run where it stands; it is true when
it raises nothing.
"""
import json
import os
import re
import socket
import subprocess
import sys
import time
import traceback

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from kit import programs, tap  # noqa: E402

POLICYCTL = os.path.join(programs.BUILD, "policyctl")


def test(sentence):
    def run(function):
        try:
            function()
        except Exception as reason:
            tap.ok(False, sentence, *_where(reason),
                   f"{type(reason).__name__}: {reason}")
        else:
            tap.ok(True, sentence)
    return run


def _where(reason):
    """The lines that led there."""
    return [f"{os.path.basename(f.filename)}:{f.lineno}: {f.line}"
            for f in traceback.extract_tb(reason.__traceback__)[1:]]


def done():
    tap.run(lambda: None)


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"{got!r} is not {wanted!r}")


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def lacks(text, part):
    if part in text:
        raise AssertionError(f"{part!r} is in {text!r}")


def matches(text, pattern):
    if not re.search(pattern, text):
        raise AssertionError(f"{pattern!r} does not match {text!r}")


# Commands that change no key: policyctl's, and those of everything() below.
HARMLESS = {"auth", "client|setname", "config|resetstat", "dbsize", "dump",
            "evalsha_ro", "exists", "expiretime", "get", "hget", "hgetall",
            "hlen", "hmget", "hscan", "info", "keys", "mget", "pexpiretime",
            "ping", "role", "scan", "script|load", "select", "time", "ttl",
            "zcount"}


class Error(str):
    """What Redis answers with a minus."""


_begun = time.monotonic()


def near(got, wanted):
    """Of times: `wanted` goes by the time it is now, `got` by that of some
    moment of this test."""
    earliest = wanted - (time.monotonic() - _begun) - 2
    if not earliest <= int(got) <= wanted + 2:
        raise AssertionError(f"{got} is not {wanted}, nor less by what this "
                             "test has taken")


class Redis(programs.Redis):
    """A running one, to be called with words, which may be bytes."""

    def __init__(self, *options):
        super().__init__(*options)
        self.place = os.path.dirname(self.socket)
        self.start()
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(self.socket)
        self.stream = self.connection.makefile("rb")

    def __call__(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self.connection.sendall(b"".join(parts))
        return self.read()

    def fields(self, key):
        """A hash as a dictionary."""
        flat = self("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2]))

    def now(self):
        return int(self("TIME")[0])

    def read(self):
        line = self.stream.readline().rstrip(b"\r\n").decode()
        kind, rest = line[0], line[1:]
        if kind == "+":
            return rest
        if kind == "-":
            return Error(rest)
        if kind == ":":
            return int(rest)
        if kind == "$":
            return None if rest == "-1" else \
                self.stream.read(int(rest) + 2)[:-2].decode("latin-1")
        return [self.read() for _ in range(int(rest))]

    def everything(self):
        """All keys, their values and when they end."""
        return {key: (self("DUMP", key), self("PEXPIRETIME", key))
                for key in sorted(self("KEYS", "*"))}

    def calls(self):
        """How often each command ran."""
        return {name: int(calls) for name, calls in re.findall(
            r"cmdstat_(\S+?):calls=(\d+)", self("INFO", "commandstats"))}


class Answer:
    def __init__(self, ended):
        self.status = ended.returncode
        self.out = ended.stdout.decode()
        self.err = ended.stderr.decode()
        self.lines = self.out.splitlines()

    @property
    def json(self):
        return json.loads(self.out)


class Ctl:
    """policyctl with a configuration of its own; `store` is a Redis it is
    patient with, None one that is not there; `redis` what stands in that
    section instead."""

    def __init__(self, store=None, more="", listen=None, redis=None):
        self.place = programs.directory()
        self.listen = listen or f"unix:{self.place}/policy"
        self.conf = os.path.join(self.place, "policyd.conf")
        path = store.socket if store else f"{self.place}/none.sock"
        if redis is None:
            redis = f'servers = {{ "unix:{path}" }}'
            if store:
                redis += " deadline = 20s connect_timeout = 20s"
        if "dns {" not in more:  # nobody listens there
            more += f'\ndns {{ servers = "127.0.0.1:{programs.free_port()}" }}'
        with open(self.conf, "w") as file:
            file.write(f'listen = {{ "{self.listen}" }} deadline = 30s\n'
                       f'redis {{\n{redis}\n}}\n{more}\n')

    def __call__(self, *arguments, stdin=b""):
        return Answer(subprocess.run(
            [POLICYCTL, "-c", self.conf, *arguments], input=stdin,
            capture_output=True, timeout=300,
            env={**os.environ, "TZ": "UTC"}))
