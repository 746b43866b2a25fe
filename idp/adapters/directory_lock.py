"""One import of a database at a time. The lock dies with its process."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from idp.journeys.directory_desk import ImportUnderWay

_LOCK = 0x50524149  # any number that nothing else in this database locks
_TRIES = 20
_BETWEEN_TRIES_SECONDS = 0.1
_SENTENCE = "Another import of this database is running: wait until it ends."


@contextmanager
def import_lock(connection: Connection) -> Iterator[None]:
    """Hold the lock: on PostgreSQL with the connection, on SQLite by a file beside the database.

    Raises:
        ImportUnderWay: Another process holds it.
        OSError: The file beside the database cannot be made.
    """
    hold = _hold_on_postgresql if connection.dialect.name == "postgresql" else _hold_beside_sqlite
    with hold(connection):
        yield


@contextmanager
def _hold_on_postgresql(connection: Connection) -> Iterator[None]:
    # A server takes a moment to notice that a client was killed.
    for _ in range(_TRIES):
        if connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            break
        time.sleep(_BETWEEN_TRIES_SECONDS)
    else:
        raise ImportUnderWay(_SENTENCE)
    try:
        yield
    finally:
        # A lost connection has let it go already.
        if not connection.invalidated:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


@contextmanager
def _hold_beside_sqlite(connection: Connection) -> Iterator[None]:
    database = Path(str(connection.engine.url.database))
    path = database.with_name(f"{database.name}.import-lock")
    path.touch(mode=0o600)
    # The system lets go of the lock when the process ends, however it ends. The file stays: taking it away would let two in.
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportUnderWay(_SENTENCE) from None
        yield
