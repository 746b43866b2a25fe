"""Spare an upstream that does not answer: after a few failures in a row, calls are refused at once for a while."""

import threading
import time
from collections.abc import Callable

FAILURES = 5
PAUSE_SECONDS = 10.0


class Breaker:
    """Counts failures in a row, for one process. After the pause one call tries again, and its outcome decides for the others."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        pause: float = PAUSE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin closed.

        Args:
            failures: In a row, before calls are refused.
            pause: Seconds.
            now: A time that only goes forward: a test instance's clock may be stopped or moved.
        """
        self._most = failures
        self._pause = pause
        self._now = now
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None

    def allows(self) -> bool:
        """Tell whether a call may be made now."""
        with self._lock:
            if self._opened_at is None:
                return True
            if self._now() - self._opened_at < self._pause:
                return False
            self._opened_at = self._now()  # this call tries; the others wait for what it finds
            return True

    def note_success(self) -> None:
        """The upstream answered, whatever it said."""
        with self._lock:
            self._failures = 0
            self._opened_at = None

    def note_failure(self) -> None:
        """The upstream did not answer, or answered with a failure of its own."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._opened_at = self._now()

    def note_not_made(self) -> None:
        """The call that was allowed was not made: the next one may try in its place."""
        with self._lock:
            if self._opened_at is not None:
                self._opened_at -= self._pause
