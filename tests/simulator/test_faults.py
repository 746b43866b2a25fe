"""Every way to fail does what it says, by login and by the control API, once or until it is taken back."""

import time
from collections.abc import Callable
from datetime import datetime
from threading import Thread
from typing import Any

import pytest
import requests
from joserfc.errors import BadSignatureError
from werkzeug.test import TestResponse

from franceconnect_bridge.simulator.errors import PAGES, REDIRECTS
from franceconnect_bridge.simulator.faults import FAULTS
from tests.ent.servers import open_door
from tests.simulator.world import (
    AFTER_LOGOUT,
    BASE,
    ISSUER,
    Browser,
    Hand,
    Service,
    callback,
    error_code,
    simulator,
    unverified,
    words,
)

SCOPE = "openid given_name family_name birthdate"
BROKEN = ("slow", "500", "502", "503", "cut", "garbled", "redirect")


def of_stage(*stages: str) -> list[str]:
    return [fault.name for fault in FAULTS.values() if fault.stage in stages]


def pages_of(stage: str) -> list[str]:
    return [page.code for page in PAGES.values() if page.stage == stage]


def login_for(fault: str) -> str:
    return f"E{fault[1:]}" if fault in PAGES else f"panne-{fault}"


# --- on the way in -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", pages_of("authorize"))
def test_a_request_can_be_refused_by_each_code(service: Service, browser: Browser, hand: Hand, code: str) -> None:
    hand.fail(code, client_id="preau")
    page = browser.authorize(service.request())
    assert (page.status_code, error_code(page)) == (PAGES[code].status, code)
    assert "Choisissez un compte" in words(browser.authorize(service.request()))


@pytest.mark.parametrize("by_login", [True, False])
@pytest.mark.parametrize("code", pages_of("verify"))
def test_a_person_can_be_refused_by_each_code(
    service: Service, browser: Browser, hand: Hand, code: str, by_login: bool
) -> None:
    if not by_login:
        hand.fail(code, login="joe")
    page = browser.reach_consent(service.request(), login_for(code) if by_login else "joe")
    assert (page.status_code, error_code(page)) == (PAGES[code].status, code)
    assert PAGES[code].advice in words(page)
    uid = page.request.path.split("/")[4]
    back = callback(browser.open("/api/v2/redirect-to-sp-with-error", uid=uid))
    assert (back["error"], back["error_description"]) == (PAGES[code].error, PAGES[code].description)


@pytest.mark.parametrize("error", REDIRECTS)
def test_the_service_can_be_told_each_error(service: Service, browser: Browser, error: str) -> None:
    answer = browser.reach_consent(service.request(), f"panne-redirect-{error.replace('_', '-')}")
    back = callback(answer)
    assert back == {"error": error, "error_description": REDIRECTS[error], "state": "s" * 32, "iss": ISSUER}


def test_a_refusal_has_another_description_than_turning_back(service: Service, browser: Browser) -> None:
    back = callback(browser.reach_consent(service.request(), "panne-redirect-refused"))
    assert (back["error"], back["error_description"]) == ("access_denied", "user authentication aborted")


def test_a_provider_that_fails_leads_back_to_the_choice(service: Service, browser: Browser, hand: Hand) -> None:
    hand.fail("provider-failed")
    page = browser.reach_consent(service.request(), "joe")
    assert "La connexion avec Impôts fictifs n'a pas abouti." in words(page)
    assert "Joe DUPONT" in words(browser.prove(browser.choose(page), "joe"))


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("callback-without-iss", {"iss": None}),
        ("callback-wrong-iss", {"iss": "https://autre-emetteur.example/api/v2"}),
        ("callback-wrong-state", {"state": "unAutreEtatQueLeVotre00"}),
        ("callback-without-state", {"state": None}),
        ("callback-without-code", {"code": None}),
    ],
)
def test_the_callback_can_be_false(
    service: Service, browser: Browser, fault: str, changed: dict[str, str | None]
) -> None:
    back = browser.come_back(service.request(), f"panne-{fault}")
    right = {"state": "s" * 32, "iss": ISSUER, "code": back.get("code")}
    assert back == {name: value for name, value in {**right, **changed}.items() if value is not None}


# --- tokens ------------------------------------------------------------------------------------------------------------------

FALSE_CLAIMS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "wrong-iss": lambda claims: claims["iss"] != ISSUER,
    "wrong-aud": lambda claims: claims["aud"] != "preau",
    "wrong-nonce": lambda claims: claims["nonce"] != "n" * 32,
    "without-nonce": lambda claims: "nonce" not in claims,
    "wrong-sub": lambda claims: claims["sub"] == "0" * 64 + "v1",
    "low-acr": lambda claims: claims["acr"] == "eidas0",
    "expired": lambda claims: "exp" in claims,  # how old is its own test's
    "without-claim": lambda claims: "birthdate" not in claims and "family_name" in claims,
    "malformed-claim": lambda claims: claims["birthdate"] == 42,
}
JSON_REFUSALS = {
    "token-invalid-client": (401, "invalid_client"),
    "token-invalid-request": (400, "invalid_request"),
    "token-invalid-grant": (400, "invalid_grant"),
    "userinfo-invalid-token": (401, "invalid_token"),
}


