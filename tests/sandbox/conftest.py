"""A test instance with its control API, in this process: HTTP in, HTTP out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.adapters import migrate
from idp.app import build_pages
from idp.settings import create_master_key, load_settings
from idp.world import World, build_world
from tests.support.schemas import find_fault
from tests.support.server import write_settings

BASE = "http://localhost:8400"
HEADERS = {"X-Preau-Sandbox": "1"}


class Control:
    """Speaks to the control API as a tester does, and holds every answer against what the API says of itself."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self._described: dict[str, Any] | None = None

    def ask(self, method: str, path: str, **more: object) -> TestResponse:
        options = {"base_url": BASE, "headers": HEADERS, **more}
        answer = self.client.open(f"/sandbox/v1/{path}", method=method, **options)  # type: ignore[arg-type]  # Werkzeug's own names
        call = self._find_call(method, answer.request.path)
        if call is not None:
            described = call["responses"].get(str(answer.status_code))
            assert described, (
                f"{method} {path} answers with {answer.status_code}, which is not described: {answer.text}"
            )
            self._check(answer, described)
        return answer

    def _find_call(self, method: str, path: str) -> dict[str, Any] | None:
        if self._described is None:
            told = self.client.get("/sandbox/v1/openapi.json", base_url=BASE)
            self._described = told.get_json() if told.status_code == 200 else {"paths": {}}
        plain = (there for there in self._described["paths"] if there == path)
        with_names = (
            there
            for there in self._described["paths"]
            if re.fullmatch(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(there)), path)
        )
        found = next(plain, None) or next(with_names, None)
        call: dict[str, Any] | None = self._described["paths"][found].get(method.lower()) if found else None
        return call

    def _check(self, answer: TestResponse, described: dict[str, Any]) -> None:
        if "content" not in described:
            assert answer.data == b""
            return
        [(kind, content)] = described["content"].items()
        assert answer.mimetype == kind
        schema = content["schema"]
        if "$ref" in schema:
            schema = self._described["components"]["schemas"]["Problem"]  # type: ignore[index]  # it was found there
        assert find_fault(answer.get_json(), schema) is None


@pytest.fixture
def more_clients() -> str:
    """Return what a file of tests adds to the settings."""
    return ""


@pytest.fixture
def world(tmp_path: Path, more_clients: str) -> Iterator[World]:
    settings = load_settings(write_settings(tmp_path, 8400, clients=more_clients))
    create_master_key(settings.master_key_file)
    migrate.upgrade(settings.database_url)
    world = build_world(settings)
    yield world
    world.engine.dispose()


@pytest.fixture
def control(world: World) -> Control:
    return Control(build_pages(world).test_client())
