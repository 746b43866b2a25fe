"""Leaving: asked by the ENT, or by the person."""

from tests.journeys.people import JOE, KARIM, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox


def test_logout_with_the_id_token_ends_the_session_and_its_tokens(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    tokens = ent.exchange(answer_in(browser.left_to)["code"]).json()
    browser.open(
        f"/idp/profile/Logout?id_token_hint={tokens['id_token']}"
        "&post_logout_redirect_uri=http://localhost:8402/deconnecte&state=bye"
    )
    assert browser.left_to == "http://localhost:8402/deconnecte?state=bye"
    assert ent.userinfo(tokens["access_token"]).status_code == 401
    assert come_from(ent, browser).h1 == "Je me connecte"


def test_logout_without_a_hint_asks(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant)
    page = browser.open("/idp/profile/Logout")
    assert page.h1 == "Voulez-vous vous déconnecter ?"
    page = browser.fill("Me déconnecter", button="Me déconnecter")
    assert page.h1 == "Vous êtes déconnecté"
    assert come_from(ent, browser).h1 == "Je me connecte"


def test_whoever_stays_is_still_signed_in(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    identifiant = activate(browser, sandbox, JOE)
    bring_back_code(ent, browser, identifiant)
    browser.open("/idp/profile/Logout")
    page = browser.fill("Rester connecté", button="Rester connecté")
    assert page.says("Joe DUPONT")
    browser.open(ent.authorization_uri())
    assert "code" in answer_in(browser.left_to)


def test_a_hint_of_another_browsers_session_ends_nothing_without_asking(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    joe = ent.exchange(bring_back_code(ent, browser, activate(browser, sandbox, JOE))).json()
    bring_back_code(ent, other_browser, activate(other_browser, sandbox, KARIM))
    page = other_browser.open(f"/idp/profile/Logout?id_token_hint={joe['id_token']}")
    assert page.h1 == "Voulez-vous vous déconnecter ?"
    assert ent.userinfo(joe["access_token"]).status_code == 200
    other_browser.open(ent.authorization_uri())
    assert "code" in answer_in(other_browser.left_to)


def test_a_place_to_go_that_is_not_registered_is_shown_and_never_followed(browser: Browser, ent: RelyingParty) -> None:
    for query in ("client_id=ent&", ""):
        page = browser.open(f"/idp/profile/Logout?{query}post_logout_redirect_uri=https://evil.example/")
        assert (page.status, browser.left_to) == (400, "")
        assert page.says("post_logout_redirect_uri")
    page = browser.open("/idp/profile/Logout?id_token_hint=made.up.hint")
    assert (page.status, browser.left_to) == (400, "")
    assert page.says("id_token_hint")
    assert ent.redirect_uri not in page.html


def test_a_form_of_another_browser_signs_nobody_out(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty
) -> None:
    bring_back_code(ent, browser, activate(browser, sandbox, JOE))
    bring_back_code(ent, other_browser, activate(other_browser, sandbox, KARIM))
    browser.open("/idp/profile/Logout")
    action, values = browser.prepare("Me déconnecter", button="Me déconnecter")
    assert other_browser.send(action, values).status == 403
    other_browser.open(ent.authorization_uri())
    assert "code" in answer_in(other_browser.left_to)


def test_an_ent_that_was_not_told_is_named(browser: Browser, sandbox: Sandbox, ent: RelyingParty) -> None:
    ent.exchange(bring_back_code(ent, browser, activate(browser, sandbox, JOE)))
    browser.open("/idp/profile/Logout")
    page = browser.fill("Me déconnecter", button="Me déconnecter")
    assert page.says("ENT Marronnier est peut-être encore ouvert : ouvrez-le et déconnectez-vous là aussi.")
