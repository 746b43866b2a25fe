"""A client signs its requests with a key of its own: its tokens are good with that key alone (RFC 9449)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code
from tests.support.browser import Browser
from tests.support.dpop import Holder
from tests.support.relying_party import VERIFIER, RelyingParty
from tests.support.sandbox import Sandbox


@pytest.fixture
def stays(ent: RelyingParty) -> RelyingParty:
    return RelyingParty(ent.base, "stays", "secret-of-the-one-that-stays", "http://localhost:8405/retour")


@pytest.fixture
def holder() -> Holder:
    return Holder()


def post_token(party: RelyingParty, proof: str, form: dict[str, str]) -> requests.Response:
    auth = (party.client_id, party.client_secret)
    address = f"{party.base}/idp/profile/oidc/token"
    return requests.post(address, data=form, auth=auth, headers={"DPoP": proof}, timeout=20)


def redeem(party: RelyingParty, code: str, proof: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": party.redirect_uri}
    return post_token(party, proof, {**form, "code_verifier": VERIFIER})


def prove(holder: Holder, party: RelyingParty, **changes: Any) -> str:
    return holder.prove("POST", f"{party.base}/idp/profile/oidc/token", **changes)


def ask_userinfo(party: RelyingParty, token: str, proof: str, method: str = "GET") -> requests.Response:
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    return requests.request(method, f"{party.base}/idp/profile/oidc/userinfo", headers=headers, timeout=20)


@pytest.fixture
def bound(stays: RelyingParty, holder: Holder, browser: Browser, sandbox: Sandbox) -> dict[str, Any]:
    code = bring_back_code(stays, browser, activate(browser, sandbox, JOE))
    tokens: dict[str, Any] = redeem(stays, code, prove(holder, stays)).json()
    assert tokens["token_type"] == "DPoP"
    return tokens


def test_a_bound_token_opens_userinfo_with_its_key_and_in_no_other_way(
    stays: RelyingParty, holder: Holder, bound: dict[str, Any]
) -> None:
    token, address = bound["access_token"], f"{stays.base}/idp/profile/oidc/userinfo"
    answer = ask_userinfo(stays, token, holder.prove("GET", address, token))
    assert answer.json()["family_name"] == "DUPONT"
    assert ask_userinfo(stays, token, holder.prove("POST", address, token), "POST").status_code == 200
    thief = Holder()
    refused = {
        "as a bearer token": stays.userinfo(token),
        "with another key": ask_userinfo(stays, token, thief.prove("GET", address, token)),
        "with a proof for another token": ask_userinfo(stays, token, holder.prove("GET", address, "another")),
        "with a proof for another method": ask_userinfo(stays, token, holder.prove("POST", address, token)),
        "without a proof": requests.get(address, headers={"Authorization": f"DPoP {token}"}, timeout=20),
    }
    assert {name: one.status_code for name, one in refused.items()} == dict.fromkeys(refused, 401)
    for one in refused.values():
        assert one.headers["WWW-Authenticate"].startswith('DPoP realm="preau", error="')
        assert "ES256" in one.headers["WWW-Authenticate"]
        assert one.headers["DPoP-Nonce"]


def test_a_bearer_token_is_not_taken_for_a_bound_one(
    stays: RelyingParty, holder: Holder, browser: Browser, sandbox: Sandbox
) -> None:
    token = stays.exchange(bring_back_code(stays, browser, activate(browser, sandbox, JOE))).json()["access_token"]
    proof = holder.prove("GET", f"{stays.base}/idp/profile/oidc/userinfo", token)
    assert ask_userinfo(stays, token, proof).status_code == 401
    assert stays.userinfo(token).status_code == 200


def test_a_proof_is_good_once_even_for_fifty_at_once(
    stays: RelyingParty, holder: Holder, bound: dict[str, Any]
) -> None:
    token = bound["access_token"]
    proof = holder.prove("GET", f"{stays.base}/idp/profile/oidc/userinfo", token)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask_userinfo(stays, token, proof), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 49
    assert all("used before" in one.json()["error_description"] for one in answers if one.status_code == 401)


def test_a_nonce_of_ours_is_taken_and_a_made_up_one_is_answered_with_one(
    stays: RelyingParty, holder: Holder, browser: Browser, sandbox: Sandbox
) -> None:
    code = bring_back_code(stays, browser, activate(browser, sandbox, JOE))
    refused = redeem(stays, code, prove(holder, stays, nonce="made up"))
    assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
    tokens = redeem(stays, code, prove(holder, stays, nonce=refused.headers["DPoP-Nonce"]))
    assert tokens.json()["token_type"] == "DPoP"


def test_introspection_names_the_key(stays: RelyingParty, holder: Holder, bound: dict[str, Any]) -> None:
    told = requests.post(
        f"{stays.base}/idp/profile/oidc/introspect",
        data={"token": bound["access_token"]},
        auth=(stays.client_id, stays.client_secret),
        timeout=20,
    ).json()
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": holder.thumbprint})


def test_a_client_with_a_secret_may_refresh_with_another_key(stays: RelyingParty, bound: dict[str, Any]) -> None:
    other = Holder()
    form = {"grant_type": "refresh_token", "refresh_token": bound["refresh_token"]}
    again = post_token(stays, prove(other, stays), form).json()
    assert again["token_type"] == "DPoP"
    proof = other.prove("GET", f"{stays.base}/idp/profile/oidc/userinfo", again["access_token"])
    assert ask_userinfo(stays, again["access_token"], proof).status_code == 200


def test_a_code_can_be_bound_before_it_is_there(
    stays: RelyingParty, holder: Holder, browser: Browser, sandbox: Sandbox
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    code = bring_back_code(stays, browser, identifiant, dpop_jkt=holder.thumbprint)
    thief = redeem(stays, code, prove(Holder(), stays))
    assert (thief.status_code, thief.json()["error"]) == (400, "invalid_grant")
    assert stays.exchange(code).json()["error"] == "invalid_grant"
    assert redeem(stays, code, prove(holder, stays)).status_code == 200


def test_a_proof_at_the_pushed_request_binds_the_code_too(stays: RelyingParty, holder: Holder) -> None:
    address = f"{stays.base}/idp/profile/oidc/par"
    auth = (stays.client_id, stays.client_secret)
    query = stays.authorization_uri().partition("?")[2]
    headers = {"Content-Type": "application/x-www-form-urlencoded", "DPoP": holder.prove("POST", address)}
    assert requests.post(address, data=query, auth=auth, headers=headers, timeout=20).status_code == 201
    headers["DPoP"] = holder.prove("POST", address)
    another = stays.authorization_uri(dpop_jkt=Holder().thumbprint).partition("?")[2]
    refused = requests.post(address, data=another, auth=auth, headers=headers, timeout=20)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_pushed_request_is_told_which_nonce_to_use(stays: RelyingParty, holder: Holder) -> None:
    address = f"{stays.base}/idp/profile/oidc/par"

    def push(nonce: str) -> requests.Response:
        headers = {"DPoP": holder.prove("POST", address, nonce=nonce)}
        asked, auth = stays.authorization_request(), (stays.client_id, stays.client_secret)
        return requests.post(address, data=asked, auth=auth, headers=headers, timeout=20)

    refused = push("made up")
    assert (refused.status_code, refused.json()["error"]) == (400, "use_dpop_nonce")
    assert push(refused.headers["DPoP-Nonce"]).status_code == 201
    assert "DPoP-Nonce" not in stays.push().headers
