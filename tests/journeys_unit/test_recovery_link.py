"""The mailed link of « Mot de passe oublié », on a provider in this process: read from the outbox, opened on another device, once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from idp.adapters.directory_tables import kinship
from idp.adapters.messages import BODY_PURPOSE, RECIPIENT_PURPOSE
from idp.adapters.tables import audit, outbox
from idp.journeys.email_ports import ConfirmedEmail
from idp.journeys.local_time import paris_time, say_hour
from idp.people.emails import EmailAddress
from tests.strangers.school import WITHOUT_PASSWORD, begin_again, fill_school
from tests.strangers.watched import Watched
from tests.support.inside import Inside, running_inside
from tests.support.page import Page

ADDRESS = EmailAddress("angela@famille.example")
BORN = {"jour": "3", "mois": "1", "annee": "2012"}
NEW = {"mot-de-passe": "Cartable-Bleu-42", "confirmation": "Cartable-Bleu-42"}


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    with running_inside(tmp_path) as running:
        fill_school(running.world.engine)
        begin_again(running)
        confirm(running, ADDRESS)
        set_links(running, "confirmed")
        yield running


def set_links(inside: Inside, state: str) -> None:
    """Say how Angela's links with her children stand."""
    with inside.world.engine.begin() as connection:
        connection.execute(update(kinship).where(kinship.c.guardian_jointure == "2").values(state=state))


