"""Up and down with rows in every table, on both databases; and the tables are those of `idp.adapters.schema`."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
)

from idp.adapters import migrate, schema
from idp.adapters.schema import metadata
from idp.adapters.stores import make_engine
from idp.adapters.tables import Moment, access_token
from tests.contracts.conftest import database_url

__all__ = ["database_url"]
AT = datetime(2031, 3, 14, 9, 26, tzinfo=UTC)


def something_for(column: Column[Any]) -> Any:
    """Return a value that the column takes."""
    kinds: dict[type, Any] = {
        Moment: AT, Boolean: True, Date: date(2012, 4, 12), LargeBinary: b"x", BigInteger: 1, Integer: 1, Text: "{}", String: "x",
    }  # fmt: skip
    return next(value for kind, value in kinds.items() if isinstance(column.type, kind))


def fill(url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(insert(table).values({column.name: something_for(column) for column in table.columns}))
    engine.dispose()


def load_all(url: str) -> dict[str, list[tuple[Any, ...]]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table))] for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def tables_of(url: str) -> set[str]:
    engine = make_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_the_migrations_make_the_tables_that_the_code_knows(database_url: str) -> None:
    migrate.upgrade(database_url)
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    engine.dispose()


def test_an_upgrade_of_what_is_up_to_date_loses_nothing_and_down_and_up_again_works(
    database_url: str,
) -> None:
    migrate.upgrade(database_url)
    fill(database_url)
    before = load_all(database_url)
    assert all(len(rows) == 1 for rows in before.values())
    migrate.upgrade(database_url)
    assert load_all(database_url) == before
    migrate.downgrade(database_url, "base")
    assert tables_of(database_url) <= {"alembic_version"}
    assert not migrate.is_current(database_url)
    migrate.upgrade(database_url)
    assert migrate.is_current(database_url)
    assert load_all(database_url) == {table.name: [] for table in metadata.sorted_tables}


def test_the_newest_revision_is_the_one_that_the_server_expects() -> None:
    script = ScriptDirectory(str(migrate.script_location()))
    assert script.get_heads() == [migrate.HEAD]


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=[table.name for table in metadata.sorted_tables])
def test_every_table_says_what_it_is_by_a_name_of_its_own(table: Table) -> None:
    assert table.name == table.name.lower()
    assert table.primary_key.columns


def test_a_revision_back_and_forth_keeps_families_accounts_and_contests(database_url: str) -> None:
    migrate.upgrade(database_url)
    fill(database_url)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        for name in ("pupil", "guardian"):
            connection.exec_driver_sql(f"UPDATE {name} SET origin = 'aaf2d'")  # noqa: S608  our own table names
        # 0001 has no place for these.
        fresh = "closes_at = NULL, language = 'fr', identity_at = NULL, identity_asked = false"
        connection.exec_driver_sql(f"UPDATE account SET {fresh}")  # noqa: S608  our own column names
        connection.exec_driver_sql(
            "UPDATE kinship SET guardian_origin = 'aaf2d', pupil_origin = 'aaf2d', stated_by = 'pupil', state = 'contested'"
        )
    engine.dispose()
    before = load_all(database_url)
    migrate.downgrade(database_url, "0001")
    migrate.upgrade(database_url)
    after = load_all(database_url)
    kept = ("school", "kinship", "account", "account_guardian")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert len(after["pupil"]) == len(after["guardian"]) == 1
    assert after["stated_link"] == [], "0001 has no place for it"
    migrate.downgrade(database_url, "base")


def test_going_down_forgets_the_tokens_that_would_be_taken_for_something_else_and_keeps_the_others(
    database_url: str,
) -> None:
    migrate.upgrade(database_url)
    fill(database_url)
    of_a_person = {column.name: something_for(column) for column in access_token.columns} | {"audience": None}
    of_a_machine = {**of_a_person, "session_id": None, "account_id": None, "auth_time": None, "audience": "urn:x"}
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(insert(access_token).values({**of_a_person, "token_hash": "userinfo"}))
        connection.execute(insert(access_token).values({**of_a_machine, "token_hash": "machine"}))
    engine.dispose()
    migrate.downgrade(database_url, "0011")
    migrate.upgrade(database_url)
    after = load_all(database_url)
    kept = [dict(zip(access_token.columns.keys(), row, strict=True)) for row in after["access_token"]]
    assert kept == [{**of_a_person, "token_hash": "userinfo"}]
    assert len(after["refresh_token"]) == len(after["authorization_code"]) == 1
    migrate.downgrade(database_url, "base")


def test_the_schema_knows_every_module_of_tables() -> None:
    found = {path.stem for path in Path(schema.__file__).parent.glob("*_tables.py")}
    assert {module.__name__.rpartition(".")[2] for module in schema.MODULES} == found


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_what_refers_to_a_row_is_found_by_an_index(table: Table) -> None:
    # Neither database makes one by itself, and both look for such rows whenever the other one is removed.
    ways = [table.primary_key.columns, *(index.columns for index in table.indexes)]
    ways += [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    for reference in table.foreign_key_constraints:
        names = reference.column_keys
        assert any([column.key for column in way][: len(names)] == names for way in ways), names
