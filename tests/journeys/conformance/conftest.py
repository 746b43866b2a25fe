"""The provider that the suite's questions are put to, and its clients."""

from collections.abc import Iterator

import pytest

from tests.journeys.conformance.suite import Suite
from tests.support.client_site import Site, running_site
from tests.support.server import RunningServer, running_server

UNSAFE = """
[[clients]]
client_id = "neither"
client_name = "ENT Certifié"
client_secret = "secret-of-the-one-that-sends-neither"
redirect_uris = ["http://ent.localhost:8413/test/a/preau/callback"]
pkce = "unsafe_optional"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    # One database is enough: every store passes its contract on both.
    more = 'registration = {mode = "open"}\nthrottle.registrations_per_minute = 10000'
    with running_server(tmp_path_factory.mktemp("preau"), more=more, clients=UNSAFE) as running:
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(host="ent.localhost") as running:
        yield running


@pytest.fixture
def suite(server: RunningServer) -> Suite:
    return Suite(server.base)


@pytest.fixture(params=["query", "form_post"])
def basic(request: pytest.FixtureRequest, server: RunningServer) -> Suite:
    """A client of the plan Basic, and of Form Post, which is the same with another way back."""
    suite = Suite(server.base, request.param)
    suite.register()
    return suite