def confirm(inside: Inside, address: EmailAddress, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
    with inside.world.stores.writing() as desk:
        angela = desk.accounts.load_by_identifiant(WITHOUT_PASSWORD)
        assert angela is not None
        desk.emails.confirm(ConfirmedEmail(angela.id, address, at))


def mails(inside: Inside) -> list[tuple[str, str, str]]:
    """Return recipient, subject and words of each mail that is to be sent, oldest first."""
    secrets, found = inside.world.secrets, []
    with inside.world.engine.connect() as connection:
        rows = connection.execute(
            select(outbox.c.recipient, outbox.c.body)
            .where(outbox.c.channel == "mail", outbox.c.body.is_not(None))
            .order_by(outbox.c.id)
        ).all()
    for row in rows:
        facts = json.loads(secrets.unseal(BODY_PURPOSE, row.body))
        to = secrets.unseal(RECIPIENT_PURPOSE, row.recipient).decode()
        found.append((to, facts["subject"], " ".join(facts["paragraphs"])))
    return found


def link_in(inside: Inside) -> str:
    """Return the path of the link in the newest mail."""
    words = mails(inside)[-1][2]
    [address] = [word.strip(".") for word in words.split() if "/mot-de-passe-oublie/lien?l=" in word]
    asked = urlsplit(address)
    return f"{asked.path}?{asked.query}"


def events(inside: Inside) -> list[str]:
    with inside.world.engine.connect() as connection:
        return list(connection.execute(select(audit.c.event).order_by(audit.c.id)).scalars())


def ask(inside: Inside, identifiant: str = WITHOUT_PASSWORD) -> Watched:
    device = Watched(inside)
    device.open("/mot-de-passe-oublie")
    device.fill("identifiant", {"identifiant": identifiant, "moyen": "mail"}, button="Continuer")
    assert device.page.h1 == "Regardez vos messages"
    return device


def end(device: Watched) -> Page:
    device.fill("jour", BORN)
    return device.fill("mot-de-passe", NEW)


def test_it_opens_on_another_device_and_leads_to_a_new_password(inside: Inside) -> None:
    ask(inside)
    [(to, subject, words)] = mails(inside)
    assert (to, subject) == (ADDRESS.address, "[Simulateur] Choisissez un nouveau mot de passe")
    assert "Il marche 30 minutes et une seule fois." in words
    other = Watched(inside)
    page = other.open(link_in(inside))
    assert page.says("Vous pouvez continuer ici.")
    assert "l=" not in page.url, "the token leaves the address at once"
    page = other.fill("Continuer")
    assert page.h1 == "Date de naissance d'un enfant"
    page = end(other)
    assert page.h1 == "Votre nouveau mot de passe est enregistré"
    assert events(inside) == [
        "recovery.asked",
        "recovery.link-opened",
        "recovery.date-accepted",
        "account.password-added",
    ]
    to, subject, words = mails(inside)[-1]
    assert (to, subject) == (ADDRESS.address, "[Simulateur] Votre compte a un mot de passe")
    assert "choisissez un nouveau mot de passe : http://localhost:8400/mot-de-passe-oublie." in words.replace(
        "\u00a0", " "
    )


def test_an_address_that_was_confirmed_a_moment_ago_recovers_nothing_for_three_days(inside: Inside) -> None:
    """An ex-partner who knows the birth dates found Angela's session open, and had an address of his own confirmed."""
    thief, now = Watched(inside), inside.world.clock.now()
    confirm(inside, EmailAddress("ex@famille.example"), now - timedelta(hours=71))
    thief.open("/mot-de-passe-oublie")
    page = thief.fill("identifiant", {"identifiant": WITHOUT_PASSWORD, "moyen": "mail"}, button="Continuer")
    assert page.h1 == "Regardez vos messages", "the page says what it says to everybody"
    [(to, subject, words)] = mails(inside)
    assert (to, subject) == ("ex@famille.example", "[Simulateur] Votre mot de passe\u00a0: réessayez plus tard")
    assert "/lien" not in words
    assert say_hour(paris_time(now + timedelta(hours=1))) in words
    confirm(inside, EmailAddress("ex@famille.example"), now - timedelta(hours=72))
    ask(inside)
    assert Watched(inside).open(link_in(inside)).says("Vous pouvez continuer ici.")


def test_a_get_consumes_nothing_and_a_post_once(inside: Inside) -> None:
    ask(inside)
    link = link_in(inside)
    scanner, first, second = Watched(inside), Watched(inside), Watched(inside)
    for device in (scanner, first, second):
        assert device.open(link).says("Vous pouvez continuer ici.")
    assert first.fill("Continuer").h1 == "Date de naissance d'un enfant"
    page = second.fill("Continuer")
    assert (page.status, page.h1) == (410, "Ce lien n'est plus valable")
    assert Watched(inside).open(link).status == 410
    assert first.open(link).h1 == "Date de naissance d'un enfant", "whoever it opened for goes on where she stands"


def test_it_runs_out_after_half_an_hour_and_the_next_one_replaces_it(inside: Inside) -> None:
    device = ask(inside)
    first = link_in(inside)
    device.wait(2)
    device.open("/mot-de-passe-oublie/message")
    assert device.fill("Envoyer un nouvel e-mail").says("Un nouveau message est parti.")
    assert Watched(inside).open(first).status == 410
    late = Watched(inside)
    late.open(link_in(inside))
    late.wait(31)
    page = late.fill("Continuer")
    assert (page.status, page.h1) == (410, "Ce lien n'est plus valable")
    assert page.link("Demander un nouveau lien").endswith("/mot-de-passe-oublie")


def test_it_dies_with_the_address_that_it_went_to(inside: Inside) -> None:
    ask(inside)
    opened = Watched(inside)
    opened.open(link_in(inside))
    confirm(inside, EmailAddress("autre@famille.example"))
    assert opened.fill("Continuer").status == 410
    assert "account.password-changed" not in events(inside)


def test_an_address_that_changes_on_the_way_ends_it_before_the_password(inside: Inside) -> None:
    ask(inside)
    opened = Watched(inside)
    opened.open(link_in(inside))
    opened.fill("Continuer")
    opened.fill("jour", BORN)
    confirm(inside, EmailAddress("autre@famille.example"))
    assert opened.fill("mot-de-passe", NEW).h1 == "Mot de passe oublié"
    assert events(inside)[-1] == "recovery.nothing-stands"


def test_the_birth_date_is_asked_for_after_a_link_too(inside: Inside) -> None:
    ask(inside)
    thief = Watched(inside)
    thief.open(link_in(inside))
    thief.fill("Continuer")
    assert thief.open("/mot-de-passe-oublie/nouveau").h1 == "Date de naissance d'un enfant"
    assert thief.fill("jour", {**BORN, "annee": "2013"}).says("Cette date ne correspond pas.")


@pytest.mark.parametrize("state", ["declared", "contested"])
def test_an_account_without_a_confirmed_child_is_for_the_office(inside: Inside, state: str) -> None:
    set_links(inside, state)
    ask(inside)
    device = Watched(inside)
    device.open(link_in(inside))
    page = device.fill("Continuer")
    assert (page.status, page.h1) == (200, "Appelez le secrétariat de l'école")
    assert device.open("/mot-de-passe-oublie/nouveau").h1 == "Appelez le secrétariat de l'école"
    assert events(inside) == ["recovery.asked", "recovery.link-opened", "recovery.no-child"]


def test_a_child_that_is_contested_on_the_way_leaves_nothing_to_prove(inside: Inside) -> None:
    ask(inside)
    device = Watched(inside)
    device.open(link_in(inside))
    device.fill("Continuer")
    set_links(inside, "contested")
    assert device.fill("jour", BORN).h1 == "Appelez le secrétariat de l'école"


def test_who_took_a_code_after_a_link_has_one_way_alone(inside: Inside) -> None:
    device = ask(inside)
    link = link_in(inside)
    device.open("/mot-de-passe-oublie/identifiant")
    device.fill("identifiant", {"identifiant": WITHOUT_PASSWORD, "moyen": "sms"}, button="Continuer")
    assert Watched(inside).open(link).status == 410


def test_nobodys_identifiant_brings_no_mail(inside: Inside) -> None:
    ask(inside, "p.inconnu1234")
    assert mails(inside) == []
