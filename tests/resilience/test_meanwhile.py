"""What somebody else did between two pages, or between a look and a write, is seen before anything is kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from idp.adapters.stores import SqlStores, SqlUnit
from idp.app import build_pages
from idp.people.records import Account
from idp.settings import load_settings
from idp.world import build_world
from tests.journeys.people import ANGELA, PASSWORD, activate, reach_kinship, reach_password
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.resilience.house import House
from tests.resilience.late import Late, late
from tests.support.browser import Browser
from tests.support.command import run_preau
from tests.support.page import Page
from tests.support.relying_party import RelyingParty


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house.base)


@pytest.fixture
def ent(house: House) -> RelyingParty:
    return RelyingParty(house.base)


def finish(browser: Browser) -> Page:
    return browser.fill("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})


def test_what_was_proved_here_and_contested_there_makes_no_account(house: House, browser: Browser) -> None:
    reach_password(browser, house.sandbox, ANGELA)
    other = Browser(house.base)
    reach_kinship(other, house.sandbox, ANGELA)
    other.fill("lien-1", {"lien-1": "non"})
    other.fill("Oui", button="Oui")
    assert finish(browser).h1 == "Aucun élève dans votre compte"
    assert "activation.account-made" not in house.sandbox.events()
    assert house.violations() == []


def test_a_pupil_that_left_the_directory_meanwhile_makes_no_account(house: House, browser: Browser) -> None:
    reach_password(browser, house.sandbox, ANGELA)
    with house.engine.begin() as connection:
        gone = connection.execute(
            text("UPDATE kinship SET present = FALSE WHERE present AND pupil_jointure = '7200003' RETURNING id")
        )
        ids = gone.scalars().all()
    try:
        assert ids
        assert "nom" in {name for form in finish(browser).forms for name in form.controls}, "from the beginning"
        assert "activation.account-made" not in house.sandbox.events()
        assert house.violations() == []
    finally:
        with house.engine.begin() as connection:
            for one in ids:
                connection.execute(text("UPDATE kinship SET present = TRUE WHERE id = :id"), {"id": one})


def test_what_was_contested_by_one_file_leaves_nobody_by_another(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    reach_kinship(browser, house.sandbox, ANGELA)
    browser.fill("lien-1", {"lien-1": "non"})
    browser.fill("Oui", button="Oui")
    table = tmp_path / "responsables-9990001I.csv"
    table.write_text(
        "Nom responsable;Prénom responsable;Téléphone portable;Nom de famille enfant;Prénom enfant\n"
        "DUBOIS;Angela;06 39 98 00 90;DUBOIS;Zoé\n",
        encoding="utf-8",
    )
    run_preau(house.settings, "directory", "import", "--uai", "9990001I", str(table))
    page = reach_kinship(Browser(house.base), house.sandbox, replace(ANGELA, number="06 39 98 00 90"))
    assert page.h1 == "Aucun élève dans votre compte"
    assert house.violations() == []


class LookedTooEarly(SqlStores):
    """Stores of a process that looks whether a person has an account, and is overtaken by another browser right afterwards."""

    overtake: Callable[[], object] = staticmethod(lambda: None)

    @contextmanager
    def writing(self) -> Iterator[SqlUnit]:
        with super().writing() as desk:
            look = desk.accounts.load_by_guardians

            def look_and_be_overtaken(guardian_ids: Sequence[int]) -> list[Account]:
                found = look(guardian_ids)
                act, self.overtake = self.overtake, lambda: None  # type: ignore[method-assign]  # once
                act()
                return found

            desk.accounts.load_by_guardians = look_and_be_overtaken  # type: ignore[method-assign]  # a test's own
            yield desk


def test_an_account_that_another_browser_makes_between_a_look_and_a_write_is_the_only_one(
    house: House, browser: Browser
) -> None:
    if house.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets nobody write between a look and a write of one transaction")
    other = Browser(house.base)
    reach_password(browser, house.sandbox, ANGELA)
    reach_password(other, house.sandbox, ANGELA)
    action, values = browser.prepare("mot-de-passe", {"mot-de-passe": PASSWORD, "confirmation": PASSWORD})
    world = build_world(load_settings(house.settings))
    stores = LookedTooEarly(world.engine, world.secrets)
    stores.overtake = lambda: finish(other)  # type: ignore[method-assign]  # a test's own
    process = Late(house, build_pages(replace(world, stores=stores)).test_client(), world.engine, browser)
    assert process.ask(action, values).endswith("/activation/deja-active")
    assert house.sandbox.events().count("activation.account-made") == 1
    assert house.violations() == []


def test_a_session_that_ends_while_a_code_is_made_brings_no_code(
    house: House, browser: Browser, ent: RelyingParty
) -> None:
    bring_back_code(ent, browser, activate(browser, house.sandbox, ANGELA))
    with house.engine.connect() as connection:
        [session_id] = connection.execute(text("SELECT id FROM op_session")).scalars().all()

    def sign_out(desk: SqlUnit) -> None:
        desk.sessions.end_session(session_id, house.clock.now())

    led_to = late(house, browser, sign_out).ask(ent.authorization_uri())
    assert "code=" not in led_to
    assert "/connexion" in led_to, "the person is asked"
    assert house.violations() == []


def test_a_password_that_is_changed_while_it_is_verified_opens_nothing(
    house: House, browser: Browser, ent: RelyingParty
) -> None:
    identifiant = activate(browser, house.sandbox, ANGELA)
    come_from(ent, browser)
    action, values = browser.prepare("j_username", {"j_username": identifiant, "j_password": PASSWORD})

    def change(desk: SqlUnit) -> None:
        account = desk.accounts.load_by_identifiant(identifiant)
        assert account is not None
        desk.accounts.set_password(account.id, "another", house.clock.now())
        desk.sessions.end_account_sessions(account.id, house.clock.now())

    assert late(house, browser, change).ask(action, values) == ""
    assert "sign-in.accepted" not in house.sandbox.events()
    with house.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM op_session")).scalar_one() == 0


def test_the_process_that_is_late_signs_in_when_nothing_happens(
    house: House, browser: Browser, ent: RelyingParty
) -> None:
    identifiant = activate(browser, house.sandbox, ANGELA)
    come_from(ent, browser)
    form = browser.prepare("j_username", {"j_username": identifiant, "j_password": PASSWORD})
    assert "code=" in late(house, browser, lambda _: None).ask(*form)
    sign_in(browser, identifiant)
    assert house.violations() == []
