"""A simulator on the loopback, and a browser at it; the bridge calls it over HTTP."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from franceconnect_bridge.simulator.app import create_app
from franceconnect_bridge.simulator.settings import Client, Settings
from tests.bridge.mounted import Mounted, mount
from tests.simulator.service import AFTER_LOGOUT, BASE, REDIRECT_URI, Visit
from tests.support.server import free_port


@pytest.fixture(scope="session")
def franceconnect() -> Iterator[Visit]:
    """A simulator whose issuer is where browsers of tests are, and whose servers' endpoints are on a real port."""
    port = free_port()
    rs256 = Client(
        "rs256", "RS256", (REDIRECT_URI,), (AFTER_LOGOUT,), client_secret="s" * 20, signed_response_alg="RS256"
    )
    settings = Settings(
        base_url=BASE, listen=f"127.0.0.1:{port}", backchannel_hosts=(f"127.0.0.1:{port}",), clients=(rs256,)
    )
    app = create_app(settings)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    visit = Visit(app)
    visit.port = port
    yield visit
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(franceconnect: Visit) -> Visit:
    franceconnect.control("POST", "/reset")
    fresh = Visit(franceconnect.app)
    fresh.port = franceconnect.port
    return fresh


@pytest.fixture
def mounted(visit: Visit) -> Mounted:
    return mount_at(visit)


def mount_at(visit: Visit, **changes: object) -> Mounted:
    """Mount a bridge that asks discovery at the simulator's port, as containers do."""
    discovery = f"http://127.0.0.1:{visit.port}/api/v2/.well-known/openid-configuration"
    return mount(f"{BASE}/api/v2", discovery_url=discovery, **changes)
