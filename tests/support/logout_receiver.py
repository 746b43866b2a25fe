"""Relying parties' logout endpoints on the loopback, one path for each: they answer as they are told, and verify every word."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
HANG = 0  # instead of a status: no answer until the end
PATIENCE = 30


@dataclass(frozen=True)
class Told:
    """One request that came."""

    method: str
    path: str
    query: list[tuple[str, str]]
    content_type: str
    fields: list[tuple[str, str]]

    @property
    def token(self) -> str:
        """Return the logout token of a POST, which is its one field (Back-Channel Logout 1.0 section 2.5)."""
        [(name, value)] = self.fields
        assert (self.method, self.content_type, name) == ("POST", "application/x-www-form-urlencoded", "logout_token")
        return value


class LogoutReceiver:
    """What came, in its order, and what is answered next."""

    def __init__(self) -> None:
        self.port = 0
        self._answers: dict[str, list[int]] = defaultdict(list)
        self._pages: dict[str, str] = {}
        self._told: list[Told] = []
        self._news = threading.Condition()
        self._let_go = threading.Event()

    def uri(self, name: str) -> str:
        """Return the address of a relying party's endpoint."""
        return f"http://localhost:{self.port}/{name}"

    def answer(self, name: str, *statuses: int) -> None:
        """Answer the next requests to an endpoint so; all after them with 200."""
        with self._news:
            self._answers[name] = list(statuses)

    def show(self, name: str, page: str) -> None:
        """Answer with this HTML page from now on."""
        with self._news:
            self._pages[name] = page

    def page(self, path: str) -> bytes:
        """Return what an endpoint shows."""
        with self._news:
            return self._pages.get(path[1:], "").encode()

    def forget(self) -> None:
        """Begin again: whoever hangs is let go."""
        with self._news:
            self._told.clear()
            self._answers.clear()
            self._pages.clear()
        self._let_go.set()
        self._let_go = threading.Event()

    def told(self, name: str) -> list[Told]:
        """Return what came to an endpoint."""
        with self._news:
            return self._of(name)

    def wait_for(self, name: str, count: int = 1) -> list[Told]:
        """Wait until so many requests came to an endpoint, and return them."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._of(name)) >= count, PATIENCE), (
                f"{name} was told {self._of(name)}"
            )
            return self._of(name)

    def take(self, told: Told) -> int:
        """Note a request and return the status of its answer."""
        with self._news:
            self._told.append(told)
            self._news.notify_all()
            statuses = self._answers[told.path[1:]]
            status = statuses.pop(0) if statuses else 200
        if status == HANG:
            self._let_go.wait()
            return 200
        return status

    def _of(self, name: str) -> list[Told]:
        return [one for one in self._told if one.path == f"/{name}"]


def verify(told: Told, base: str, client_id: str, *, algorithm: str = "RS256") -> dict[str, Any]:
    """Return the claims of a logout token, after every check of Back-Channel Logout 1.0 section 2.6."""
    metadata = requests.get(f"{base}/.well-known/openid-configuration", timeout=20).json()
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=20).json())
    token = jwt.decode(told.token, keys, algorithms=[algorithm])
    assert (token.header["alg"], token.header["typ"]) == (algorithm, "logout+jwt")
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    ).validate(token.claims)
    assert isinstance(token.claims["aud"], str)
    assert 0 < token.claims["exp"] - token.claims["iat"] <= 120
    assert token.claims["events"] == {EVENT: {}}
    assert "sub" in token.claims or "sid" in token.claims
    assert "nonce" not in token.claims
    return dict(token.claims)


@contextmanager
def running_receiver() -> Iterator[LogoutReceiver]:
    """Run the endpoints on a free port."""
    receiver = LogoutReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take()

        def do_POST(self) -> None:
            self._take()

        def _take(self) -> None:
            asked = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            kind = self.headers.get("Content-Type", "")
            told = Told(self.command, asked.path, parse_qsl(asked.query), kind, parse_qsl(body))
            status = receiver.take(told)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", receiver.uri("elsewhere"))
            self.send_header("Content-Type", "text/html")
            page = receiver.page(asked.path)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    # Whoever hangs is left by its caller: that is what it is for.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.forget()
        server.shutdown()
        server.server_close()
        thread.join()
