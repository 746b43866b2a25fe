"""The language of the pages, switched at every step of every journey: nothing begins again, nothing is sent again."""

import re

import pytest

from tests.journeys.people import (
    ANGELA,
    JOE,
    PASSWORD,
    STRANGER,
    activate,
    identity_values,
    kinship_values,
    reach_code,
    reach_identity,
)
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

NAMES = {"fr": "Français", "facile": "Facile à lire", "en": "English"}
TWO = "https://level.example/two"
OTHERS = ("facile", "en")
OK = 200
CODE = {
    "facile": " est votre code. Il marche 30 minutes.",
    "en": " is your security code to activate your parent account.",
}
ACTIVATED = {
    "facile": "Votre compte marche. Votre identifiant : ",
    "en": "Your parent account is active. Your username: ",
}
NEW_PASSWORD = {"facile": "Votre mot de passe a changé le ", "en": "Your password was changed on "}


def language_of(page: Page) -> str:
    found = re.search(r'<html lang="([^"]+)" data-langue="([^"]+)">', page.html)
    assert found
    assert found[1] == ("en" if found[2] == "en" else "fr")
    return found[2]


def switch(browser: Browser, *codes: str) -> Page:
    """Take the switch, and see that the same forms are there."""
    before = browser.page
    for code in codes:
        page = browser.open(browser.page.link(NAMES[code]))
        assert language_of(page) == code
        assert browser.history == [200], "straight to the page, without a redirect"
        assert [form.action for form in page.forms] == [form.action for form in before.forms]
        assert [form.controls for form in page.forms] == [form.controls for form in before.forms]
        # What a page refused was not kept by the step; with a script it comes along (tests/web/test_languages.py).
        tokens = [[form.values.get("jeton") for form in page.forms] for page in (page, before)]
        assert tokens[0] == tokens[1]
        if before.status == OK:
            assert [form.values for form in page.forms] == [form.values for form in before.forms]
    return browser.page


# --- activation -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_joe_activates_and_switches_at_every_step(browser: Browser, sandbox: Sandbox, code: str) -> None:
    reach_identity(browser)
    switch(browser, code, "fr", code)
    page = browser.fill("nom", identity_values(JOE, telephone="06 39"))
    assert (page.status, language_of(page)) == (422, code)
    switch(browser, "fr", code)
    page = browser.fill("nom", identity_values(JOE))
    assert "+33 6 •• •• •• 01" in page.text
    switch(browser, "fr", code)
    page = browser.fill("code", {"code": "12"})
    assert (page.status, language_of(page)) == (422, code)
    switch(browser, "fr", code)
    assert len(sandbox.messages(JOE.e164)) == 1
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    switch(browser, "fr", code)
    wrong = kinship_values(page, JOE, **{"annee-1": "2001"})
    assert browser.fill("lien-1", wrong).status == 422
    # These were compared, and are kept by the step.
    assert switch(browser, "fr", code).form("lien-1").values["annee-1"] == "2001"
    browser.fill("lien-1", kinship_values(page, JOE))
    switch(browser, "fr", code)
    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": "other"})
    assert (page.status, language_of(page)) == (422, code)
    switch(browser, "fr", code)
    page = browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    assert language_of(page) == code
    assert "Léa DUPONT" in switch(browser, "fr", code).text
    texts = [str(message["text"]) for message in sandbox.messages(JOE.e164)]
    assert [text.startswith(words) for text, words in zip(texts, (ACTIVATED[code], ""), strict=True)] == [True, True]
    assert CODE[code] in texts[1]
    assert [event for event in sandbox.events() if event != "activation.dates-wrong"] == [
        "activation.identity", "activation.code-accepted", "activation.kinship-proved", "activation.account-made",
    ]  # fmt: skip


@pytest.mark.parametrize("code", OTHERS)
def test_another_code_is_asked_for_and_the_switch_sends_none(browser: Browser, sandbox: Sandbox, code: str) -> None:
    reach_code(browser, JOE)
    sandbox.advance(seconds=61)
    switch(browser, code)
    browser.fill("Envoyer un nouveau code" if code == "facile" else "Send a new code")
    switch(browser, "fr", code)
    assert len(sandbox.messages(JOE.e164)) == 2
    # Too soon: the answer stands at the form's own address, and its switch leads to the step.
    browser.fill("Envoyer un nouveau code" if code == "facile" else "Send a new code")
    switch(browser, "fr", code)
    assert len(sandbox.messages(JOE.e164)) == 2


