"""The time: the machine's, or one that a tester moves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, delete, select, update

from idp.adapters.links import insert_unless_there
from idp.adapters.tester_tables import test_clock

_ONLY = 1
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # far enough below `datetime.max` for every lifetime to be added
_NO_OFFSET = timedelta()
_MICROSECOND = timedelta(microseconds=1)

_READ = select(test_clock.c.offset_us, test_clock.c.frozen_at).where(test_clock.c.id == _ONLY)
_READ_AND_HOLD = _READ.with_for_update()
_MAKE = insert_unless_there(test_clock)
_WRITE = (
    update(test_clock)
    .where(test_clock.c.id == _ONLY)
    .values(offset_us=bindparam("offset"), frozen_at=bindparam("frozen"))
)
_FORGET = delete(test_clock)


class SystemClock:
    """Implements `journeys.ports.Clock` by the machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  the one place that reads it for everybody


@dataclass(frozen=True, slots=True)
class ClockState:
    """What a clock shows, and how far it is ahead of the machine's."""

    now: datetime
    offset: timedelta
    frozen: bool

    def shows_like(self, other: "ClockState") -> bool:
        """Tell whether nobody moved the clock between this reading and another one."""
        here, there = (one.now if one.frozen else one.offset for one in (self, other))
        return (self.frozen, here) == (other.frozen, there)


@dataclass(frozen=True, slots=True)
class _Reading:
    offset: timedelta
    frozen_at: datetime | None

    def at(self, machine: datetime) -> datetime:
        return machine + self.offset if self.frozen_at is None else self.frozen_at


class TestClock:
    """A clock kept in the database, so that every process of a test instance sees the same time.

    Each `now()` reads its row, outside any transaction: what the control API sets is seen by the very next question, in any process, and
    there is no cache to be wrong. A journey asks two or three times in a request; only test instances pay for it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._machine = SystemClock()

    def now(self) -> datetime:
        """Return the present moment of this instance, aware, in UTC.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._single.connect() as connection:
            return _read(connection).at(self._machine.now())

    def load_state(self) -> ClockState:
        """Return what the clock shows, in one reading."""
        with self._single.connect() as connection:
            reading = _read(connection)
        machine = self._machine.now()
        now = reading.at(machine)
        frozen = reading.frozen_at is not None
        return ClockState(now, now - machine if frozen else reading.offset, frozen)

    def set(self, moment: datetime) -> None:
        """Make it `moment` now; a frozen clock stays frozen.

        Raises:
            ValueError: `moment` has no offset from UTC, or is before 1970 or after 8999.
        """
        if moment.tzinfo is None:
            raise ValueError("the moment needs an offset from UTC, Z for example")
        self._move(lambda _now: moment.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        """Move the clock by `by`, backwards when negative; a frozen clock stays frozen.

        Raises:
            ValueError: That would be before 1970 or after 8999.
        """
        self._move(lambda now: now + by)

    def freeze(self) -> None:
        """Let the clock stand still."""
        self._move(lambda now: now, frozen=True)

    def resume(self) -> None:
        """Let the clock run on from where it stands."""
        self._move(lambda now: now, frozen=False)

    def reset(self) -> None:
        """Show the machine's time again."""
        with self._engine.begin() as connection:
            connection.execute(_FORGET)

    def _move(self, change: Callable[[datetime], datetime], *, frozen: bool | None = None) -> None:
        with self._engine.begin() as connection:
            connection.execute(_MAKE[connection.dialect.name], {"id": _ONLY, "offset_us": 0})
            # Held, so that of two testers who advance at once none is forgotten.
            reading = _read(connection, hold=True)
            machine = self._machine.now()
            try:
                target = change(reading.at(machine))
            except OverflowError:
                raise ValueError("the clock cannot go there: choose a moment from 1970 to 8999") from None
            if not _EARLIEST <= target < _LATEST:
                raise ValueError("the clock cannot go there: choose a moment from 1970 to 8999")
            stands = reading.frozen_at is not None if frozen is None else frozen
            offset = (target - machine) // _MICROSECOND
            connection.execute(_WRITE, {"offset": offset, "frozen": target if stands else None})


def _read(connection: Connection, *, hold: bool = False) -> _Reading:
    row = connection.execute(_READ_AND_HOLD if hold else _READ).one_or_none()
    return _Reading(_NO_OFFSET, None) if row is None else _Reading(row.offset_us * _MICROSECOND, row.frozen_at)
