"""A person is asked before a site is told anything of her: what she reads, what she answers, and when she is asked again."""

import json

import pytest

from tests.journeys.people import JOE, KARIM, PASSWORD, activate, kinship_values, reach_kinship
from tests.journeys.visits import CONSENT, come_from, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

REFUSED = "access_denied"
LOST = "Votre démarche s'est arrêtée"


@pytest.fixture
def site(server: RunningServer) -> RelyingParty:
    """Return a site that the settings want to be allowed, once."""
    return RelyingParty(server.base, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")


@pytest.fixture
def insisting(server: RunningServer) -> RelyingParty:
    """Return a site that the settings want to be allowed each time."""
    return RelyingParty(server.base, "saule", "secret-of-the-one-that-insists", "http://localhost:8408/retour")


@pytest.fixture
def joe(browser: Browser, sandbox: Sandbox) -> str:
    return activate(browser, sandbox, JOE)


def reach(site: RelyingParty, browser: Browser, identifiant: str, **changes: str | None) -> Page:
    """Sign in for a site, and stand before its question."""
    come_from(site, browser, **changes)
    page = sign_in(browser, identifiant)
    assert page.h1 == CONSENT, page.text
    return page


def answer(browser: Browser) -> dict[str, str]:
    assert browser.left_to, browser.page.text[:400]
    return answer_in(browser.left_to)


def returns_at_once(site: RelyingParty, browser: Browser, **changes: str | None) -> bool:
    browser.open(site.authorization_uri(**changes))
    return "code" in answer_in(browser.left_to)


# --- what is asked ------------------------------------------------------------------------------------------------------------------


def test_the_page_says_who_asks_for_what_and_of_whom(browser: Browser, site: RelyingParty, joe: str) -> None:
    page = reach(site, browser, joe)
    for words in (
        "Vous êtes connecté : Joe DUPONT",
        "Site Aulne (localhost) demande ces informations :",
        "Votre nom et votre prénom",
        "Que vous êtes responsable d'élève",
        "Votre numéro dans les fichiers des écoles de vos enfants",
        "Quand et comment vous vous êtes connecté",
        "Un code qui permet de vous reconnaître la prochaine fois",
        "la question ne sera plus posée",
    ):
        assert page.says(words), (words, page.text)
    assert not page.says("quand vous n'êtes pas connecté")
    assert page.link("Ce que ce site fait de vos données") == "http://localhost:8407/donnees"
    assert page.link("Les règles de ce site") == "http://localhost:8407/regles"
    assert "http://localhost:8407" in page.headers["Content-Security-Policy"]


def test_only_what_would_be_told_is_asked(browser: Browser, site: RelyingParty, joe: str) -> None:
    page = reach(site, browser, joe, scope="openid ect.scope.stage")
    assert not page.says("Votre nom et votre prénom")
    assert not page.says("Votre numéro d'élève"), "blank for a parent: nothing is told"
    assert page.says("Un code qui permet de vous reconnaître la prochaine fois")


def test_a_single_claim_is_asked_for_by_its_own_words(browser: Browser, site: RelyingParty, joe: str) -> None:
    wanted = json.dumps({"userinfo": {"family_name": None}})
    page = reach(site, browser, joe, scope="openid", claims=wanted)
    assert page.says("Votre nom")
    assert not page.says("Votre prénom")


def test_made_up_claims_are_asked_for_too(browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str) -> None:
    sandbox.make_up(joe, nickname="Jojo")
    assert reach(site, browser, joe).says("Votre surnom")


# --- what is answered ---------------------------------------------------------------------------------------------------------------


def test_who_allows_is_brought_back_with_a_code_and_is_not_asked_again(
    browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe)
    browser.fill("Autoriser")
    told = answer(browser)
    assert (told["state"], told["iss"]) == ("state-0123456789", site.base)
    first = unverified_claims(site.exchange(told["code"]).json()["id_token"])
    assert sandbox.audit(event="consent.given")[0]["details"] == {"scope": "ect.scope.cnx openid profile"}
    sandbox.advance(minutes=5)
    for prompt in (None, "none"):
        assert returns_at_once(site, browser, prompt=prompt), prompt
    again = unverified_claims(site.exchange(answer(browser)["code"]).json()["id_token"])
    assert (again["auth_time"], again["sid"]) == (first["auth_time"], first["sid"])
    assert sandbox.events(event="consent.given") == ["consent.given"]


def test_who_refuses_brings_the_site_an_error_and_is_asked_again_next_time(
    browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe)
    browser.fill("Refuser")
    told = answer(browser)
    assert (told["error"], told["state"], told["iss"]) == (REFUSED, "state-0123456789", site.base)
    assert "code" not in told
    assert sandbox.events(event="consent.refused") == ["consent.refused"]
    assert come_from(site, browser).h1 == CONSENT, "she is still signed in"


def test_an_answer_without_a_button_allows_nothing(browser: Browser, site: RelyingParty, joe: str) -> None:
    reach(site, browser, joe)
    action, values = browser.prepare("Autoriser")
    browser.send(action, {**values, "choix": "peut-être"})
    assert answer(browser)["error"] == REFUSED


def test_another_person_is_asked_herself(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe)
    browser.fill("Autoriser")
    assert reach(site, other_browser, activate(other_browser, sandbox, KARIM)).says("Karim BENALI")


def test_the_answer_goes_back_by_a_form_where_the_site_wants_one(
    browser: Browser, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe, response_mode="form_post")
    page = browser.fill("Refuser")
    assert page.form("state").values["error"] == REFUSED


# --- when she is asked again --------------------------------------------------------------------------------------------------------


def test_something_new_is_asked_once_more_and_less_is_not(
    browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe, scope="openid profile")
    browser.fill("Autoriser")
    assert returns_at_once(site, browser, scope="openid")
    wanted = json.dumps({"id_token": {"FrEduOrigAuth": None}})
    for changes in ({"scope": "openid profile ect.scope.cnx"}, {"scope": "openid", "claims": wanted}):
        assert come_from(site, browser, **changes).h1 == CONSENT, changes
        browser.fill("Autoriser")
        assert returns_at_once(site, browser, **changes), changes
    assert returns_at_once(site, browser, scope="openid profile"), "what was allowed before stays allowed"
    assert len(sandbox.events(event="consent.given")) == 3


def test_tokens_for_when_nobody_is_present_are_allowed_by_name(browser: Browser, site: RelyingParty, joe: str) -> None:
    reach(site, browser, joe)
    browser.fill("Autoriser")
    page = come_from(site, browser, scope="openid offline_access")
    assert page.says("Recevoir ces informations aussi quand vous n'êtes pas connecté")
    browser.fill("Autoriser")
    assert "refresh_token" in site.exchange(answer(browser)["code"]).json()


def test_prompt_consent_asks_whatever_was_allowed_and_whatever_the_policy(
    browser: Browser, site: RelyingParty, ent: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe)
    browser.fill("Autoriser")
    for party in (site, ent):
        assert come_from(party, browser, prompt="consent").h1 == CONSENT, party.client_id
        browser.fill("Autoriser")
        assert "code" in answer(browser)
    assert returns_at_once(ent, browser), "the operator answers for it: nothing else changes"


def test_prompt_login_and_consent_ask_for_both(browser: Browser, site: RelyingParty, joe: str) -> None:
    reach(site, browser, joe)
    browser.fill("Autoriser")
    assert come_from(site, browser, prompt="login consent").h1 == "Je me connecte"
    sign_in(browser, joe)
    browser.fill("Autoriser")
    assert "code" in answer(browser)


def test_a_site_that_is_asked_for_each_time_is_never_answered_silently(
    browser: Browser, insisting: RelyingParty, joe: str
) -> None:
    page = reach(insisting, browser, joe)
    assert not page.says("la question ne sera plus posée")
    browser.fill("Autoriser")
    assert "code" in answer(browser)
    assert come_from(insisting, browser).h1 == CONSENT
    browser.open(insisting.authorization_uri(prompt="none"))
    assert answer(browser)["error"] == "consent_required"


def test_prompt_none_says_which_of_the_two_is_missing(browser: Browser, site: RelyingParty, joe: str) -> None:
    browser.open(site.authorization_uri(prompt="none"))
    assert answer(browser)["error"] == "login_required"
    reach(site, browser, joe)
    browser.open(site.authorization_uri(prompt="none"))
    told = answer(browser)
    assert (told["error"], told["state"]) == ("consent_required", "state-0123456789")


def test_a_new_password_takes_back_what_was_allowed(
    browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe)
    browser.fill("Autoriser")
    other = Browser(site.base)
    other.fill("lien-1", kinship_values(reach_kinship(other, sandbox, JOE), JOE))
    other.fill("Mot de passe oublié")
    other.fill("mot-de-passe", {"mot-de-passe": "Trousse-Verte-17", "confirmation": "Trousse-Verte-17"})
    come_from(site, browser)
    assert sign_in(browser, joe, "Trousse-Verte-17").h1 == CONSENT


# --- back, again, elsewhere ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["Autoriser", "Refuser"])
def test_a_double_click_answers_once_and_both_answers_are_the_same(
    browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str, button: str
) -> None:
    reach(site, browser, joe)
    twice = browser.prepare(button, button=button)
    browser.send(*twice)
    first = answer(browser)
    browser.send(*twice)
    assert answer(browser) == first
    assert len([event for event in sandbox.events() if event.startswith("consent.")]) == 1


def test_a_reloaded_page_asks_the_same_and_the_former_form_is_good(
    browser: Browser, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe)
    before = browser.prepare("Autoriser", button="Autoriser")
    assert browser.refresh().h1 == CONSENT
    browser.send(*before)
    assert "code" in answer(browser)


def test_going_back_after_the_answer_leads_on(browser: Browser, site: RelyingParty, joe: str) -> None:
    asked = reach(site, browser, joe).url
    browser.fill("Autoriser")
    browser.open(asked)
    assert site.exchange(answer(browser)["code"]).ok


def test_a_sign_in_that_is_posted_again_comes_to_the_question_again_in_the_same_session(
    browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    come_from(site, browser)
    twice = browser.prepare("j_username", {"j_username": joe, "j_password": PASSWORD})
    assert browser.send(*twice).h1 == CONSENT
    before = browser.http.cookies.get("preau_idp_session")
    assert browser.send(*twice).h1 == CONSENT
    assert browser.http.cookies.get("preau_idp_session") == before
    browser.fill("Autoriser")
    assert browser.send(*twice).status in {200, 303}, "an old form signs in once more"
    sandbox.advance(minutes=6)
    come_from(site, browser, prompt="login")
    again = browser.prepare("j_username", {"j_username": joe, "j_password": PASSWORD})
    browser.send(*again)
    sandbox.advance(minutes=6)
    browser.send(*again)
    assert "code" in answer(browser)


def test_without_the_session_the_person_signs_in_first(browser: Browser, site: RelyingParty, joe: str) -> None:
    asked = reach(site, browser, joe).url
    form = browser.prepare("Autoriser", button="Autoriser")
    browser.http.cookies.set("preau_idp_session", None)  # type: ignore[arg-type]  # takes it away
    assert browser.open(asked).h1 == "Je sélectionne mon profil"
    assert browser.send(*form).h1 == "Je sélectionne mon profil"


def test_without_the_visit_or_in_another_browser_nothing_is_asked_and_nothing_allowed(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    asked = reach(site, browser, joe).url
    form = browser.prepare("Autoriser", button="Autoriser")
    other_browser.http.cookies.set("preau_idp_session", browser.http.cookies.get("preau_idp_session") or "")
    assert other_browser.open(asked).h1 == LOST
    assert other_browser.send(*form).h1 == LOST
    assert sandbox.events(event="consent.given") == []


def test_a_forged_form_and_one_that_was_shown_to_somebody_else_allow_nothing(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    karim = activate(other_browser, sandbox, KARIM)
    reach(site, browser, joe)
    action, values = browser.prepare("Autoriser", button="Autoriser")
    assert browser.send(action, {**values, "jeton": "0-abc"}).status == 403
    browser.open(action.replace("/accord", "/connexion") + "&profil=responsable")
    assert sign_in(browser, karim).says("Karim BENALI")
    page = browser.send(action, values)
    assert page.status == 403, "Joe's form is no answer of Karim's"
    assert sandbox.events(event="consent.given") == []
    browser.open(page.link("Recharger la page"))
    assert browser.page.says("Karim BENALI")


def test_two_tabs_each_have_their_own_question(browser: Browser, site: RelyingParty, joe: str) -> None:
    reach(site, browser, joe, state="the-first")
    first = browser.prepare("Autoriser", button="Autoriser")
    come_from(site, browser, state="the-second")
    browser.fill("Refuser")
    assert (answer(browser)["state"], answer(browser)["error"]) == ("the-second", REFUSED)
    browser.send(*first)
    assert answer(browser)["state"] == "the-first"
    assert "code" in answer(browser)


def test_a_pushed_request_that_is_loaded_again_comes_to_its_question(
    browser: Browser, site: RelyingParty, joe: str
) -> None:
    reach(site, browser, joe)
    pushed = site.pushed_uri()
    assert browser.open(pushed).h1 == CONSENT
    assert browser.open(pushed).h1 == CONSENT
    browser.fill("Autoriser")
    assert "code" in answer(browser)


def test_a_page_opened_by_hand_asks_nothing(browser: Browser, joe: str) -> None:
    del joe
    assert browser.open("/accord").h1 == LOST
    page = browser.open("/connexion")
    assert browser.open(page.url.replace("/connexion", "/accord")).h1 in {"Je sélectionne mon profil", LOST}
    assert browser.send(page.url.replace("/connexion", "/accord"), {"jeton": "0-x", "choix": "oui"}).h1 == LOST
