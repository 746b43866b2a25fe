"""What an ENT is told of a person: by scope, by its policy, and, on a test instance, what a tester made up. Seen from outside."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.people import ANGELA, JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.relying_party import RelyingParty, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import running_server

WHOLE = "openid profile ect.scope.cnx email address phone"
CLIENTS = """
[[clients]]
client_id = "birch"
client_name = "ENT Bouleau"
client_secret = "secret-of-the-birch"
redirect_uris = ["http://localhost:8411/retour"]
scope = ["openid", "profile", "ect.scope.cnx", "email", "address", "phone"]
subject_type = "public"

[[clients]]
client_id = "plane"
client_name = "ENT Platane"
client_secret = "secret-of-the-plane"
redirect_uris = ["http://127.0.0.1:8412/retour", "http://localhost:8412/retour"]
scope = ["openid", "profile", "email"]
subject_type = "public"
claims_in_id_token = true
omitted_claims = ["email_verified", "birthdate", "family_name"]
"""
MADE_UP = {
    "profile": {
        "name": "Joe « Jo » Dupont",
        "middle_name": "Noël",
        "nickname": "Jo",
        "preferred_username": "jo",
        "profile": "https://joe.example/moi",
        "picture": "https://joe.example/moi.png",
        "website": "https://joe.example/",
        "gender": "male",
        "birthdate": "1984-02-29",
        "zoneinfo": "Europe/Paris",
        "locale": "fr-FR",
        "updated_at": 1700000000,
    },
    "email": {"email": "joe@famille.example", "email_verified": True},
    "address": {"address": {"formatted": "3 rue du Préau\n38000 Grenoble", "country": "France"}},
    "phone": {"phone_number": "+33639980001", "phone_number_verified": False},
}
ALL_MADE_UP = {name: value for claims in MADE_UP.values() for name, value in claims.items()}


@pytest.fixture(scope="module", params=DIALECTS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("preau")
    if request.param == "sqlite":
        with running_server(folder, clients=CLIENTS) as running:
            yield running.base
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(folder, clients=CLIENTS, database_url=url) as running,
    ):
        yield running.base


@pytest.fixture
def sandbox(served: str) -> Sandbox:
    control = Sandbox(served)
    control.reset()
    return control


@pytest.fixture
def browser(served: str, sandbox: Sandbox) -> Browser:
    del sandbox  # a browser that begins at the seed
    return Browser(served)


@pytest.fixture
def joe(browser: Browser, sandbox: Sandbox) -> str:
    return activate(browser, sandbox, JOE)


@pytest.fixture
def birch(served: str) -> RelyingParty:
    return RelyingParty(served, "birch", "secret-of-the-birch", "http://localhost:8411/retour")


@pytest.fixture
def plane(served: str) -> RelyingParty:
    return RelyingParty(served, "plane", "secret-of-the-plane", "http://localhost:8412/retour")


def told(party: RelyingParty, browser: Browser, identifiant: str, scope: str, **changes: str) -> dict[str, Any]:
    """Sign in and return userinfo."""
    code = bring_back_code(party, browser, identifiant, scope=scope, prompt="login", **changes)
    claims: dict[str, Any] = party.userinfo(party.exchange(code).json()["access_token"]).json()
    return claims


# --- what a tester made up -------------------------------------------------------------------------------------------------------------


def test_each_scope_releases_its_own_claims_beside_what_the_school_knows(
    browser: Browser, sandbox: Sandbox, joe: str, birch: RelyingParty
) -> None:
    sandbox.make_up(joe, **ALL_MADE_UP)
    school = {"given_name": "Joe", "family_name": "DUPONT"}
    for scope, claims in MADE_UP.items():
        expected = claims | (school if scope == "profile" else {})
        answer = told(birch, browser, joe, f"openid {scope}")
        assert {name: value for name, value in answer.items() if name != "sub"} == expected
    assert ALL_MADE_UP.items() <= told(birch, browser, joe, WHOLE).items()


def test_of_whom_nothing_was_made_up_nothing_is_told_that_educonnect_would_not_tell(
    browser: Browser, sandbox: Sandbox, joe: str, birch: RelyingParty
) -> None:
    angela = activate(Browser(birch.base), sandbox, ANGELA)
    sandbox.make_up(joe, **ALL_MADE_UP)
    assert set(told(birch, browser, angela, WHOLE)) == {
        "sub",
        "given_name",
        "family_name",
        "FrEduCtPersonAffiliation",
        "FrEduCtRefId",
        "FrEduCtDateConnexion",
        "FrEduOrigAuth",
    }


def test_what_was_made_up_may_change_while_a_token_lives(
    browser: Browser, sandbox: Sandbox, joe: str, birch: RelyingParty
) -> None:
    token = birch.exchange(bring_back_code(birch, browser, joe, scope="openid profile")).json()["access_token"]
    assert "nickname" not in birch.userinfo(token).json()
    sandbox.make_up(joe, nickname="Jo")
    assert birch.userinfo(token).json()["nickname"] == "Jo"
    sandbox.make_up(joe)
    assert "nickname" not in birch.userinfo(token).json()


def test_single_ones_are_told_where_they_are_asked_for_within_the_scopes_of_the_client(
    browser: Browser, sandbox: Sandbox, joe: str, birch: RelyingParty, plane: RelyingParty
) -> None:
    sandbox.make_up(joe, **ALL_MADE_UP)
    asked = json.dumps({"userinfo": {"name": {"essential": True}, "phone_number": None}, "id_token": {"email": None}})
    tokens = birch.exchange(bring_back_code(birch, browser, joe, scope="openid", claims=asked)).json()
    answer = birch.userinfo(tokens["access_token"]).json()
    assert answer == {"sub": answer["sub"], "name": ALL_MADE_UP["name"], "phone_number": "+33639980001"}
    id_token = unverified_claims(tokens["id_token"])
    assert id_token["email"] == "joe@famille.example"
    assert "name" not in id_token
    assert set(told(plane, browser, joe, "openid", claims=asked)) == {"sub", "name"}, "not registered for phone"


def test_a_client_is_never_told_what_its_policy_omits(
    browser: Browser, sandbox: Sandbox, joe: str, plane: RelyingParty
) -> None:
    sandbox.make_up(joe, **ALL_MADE_UP)
    asked = json.dumps({"userinfo": {"email_verified": {"essential": True}}, "id_token": {"birthdate": None}})
    code = bring_back_code(plane, browser, joe, scope="openid profile email", claims=asked)
    tokens = plane.exchange(code).json()
    for claims in (plane.userinfo(tokens["access_token"]).json(), unverified_claims(tokens["id_token"])):
        assert {"email", "nickname", "given_name"} <= set(claims)
        assert {"email_verified", "birthdate", "family_name"}.isdisjoint(claims)


def test_a_scope_that_the_client_is_not_registered_for_releases_nothing(
    browser: Browser, sandbox: Sandbox, joe: str, plane: RelyingParty
) -> None:
    sandbox.make_up(joe, **ALL_MADE_UP)
    assert set(told(plane, browser, joe, "openid email address phone")) == {"sub", "email"}


@pytest.mark.parametrize("identifiant", ["x.nobody0000", "j.dupont0001%00", "%F0%9F%A6%8A"])
def test_of_what_is_nobody_s_identifiant_it_is_said_that_nobody_has_it(birch: RelyingParty, identifiant: str) -> None:
    answer = birch.http.get(f"{birch.base}/sandbox/v1/persons/{identifiant}/claims", timeout=20)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


# --- who the person is -----------------------------------------------------------------------------------------------------------------


def test_clients_of_the_public_kind_know_a_person_under_one_sub_and_others_under_another(
    browser: Browser, joe: str, birch: RelyingParty, plane: RelyingParty
) -> None:
    subjects = [told(party, browser, joe, "openid")["sub"] for party in (birch, plane, RelyingParty(birch.base))]
    assert subjects[0] == subjects[1]
    assert subjects[2] != subjects[0]
