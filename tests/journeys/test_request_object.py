"""An ENT that signs its authorization requests (RFC 9101), on both databases."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.journeys.people import JOE, activate
from tests.journeys.visits import sign_in
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import running_server

KEY = ECKey.generate_key("P-256", parameters={"kid": "ent-1"})
REDIRECT_URI = "http://localhost:8409/retour"


@pytest.fixture(scope="module", params=DIALECTS)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("preau")
    public = ", ".join(f'{name} = "{value}"' for name, value in KEY.as_dict(private=False).items())
    clients = f"""
[[clients]]
client_id = "signs"
client_name = "ENT Frêne"
client_secret = "secret-of-the-one-that-signs"
require_signed_request_object = true
jwks = {{ keys = [{{ {public} }}] }}
redirect_uris = ["{REDIRECT_URI}"]
"""
    if request.param == "sqlite":
        with running_server(folder, clients=clients) as running:
            yield running.base
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(folder, clients=clients, database_url=url) as running,
    ):
        yield running.base


@pytest.fixture
def ent(base: str) -> RelyingParty:
    Sandbox(base).reset()
    return RelyingParty(base, "signs", "secret-of-the-one-that-signs", REDIRECT_URI)


def sign(ent: RelyingParty, key: ECKey = KEY, **changes: Any) -> str:
    now = int(time.time())  # noqa: TID251  a client has the machine's clock
    claims = {**ent.authorization_request(), "iss": "signs", "aud": ent.base, "iat": now, "exp": now + 60, **changes}
    return jwt.encode({"alg": "ES256", "kid": KEY.kid, "typ": "oauth-authz-req+jwt"}, claims, key)


def address(ent: RelyingParty, **params: str) -> str:
    return f"{ent.base}/idp/profile/oidc/authorize?{urlencode({'client_id': 'signs', **params})}"


def test_discovery_says_what_may_be_signed_and_how(ent: RelyingParty) -> None:
    told = requests.get(f"{ent.base}/.well-known/openid-configuration", timeout=20).json()
    assert told["request_parameter_supported"] is True
    assert told["request_uri_parameter_supported"] is True
    assert told["request_object_signing_alg_values_supported"] == ["RS256", "ES256", "PS256"]


def test_a_parent_signs_in_for_a_signed_request_beside_the_browser_and_for_a_pushed_one(ent: RelyingParty) -> None:
    browser = Browser(ent.base)
    identifiant = activate(browser, Sandbox(ent.base), JOE)
    browser.open(address(ent, request=sign(ent, acr_values="responsable", state="signed")))
    sign_in(browser, identifiant)
    answer = answer_in(browser.left_to)
    assert answer["state"] == "signed"
    assert ent.exchange(answer["code"]).status_code == 200
    pushed = requests.post(
        f"{ent.base}/idp/profile/oidc/par",
        data={"request": sign(ent, state="signed and pushed")},
        auth=(ent.client_id, ent.client_secret),
        timeout=20,
    )
    assert pushed.status_code == 201
    browser.open(address(ent, request_uri=pushed.json()["request_uri"]))
    assert answer_in(browser.left_to)["state"] == "signed and pushed"


def test_whoever_changes_the_address_on_its_way_changes_nothing(ent: RelyingParty) -> None:
    browser = Browser(ent.base)
    bent = {"prompt": "none", "state": "bent", "redirect_uri": "https://evil.example/", "scope": "openid"}
    assert browser.open(address(ent, request=sign(ent), **bent)).h1 == "Je sélectionne mon profil"


def test_a_request_that_somebody_else_signed_or_nobody_is_refused(ent: RelyingParty) -> None:
    browser = Browser(ent.base)
    forged = sign(ent, ECKey.generate_key("P-256"))
    browser.open(address(ent, request=forged, redirect_uri=REDIRECT_URI, state="s"))
    answer = answer_in(browser.left_to)
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_request_object", "s", ent.base)
    browser.open(ent.authorization_uri())
    assert answer_in(browser.left_to)["error"] == "invalid_request"


def test_without_a_registered_place_beside_it_the_page_says_what_is_wrong(ent: RelyingParty) -> None:
    page = Browser(ent.base).open(address(ent, request=sign(ent, aud="https://other.example")))
    assert (page.status, page.h1) == (400, "Nous ne pouvons pas ouvrir cette page")
    assert page.says("aud of the request object must be the issuer.")


def test_an_empty_character_in_a_signed_request_is_refused_and_reaches_no_database(ent: RelyingParty) -> None:
    browser = Browser(ent.base)
    browser.open(address(ent, request=sign(ent, nonce="a\x00b"), redirect_uri=REDIRECT_URI))
    assert answer_in(browser.left_to)["error"] == "invalid_request_object"
