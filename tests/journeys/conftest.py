"""One real server for each worker; every story begins at the seed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    directory: Path = tmp_path_factory.mktemp("preau")
    with running_server(directory, more='log_level = "debug"') as running:
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