@pytest.mark.parametrize("code", OTHERS)
def test_the_pages_beside_the_road_have_the_switch_too(browser: Browser, sandbox: Sandbox, code: str) -> None:
    reach_code(browser, ANGELA)
    browser.open("/activation/appeler-le-secretariat")
    switch(browser, code, "fr")
    browser.open("/activation/code")
    page = browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    browser.fill("lien-1", {"lien-1": "non"})
    assert browser.page.url.endswith("/activation/enfants/confirmation"), page.text
    switch(browser, code, "fr")
    browser.fill("Oui, je confirme")
    assert browser.page.url.endswith("/aucun-eleve")
    switch(browser, code)


@pytest.mark.parametrize("code", OTHERS)
def test_a_locked_activation_stays_locked_in_another_language(browser: Browser, sandbox: Sandbox, code: str) -> None:
    reach_code(browser, JOE)
    right = sandbox.code(JOE.e164)
    for _ in range(5):
        browser.fill("code", {"code": f"{(int(right) + 1) % 1_000_000:06}"})
    assert browser.page.status == 429
    page = browser.open(browser.page.link(NAMES[code]))
    assert (page.status, language_of(page)) == (429, code)


def test_known_or_unknown_the_page_is_the_same_in_every_language(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    del sandbox
    reach_code(browser, JOE)
    reach_code(other_browser, STRANGER, telephone="06 39 98 77 01")
    for code in NAMES:
        texts = [switch(one, code).text for one in (browser, other_browser)]
        assert texts[0] == texts[1]


@pytest.mark.parametrize("code", OTHERS)
def test_a_text_speaks_as_the_page_that_caused_it(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, code: str
) -> None:
    reach_code(browser, JOE)
    assert "votre code de sécurité pour activer" in sandbox.messages(JOE.e164)[0]["text"]
    sandbox.advance(seconds=61)
    switch(browser, code)
    browser.fill("Envoyer un nouveau code" if code == "facile" else "Send a new code")
    assert CODE[code] in sandbox.messages(JOE.e164)[0]["text"]
    other_browser.open(f"/aide?langue={code}")
    other_browser.open("/activation")
    other_browser.fill("nom", identity_values(STRANGER))
    said = {"facile": "L'école n'a pas ce numéro avec ce nom.", "en": "We cannot activate your account: the school"}
    assert str(sandbox.messages(STRANGER.e164)[0]["text"]).startswith(said[code])


@pytest.mark.parametrize("code", OTHERS)
def test_later_texts_speak_the_accounts_language(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, code: str
) -> None:
    browser.open(f"/aide?langue={code}")
    browser.open("/activation")
    browser.fill("nom", identity_values(JOE))
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    browser.fill("lien-1", kinship_values(page, JOE))
    browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    # Somebody else's browser, in French, chooses a new password: the words to her stay hers.
    choose_another_password(other_browser, sandbox)
    assert str(sandbox.messages(JOE.e164)[0]["text"]).startswith(NEW_PASSWORD[code])


def test_a_language_chosen_for_a_sign_in_becomes_the_accounts_and_french_by_default_does_not(
    browser: Browser, other_browser: Browser, sandbox: Sandbox
) -> None:
    identifiant = activate(Browser(browser.base), sandbox, JOE)
    browser.open("/connexion?profil=responsable")
    switch(browser, "en")
    sign_in(browser, identifiant)
    other_browser.open("/connexion?profil=responsable")
    sign_in(other_browser, identifiant)
    choose_another_password(Browser(browser.base), sandbox)
    assert str(sandbox.messages(JOE.e164)[0]["text"]).startswith(NEW_PASSWORD["en"])


def choose_another_password(browser: Browser, sandbox: Sandbox) -> None:
    reach_code(browser, JOE)
    page = browser.fill("code", {"code": sandbox.code(JOE.e164)})
    browser.fill("lien-1", kinship_values(page, JOE))
    browser.fill("Mot de passe oublié")
    browser.fill("mot-de-passe", {"mot-de-passe": "Gomme-Verte-77", "confirmation": "Gomme-Verte-77"})


# --- from a site, and back to it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_a_parent_comes_from_her_ent_switches_and_goes_back_to_it(
    browser: Browser, sandbox: Sandbox, server: RunningServer, ent: RelyingParty, code: str
) -> None:
    identifiant = activate(Browser(server.base), sandbox, JOE)
    browser.open(ent.authorization_uri())
    switch(browser, code)
    page = browser.open(browser.page.link("Responsable d'élève" if code == "facile" else "Parent of a pupil"))
    assert "profil=responsable" in page.url
    switch(browser, "fr", code)
    page = sign_in(browser, identifiant, "not the password")
    assert (page.status, language_of(page)) == (422, code)
    switch(browser, "fr", code)
    sign_in(browser, identifiant)
    assert "code" in answer_in(browser.left_to)
    page = browser.open("/connexion")
    assert "Joe DUPONT" in switch(browser, "fr", code).text


