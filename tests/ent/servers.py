"""Loopback servers for tests: a WSGI application in a thread, on a port that the system chooses, closed without waiting."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is werkzeug's
        """Say nothing."""


@dataclass
class Door:
    """Where the application will be; set `app` once it is built, since its settings need the port."""

    port: int
    app: Callable[..., Any] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def open_door() -> Iterator[Door]:
    door = Door(0)

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        assert door.app
        return door.app(environ, start_response)

    server = make_server("127.0.0.1", 0, call, threaded=True, request_handler=QuietHandler)
    server.daemon_threads = True
    door.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
