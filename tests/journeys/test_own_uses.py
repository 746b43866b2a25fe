"""« Mes appareils », « Historique » and « Sites autorisés »."""

import pytest

from tests.journeys.own import DOORS, HOME, INFORMATION, put, reach, session_of
from tests.journeys.people import JOE, KARIM, activate
from tests.journeys.visits import CONSENT, bring_back_tokens, come_from, introspect, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

ANDROID = "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604.1"
END = "Déconnecter les autres appareils"


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


@pytest.fixture
def site(server: RunningServer) -> RelyingParty:
    return RelyingParty(server.base, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")


# --- devices --------------------------------------------------------------------------------------------------------------------------


def test_each_device_has_its_family_and_its_hours_and_nothing_else_of_it_is_kept(
    browser: Browser, other_browser: Browser, joe: str
) -> None:
    browser.http.headers["User-Agent"] = ANDROID
    other_browser.http.headers["User-Agent"] = IPHONE
    reach(other_browser, joe)
    page = reach(browser, joe, "/appareils")
    assert (page.status, page.h1) == (200, "Mes appareils")
    assert page.says("Firefox sur Android (cet appareil)")
    assert page.says("Safari sur iPhone ou iPad")
    assert page.text.index("Android") < page.text.index("iPhone")
    assert "18_6" not in page.html
    assert "Dernière utilisation" in page.text


def test_one_that_says_nothing_of_itself_is_unknown(browser: Browser, joe: str) -> None:
    browser.http.headers["User-Agent"] = "<script>alert(1)</script>"
    page = reach(browser, joe, "/appareils")
    assert page.says("Appareil inconnu (cet appareil)")
    assert page.says("Aucun autre appareil n'est connecté.")
    assert "alert(1)" not in page.html


def test_the_others_are_out_with_their_tokens_and_this_one_stays(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    tokens = bring_back_tokens(ent, other_browser, joe)
    reach(browser, joe, "/appareils")
    twice = browser.prepare(END)
    for _ in range(2):
        page = browser.send(*twice)
        assert page.h1 == INFORMATION
        assert page.says("Vos autres appareils ont été déconnectés.")
    assert other_browser.open(HOME).h1 == DOORS
    assert not introspect(ent, tokens["access_token"]).json()["active"]
    assert sandbox.audit(event="account.devices-ended")[0]["details"] == {"sessions": 1}
    assert len(sandbox.audit(event="account.devices-ended")) == 1, "nothing was left to end"
    assert browser.open(f"{HOME}/appareils").says("Aucun autre appareil n'est connecté.")


def test_an_address_that_another_device_asked_for_is_no_longer_confirmed_by_its_link(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, joe: str
) -> None:
    reach(other_browser, joe, "/e-mail")
    other_browser.fill("email", {"email": "somebody.else@elsewhere.example"})
    [mail] = sandbox.messages("somebody.else@elsewhere.example")
    reach(browser, joe, "/appareils")
    assert browser.send(*browser.prepare(END)).says("Vos autres appareils ont été déconnectés.")
    assert other_browser.open(mail["links"][0]).status == 410
    assert browser.open(HOME).says("Pas d'adresse e-mail.")
    assert sandbox.audit(event="account.devices-ended")[0]["details"] == {"sessions": 1, "email_change_dropped": True}


def test_a_device_of_somebody_else_or_that_was_left_is_not_listed(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer, joe: str
) -> None:
    karim = activate(Browser(server.base), sandbox, KARIM)
    reach(other_browser, karim)
    third = Browser(server.base)
    reach(third, joe)
    sandbox.advance(minutes=61)
    assert reach(browser, joe, "/appareils").says("Aucun autre appareil n'est connecté.")
    assert other_browser.page.says(karim)


def test_a_form_of_another_session_ends_nothing(browser: Browser, other_browser: Browser, joe: str) -> None:
    reach(browser, joe)
    reach(other_browser, joe, "/appareils")
    action, values = other_browser.prepare(END)
    assert browser.send(action, values).status == 403
    assert browser.send(action, {}).status == 403
    assert other_browser.open(HOME).h1 == INFORMATION


# --- history --------------------------------------------------------------------------------------------------------------------------


def test_the_history_says_who_came_in_and_who_did_not_the_newest_first(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer, joe: str
) -> None:
    karim = activate(Browser(server.base), sandbox, KARIM)
    other_browser.open("/connexion?profil=responsable")
    sign_in(other_browser, joe, "Pas-le-bon-1")
    sign_in(other_browser, karim, "Pas-le-bon-2")
    page = reach(browser, joe, "/historique")
    assert (page.status, page.h1) == (200, "Historique des connexions")
    assert page.text.count("Mot de passe refusé") == 1, "not those of Karim"
    assert page.text.index("Connexion réussie") < page.text.index("Mot de passe refusé")
    assert "127.0.0.1" not in page.html


def test_it_is_fifty_lines_long_at_most(browser: Browser, sandbox: Sandbox, joe: str) -> None:
    for _ in range(51):
        browser.open("/connexion?profil=responsable")
        sandbox.advance(minutes=4)
        sign_in(browser, joe, "Pas-le-bon-1")
    page = reach(browser, joe, "/historique")
    assert page.html.count('<tr role="row"><th scope="row"') == 50
    assert page.text.count("Connexion réussie") == 1, "the newest ones"


# --- sites ----------------------------------------------------------------------------------------------------------------------------


def allow(site: RelyingParty, browser: Browser, identifiant: str) -> dict[str, str]:
    """Sign in for a site that asks, allow it, and return its tokens."""
    tokens: dict[str, str] = bring_back_tokens(site, browser, identifiant)
    return tokens


def test_a_consent_is_seen_withdrawn_and_asked_again(
    browser: Browser, sandbox: Sandbox, site: RelyingParty, joe: str
) -> None:
    tokens = allow(site, browser, joe)
    page = browser.open(f"{HOME}/sites")
    assert page.h1 == "Sites autorisés"
    assert page.says("Votre nom et votre prénom")
    assert page.says("Autorisé le")
    twice = browser.prepare("Retirer")
    for _ in range(2):
        page = browser.send(*twice)
        assert page.says("Autorisation retirée.")
    assert browser.open(f"{HOME}/sites").says("Vous n'avez autorisé aucun site.")
    assert not introspect(site, tokens["access_token"]).json()["active"]
    assert come_from(site, browser).h1 == CONSENT
    assert sandbox.events(event="consent.withdrawn") == ["consent.withdrawn"]


def test_nobody_withdraws_what_another_allowed_nor_with_a_form_of_another(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, server: RunningServer, site: RelyingParty, joe: str
) -> None:
    karim = activate(Browser(server.base), sandbox, KARIM)
    tokens = allow(site, other_browser, karim)
    other_browser.open(f"{HOME}/sites")
    action, values = other_browser.prepare("Retirer")
    allow(site, browser, joe)
    assert browser.send(action, values).status == 403
    browser.open(f"{HOME}/sites")
    action, values = browser.prepare("Retirer")
    browser.send(action, {**values, "site": "no-such-site"})
    assert sandbox.events(event="consent.withdrawn") == []
    browser.send(action, values)
    assert introspect(site, tokens["access_token"]).json()["active"], "Karim's stays"


@pytest.mark.parametrize("page", ["/appareils", "/historique", "/sites"])
def test_nobody_else_sees_these_pages(browser: Browser, sandbox: Sandbox, joe: str, page: str) -> None:
    assert browser.open(f"{HOME}{page}").h1 == DOORS
    reach(browser, joe)
    assert browser.open(f"{HOME}{page}").status == 200
    sandbox.advance(minutes=31)
    assert browser.open(f"{HOME}{page}").h1 == DOORS
    put(browser, (session_of(browser) or "") + "x")
    assert browser.open(f"{HOME}{page}").h1 == DOORS


def test_an_ent_of_the_settings_is_no_such_site(browser: Browser, ent: RelyingParty, joe: str) -> None:
    bring_back_tokens(ent, browser, joe)
    assert browser.open(f"{HOME}/sites").says("Vous n'avez autorisé aucun site.")
    assert answer_in(f"{ent.redirect_uri}?code=x")["code"] == "x"