@pytest.mark.parametrize(
    ("ui_locales", "code"), [("en-GB fr", "en"), ("de fr-x-facile", "facile"), ("fr", "fr"), ("de xx-", "fr")]
)
def test_a_site_chooses_the_language_at_arrival(
    browser: Browser, ent: RelyingParty, ui_locales: str, code: str
) -> None:
    assert language_of(browser.open(ent.authorization_uri(ui_locales=ui_locales))) == code
    assert language_of(browser.open("/aide")) == code


def test_a_pushed_request_chooses_it_as_well(browser: Browser, ent: RelyingParty) -> None:
    page = browser.open(ent.pushed_uri(ui_locales="en"))
    assert language_of(page) == "en"
    assert language_of(browser.open("/aide")) == "en"


def test_what_the_person_chose_stands_above_what_the_site_asks_for(browser: Browser, ent: RelyingParty) -> None:
    browser.open("/aide")
    switch(browser, "facile")
    assert language_of(browser.open(ent.authorization_uri(ui_locales="en"))) == "facile"


def test_a_request_that_may_not_be_answered_is_refused_in_the_language_asked_for(
    browser: Browser, ent: RelyingParty
) -> None:
    page = browser.open(ent.authorization_uri(ui_locales="en", redirect_uri="https://evil.example/"))
    assert (page.status, page.h1) == (400, "We cannot open this page")
    for code in NAMES:
        page = browser.open(page.link(NAMES[code]))
        assert (page.status, language_of(page)) == (400, code)


def test_discovery_names_the_languages(browser: Browser) -> None:
    answer = browser.http.get(f"{browser.base}/.well-known/openid-configuration", timeout=20)
    assert answer.json()["ui_locales_supported"] == ["fr", "fr-x-facile", "en"]
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("code", OTHERS)
def test_a_second_proof_is_asked_for_in_the_persons_language(
    browser: Browser, sandbox: Sandbox, server: RunningServer, ent: RelyingParty, code: str
) -> None:
    identifiant = activate(Browser(server.base), sandbox, JOE)
    come_from(ent, browser, acr_values=TWO)
    sign_in(browser, identifiant)
    assert browser.page.url.split("?")[0].endswith("/confirmation")
    switch(browser, code)
    before = len(sandbox.messages(JOE.e164))
    browser.fill("Recevoir un code par SMS" if code == "facile" else "Receive a code by text message")
    switch(browser, "fr", code)
    page = browser.fill("code", {"code": "1"})
    assert page.status == 422
    switch(browser, "fr", code)
    assert len(sandbox.messages(JOE.e164)) == before + 1
    browser.fill("code", {"code": sandbox.code(JOE.e164)})
    assert "code" in answer_in(browser.left_to)


@pytest.mark.parametrize("code", OTHERS)
def test_signing_out_asks_and_says_so_in_the_persons_language(
    browser: Browser, sandbox: Sandbox, server: RunningServer, ent: RelyingParty, code: str
) -> None:
    sign_in_at(ent, browser, activate(Browser(server.base), sandbox, JOE))
    browser.open(f"/idp/profile/Logout?client_id={ent.client_id}")
    assert "ENT Marronnier" in switch(browser, code, "fr", code).text
    browser.fill("Me déconnecter" if code == "facile" else "Sign me out")
    assert browser.page.h1 == ("Vous êtes déconnecté" if code == "facile" else "You are signed out")
    page = browser.open(browser.page.link("Français"))
    assert (page.status, page.h1) == (200, "Vous êtes déconnecté")


def test_a_logout_that_a_site_posts_keeps_where_it_goes(
    browser: Browser, sandbox: Sandbox, server: RunningServer, ent: RelyingParty
) -> None:
    sign_in_at(ent, browser, activate(Browser(server.base), sandbox, JOE))
    page = browser.send(f"{browser.base}/idp/profile/Logout", {"client_id": ent.client_id, "state": "kept"})
    assert "ENT Marronnier" in page.text
    assert "ENT Marronnier" in switch(browser, "en").text


def sign_in_at(ent: RelyingParty, browser: Browser, identifiant: str) -> None:
    come_from(ent, browser)
    sign_in(browser, identifiant)
