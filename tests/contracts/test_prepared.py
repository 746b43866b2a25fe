"""Statements that go to the driver as they are: the same answers and the same errors as by SQLAlchemy's own way."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, event, insert, select
from sqlalchemy.exc import IntegrityError, MultipleResultsFound

from idp.adapters.links import Link, Prepared
from idp.adapters.stores import SqlStores
from idp.adapters.tables import op_session, quota
from tests.contracts.rows import add_account, session_of

_ADD = Prepared(insert(quota), ("key", "used", "resets_at"))
_LOAD = Prepared(select(quota.c.key, quota.c.used, quota.c.resets_at).where(quota.c.used >= bindparam("least")))


def add(link: Link, key: str, now: datetime) -> int:
    return link.write(_ADD, {"key": key, "used": 1, "resets_at": now})


def test_a_row_comes_back_as_it_was_written(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        link = Link(connection, repeats=False)
        assert add(link, "one", now) == 1
        assert list(link.read_one(_LOAD, {"least": 0}) or ()) == ["one", 1, now]
        assert link.read_one(_LOAD, {"least": 2}) is None


def test_whoever_listens_to_statements_hears_them_and_changes_no_answer(engine: Engine, now: datetime) -> None:
    heard: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with engine.begin() as connection:
            link = Link(connection, repeats=False)
            assert add(link, "one", now) == 1
            assert list(link.read_one(_LOAD, {"least": 0}) or ()) == ["one", 1, now]
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert [words.split()[0] for words in heard if "quota" in words] == ["INSERT", "SELECT"]


def test_a_refused_write_raises_the_error_of_sqlalchemy_without_its_values(engine: Engine, now: datetime) -> None:
    with engine.connect() as connection:
        link = Link(connection, repeats=False)
        add(link, "twice", now)
        with pytest.raises(IntegrityError) as refused:
            add(link, "twice", now)
        assert "INSERT INTO quota" in str(refused.value)
        connection.rollback()


def test_several_rows_where_one_was_asked_for_are_an_error(engine: Engine, now: datetime) -> None:
    with engine.begin() as connection:
        link = Link(connection, repeats=False)
        add(link, "one", now)
        add(link, "two", now)
        with pytest.raises(MultipleResultsFound):
            link.read_one(_LOAD, {"least": 0})


def test_a_read_on_a_connection_that_was_cut_is_repeated_once(stores: SqlStores, engine: Engine, now: datetime) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no connection that others can cut")
    account_id = add_account(stores, now)
    with stores.writing() as desk:
        desk.sessions.add_session(session_of(account_id, now))
    with stores.reading() as reading:
        assert reading.sessions.load_session_by_id("sid") is not None
        with engine.connect() as other:
            other.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        assert reading.sessions.load_session_by_id("sid") is not None


def test_a_statement_keeps_the_columns_types(engine: Engine) -> None:
    words = Prepared(select(op_session.c.auth_time)).spoken_in(engine.dialect)
    moment = words.read_row([0])[0]
    assert (moment.year, moment.utcoffset().total_seconds()) == (1970, 0)
