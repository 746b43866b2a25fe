"""Spare an upstream that does not answer: after a few failures in a row, calls are refused at once for a while."""

import threading
from datetime import datetime, timedelta

from franceconnect_bridge.ports import Clock

FAILURES = 5
PAUSE = timedelta(seconds=10)


class Breaker:
    """Counts failures in a row, for one process. After the pause one call tries again, and its outcome decides for the others."""

    def __init__(self, clock: Clock, *, failures: int = FAILURES, pause: timedelta = PAUSE) -> None:
        self._clock = clock
        self._most = failures
        self._pause = pause
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: datetime | None = None

    def allows(self) -> bool:
        """Tell whether a call may be made now."""
        with self._lock:
            if self._opened_at is None:
                return True
            # A test instance's clock may be moved back: a pause that began in the future is over.
            if timedelta() <= self._clock.now() - self._opened_at < self._pause:
                return False
            self._opened_at = self._clock.now()  # this call tries; the others wait for what it finds
            return True

    def note_success(self) -> None:
        """The upstream answered."""
        with self._lock:
            self._failures = 0
            self._opened_at = None

    def note_failure(self) -> None:
        """The upstream did not answer, or answered with a failure of its own."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._opened_at = self._clock.now()
