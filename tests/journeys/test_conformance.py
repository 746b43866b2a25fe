"""What the modules of the OpenID Foundation's conformance suite ask, asked as the suite does: `docs/reference/conformance.md`.

The suite itself is not run here. Its clients register by themselves, send a nonce and no PKCE, and ask for `openid` alone unless a module
wants more.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.journeys.people import JOE, PASSWORD
from tests.journeys.test_claims import ALL_MADE_UP, MADE_UP
from tests.journeys.visits import CONSENT, sign_in
from tests.support.browser import Browser
from tests.support.client_site import Site, running_site
from tests.support.logout_receiver import running_receiver, verify
from tests.support.page import Page
from tests.support.relying_party import VERIFIER, answer_in, challenge, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

REDIRECT_URI = "http://ent.localhost:8413/test/a/preau/callback"
AFTER = "http://ent.localhost:8413/test/a/preau/post_logout_redirect"
KEY, NEXT_KEY = (RSAKey.generate_key(2048, parameters={"kid": kid}) for kid in ("rp-1", "rp-2"))
OF_THE_PROTOCOL = {
    "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "sid", "jti", "txn",
}  # fmt: skip
UNSAFE = """
[[clients]]
client_id = "neither"
client_name = "ENT Certifié"
client_secret = "secret-of-the-one-that-sends-neither"
redirect_uris = ["http://ent.localhost:8413/test/a/preau/callback"]
pkce = "unsafe_optional"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    # One database is enough: every store passes its contract on both.
    more = 'registration = {mode = "open"}\nthrottle.registrations_per_minute = 10000'
    with running_server(tmp_path_factory.mktemp("preau"), more=more, clients=UNSAFE) as running:
        yield running


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(host="ent.localhost") as running:
        yield running


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


@pytest.fixture
def suite(server: RunningServer) -> Suite:
    return Suite(server.base)


@pytest.fixture(params=["query", "form_post"])
def basic(request: pytest.FixtureRequest, server: RunningServer) -> Suite:
    """A client of the plan Basic, and of Form Post, which is the same with another way back."""
    suite = Suite(server.base, request.param)
    suite.register()
    return suite


def nameless(key: RSAKey) -> dict[str, Any]:
    return {name: value for name, value in key.as_dict(private=False).items() if name != "kid"} | {"use": "sig"}


def now() -> int:
    return int(time.time())  # noqa: TID251  a client has the machine's clock


def moments() -> dict[str, int]:
    return {"iat": now(), "nbf": now(), "exp": now() + 60}


# --- Basic, and Form Post --------------------------------------------------------------------------------------------------------------


def test_the_code_flow_without_pkce(basic: Suite) -> None:
    code = basic.code()
    assert len(code) >= 22, "128 bits"
    tokens = basic.checked(basic.exchange(code), nonce="nonce-of-the-suite")
    assert basic.userinfo(tokens["access_token"]).status_code == 200


def test_client_secret_post(server: RunningServer) -> None:
    suite = Suite(server.base)
    suite.register(token_endpoint_auth_method="client_secret_post")
    suite.tokens()


def test_without_response_type_the_client_is_told(basic: Suite) -> None:
    answer = basic.authorize(response_type=None)
    assert answer["error"] in {"invalid_request", "unsupported_response_type"}
    assert set(answer) == {"error", "error_description", "state", "iss"}


