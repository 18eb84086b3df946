"""A mail server for tests: speaks as much SMTP as smtplib asks for, on this machine only."""

import socketserver
import ssl
import threading
from dataclasses import dataclass, field


@dataclass
class Behaviour:
    """What the server does, and what it was told."""

    offers_starttls: bool = False
    context: ssl.SSLContext | None = None  # with it, TLS from the first byte
    tls: ssl.SSLContext | None = None  # for STARTTLS
    answers: dict[str, str] = field(default_factory=dict)  # RCPT → "550 no such user"
    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    connections: int = 0
    logins: list[str] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    timeout = 10

    def setup(self) -> None:
        behaviour = self.server.behaviour
        behaviour.connections += 1
        if behaviour.context is not None:
            self.request = behaviour.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()  # the TLS one; the server knows only the plain one

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        behaviour = self.server.behaviour
        sender = recipient = ""
        self.say("220 test")
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words.split(" ", 1)[0].upper()
            if verb == "EHLO":
                self.say("250-test")
                if behaviour.offers_starttls:
                    self.say("250-STARTTLS")
                self.say("250 AUTH PLAIN")
            elif verb == "STARTTLS":
                self.say("220 go on")
                self.request = behaviour.tls.wrap_socket(self.request, server_side=True)
                self.rfile = self.request.makefile("rb")
                self.wfile = self.request.makefile("wb", 0)
            elif verb == "AUTH":
                behaviour.logins.append(words)
                self.say(behaviour.answers.get("AUTH", "235 ok"))
            elif verb == "MAIL":
                sender = words
                self.say(behaviour.answers.get("MAIL", "250 ok"))
            elif verb == "RCPT":
                recipient = words.split("<")[1].split(">")[0]
                self.say(behaviour.answers.get(recipient, "250 ok"))
            elif verb == "DATA":
                self.say("354 go on")
                data = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    data += part.removeprefix(b".")  # RFC 5321, 4.5.2
                answer = behaviour.answers.get("DATA", "250 ok")
                if answer.startswith("250"):
                    behaviour.received.append((sender, recipient, data))
                self.say(answer)
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class _Quiet(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """A client that hangs up is what some tests are about."""


class Server:
    """The server, running until ``stop``."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._server = _Quiet(("127.0.0.1", 0), _Handler)
        self._server.behaviour = behaviour
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
