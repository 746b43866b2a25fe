"""One database connection, as the stores see it, and the statements whose words differ from one database to the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from sqlalchemy import Connection, CursorResult, Executable, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, MultipleResultsFound

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Insert = sqlite.Insert | postgresql.Insert


class Prepared:
    """A statement that the hot path runs: compiled once for each database, then handed to the driver as it is.

    SQLAlchemy's way from a statement to the driver costs five times what the driver and SQLite need for a row found by its key.

    Args:
        statement: Without lists of unknown length. For an INSERT, every column that has no default in the database must be among `names`.
        names: Columns of an INSERT that names none itself.
    """

    def __init__(self, statement: Executable, names: Sequence[str] = ()) -> None:
        # For whoever goes SQLAlchemy's own way: psycopg's count of an INSERT is gone by the time it is asked for.
        self.statement = statement.execution_options(preserve_rowcount=True)
        self._names = names
        # Two threads that compile at once store the same words.
        self._spoken: dict[str, _Spoken] = {}

    def spoken_in(self, dialect: Dialect) -> "_Spoken":
        """Return the statement in the words of a database."""
        spoken = self._spoken.get(dialect.name)
        if spoken is None:
            spoken = self._spoken[dialect.name] = _Spoken(self.statement, self._names, dialect)
        return spoken


class _Spoken:
    """A statement as one driver wants it: words, values in, values out."""

    def __init__(self, statement: Executable, names: Sequence[str], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names) or None)  # type: ignore[attr-defined]
        self.words = str(compiled)
        self._by_position = compiled.positiontup is not None
        order = compiled.positiontup if self._by_position else compiled.binds
        self._fixed: Mapping[str, Any] = {
            name: bind.value for name, bind in compiled.binds.items() if not bind.required and bind.value is not None
        }
        self._inward = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order
        ]
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._outward = [(place, read) for place, read in enumerate(readers) if read is not None]

    def write_values(self, values: Mapping[str, Any]) -> Any:
        """Return the driver's parameters.

        Raises:
            KeyError: A value is missing.
        """
        given = {**self._fixed, **values} if self._fixed else values
        if self._by_position:
            return [given[name] if write is None else write(given[name]) for name, write in self._inward]
        return {name: given[name] if write is None else write(given[name]) for name, write in self._inward}

    def read_row(self, row: Sequence[Any]) -> Sequence[Any]:
        """Return the values of a row."""
        if not self._outward:
            return row
        values = list(row)
        for place, read in self._outward:
            values[place] = read(values[place])
        return values


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
        self._driver_error: type[Exception] = connection.dialect.loaded_dbapi.Error

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

    def read_one(self, prepared: Prepared, values: Mapping[str, Any]) -> Sequence[Any] | None:
        """Return the only row of a SELECT, or None.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database refused it or did not answer, or there are several rows.
        """
        rows = self.read_all(prepared, values)
        if len(rows) > 1:
            raise MultipleResultsFound("one row was asked for, and there are several")
        return rows[0] if rows else None

    def read_all(self, prepared: Prepared, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return the rows of a SELECT.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database refused it or did not answer.
        """
        if self._is_watched():
            return self.run(prepared.statement, values).all()
        spoken = prepared.spoken_in(self._connection.dialect)
        try:
            cursor = self._connection.connection.cursor()
            cursor.execute(spoken.words, spoken.write_values(values))
            rows = cursor.fetchall()
            cursor.close()
        except self._driver_error as failure:
            if self._repeats:
                # Once more, by the way that knows a dropped connection from a refusal.
                return self.run(prepared.statement, values).all()
            self._fail(spoken, failure)
        return [spoken.read_row(row) for row in rows]

    def write(self, prepared: Prepared, values: Mapping[str, Any]) -> int:
        """Run an INSERT, UPDATE or DELETE and return how many rows it concerned.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database refused it or did not answer.
        """
        if self._is_watched():
            return self.run(prepared.statement, values).rowcount
        spoken = prepared.spoken_in(self._connection.dialect)
        try:
            cursor = self._connection.connection.cursor()
            cursor.execute(spoken.words, spoken.write_values(values))
            count: int = cursor.rowcount  # PEP 249
            cursor.close()
        except self._driver_error as failure:
            self._fail(spoken, failure)
        return count

    def _is_watched(self) -> bool:
        """Tell whether somebody listens to statements (a trace, a test that counts): SQLAlchemy tells them of its own ones only."""
        return bool(self._connection.dispatch.before_cursor_execute)

    def _fail(self, spoken: _Spoken, failure: BaseException) -> NoReturn:
        """Raise the driver's error as SQLAlchemy's own, and give up a connection that is gone."""
        self._connection._handle_dbapi_exception(failure, spoken.words, None, None, None)


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


def prepare_each(statements: Mapping[str, Executable], names: Sequence[str] = ()) -> Mapping[str, Prepared]:
    """Prepare each database's own statement."""
    return {dialect: Prepared(statement, names) for dialect, statement in statements.items()}
