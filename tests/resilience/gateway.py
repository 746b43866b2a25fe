"""An operator's SMS gateway on the loopback: it takes every text, a little slowly, and remembers it. So it does with logout tokens."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

LOGOUT_PATH = "/logout"
SLOWNESS_SECONDS = 0.01  # so that a kill can fall between the gateway's taking and the outbox's noting it


class Gateway:
    """What the gateway took, in its order."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._taken: list[tuple[str, str]] = []
        self._logout_tokens: list[str] = []
        self._news = threading.Condition()

    def take(self, to: str, text: str) -> None:
        """Remember a text."""
        with self._news:
            self._taken.append((to, text))
            self._news.notify_all()

    def take_logout(self, token: str) -> None:
        """Remember a logout token."""
        with self._news:
            self._logout_tokens.append(token)

    def logout_tokens(self) -> list[str]:
        """Return the logout tokens that came."""
        with self._news:
            return list(self._logout_tokens)

    def taken(self, to: str = "") -> list[str]:
        """Return the texts to this number, or to every number."""
        with self._news:
            return [text for number, text in self._taken if to in {"", number}]

    def wait_for_more(self, than: int, to: str, seconds: float) -> bool:
        """Wait until more than this many texts were sent to a number; False when time is up."""
        with self._news:
            return self._news.wait_for(lambda: sum(to == number for number, _ in self._taken) > than, seconds)

    def forget(self) -> None:
        """Begin again."""
        with self._news:
            self._taken.clear()
            self._logout_tokens.clear()


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    """Run a gateway on a free port."""
    gateway = Gateway(0)
    pause = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == LOGOUT_PATH:
                gateway.take_logout(parse_qs(body.decode())["logout_token"][0])
            else:
                told = json.loads(body)
                gateway.take(told["to"], told["text"])
            pause.wait(SLOWNESS_SECONDS)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    # Its connections are cut by killed processes: that is what this is about.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    gateway.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
