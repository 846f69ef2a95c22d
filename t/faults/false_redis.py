"""false_redis - a server that answers by a script

It greets like a master and says to every greylisting question what `says` is
at that moment: bytes as they go over the wire, None for nothing at all. Who
says half an answer, or none, says nothing more on that connection. There are
no lists, and no client is known.
"""
import hashlib
import os
import socket
import threading

from kit import programs, tap

LETS_IN = b"$6\r\npassed\r\n"  # as greylist.lua answers


def bulk(text):
    return b"$%d\r\n%s\r\n" % (len(text), text)


class FalseRedis:
    def __init__(self, says=LETS_IN):
        self.says = says
        self.greets = None  # instead of an answer to ROLE
        self.evaluated = 0
        self.greylist = set()  # the names of its script
        self.connections = []
        self.socket = os.path.join(programs.directory(), "redis.sock")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket)
        self.listener.listen(16)
        tap.later(self.listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def unasked(self, some):
        """Says something to everybody who is connected."""
        for c in self.connections:
            try:
                c.sendall(some)
            except OSError:
                pass

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection):
        stream = connection.makefile("rb")
        try:
            deaf = False
            while words := self._read(stream):
                answer = None if deaf else self._answer(words)
                deaf = not answer or not answer.endswith(b"\r\n")
                if answer:
                    connection.sendall(answer)
        except OSError:
            pass
        connection.close()

    @staticmethod
    def _read(stream):
        head = stream.readline()
        if not head:
            return None
        words = []
        for _ in range(int(head[1:])):
            size = int(stream.readline()[1:])
            words.append(stream.read(size + 2)[:-2])
        return words

    def _answer(self, words):
        command = words[0].upper()
        if command == b"ROLE":
            return self.greets or b"*3\r\n" + bulk(b"master") + b":0\r\n*0\r\n"
        if command == b"SCRIPT":
            name = hashlib.sha1(words[2]).hexdigest().encode()
            if b"return 'passed'" in words[2]:
                self.greylist.add(name)
            return bulk(name)
        if command in (b"EVALSHA", b"EVALSHA_RO"):
            if words[2] == b"4":  # the lists, or their version
                return bulk(b"0 0 0 0")
            if command == b"EVALSHA_RO" and words[2] == b"3":  # a client
                return b":0\r\n"
            if words[1] not in self.greylist:  # a probe, or our record
                return b":1\r\n"
            self.evaluated += 1
            return self.says
        return b"+OK\r\n"
