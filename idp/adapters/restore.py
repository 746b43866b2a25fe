"""`preau restore`: the rows of a file of backup, in one transaction, into the tables of either database."""

from collections.abc import Sequence
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Table, case, func, insert, select, text
from sqlalchemy.types import BigInteger

from idp.adapters.backup import KEPT_TABLES, Convert, decoder
from idp.adapters.backup_file import BackupReader, BackupRefused, fingerprint
from idp.adapters.migrate import HEAD, load_revision
from idp.journeys.ports import Secrets

_AT_ONCE = 1000  # rows in memory, and in one round trip
_BY_NAME = {table.name: table for table in KEPT_TABLES}


def restore_backup(path: Path, engine: Engine, secrets: Secrets, *, test_instance: bool, replace: bool) -> int:
    """Put every row of the file into the database, all or none, and return their number.

    The whole file is checked before anything is written.

    Args:
        path: The file.
        engine: The database, at this version's revision.
        secrets: The master key, which has to be the one that the rows were sealed with.
        test_instance: Whether this instance's people are fictional; the file's have to be alike.
        replace: Delete the rows that are there first. Otherwise a database that holds any is refused.

    Raises:
        BackupRefused: The file or the database will not do; nothing was written.
        OSError: The file cannot be read.
        sqlalchemy.exc.SQLAlchemyError: The database does not answer or refuses.
    """
    reader = BackupReader(path, secrets)
    _check_header(reader, secrets, test_instance=test_instance)
    reader.check_whole()
    with engine.begin() as connection:
        _make_room(connection, replace=replace)
        # Read a second time, and checked a second time: a file that somebody changed meanwhile takes the transaction with it.
        count = _fill(connection, reader)
        set_sequences(connection, KEPT_TABLES)
    return count


def _check_header(reader: BackupReader, secrets: Secrets, *, test_instance: bool) -> None:
    header = reader.load_header()
    if header.master_key != fingerprint(secrets):
        raise BackupRefused(
            "The backup was made under another master key. With this one, open sessions would be closed, signing keys could not sign, "
            "activations under way and texts not sent yet could not be read, and identical people would get other subjects at each ENT. "
            "Put the master key of that time back (master_key or master_key_file), and restore again."
        )
    if header.revision != HEAD:
        raise BackupRefused(
            f"The backup holds tables of revision {header.revision}, and this version of Préau has {HEAD}. "
            "Restore it with the version that made it, then run preau db upgrade with this one."
        )
    if header.test_instance != test_instance:
        raise BackupRefused(
            "The backup comes from an instance for real people: a test instance may not have it."
            if test_instance
            else "The backup comes from a test instance: an instance for real people may not have it."
        )


def _make_room(connection: Connection, *, replace: bool) -> None:
    if load_revision(connection) != HEAD:
        raise BackupRefused("The database's tables are missing or another version's: run preau db upgrade.")
    if connection.dialect.name == "postgresql":
        # Whoever writes waits until the end, and then meets the restored rows. Readers go on reading what was.
        names = ", ".join(f'"{table.name}"' for table in KEPT_TABLES)
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    filled = [table for table in KEPT_TABLES if connection.execute(select(1).select_from(table).limit(1)).first()]
    if filled and not replace:
        names = ", ".join(table.name for table in filled)
        raise BackupRefused(f"The database holds rows already ({names}). With --replace they are all deleted first.")
    for table in reversed(filled):
        connection.execute(table.delete())


def _fill(connection: Connection, reader: BackupReader) -> int:
    count = 0
    for name, rows in groupby(reader.rows(), key=itemgetter(0)):
        table = _BY_NAME.get(name)
        if table is None:
            raise BackupRefused(f"The backup holds a table that this version of Préau does not know: {name}.")
        statement = insert(table)
        while batch := list(islice(rows, _AT_ONCE)):
            connection.execute(statement, decode_rows(table, batch[0][1], [values for _, _, values in batch]))
            count += len(batch)
    return count


def decode_rows(table: Table, columns: list[str], rows: list[list[Any]]) -> list[dict[str, Any]]:
    """Return rows that `encode_row` made as a table takes them."""
    decoders: list[tuple[str, Convert]] = [(name, decode) for name in columns if (decode := decoder(table.c[name]))]
    named = [dict(zip(columns, values, strict=True)) for values in rows]
    for row in named:
        for name, decode in decoders:
            if row[name] is not None:
                row[name] = decode(row[name])
    return named


def set_sequences(connection: Connection, tables: Sequence[Table]) -> None:
    """Let PostgreSQL number the next rows after those that came with their numbers; SQLite looks at the rows themselves."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = _numbered(table)
        if column is None:
            continue
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
        # Never back: numbers drawn at this moment would be drawn again, whatever becomes of this transaction.
        connection.execute(
            select(case((highest > func.nextval(sequence), func.setval(sequence, highest, False)), else_=None))
        )


def _numbered(table: Table) -> Column[Any] | None:
    column = table.autoincrement_column
    return column if column is not None and isinstance(column.type, BigInteger | Integer) else None
