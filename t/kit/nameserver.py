#!/usr/bin/env python3
"""A name server that says what a file tells it to, over UDP and TCP.

    nameserver.py ZONE [LOG]

prints "ready ADDRESS:PORT" and serves until its standard input is closed. ZONE
is read again when it changes. A line of it is a name, a type and its data:

    example.org     TXT   v=spf1 mx -all        the rest of the line
    example.org     MX    10 mail.example.org   "10 ." takes no mail
    mail.example.org A    192.0.2.1
    www.example.org CNAME mail.example.org
    example.org     SOA   60                    how long "no" holds

"*" as a type stands for all of them, "*.example.org" for all names below. A
name may have bytes as \\x20. In place of data, for a type or for "*", it may have

    !servfail  !refused  !silence  !garbage  !wrongid  !short  !wrongname
    !truncate    nothing over UDP: come by TCP
    !tcpsilence  the same, and nobody answers there
    !after=0.3   seconds until it knows, besides its data; who asks meanwhile
                 is answered with the first, as by a resolver
    !ttl=5       of the records of the name; 300 without it
    !odd=XX..    a record of these bytes (hex) in place of sound data

LOG gets a line "udp|tcp TYPE NAME" for each question.
"""

import asyncio
import ipaddress
import os
import struct
import sys

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16,
         "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
PIECE = 255  # bytes of a string of a TXT record
TTL = 300


def unescape(text):
    return text.encode("latin-1").decode("unicode_escape")


def wire_name(name):
    labels = [label for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode("latin-1")
                    for label in labels) + b"\0"


def wire_data(kind, data):
    if kind == "A":
        return ipaddress.IPv4Address(data).packed
    if kind == "AAAA":
        return ipaddress.IPv6Address(data).packed
    if kind in ("CNAME", "PTR"):
        return wire_name(data)
    if kind == "MX":
        preference, host = data.split(None, 1)
        return struct.pack("!H", int(preference)) + wire_name(host)
    if kind == "TXT":
        raw = unescape(data).encode("latin-1")
        pieces = [raw[i:i + PIECE] for i in range(0, len(raw), PIECE)] or [b""]
        return b"".join(bytes([len(piece)]) + piece for piece in pieces)
    if kind == "SOA":
        return (wire_name("ns.example") + wire_name("root.example") +
                struct.pack("!5I", 1, 3600, 600, 86400, int(data)))
    raise ValueError(kind)


class Zone:
    """Of each name in lower case its records and what is odd about it."""

    def __init__(self, path):
        self.path, self.stamp = path, None
        self.read()

    def read(self):
        status = os.stat(self.path)
        stamp = status.st_mtime_ns, status.st_size, status.st_ino
        if stamp == self.stamp:
            return
        self.stamp, self.records, self.tricks = stamp, {}, {}
        with open(self.path, encoding="latin-1") as lines:
            for line in lines:
                self.add(line.rstrip("\n"))

    def add(self, line):
        if not line.strip() or line.startswith("#"):
            return
        name, kind, *rest = line.split(None, 2)
        name, data = unescape(name).lower().rstrip("."), (rest or [""])[0]
        if data.startswith("!"):
            tricks = self.tricks.setdefault((name, kind), {})
            for word in data.split():
                key, _, value = word[1:].partition("=")
                tricks[key] = value
        else:
            self.records.setdefault(name, []).append((kind, data))

    def places(self, name):
        """Where something about it may stand, the nearest first."""
        yield name
        labels = name.split(".")
        for i in range(1, len(labels)):
            yield "*." + ".".join(labels[i:])

    def find(self, name):
        for place in self.places(name):
            if place in self.records:
                return self.records[place]
        return None

    def tricks_of(self, name, kind):
        for place in self.places(name):
            tricks = {}
            for known in ("*", kind):
                tricks.update(self.tricks.get((place, known), {}))
            if tricks:
                return tricks
        return {}

    def soa(self, name):
        labels = name.split(".")
        for i in range(len(labels)):
            at = ".".join(labels[i:])
            for kind, data in self.records.get(at, []):
                if kind == "SOA":
                    return at, data
        return None

    def exists(self, name):
        return self.find(name) is not None or any(
            known.endswith("." + name) for known in self.records)


class Question:
    def __init__(self, packet):
        self.id, = struct.unpack_from("!H", packet)
        labels, at = [], 12
        while packet[at]:
            size = packet[at]
            labels.append(packet[at + 1:at + 1 + size].decode("latin-1"))
            at += 1 + size
        self.type, = struct.unpack_from("!H", packet, at + 1)
        self.bytes = packet[12:at + 5]
        self.name = ".".join(labels).lower()
        self.kind = NAMES.get(self.type, str(self.type))


