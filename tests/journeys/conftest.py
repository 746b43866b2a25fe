"""One real server for each worker and database; every story begins at the seed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database, running_postgresql
from tests.support.described import checking_answers
from tests.support.relying_party import RelyingParty
from tests.support.resources import RESOURCES
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server


@pytest.fixture(autouse=True, scope="package")
def described() -> Iterator[None]:
    """Every answer that a story meets is one that `/openapi.json` describes."""
    with checking_answers():
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with running_postgresql() as url:
        yield url


@pytest.fixture(scope="session", params=DIALECTS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    directory: Path = tmp_path_factory.mktemp("preau")
    # Stories of one server try wrong secrets in one minute that tests of the throttle count apart.
    more = 'log_level = "debug"\nthrottle.client_failures_per_minute = 1000'
    if request.param == "sqlite":
        with running_server(directory, more=more, clients=RESOURCES) as running:
            yield running
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(directory, more=more, clients=RESOURCES, database_url=url) as running,
    ):
        yield running


@pytest.fixture
def sandbox(server: RunningServer) -> Sandbox:
    control = Sandbox(server.base)
    control.reset()
    return control


@pytest.fixture
def browser(server: RunningServer, sandbox: Sandbox) -> Browser:
    del sandbox  # a browser that begins at the seed
    return Browser(server.base)


@pytest.fixture
def other_browser(server: RunningServer, sandbox: Sandbox) -> Browser:
    del sandbox
    return Browser(server.base)


@pytest.fixture
def ent(server: RunningServer) -> RelyingParty:
    return RelyingParty(server.base)
