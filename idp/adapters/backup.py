"""`preau backup`: every table as it is at one moment, while others write, in one file that either database can take back."""

import base64
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Date, Engine, LargeBinary, Table, select

from idp.adapters.backup_file import BackupRefused, BackupWriter, Header, fingerprint
from idp.adapters.migrate import HEAD, load_revision
from idp.adapters.schema import metadata
from idp.adapters.stores import make_single
from idp.adapters.tables import Moment, from_microseconds, outbox_sender, to_microseconds
from idp.journeys.ports import Secrets

# What says which processes are alive now is no part of what is kept.
KEPT_TABLES: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if table is not outbox_sender)
_AT_ONCE = 500  # rows in memory

Convert = Callable[[Any], Any]


def write_backup(path: Path, engine: Engine, secrets: Secrets, *, test_instance: bool, now: datetime) -> int:
    """Write every row to a new file, readable by its owner alone, and return their number.

    The file appears under its name once it is whole and on the disk, or not at all. Sealed columns stay sealed.

    Args:
        path: The file; there must be none of that name.
        engine: The database. Others may go on writing.
        secrets: The master key: its fingerprint goes into the file, and the file's hash is keyed by it.
        test_instance: Whether the people are fictional.
        now: The present moment.

    Raises:
        BackupRefused: There is such a file, or the tables are not this version's.
        OSError: The file cannot be written.
        sqlalchemy.exc.SQLAlchemyError: The database does not answer.
    """
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", suffix=".partial"
    ) as beside:  # mode 0600
        with _snapshot(engine) as connection:
            if load_revision(connection) != HEAD:
                raise BackupRefused("The database's tables are missing or another version's: run preau db upgrade.")
            header = Header(HEAD, fingerprint(secrets), test_instance, now.isoformat(), connection.dialect.name)
            writer = BackupWriter(beside, header, secrets)  # type: ignore[arg-type]  # a temporary file is a binary file
            for table in KEPT_TABLES:
                _write_table(writer, connection, table)
        count = writer.end()
        beside.flush()
        os.fsync(beside.fileno())
        try:
            os.link(beside.name, path)
        except FileExistsError:
            raise BackupRefused(f"{path} is there already: choose another name.") from None
    return count


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment, whatever is committed meanwhile, and holds nobody up."""
    if engine.dialect.name == "sqlite":
        with make_single(engine).connect() as connection:
            # Deferred: a reader's, which in WAL mode neither waits for the writer nor makes it wait.
            connection.exec_driver_sql("BEGIN DEFERRED")
            yield connection
        return
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def _write_table(writer: BackupWriter, connection: Connection, table: Table) -> None:
    writer.begin_table(table.name, [column.name for column in table.columns])
    encode = encode_row(table)
    statement = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(statement):
        writer.add_row(encode(row))


def encode_row(table: Table) -> Callable[[Sequence[Any]], list[Any]]:
    """Return what turns the rows of a table into lists of JSON's kinds."""
    encoders = [(place, encode) for place, column in enumerate(table.columns) if (encode := _encoder(column))]

    def encode_values(row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, encode in encoders:
            if values[place] is not None:
                values[place] = encode(values[place])
        return values

    return encode_values


def _encoder(column: Column[Any]) -> Convert | None:
    """Return what turns a value of this column into JSON's kinds, or None where it is one of them."""
    return next((encode for kind, encode, _ in _CONVERSIONS if isinstance(column.type, kind)), None)


def decoder(column: Column[Any]) -> Convert | None:
    """Return what turns it back, or None."""
    return next((decode for kind, _, decode in _CONVERSIONS if isinstance(column.type, kind)), None)


def _bytes_to_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


_CONVERSIONS: tuple[tuple[type, Convert, Convert], ...] = (
    (Moment, to_microseconds, from_microseconds),
    (Date, date.isoformat, date.fromisoformat),
    (LargeBinary, _bytes_to_text, base64.b64decode),
)
