"""A browser's side of HTTP/1.1 over loopback: one kept connection and a cookie jar, for little processor time of its own.

Knows what our server sends and no more: every answer has a Content-Length, every cookie the path /.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

ANSWER_SECONDS = 30
KEPT_SECONDS = 5  # an idle connection is not used again after that: our server closes it after ten
COUNTS_HEADER = "x-bench-counts"  # "statements commits", from a server that counts (bench.counting)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Sequence[tuple[str, str]]  # names in lower case
    body: bytes

    def header(self, name: str) -> str:
        """Return the first value of a header, or ""."""
        return next((value for key, value in self.headers if key == name), "")


class _Wire(asyncio.Protocol):
    """One connection, one question at a time."""

    def __init__(self) -> None:
        self.open = False
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.open = True

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError("closed without an answer"))

    def ask(self, data: bytes) -> "asyncio.Future[Answer]":
        """Send a request; the future holds its answer."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return self._waiting

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        status, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.split(":", 1) for line in lines]
        headers = [(name.lower(), value.strip()) for name, value in pairs]
        length = next((int(value) for name, value in headers if name == "content-length"), 0)
        if len(body) < length:
            return
        self._received = b""
        if ("connection", "close") in headers:
            self.close()
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(Answer(int(status.split(" ", 2)[1]), headers, body))


class Browser:
    """One person's browser, or one ENT's server.

    Args:
        base: Scheme, host and port of the server, on this machine.

    Attributes:
        cookies: By name.
        counts: Statements and commits of each request, from a server that counts them.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies: dict[str, str] = {}
        self.counts: list[tuple[int, int]] = []
        self._host = urlsplit(base).netloc
        self._port = urlsplit(base).port or 80
        self._wire = _Wire()
        self._asked_at = 0.0

    async def ask(
        self, method: str, target: str, *, form: dict[str, str] | None = None, authorization: str = ""
    ) -> Answer:
        """Send one request and return its answer, without following redirects.

        Raises:
            TimeoutError: None came in 30 s.
            OSError: The connection could not be made, or was closed.
        """
        data = self._write(method, target, form, authorization)
        loop = asyncio.get_running_loop()
        if self._wire.open and loop.time() - self._asked_at > KEPT_SECONDS:
            await self.close()
        if not self._wire.open:
            _, self._wire = await loop.create_connection(_Wire, "127.0.0.1", self._port)
        answer = await asyncio.wait_for(self._wire.ask(data), ANSWER_SECONDS)
        self._asked_at = loop.time()
        for name, value in answer.headers:
            if name == "set-cookie":
                self._keep(value)
            elif name == COUNTS_HEADER:
                statements, commits = value.split()
                self.counts.append((int(statements), int(commits)))
        return answer

    async def close(self) -> None:
        """Close the connection."""
        self._wire.close()
        await asyncio.sleep(0)  # the loop closes it at its next turn

    def _write(self, method: str, target: str, form: dict[str, str] | None, authorization: str) -> bytes:
        head = f"{method} {target} HTTP/1.1\r\nHost: {self._host}\r\nAccept: */*\r\n"
        if self.cookies and not authorization:
            head += "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()) + "\r\n"
        if authorization:
            head += f"Authorization: {authorization}\r\n"
        body = b""
        if form is not None:
            body = urlencode(form).encode()
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def _keep(self, header: str) -> None:
        name, _, value = header.split(";", 1)[0].partition("=")
        if value:
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)
