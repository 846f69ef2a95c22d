"""stammer - a Redis that names everything again, in front of a real one

SCAN and HSCAN may name what they have named before. Here each page names all
that its iteration has so far, and what is new twice.
"""
import os
import socket
import threading

from kit import programs, tap

NAMES = {b"SCAN": 1, b"HSCAN": 2}  # and of how many words a name consists


class Stammer:
    """`socket` is its path; the other end is that of `redis`."""

    def __init__(self, redis):
        self.redis = redis
        self.socket = os.path.join(programs.directory(), "redis.sock")
        self.scans = 0  # that were begun
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket)
        self.listener.listen()
        tap.later(self.listener.close)
        self._run(self._accept)

    def _run(self, function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _accept(self):
        try:
            while True:
                self._run(self._serve, self.listener.accept()[0])
        except OSError:
            pass  # it was closed

    def _serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.redis.socket)
            asked, answers = client.makefile("rb"), server.makefile("rb")
            said = []
            while words := read(asked):
                server.sendall(spell(words))
                client.sendall(spell(self._again(words, read(answers), said)))

    def _again(self, words, answer, said):
        size = NAMES.get(words[0].upper())
        if not size or not isinstance(answer, list):
            return answer
        if words[size] == b"0":
            self.scans += size == 1
            said.clear()
        said += answer[1]
        return [answer[0], said + answer[1]]


def read(stream):
    """What was said; a line of any other kind as it is, None at the end."""
    line = stream.readline()
    if line[:1] == b"*":
        return [read(stream) for _ in range(int(line[1:]))]
    if line[:1] == b"$" and line != b"$-1\r\n":
        return stream.read(int(line[1:]) + 2)[:-2]
    return (line,) if line else None


def spell(said):
    if isinstance(said, tuple):
        return said[0]
    if isinstance(said, bytes):
        return b"$%d\r\n%s\r\n" % (len(said), said)
    return b"*%d\r\n" % len(said) + b"".join(map(spell, said))