def get_tokens(service: Service, browser: Browser, login: str) -> TestResponse:
    return service.redeem(browser.come_back(service.request(scope=SCOPE), login)["code"])


def get_userinfo(service: Service, browser: Browser, login: str) -> TestResponse:
    return service.userinfo(get_tokens(service, browser, login).get_json()["access_token"])


@pytest.mark.parametrize("fault", [name for name in of_stage("token") if name.startswith("id-token-")])
def test_an_id_token_can_be_false(service: Service, browser: Browser, fault: str) -> None:
    token = get_tokens(service, browser, f"panne-{fault}").get_json()["id_token"]
    check_false(service, token, fault.removeprefix("id-token-"))


@pytest.mark.parametrize(
    "fault", [name for name in of_stage("userinfo") if not name.endswith(BROKEN) and name not in JSON_REFUSALS]
)
def test_userinfo_can_be_false(service: Service, browser: Browser, fault: str) -> None:
    answer = get_userinfo(service, browser, f"panne-{fault}")
    if fault == "userinfo-unsigned":
        assert answer.mimetype == "application/json"
        assert answer.get_json()["family_name"] == "MARTIN"
        return
    check_false(service, answer.text, fault.removeprefix("userinfo-"))


def check_false(service: Service, token: str, kind: str) -> None:
    """Check that a token is false in this way, and well signed when that is not the point."""
    header = unverified(token, 0)
    published = {key.kid for key in service.keys().keys}
    if kind in ("unsigned", "alg-none"):
        assert (header, token.rsplit(".", 1)[1]) == ({"alg": "none"}, "")
    elif kind == "unknown-kid":
        assert header["kid"] not in published
    elif kind == "wrong-signature":
        assert header["kid"] in published
        with pytest.raises(BadSignatureError):
            service.verify(token)
    else:
        assert FALSE_CLAIMS[kind](service.verify(token))


@pytest.mark.parametrize("fault", JSON_REFUSALS)
def test_a_program_can_be_refused(service: Service, browser: Browser, fault: str) -> None:
    ask = get_tokens if fault.startswith("token") else get_userinfo
    answer = ask(service, browser, f"panne-{fault}")
    assert (answer.status_code, answer.get_json()["error"]) == JSON_REFUSALS[fault]


def test_the_id_token_can_be_left_out(service: Service, browser: Browser) -> None:
    tokens = get_tokens(service, browser, "panne-token-without-id-token").get_json()
    assert set(tokens) == {"access_token", "expires_in", "scope", "token_type"}


def test_an_expired_token_is_five_minutes_too_old(service: Service, browser: Browser, hand: Hand) -> None:
    token = get_tokens(service, browser, "panne-id-token-expired").get_json()["id_token"]
    now = hand.call("GET", "/clock").get_json()["now"]
    assert 299 <= datetime.fromisoformat(now).timestamp() - service.verify(token)["exp"] <= 310


# --- answers that are broken -------------------------------------------------------------------------------------------------


def ask(service: Service, browser: Browser, stage: str, login: str = "joe") -> TestResponse:
    if stage in ("discovery", "jwks"):
        path = "/api/v2/jwks" if stage == "jwks" else "/api/v2/.well-known/openid-configuration"
        return service.app.test_client().get(path, base_url=BASE)
    return (get_tokens if stage == "token" else get_userinfo)(service, browser, login)


@pytest.mark.parametrize("how", ["500", "502", "503", "garbled", "redirect"])
@pytest.mark.parametrize("stage", ["discovery", "jwks", "token", "userinfo"])
def test_an_endpoint_can_be_broken_once(service: Service, browser: Browser, hand: Hand, stage: str, how: str) -> None:
    right = ask(service, browser, stage)
    hand.fail(f"{stage}-{how}")
    broken = ask(service, Browser(service.app), stage)
    if how == "garbled":
        assert (broken.status_code, broken.text) == (200, '{"half')
        assert broken.mimetype == right.mimetype
    elif how == "redirect":
        assert broken.status_code == 302
        assert broken.headers["Location"] == f"{BASE}/informations"
    else:
        assert (broken.status_code, broken.mimetype) == (int(how), "text/html")
        assert ("Retry-After" in broken.headers) == (how == "503")
    assert ask(service, Browser(service.app), stage).status_code == 200


@pytest.mark.parametrize("stage", ["token", "userinfo"])
@pytest.mark.parametrize("how", ["500", "502", "503"])
def test_an_endpoint_can_be_broken_for_a_person(service: Service, browser: Browser, stage: str, how: str) -> None:
    assert ask(service, browser, stage, f"panne-{stage}-{how}").status_code == int(how)


@pytest.mark.parametrize("stage", ["discovery", "jwks", "token", "userinfo"])
def test_an_answer_can_be_cut(service: Service, browser: Browser, hand: Hand, stage: str) -> None:
    hand.fail(f"{stage}-cut")
    answer = ask(service, browser, stage)
    assert len(answer.data) == int(answer.headers["Content-Length"]) // 2


