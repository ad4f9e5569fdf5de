"""A mail server on a free loopback port: takes mail, refuses it, or hangs."""

import email
import socketserver
import threading
from contextlib import contextmanager
from email.message import Message

_GREETING = b"220 thu.example\r\n"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server
        server.connections += 1
        if server.hangs:
            server.stop.wait(30)
            return
        self.wfile.write(_GREETING)
        for line in self.rfile:
            verb = line.strip().upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._take()
                if server.drops_after_data:
                    return
                self.wfile.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            elif verb.startswith(b"RCPT") and server.refused.encode().upper() in verb:
                self.wfile.write(b"550 no such person\r\n")
            else:
                self.wfile.write(b"250 ok\r\n")

    def _take(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        self.server.mails.append(email.message_from_bytes(b"".join(lines)))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mails: list[Message] = []
        self.connections = 0
        self.hangs = False
        self.drops_after_data = False
        self.refused = "nobody"
        self.stop = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]


@contextmanager
def running():
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.stop.set()
            server.shutdown()
