"""Every contract runs on a SQLite file and on PostgreSQL: real ones, with the tables that the migrations make."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores, make_engine
from idp.adapters.tables import metadata
from tests.support.databases import DIALECTS, fresh_postgresql_database, make_tables

NOW = datetime(2031, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)


@pytest.fixture(scope="module", params=DIALECTS)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/preau.db"
        return
    with fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture(scope="module")
def migrated_engine(database_url: str) -> Iterator[Engine]:
    make_tables(database_url)
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(migrated_engine: Engine) -> Iterator[Engine]:
    yield migrated_engine
    with migrated_engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def secrets() -> MasterKey:
    return MasterKey(bytes(range(32)))


@pytest.fixture
def stores(engine: Engine, secrets: MasterKey) -> SqlStores:
    return SqlStores(engine, secrets)


@pytest.fixture
def now() -> datetime:
    return NOW
