"""Two databases with this version's tables: one to be backed up, an empty one of the other kind to be restored into."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from idp.adapters.secrets import MasterKey
from idp.adapters.stores import make_engine
from tests.migrations.test_up_and_down import fill
from tests.support.databases import fresh_postgresql_database, make_tables


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    sqlite = f"sqlite:///{tmp_path}/preau.db"
    with fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as postgresql:
        for url in (sqlite, postgresql):
            make_tables(url)
        yield (sqlite, postgresql) if request.param == "sqlite to postgresql" else (postgresql, sqlite)


@pytest.fixture
def source(urls: tuple[str, str]) -> Iterator[Engine]:
    fill(urls[0])
    engine = make_engine(urls[0])
    yield engine
    engine.dispose()


@pytest.fixture
def target(urls: tuple[str, str]) -> Iterator[Engine]:
    engine = make_engine(urls[1])
    yield engine
    engine.dispose()


@pytest.fixture
def secrets() -> MasterKey:
    return MasterKey(bytes(range(32)))
