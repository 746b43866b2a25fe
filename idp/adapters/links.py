"""One database connection, as the stores see it, and the statements whose words differ from one database to the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Insert = sqlite.Insert | postgresql.Insert


class Link:
    """A connection that runs statements, in a transaction or each on its own.

    Args:
        connection: An open connection.
        repeats: Whether a statement that met a dropped connection is run again, once, on a new one. Right for single reads; never
            inside a transaction, whose first half is gone with the connection.
    """

    def __init__(self, connection: Connection, *, repeats: bool) -> None:
        self._connection = connection
        self._repeats = repeats

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._connection.dialect.name

    def run(self, statement: Executable, values: Values | None = None) -> CursorResult[Any]:
        """Run one statement.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database refused it or did not answer.
        """
        try:
            return self._connection.execute(statement, values)
        except DBAPIError as failure:
            # The server was restarted since the connection was last used. SQLAlchemy throws away every connection of that time at once,
            # so that one repeat is enough and no reader has to ask `SELECT 1` first.
            if not (self._repeats and failure.connection_invalidated):
                raise
            self._connection.rollback()
            return self._connection.execute(statement, values)


def for_each_dialect(build: Callable[[Callable[[Table], Any]], Executable]) -> Mapping[str, Executable]:
    """Build a statement with each database's own ``INSERT``, whose ``ON CONFLICT`` is not standard SQL.

    Args:
        build: Given the database's ``insert``, returns the statement.
    """
    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def insert_unless_there(table: Table) -> Mapping[str, Executable]:
    """Return the statement that adds a row unless its key is taken; its row count tells which."""
    # Without the option, psycopg's count is gone by the time it is asked for: an INSERT returns no rows, and its cursor is closed at once.
    return for_each_dialect(
        lambda insert: insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    )
