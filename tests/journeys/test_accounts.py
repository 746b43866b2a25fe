"""Several persons in one browser: an ENT lets them choose, a hint names one of them, and whoever leaves leaves nobody signed in."""

import pytest

from tests.journeys.people import ANGELA, JOE, KARIM, MARIE_HELENE, PASSWORD, activate
from tests.journeys.visits import CONSENT, bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

CHOICE = "Avec quel compte voulez-vous continuer ?"
LOST = "Votre démarche s'est arrêtée"
BESIDE = "preau_idp_comptes"


@pytest.fixture
def joe(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, JOE)


@pytest.fixture
def karim(sandbox: Sandbox, server: RunningServer) -> str:
    return activate(Browser(server.base), sandbox, KARIM)


def choose(ent: RelyingParty, browser: Browser, **changes: str | None) -> Page:
    """Come from an ENT that lets people choose."""
    return come_from(ent, browser, prompt="select_account", **changes)


def add(ent: RelyingParty, browser: Browser, identifiant: str) -> dict[str, object]:
    """Use another account beside those that there are, and return the claims of its ID token."""
    page = choose(ent, browser)
    if page.h1 == CHOICE:
        page = browser.open(page.link("Utiliser un autre compte"))
        browser.open(page.link("Responsable d'élève"))
    sign_in(browser, identifiant)
    return claims(ent, browser)


def claims(ent: RelyingParty, browser: Browser) -> dict[str, object]:
    assert "code" in answer_in(browser.left_to), browser.left_to or browser.page.text[:300]
    return unverified_claims(token(ent, browser))


def token(ent: RelyingParty, browser: Browser) -> str:
    """Exchange the code that the browser brings back, and return its ID token."""
    it: str = ent.exchange(answer_in(browser.left_to)["code"]).json()["id_token"]
    return it


def cookies(browser: Browser) -> tuple[str | None, str | None]:
    return browser.http.cookies.get("preau_idp_session"), browser.http.cookies.get(BESIDE)


def put(browser: Browser, name: str, value: str | None) -> None:
    """Give the browser a cookie as the provider would, or take it away."""
    jar = browser.http.cookies
    for one in [one for one in jar if one.name == name]:
        jar.clear(one.domain, one.path, one.name)
    if value:
        jar.set(name, value, domain="localhost.local", path="/")


def is_live(ent: RelyingParty, secret: str | None) -> bool:
    """Tell whether a session answers, in a browser that holds it alone."""
    browser = Browser(ent.base)
    put(browser, "preau_idp_session", secret or "")
    browser.open(ent.authorization_uri(prompt="none"))
    return "code" in answer_in(browser.left_to)


# --- choosing -----------------------------------------------------------------------------------------------------------------------


def test_without_a_session_signing_in_is_choosing(browser: Browser, ent: RelyingParty, joe: str) -> None:
    assert choose(ent, browser).h1 == "Je me connecte"
    sign_in(browser, joe)
    assert "code" in answer_in(browser.left_to)
    assert cookies(browser)[1] is None


