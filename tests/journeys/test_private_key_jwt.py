"""An ENT that has no secret: it signs who it is (`private_key_jwt`), with the library that it has and by hand, on both databases."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session  # noqa: TID251  a client that we did not write
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.relying_party import VERIFIER, RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import running_server

KEY = ECKey.generate_key("P-256", parameters={"kid": "ent-1"})
REDIRECT_URI = "http://localhost:8409/retour"
BACKCHANNEL = "idp:8400"


@pytest.fixture(scope="module", params=DIALECTS)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("preau")
    public = ", ".join(f'{name} = "{value}"' for name, value in KEY.as_dict(private=False).items())
    clients = f"""
[[clients]]
client_id = "signs"
client_name = "ENT Frêne"
token_endpoint_auth_method = "private_key_jwt"
jwks = {{ keys = [{{ {public} }}] }}
redirect_uris = ["{REDIRECT_URI}"]
"""
    more = f'backchannel_dynamic = true\npublic_hosts = ["{BACKCHANNEL}"]\nlog_level = "debug"\nthrottle.client_failures_per_minute = 1000'
    if request.param == "sqlite":
        with running_server(folder, more=more, clients=clients) as running:
            yield running.base
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(folder, more=more, clients=clients, database_url=url) as running,
    ):
        yield running.base


@pytest.fixture
def ent(base: str) -> RelyingParty:
    Sandbox(base).reset()
    return RelyingParty(base, client_id="signs", redirect_uri=REDIRECT_URI)


def codes(ent: RelyingParty, count: int) -> list[str]:
    identifiant = activate(Browser(ent.base), Sandbox(ent.base), JOE)
    return [bring_back_code(ent, Browser(ent.base), identifiant) for _ in range(count)]


def assertion(audience: str, **changes: Any) -> str:
    now = int(time.time())  # noqa: TID251  a client has the machine's clock
    claims = {"iss": "signs", "sub": "signs", "aud": audience, "iat": now, "exp": now + 60, "jti": "once", **changes}
    return jwt.encode({"alg": "ES256", "kid": KEY.kid}, claims, KEY)


def redeem(ent: RelyingParty, code: str, signed: str, **headers: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
    }
    return requests.post(f"{ent.base}/idp/profile/oidc/token", data=form, headers=headers, timeout=20)


def test_a_library_that_others_wrote_proves_who_it_is(ent: RelyingParty) -> None:
    [code] = codes(ent, 1)
    told = requests.get(f"{ent.base}/.well-known/openid-configuration", timeout=20).json()
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
    assert "ES256" in told["token_endpoint_auth_signing_alg_values_supported"]
    session = OAuth2Session("signs", KEY, token_endpoint_auth_method="private_key_jwt", redirect_uri=REDIRECT_URI)
    session.register_client_auth_method(PrivateKeyJWT(told["token_endpoint"], headers={"kid": KEY.kid}, alg="ES256"))
    tokens = session.fetch_token(told["token_endpoint"], code=code, code_verifier=VERIFIER)
    assert ent.userinfo(tokens["access_token"]).json()["family_name"] == "DUPONT"


def test_an_assertion_is_good_once_even_for_fifty_at_once(ent: RelyingParty) -> None:
    [code] = codes(ent, 1)
    signed = assertion(ent.base)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: redeem(ent, code, signed), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49
    refused = [answer.json() for answer in answers if answer.status_code == 400]
    assert {one["error"] for one in refused} == {"invalid_client"}, "the assertion was used, whatever the code"
    assert all("jti must be new each time" in one["error_description"] for one in refused)
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert ent.userinfo(won["access_token"]).status_code == 200, "whoever did not prove who it is kills nothing"


def test_servers_that_reach_us_under_another_name_may_name_that_one(ent: RelyingParty) -> None:
    first, second, third = codes(ent, 3)
    elsewhere = f"http://{BACKCHANNEL}/idp/profile/oidc/token"
    assert redeem(ent, first, assertion(elsewhere, jti="a"), Host=BACKCHANNEL).status_code == 200
    assert redeem(ent, second, assertion(f"{ent.base}/idp/profile/oidc/token", jti="b"), Host=BACKCHANNEL).ok
    assert redeem(ent, third, assertion("http://evil.example/token", jti="c")).status_code == 400


def test_another_key_is_nobody_and_the_code_stays_good(ent: RelyingParty) -> None:
    [code] = codes(ent, 1)
    forged = jwt.encode({"alg": "ES256", "kid": KEY.kid}, {"iss": "signs", "sub": "signs"}, ECKey.generate_key("P-256"))
    assert redeem(ent, code, forged).status_code == 400
    assert ent.exchange(code).status_code == 401, "it has no secret that could be guessed"
    assert redeem(ent, code, assertion(ent.base)).status_code == 200


@pytest.mark.parametrize("audience", ["", "/idp/profile/oidc/token", "/idp/profile/oidc/par"])
def test_a_request_is_pushed_by_who_signs_for_the_issuer_or_either_endpoint(ent: RelyingParty, audience: str) -> None:
    form = {
        **ent.authorization_request(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(ent.base + audience),
    }
    address = f"{ent.base}/idp/profile/oidc/par"
    assert requests.post(address, data=form, timeout=20).status_code == 201
    again = requests.post(address, data=form, timeout=20)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_client")
    assert "jti must be new each time" in again.json()["error_description"]
