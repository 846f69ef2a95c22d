"""programs - policyd and redis-server, each in a directory of its own

All end with the test, whatever becomes of it. Nothing listens on a port
that was not free, and what is named NAME writes to NAME.log.

Nobody promises a test that it will be run: on a busy machine seconds may pass
between two of its lines, and between two of the programs' as well. So whoever
waits for what is to come waits for long, Redis may take its time, and what is
judged by the clock has a limit that only somebody who does something else can
miss.
"""
import ctypes
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from kit import policy, tap

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
SANITIZED = "-san" in BUILD  # memory is not what it is elsewhere, then
PR_SET_PDEATHSIG = 1

PATIENCE = 180  # seconds, of whoever waits for what is to come
# For what is noticed in half a second: all lists are read each 30 s anyway.
SOON = 10
# How a policyd waits for its Redis, unless a test is about that.
PATIENT = {"deadline": "30s", "redis_deadline": "20s",
           "connect_timeout": "20s"}
AS_SHIPPED = {"deadline": "5s", "redis_deadline": "500ms",
              "connect_timeout": "1s"}
_libc = ctypes.CDLL(None)


def wait_for(true, seconds=PATIENCE):
    """The first true value of true(), or the last false one."""
    end = time.monotonic() + seconds
    while not (value := true()) and time.monotonic() < end:
        time.sleep(0.01)
    return value


def seconds_until(true, limit):
    """How long it took to become true; None when it did not."""
    start = time.monotonic()
    return time.monotonic() - start if wait_for(true, limit) else None


def directory():
    path = tempfile.mkdtemp(prefix="policyd-test.")
    os.chmod(path, 0o755)  # Postfix must get through to sockets
    tap.later(shutil.rmtree, path, True)
    return path