def test_a_client_sees_a_cut_answer_as_broken() -> None:
    with open_door() as door:
        app = simulator(listen=f"127.0.0.1:{door.port}")
        door.app = app
        Hand(app).fail("jwks-cut")
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{door.url}/api/v2/jwks", timeout=10)


def test_no_key_can_be_published(service: Service, hand: Hand) -> None:
    hand.fail("jwks-empty")
    assert service.app.test_client().get("/api/v2/jwks", base_url=BASE).get_json() == {"keys": []}


def test_discovery_can_name_another_issuer(service: Service, hand: Hand) -> None:
    hand.fail("discovery-wrong-issuer")
    document = service.app.test_client().get("/api/v2/.well-known/openid-configuration", base_url=BASE).get_json()
    assert document["issuer"] != ISSUER


@pytest.mark.parametrize("stage", ["discovery", "jwks", "token", "userinfo"])
def test_an_answer_can_be_slow_and_holds_up_nobody_else(
    service: Service, browser: Browser, hand: Hand, stage: str
) -> None:
    hand.fail(f"{stage}-slow", seconds=60)
    answers: list[int] = []
    waiting = Thread(target=lambda: answers.append(ask(service, browser, stage).status_code))
    waiting.start()
    deadline = time.monotonic() + 20
    while hand.call("GET", "/faults").get_json() and time.monotonic() < deadline:
        pass  # until the slow request has taken its fault
    assert ask(service, Browser(service.app), stage).status_code == 200
    assert answers == []
    # Taking every fault back lets it go at once.
    hand.call("DELETE", "/faults")
    waiting.join(20)
    assert answers == [200]


def test_a_slow_answer_takes_as_long_as_asked(service: Service, hand: Hand) -> None:
    hand.fail("jwks-slow", seconds=1)
    before = time.monotonic()
    assert service.keys().keys
    assert time.monotonic() - before >= 1


# --- signing out -------------------------------------------------------------------------------------------------------------


def sign_out(service: Service, browser: Browser, login: str) -> TestResponse:
    hint = get_tokens(service, browser, login).get_json()["id_token"]
    return browser.open("/api/v2/session/end", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT, state="xyz")


@pytest.mark.parametrize("code", pages_of("logout"))
def test_signing_out_can_fail_by_each_code(service: Service, browser: Browser, code: str) -> None:
    page = sign_out(service, browser, login_for(code))
    assert (page.status_code, error_code(page)) == (PAGES[code].status, code)


@pytest.mark.parametrize(
    ("fault", "address"),
    [
        ("logout-without-state", AFTER_LOGOUT),
        ("logout-wrong-state", f"{AFTER_LOGOUT}?state=unAutreEtatQueLeVotre00"),
    ],
)
def test_signing_out_can_come_back_false(service: Service, browser: Browser, fault: str, address: str) -> None:
    page = browser.submit(sign_out(service, browser, f"panne-{fault}"))
    assert browser.submit(page).headers["Location"] == address


# --- for whom, how often -----------------------------------------------------------------------------------------------------


def test_every_fault_that_a_person_can_have_has_a_login(hand: Hand) -> None:
    people = {person["login"] for person in hand.call("GET", "/persons").get_json()}
    wanted = {login_for(name) for name in of_stage("verify", "callback", "token", "userinfo", "logout")}
    assert wanted <= people


def test_a_fault_happens_as_often_as_asked(service: Service, browser: Browser, hand: Hand) -> None:
    hand.fail("jwks-503", count=2)
    statuses = [ask(service, browser, "jwks").status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


def test_a_fault_without_a_count_lasts_until_it_is_taken_back(service: Service, browser: Browser, hand: Hand) -> None:
    hand.fail("jwks-503", count=0)
    assert {ask(service, browser, "jwks").status_code for _ in range(5)} == {503}
    assert hand.call("DELETE", "/faults").status_code == 204
    assert ask(service, browser, "jwks").status_code == 200


def test_a_fault_strikes_its_client_and_its_person_alone(service: Service, browser: Browser, hand: Hand) -> None:
    hand.fail("token-500", client_id="prive", count=0)
    hand.fail("token-502", login="karim", count=0)
    assert ask(service, browser, "token", "joe").status_code == 200
    assert ask(service, Browser(service.app), "token", "karim").status_code == 502


def test_a_missing_claim_can_be_named(service: Service, browser: Browser, hand: Hand) -> None:
    hand.fail("userinfo-without-claim", claim="family_name")
    assert "family_name" not in service.verify(ask(service, browser, "userinfo").text)


def test_a_fault_of_a_person_of_one_s_own(service: Service, browser: Browser, hand: Hand) -> None:
    known = next(person for person in hand.call("GET", "/persons").get_json() if person["login"] == "joe")
    body = {**known, "login": "ada", "fault": "userinfo-without-claim", "fault_claim": "gender"}
    assert hand.call("PUT", "/persons/ada", body).status_code == 201
    code = browser.come_back(service.request(scope="openid gender family_name"), "ada")["code"]
    claims = service.verify(service.userinfo(service.redeem(code).get_json()["access_token"]).text)
    assert (claims["family_name"], "gender" in claims) == ("DUPONT", False)
