"""A test instance with its control API, in this process: HTTP in, HTTP out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.app import build_pages
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world
from tests.support.control_api import ControlDescription
from tests.support.databases import make_tables
from tests.support.server import write_settings

BASE = "http://localhost:8400"
HEADERS = {"X-Preau-Sandbox": "1"}


class Control:
    """Speaks to the control API as a tester does, and holds every answer against what the API says of itself."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._description: ControlDescription | None = None

    def ask(self, method: str, path: str, **more: object) -> TestResponse:
        options = {"base_url": BASE, "headers": HEADERS, **more}
        answer = self.client.open(f"/sandbox/v1/{path}", method=method, **options)  # type: ignore[arg-type]  # Werkzeug's own names
        if self._description is None:
            told = self.client.get("/sandbox/v1/openapi.json", base_url=BASE)
            self._description = ControlDescription(told.get_json() if told.status_code == 200 else {"paths": {}})
        self._description.check(method, answer.request.path, answer)
        return answer


@pytest.fixture
def more_clients() -> str:
    """Return what a file of tests adds to the settings."""
    return ""


@pytest.fixture
def world(tmp_path: Path, more_clients: str) -> Iterator[World]:
    settings = load_settings(write_settings(tmp_path, 8400, clients=more_clients))
    create_master_key(settings.master_key_file)
    make_tables(settings.database_url)
    world = build_world(settings)
    yield world
    world.engine.dispose()


@pytest.fixture
def control(world: World) -> Control:
    return Control(build_pages(world).test_client())
