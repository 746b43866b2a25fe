"""What 0006 makes of the keys that 0004 had, and the other way."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from idp.adapters import migrate
from idp.adapters.stores import make_engine
from tests.contracts.conftest import database_url

__all__ = ["database_url"]
HOUR = 3600 * 1_000_000
LATE = 4_000_000_000_000_000  # in 2096


@pytest.fixture
def engine(database_url: str) -> Any:
    engine = make_engine(database_url)
    yield engine
    migrate.downgrade(database_url, "base")
    engine.dispose()


def put(engine: Engine, **values: object) -> None:
    columns = {"algorithm": "RS256", "sealed": b"x", "created_at": HOUR, "retired_at": None, **values}
    names = ", ".join(columns)
    with engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO signing_key ({names}) VALUES ({', '.join(f':{name}' for name in columns)})"),  # noqa: S608  our own names
            columns,
        )


def rows(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return {row.kid: row for row in connection.execute(text("SELECT * FROM signing_key"))}


def test_the_key_that_signs_goes_on_and_another_stays_published_for_a_day(database_url: str, engine: Engine) -> None:
    migrate.upgrade(database_url, "0004")
    put(engine, kid="signs", active=True)
    put(engine, kid="forgotten", active=False)
    put(engine, kid="retired", active=False, retired_at=2 * HOUR)
    migrate.upgrade(database_url)
    found = rows(engine)
    assert found["signs"][2:] == (b"x", HOUR, None, HOUR, None)
    assert found["retired"].retired_at == 2 * HOUR
    assert found["forgotten"].published_until - found["forgotten"].retired_at == 24 * HOUR
    assert found["retired"].published_until == found["forgotten"].published_until


def test_back_again_no_key_is_published_that_was_not(database_url: str, engine: Engine) -> None:
    migrate.upgrade(database_url)
    put(engine, kid="signs", signs_since=HOUR, published_until=None)
    put(engine, kid="next", signs_since=None, published_until=None)
    put(engine, kid="retiring", signs_since=HOUR, retired_at=2 * HOUR, published_until=LATE)
    put(engine, kid="retired", signs_since=HOUR, retired_at=2 * HOUR, published_until=2 * HOUR)
    put(engine, kid="unreadable", algorithm="EdDSA", signs_since=HOUR, published_until=None)
    migrate.downgrade(database_url, "0004")
    assert {kid: bool(row.active) for kid, row in rows(engine).items()} == {
        "signs": True,
        "next": False,
        "retiring": False,
    }
