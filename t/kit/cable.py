"""cable - between one policyd and a Redis, and may be pulled out"""
import os
import socket
import threading

from kit import programs, tap


class Cable:
    """`socket` is its path; the other end is that of `redis`."""

    def __init__(self, redis):
        self.redis = redis
        self.socket = os.path.join(programs.directory(), "redis.sock")
        self.pulled = False
        self.lock = threading.Lock()
        self.ends = set()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket)
        self.listener.listen()
        tap.later(self.listener.close)
        self._run(self._accept)

    def pull(self):
        """Nothing passes any more, nor does whoever connects meanwhile."""
        with self.lock:
            self.pulled = True
            for end in self.ends:
                end.shutdown(socket.SHUT_RDWR)

    def plug(self):
        self.pulled = False

    def _run(self, function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _accept(self):
        try:
            while True:
                client = self.listener.accept()[0]
                if not self._connect(client):
                    client.close()
        except OSError:
            pass  # it was closed

    def _connect(self, client):
        with self.lock:
            if self.pulled:
                return False
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.redis.socket)
            self.ends |= {client, server}
        self._run(self._pump, client, server)
        self._run(self._pump, server, client)
        return True

    def _pump(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass  # the other direction says so, too
        with self.lock:
            for end in {source, target} & self.ends:
                end.close()
            self.ends -= {source, target}
