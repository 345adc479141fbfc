"""A mail server that answers as a test wants: the part of SMTP that a sender needs."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Server(socketserver.ThreadingTCPServer):
    """``answers`` by command replace the friendly ones; ``None`` hangs up without a word."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.answers: dict[str, str | None] = {}
        self.received: list[str] = []
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Session(socketserver.StreamRequestHandler):
    server: Server

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            command = line.split(" ")[0].split(":")[0].upper()
            if command == "QUIT":
                self.say("221 bye")
                return
            if command == "DATA" and "DATA" not in self.server.answers:
                self.say("354 go on")
                written = b""
                while not written.endswith(b"\r\n.\r\n"):
                    written += self.rfile.readline()
                self.server.received.append(written.decode())
                command = "."
            answer = self.server.answers.get(command, "250 ok")
            if answer is None:
                return
            self.say(answer)


@contextmanager
def mail_server(settings: Any) -> Iterator[Server]:
    """A server on this machine, and Django told to use it."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server
        server.shutdown()
