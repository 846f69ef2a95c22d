"""ctl - what the tests of policyctl share: a real Redis, a TAP writer."""

import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
POLICYCTL = os.path.join(BUILD, "policyctl")
POLICYD = os.path.join(BUILD, "policyd")


# -- TAP --

class Tap:
    """Each test is a sentence and a function that raises when it is false."""

    def __init__(self):
        self.count = self.failed = 0

    def test(self, sentence):
        def run(function):
            self.count += 1
            try:
                function()
                print(f"ok {self.count} - {sentence}", flush=True)
            except Exception as reason:
                self.failed += 1
                print(f"not ok {self.count} - {sentence}", flush=True)
                for line in f"{type(reason).__name__}: {reason}".splitlines():
                    print(f"# {line}", flush=True)
            return function
        return run

    def done(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f"{got!r} is not {wanted!r}")


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def matches(text, pattern):
    if not re.search(pattern, text):
        raise AssertionError(f"{pattern!r} does not match {text!r}")


def lacks(text, part):
    if part in text:
        raise AssertionError(f"{part!r} is in {text!r}")


# -- processes --

def directory():
    path = tempfile.mkdtemp(prefix="policyctl-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def start(arguments, **more):
    process = subprocess.Popen(arguments, **more)
    atexit.register(stop, process)
    return process


def stop(process, number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(number)
        process.wait(10)


def until(condition, seconds=10):
    """Waits for what another process is about to do."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.01)


# -- Redis --

# Commands that change no key: policyctl's, and those of everything() below.
HARMLESS = {"auth", "client|setname", "config|resetstat", "dump", "evalsha_ro",
            "get", "hgetall", "info", "keys", "mget", "pexpiretime", "ping",
            "role", "scan", "script|load", "select", "time", "dbsize"}


class Error(str):
    """What Redis answers with a minus."""


class Redis:
    """A private redis-server on a unix socket, and a connection to it."""

    def __init__(self, *options):
        self.directory = directory()
        self.path = os.path.join(self.directory, "redis.sock")
        self.process = start(
            ["redis-server", "--port", "0", "--unixsocket", self.path,
             "--dir", self.directory, "--save", "", "--appendonly", "no",
             *options], stdout=subprocess.DEVNULL)
        until(self.connects)

    def connects(self):
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.connect(self.path)
        except OSError:
            return False
        self.stream = self.socket.makefile("rb")
        return True

    def __call__(self, *words):
        self.send(*words)
        return self.read()

    def send(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(word), word))
        self.socket.sendall(b"".join(parts))

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
        lines = self("INFO", "commandstats").split("\r\n")
        return {line.split(":")[0][len("cmdstat_"):]:
                int(line.split("calls=")[1].split(",")[0])
                for line in lines if line.startswith("cmdstat_")}


# -- policyctl --

class Answer:
    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()
        self.lines = self.out.splitlines()

    @property
    def json(self):
        return json.loads(self.out)


class Ctl:
    """policyctl with a configuration of its own."""

    def __init__(self, redis=None, more=""):
        self.directory = directory()
        self.listen = f"unix:{self.directory}/policy"
        server = redis.path if redis else f"{self.directory}/none.sock"
        self.conf = os.path.join(self.directory, "policyd.conf")
        with open(self.conf, "w") as file:
            file.write(f'listen = {{ "{self.listen}" }}\n'
                       f'state_directory = "{self.directory}/state"\n'
                       f'redis {{ servers = {{ "unix:{server}" }} }}\n'
                       f'{more}\n')

    def __call__(self, *arguments, stdin=b"", environment=None):
        return Answer(subprocess.run(
            [POLICYCTL, "-c", self.conf, *arguments], input=stdin,
            capture_output=True, timeout=30,
            env={**os.environ, "TZ": "UTC", **(environment or {})}))
