"""One real server for each worker and database; every module and every story begins at the seed (docs/decisions/0041-*.md)."""

from collections.abc import Iterator

import pytest

from tests.support.browser import Browser
from tests.support.databases import DIALECTS
from tests.support.described import checking_answers
from tests.support.lasting import LastingProviders
from tests.support.relying_party import RelyingParty
from tests.support.resources import RESOURCES
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


@pytest.fixture(autouse=True, scope="package")
def described() -> Iterator[None]:
    """Every answer that a story meets is one that `/openapi.json` describes."""
    with checking_answers():
        yield


@pytest.fixture(scope="session")
def providers(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LastingProviders]:
    # What a process counts in a minute is the one thing that no reset forgets: tests of the throttles have servers of their own.
    throttles = "throttle.client_failures_per_minute = 1000\nthrottle.openings_per_minute = 100000"
    more = f'log_level = "debug"\n{throttles}'
    lasting = LastingProviders(
        lambda: tmp_path_factory.mktemp("preau"), postgresql_server, more=more, clients=RESOURCES
    )
    yield lasting
    lasting.end()


@pytest.fixture(scope="module", params=DIALECTS)
def server(request: pytest.FixtureRequest, providers: LastingProviders) -> RunningServer:
    return providers.at_seed(request.param)


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
