"""What stands at addresses of clients, fetched: one GET, bounded in every way, to no address inside."""

import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from urllib.parse import urlsplit

import requests
import structlog
from urllib3.exceptions import HTTPError

from idp.adapters.address_guard import AddressGuard
from idp.adapters.cut_off import TIMEOUTS, CutOffAdapter, open_session
from idp.adapters.sparing import Sparing
from idp.protocol.client_documents import Document, DocumentUnavailableError
from idp.protocol.origin_rfc6454 import origin_of

TIMEOUT_SECONDS = 2.5
LARGEST = 64 * 1024  # bytes of one document
FETCHES_AT_ONCE = 8
"""Of one process, those who wait for another's included. Fewer than its outbound calls: some are left for FranceConnect."""
FETCHES_FROM_ONE = 6
"""Of these, from one origin: a client whose server is slow leaves places for the others."""
_CHUNK = 16 * 1024
_BUSY = "was not asked for, because as many calls as there may be are under way: try again"
_SILENT = "does not answer"
_SLOW = "answers too slowly"
_HEADERS = {"Accept-Encoding": "identity"}  # what was small on its way may be endless once it is unpacked


class HttpDocuments:
    """Implements `journeys.ports.ClientDocuments`.

    Args:
        guard: What says where addresses may lead.
        timeout: Longest wait for a connection, and again for each part of the answer, in seconds. All of it may take twice as long.
        around: Entered for each call: bounds how many there are at once, with a `ConnectionError`, and lets others run meanwhile.
        tls: Whom to trust besides the usual authorities; None: nobody.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        timeout: float = TIMEOUT_SECONDS,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._guard = guard
        self._timeout = timeout
        self._around = around
        self._tls = tls
        self._under_way: Counter[str] = Counter()  # by origin
        self._counting = threading.Lock()
        self._sparing = Sparing()
        self._log = structlog.get_logger("preau.outbound")

    def fetch(self, address: str) -> Document:
        """Return the document at an address.

        Raises:
            DocumentUnavailableError: There is none to be had at this moment. The log says more than the client is told, who could learn
                from it what there is inside.
        """
        with self.place(address):
            return self.fetch_in_place(address)

    @contextmanager
    def place(self, address: str) -> Iterator[None]:
        """Wait for the machine of an address inside, so that it holds up nobody.

        Raises:
            DocumentUnavailableError: As many do so already as may, for it or for all.
        """
        origin = origin_of(address)
        if not self._take_place(origin):
            raise DocumentUnavailableError(_BUSY)
        try:
            with ExitStack() as outside:
                try:
                    outside.enter_context(self._around())
                except ConnectionError:
                    raise DocumentUnavailableError(_BUSY) from None
                yield
        finally:
            with self._counting:
                self._under_way[origin] -= 1
                self._under_way = +self._under_way  # without those that have none

    def _take_place(self, origin: str) -> bool:
        with self._counting:
            if self._under_way[origin] >= FETCHES_FROM_ONE or self._under_way.total() >= FETCHES_AT_ONCE:
                return False
            self._under_way[origin] += 1
            return True

    def fetch_in_place(self, address: str) -> Document:
        """Return the document at an address, inside a `place`.

        Raises:
            DocumentUnavailableError: As above.
        """
        parts = urlsplit(address)
        host = parts.hostname or ""
        if parts.scheme != "https" and not self._guard.is_free_host(host):
            raise DocumentUnavailableError("is not at an https address")
        origin = origin_of(address)
        if not self._sparing.may_be_asked(origin):
            raise DocumentUnavailableError("did not answer a moment ago")
        ends = time.monotonic() + TIMEOUTS * self._timeout
        try:
            document = self._get(address, ends)
        except DocumentUnavailableError as refusal:
            self._note(origin, ends)
            self._log.warning("what a client keeps elsewhere was not read", host=host, why=str(refusal))
            raise
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as failure:
            self._sparing.note_silence(origin)
            self._log.warning("what a client keeps elsewhere was not read", host=host, why=_root_of(failure))
            # Without its cause, which holds the address, and with it perhaps a key of the client's.
            raise DocumentUnavailableError(_SILENT) from None
        self._note(origin, ends)
        return document

    def _note(self, origin: str, ends: float) -> None:
        """Note that somebody answered; who took too long is spared, whatever it said in the end."""
        is_quick = time.monotonic() <= ends
        (self._sparing.note_answer if is_quick else self._sparing.note_silence)(origin)

    def _get(self, address: str, ends: float) -> Document:
        with (
            open_session(CutOffAdapter(self._guard, self._tls)) as session,
            session.get(address, headers=_HEADERS, timeout=self._timeout, allow_redirects=False, stream=True) as answer,
        ):
            if answer.status_code != requests.codes.ok:
                raise DocumentUnavailableError(f"answers with status {answer.status_code}")
            if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise DocumentUnavailableError("answers in a Content-Encoding, which was not asked for")
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Document(b"".join(_read(answer, ends)), kind)


def _read(answer: requests.Response, ends: float) -> Iterator[bytes]:
    """Yield what comes, as it comes: one byte now and then is never too slow for the timeout of requests."""
    size = 0
    while chunk := answer.raw.read1(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > LARGEST:
            raise DocumentUnavailableError(f"answers with more than {LARGEST} bytes")
        if time.monotonic() > ends:
            raise DocumentUnavailableError(_SLOW)
        yield chunk


def _root_of(failure: BaseException) -> str:
    """Return the kind of what went wrong first: the rest are libraries that wrapped it, with the address in their words."""
    while (inner := failure.__cause__ or failure.__context__) is not None:
        failure = inner
    return type(failure).__name__
