"""A mail server on the loopback (RFC 5321, STARTTLS of RFC 3207, AUTH PLAIN of RFC 4954).

It keeps what it takes, and answers as it was told.
"""

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import cast

HANG = "hang"
HANG_UP = "hang up"
CONTENT = "content"
"""Stands for a verb in `answers`: what is said once the whole mail has come."""


@dataclass
class Taken:
    """A mail that was taken."""

    sender: str
    recipients: list[str]
    raw: bytes
    was_encrypted: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        """The mail, read."""
        return cast(EmailMessage, message_from_bytes(self.raw, policy=default))


@dataclass
class MailReceiver:
    """What came, and what is answered.

    Attributes:
        port: Where it listens.
        users: Who may sign in, with which password; nobody has to where it is empty.
        answers: To these verbs, in place of the usual: a line of SMTP, `HANG` or `HANG_UP`.
        greeting: The first line; `HANG` for none.
        offers_starttls: Whether it does.
    """

    port: int = 0
    users: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    greeting: str = "220 mail.test ready"
    offers_starttls: bool = False
    taken: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # every line of every client
    closing: threading.Event = field(default_factory=threading.Event)


class _HungUpError(Exception):
    """The conversation is over."""


class _Talk:
    """One conversation."""

    def __init__(self, receiver: MailReceiver, peer: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._receiver = receiver
        self._peer = peer
        self._tls = tls
        self._lines = peer.makefile("rb")
        self._encrypted = isinstance(peer, ssl.SSLSocket)
        self._user = self._sender = ""
        self._recipients: list[str] = []

    def hold(self) -> None:
        """Talk until one of the two hangs up."""
        try:
            self._answer(self._receiver.greeting)
            while line := self._lines.readline():
                self._react(line.decode().rstrip("\r\n"))
        finally:
            self._lines.close()
            self._peer.close()

    def _react(self, line: str) -> None:
        self._receiver.said.append(line)
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        if verb in self._receiver.answers:
            self._answer(self._receiver.answers[verb])
        elif verb == "EHLO":
            self._greet()
        elif verb == "STARTTLS" and self._receiver.offers_starttls:
            self._answer("220 go ahead")
            self._encrypt()
        elif verb == "AUTH":
            self._check(rest)
        elif self._receiver.users and not self._user and verb in {"MAIL", "RCPT", "DATA"}:
            self._answer("530 5.7.0 Authentication required")
        elif verb == "MAIL":
            self._sender, self._recipients = rest[len("FROM:<") :].partition(">")[0], []
            self._answer("250 OK")
        elif verb == "RCPT":
            self._recipients.append(rest[len("TO:<") :].partition(">")[0])
            self._answer("250 OK")
        elif verb == "DATA":
            self._take()
        elif verb == "QUIT":
            self._answer("221 bye")
            raise _HungUpError
        else:
            self._answer("250 OK" if verb == "RSET" else "502 unknown")

    def _greet(self) -> None:
        offers = ["AUTH PLAIN"] if self._receiver.users else []
        offers += ["STARTTLS"] if self._receiver.offers_starttls and not self._encrypted else []
        lines = ["mail.test", *offers]
        self._answer("\r\n".join(f"250{' ' if one is lines[-1] else '-'}{one}" for one in lines))

    def _encrypt(self) -> None:
        assert self._tls is not None
        self._lines.close()
        self._peer = self._tls.wrap_socket(self._peer, server_side=True)
        self._lines = self._peer.makefile("rb")
        self._encrypted = True

    def _check(self, rest: str) -> None:
        mechanism, _, told = rest.partition(" ")
        assert mechanism == "PLAIN"
        _, user, password = base64.b64decode(told).decode().split("\0")
        if self._receiver.users.get(user) == password:
            self._user = user
            self._answer("235 welcome")
        else:
            self._answer(f"535 5.7.8 no {user} with {password}")

    def _take(self) -> None:
        self._answer("354 go ahead")
        lines = []
        while (line := self._lines.readline()) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        if CONTENT in self._receiver.answers:
            self._answer(self._receiver.answers[CONTENT])
            return
        self._receiver.taken.append(
            Taken(self._sender, list(self._recipients), b"".join(lines), self._encrypted, self._user)
        )
        self._answer("250 taken")

    def _answer(self, line: str) -> None:
        if line == HANG:
            self._receiver.closing.wait()
        if line in {HANG, HANG_UP}:
            raise _HungUpError
        self._peer.sendall(f"{line}\r\n".encode())


@contextmanager
def running_mail_receiver(*, tls: Path | None = None, encrypted: bool = False) -> Iterator[MailReceiver]:
    """Run a mail server on a free port.

    Args:
        tls: Certificate and key in one file: it then offers STARTTLS.
        encrypted: TLS from the first byte, instead.
    """
    receiver = MailReceiver(offers_starttls=tls is not None and not encrypted)
    context = None
    if tls is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(_HungUpError, OSError):
                peer = self.connection
                if encrypted and context is not None:
                    peer = context.wrap_socket(peer, server_side=True)
                _Talk(receiver, peer, context).hold()

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
