"""A service, a browser and a tester in front of one simulator, without a network: Flask's own client carries the requests."""

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from joserfc import jws
from joserfc.jwk import KeySet
from werkzeug.test import Client as Carrier
from werkzeug.test import TestResponse

from franceconnect_bridge.simulator.app import create_app
from franceconnect_bridge.simulator.persons import load_persons
from franceconnect_bridge.simulator.settings import Client, Settings, default_client

BASE = "http://localhost:8401"
ISSUER = f"{BASE}/api/v2"
CALLBACK = "http://localhost:8400/franceconnect/retour"
AFTER_LOGOUT = "http://localhost:8400/franceconnect/deconnecte"
SECRET = "preau-simulateur-secret-de-test"
OTHER_CALLBACK = "https://service.example/retour?d=1"

PRIVATE = Client(
    client_id="prive",
    client_secret="secret-du-service-prive",
    name="Cantine privée",
    redirect_uris=(OTHER_CALLBACK,),
    post_logout_redirect_uris=("https://service.example/sorti",),
    signed_response_alg="RS256",
    scopes=("openid", "given_name", "family_name", "email"),
    amr=False,
    private=True,
)


def simulator(*more: Client, **changes: Any) -> Flask:
    """Build a simulator that knows our own service and `more`."""
    clients = (default_client(("http://localhost:8400",)), *more)
    return create_app(Settings(clients=clients, **changes), load_persons(None))


@dataclass
class Hand:
    """The hand of a tester, who holds the control API."""

    app: Flask
    headers: dict[str, str] = field(default_factory=lambda: {"X-Preau-Sandbox": "1"})

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.app.test_client().open(
            f"/sandbox/v1{path}", method=method, base_url=BASE, json=body, headers={**self.headers, **headers}
        )

    def fail(self, fault: str, **more: Any) -> None:
        answer = self.call("POST", "/faults", {"fault": fault, **more})
        assert answer.status_code == 201, answer.text

    def advance(self, seconds: float) -> None:
        assert self.call("PUT", "/clock", {"advance_seconds": seconds}).status_code == 200


@dataclass
class Service:
    """A relying party that checks nothing by itself: tests look at what it got."""

    app: Flask
    client_id: str = "preau"
    secret: str = SECRET
    callback: str = CALLBACK

    def request(self, **changes: str | None) -> dict[str, str]:
        """Return a request that is right; a change of None leaves a parameter out."""
        right: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": "openid given_name family_name",
            "acr_values": "eidas1",
            "nonce": "n" * 32,
            "state": "s" * 32,
        }
        return {name: value for name, value in {**right, **changes}.items() if value is not None}

    def redeem(self, code: str, **changes: str | None) -> TestResponse:
        right: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "client_id": self.client_id,
            "client_secret": self.secret,
        }
        form = {name: value for name, value in {**right, **changes}.items() if value is not None}
        return self.app.test_client().post("/api/v2/token", base_url=BASE, data=form)

    def userinfo(self, token: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.app.test_client().get("/api/v2/userinfo", base_url=BASE, headers=headers)

    def keys(self) -> KeySet:
        document = self.app.test_client().get("/api/v2/jwks", base_url=BASE).get_json()
        return KeySet.import_key_set(document)

    def verify(self, token: str) -> dict[str, Any]:
        """Return the payload of a token that a published key signed."""
        return dict(json.loads(jws.deserialize_compact(token, self.keys(), algorithms=["ES256", "RS256"]).payload))


class Browser:
    """Somebody with a browser: keeps cookies, reads forms, follows redirects while they stay at the simulator."""

    def __init__(self, app: Flask) -> None:
        self._http: Carrier = app.test_client()

    def open(self, path: str, **query: str) -> TestResponse:
        return self._follow(self._http.get(path, base_url=BASE, query_string=query or None))

    def post(self, path: str, **form: str) -> TestResponse:
        return self._follow(self._http.post(path, base_url=BASE, data=form))

    def authorize(self, request: dict[str, str]) -> TestResponse:
        return self.open("/api/v2/authorize", **request)

    def submit(self, page: TestResponse, **form: str) -> TestResponse:
        """Send the page's own form with more fields."""
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action, page.text
        return self.post(unescape(action[1]), **hidden(page), **form)

    def choose(self, page: TestResponse, name: str = "Impôts fictifs") -> TestResponse:
        return self.submit(page, providerUid=provider_uid(page, name))

    def prove(self, page: TestResponse, login: str = "test", typed: str = "123") -> TestResponse:
        return self.submit(page, **{"identifiant": login, "mot-de-passe": typed})

    def reach_consent(self, request: dict[str, str], login: str = "test") -> TestResponse:
        return self.prove(self.choose(self.authorize(request)), login)

    def come_back(self, request: dict[str, str], login: str = "test", **form: str) -> dict[str, str]:
        """Go the whole way, and return the parameters of the callback."""
        return callback(self.submit(self.reach_consent(request, login), **form))

    def _follow(self, answer: TestResponse) -> TestResponse:
        while answer.status_code in (302, 303) and answer.headers["Location"].startswith("/"):
            answer = self._http.get(answer.headers["Location"], base_url=BASE)
        return answer


def hidden(page: TestResponse) -> dict[str, str]:
    return {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }


def provider_uid(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="providerUid" value="([^"]+)">{name}<', page.text)
    assert found, page.text
    return found[1]


def callback(answer: TestResponse, of: str = CALLBACK) -> dict[str, str]:
    """Return the parameters with which a browser is sent back to the service."""
    assert answer.status_code in (302, 303), words(answer)
    address = answer.headers["Location"]
    assert address.startswith(of), address
    return {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}


def words(page: TestResponse) -> str:
    """What a person reads, without markup, spaces joined."""
    text = re.sub(r"<title[^>]*>.*?</title>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return re.sub(r"[ \n\t]+", " ", unescape(text))


def error_code(page: TestResponse) -> str:
    """The code that an error page shows."""
    found = re.search(r"Code (Y[0-9A-F]+)", words(page))
    assert found, words(page)
    return found[1]


def unverified(token: str, part: int = 1) -> dict[str, Any]:
    """A token's header (0) or payload (1)."""
    return dict(json.loads(urlsafe_b64decode(token.split(".")[part] + "==")))
