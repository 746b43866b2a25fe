"""Signing in from an ENT: the straight road, and what is tried against it."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.journeys.people import JOE, KARIM, PASSWORD, activate
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


def test_joe_signs_in_from_the_ent_which_learns_who_he_is(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    page = come_from(ent, browser)
    assert page.h1 == "Je me connecte"
    assert page.says("Vous allez vers ENT Marronnier.")
    sign_in(browser, identifiant)
    answer = answer_in(browser.left_to)
    assert browser.left_to.startswith(ent.redirect_uri)
    assert answer["state"] == "state-0123456789"
    assert answer["iss"] == ent.base

    tokens = ent.exchange(answer["code"]).json()
    claims = unverified_claims(tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ent.base, "ent", "nonce-0123456789")
    told = ent.userinfo(tokens["access_token"]).json()
    assert told["sub"] == claims["sub"]
    assert (told["given_name"], told["family_name"]) == ("Joe", "DUPONT")
    assert told["FrEduCtPersonAffiliation"] == ["resp2d"]
    assert all(value.startswith("{AAF}") for value in told["FrEduCtRefId"])
    assert told["FrEduOrigAuth"] == "ECT"
    assert "sign-in.accepted" in sandbox.events()


def test_a_second_request_of_a_signed_in_browser_asks_nothing(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    first = unverified_claims(ent.exchange(answer_in(browser.left_to)["code"]).json()["id_token"])
    sandbox.advance(minutes=10)
    browser.open(ent.authorization_uri())
    second = unverified_claims(ent.exchange(answer_in(browser.left_to)["code"]).json()["id_token"])
    assert second["auth_time"] == first["auth_time"]
    assert second["sid"] == first["sid"]
    assert second["sub"] == first["sub"]


def test_an_idle_session_asks_again(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    sandbox.advance(minutes=61)
    assert come_from(ent, browser).h1 == "Je me connecte"


def test_prompt_login_and_max_age_ask_again_once(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    sandbox.advance(seconds=30)
    for asked in ({"prompt": "login"}, {"max_age": "20"}):
        assert come_from(ent, browser, **asked).h1 == "Je me connecte"
        sign_in(browser, identifiant)
        assert "code" in answer_in(browser.left_to)
        sandbox.advance(seconds=30)


def test_prompt_none_without_a_session_is_login_required(browser: Browser, ent: RelyingParty) -> None:
    browser.open(ent.authorization_uri(prompt="none"))
    answer = answer_in(browser.left_to)
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", "state-0123456789", ent.base)


@pytest.mark.parametrize("profile", ["responsable", "eleve"])
def test_an_ent_that_says_which_profile_skips_the_choice(browser: Browser, ent: RelyingParty, profile: str) -> None:
    page = browser.open(ent.authorization_uri(acr_values=profile))
    assert page.h1 == "Je me connecte"


def test_a_wrong_password_and_an_unknown_identifiant_read_alike(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    wrong = sign_in(browser, identifiant, "Mauvais-Mot-1")
    unknown = sign_in(browser, "x.inconnu0000")
    for page in (wrong, unknown):
        assert page.status == 422
        assert page.says("Identifiant ou mot de passe incorrect. Vérifiez les deux, puis réessayez.")
        assert page.form("j_username").values["j_password"] == ""
    assert wrong.text.replace(identifiant, "") == unknown.text.replace("x.inconnu0000", "")


def test_after_five_wrong_tries_one_waits_known_or_not(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    for who in (identifiant, "x.inconnu0000"):
        come_from(ent, browser)
        for number in range(5):
            assert sign_in(browser, who, f"Mauvais-Mot-{number}").status == 422
        page = sign_in(browser, who, PASSWORD)
        assert page.status == 429
        assert page.says("Il y a eu trop d'essais. Attendez 15 minutes")
        assert "Retry-After" in page.headers
    sandbox.advance(minutes=16)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    assert "code" in answer_in(browser.left_to)


def test_a_double_click_signs_in_once_and_both_answers_are_the_same(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    twice = browser.prepare("j_username", {"j_username": identifiant, "j_password": PASSWORD})
    browser.send(*twice)
    first = browser.left_to
    browser.send(*twice)
    assert browser.left_to == first
    assert sandbox.events(event="sign-in.accepted") == ["sign-in.accepted"]


def test_signing_in_makes_a_new_session_whatever_the_browser_held(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    joe = activate(browser, sandbox, JOE)
    karim = activate(other_browser, sandbox, KARIM)
    come_from(ent, browser)
    sign_in(browser, joe)
    before = browser.http.cookies.get("preau_idp_session")
    come_from(ent, browser, prompt="login")
    sign_in(browser, karim)
    after = browser.http.cookies.get("preau_idp_session")
    assert before != after
    other_browser.http.cookies.set("preau_idp_session", before or "")
    assert come_from(ent, other_browser).h1 == "Je me connecte", "the former session has ended"


def test_a_session_planted_in_a_browser_is_not_the_one_signed_in(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    browser.http.cookies.set("preau_idp_session", "planted", domain="localhost.local", path="/")
    come_from(ent, browser)
    sign_in(browser, identifiant)
    other_browser.http.cookies.set("preau_idp_session", "planted")
    assert come_from(ent, other_browser).h1 == "Je me connecte"


def test_a_sign_in_page_belongs_to_the_browser_that_asked_for_it(
    browser: Browser, other_browser: Browser, ent: RelyingParty
) -> None:
    page = come_from(ent, browser)
    assert other_browser.open(page.url).status == 400


def test_a_sign_in_form_without_its_token_is_refused(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    action, values = browser.prepare("j_username", {"j_username": identifiant, "j_password": PASSWORD})
    page = browser.send(action, values | {"jeton": "0-forged"})
    assert (page.status, browser.left_to) == (403, "")


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"redirect_uri": "https://evil.example/"}, "redirect_uri"),
        ({"redirect_uri": "http://localhost:8402/retour?x=1"}, "redirect_uri"),
        ({"redirect_uri": None}, "redirect_uri"),
        ({"client_id": "nobody"}, "client_id"),
        ({"client_id": None}, "client_id"),
    ],
)
def test_a_foreign_redirect_uri_or_client_is_shown_and_never_followed(
    browser: Browser, ent: RelyingParty, changes: dict[str, str | None], cause: str
) -> None:
    page = browser.open(ent.authorization_uri(**changes))
    assert (page.status, page.h1) == (400, "Nous ne pouvons pas ouvrir cette page")
    assert browser.left_to == ""
    assert page.says(cause)
    assert not any(urlsplit(address).netloc == "evil.example" for _, address in page.links)


def test_nobody_who_has_not_activated_gets_a_token(browser: Browser, ent: RelyingParty) -> None:
    come_from(ent, browser)
    for guess in ("j.dupont0001", "+33639980001", "0639980001", "joe"):
        assert sign_in(browser, guess).status == 422


def test_a_sign_in_page_opened_by_hand_leads_to_a_page_that_says_so(browser: Browser, sandbox: Sandbox) -> None:
    identifiant = activate(browser, sandbox, JOE)
    page = browser.open("/connexion")
    browser.open(page.link("Responsable d'élève"))
    page = sign_in(browser, identifiant)
    assert page.status == 200
    assert page.says("Joe DUPONT")


def test_guesses_sent_at_once_get_no_further_than_guesses_one_by_one(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, server: RunningServer
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    guessers = [Browser(server.base) for _ in range(30)]
    forms = []
    for number, guesser in enumerate(guessers):
        come_from(ent, guesser)
        password = PASSWORD if number == 29 else f"Mauvais-Mot-{number}"
        forms.append(guesser.prepare("j_username", {"j_username": identifiant, "j_password": password}))

    def guess(number: int) -> int:
        return guessers[number].send(*forms[number]).status

    with ThreadPoolExecutor(29) as pool:
        statuses = list(pool.map(guess, range(29)))
    assert set(statuses) <= {422, 429}
    assert guess(29) == 429
    assert guessers[29].left_to == ""


def test_a_form_that_was_left_open_while_another_window_failed_signs_in_once_too(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    left_open = browser.prepare("j_username", {"j_username": identifiant, "j_password": PASSWORD})
    sign_in(browser, identifiant, "Mauvais-Mot-1")
    browser.send(*left_open)
    first, held = browser.left_to, browser.http.cookies.get("preau_idp_session")
    browser.send(*left_open)
    assert (browser.left_to, browser.http.cookies.get("preau_idp_session")) == (first, held)
    assert sandbox.events(event="sign-in.accepted") == ["sign-in.accepted"]
