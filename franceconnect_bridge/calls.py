"""Every call to FranceConnect: bounded in time, size and number, spared when it does not answer, never redirected, without a cookie."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from authlib.common.errors import AuthlibBaseError
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from franceconnect_bridge.breaker import Breaker
from franceconnect_bridge.errors import UpstreamError
from franceconnect_bridge.ports import Outbound, OutboundBusy, Refusal

_CONNECTIONS = 12  # kept alive; as many as one process may have under way
_TRIES = 2  # of a call that may be repeated
_LARGEST = 256 * 1024  # bytes of one answer
_CHUNK = 16 * 1024
_SERVER_FAILURE = 500

Answer = TypeVar("Answer")


class AnswerRefusedError(requests.RequestException):
    """An answer that is too large, too slow, or a redirect."""


class BoundedAdapter(HTTPAdapter):
    """Reads an answer whole, within a size and a time, whoever asked; follows RFC 6761 section 6.3 for names under .localhost."""

    def __init__(self, seconds_left: Callable[[], float]) -> None:
        super().__init__(pool_maxsize=_CONNECTIONS, max_retries=0)
        self._seconds_left = seconds_left

    def send(self, request: requests.PreparedRequest, *_positions: Any, **options: Any) -> requests.Response:
        """Send a request and read its answer.

        Raises:
            requests.RequestException: No answer, or one that is refused.
        """
        _reach_loopback(request)
        allowed = self._seconds_left()
        ends = time.monotonic() + allowed
        # One timeout for each wait on the network; the reading bounds their sum, against an answer that drips.
        answer = super().send(request, **(options | {"stream": True, "timeout": allowed}))
        try:
            content = b"".join(_read(answer, ends))
        except BaseException:
            answer.close()
            raise
        # requests' own place for what was read: its `content` would read without a bound.
        answer._content = content
        return answer


def _read(answer: requests.Response, ends: float) -> Iterator[bytes]:
    size = 0
    while chunk := answer.raw.read1(_CHUNK, decode_content=True):
        yield chunk
        size += len(chunk)
        if size > _LARGEST:
            raise AnswerRefusedError(f"an answer of more than {_LARGEST} bytes")
        if time.monotonic() > ends:
            raise AnswerRefusedError("an answer that takes too long")


class Http:
    """Makes the calls of one relying party. Connections are kept, and nothing else.

    Without a `requests.Session`, which would add cookies, redirects, the proxies and ~/.netrc of whoever started the server, and a third to
    the time of a call.
    """

    def __init__(self, *, outbound: Outbound, breaker: Breaker, timeout_seconds: float) -> None:
        self._outbound = outbound
        self._breaker = breaker
        self._timeout = timeout_seconds
        self._thread = threading.local()
        self._adapter = BoundedAdapter(self._seconds_left)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Bound the sum of all calls that this thread makes inside: a person waits for them one after the other."""
        self._thread.ends = time.monotonic() + seconds
        try:
            yield
        finally:
            self._thread.ends = None

    def _seconds_left(self) -> float:
        """Return how long the next call may take.

        Raises:
            requests.Timeout: The time for all of them is over.
        """
        ends = getattr(self._thread, "ends", None)
        left = self._timeout if ends is None else min(self._timeout, ends - time.monotonic())
        if left <= 0:
            raise requests.Timeout("no time is left")
        return left

    def get(self, name: str, address: str, headers: dict[str, str]) -> requests.Response:
        """Ask for something that may be asked for twice.

        Args:
            name: Of the call, for errors and metrics.
            address: Where.
            headers: Besides the usual ones.

        Raises:
            UpstreamError: No usable answer. A 4xx is returned, for its caller to read.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return self.run(name, lambda: self._get(address, headers))
            except UpstreamError as error:
                # Who did not answer in time would be waited for twice.
                timed_out = isinstance(error.__context__, requests.Timeout)
                if error.refusal is not Refusal.UNAVAILABLE or timed_out or tried == _TRIES:
                    raise

    def run(self, name: str, act: Callable[[], Answer]) -> Answer:
        """Make one call under the ceiling of the process, and tell the breaker how it went.

        Args:
            name: Of the call.
            act: Makes it; a failure of the upstream is a `requests.RequestException`.

        Raises:
            UpstreamError: No usable answer.
            AuthlibBaseError, ValueError, TypeError: An answer that is not what `act` wanted.
        """
        if not self._breaker.allows():
            raise UpstreamError(Refusal.UNAVAILABLE, f"{name}: FranceConnect is spared after failures")
        try:
            with self._outbound(name):
                answer = act()
        except OutboundBusy:
            self._breaker.note_not_made()
            raise UpstreamError(Refusal.UNAVAILABLE, f"{name}: too many calls of this process are under way") from None
        except (AuthlibBaseError, requests.JSONDecodeError, TypeError):
            self._breaker.note_success()  # it answers, though not what was asked
            raise
        except (requests.RequestException, HTTPError, OSError) as error:
            self._breaker.note_failure()
            raise UpstreamError(Refusal.UNAVAILABLE, f"{name}: {_cause(error)}") from None
        self._breaker.note_success()
        return answer

    def post(
        self, address: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: AuthBase
    ) -> requests.Response:
        """Send a form, inside `run`: what Authlib's client asks of the session that it is given.

        Raises:
            requests.RequestException: No answer, or one that is refused.
        """
        return self._send(requests.Request("POST", address, headers=headers, data=data, auth=auth))

    def _get(self, address: str, headers: dict[str, str]) -> requests.Response:
        answer = self._send(requests.Request("GET", address, headers=headers))
        if answer.is_redirect:
            raise AnswerRefusedError("a redirect, which is not followed")
        if answer.status_code >= _SERVER_FAILURE:
            answer.raise_for_status()
        return answer

    def _send(self, asked: requests.Request) -> requests.Response:
        return self._adapter.send(asked.prepare())


def read_json_object(name: str, answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Raises:
        UpstreamError: The answer is an error, or holds none.
    """
    document = None
    if answer.status_code == requests.codes.ok:
        try:
            document = json.loads(answer.content)
        except ValueError:
            document = None
    if not isinstance(document, dict):
        raise UpstreamError(Refusal.UNTRUSTED, f"{name}: HTTP {answer.status_code} without a JSON object")
    return document


def _cause(error: Exception) -> str:
    if isinstance(error, AnswerRefusedError):
        return str(error)
    status = error.response.status_code if isinstance(error, requests.HTTPError) and error.response is not None else ""
    return f"HTTP {status}" if status else type(error).__name__


def _reach_loopback(request: requests.PreparedRequest) -> None:
    """Reach `*.localhost` at 127.0.0.1, as browsers do and many resolvers do not. Plain http alone: a certificate names what was asked."""
    parts = urlsplit(request.url or "")
    if parts.scheme == "http" and (parts.hostname or "").endswith(".localhost"):
        request.headers.setdefault("Host", parts.netloc)
        port = f":{parts.port}" if parts.port else ""
        request.url = urlunsplit(parts._replace(netloc=f"127.0.0.1{port}"))
