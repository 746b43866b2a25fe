"""One thread runs Python, the others wait for the world: the run gate, and the body read before it.

Sixteen threads that run Python at once lose more to one another than they gain; one thread alone is held up by one slow upstream.
So threads take turns at one lock, and give it back while they wait for the network or for argon2.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from idp.runtime.watched_lock import WatchedLock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES = 64 * 1024


class RunGate:
    """A lock of one process that a request holds while it runs Python."""

    def __init__(self) -> None:
        self._lock: threading.Lock | WatchedLock = threading.Lock()
        self._mine = threading.local()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the gate for one request."""
        with self._lock:
            self._mine.held = True
            try:
                yield
            finally:
                self._mine.held = False

    def watch(self, on_wait: Callable[[float], object]) -> None:
        """Tell for how many seconds a request waited, when it did. Before the first request."""
        self._lock = WatchedLock(on_wait)

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let others run during a wait: around every outbound call and every argon2.

        Without effect where this thread does not hold the gate: in the outbox, on the command line, in a nested release.
        """
        if not getattr(self._mine, "held", False):
            yield
            return
        self._mine.held = False
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self._mine.held = True


class GatedApplication:
    """A WSGI application behind the gate.

    The body is read first, so that a slow sender keeps nobody waiting, and never more than `max_body_bytes` of it. The answer is made
    whole inside the gate: pages are small, and none is streamed.
    """

    def __init__(self, application: "WSGIApplication", gate: RunGate, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._application = application
        self._gate = gate
        self._max_body_bytes = max_body_bytes

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        refusal = self._read_body(environ)
        if refusal:
            start_response(refusal, [("Content-Length", "0"), ("Connection", "close"), ("Cache-Control", "no-store")])
            return [b""]
        with self._gate.held():
            return _whole(self._application(environ, start_response))

    def _read_body(self, environ: "WSGIEnvironment") -> str:
        """Put the body in memory; return a status line when it is refused."""
        # A body of unknown length would be cut without a word (RFC 9110 section 15.5.12 lets us ask for the length).
        if "HTTP_TRANSFER_ENCODING" in environ:
            return "411 Length Required"
        declared = str(environ.get("CONTENT_LENGTH") or environ.get("HTTP_CONTENT_LENGTH") or "0")
        if not declared.isdecimal():
            return "400 Bad Request"
        length = int(declared)
        if length > self._max_body_bytes:
            return "413 Content Too Large"
        read: Callable[[int], bytes] = environ["wsgi.input"].read
        body = read(length) if length else b""
        if len(body) < length:
            return "400 Bad Request"
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = declared
        return ""


def _whole(parts: Iterable[bytes]) -> list[bytes]:
    try:
        return [b"".join(parts)]
    finally:
        if close := getattr(parts, "close", None):
            close()
