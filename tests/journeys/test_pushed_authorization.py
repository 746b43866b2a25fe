"""An ENT's server pushes its request first (RFC 9126); the browser brings the reference, once."""

from urllib.parse import urlencode

import pytest
import requests

from tests.journeys.people import JOE, activate
from tests.journeys.visits import sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


@pytest.fixture
def other(server: RunningServer) -> RelyingParty:
    return RelyingParty(server.base, "rich", "secret-of-the-rich", "http://localhost:8404/")


def refused(page_status: int, text: str) -> bool:
    return page_status == 400 and "Cette page a déjà servi" in text


def test_the_endpoint_is_published_and_answers_as_the_text_says(ent: RelyingParty) -> None:
    told = requests.get(f"{ent.base}/.well-known/openid-configuration", timeout=20).json()
    assert told["pushed_authorization_request_endpoint"] == f"{ent.base}/idp/profile/oidc/par"
    assert told["require_pushed_authorization_requests"] is False
    answer = ent.push()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"request_uri", "expires_in"}
    scheme, _, reference = answer.json()["request_uri"].rpartition(":")
    assert scheme == "urn:ietf:params:oauth:request_uri"
    assert len(reference) == 43, "256 random bits in base64url"
    assert answer.json()["expires_in"] == 60


def test_a_parent_signs_in_for_a_request_that_was_pushed(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    browser.open(ent.pushed_uri(acr_values="responsable", state="pushed", response_mode="query"))
    sign_in(browser, identifiant)
    answer = answer_in(browser.left_to)
    assert (answer["state"], answer["iss"]) == ("pushed", ent.base)
    assert ent.exchange(answer["code"]).status_code == 200
    browser.open(ent.pushed_uri(state="again"))
    assert answer_in(browser.left_to)["state"] == "again"


def test_a_reference_is_good_once(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    browser.open(ent.authorization_uri(acr_values="responsable"))
    sign_in(browser, identifiant)
    address = ent.pushed_uri()
    browser.open(address)
    assert "code" in answer_in(browser.left_to)
    page = browser.open(address)
    assert refused(page.status, page.text)
    assert browser.left_to == ""
    assert "request_uri" in page.text


def test_a_browser_that_loads_the_address_again_finds_the_same_page_and_another_one_does_not(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    address = ent.pushed_uri(acr_values="responsable")
    first = browser.open(address)
    assert first.h1 == "Je me connecte"
    page = other_browser.open(address)
    assert refused(page.status, page.text)
    assert browser.open(address).url == first.url
    sign_in(browser, identifiant)
    assert ent.exchange(answer_in(browser.left_to)["code"]).status_code == 200


def test_a_reference_lives_for_a_minute(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    early, late = ent.pushed_uri(), ent.pushed_uri()
    sandbox.advance(seconds=59)
    assert browser.open(early).status == 200
    sandbox.advance(seconds=1)
    page = browser.open(late)
    assert refused(page.status, page.text)


def test_a_reference_belongs_to_its_client_and_a_foreign_try_burns_nothing(
    browser: Browser, ent: RelyingParty, other: RelyingParty
) -> None:
    address = ent.pushed_uri()
    page = browser.open(address.replace("client_id=ent", "client_id=rich"))
    assert refused(page.status, page.text)
    assert browser.open(address).h1 == "Je sélectionne mon profil"
    page = browser.open(address.replace("client_id=ent", "client_id=rich"))
    assert refused(page.status, page.text)
    assert other.push().status_code == 201


def test_a_silent_request_that_was_pushed_is_answered_and_used_up(browser: Browser, ent: RelyingParty) -> None:
    address = ent.pushed_uri(prompt="none")
    browser.open(address)
    assert answer_in(browser.left_to)["error"] == "login_required"
    assert browser.open(address).status == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "http://localhost:8402/ailleurs"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_refused_at_once_and_never_reaches_a_browser(
    ent: RelyingParty, changes: dict[str, str], error: str
) -> None:
    answer = ent.push(**changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_clients_authenticate_as_at_the_token_endpoint(ent: RelyingParty) -> None:
    address = f"{ent.base}/idp/profile/oidc/par"
    assert RelyingParty(ent.base, client_secret="guessed").push().status_code == 401
    assert requests.post(address, data=ent.authorization_request(), timeout=20).status_code == 400
    assert requests.get(address, timeout=20).status_code == 405
    assert requests.post(f"{address}?{urlencode(ent.authorization_request())}", timeout=20).status_code == 400


def test_a_public_client_pushes_with_its_name_alone(browser: Browser, server: RunningServer) -> None:
    tablet = RelyingParty(server.base, "tablet", "", "http://127.0.0.1:8403/retour")
    answer = requests.post(f"{server.base}/idp/profile/oidc/par", data=tablet.authorization_request(), timeout=20)
    reference = {"client_id": "tablet", "request_uri": answer.json()["request_uri"]}
    page = browser.open(f"{server.base}/idp/profile/oidc/authorize?{urlencode(reference)}")
    assert page.h1 == "Je sélectionne mon profil"


def test_a_request_uri_of_somebody_else_is_never_fetched(browser: Browser, ent: RelyingParty) -> None:
    browser.open(ent.authorization_uri(request_uri="https://ent.example/request.jwt"))
    assert answer_in(browser.left_to)["error"] == "invalid_request_uri"