def free_port():
    """One that nobody else is given until the test ends: whoever wants to
    listen there and says so (SO_REUSEADDR) may."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    tap.later(s.close)
    return s.getsockname()[1]


class Program:
    def __init__(self, words, log):
        self.words, self.log_path = words, log
        self.process = None
        tap.later(self._last_words)
        tap.later(self.kill)

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG,
                                               signal.SIGKILL))
        return self

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=PATIENCE):
        """Its exit code; None when it had to be killed."""
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def kill(self):
        if self.alive():
            self.process.kill()
            self.process.wait()

    def _last_words(self):
        """They may tell why a test failed."""
        if not tap.failed() or self.process is None:
            return
        lines = [line for line in self.log().splitlines()
                 if " decision " not in line]
        tap.complain(f"{os.path.basename(self.log_path)} ends:", *(line[:200] for line in lines[-6:]))

    def log(self):
        with open(self.log_path, "rb") as f:
            return f.read().decode("utf-8", "surrogateescape")

    def logged(self, pattern, seconds=PATIENCE):
        """The first match in the log, which may still be on its way."""
        return wait_for(lambda: re.search(pattern, self.log()), seconds)

    def status(self, name):
        """A number of /proc/PID/status, e.g. VmRSS in kB."""
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(rf"^{name}:\s*(\d+)", f.read(), re.M)[1])

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def redis_cli(path, *words):
    return subprocess.run(["redis-cli", "-s", path, *map(str, words)],
                          capture_output=True, text=True).stdout.strip()


class Redis(Program):
    """A redis-server on a unix socket; `options` as on its command line."""

    def __init__(self, *options):
        place = directory()
        self.socket = os.path.join(place, "redis.sock")
        super().__init__(
            ["redis-server", "--port", "0", "--unixsocket", self.socket,
             "--dir", place, "--save", "", "--appendonly", "yes", *options],
            os.path.join(place, "redis.log"))

    def start(self):
        super().start()
        # Also true of one that wants a password first.
        wait_for(lambda: self.cli("ping") != "" and
                 "LOADING" not in self.cli("ping"))
        return self

    def cli(self, *words):
        return redis_cli(self.socket, *words)


CONF = """
listen = {{ "unix:{socket}", "inet:127.0.0.1:{port}" }}
socket_mode = 0666
state_directory = "{state}"
deadline = {deadline}
redis {{
    {servers}
    deadline = {redis_deadline}
    connect_timeout = {connect_timeout}
    {redis}
}}
greylist {{
    {greylist}
}}
http {{
    listen = "127.0.0.1:{http_port}"
    token = "sesame"
}}
{other}
"""


class NameServer:
    """nameserver.py with a zone, a text; it asks nobody else."""

    def __init__(self, zone):
        self.place = directory()
        self.zone = os.path.join(self.place, "zone")
        self.says(zone)
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__),
                                          "nameserver.py"), self.zone],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        tap.later(self.stop)
        self.address = self.process.stdout.readline().split()[1]
        self.section = self.within("20s")

    def within(self, deadline):
        """The section of a configuration; where a name is silent somebody
        waits so long."""
        return (f'dns {{ servers = {{ "{self.address}" }} '
                f'deadline = {deadline} }}')

    def says(self, zone):
        """From now on; what was answered may be remembered elsewhere."""
        with open(self.zone + ".new", "w") as f:
            f.write(zone)
        os.rename(self.zone + ".new", self.zone)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Policyd(Program):
    """policyd in the foreground. Without `store` it has its own child; with
    one, a Redis or a path. `wrapper` are the words of a program that runs
    it, in the same process."""

    def __init__(self, store=None, wrapper=()):
        self.place = directory()
        self.port, self.http_port = free_port(), free_port()
        self.socket = os.path.join(self.place, "policyd.sock")
        self.conf = os.path.join(self.place, "policyd.conf")
        self.state = os.path.join(self.place, "state")
        self.store = getattr(store, "socket", store)
        self.configured = {"greylist": "", "redis": "", "other": "",
                           **PATIENT}
        super().__init__(
            [*wrapper, os.path.join(BUILD, "policyd"), "-f", "-c", self.conf],
            os.path.join(self.place, "policyd.log"))

    def configure(self, **sections):
        """Who says nothing about identities asks no name server of this
        machine."""
        self.configured.update(sections)
        if "identity" not in self.configured["greylist"]:
            self.configured["greylist"] += "\nidentity = network"
        servers = f'servers = {{ "unix:{self.store}" }}' if self.store else ""
        with open(self.conf, "w") as f:
            f.write(CONF.format(state=self.state, socket=self.socket,
                                port=self.port, servers=servers,
                                http_port=self.http_port,
                                **self.configured))
        return self

    def start(self, seconds=PATIENCE):
        if not os.path.exists(self.conf):
            self.configure()
        ready = self.log_count("is ready") + 1 if self.process else 1
        super().start()
        if not wait_for(lambda: self.log_count("is ready") >= ready or
                        not self.alive(), seconds) or not self.alive():
            raise RuntimeError("policyd does not start:\n" + self.log())
        return self

    def log_count(self, text):
        return self.log().count(text)

    def reload(self):
        """Waits until it has read the file, or refused to."""
        count = self.log_count("reload")
        self.signal(signal.SIGHUP)
        wait_for(lambda: self.log_count("reload") > count)

    def client(self):
        return policy.Client(self.socket)

    def ask(self, **attributes):
        """One request on a connection of its own."""
        c = self.client()
        try:
            return c.ask(**attributes)
        finally:
            c.close()

    def http(self, path, body=None, token=None, port=None, method=None):
        """Status and text; (0, why) when nobody answers."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection = http.client.HTTPConnection(
            "127.0.0.1", port or self.http_port, timeout=PATIENCE)
        try:
            connection.request(
                method or ("GET" if body is None else "POST"), path, body,
                headers)
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        except OSError as e:
            return 0, str(e)
        finally:
            connection.close()

    def ready(self, seconds=PATIENCE):
        """Redis answers: a stranger is put off."""
        n = 0

        def greylists():
            nonlocal n
            n += 1
            return (self.ask(sender=f"ready-{n}@example.org",
                             client_address="203.0.113.250")
                    or "").startswith("451 4.7.1")
        return wait_for(greylists, seconds)

    def cli(self, *words):
        """redis-cli, to whichever Redis it has."""
        return redis_cli(self.store or os.path.join(self.state, "redis.sock"),
                         *words)

    def decisions(self, **fields):
        """The decision lines that have these fields, as dicts."""
        lines = [decision(line) for line in self.log().splitlines()
                 if " decision " in f" {line}"]
        return [d for d in lines
                if all(d.get(k) == v for k, v in fields.items())]

    def decided(self, seconds=PATIENCE, **fields):
        """The newest such line, which may still be on its way."""
        return (wait_for(lambda: self.decisions(**fields), seconds) or
                [{}])[-1]


def decision(line):
    """The fields of a logfmt line."""
    return {k: quoted[1:-1] if quoted.startswith('"') else quoted
            for k, quoted in re.findall(
                r'(\w+)=("(?:[^"\\]|\\.)*"|[^ ]*)', line)}
