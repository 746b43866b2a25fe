"""What the conformance suite's clients do.

They register by themselves, send a nonce and no PKCE, and ask for `openid` alone unless a module wants more.
"""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.journeys.people import JOE, PASSWORD
from tests.journeys.visits import CONSENT, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import answer_in, unverified_claims
from tests.support.sandbox import Sandbox

REDIRECT_URI = "http://ent.localhost:8413/test/a/preau/callback"
AFTER = "http://ent.localhost:8413/test/a/preau/post_logout_redirect"
KEY, NEXT_KEY = (RSAKey.generate_key(2048, parameters={"kid": kid}) for kid in ("rp-1", "rp-2"))
OF_THE_PROTOCOL = {
    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "sid", "jti", "txn",
}  # fmt: skip


@dataclass
class Suite:
    """One module's client, its person and her browser."""

    base: str
    mode: str = "query"
    client: dict[str, Any] = field(default_factory=dict)
    redirect_uri: str = REDIRECT_URI

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(self.base)
        self.sandbox.reset()
        self.identifiant = str(self.sandbox.activate(JOE.e164, PASSWORD)["identifiant"])
        self.browser = Browser(self.base)
        self.asked_to_sign_in = 0

    def endpoint(self, name: str) -> str:
        return str(self.metadata()[name])

    def metadata(self) -> dict[str, Any]:
        told: dict[str, Any] = requests.get(f"{self.base}/.well-known/openid-configuration", timeout=20).json()
        return told

    def try_to_register(self, **members: Any) -> requests.Response:
        body = {
            "client_name": "preau 1234",
            "contacts": ["certification@oidf.example"],
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": [self.redirect_uri],
            "token_endpoint_auth_method": "client_secret_basic",
            **members,
        }
        return requests.post(self.endpoint("registration_endpoint"), json=body, timeout=30)

    def register(self, **members: Any) -> dict[str, Any]:
        answer = self.try_to_register(**members)
        assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json"), answer.text
        self.client = answer.json()
        return self.client

    def registered_with_keys(self, **members: Any) -> dict[str, Any]:
        return self.register(
            token_endpoint_auth_method="private_key_jwt", **{"jwks": {"keys": [nameless(KEY)]}, **members}
        )

    def request(self, **changes: str | None) -> dict[str, str]:
        params: dict[str, str | None] = {
            "client_id": self.client["client_id"],
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": "state-of-the-suite",
            "nonce": "nonce-of-the-suite",
            "response_type": "code",
            **({"response_mode": "form_post"} if self.mode == "form_post" else {}),
            **changes,
        }
        return {name: value for name, value in params.items() if value is not None}

    def authorize(self, **changes: str | None) -> dict[str, str]:
        """Send the browser there, do what the person does, and return the answer."""
        return self.walk(self.browser.open(self.address(self.request(**changes))))

    def address(self, request: dict[str, str]) -> str:
        return f"{self.endpoint('authorization_endpoint')}?{urlencode(request)}"

    def walk(self, page: Page) -> dict[str, str]:
        if page.h1 == "Je sélectionne mon profil":
            page = self.browser.open(page.link("Responsable d'élève"))
        if page.h1 == "Je me connecte":
            self.asked_to_sign_in += 1
            page = sign_in(self.browser, self.identifiant)
        if page.h1 == CONSENT:
            page = self.browser.fill("Autoriser")
        if self.browser.left_to:
            assert self.browser.left_to.startswith(self.redirect_uri)
            return answer_in(self.browser.left_to)
        form = page.form("Continuer")
        assert form.action == self.redirect_uri
        return form.values

    def code(self, **changes: str | None) -> str:
        answer = self.authorize(**changes)
        assert set(answer) == {"code", "state", "iss"}, answer
        assert (answer["state"], answer["iss"]) == (changes.get("state", "state-of-the-suite"), self.base)
        return answer["code"]

    def exchange(self, code: str, **more: str) -> requests.Response:
        return self.ask_token(grant_type="authorization_code", code=code, redirect_uri=self.redirect_uri, **more)

    def refresh(self, token: str, **more: str) -> requests.Response:
        return self.ask_token(grant_type="refresh_token", refresh_token=token, **more)

    def ask_token(self, audience: str = "", key: RSAKey = KEY, **form: str) -> requests.Response:
        method = self.client["token_endpoint_auth_method"]
        client_id, secret = self.client["client_id"], self.client.get("client_secret", "")
        basic = None
        if method == "client_secret_basic":
            basic = (client_id, secret)
        elif method == "client_secret_post":
            form |= {"client_id": client_id, "client_secret": secret}
        else:
            form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            form["client_assertion"] = self.assertion(audience or self.endpoint("token_endpoint"), key)
        return requests.post(self.endpoint("token_endpoint"), data=form, auth=basic, timeout=30)

    def assertion(self, audience: str, key: RSAKey) -> str:
        claims = {"iss": self.client["client_id"], "sub": self.client["client_id"], "aud": audience}
        named = {"kid": key.kid} if "jwks_uri" in self.client else {}
        return jwt.encode({"alg": "RS256", **named}, claims | moments() | {"jti": f"{time.monotonic_ns()}"}, key)

    def tokens(self, **changes: str | None) -> dict[str, Any]:
        return self.checked(self.exchange(self.code(**changes)), nonce=changes.get("nonce", "nonce-of-the-suite"))

    def checked(self, answer: requests.Response, nonce: str | None = None) -> dict[str, Any]:
        """Return a token response after what the suite looks for in each one."""
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/json"
        assert "no-store" in answer.headers["Cache-Control"]
        told: dict[str, Any] = answer.json()
        assert told["token_type"] == "Bearer"
        assert isinstance(told["expires_in"], int)
        assert len(told["access_token"]) >= 22, "128 bits"
        token = jwt.decode(told["id_token"], self.keys(), algorithms=["RS256"])
        assert token.header["kid"], "OpenID Connect Core 1.0 section 10.1"
        claims = token.claims
        assert (claims["iss"], claims["aud"]) == (self.base, self.client["client_id"])
        assert abs(claims["iat"] - now()) < 300
        assert claims["exp"] > now()
        assert set(claims) <= OF_THE_PROTOCOL, "claims of the person belong into userinfo"
        assert nonce is None or claims["nonce"] == nonce
        assert claims["acr"]
        return told

    def keys(self) -> KeySet:
        return KeySet.import_key_set(requests.get(self.endpoint("jwks_uri"), timeout=20).json())

    def userinfo(self, token: str, how: str = "GET") -> requests.Response:
        where, header = self.endpoint("userinfo_endpoint"), {"Authorization": f"Bearer {token}"}
        if how == "GET":
            return requests.get(where, headers=header, timeout=20)
        if how == "POST with the header":
            return requests.post(where, headers=header, timeout=20)
        return requests.post(where, data={"access_token": token}, timeout=20)

    def told(self, **changes: str | None) -> dict[str, Any]:
        tokens = self.tokens(**changes)
        answer = self.userinfo(tokens["access_token"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
        told: dict[str, Any] = answer.json()
        assert told.pop("sub") == unverified_claims(tokens["id_token"])["sub"]
        return told


def nameless(key: RSAKey) -> dict[str, Any]:
    return {name: value for name, value in key.as_dict(private=False).items() if name != "kid"} | {"use": "sig"}


def now() -> int:
    return int(time.time())  # noqa: TID251  a client has the machine's clock


def moments() -> dict[str, int]:
    return {"iat": now(), "nbf": now(), "exp": now() + 60}
