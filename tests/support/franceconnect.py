"""A real simulator of FranceConnect for tests, its control API, and a browser that goes there and back."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.server import START_LIMIT_SECONDS, free_port

SECRET = "preau-simulateur-secret-de-test"
UNCALLED_ISSUER = "http://localhost:8401/api/v2"
WITHOUT_CALLS = f"""
[franceconnect]
issuer = "{UNCALLED_ISSUER}"
client_id = "preau"
client_secret = "never-sent"
discovery = false
authorization_endpoint = "{UNCALLED_ISSUER}/authorize"
token_endpoint = "{UNCALLED_ISSUER}/token"
userinfo_endpoint = "{UNCALLED_ISSUER}/userinfo"
jwks_uri = "{UNCALLED_ISSUER}/jwks"
end_session_endpoint = "{UNCALLED_ISSUER}/session/end"
"""
"""Settings for a FranceConnect that nothing calls before somebody comes back from it."""


@dataclass(frozen=True)
class Simulator:
    """A simulator that answers."""

    base: str

    @property
    def issuer(self) -> str:
        """Its issuer."""
        return f"{self.base}/api/v2"

    def settings(self) -> str:
        """Return the provider's settings for it."""
        return f'''
[franceconnect]
issuer = "{self.issuer}"
client_id = "preau"
client_secret = "{SECRET}"
'''

    def arm(self, name: str, **values: object) -> None:
        """Let the next requests meet a fault."""
        self.ask("POST", "faults", {"name": name, **values})

    def advance(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Move its clock forward."""
        self.ask("PUT", "clock", {"advance_seconds": minutes * 60 + seconds})

    def reset(self) -> None:
        """Begin again."""
        self.ask("POST", "reset")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Call the control API."""
        answer = requests.request(
            method, f"{self.base}/sandbox/v1/{path}", json=body, headers={"X-Preau-Sandbox": "1"}, timeout=20
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


@contextmanager
def running_simulator(
    folder: Path, idp_origin: str, *options: str, host: str = "localhost", port: int = 0
) -> Iterator[Simulator]:
    """Serve a simulator whose default client is the provider at `idp_origin`."""
    port = port or free_port()
    base = f"http://{host}:{port}"
    words = [sys.executable, "-m", "franceconnect_bridge.simulator", "--base-url", base]
    words += ["--listen", f"127.0.0.1:{port}", "--idp-origin", idp_origin, *options]
    with (folder / "franceconnect.log").open("ab") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: S603  our own program
    try:
        ends = time.monotonic() + START_LIMIT_SECONDS
        while True:
            assert process.poll() is None, (folder / "franceconnect.log").read_text(encoding="utf-8")
            try:
                if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok:
                    break
            except requests.ConnectionError:
                assert time.monotonic() < ends, "the simulator does not answer"
                time.sleep(0.02)
        yield Simulator(base)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


class TravellingBrowser(Browser):
    """A browser that goes to FranceConnect and comes back."""

    def __init__(self, base: str, simulator: Simulator) -> None:
        super().__init__(base)
        self.sites.add(urlsplit(simulator.base).netloc)

    def identify(self, login: str = "test", provider: str = "Impôts fictifs") -> Page:
        """From the provider's sign-in page to the page that says as whom one goes on."""
        page = self.open(self.page.link("Je me connecte avec FranceConnect"))
        if page.h1.startswith("Connexion en cours"):
            self.fill("uid", button=provider)
            page = self.fill("login", {"login": login, "password": "123"})
        return page

    def come_back(self, login: str = "test") -> Page:
        """Identify oneself, and come back to the provider."""
        self.identify(login)
        return self.fill("Continuer sur Education Nationale")

    def go_on(self) -> Page:
        """Do what a page does that goes on by itself."""
        return self.open(self.page.link("Continuer"))
