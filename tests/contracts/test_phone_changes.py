"""Who is told that an import changed a number, on real databases: each number once, and the confirmed address."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, insert, text

from idp.adapters.directory_tables import guardian
from idp.adapters.message_reader import MessageReader
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import account_guardian
from idp.journeys.email_ports import ConfirmedEmail
from idp.journeys.phone_changes import PhoneChanges, PhoneMove
from idp.journeys.policy import ActivationPolicy
from idp.people.emails import EmailAddress
from tests.contracts.rows import add_account

A, B, C, ABROAD = "+33639980001", "+33639980002", "+33639980003", "+32470000000"
RECORDED, LEFT = "L'école a enregistré ce numéro", "L'école n'utilise plus ce numéro"


@pytest.fixture
def joe(stores: SqlStores, engine: Engine, now: datetime) -> int:
    """An account with two records, whose numbers are what an import has just made them."""
    account_id = add_account(stores, now)
    with engine.begin() as connection:
        for number, mobile in ((1, A), (2, B)):
            connection.execute(
                insert(guardian).values(
                    id=number, academy="8", jointure=f"G{number}", family_name="DUPONT", birth_name="", given_names="Joe",
                    title="M.", mobile=mobile, present=True, digest="x",
                )
            )  # fmt: skip
            values = {"guardian_id": number, "account_id": account_id, "proved_at": now}
            connection.execute(insert(account_guardian).values(**values))
    return account_id


def tell(stores: SqlStores, now: datetime, *moves: PhoneMove) -> int:
    with stores.writing() as desk:
        return PhoneChanges(ActivationPolicy()).tell(desk, moves, now)


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ([PhoneMove(1, C, A)], {(A, RECORDED), (C, LEFT)}),
        ([PhoneMove(1, "", A)], {(A, RECORDED)}),
        ([PhoneMove(1, B, A)], {(A, RECORDED)}),  # the other record still has it
        ([PhoneMove(1, C, A), PhoneMove(2, C, B)], {(A, RECORDED), (B, RECORDED), (C, LEFT)}),
        ([PhoneMove(1, ABROAD, A)], {(A, RECORDED)}),
        ([PhoneMove(1, C, "")], {(C, LEFT)}),
    ],
    ids=["changed", "first", "one of two", "both at once", "no text goes there", "taken away"],
)
def test_old_and_new_number_are_told_once_each(
    stores: SqlStores,
    engine: Engine,
    secrets: MasterKey,
    now: datetime,
    joe: int,
    moves: list[PhoneMove],
    told: set[tuple[str, str]],
) -> None:
    assert tell(stores, now, *moves) == 1
    found = MessageReader(engine, secrets).load_messages()
    assert {(one.to, one.text.split(" pour ")[0]) for one in found} == told
    assert len(found) == len(told)
    del joe


def test_the_confirmed_address_is_told_too(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, joe: int
) -> None:
    with stores.writing() as desk:
        desk.emails.confirm(ConfirmedEmail(joe, EmailAddress("joe@famille.example"), now))
    tell(stores, now, PhoneMove(1, C, A))
    with engine.connect() as connection:
        [sealed] = connection.execute(text("SELECT recipient FROM outbox WHERE channel = 'mail'")).scalars()
    assert secrets.unseal("recipient", bytes(sealed)) == b"joe@famille.example"


def test_nobody_who_has_no_account_or_a_closed_one_is_told(
    stores: SqlStores, engine: Engine, now: datetime, joe: int
) -> None:
    with stores.writing() as desk:
        desk.accounts.plan_closing(joe, now)
    assert tell(stores, now, PhoneMove(1, C, A), PhoneMove(99, C, A)) == 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 0
