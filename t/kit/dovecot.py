"""dovecot - logins at Dovecot's auth socket, as its own login processes and
Postfix ask there, for clients of any address

Many are under way at a time, but never two of one address: the outcome of one
may decide about the next.
"""
import base64
import collections
import os
import socket

from kit import programs

UNDER_WAY = 400


def shipped(policyd):
    """A file: the snippet we ship, with this policyd's port and token."""
    with open(os.path.join(programs.TOP,
                           "contrib/dovecot/policyd.conf.ext")) as f:
        text = f.read()
    text = text.replace("127.0.0.1:10041", f"127.0.0.1:{policyd.http_port}")
    text = text.replace("Bearer CHANGE-ME", "Bearer sesame")
    where = os.path.join(policyd.place, "dovecot.conf.ext")
    with open(where, "w") as f:
        f.write(text)
    return where


class Door:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.got, self.id = b"", 0
        self.socket.sendall(b"VERSION\t1\t1\nCPID\t%d\n" % os.getpid())
        while self.line() != "DONE":
            pass

    def line(self):
        while b"\n" not in self.got:
            some = self.socket.recv(65536)
            if not some:
                raise EOFError("Dovecot has closed")
            self.got += some
        line, self.got = self.got.split(b"\n", 1)
        return line.decode("utf-8", "replace")

    def begin(self, address, user, password, service="smtp"):
        self.id += 1
        word = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.socket.sendall(
            f"AUTH\t{self.id}\tPLAIN\tservice={service}\trip={address}\t"
            f"lip=192.0.2.1\tnologin\tresp={word}\n".encode())
        return self.id

    def ended(self):
        """Of the next that ends: its id, and whether it went well."""
        while True:
            word, number, *_ = (self.line() + "\t").split("\t")
            if word in ("OK", "FAIL"):
                return int(number), word == "OK"


    def logins(self, wanted):
        """Tries all (address, user, password, service); yields (address,
        good) as they end."""
        queues = {}
        for address, *rest in wanted:
            queues.setdefault(address, collections.deque()).append(rest)
        free, busy = collections.deque(queues), {}
        while free or busy:
            while free and len(busy) < UNDER_WAY:
                address = free.popleft()
                number = self.begin(address, *queues[address].popleft())
                busy[number] = address
            number, good = self.ended()
            address = busy.pop(number)
            if queues[address]:
                free.append(address)
            yield address, good
