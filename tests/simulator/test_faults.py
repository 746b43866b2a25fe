"""What can be made to go wrong: each fault does what it says, once, and for whom it was asked."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from franceconnect_bridge.simulator import endpoints
from franceconnect_bridge.simulator.errors import CALLBACK_ERRORS, PAGES
from franceconnect_bridge.simulator.faults import FAULTS
from tests.simulator.service import BASE, ISSUER, STATE, Visit, header_of, payload_of


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    naps: list[float] = []
    monkeypatch.setattr(endpoints.time, "sleep", naps.append)
    return naps


def redeem(visit: Visit) -> tuple[int, dict[str, Any]]:
    return visit.redeem(visit.sign_in()["code"])


def is_signed(visit: Visit, token: str) -> bool:
    keys = KeySet.import_key_set(visit.app.test_client().get("/api/v2/jwks", base_url=BASE).get_json())
    try:
        jwt.decode(token, keys, algorithms=["ES256", "RS256"])
    except (JoseError, ValueError):
        return False
    return True


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_sign_in_can_be_made_to_end_at_any_page(visit: Visit, code: str) -> None:
    visit.arm(code)
    page = visit.reach_information()
    assert (page.status, page.says(f"Code {code}")) == (PAGES[code].status, True)
    assert visit.reach_information().h1 == "Vous allez vous connecter en tant que :", "once"


@pytest.mark.parametrize("error", sorted(CALLBACK_ERRORS))
def test_a_request_can_be_made_to_come_back_with_any_error(visit: Visit, error: str) -> None:
    visit.arm(error)
    visit.ask()
    assert (visit.answered["error"], visit.answered["state"]) == (error, STATE)
    assert visit.answered["error_description"] == CALLBACK_ERRORS[error]
    assert "code" in visit.sign_in()


def test_a_refusal_of_the_register_has_its_own_description(visit: Visit) -> None:
    visit.arm("refused")
    visit.ask()
    assert visit.answered["error_description"] == "user authentication aborted"


@pytest.mark.parametrize(
    ("fault", "differs"),
    [
        ("callback-without-iss", {"iss": None}),
        ("callback-without-state", {"state": None}),
        ("callback-without-code", {"code": None}),
        ("callback-wrong-iss", {"iss": "https://franceconnect.example/api/v2"}),
    ],
)
def test_a_callback_can_be_spoiled(visit: Visit, fault: str, differs: dict[str, str | None]) -> None:
    visit.arm(fault)
    answered = visit.sign_in()
    right = {"state": STATE, "iss": ISSUER, "code": answered.get("code")}
    assert {name: answered.get(name) for name in right} == {**right, **differs}


def test_a_callback_can_have_another_state(visit: Visit) -> None:
    visit.arm("callback-wrong-state")
    assert visit.sign_in()["state"] not in {"", STATE}


@pytest.mark.parametrize("endpoint", ["token", "userinfo", "jwks", "discovery"])
def test_an_endpoint_can_be_slow_broken_or_not_itself(visit: Visit, slept: list[float], endpoint: str) -> None:
    def ask() -> Any:
        client = visit.app.test_client()
        if endpoint in {"jwks", "discovery"}:
            path = "jwks" if endpoint == "jwks" else ".well-known/openid-configuration"
            return client.get(f"/api/v2/{path}", base_url=BASE)
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost:8400/franceconnect/retour",
            "client_id": "preau", "client_secret": "preau-simulateur-secret-de-test",
        }  # fmt: skip
        if endpoint == "token":
            return client.post("/api/v2/token", data=form, base_url=BASE)
        return client.get("/api/v2/userinfo", headers={"Authorization": f"Bearer {token}"}, base_url=BASE)

    code, token = visit.sign_in()["code"], ""
    if endpoint == "userinfo":
        token = visit.redeem(code)[1]["access_token"]
    for status in (500, 502, 503):
        visit.arm(f"{endpoint}-{status}")
        assert ask().status_code == status
    visit.arm(f"{endpoint}-html")
    assert ask().content_type.startswith("text/html")
    visit.arm(f"{endpoint}-redirect")
    assert ask().status_code == 302
    visit.arm(f"{endpoint}-huge")
    assert len(ask().data) > 2_000_000
    assert slept == []
    visit.arm(f"{endpoint}-slow", seconds=7.5)
    whole = ask()
    assert (whole.status_code, slept) == (200, [7.5])
    for kind in ("truncated", "cut"):
        if endpoint == "token":
            code = visit.sign_in()["code"]
        visit.arm(f"{endpoint}-{kind}")
        half = ask()
        assert 0 < len(half.data) < len(whole.data) * 0.6
        announced = int(half.headers["Content-Length"])
        assert (announced > len(half.data)) == (kind == "cut")


@pytest.mark.parametrize(
    ("fault", "error"), [("token-invalid-grant", "invalid_grant"), ("token-invalid-client", "invalid_client")]
)
def test_a_token_request_can_be_refused(visit: Visit, fault: str, error: str) -> None:
    code = visit.sign_in()["code"]
    visit.arm(fault)
    assert visit.redeem(code)[1]["error"] == error
    assert visit.redeem(code)[0] == 200, "the code is still good"


def _token_with(visit: Visit, kind: str, fault: str) -> str:
    visit.arm(f"{kind}-{fault}")
    _, told = redeem(visit)
    return str(told["id_token"]) if kind == "id-token" else visit.userinfo(told["access_token"])[1]


@pytest.mark.parametrize("kind", ["id-token", "userinfo"])
def test_a_signature_can_be_wrong_in_every_way(visit: Visit, kind: str) -> None:
    assert is_signed(visit, redeem(visit)[1]["id_token"])
    unsigned = _token_with(visit, kind, "unsigned")
    assert (header_of(unsigned)["alg"], unsigned.endswith(".")) == ("none", True)
    forged = _token_with(visit, kind, "wrong-signature")
    assert header_of(forged)["kid"] == header_of(redeem(visit)[1]["id_token"])["kid"]
    assert not is_signed(visit, forged)
    assert header_of(_token_with(visit, kind, "unknown-kid"))["kid"] == "nobody-publishes-this"
    other = _token_with(visit, kind, "other-alg")
    assert (header_of(other)["alg"], is_signed(visit, other)) == ("RS256", True)


@pytest.mark.parametrize("kind", ["id-token", "userinfo"])
def test_a_token_can_be_for_somebody_else(visit: Visit, kind: str) -> None:
    right = payload_of(redeem(visit)[1]["id_token"])
    for fault, claim in (("wrong-iss", "iss"), ("wrong-aud", "aud"), ("wrong-sub", "sub")):
        token = _token_with(visit, kind, fault)
        assert payload_of(token)[claim] != right[claim]
        assert is_signed(visit, token)
    assert payload_of(_token_with(visit, kind, "expired"))["exp"] < right["iat"]


@pytest.mark.parametrize(
    ("fault", "claim", "value"),
    [("low-acr", "acr", "eidas0"), ("without-acr", "acr", None), ("without-nonce", "nonce", None)],
)
def test_an_id_token_can_lack_what_it_must_have(visit: Visit, fault: str, claim: str, value: str | None) -> None:
    assert payload_of(_token_with(visit, "id-token", fault)).get(claim) == value


def test_an_id_token_can_have_another_nonce(visit: Visit) -> None:
    right = payload_of(redeem(visit)[1]["id_token"])["nonce"]
    assert payload_of(_token_with(visit, "id-token", "wrong-nonce"))["nonce"] != right


def test_userinfo_can_be_plain_json_refused_or_lack_a_claim(visit: Visit) -> None:
    visit.arm("userinfo-json")
    assert json.loads(visit.userinfo(redeem(visit)[1]["access_token"])[1])["family_name"] == "DUBOIS"
    visit.arm("userinfo-invalid-token")
    assert visit.userinfo(redeem(visit)[1]["access_token"])[0] == 401
    visit.arm("userinfo-without-claim", claim="birthdate")
    assert "birthdate" not in payload_of(visit.userinfo(redeem(visit)[1]["access_token"])[1])
    visit.arm("userinfo-odd-claim")
    assert payload_of(visit.userinfo(redeem(visit)[1]["access_token"])[1])["family_name"] == 42


def test_keys_can_be_gone_and_discovery_anothers(visit: Visit) -> None:
    client = visit.app.test_client()
    visit.arm("jwks-empty")
    assert client.get("/api/v2/jwks", base_url=BASE).get_json() == {"keys": []}
    visit.arm("discovery-wrong-issuer")
    assert client.get("/api/v2/.well-known/openid-configuration", base_url=BASE).get_json()["issuer"] != ISSUER


def test_a_fault_is_met_as_often_as_was_asked_and_by_its_client_alone(visit: Visit) -> None:
    visit.arm("token-503", count=2)
    code = visit.sign_in()["code"]
    assert [visit.redeem(code)[0] for _ in range(3)] == [503, 503, 200]
    visit.arm("token-503", client_id="mairie")
    assert redeem(visit)[0] == 200
    assert [one["client_id"] for one in visit.control("GET", "/faults").get_json()["waiting"]] == ["mairie"]


def test_a_persons_own_fault_is_met_every_time(visit: Visit) -> None:
    for _ in range(2):
        browser = Visit(visit.app)
        assert browser.redeem(browser.sign_in("jeton_503")["code"])[0] == 503
        browser = Visit(visit.app)
        _, told = browser.redeem(browser.sign_in("acr_trop_bas")["code"])
        assert payload_of(told["id_token"])["acr"] == "eidas0"


def test_every_fault_has_a_test_here() -> None:
    here = Path(__file__)
    words = here.read_text(encoding="utf-8") + here.with_name("test_logout.py").read_text(encoding="utf-8")
    parts = {"token-", "userinfo-", "jwks-", "discovery-", "id-token-"}
    short = {name: next((name.removeprefix(part) for part in parts if name.startswith(part)), name) for name in FAULTS}
    missing = [name for name in FAULTS if name not in words and short[name] not in words]
    assert [name for name in missing if name not in PAGES and name not in CALLBACK_ERRORS] == []
