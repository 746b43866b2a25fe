"""A Flask client for what HTTP shows, and one Chromium on a loopback port for what only a browser shows."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.web.world import World


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  Werkzeug's own name
        """Say nothing: a test's output is about failures."""


@dataclass
class Site:
    """A world on the air."""

    world: World
    base: str


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.build().test_client()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    world = World()
    server = make_server("127.0.0.1", 0, world.build(), threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(world, f"http://localhost:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()
