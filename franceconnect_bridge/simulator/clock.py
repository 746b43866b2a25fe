"""The simulator's time, which a tester sets, moves or stops."""

import threading
from datetime import UTC, datetime, timedelta

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_RANGE = "the clock cannot go there: choose a moment from 1970 to 8999"


class MovableClock:
    """The machine's clock plus an offset, or one moment that stands still."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta()
        self._frozen_at: datetime | None = None

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self._frozen_at or _machine() + self._offset

    def timestamp(self) -> int:
        """Return the present moment as JWT claims write it (RFC 7519 section 2)."""
        return int(self.now().timestamp())

    def is_frozen(self) -> bool:
        """Tell whether the clock stands still."""
        return self._frozen_at is not None

    def set(self, moment: datetime) -> None:
        """Make it `moment` now; a frozen clock stays frozen.

        Raises:
            ValueError: `moment` has no offset from UTC, or is before 1970 or after 8999.
        """
        if moment.tzinfo is None:
            raise ValueError("the moment needs an offset from UTC, Z for example")
        if not _EARLIEST <= moment < _LATEST:
            raise ValueError(_RANGE)
        with self._lock:
            moment = moment.astimezone(UTC)
            self._offset = moment - _machine()
            self._frozen_at = moment if self._frozen_at else None

    def advance(self, by: timedelta) -> None:
        """Move the clock by `by`, backwards when negative; a frozen clock stays frozen.

        Raises:
            ValueError: That would be before 1970 or after 8999.
        """
        try:
            moment = self.now() + by
        except OverflowError:
            raise ValueError(_RANGE) from None
        self.set(moment)

    def freeze(self) -> None:
        """Let the clock stand still."""
        with self._lock:
            self._frozen_at = self.now()

    def resume(self) -> None:
        """Let the clock run on from where it stands."""
        with self._lock:
            self._offset = self.now() - _machine()
            self._frozen_at = None

    def reset(self) -> None:
        """Show the machine's time again."""
        with self._lock:
            self._offset, self._frozen_at = timedelta(), None


def _machine() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the one place where the simulator reads the machine's clock
