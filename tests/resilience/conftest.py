"""One house for each database, for all the tests of a file."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.resilience.campaign import Ground, ground_of
from tests.resilience.gateway import running_gateway
from tests.resilience.house import House, standing_house
from tests.support.databases import DIALECTS, fresh_postgresql_database


@pytest.fixture(scope="module", params=DIALECTS)
def on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    with ground_of(request.param, tmp_path_factory.mktemp("house"), server) as built:
        yield built


@pytest.fixture(scope="module", params=DIALECTS)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with ExitStack() as stack:
        gateway = stack.enter_context(running_gateway())
        url = f"sqlite:///{folder}/preau.db"
        if request.param == "postgresql":
            url = stack.enter_context(fresh_postgresql_database(request.getfixturevalue("postgresql_server")))
        yield stack.enter_context(standing_house(folder, url, gateway))


@pytest.fixture
def house(standing: House) -> House:
    """The house at its seed."""
    standing.sandbox.reset()
    return standing
