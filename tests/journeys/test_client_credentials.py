"""A machine gets a token for itself (RFC 6749 section 4.4): no person signs in, and nothing of a person is opened."""

import json
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.journeys.test_resources import introspect
from tests.support.command import run_preau
from tests.support.dpop import Holder
from tests.support.relying_party import RelyingParty
from tests.support.resources import CANTEEN, LIBRARY
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


@pytest.fixture
def till(server: RunningServer, sandbox: Sandbox) -> RelyingParty:
    del sandbox  # a client that begins at the seed
    return RelyingParty(server.base, "till", "secret-of-the-till")


@pytest.fixture
def canteen(server: RunningServer) -> RelyingParty:
    return RelyingParty(server.base, "canteen", "secret-of-the-canteen")


def ask(party: RelyingParty, resource: Any = CANTEEN, proof: str = "", **more: str) -> requests.Response:
    return requests.post(
        f"{party.base}/idp/profile/oidc/token",
        data={"grant_type": "client_credentials", "resource": resource, **more},
        auth=(party.client_id, party.client_secret),
        headers={"DPoP": proof} if proof else {},
        timeout=20,
    )


def test_a_machine_gets_a_token_that_the_server_which_it_is_for_can_ask_about(
    till: RelyingParty, canteen: RelyingParty, sandbox: Sandbox
) -> None:
    answer = ask(till, scope="canteen.read")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope"}
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 600, "canteen.read")
    for asks in (canteen, till):
        told = introspect(asks, tokens["access_token"])
        assert (told["sub"], told["client_id"], told["aud"]) == ("till", "till", CANTEEN)
        assert "auth_time" not in told
    assert introspect(RelyingParty(till.base), tokens["access_token"]) == {"active": False}
    assert sandbox.events() == ["tokens.issued-to-client"]


def test_as_jwt_its_subject_is_the_client(till: RelyingParty) -> None:
    tokens = ask(till, LIBRARY).json()
    keys = KeySet.import_key_set(requests.get(f"{till.base}/idp/profile/oidc/jwks", timeout=20).json())
    read = jwt.decode(tokens["access_token"], keys, algorithms=["RS256"])
    assert (read.claims["sub"], read.claims["aud"], read.claims["scope"]) == ("till", LIBRARY, "library.read")
    assert not {"acr", "amr", "auth_time", "sid"} & set(read.claims)
    assert introspect(till, tokens["access_token"])["exp"] == read.claims["exp"]


def test_nothing_of_a_person_is_opened(till: RelyingParty) -> None:
    for resource in (CANTEEN, LIBRARY):
        refused = till.userinfo(ask(till, resource).json()["access_token"])
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")


def test_it_ends_in_its_time_or_when_it_is_given_back(
    till: RelyingParty, canteen: RelyingParty, sandbox: Sandbox
) -> None:
    given_back, old = (ask(till).json()["access_token"] for _ in range(2))
    endpoint = f"{till.base}/idp/profile/oidc/revoke"
    foreign = requests.post(endpoint, data={"token": given_back}, auth=("canteen", canteen.client_secret), timeout=20)
    assert foreign.json()["error"] == "invalid_grant"
    assert introspect(canteen, given_back)["active"]
    done = requests.post(endpoint, data={"token": given_back}, auth=(till.client_id, till.client_secret), timeout=20)
    assert done.status_code == 200
    assert introspect(canteen, given_back) == {"active": False}
    assert sandbox.events()[-1] == "token.revoked"
    sandbox.advance(seconds=590)
    assert introspect(canteen, old)["active"]
    sandbox.advance(seconds=10)
    assert introspect(canteen, old) == {"active": False}


@pytest.mark.parametrize(
    ("resource", "more", "error"),
    [
        ("", {}, "invalid_target"),
        ([CANTEEN, LIBRARY], {}, "invalid_target"),
        ("https://nobody.example/", {}, "invalid_target"),
        (CANTEEN + "#part", {}, "invalid_target"),
        ("canteen", {}, "invalid_target"),
        (CANTEEN, {"scope": "openid"}, "invalid_scope"),
        (CANTEEN, {"scope": "canteen.read profile"}, "invalid_scope"),
        (CANTEEN, {"scope": "library.read"}, "invalid_scope"),
    ],
)
def test_what_the_machine_may_not_have_it_does_not_get(
    till: RelyingParty, sandbox: Sandbox, resource: Any, more: dict[str, str], error: str
) -> None:
    refused = ask(till, resource, **more)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert sandbox.events() == []


def test_userinfo_of_ours_is_no_target_of_a_machine(till: RelyingParty) -> None:
    assert ask(till, till.base).json()["error"] == "invalid_target"


def test_other_clients_get_none(till: RelyingParty, canteen: RelyingParty) -> None:
    ent = RelyingParty(till.base)
    for party in (ent, canteen, RelyingParty(till.base, "verger", "secret-of-the-orchard")):
        refused = ask(party)
        assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")
    guessed = ask(RelyingParty(till.base, "till", "guessed"))
    assert (guessed.status_code, guessed.json()["error"]) == (401, "invalid_client")
    public = requests.post(
        f"{till.base}/idp/profile/oidc/token",
        data={"grant_type": "client_credentials", "client_id": "tablet", "resource": CANTEEN},
        timeout=20,
    )
    assert (public.status_code, public.json()["error"]) == (400, "unauthorized_client")


def test_nobody_can_be_sent_to_sign_in_to_a_machine(till: RelyingParty) -> None:
    page = requests.get(till.authorization_uri(), allow_redirects=False, timeout=20)
    assert page.status_code == 400
    assert "redirect_uri" in page.text
    assert till.push().json()["error"] == "invalid_request"


def test_with_a_proof_it_is_bound_to_the_key(till: RelyingParty, canteen: RelyingParty) -> None:
    holder = Holder()
    tokens = ask(till, proof=holder.prove("POST", f"{till.base}/idp/profile/oidc/token")).json()
    assert tokens["token_type"] == "DPoP"
    told = introspect(canteen, tokens["access_token"])
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": holder.thumbprint})


def test_with_a_removed_client_its_tokens_end(server: RunningServer, sandbox: Sandbox, canteen: RelyingParty) -> None:
    settings = server.directory / "preau.toml"
    words = ("--client-credentials", "--resource", CANTEEN, "--scope", "canteen.read", "--json")
    added = json.loads(run_preau(settings, "client", "add", "Caisse du bar", *words))
    party = RelyingParty(server.base, added["client_id"], added["client_secret"])
    token = ask(party).json()["access_token"]
    assert introspect(canteen, token)["sub"] == added["client_id"]
    run_preau(settings, "client", "remove", added["client_id"])
    assert introspect(canteen, token) == {"active": False}
    assert ask(party).status_code == 401
    assert sandbox.events()[-1] == "client.removed"
    run_preau(settings, "db", "check")
