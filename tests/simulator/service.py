"""A service that signs people in through the simulator, step by step, and a browser for it: in one process, without a network."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient

from franceconnect_bridge.simulator.app import create_app
from franceconnect_bridge.simulator.settings import Client, Settings
from tests.support.control_api import ControlDescription
from tests.support.page import Page, read_page

BASE = "http://localhost:8401"
ISSUER = f"{BASE}/api/v2"
REDIRECT_URI = "http://localhost:8400/franceconnect/retour"
AFTER_LOGOUT = "http://localhost:8400/franceconnect/deconnecte"
SECRET = "preau-simulateur-secret-de-test"
STATE = "0123456789abcdef0123456789abcdef"
NONCE = "abcdefghijklmnopqrstuvwxyz012345"
IDENTITY = "openid given_name family_name birthdate gender birthplace birthcountry preferred_username"
REQUEST = {
    "response_type": "code",
    "client_id": "preau",
    "redirect_uri": REDIRECT_URI,
    "scope": IDENTITY,
    "acr_values": "eidas1",
    "state": STATE,
    "nonce": NONCE,
}
TOWN_HALL = Client(
    client_id="mairie",
    name="Mairie de Val-Préau",
    redirect_uris=("https://mairie.example/retour",),
    post_logout_redirect_uris=("https://mairie.example/sorti?depuis=fc",),
    client_secret="a-secret-of-the-town-hall",
)


@dataclass
class Visit:
    """One browser at the simulator."""

    app: Flask
    client: FlaskClient = field(init=False)
    answered: dict[str, str] = field(default_factory=dict)
    port: int = 0  # where servers reach the simulator, when it is served

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def open(self, address: str, data: Mapping[str, str] | None = None, method: str = "GET") -> Page:
        """Ask, follow redirects as long as they stay here, and note the answer that goes to a service."""
        for _ in range(10):
            path = address.removeprefix(BASE)
            answer = self.client.open(path, method=method, data=data, base_url=BASE)
            if answer.status_code not in {302, 303}:
                return read_page(answer.status_code, BASE + path, answer.headers, answer.text)
            address, data, method = answer.headers["Location"], None, "GET"
            if not address.startswith((BASE, "/")):
                self.answered = {"to": address.partition("?")[0], **dict(parse_qsl(urlsplit(address).query))}
                return read_page(answer.status_code, address, answer.headers, "")
        raise AssertionError("a loop of redirects")

    def ask(self, **changes: str | None) -> Page:
        """Come from the service."""
        asked = {name: value for name, value in {**REQUEST, **changes}.items() if value is not None}
        return self.open(f"{ISSUER}/authorize?{urlencode(asked)}")

    def submit(self, page: Page, control: str, button: str = "", **values: str) -> Page:
        """Fill in a form of a page and press its button."""
        form = page.form(control)
        pressed = {name: value for name, value, words in form.buttons if name and button and button in words}
        return self.open(form.action, {**form.values, **pressed, **values}, "POST")

    def reach_information(self, login: str = "test", **changes: str | None) -> Page:
        """Go as far as the page that says as whom one signs in."""
        page = self.ask(**changes)
        if page.h1.startswith("Vous allez vous connecter"):  # somebody is signed in already
            return page
        page = self.submit(page, "uid", "Impôts fictifs")
        return self.submit(page, "login", login=login, password="123")

    def sign_in(self, login: str = "test", **changes: str | None) -> dict[str, str]:
        """Sign in and return what came back to the service."""
        self.submit(self.reach_information(login, **changes), "uid")
        return self.answered

    def redeem(self, code: str, **changes: str | None) -> tuple[int, dict[str, Any]]:
        """Exchange a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "client_id": "preau",
            "client_secret": SECRET,
            **changes,
        }
        sent = {name: value for name, value in form.items() if value is not None}
        answer = self.app.test_client().post("/api/v2/token", data=sent, base_url=BASE)
        return answer.status_code, answer.get_json(silent=True) or {"text": answer.text}

    def userinfo(self, access_token: str) -> tuple[int, str]:
        """Ask for the identity."""
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = self.app.test_client().get("/api/v2/userinfo", headers=headers, base_url=BASE)
        return answer.status_code, answer.text

    def control(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Call the control API, and hold its answer against what it says of itself."""
        sent = {"X-Preau-Sandbox": "1", **headers}
        client = self.app.test_client()
        answer = client.open(f"/sandbox/v1{path}", method=method, json=body, headers=sent, base_url=BASE)
        described = client.get("/sandbox/v1/openapi.json", base_url=BASE, headers=headers).get_json()
        ControlDescription(described).check(method, answer.request.path, answer)
        return answer

    def arm(self, name: str, **values: object) -> None:
        """Let the next request meet a fault."""
        assert self.control("POST", "/faults", {"name": name, **values}).status_code == 201


def make_visit(**settings: Any) -> Visit:
    """Return a browser at a simulator of these settings."""
    return Visit(create_app(Settings(**settings)))


def payload_of(token: str) -> dict[str, Any]:
    """Return what a JWT says, unverified."""
    return dict(json.loads(_decode(token.split(".")[1])))


def header_of(token: str) -> dict[str, Any]:
    """Return a JWT's header, unverified."""
    return dict(json.loads(_decode(token.split(".")[0])))


def _decode(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
