"""A test instance as it stood, kept under a name and given back: what a reset would forget, and the time.

The directory and the signing keys are no part of it: both outlive a reset too. A snapshot is small then, however large the school.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update

from idp.adapters.backup import encode_row
from idp.adapters.clock import SystemClock, TestClock
from idp.adapters.directory_tables import kinship
from idp.adapters.links import for_each_dialect
from idp.adapters.migrate import HEAD
from idp.adapters.reset import EMPTIED, REDATE, empty
from idp.adapters.restore import decode_rows, set_sequences
from idp.adapters.stores import make_single
from idp.adapters.tables import from_microseconds, to_microseconds
from idp.adapters.tester_tables import snapshot, test_clock
from idp.people.records import KinshipState

MOST_SNAPSHOTS = 20
_KEPT = tuple(table for table in reversed(EMPTIED) if table is not test_clock)  # each after those that it refers to

_LIST = select(snapshot.c.name, snapshot.c.saved_at, snapshot.c.row_count, func.length(snapshot.c.content)).order_by(
    snapshot.c.name
)
_COUNT_OTHERS = select(func.count()).select_from(snapshot).where(snapshot.c.name != bindparam("of"))
_LOAD = select(snapshot.c.revision, snapshot.c.saved_at, snapshot.c.frozen, snapshot.c.content).where(
    snapshot.c.name == bindparam("of")
)
_FORGET = delete(snapshot).where(snapshot.c.name == bindparam("of"))
_PUT = for_each_dialect(
    lambda insert: (added := insert(snapshot)).on_conflict_do_update(
        index_elements=[snapshot.c.name],
        set_={column.name: added.excluded[column.name] for column in snapshot.columns if not column.primary_key},
    )
)
_LINKS = (
    select(kinship.c.id, kinship.c.state, kinship.c.state_at)
    .where(kinship.c.state != KinshipState.DECLARED.value)
    .order_by(kinship.c.id)
)
_SET_LINK = (
    update(kinship)
    .where(kinship.c.id == bindparam("link"))
    .values(state=bindparam("as_state"), state_at=bindparam("since"))
)


class SnapshotRefusedError(Exception):
    """Nothing was done; the message says why, and what would be right."""


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """What is kept under a name: when it was saved, by the instance's clock, how many rows it holds, and how many bytes they take."""

    name: str
    saved_at: datetime
    rows: int
    size: int


class Snapshots:
    """Saves and gives back. One transaction each: whoever asks meanwhile meets the one world or the other."""

    def __init__(self, engine: Engine, clock: TestClock) -> None:
        self._engine = engine
        self._clock = clock

    def load_all(self) -> list[SnapshotLine]:
        """Return what is kept, by name.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with make_single(self._engine).connect() as connection:
            return [SnapshotLine(*row) for row in connection.execute(_LIST)]

    def save(self, name: str) -> SnapshotLine:
        """Keep the world under a name, in place of what was kept there.

        Raises:
            SnapshotRefusedError: As many are kept as may be.
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        state = self._clock.load_state()
        # PostgreSQL: every statement sees the same moment, though others go on writing.
        with self._engine.connect().execution_options(**_of_one_moment(self._engine)) as connection, connection.begin():
            if connection.execute(_COUNT_OTHERS, {"of": name}).scalar_one() >= MOST_SNAPSHOTS:
                raise SnapshotRefusedError(f"{MOST_SNAPSHOTS} snapshots are kept, and no more may be: delete one")
            tables = {table.name: _read_table(connection, table) for table in _KEPT}
            links = [[row.id, row.state, to_microseconds(row.state_at)] for row in connection.execute(_LINKS)]
            content = zlib.compress(json.dumps({"tables": tables, "links": links}).encode(), 1)
            rows = len(links) + sum(len(one["rows"]) for one in tables.values())
            connection.execute(
                _PUT[connection.dialect.name],
                {
                    "name": name,
                    "saved_at": state.now,
                    "frozen": state.frozen,
                    "revision": HEAD,
                    "row_count": rows,
                    "content": content,
                },
            )
        return SnapshotLine(name, state.now, rows, len(content))

    def restore(self, name: str) -> bool:
        """Give the world back as it stood, at the time that its clock showed; False when nothing is kept under this name.

        Raises:
            SnapshotRefusedError: Another version of the tables saved it.
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            row = connection.execute(_LOAD, {"of": name}).one_or_none()
            if row is None:
                return False
            if row.revision != HEAD:
                raise SnapshotRefusedError("Another version of the tables saved this snapshot: save it again")
            kept = json.loads(zlib.decompress(row.content))
            empty(connection)
            for table in _KEPT:
                found = kept["tables"][table.name]
                if found["rows"]:
                    connection.execute(table.insert(), decode_rows(table, found["columns"], found["rows"]))
            for link, state, since in kept["links"]:
                connection.execute(_SET_LINK, {"link": link, "as_state": state, "since": from_microseconds(since)})
            set_sequences(connection, _KEPT)
            connection.execute(test_clock.insert(), _show(row.saved_at, frozen=row.frozen))
            connection.execute(REDATE, {"now": row.saved_at})
        return True

    def forget(self, name: str) -> bool:
        """Forget what is kept under a name; False when nothing is.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            return connection.execute(_FORGET, {"of": name}).rowcount == 1


def _of_one_moment(engine: Engine) -> dict[str, Any]:
    return {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}


def _read_table(connection: Connection, table: Any) -> dict[str, Any]:
    columns = [column.name for column in table.columns]
    statement = select(table).order_by(*table.primary_key.columns)
    return {"columns": columns, "rows": list(_encode(connection, table, statement))}


def _encode(connection: Connection, table: Any, statement: Any) -> Iterator[list[Any]]:
    encode = encode_row(table)
    for row in connection.execute(statement):
        yield encode(row)


def _show(moment: datetime, *, frozen: bool) -> dict[str, Any]:
    """Return the row of a clock that shows a moment now."""
    offset = to_microseconds(moment) - to_microseconds(SystemClock().now())
    return {"id": 1, "offset_us": offset, "frozen_at": moment if frozen else None}