def test_with_one_session_its_name_stands_on_the_page_and_it_goes_on_as_it_is(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    before = claims_of_code(ent, bring_back_code(ent, browser, joe))
    held = cookies(browser)
    sandbox.advance(minutes=5)
    page = choose(ent, browser)
    assert (page.status, page.h1) == (200, CHOICE)
    assert page.says("Vous allez vers ENT Marronnier.")
    assert page.says("Joe DUPONT")
    assert not page.says("Identifiant qui se termine par")
    browser.fill("Joe DUPONT")
    after = claims(ent, browser)
    assert (after["sid"], after["auth_time"]) == (before["sid"], before["auth_time"])
    assert cookies(browser) == held
    assert sandbox.events(event="sign-in.account-chosen") == ["sign-in.account-chosen"]


def claims_of_code(ent: RelyingParty, code: str) -> dict[str, object]:
    return unverified_claims(ent.exchange(code).json()["id_token"])


def test_another_account_stands_beside_the_first_and_each_can_be_chosen_again(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    first, second = add(ent, browser, joe), add(ent, browser, karim)
    assert first["sub"] != second["sub"]
    for name, before in (("Joe DUPONT", first), ("Karim BENALI", second), ("Joe DUPONT", first)):
        page = choose(ent, browser)
        assert page.says("Joe DUPONT")
        assert page.says("Karim BENALI")
        browser.fill(name)
        now = claims(ent, browser)
        assert (now["sid"], now["sub"]) == (before["sid"], before["sub"])
        browser.open(ent.authorization_uri())
        assert claims(ent, browser)["sid"] == before["sid"], "it is the current one from now on"


def test_two_persons_of_one_name_are_told_apart_by_the_end_of_their_identifiant(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    add(ent, browser, karim)
    add(ent, browser, activate(Browser(ent.base), sandbox, MARIE_HELENE))
    page = choose(ent, browser)
    assert not page.says("Identifiant qui se termine par"), "three names"
    assert page.says("Marie-Hélène MARTIN")


def test_the_same_person_again_is_one_account_and_her_former_session_ends(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    former = cookies(browser)[0]
    add(ent, browser, karim)
    add(ent, browser, joe)
    assert not is_live(ent, former)
    page = choose(ent, browser)
    assert [words for form in page.forms for _, _, words in form.buttons] == ["Joe DUPONT", "Karim BENALI"]


def test_what_is_no_session_of_ours_counts_for_nothing_beside(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, karim: str
) -> None:
    del joe
    add(ent, browser, karim)
    first = cookies(browser)[0]
    from_other = [activate(Browser(ent.base), sandbox, one) for one in (ANGELA, MARIE_HELENE)]
    for identifiant in from_other:
        add(ent, browser, identifiant)
    current, beside = cookies(browser)
    assert len((beside or "").split(".")) == 2
    put(browser, BESIDE, f"{'x' * 43}.{beside}.{'y' * 64}.{current}")
    page = choose(ent, browser)
    assert len([1 for form in page.forms for _ in form.buttons]) == 3
    assert is_live(ent, first)


def test_after_the_choice_what_else_the_request_wants_is_asked(
    browser: Browser, server: RunningServer, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    add(ent, browser, karim)
    site = RelyingParty(server.base, "aulne", "secret-of-the-one-that-asks", "http://localhost:8407/retour")
    choose(site, browser)
    page = browser.fill("Joe DUPONT")
    assert page.h1 == CONSENT
    assert page.says("Vous êtes connecté : Joe DUPONT")
    browser.fill("Autoriser")
    assert "code" in answer_in(browser.left_to)
    assert come_from(ent, browser, prompt="select_account login").h1 == CHOICE
    assert browser.fill("Joe DUPONT").h1 == "Je sélectionne mon profil"


def test_a_hint_that_names_somebody_beside_is_answered_silently_and_makes_her_the_current_one(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    browser.open(ent.authorization_uri())
    hint = token(ent, browser)
    of_joe = unverified_claims(hint)
    of_karim = add(ent, browser, karim)
    for prompt in ("none", None):
        browser.open(ent.authorization_uri(id_token_hint=hint, prompt=prompt))
        assert claims(ent, browser)["sid"] == of_joe["sid"], prompt
    browser.open(ent.authorization_uri())
    assert claims(ent, browser)["sid"] == of_joe["sid"]
    browser.open(ent.pushed_uri(claims=f'{{"id_token": {{"sub": {{"value": "{of_karim["sub"]}"}}}}}}'))
    assert claims(ent, browser)["sid"] == of_karim["sid"]


def test_a_hint_that_names_nobody_here_is_not_answered_by_somebody_else(
    browser: Browser, other_browser: Browser, ent: RelyingParty, sandbox: Sandbox, joe: str, karim: str
) -> None:
    hint = token_of(ent, other_browser, activate(Browser(ent.base), sandbox, ANGELA))
    add(ent, browser, joe)
    add(ent, browser, karim)
    held = cookies(browser)
    browser.open(ent.authorization_uri(id_token_hint=hint, prompt="none"))
    assert answer_in(browser.left_to)["error"] == "login_required"
    assert come_from(ent, browser, id_token_hint=hint).h1 == "Je me connecte"
    assert cookies(browser) == held, "nobody becomes the current one"


def token_of(ent: RelyingParty, browser: Browser, identifiant: str) -> str:
    it: str = ent.exchange(bring_back_code(ent, browser, identifiant)).json()["id_token"]
    return it


# --- leaving ------------------------------------------------------------------------------------------------------------------------


def test_an_ordinary_sign_in_ends_everything_that_the_browser_held(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    first = cookies(browser)[0]
    add(ent, browser, karim)
    second = cookies(browser)[0]
    come_from(ent, browser, prompt="login")
    twice = browser.prepare(
        "j_username", {"j_username": activate(Browser(ent.base), sandbox, ANGELA), "j_password": PASSWORD}
    )
    put(browser, BESIDE, cookies(browser)[1] or "")
    browser.send(*twice)
    assert "code" in answer_in(browser.left_to)
    assert cookies(browser)[1] is None
    assert not is_live(ent, first)
    assert not is_live(ent, second)


def test_who_signs_out_leaves_nobody_signed_in(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    add(ent, browser, karim)
    held = cookies(browser)
    browser.open("/idp/profile/Logout")
    page = browser.fill("Me déconnecter")
    assert page.h1 == "Vous êtes déconnecté"
    assert page.text.count("ENT Marronnier est peut-être encore ouvert") == 1
    assert cookies(browser) == (None, None)
    assert not any(is_live(ent, one) for one in held)
    assert sandbox.events(event="session.ended") == ["session.ended"] * 2
    assert choose(ent, browser).h1 == "Je me connecte"


def test_a_logout_that_names_somebody_beside_ends_all_at_once(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    hint = token_of(ent, browser, joe)
    add(ent, browser, karim)
    held = cookies(browser)
    page = browser.open(f"/idp/profile/Logout?id_token_hint={hint}")
    assert page.h1 == "Vous êtes déconnecté"
    assert not any(is_live(ent, one) for one in held)


def test_a_form_to_sign_out_that_was_shown_before_another_account_came_is_shown_again(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    browser.open("/idp/profile/Logout")
    former = browser.prepare("Me déconnecter", button="Me déconnecter")
    add(ent, browser, karim)
    assert browser.send(*former).status == 403


def test_without_the_current_one_those_beside_can_still_be_chosen_and_ended(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    first = cookies(browser)[0]
    add(ent, browser, karim)
    put(browser, "preau_idp_session", None)
    page = choose(ent, browser)
    assert page.h1 == CHOICE
    assert not page.says("Karim BENALI")
    browser.fill("Joe DUPONT")
    assert cookies(browser)[0] == first
    assert "code" in answer_in(browser.left_to)


# --- back, again, elsewhere ---------------------------------------------------------------------------------------------------------


def test_a_doubled_choice_is_made_once_and_both_answers_are_the_same(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    add(ent, browser, karim)
    choose(ent, browser)
    twice = browser.prepare("Joe DUPONT")
    browser.send(*twice)
    first, held = browser.left_to, cookies(browser)
    browser.send(*twice)
    assert (browser.left_to, cookies(browser)) == (first, held)
    assert sandbox.events(event="sign-in.account-chosen") == ["sign-in.account-chosen"]


def test_a_doubled_sign_in_beside_leaves_the_same_two_accounts(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    page = choose(ent, browser)
    page = browser.open(page.link("Utiliser un autre compte"))
    browser.open(page.link("Responsable d'élève"))
    twice = browser.prepare("j_username", {"j_username": karim, "j_password": PASSWORD})
    before = cookies(browser)
    browser.send(*twice)
    first, held = browser.left_to, cookies(browser)
    put(browser, "preau_idp_session", before[0])
    put(browser, BESIDE, None)
    browser.send(*twice)
    assert (browser.left_to, cookies(browser)) == (first, held)
    browser.send(*twice)
    assert (browser.left_to, cookies(browser)) == (first, held), "as a refresh comes, after it"


def test_the_page_can_be_reloaded_and_gone_back_to(browser: Browser, ent: RelyingParty, joe: str, karim: str) -> None:
    add(ent, browser, joe)
    add(ent, browser, karim)
    address = choose(ent, browser).url
    assert browser.refresh().h1 == CHOICE
    browser.fill("Joe DUPONT")
    assert browser.open(address).h1 == CHOICE
    browser.fill("Karim BENALI")
    assert "code" in answer_in(browser.left_to)


def test_an_account_that_ended_meanwhile_or_that_this_browser_never_held_is_not_taken(
    browser: Browser, other_browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    add(ent, browser, karim)
    choose(ent, browser)
    of_joe, of_karim = browser.prepare("Joe DUPONT"), browser.prepare("Karim BENALI")
    foreign = claims_of_code(ent, bring_back_code(ent, other_browser, joe))["sid"]
    action, values = of_joe
    assert browser.send(action, {**values, "compte": str(foreign)}).h1 == CHOICE, "another browser's session"
    assert browser.send(action, {**values, "compte": ""}).h1 == CHOICE
    current = cookies(browser)[0]
    put(other_browser, "preau_idp_session", current or "")
    other_browser.open("/idp/profile/Logout")
    other_browser.fill("Me déconnecter")
    page = browser.send(*of_karim)
    assert page.h1 == CHOICE
    assert not page.says("Karim BENALI")


def test_a_forged_form_another_browser_and_a_request_that_lets_nobody_choose_change_nothing(
    browser: Browser, other_browser: Browser, sandbox: Sandbox, ent: RelyingParty, joe: str
) -> None:
    add(ent, browser, joe)
    address = choose(ent, browser).url
    action, values = browser.prepare("Joe DUPONT")
    assert browser.send(action, {**values, "jeton": "0-abc"}).status == 403
    put(other_browser, "preau_idp_session", cookies(browser)[0] or "")
    assert other_browser.open(address).h1 == LOST
    assert other_browser.send(action, values).h1 == LOST
    assert browser.open("/comptes").h1 == LOST
    page = come_from(ent, browser, prompt="login")
    ordinary = page.url.replace("/connexion", "/comptes")
    assert browser.open(ordinary).h1 in {"Je me connecte", "Je sélectionne mon profil"}
    assert browser.send(ordinary, values).h1 == LOST
    assert sandbox.events(event="sign-in.account-chosen") == []


def test_nobody_beside_is_asked_for_where_that_does_not_matter(
    browser: Browser, ent: RelyingParty, joe: str, karim: str
) -> None:
    add(ent, browser, joe)
    add(ent, browser, karim)
    put(browser, "preau_idp_session", None)
    browser.open(ent.authorization_uri(prompt="none"))
    assert answer_in(browser.left_to)["error"] == "login_required", "somebody beside is not somebody signed in"
