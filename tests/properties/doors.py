"""Two ways to the provider: in this process, and over HTTP to the real server. Both keep what was logged."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Protocol, Self

from structlog.testing import capture_logs
from werkzeug.datastructures import Headers

from tests.support.inside import BASE, Inside
from tests.support.server import RunningServer


@dataclass(frozen=True)
class Sent:
    """One request, exactly as it is sent."""

    method: str
    path: str  # with its query, percent-encoded
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str


class Door(Protocol):
    """What sends requests."""

    def send(self, sent: Sent) -> Answer:
        """Send one."""

    def take_log(self) -> str:
        """Return what was logged since the last time."""


class InProcess:
    """The application without a server. Its log is read before any net blanks anything."""

    def __init__(self, inside: Inside) -> None:
        self.inside = inside
        self._client = inside.app.test_client(use_cookies=False)
        self._structured = capture_logs()
        self._events: list[Any] = []
        self._lines = _Lines()

    def __enter__(self) -> Self:
        self._events = self._structured.__enter__()
        root = logging.getLogger()
        root.addHandler(self._lines)
        return self

    def __exit__(self, kind: type[BaseException] | None, it: BaseException | None, where: TracebackType | None) -> None:
        logging.getLogger().removeHandler(self._lines)
        self._structured.__exit__(kind, it, where)

    def send(self, sent: Sent) -> Answer:
        answer = self._client.open(
            sent.path, method=sent.method, data=sent.body, headers=Headers(list(sent.headers)), base_url=BASE
        )
        return Answer(answer.status_code, answer.headers, answer.get_data().decode("utf-8", "replace"))

    def take_log(self) -> str:
        log = json.dumps(self._events, ensure_ascii=False, default=repr) + "\n".join(self._lines.taken)
        self._events.clear()
        self._lines.taken.clear()
        return log


class _Lines(logging.Handler):
    """Keeps what libraries say, from the level at which the server lets them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.taken: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.taken.append(self.format(record))


class OverHttp:
    """The real server."""

    def __init__(self, running: RunningServer) -> None:
        self._running = running
        host, _, port = running.base.removeprefix("http://").partition(":")
        self._host, self._port = host, int(port)
        self._read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def send(self, sent: Sent) -> Answer:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            headers = {"Host": f"{self._host}:{self._port}", **dict(sent.headers)}
            connection.request(sent.method, sent.path, sent.body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def take_log(self) -> str:
        log = self._running.log.read_text(encoding="utf-8")
        new, self._read = log[self._read :], len(log)
        return new
