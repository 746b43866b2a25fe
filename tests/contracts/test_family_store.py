"""The traces of a family that is taken out, on both databases."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from idp.adapters.directory_tables import guardian, kinship
from idp.adapters.messages import RECIPIENT_PURPOSE
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import outbox
from idp.journeys.rows import Message
from idp.people.emails import parse_email
from tests.contracts.test_families import JOE, Load, hasher, load
from tests.families.documents import TEXT

__all__ = ["hasher", "load"]
PAUL, ANNE = "+33639980501", "+33639980502"


def records_of(engine: Engine, name: str = "Paul") -> list[Any]:
    with engine.connect() as connection:
        rows = connection.execute(
            select(guardian.c.academy, guardian.c.origin, guardian.c.jointure, guardian.c.given_names)
        ).all()
    return [("PersRelEleve", *row[:3]) for row in rows if row.given_names.startswith(name)]


def ids_of(engine: Engine, stores: SqlStores) -> list[int]:
    with stores.reading() as desk:
        return desk.families.load_guardians(records_of(engine))


def states(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(kinship.c.state)).scalars())


def test_guardians_are_found_by_their_records_and_nobody_by_none(load: Load, engine: Engine, stores: SqlStores) -> None:
    load(TEXT)
    with stores.reading() as desk:
        found = desk.families.load_guardians(records_of(engine))
        pupils = desk.families.load_guardians([("Eleve", *rest) for _, *rest in records_of(engine)])  # type: ignore[misc]
        assert desk.families.load_guardians([]) == []
    assert len(found) == 2
    assert pupils == []


def test_what_they_proved_or_contested_is_declared_again(load: Load, engine: Engine, stores: SqlStores) -> None:
    load(TEXT)
    assert "confirmed" in states(engine)
    ids = ids_of(engine, stores)
    with stores.writing() as desk:
        desk.families.forget_answers(ids)
    assert states(engine) == {"declared"}


def test_texts_to_a_number_go_unless_somebody_elses_record_has_it(
    load: Load, engine: Engine, stores: SqlStores, secrets: MasterKey, now: datetime
) -> None:
    load(TEXT)
    with stores.writing() as desk:
        for phone in (PAUL, ANNE):
            desk.outbox.put(Message("sms", phone, "Bonjour"), at=now)
    whose = {phone: secrets.keyed_hash(RECIPIENT_PURPOSE, phone) for phone in (PAUL, ANNE)}
    ids = ids_of(engine, stores)
    with stores.writing() as desk:
        desk.families.forget_texts(ids[:1])  # his other record has the number too
    assert whose[PAUL] in recipients(engine)
    with stores.writing() as desk:
        desk.families.forget_texts(ids)
    assert whose[PAUL] not in recipients(engine)
    assert whose[ANNE] in recipients(engine)


def test_mails_go_with_their_addresses(stores: SqlStores, secrets: MasterKey, engine: Engine, now: datetime) -> None:
    paul, anne = (parse_email(f"{name}@famille.example") for name in ("paul", "anne"))
    with stores.writing() as desk:
        for email in (paul, anne):
            desk.outbox.put(Message("mail", email.address, "Bonjour"), at=now)
        desk.families.forget_mails([])
        desk.families.forget_mails([paul])
    assert recipients(engine) == {secrets.keyed_hash(RECIPIENT_PURPOSE, anne.address)}


def recipients(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(outbox.c.recipient_hash)).scalars())


def test_an_identifiant_that_is_released_may_be_given_again(load: Load, stores: SqlStores, now: datetime) -> None:
    load(TEXT)
    with stores.writing() as desk:
        assert not desk.accounts.reserve_identifiant(JOE, now)
        desk.families.release_identifiant(JOE)
        assert desk.accounts.reserve_identifiant(JOE, now)
