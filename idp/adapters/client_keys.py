"""The keys of clients that keep them at an address (`jwks_uri`): fetched, kept for a while, fetched again on an unknown kid.

A cache and nothing more: a process that has just begun fetches what the others have (docs/decisions/0024-what-clients-keep-elsewhere.md).
"""

import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from idp.protocol.client import Client
from idp.protocol.client_documents import Document, DocumentUnavailableError
from idp.protocol.client_keys import ClientKeySet, KeysUnavailableError, RegisteredKeys, read_key_set

FRESH_SECONDS = 600.0
"""How long keys are used without asking again: how long one that a client withdraws is still believed."""
STALE_SECONDS = 4 * 3600.0
"""How long they are used while their address does not answer."""
FAILURE_SECONDS = 10.0
"""How long nobody asks again where the last answer was none, or none of use."""
_RENEWALS = 3  # because of an unknown kid, at once
_RENEWAL_SECONDS = 15.0  # until one more
_MOST_ADDRESSES = 1000


class _Documents(Protocol):
    """Implemented by `adapters.documents.HttpDocuments`."""

    def place(self, address: str) -> AbstractContextManager[None]:
        """Wait for the machine of an address inside, so that it holds up nobody."""

    def fetch_in_place(self, address: str) -> Document:
        """Return the document at an address, inside a `place`."""


@dataclass
class _Kept:
    """What is known of one address."""

    keys: ClientKeySet | None = None
    fetched_at: float = 0.0  # of a clock that only goes forward, in seconds
    asked: int = 0  # times
    fault: str = ""  # of the last time; "" = there was none
    asks_again_at: float = 0.0
    renewals: float = _RENEWALS  # left
    renewals_at: float = 0.0
    turn: threading.Lock = field(default_factory=threading.Lock)


class FetchedClientKeys:
    """Implements `protocol.client_keys.ClientKeys` for every client.

    The machine's clock says how old keys are, not the provider's: a tester who moves that one moves no server of an ENT.

    Args:
        documents: What fetches.
    """

    def __init__(self, documents: _Documents) -> None:
        self._documents = documents
        self._registered = RegisteredKeys()
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()
        self._log = structlog.get_logger("preau.outbound")

    def load_keys(self, client: Client) -> ClientKeySet:
        """Return the keys, fetched where none are known or those that are have grown old.

        Raises:
            KeysUnavailableError: There are none to be had.
        """
        if not client.jwks_uri:
            return self._registered.load_keys(client)
        kept = self._find(client.jwks_uri)
        if kept.keys is not None and time.monotonic() - kept.fetched_at < FRESH_SECONDS:
            return kept.keys
        return self._ask(client.jwks_uri, kept, kept.asked)

    def renew_keys(self, client: Client) -> ClientKeySet:
        """Return the keys, fetched again unless they have just been, or too often of late: anybody can make a kid up.

        Raises:
            KeysUnavailableError: There are none to be had.
        """
        if not client.jwks_uri:
            return self._registered.load_keys(client)
        kept = self._find(client.jwks_uri)
        asked = kept.asked
        if kept.keys is not None and not self._may_renew(kept):
            return kept.keys
        return self._ask(client.jwks_uri, kept, asked)

    def _find(self, address: str) -> _Kept:
        with self._lock:
            kept = self._kept.get(address)
            if kept is None:
                if len(self._kept) >= _MOST_ADDRESSES:
                    self._kept.pop(next(iter(self._kept)))
                kept = self._kept[address] = _Kept()
            return kept

    def _may_renew(self, kept: _Kept) -> bool:
        """Take one of few renewals, which come back with time: a client that changes its keys needs one."""
        now = time.monotonic()
        with self._lock:
            kept.renewals = min(_RENEWALS, kept.renewals + (now - kept.renewals_at) / _RENEWAL_SECONDS)
            kept.renewals_at = now
            if kept.renewals < 1:
                return False
            kept.renewals -= 1
            return True

    def _ask(self, address: str, kept: _Kept, asked: int) -> ClientKeySet:
        """Return what is at the address now. Of many who ask at once, one goes there, and the others wait for what it brings.

        Args:
            address: Where.
            kept: What is known of it.
            asked: How often it had been asked when the caller looked.
        """
        if time.monotonic() < kept.asks_again_at:
            return _make_do(kept, kept.fault)
        try:
            with self._documents.place(address), kept.turn:
                if kept.asked == asked:
                    self._fetch(address, kept)
        except DocumentUnavailableError as failure:  # no place: nobody asked, and the next who comes may
            return _make_do(kept, str(failure))
        return _make_do(kept, kept.fault)

    def _fetch(self, address: str, kept: _Kept) -> None:
        try:
            kept.keys = read_key_set(self._documents.fetch_in_place(address).body)
        except DocumentUnavailableError as failure:
            kept.fault = str(failure)
        except ValueError as failure:
            kept.fault = str(failure)
            self._log.warning("what stands at a jwks_uri is of no use", why=kept.fault)
        else:
            kept.fault, kept.fetched_at = "", time.monotonic()
        if kept.fault:
            kept.asks_again_at = time.monotonic() + FAILURE_SECONDS
        kept.asked += 1


def _make_do(kept: _Kept, fault: str) -> ClientKeySet:
    """Return the keys as they are known, unless they are too old for that.

    Raises:
        KeysUnavailableError: There are none.
    """
    keys = kept.keys
    if keys is None or time.monotonic() - kept.fetched_at >= STALE_SECONDS:
        raise KeysUnavailableError(f"The jwks_uri of this client was not read: it {fault}.")
    return keys
