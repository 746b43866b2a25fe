"""Whoever did not answer is not asked for a while: one that hangs would take every place of the others, again and again."""

import threading
import time

SPARED_SECONDS = 10.0
_MOST_NAMES = 1000


class Sparing:
    """Remembers who was silent, in this process."""

    def __init__(self) -> None:
        self._spared_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def may_be_asked(self, name: str) -> bool:
        """Tell whether this call may be made. Of those to somebody who was silent, one is: the others wait for what it says."""
        now = time.monotonic()
        with self._lock:
            until = self._spared_until.get(name)
            if until is not None and now < until:
                return False
            if until is not None:
                self._spared_until[name] = now + SPARED_SECONDS
            return True

    def note_silence(self, name: str) -> None:
        """Spare somebody from now on."""
        with self._lock:
            if len(self._spared_until) >= _MOST_NAMES:
                self._spared_until.pop(next(iter(self._spared_until)))
            self._spared_until[name] = time.monotonic() + SPARED_SECONDS

    def note_answer(self, name: str) -> None:
        """Spare somebody no more."""
        with self._lock:
            self._spared_until.pop(name, None)
