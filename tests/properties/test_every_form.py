"""What was typed in a form that is refused is on the page again, letter for letter; a password or a code never is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from idp.people.phones import COUNTRY_CODES
from tests.properties.doors import InProcess
from tests.properties.soundness import assert_log_silent
from tests.properties.texts import MARK
from tests.properties.walker import Walker, assert_page_leads_on
from tests.strangers.school import WITH_PASSWORD, begin_again
from tests.support.page import Page

# What a browser can send: no lone surrogate; a NUL is a bad request everywhere.
_SIGNS = st.characters(codec="utf-8", exclude_characters="\x00")
_TYPED = st.one_of(
    st.text(_SIGNS, max_size=40),
    st.sampled_from(
        [
            "<b>&amp;\"'",
            "{{7*7}}",
            "\u202egauche",
            "é" * 10_000,
            " deux  espaces ",
            "a\nb\r\nc",
            "DUPONT",
            "\ufeff",
            "J.Dupont 0001",
        ]
    ),
)
_MARKED = st.builds(lambda before, after: f"{before}{MARK}{after}", _TYPED, _TYPED)
_COUNTRIES = st.sampled_from([value for value, _ in COUNTRY_CODES])


def assert_kept(page: Page, control: str, typed: dict[str, str]) -> None:
    assert_page_leads_on(page)
    values = page.form(control).values
    assert {name: values[name] for name in typed} == typed


def assert_secret(page: Page, door: InProcess, *typed: str) -> None:
    assert MARK not in page.html
    assert_log_silent(door.take_log(), list(typed))


@given(_TYPED, _TYPED, _TYPED, _COUNTRIES)
def test_names_and_number_are_kept(door: InProcess, family: str, first: str, number: str, country: str) -> None:
    walker = Walker(door.inside)
    walker.open("/activation")
    typed = {"nom": family, "prenom": first, "telephone": f"{number}abc", "indicatif": country}
    page = walker.fill("nom", typed, button="Continuer")
    assert page.status == 422
    assert_kept(page, "nom", typed)
    assert_log_silent(door.take_log(), [family, first, number])


@given(_TYPED, st.one_of(_MARKED, st.just("")))
def test_an_identifiant_is_kept_and_a_password_is_not(door: InProcess, identifiant: str, password: str) -> None:
    walker = Walker(door.inside)
    walker.open("/connexion?profil=responsable")
    page = walker.fill("j_username", {"j_username": identifiant, "j_password": password})
    assert_kept(page, "j_username", {"j_username": identifiant, "j_password": ""})
    assert_secret(page, door, identifiant, password)


def test_an_identifiant_typed_with_capitals_and_spaces_is_shown_as_typed(door: InProcess) -> None:
    walker = Walker(door.inside)
    walker.open("/connexion?profil=responsable")
    typed = f" {WITH_PASSWORD.upper()} "
    for _ in range(2):
        page = walker.fill("j_username", {"j_username": typed, "j_password": "Pas-le-Bon-9"})
        assert page.form("j_username").values["j_username"] == typed


@given(_MARKED)
@settings(max_examples=25)
def test_a_code_is_never_shown_again(door: InProcess, code: str) -> None:
    begin_again(door.inside)
    walker = Walker(door.inside)
    walker.reach_code()
    page = walker.fill("code", {"code": code})
    assert page.status == 422
    assert_kept(page, "code", {"code": ""})
    assert_secret(page, door, code)


@given(_TYPED, _TYPED, _TYPED, st.sampled_from(["oui", "non"]))
@settings(max_examples=25)
def test_answers_and_dates_are_kept(door: InProcess, day: str, month: str, year: str, link: str) -> None:
    begin_again(door.inside)
    walker = Walker(door.inside)
    walker.reach_kinship()
    typed = {"lien-1": "oui", "jour-1": f"{day}x", "mois-1": month, "annee-1": year, "lien-2": link, "jour-2": month}
    page = walker.fill("lien-1", typed)
    assert page.status == 422
    assert_kept(page, "lien-1", typed)
    assert_log_silent(door.take_log(), [day, month, year])


@given(_MARKED, _MARKED)
@settings(max_examples=25)
def test_a_password_that_is_refused_is_never_shown_again(door: InProcess, password: str, confirmation: str) -> None:
    begin_again(door.inside)
    walker = Walker(door.inside)
    walker.reach_password()
    page = walker.fill("mot-de-passe", {"mot-de-passe": password, "confirmation": f"{confirmation}!"})
    if password != f"{confirmation}!":
        assert page.status == 422
        assert_kept(page, "mot-de-passe", {"mot-de-passe": "", "confirmation": ""})
    assert_page_leads_on(page)
    assert_secret(page, door, password, confirmation)