def record(name, kind, ttl, data):
    return (wire_name(name) + struct.pack("!HHIH", TYPES[kind], 1, ttl,
                                          len(data)) + data)


def answers(zone, q, tricks):
    """The records, and whether the last name exists."""
    ttl, name, found = int(tricks.get("ttl", TTL)), q.name, []
    for _ in range(20):
        records = zone.find(name) or []
        alias = next((d for k, d in records if k == "CNAME"), None)
        for kind, data in records:
            if kind == q.kind:
                found.append(record(name, kind, ttl, wire_data(kind, data)))
        if alias is None or q.kind == "CNAME":
            break
        found.append(record(name, "CNAME", ttl, wire_data("CNAME", alias)))
        name = alias.lower().rstrip(".")
    if "odd" in tricks:
        found.append(record(q.name, q.kind, ttl,
                            bytes.fromhex(tricks["odd"])))
    return found, name


def reply(zone, q, tricks, by_tcp):
    number = q.id ^ 0x5a5a if "wrongid" in tricks else q.id
    if "garbage" in tricks:
        return struct.pack("!H", number) + b"\x81\x80" + b"\xff" * 40
    found, last = answers(zone, q, tricks)
    code, authority, flags = 0, [], 0x8180
    if "servfail" in tricks:
        code, found = 2, []
    elif "refused" in tricks:
        code, found = 5, []
    elif not found or not zone.exists(last):
        code = 0 if zone.exists(last) else 3
        soa = zone.soa(last)
        if soa:
            authority = [record(soa[0], "SOA", TTL, wire_data("SOA", soa[1]))]
    if not by_tcp and ("truncate" in tricks or "tcpsilence" in tricks or
                       sum(map(len, found)) > 1100):
        flags, found, authority = flags | 0x0200, [], []
    question = q.bytes
    if "wrongname" in tricks:
        question = wire_name("other.example") + q.bytes[-4:]
    packet = struct.pack("!6H", number, flags | code, 1, len(found),
                         len(authority), 0) + question
    packet += b"".join(found) + b"".join(authority)
    return packet[:len(packet) - 3] if "short" in tricks else packet


class Server(asyncio.DatagramProtocol):
    def __init__(self, zone, log):
        self.zone, self.log, self.tasks = zone, log, set()
        self.knows = {}  # a slow question: when

    def connection_made(self, transport):
        self.transport = transport

    async def resolve(self, q, seconds):
        now = asyncio.get_running_loop().time()
        if self.knows.get((q.kind, q.name), 0) <= now:
            self.knows[q.kind, q.name] = now + seconds
        await asyncio.sleep(self.knows[q.kind, q.name] - now)

    async def answer(self, packet, way):
        self.zone.read()
        q = Question(packet)
        if self.log:
            self.log.write(f"{way} {q.kind} {q.name}\n")
            self.log.flush()
        tricks = self.zone.tricks_of(q.name, q.kind)
        if "after" in tricks:
            await self.resolve(q, float(tricks["after"]))
        if "silence" in tricks or way == "tcp" and "tcpsilence" in tricks:
            return None
        return reply(self.zone, q, tricks, way == "tcp")

    def datagram_received(self, packet, sender):
        async def work():
            answer = await self.answer(packet, "udp")
            if answer:
                self.transport.sendto(answer, sender)
        task = asyncio.ensure_future(work())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def stream(self, reader, writer):
        try:
            while True:
                size, = struct.unpack("!H", await reader.readexactly(2))
                packet = await reader.readexactly(size)
                answer = await self.answer(packet, "tcp")
                if answer:
                    writer.write(struct.pack("!H", len(answer)) + answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def serve(zone, log):
    loop = asyncio.get_running_loop()
    server = Server(zone, log)
    while True:  # a port that is free for both
        tcp = await asyncio.start_server(server.stream, "127.0.0.1", 0)
        port = tcp.sockets[0].getsockname()[1]
        try:
            await loop.create_datagram_endpoint(
                lambda: server, local_addr=("127.0.0.1", port))
            break
        except OSError:
            tcp.close()
    print(f"ready 127.0.0.1:{port}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main():
    zone = Zone(sys.argv[1])
    log = open(sys.argv[2], "a", encoding="latin-1") if sys.argv[2:] else None
    asyncio.run(serve(zone, log))


if __name__ == "__main__":
    main()