@pytest.mark.parametrize("how", ["GET", "POST with the header", "POST with the body"])
def test_userinfo_answers_however_the_token_comes(basic: Suite, how: str) -> None:
    tokens = basic.tokens()
    answer = basic.userinfo(tokens["access_token"], how)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json()["sub"] == unverified_claims(tokens["id_token"])["sub"]


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_a_request_with_neither_nonce_nor_pkce_succeeds_for_a_client_that_may(server: RunningServer, mode: str) -> None:
    suite = Suite(server.base, mode)
    suite.client = {
        "client_id": "neither",
        "client_secret": "secret-of-the-one-that-sends-neither",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    tokens = suite.tokens(nonce=None)
    assert "nonce" not in unverified_claims(tokens["id_token"])


@pytest.mark.parametrize("scope", ["profile", "email", "address", "phone", "email phone address profile"])
def test_each_scope_releases_all_its_claims_at_userinfo(basic: Suite, scope: str) -> None:
    basic.sandbox.make_up(basic.identifiant, **ALL_MADE_UP)
    wanted: set[str] = set().union(*(MADE_UP[one] for one in scope.split()))
    wanted |= {"given_name", "family_name"} if "profile" in scope else set()
    told = basic.told(scope=f"openid {scope}")
    assert set(told) == wanted
    assert basic.told(scope=" ".join([*scope.split(), "openid"])) == told, "whatever the order"


def test_the_order_of_parameters_makes_no_difference(basic: Suite) -> None:
    backwards = dict(reversed(basic.request().items()))
    assert "code" in basic.walk(basic.browser.open(basic.address(backwards)))


@pytest.mark.parametrize(
    "hint",
    [
        {"display": "page"},
        {"display": "popup"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"login_hint": "buffy@suite.example"},
        {"extra": "foobar"},
        {"code_challenge": challenge(), "code_challenge_method": "S256"},
    ],
    ids=lambda hint: next(iter(hint)),
)
def test_no_hint_and_no_unknown_parameter_fails(basic: Suite, hint: dict[str, str]) -> None:
    verifier = {"code_verifier": VERIFIER} if "code_challenge" in hint else {}
    basic.checked(basic.exchange(basic.code(**hint), **verifier))


def test_of_the_acr_values_that_are_asked_for_one_is_told(basic: Suite) -> None:
    published = basic.metadata()["acr_values_supported"]
    tokens = basic.tokens(acr_values=" ".join(published))
    assert unverified_claims(tokens["id_token"])["acr"] in published


def test_a_request_by_post_succeeds(basic: Suite) -> None:
    assert "code" in basic.walk(basic.browser.send(basic.endpoint("authorization_endpoint"), basic.request()))


def test_prompt_login_asks_again_and_auth_time_is_later(basic: Suite) -> None:
    first = unverified_claims(basic.tokens()["id_token"])
    basic.sandbox.advance(seconds=1)
    second = unverified_claims(basic.tokens(prompt="login")["id_token"])
    assert basic.asked_to_sign_in == 2
    assert second["auth_time"] > first["auth_time"]


def test_prompt_none_without_a_session_is_refused_and_state_comes_back_whole(basic: Suite) -> None:
    state = "s" * 128
    answer = basic.authorize(prompt="none", state=state)
    assert (answer["error"], answer["state"]) == ("login_required", state)


@pytest.mark.parametrize("hints", [False, True], ids=["alone", "with the hint of the first ID token"])
def test_prompt_none_after_a_sign_in_is_silent_and_the_same_person(basic: Suite, hints: bool) -> None:
    first = basic.tokens()["id_token"]
    basic.sandbox.advance(seconds=3)
    again = basic.tokens(prompt="none", **({"id_token_hint": first} if hints else {}))["id_token"]
    assert basic.asked_to_sign_in == 1
    one, other = unverified_claims(first), unverified_claims(again)
    assert (one["sub"], one["auth_time"]) == (other["sub"], other["auth_time"])


def test_max_age_1_asks_again_two_seconds_later(basic: Suite) -> None:
    first = unverified_claims(basic.tokens()["id_token"])
    basic.sandbox.advance(seconds=2)
    second = unverified_claims(basic.tokens(max_age="1")["id_token"])
    assert basic.asked_to_sign_in == 2
    assert second["auth_time"] > first["auth_time"]


def test_max_age_10000_does_not_and_auth_time_stays(basic: Suite) -> None:
    first = unverified_claims(basic.tokens(max_age="15000")["id_token"])
    basic.sandbox.advance(seconds=2)
    second = unverified_claims(basic.tokens(max_age="10000")["id_token"])
    assert basic.asked_to_sign_in == 1
    assert (first["sub"], first["auth_time"]) == (second["sub"], second["auth_time"])


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_code_used_again_is_refused_and_its_token_ends(basic: Suite, seconds: int) -> None:
    code = basic.code()
    tokens = basic.checked(basic.exchange(code))
    basic.sandbox.advance(seconds=seconds)
    again = basic.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert basic.userinfo(tokens["access_token"]).status_code == 401


def test_a_redirect_uri_that_is_not_registered_is_shown_with_its_cause(basic: Suite) -> None:
    page = basic.browser.open(basic.address(basic.request(redirect_uri=f"{REDIRECT_URI}/x7Rq")))
    assert (page.status, basic.browser.left_to) == (400, "")
    assert page.says("redirect_uri")


def test_the_name_that_is_essential_is_told_at_userinfo(basic: Suite) -> None:
    basic.sandbox.make_up(basic.identifiant, **ALL_MADE_UP)
    asked = json.dumps({"userinfo": {"name": {"essential": True}}})
    assert basic.told(claims=asked) == {"name": ALL_MADE_UP["name"]}


def test_a_refresh_brings_other_tokens_of_the_same_sign_in_and_is_its_clients_alone(basic: Suite) -> None:
    grants = ["authorization_code", "refresh_token"]
    basic.register(grant_types=grants)
    asked = {"scope": "openid offline_access", "prompt": "consent"}
    first = basic.tokens(**asked)
    assert re.fullmatch(r"[\x20-\x7e]{22,}", first["refresh_token"])
    basic.sandbox.advance(seconds=2)
    second = basic.checked(basic.refresh(first["refresh_token"]))
    assert second["access_token"] != first["access_token"]
    one, other = unverified_claims(first["id_token"]), unverified_claims(second["id_token"])
    assert other["iat"] > one["iat"]
    assert all(one.get(name) == other.get(name) for name in ("iss", "sub", "aud", "auth_time", "azp"))
    assert basic.userinfo(second["access_token"]).status_code == 200
    basic.register(grant_types=grants)
    refused = basic.refresh(second["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


# --- Config, and what every plan looks at first ------------------------------------------------------------------------------------------


def test_discovery_has_what_the_plan_config_looks_for(suite: Suite) -> None:
    answer = requests.get(f"{suite.base}/.well-known/openid-configuration", timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    told = answer.json()
    OpenIDProviderMetadata(
        {**told, **{name: f"https{value[4:]}" for name, value in told.items() if named(name)}}
    ).validate()
    assert told["issuer"] == suite.base
    assert {"openid", "profile", "email", "address", "phone", "offline_access"} <= set(told["scopes_supported"])
    assert "RS256" in told["userinfo_signing_alg_values_supported"]
    assert "RS256" in told["request_object_signing_alg_values_supported"]
    assert "none" not in [
        *told["request_object_signing_alg_values_supported"],
        *told["id_token_signing_alg_values_supported"],
    ]
    assert {"authorization_code", "refresh_token"} <= set(told["grant_types_supported"])
    assert told["claims_supported"]
    for feature in ("backchannel_logout", "frontchannel_logout"):
        assert told[f"{feature}_supported"] is told[f"{feature}_session_supported"] is True


def named(member: str) -> bool:
    return member == "issuer" or member == "jwks_uri" or member.endswith("_endpoint")


def test_each_published_key_has_a_kid_of_its_own_and_nothing_private(suite: Suite) -> None:
    keys = requests.get(suite.endpoint("jwks_uri"), timeout=20).json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    assert all({"d", "p", "q", "dp", "dq", "qi", "k"}.isdisjoint(key) for key in keys)


# --- Dynamic -----------------------------------------------------------------------------------------------------------------------------


def test_a_client_that_registered_a_key_signs_who_it_is_to_either_audience(suite: Suite) -> None:
    suite.registered_with_keys(id_token_signed_response_alg="RS256")
    suite.tokens()
    suite.checked(
        suite.ask_token(suite.base, grant_type="authorization_code", code=suite.code(), redirect_uri=REDIRECT_URI)
    )


def test_userinfo_is_signed_where_that_was_registered(suite: Suite) -> None:
    suite.registered_with_keys(userinfo_signed_response_alg="RS256")
    answer = suite.userinfo(suite.tokens()["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    token = jwt.decode(answer.text, suite.keys(), algorithms=["RS256"])
    assert (token.claims["iss"], token.claims["aud"]) == (suite.base, suite.client["client_id"])
    assert "nonce" not in token.claims


def test_without_a_redirect_uri_nobody_is_redirected(suite: Suite) -> None:
    suite.registered_with_keys(redirect_uris=[REDIRECT_URI, f"{REDIRECT_URI}/2"])
    page = suite.browser.open(suite.address(suite.request(redirect_uri=None)))
    assert (page.status, suite.browser.left_to) == (400, "")
    assert page.says("redirect_uri")


def test_a_query_that_was_registered_is_kept_and_no_other_is_taken(suite: Suite) -> None:
    suite.registered_with_keys()
    page = suite.browser.open(suite.address(suite.request(redirect_uri=f"{REDIRECT_URI}?foo=bar")))
    assert (page.status, suite.browser.left_to) == (400, "")
    suite.redirect_uri = f"{REDIRECT_URI}?foo=bar"
    suite.registered_with_keys()
    answer = suite.authorize()
    assert (answer["foo"], "code" in answer) == ("bar", True)
    page = suite.browser.open(suite.address(suite.request(redirect_uri=f"{REDIRECT_URI}?bar=foo")))
    assert (page.status, suite.browser.left_to) == (400, "")


def test_a_redirect_uri_with_a_fragment_is_not_registered(suite: Suite) -> None:
    answer = suite.try_to_register(redirect_uris=[f"{REDIRECT_URI}#foobar"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri")


def test_keys_at_a_jwks_uri_are_fetched_and_the_next_one_is_known_at_once(suite: Suite, site: Site) -> None:
    suite.registered_with_keys(jwks=None, jwks_uri=show(site, KEY), grant_types=["authorization_code", "refresh_token"])
    tokens = suite.tokens(scope="openid offline_access", prompt="consent")
    show(site, NEXT_KEY)
    suite.checked(suite.refresh(tokens["refresh_token"], key=NEXT_KEY))


def show(site: Site, key: RSAKey) -> str:
    return site.put("/jwks", json.dumps({"keys": [key.as_dict(private=False)]}))


def test_logo_policy_and_terms_are_shown_where_the_person_signs_in(suite: Suite) -> None:
    own = REDIRECT_URI.removesuffix("/callback")
    shown = {"logo_uri": f"{own}/logo.png", "policy_uri": f"{own}/policy", "tos_uri": f"{own}/terms"}
    registered = suite.registered_with_keys(**shown)
    assert {name: registered[name] for name in shown} == shown
    page = suite.browser.open(suite.address(suite.request(acr_values="responsable")))
    assert page.h1 == "Je me connecte"
    assert page.link("Ce que preau 1234 fait de vos données") == shown["policy_uri"]
    assert page.link("Les règles de preau 1234") == shown["tos_uri"]
    assert f'<img src="{shown["logo_uri"]}"' in page.html


def test_nothing_of_another_place_stands_beside_the_password_of_a_client_that_registered_itself(suite: Suite) -> None:
    there = "https://other.example"
    kept = {"logo_uri": f"{there}/logo.png", "policy_uri": f"{there}/policy", "tos_uri": f"{there}/terms"}
    registered = suite.registered_with_keys(**kept)
    assert {name: registered[name] for name in kept} == kept, "kept and told"
    page = suite.browser.open(suite.address(suite.request(acr_values="responsable")))
    assert page.h1 == "Je me connecte"
    assert there not in page.html, "a logo may be borrowed, and a link lead to a page that asks for a password too"


def test_a_sector_must_list_the_redirect_uris(suite: Suite, site: Site) -> None:
    address = site.put("/redirect_uris.json", json.dumps([REDIRECT_URI]))
    suite.registered_with_keys(subject_type="pairwise", sector_identifier_uri=address)
    site.put("/redirect_uris.json", json.dumps(["https://other.example/callback"]))
    answer = suite.try_to_register(subject_type="pairwise", sector_identifier_uri=address)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


def test_a_signed_request_is_fetched_from_where_it_is_registered(suite: Suite, site: Site) -> None:
    uri = f"{site.uri('/request.jwt')}#{'a' * 43}"
    suite.registered_with_keys(request_uris=[uri], request_object_signing_alg="RS256")
    inside = suite.request() | {"iss": suite.client["client_id"], "aud": suite.base}
    site.put("/request.jwt", jwt.encode({"alg": "RS256"}, inside, KEY), "application/jwt")
    outside = {name: suite.request()[name] for name in ("client_id", "response_type", "scope", "redirect_uri")}
    answer = suite.walk(suite.browser.open(suite.address(outside | {"request_uri": uri})))
    assert (answer["state"], "code" in answer) == ("state-of-the-suite", True)


def test_another_key_signs_and_the_former_one_stays_published(suite: Suite) -> None:
    suite.register()
    suite.tokens()
    before = {key.kid for key in suite.keys().keys}
    suite.sandbox.advance(minutes=3)  # as long as every process needs to publish the next key
    [signs] = [one["active"] for one in suite.sandbox.do("POST", "keys/rotate") if one["algorithm"] == "RS256"]
    suite.sandbox.advance(seconds=61)
    after = {key.kid for key in suite.keys().keys}
    assert before < after, "a key that nobody knew, and every one that they knew"
    assert jwt.decode(suite.tokens()["id_token"], suite.keys(), algorithms=["RS256"]).header["kid"] == signs


# --- third-party-initiated login ---------------------------------------------------------------------------------------------------------


def test_initiate_login_uri_is_kept_and_told_and_is_https_alone(suite: Suite) -> None:
    uri = "https://ent.example/initiate-login"
    registered = suite.register(initiate_login_uri=uri)
    assert registered["initiate_login_uri"] == uri
    bearer = {"Authorization": f"Bearer {registered['registration_access_token']}"}
    read = requests.get(registered["registration_client_uri"], headers=bearer, timeout=20)
    assert (read.status_code, read.headers["Content-Type"]) == (200, "application/json")
    assert read.json()["initiate_login_uri"] == uri
    for plain in ("http://ent.example/initiate-login", "http://ent.localhost:8413/initiate-login"):
        refused = suite.try_to_register(initiate_login_uri=plain)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")


# --- logout ------------------------------------------------------------------------------------------------------------------------------


def leave(suite: Suite, **params: str) -> Page:
    return suite.browser.open(f"{suite.endpoint('end_session_endpoint')}?{urlencode(params)}")


@pytest.fixture
def leaving(suite: Suite) -> tuple[Suite, str]:
    suite.register(post_logout_redirect_uris=[AFTER])
    return suite, str(suite.tokens()["id_token"])


def assert_signed_out(suite: Suite) -> None:
    assert suite.authorize(prompt="none")["error"] == "login_required"


@pytest.mark.parametrize("state", ["state-of-the-logout", ""])
def test_with_the_id_token_the_browser_comes_back_with_state_and_nothing_else(
    leaving: tuple[Suite, str], state: str
) -> None:
    suite, hint = leaving
    leave(suite, id_token_hint=hint, post_logout_redirect_uri=AFTER, **({"state": state} if state else {}))
    assert suite.browser.left_to == (f"{AFTER}?state={state}" if state else AFTER)
    assert_signed_out(suite)


@pytest.mark.parametrize("uri", ["https://other.example/bye", f"{AFTER}?foo=bar"])
def test_another_post_logout_redirect_uri_is_shown_with_its_cause(leaving: tuple[Suite, str], uri: str) -> None:
    suite, hint = leaving
    page = leave(suite, id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    assert (page.status, suite.browser.left_to) == (400, "")
    assert page.says("post_logout_redirect_uri")


def test_without_a_hint_or_with_one_that_is_not_ours_nobody_is_redirected(leaving: tuple[Suite, str]) -> None:
    suite, hint = leaving
    header = jwt.decode(hint, suite.keys(), algorithms=["RS256"]).header
    forged = jwt.encode(header, unverified_claims(hint), KEY)
    unsigned = f"eyJhbGciOiJub25lIn0.{hint.split('.')[1]}."
    for name, value in (("post_logout_redirect_uri", AFTER), ("id_token_hint", forged), ("id_token_hint", unsigned)):
        page = leave(suite, **{"post_logout_redirect_uri": AFTER, "state": "s", name: value})
        assert (page.status, suite.browser.left_to) == (400, "")
        assert page.says(name), "the cause"


@pytest.mark.parametrize(
    "params", [{}, {"state": "s"}, {"id_token_hint": ""}], ids=["nothing", "state alone", "hint alone"]
)
def test_without_a_place_to_go_the_person_reads_that_she_is_signed_out(
    leaving: tuple[Suite, str], params: dict[str, str]
) -> None:
    suite, hint = leaving
    page = leave(suite, **{name: value or hint for name, value in params.items()})
    if "id_token_hint" not in params:
        assert page.h1 == "Voulez-vous vous déconnecter ?"
        page = suite.browser.fill("Me déconnecter", button="Me déconnecter")
    assert (page.h1, suite.browser.left_to) == ("Vous êtes déconnecté", "")
    assert_signed_out(suite)


def test_the_server_of_a_client_is_told_and_the_browser_comes_back(suite: Suite) -> None:
    with running_receiver() as receiver:
        suite.register(
            post_logout_redirect_uris=[AFTER],
            backchannel_logout_uri=receiver.uri("suite"),
            backchannel_logout_session_required=True,
        )
        hint = suite.tokens()["id_token"]
        leave(suite, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="s")
        assert suite.browser.left_to == f"{AFTER}?state=s"
        [told] = receiver.wait_for("suite")
        claims, of_the_hint = verify(told, suite.base, suite.client["client_id"]), unverified_claims(hint)
    assert (claims["sub"], claims["sid"]) == (of_the_hint["sub"], of_the_hint["sid"])
    assert_signed_out(suite)


def test_a_frame_with_issuer_and_session_is_loaded_before_the_browser_comes_back(suite: Suite) -> None:
    frame = REDIRECT_URI.replace("callback", "frontchannel_logout")
    suite.register(
        post_logout_redirect_uris=[AFTER], frontchannel_logout_uri=frame, frontchannel_logout_session_required=True
    )
    hint = suite.tokens()["id_token"]
    page = leave(suite, id_token_hint=hint, post_logout_redirect_uri=AFTER, state="s")
    loaded = urlencode({"iss": suite.base, "sid": unverified_claims(hint)["sid"]}).replace("&", "&amp;")
    assert f'src="{frame}?{loaded}"' in page.html
    assert f"{AFTER}?state=s" in page.html
    assert_signed_out(suite)
