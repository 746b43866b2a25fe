"""Both « oublié » links, asked about somebody known and about everybody else: one answer, one piece of work."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from idp.adapters.clock import TestClock as InstanceClock
from idp.adapters.directory_tables import guardian
from idp.adapters.tables import account, account_guardian, audit, franceconnect_link, outbox
from idp.journeys.email_ports import ConfirmedEmail
from idp.people.emails import EmailAddress
from tests.strangers.school import (
    ASKED,
    AT,
    NOBODYS,
    SEVERAL_RECORDS,
    WITH_PASSWORD,
    WITHOUT_PASSWORD,
    Asked,
    begin_again,
)
from tests.strangers.watched import Watched, assert_alike, assert_weighs_alike
from tests.support.inside import BASE, Inside

KNOWN = ASKED["somebody who is active already"]  # Angela, with her number
OTHERS = {who: asked for who, asked in ASKED.items() if asked != KNOWN}


# --- « Identifiant oublié » ------------------------------------------------------------------------------------------------------


def ask(inside: Inside, asked: Asked) -> Watched:
    """Ask, correct what was typed, ask again until the number has had its texts, and again the next day."""
    stranger = Watched(inside, typed=tuple(asked.values.values()))
    stranger.open("/identifiant-oublie")
    stranger.fill("nom", asked.values, button="Recevoir mon identifiant")
    assert stranger.page.h1 == "Regardez vos messages", stranger.page.text
    for _ in range(5):
        stranger.open("/identifiant-oublie/nom")
        stranger.fill("nom", asked.values, button="Recevoir mon identifiant")
    assert stranger.page.status == 429
    stranger.wait(1500)
    stranger.open("/identifiant-oublie")
    stranger.fill("nom", asked.values, button="Recevoir mon identifiant")
    stranger.open("/identifiant-oublie/envoye")
    return stranger


def test_whoever_is_asked_about_the_page_of_the_identifiant_and_its_work_are_the_same(inside: Inside) -> None:
    ask(inside, KNOWN)  # everything has been run once
    begin_again(inside)
    known = ask(inside, KNOWN)
    prepared: dict[str, tuple[Asked, Callable[[Inside], None]]] = {
        **{who: (asked, lambda _: None) for who, asked in OTHERS.items()},
        "somebody of FranceConnect alone": (KNOWN, make_franceconnects_alone),
        "somebody whose number the school has just changed": (KNOWN, make_number_new),
    }
    for who, (asked, prepare) in prepared.items():
        begin_again(inside)
        prepare(inside)
        other = ask(inside, asked)
        assert_alike(other, known, who)
        if who not in SEVERAL_RECORDS:
            assert_weighs_alike(other, known, who)


def ask_by_mail(inside: Inside, asked: Asked, email: str) -> Watched:
    """Ask by mail, correct what was typed, ask again until the address has had its mails, and again the next day."""
    stranger = Watched(inside, typed=(asked.family_name, asked.given_name, email))
    typed = {"nom": asked.family_name, "prenom": asked.given_name, "email": email}
    stranger.open("/identifiant-oublie")
    for _ in range(6):
        stranger.open("/identifiant-oublie/e-mail")
        stranger.fill("email", typed, button="Recevoir mon identifiant")
    assert stranger.page.status == 429
    stranger.wait(1500)
    stranger.open("/identifiant-oublie")
    stranger.open("/identifiant-oublie/e-mail")
    stranger.fill("email", typed, button="Recevoir mon identifiant")
    assert stranger.page.h1 == "Regardez vos messages", stranger.page.text
    return stranger


def test_whose_address_it_is_changes_neither_the_page_of_the_identifiant_nor_its_work(inside: Inside) -> None:
    hers, nobodys = "angela@famille.example", "nobody@famille.example"
    for _ in range(2):  # everything has been run once
        begin_again(inside)
        confirm_address(inside)
        known = ask_by_mail(inside, KNOWN, hers)
    others: dict[str, tuple[Asked, str, Callable[[Inside], None]]] = {
        "an address of nobody": (KNOWN, nobodys, confirm_address),
        "somebody without an address, where another has one": (KNOWN, hers, confirm_joes),
        "another name": (ASKED["nobody knows name or number"], hers, confirm_address),
        "somebody without a record": (
            KNOWN,
            hers,
            lambda inside: (confirm_address(inside), take_number_away(inside))[1],
        ),
        "somebody of FranceConnect alone": (
            KNOWN,
            hers,
            lambda inside: (confirm_address(inside), make_franceconnects_alone(inside))[1],
        ),
        "somebody who has just confirmed her address": (KNOWN, hers, confirm_address_just_now),
    }
    for who, (asked, email, prepare) in others.items():
        begin_again(inside)
        prepare(inside)
        other = ask_by_mail(inside, asked, email)
        assert_alike(other, known, who)
        assert_weighs_alike(other, known, who)


def test_whoever_has_the_next_number_or_address_is_nobody_to_whom_types_her_names(inside: Inside) -> None:
    confirm_address(inside)  # the only one: whatever is typed, hers is read
    for page, field, told in (
        ("", "nom", {"telephone": "06 39 98 01 99"}),
        ("/e-mail", "email", {"email": "nobody@famille.example"}),
    ):
        stranger = Watched(inside)
        stranger.open("/identifiant-oublie")
        stranger.open(f"/identifiant-oublie{page or '/nom'}")
        names = {"nom": "DUBOIS", "prenom": "Angela"} | ({"indicatif": "+33"} if field == "nom" else {})
        stranger.fill(field, names | told, button="Recevoir mon identifiant")
        assert stranger.page.h1 == "Regardez vos messages", stranger.page.text
    with inside.world.engine.connect() as connection:
        asked = connection.execute(
            select(audit.c.details, audit.c.account_id).where(audit.c.event == "recovery.identifiant-asked")
        ).all()
    assert [(json.loads(details)["outcome"], of) for details, of in asked] == [("nobody", None)] * 2


# --- « Mot de passe oublié » -----------------------------------------------------------------------------------------------------


def leave_as_she_is(inside: Inside) -> None:
    """Somebody with a number and a confirmed address."""
    confirm_address(inside)


def make_franceconnects_alone(inside: Inside) -> None:
    with inside.world.engine.begin() as connection:
        angela = connection.execute(select(account.c.id).where(account.c.identifiant == WITHOUT_PASSWORD)).scalar_one()
        connection.execute(
            insert(franceconnect_link).values(
                issuer="https://fc.example", sub="angela", account_id=angela, identity_hash="x", linked_at=AT
            )
        )


def make_number_new(inside: Inside) -> None:
    with inside.world.engine.begin() as connection:
        now = InstanceClock(inside.world.engine).now() - timedelta(hours=1)
        connection.execute(update(guardian).where(guardian.c.id == 2).values(mobile_changed_at=now))


def take_number_away(inside: Inside) -> None:
    with inside.world.engine.begin() as connection:
        connection.execute(account_guardian.delete())


def confirm_address(inside: Inside, *, since: timedelta = timedelta(days=30)) -> None:
    with inside.world.stores.writing() as desk:
        angela = desk.accounts.load_by_identifiant(WITHOUT_PASSWORD)
        assert angela is not None
        at = InstanceClock(inside.world.engine).now() - since
        desk.emails.confirm(ConfirmedEmail(angela.id, EmailAddress("angela@famille.example"), at))


def confirm_joes(inside: Inside) -> None:
    with inside.world.stores.writing() as desk:
        joe = desk.accounts.load_by_identifiant(WITH_PASSWORD)
        assert joe is not None
        desk.accounts.attach_guardian(joe.id, 1, AT)
        desk.emails.confirm(ConfirmedEmail(joe.id, EmailAddress("joe@famille.example"), AT))


def confirm_address_just_now(inside: Inside) -> None:
    confirm_address(inside, since=timedelta(hours=1))


KINDS: dict[str, tuple[str, Callable[[Inside], None]]] = {
    "an identifiant of nobody": (NOBODYS, confirm_address),
    "an account without any record": (WITH_PASSWORD, confirm_address),
    "somebody without a number": (WITHOUT_PASSWORD, take_number_away),
    "somebody of FranceConnect alone": (WITHOUT_PASSWORD, make_franceconnects_alone),
    "somebody whose number the school has just changed": (WITHOUT_PASSWORD, make_number_new),
    "somebody who has just confirmed her address": (WITHOUT_PASSWORD, confirm_address_just_now),
}


def begin(inside: Inside, identifiant: str, channel: str) -> Watched:
    stranger = Watched(inside, typed=(identifiant,))
    stranger.open("/mot-de-passe-oublie")
    stranger.fill("identifiant", {"identifiant": identifiant, "moyen": channel}, button="Continuer")
    return stranger


def guess_codes(inside: Inside, identifiant: str) -> Watched:
    """Type a wrong code until the page locks, wait, and begin again."""
    stranger = begin(inside, identifiant, "sms")
    assert stranger.page.h1 == "Écrivez le code reçu"
    for typed in ("", "12", "abcdef"):
        stranger.fill("code", {"code": typed})
    for _ in range(5):
        stranger.fill("code", {"code": "000000"})
    assert stranger.page.status == 429
    stranger.wait(16)
    stranger.open("/mot-de-passe-oublie")
    stranger.fill("identifiant", {"identifiant": identifiant, "moyen": "sms"}, button="Continuer")
    stranger.wait(31)
    stranger.fill("code", {"code": "000000"})
    return stranger


def ask_for_more(inside: Inside, identifiant: str, channel: str) -> Watched:
    """Ask for another message too early, then in time, then until the identifiant has had its messages, then the next day."""
    stranger = begin(inside, identifiant, channel)
    shown, button = stranger.page.url, "Envoyer un nouveau code" if channel == "sms" else "Envoyer un nouvel e-mail"
    stranger.fill(button)
    for _ in range(5):
        stranger.wait(2)
        stranger.open(shown.removeprefix(BASE))
        stranger.fill(button)
    assert stranger.page.status == 429
    stranger.wait(1500)
    stranger.open("/mot-de-passe-oublie")
    stranger.fill("identifiant", {"identifiant": identifiant, "moyen": channel}, button="Continuer")
    return stranger


def ask_for_more_codes(inside: Inside, identifiant: str) -> Watched:
    return ask_for_more(inside, identifiant, "sms")


def ask_for_more_links(inside: Inside, identifiant: str) -> Watched:
    return ask_for_more(inside, identifiant, "mail")


def look_around(inside: Inside, identifiant: str) -> Watched:
    """Open later steps and made-up links, go back, take the other way, leave."""
    stranger = begin(inside, identifiant, "mail")
    assert stranger.page.h1 == "Regardez vos messages"
    for page in (
        "lien?l=made-up",
        "continuer",
        "date-de-naissance",
        "nouveau",
        "termine",
        "secretariat",
        "lien-perime",
    ):
        stranger.open(f"/mot-de-passe-oublie/{page}")
    stranger.open("/mot-de-passe-oublie/identifiant")
    stranger.fill("identifiant", {"identifiant": identifiant, "moyen": "sms"}, button="Continuer")
    stranger.fill("Annuler")
    return stranger


@pytest.mark.parametrize("story", [guess_codes, ask_for_more_codes, ask_for_more_links, look_around])
def test_whose_identifiant_it_is_changes_neither_answers_nor_work(
    inside: Inside, story: Callable[[Inside, str], Watched]
) -> None:
    leave_as_she_is(inside)
    story(inside, WITHOUT_PASSWORD)  # everything has been run once
    begin_again(inside)
    leave_as_she_is(inside)
    known = story(inside, WITHOUT_PASSWORD)
    for who, (identifiant, prepare) in KINDS.items():
        begin_again(inside)
        prepare(inside)
        other = story(inside, identifiant)
        assert_alike(other, known, who)
        assert_weighs_alike(other, known, who)


def test_the_ceiling_of_a_typed_number_does_not_tell_whose_identifiants_lead_there(inside: Inside) -> None:
    """Otherwise: ask for her texts by number until the page closes, and see whether it closes for the identifiant too."""
    begin(inside, WITHOUT_PASSWORD, "sms")
    for _ in range(5):
        stranger = Watched(inside)
        stranger.open("/activation")
        page = stranger.fill("nom", KNOWN.values, button="Continuer")
    assert page.status == 200
    assert begin(inside, WITHOUT_PASSWORD, "sms").page.status == 200


TOLD = {
    "an identifiant of nobody": None,
    "an account without any record": None,
    "somebody without a number": None,
    "somebody of FranceConnect alone": "Votre compte s'ouvre avec FranceConnect, sans mot de passe ici.",
    "somebody whose number the school has just changed": "L'école vient d'enregistrer ce numéro.",
}


@pytest.mark.parametrize("who", TOLD)
def test_the_truth_goes_to_the_phone_alone_and_no_text_to_nobody(inside: Inside, who: str) -> None:
    identifiant, prepare = KINDS[who]
    prepare(inside)
    begin(inside, identifiant, "sms")
    with inside.world.engine.connect() as connection:
        [row] = connection.execute(select(outbox.c.recipient, outbox.c.body, outbox.c.sent_at)).all()
    told = TOLD[who]
    if told is None:
        assert (row.recipient, row.body) == (None, None), "a row that nobody sends"
        assert row.sent_at is not None
    else:
        assert inside.world.secrets.unseal("outbox-body", row.body).decode().startswith(told)


def test_a_text_too_many_to_a_number_is_written_and_not_sent(inside: Inside) -> None:
    """Two accounts of one phone: what the second one asks for counts as well, and its page says nothing of it."""
    with inside.world.engine.begin() as connection:
        other = connection.execute(select(account.c.id).where(account.c.identifiant == WITH_PASSWORD)).scalar_one()
        connection.execute(update(guardian).where(guardian.c.id == 1).values(mobile="+33639980201"))
        connection.execute(insert(account_guardian).values(guardian_id=1, account_id=other, proved_at=AT))
    for number in range(6):
        page = begin(inside, (WITH_PASSWORD, WITHOUT_PASSWORD)[number % 2], "sms").page
        assert (page.status, page.h1) == (200, "Écrivez le code reçu")
    with inside.world.engine.connect() as connection:
        bodies = list(connection.execute(select(outbox.c.body).order_by(outbox.c.id)).scalars())
    assert [body is not None for body in bodies] == [True] * 5 + [False]
