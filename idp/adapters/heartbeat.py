"""A sign of life of what sends messages, for the web processes of any machine to see.

By the machine's clock: a test instance's may jump by hours, and a process that is alive would look dead.
"""

from datetime import timedelta
from time import monotonic

from sqlalchemy import Engine, bindparam, select

from idp.adapters.clock import SystemClock
from idp.adapters.links import for_each_dialect
from idp.adapters.tables import outbox_sender

EVERY_SECONDS = 10.0
DEAD_AFTER = timedelta(minutes=2)
"""Longer than the longest wait for a gateway, during which nothing is written."""

_ONLY = 1
_BEAT = for_each_dialect(
    lambda insert: (
        insert(outbox_sender)
        .values(id=_ONLY, seen_at=bindparam("at"))
        .on_conflict_do_update(index_elements=[outbox_sender.c.id], set_={"seen_at": bindparam("at")})
    )
)
_SEEN = select(outbox_sender.c.seen_at).where(outbox_sender.c.id == _ONLY)


class Heartbeat:
    """Writes and reads the sign of life."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clock = SystemClock()
        self._beaten_at = float("-inf")

    def beat(self) -> None:
        """Write that a sender is alive, unless that was written less than ten seconds ago.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        now = monotonic()
        if now - self._beaten_at < EVERY_SECONDS:
            return
        with self._engine.begin() as connection:
            connection.execute(_BEAT[connection.dialect.name], {"at": self._clock.now()})
        self._beaten_at = now

    def load_age(self) -> timedelta | None:
        """Return how long ago a sender was alive, or None when there never was one.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            seen_at = connection.execute(_SEEN).scalar_one_or_none()
        return None if seen_at is None else self._clock.now() - seen_at
