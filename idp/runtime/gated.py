"""The door of a web process: the body read first, then a place in line, then the run gate."""

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from idp.runtime.gate import RunGate
from idp.runtime.places import Places

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES = 64 * 1024
HEADER_BYTES = 32 * 1024  # an id_token_hint and a full cookie jar fit in half of it
BODIES_AT_ONCE = 16  # on their way: a slow sender holds one of these, and no place in line
ALWAYS_ANSWERED = "/healthz"


class GatedApplication:
    """A WSGI application behind the gate.

    The body is read first, so that a slow sender keeps nobody waiting, and never more than `max_body_bytes` of it. The answer is made
    whole inside the gate: pages are small, and none is streamed. Who finds no place is told so at once.

    Args:
        application: What answers.
        gate: The run gate and its line.
        busy: Answers when the process has as many requests as it admits; runs outside the gate, and must do next to nothing.
        refusals: Answer what is not read, by their key in the catalogue; outside the gate likewise.
        max_body_bytes: Longest body.
        bodies: Places of those whose bodies are on their way.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        gate: RunGate,
        busy: "WSGIApplication",
        refusals: "Mapping[str, WSGIApplication]",
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        bodies: Places | None = None,
    ) -> None:
        self._application = application
        self._gate = gate
        self._busy = busy
        self._refusals = refusals
        self._max_body_bytes = max_body_bytes
        self._bodies = bodies or Places(BODIES_AT_ONCE)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        length, refusal = self._read_length(environ)
        if not refusal and length:
            if not self._bodies.take():
                return self._busy(environ, start_response)
            try:
                refusal = _read_body(environ, length)
            finally:
                self._bodies.give_back()
        if refusal:
            return self._refusals[refusal](environ, start_response)
        if environ["PATH_INFO"] == ALWAYS_ANSWERED:
            # Whoever holds the gate: this process is alive.
            return _whole(self._application(environ, start_response))
        if not self._gate.line.take():
            return self._busy(environ, start_response)
        try:
            with self._gate.held():
                return _whole(self._application(environ, start_response))
        finally:
            self._gate.line.give_back()

    def _read_length(self, environ: "WSGIEnvironment") -> tuple[int, str]:
        """Return the length of the body, and the key of a refusal when it is refused unread."""
        if _count_header_bytes(environ) > HEADER_BYTES:
            return 0, "headers-too-long"
        # A body of unknown length would be cut without a word (RFC 9110 section 15.5.12 lets us ask for the length).
        if "HTTP_TRANSFER_ENCODING" in environ:
            return 0, "length-missing"
        declared = str(environ.get("CONTENT_LENGTH") or environ.get("HTTP_CONTENT_LENGTH") or "0")
        if not declared.isdecimal():
            return 0, "bad-request"
        environ["CONTENT_LENGTH"] = declared
        length = int(declared)
        if length > self._max_body_bytes:
            return 0, "body-too-large"
        if not length:
            environ["wsgi.input"] = BytesIO()
        return length, ""


def _count_header_bytes(environ: "WSGIEnvironment") -> int:
    """Return the length of address and headers. What arrives in one piece passes the server with up to twice its bound."""
    address = len(environ["PATH_INFO"]) + len(environ.get("QUERY_STRING", ""))
    return address + sum(len(name) + len(value) for name, value in environ.items() if name.startswith("HTTP_"))


def _read_body(environ: "WSGIEnvironment", length: int) -> str:
    """Put the body in memory; return the key of a refusal when it is shorter than it said."""
    read: Callable[[int], bytes] = environ["wsgi.input"].read
    body = read(length)
    if len(body) < length:
        return "bad-request"
    environ["wsgi.input"] = BytesIO(body)
    return ""


def _whole(parts: Iterable[bytes]) -> list[bytes]:
    try:
        return [b"".join(parts)]
    finally:
        if close := getattr(parts, "close", None):
            close()
