"""The school changes the number of somebody who has an account: who is told, what dies, and what waits (guarantee 7)."""

import json
import tomllib
from importlib import resources
from typing import Any

import pytest

from tests.journeys.people import ANGELA, PASSWORD, identity_values, kinship_values
from tests.journeys.test_recovery import OTHER, date_values, forget_password
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.sandbox import Sandbox

OLD, NEW = "+33639980510", "+33639980599"
FIRST_PAGE = "Je confirme mon identité"


def family(number: str) -> dict[str, Any]:
    """Return the family of a named case, whose guardian the school reaches at this number."""
    text = resources.files("idp.adapters.case_library").joinpath("never-activated.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(json.dumps(tomllib.loads(text), default=str))
    document["families"][0]["guardians"][0]["phone"] = number
    return document


@pytest.fixture
def parent(sandbox: Sandbox) -> dict[str, Any]:
    """A parent with an account, whom the school reaches at the old number and has for long."""
    sandbox.do("POST", "families", **family(OLD))
    sandbox.do("POST", "people/confirm-phone", phone=OLD)
    sandbox.reset()
    return sandbox.activate(OLD, PASSWORD)


def born(parent: dict[str, Any]) -> dict[str, str]:
    year, month, day = parent["children"][0]["birth_date"].split("-")
    return date_values((day, month, year))


def activate_with(browser: Browser, sandbox: Sandbox, parent: dict[str, Any], number: str) -> Page:
    """Activate as far as the page after the children's."""
    record = sandbox.people(number)[0]["records"][0]
    typed = {"nom": record["family_name"], "prenom": record["given_names"][0], "telephone": number, "indicatif": "+33"}
    browser.open("/activation")
    browser.fill("nom", typed, button="Continuer")
    browser.fill("code", {"code": sandbox.code(number)})
    answers = {f"lien-{place}": "oui" for place in range(1, len(parent["children"]) + 1)}
    for place, child in enumerate(parent["children"], start=1):
        answers |= {f"{name}-{place}": value for name, value in born({"children": [child]}).items()}
    return browser.fill("lien-1", answers)


def change(sandbox: Sandbox, number: str = NEW) -> None:
    """Import the family with another number."""
    sandbox.do("POST", "families", **family(number))


def texts(sandbox: Sandbox, number: str) -> list[str]:
    return [str(one["text"]) for one in sandbox.messages(number)]


def test_the_new_number_and_the_old_one_are_told_and_so_is_the_trail(sandbox: Sandbox, parent: dict[str, Any]) -> None:
    change(sandbox)
    assert texts(sandbox, NEW) == [
        "L'école a enregistré ce numéro pour votre compte parent. Ce n'est pas vous ? Appelez le secrétariat. SIMULATEUR."
    ]
    assert texts(sandbox, OLD)[0] == (
        "L'école n'utilise plus ce numéro pour votre compte parent. Ce n'est pas vous ? Appelez le secrétariat de l'école."
        " SIMULATEUR."
    )
    assert sandbox.events(event="directory-mobile-changed") == ["directory-mobile-changed"]
    [waiting] = sandbox.person(parent["identifiant"])["phones_waiting"]
    assert waiting["phone"] == NEW


def test_the_holder_of_a_number_that_is_new_waits_three_days_for_everything(
    browser: Browser, sandbox: Sandbox, parent: dict[str, Any]
) -> None:
    """The new owner of a recycled number, or of one typed wrong, who knows a birth date."""
    identifiant = parent["identifiant"]
    change(sandbox)
    page = forget_password(browser, identifiant)
    assert page.h1 == "Écrivez le code reçu", "the page says the same"
    assert texts(sandbox, NEW)[0].startswith("L'école vient d'enregistrer ce numéro. Par sécurité, réessayez après le ")
    record = sandbox.people(NEW)[0]["records"][0]
    typed = {"nom": record["family_name"], "prenom": record["given_names"][0], "telephone": NEW, "indicatif": "+33"}
    browser.open("/identifiant-oublie")
    browser.fill("nom", typed, button="Recevoir mon identifiant")
    assert not any(identifiant in one for one in texts(sandbox, NEW)), "nor is the identifiant told"

    sandbox.advance(minutes=72 * 60 - 1)
    forget_password(Browser(browser.base), identifiant)
    assert "réessayez après le" in texts(sandbox, NEW)[0]
    sandbox.advance(minutes=2)
    late = Browser(browser.base)
    forget_password(late, identifiant)
    late.fill("code", {"code": sandbox.code(NEW)})
    assert late.fill("jour", born(parent)).h1 == "Je choisis un nouveau mot de passe"
    assert sandbox.person(identifiant)["phones_waiting"] == []


def test_the_offices_word_ends_the_wait(browser: Browser, sandbox: Sandbox, parent: dict[str, Any]) -> None:
    change(sandbox)
    assert sandbox.do("POST", "people/confirm-phone", phone=NEW) == {"confirmed": 1}
    assert sandbox.events(event="directory.phone-confirmed") == ["directory.phone-confirmed"]
    forget_password(browser, parent["identifiant"])
    assert browser.fill("code", {"code": sandbox.code(NEW)}).h1 == "Date de naissance d'un enfant"
    assert sandbox.do("POST", "people/confirm-phone", phone="+33639980598") == {"confirmed": 0}


def test_the_code_of_a_recovery_dies_with_the_number_that_it_went_to(
    browser: Browser, sandbox: Sandbox, parent: dict[str, Any]
) -> None:
    forget_password(browser, parent["identifiant"])
    code = sandbox.code(OLD)
    change(sandbox)
    assert browser.fill("code", {"code": code}).says("Ce code n'est pas le bon.")


def test_a_recovery_that_was_proved_with_the_old_number_begins_again(
    browser: Browser, sandbox: Sandbox, parent: dict[str, Any]
) -> None:
    forget_password(browser, parent["identifiant"])
    browser.fill("code", {"code": sandbox.code(OLD)})
    browser.fill("jour", born(parent))
    change(sandbox)
    page = browser.fill("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER})
    assert page.h1 == "Mot de passe oublié"
    assert sandbox.events(event="account.password-changed") == []


def test_the_code_of_an_activation_dies_with_the_number_that_it_went_to(
    browser: Browser, sandbox: Sandbox, parent: dict[str, Any]
) -> None:
    record = sandbox.people(OLD)[0]["records"][0]
    typed = {"nom": record["family_name"], "prenom": record["given_names"][0], "telephone": OLD, "indicatif": "+33"}
    browser.open("/activation")
    browser.fill("nom", typed, button="Continuer")
    code = sandbox.code(OLD)
    change(sandbox)
    assert browser.fill("code", {"code": code}).says("Ce code n'est pas le bon.")
    del parent


@pytest.mark.parametrize("is_active", [True, False], ids=["of an account", "that makes an account"])
def test_an_activation_that_proved_the_old_number_gives_no_password_any_more(
    browser: Browser, sandbox: Sandbox, parent: dict[str, Any], is_active: bool
) -> None:
    """Whoever has the old phone and knows the birth dates parked the last page before the school took her number away."""
    if not is_active:
        sandbox.do("DELETE", f"people/{parent['identifiant']}")
    page = activate_with(browser, sandbox, parent, OLD)
    if is_active:
        assert page.h1 == "Votre compte est déjà activé"
        browser.fill("Mot de passe oublié")
    parked = browser.prepare("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER})
    change(sandbox)
    page = browser.send(*parked)
    assert page.h1 == FIRST_PAGE, page.h1
    events = sandbox.events()
    assert [one for one in events if one.startswith("account.password-")] == []
    assert events.count("activation.account-made") == 1, "the one of before"
    assert events[-1] == "activation.nothing-stands"
    browser.fill("nom", identity_values(ANGELA))
    page = browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    browser.fill("lien-1", kinship_values(page, ANGELA))
    page = browser.fill("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER})
    assert page.h1 == "Votre compte a été activé avec succès", "whoever begins again is nobody of before"
    assert page.says("a.dubois")
    assert [one for one in sandbox.events() if one.startswith("account.password-")] == []


def test_the_road_of_an_activation_is_no_way_around_the_three_days(
    browser: Browser, sandbox: Sandbox, parent: dict[str, Any]
) -> None:
    """The new owner of a recycled number who knows the birth dates."""
    change(sandbox)
    page = activate_with(browser, sandbox, parent, NEW)
    assert page.h1 == "Votre compte est déjà activé"
    assert texts(sandbox, NEW)[0].startswith("L'école vient d'enregistrer ce numéro. Par sécurité, réessayez après le ")
    assert not page.says(parent["identifiant"]), "nor is the identifiant told"
    assert page.says("Un SMS vous dit quand revenir.")
    assert not page.says("Mot de passe oublié")
    late = Browser(browser.base)
    sandbox.advance(minutes=72 * 60 + 1)
    page = activate_with(late, sandbox, parent, NEW)
    assert page.says(parent["identifiant"])
    late.fill("Mot de passe oublié")
    page = late.fill("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER})
    assert page.h1 == "Votre nouveau mot de passe est enregistré"


def test_a_form_that_was_parked_before_the_number_changed_back_replaces_no_password(
    browser: Browser, sandbox: Sandbox, parent: dict[str, Any]
) -> None:
    """The two last pages look at the wait themselves: a number that left and came back is a new one."""
    activate_with(browser, sandbox, parent, OLD)
    forms = [browser.prepare("Mot de passe oublié")]
    browser.fill("Mot de passe oublié")
    forms.append(browser.prepare("mot-de-passe", {"mot-de-passe": OTHER, "confirmation": OTHER}))
    change(sandbox)
    change(sandbox, OLD)
    page = browser.send(*forms[1])
    assert page.h1 == "Votre compte est déjà activé"
    assert sandbox.events(event="account.password-changed") == []
    assert browser.fill("Mot de passe oublié").h1 == "Votre compte est déjà activé"


def test_a_number_that_changes_before_anybody_is_active_tells_nobody(sandbox: Sandbox, parent: dict[str, Any]) -> None:
    sandbox.do("DELETE", f"people/{parent['identifiant']}")
    before = texts(sandbox, OLD)
    change(sandbox)
    assert (texts(sandbox, NEW), texts(sandbox, OLD)) == ([], before)


def test_a_parent_who_signs_in_meanwhile_goes_on(browser: Browser, sandbox: Sandbox, parent: dict[str, Any]) -> None:
    change(sandbox)
    browser.open("/connexion?profil=responsable")
    page = browser.fill("j_username", {"j_username": parent["identifiant"], "j_password": PASSWORD})
    assert page.status == 200
