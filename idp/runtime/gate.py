"""One thread runs Python, the others wait for the world: the run gate.

Sixteen threads that run Python at once lose more to one another than they gain; one thread alone is held up by one slow upstream.
So threads take turns at one lock, and give it back while they wait for the network or for argon2.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from idp.runtime.places import Places
from idp.runtime.watched_lock import WatchedLock

REQUESTS_AT_ONCE = 32


class RunGate:
    """A lock of one process that a request holds while it runs Python, and the places of those who may wait for it.

    Args:
        most: Requests of one process that run, wait for their turn, for the database or for argon2. Outbound calls are not among them:
            they have places of their own.
    """

    def __init__(self, most: int = REQUESTS_AT_ONCE) -> None:
        self.line = Places(most)
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
        """Let others run during a short wait: around every argon2.

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

    @contextmanager
    def left(self) -> Iterator[None]:
        """Let others run during a long wait, and stand in line meanwhile: around every outbound call."""
        if not getattr(self._mine, "held", False):
            yield
            return
        with self.released(), self.line.lent():
            yield
