"""A lock that tells how long one waited for it."""

import threading
from collections.abc import Callable
from time import perf_counter
from types import TracebackType


class WatchedLock:
    """Behaves as `threading.Lock`.

    Args:
        on_wait: told for how many seconds a caller waited, when he did. Called while the lock is held.
    """

    def __init__(self, on_wait: Callable[[float], object]) -> None:
        self._on_wait = on_wait
        self._lock = threading.Lock()

    def acquire(self) -> bool:
        """Take the lock. No clock is read for those who need not wait."""
        if not self._lock.acquire(blocking=False):
            began = perf_counter()
            self._lock.acquire()
            self._on_wait(perf_counter() - began)
        return True

    def release(self) -> None:
        """Give it back."""
        self._lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
