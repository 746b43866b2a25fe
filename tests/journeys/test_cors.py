"""A client that is a page of scripts asks from its own origin, and no other page reads the answers."""

import pytest
import requests

from tests.support.relying_party import RelyingParty

OF_THE_TABLET = "http://127.0.0.1:8403"
OPEN = ("token_endpoint", "userinfo_endpoint", "revocation_endpoint")


def address(ent: RelyingParty, name: str) -> str:
    told = requests.get(f"{ent.base}/.well-known/openid-configuration", timeout=20)
    assert told.headers["Access-Control-Allow-Origin"] == "*"
    uri: str = told.json()[name]
    return uri


def test_oauth_clients_find_the_same_document_where_they_look(ent: RelyingParty) -> None:
    told = [
        requests.get(f"{ent.base}/.well-known/{name}", timeout=20)
        for name in ("openid-configuration", "oauth-authorization-server")
    ]
    assert told[0].json() == told[1].json()
    assert told[1].headers["Cache-Control"] == told[0].headers["Cache-Control"]
    assert told[1].headers["Access-Control-Allow-Origin"] == "*"


def preflight(uri: str, origin: str) -> requests.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    return requests.options(uri, headers=asked, timeout=20)


@pytest.mark.parametrize("name", OPEN)
def test_the_origin_of_a_public_client_may_ask_and_read(ent: RelyingParty, name: str) -> None:
    before = preflight(address(ent, name), OF_THE_TABLET)
    assert before.status_code == 200
    assert before.headers["Access-Control-Allow-Origin"] == OF_THE_TABLET
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    answer = requests.post(address(ent, name), headers={"Origin": OF_THE_TABLET}, timeout=20)
    assert answer.headers["Access-Control-Allow-Origin"] == OF_THE_TABLET, "a refusal can be read too"
    assert answer.status_code in {400, 401}
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:8404", "https://127.0.0.1:8403", "http://evil.example", "null", "http://localhost:8402"],
)
@pytest.mark.parametrize("name", OPEN)
def test_no_other_origin_may_that_of_a_client_with_a_secret_included(ent: RelyingParty, name: str, origin: str) -> None:
    for answer in (
        preflight(address(ent, name), origin),
        requests.post(address(ent, name), headers={"Origin": origin}, timeout=20),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in answer.headers["Vary"], "a cache must not hand this answer to another origin"


@pytest.mark.parametrize("name", ["introspection_endpoint", "authorization_endpoint", "end_session_endpoint"])
def test_what_no_script_needs_is_open_to_none(ent: RelyingParty, name: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(address(ent, name), OF_THE_TABLET).headers
