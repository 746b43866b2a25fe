"""Places that are taken or refused at once: nobody waits for one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Places:
    """A bounded count of what is under way in one process.

    Args:
        most: Places there are.

    Attributes:
        in_use: Places taken now. May pass `most` for a moment, when those who stepped out come back.
        refused: Refusals since the process began, for the metrics.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.in_use = 0
        self.refused = 0
        self._turn = threading.Lock()

    def take(self) -> bool:
        """Take a place; False, and counted, when there is none."""
        with self._turn:
            if self.in_use >= self.most:
                self.refused += 1
                return False
            self.in_use += 1
            return True

    def give_back(self) -> None:
        """Leave the place that was taken."""
        with self._turn:
            self.in_use -= 1

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let somebody else have the place for a while. Who comes back is never refused: a half-done request has to be finished."""
        self.give_back()
        try:
            yield
        finally:
            with self._turn:
                self.in_use += 1
