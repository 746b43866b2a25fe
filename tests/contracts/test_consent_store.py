"""What persons allowed, on both databases: one row for each person and client, gone with either."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.adapters.tables import consent
from idp.journeys.client_office import ClientOffice
from idp.journeys.session_end import SessionEnd
from idp.protocol.consent import Consent
from tests.contracts.rows import add_account

SOME = Consent(frozenset({"openid", "profile"}))
MORE = Consent(
    frozenset({"openid", "profile", "email"}), frozenset({"nickname", "address"}), frozenset({"urn:b", "urn:a"})
)


def load(stores: SqlStores, account_id: int, client_id: str = "ent") -> Consent | None:
    with stores.reading() as desk:
        return desk.consents.load_consent(account_id, client_id)


def save(stores: SqlStores, account_id: int, allowed: Consent, now: datetime, client_id: str = "ent") -> None:
    with stores.writing() as desk:
        desk.consents.save_consent(account_id, client_id, allowed, now)


def test_it_is_read_as_it_was_kept_and_the_last_one_holds(stores: SqlStores, engine: Engine, now: datetime) -> None:
    joe = add_account(stores, now)
    assert load(stores, joe) is None
    save(stores, joe, SOME, now)
    assert load(stores, joe) == SOME
    save(stores, joe, MORE, now + timedelta(hours=1))
    assert load(stores, joe) == MORE
    with engine.connect() as connection:
        assert connection.execute(select(consent.c.given_at)).scalars().all() == [now + timedelta(hours=1)]


def test_it_is_one_persons_for_one_client(stores: SqlStores, now: datetime) -> None:
    joe, other = add_account(stores, now), add_account(stores, now, 2)
    save(stores, joe, SOME, now)
    save(stores, joe, MORE, now, "tablet")
    assert (load(stores, joe), load(stores, joe, "tablet"), load(stores, other)) == (SOME, MORE, None)


def test_it_goes_with_the_client_that_is_removed(stores: SqlStores, secrets: MasterKey, now: datetime) -> None:
    class Clock:
        def now(self) -> datetime:
            return now

    office = ClientOffice(stores, Clock(), secrets)
    metadata = {"token_endpoint_auth_method": "none", "redirect_uris": ["https://ent.example/"]}
    gone, stays = (office.enrol(metadata, changes_itself=True) for _ in range(2))
    assert gone is not None
    assert stays is not None
    joe = add_account(stores, now)
    for one in (gone, stays):
        save(stores, joe, SOME, now, one.row.client_id)
    assert office.remove(gone.row.client_id)
    assert (load(stores, joe, gone.row.client_id), load(stores, joe, stays.row.client_id)) == (None, SOME)


@pytest.mark.parametrize("whose", [1, 2])
def test_it_goes_with_everything_else_that_ends_when_an_account_changes_hands(
    stores: SqlStores, secrets: MasterKey, now: datetime, whose: int
) -> None:
    class NoClients:
        def load_client(self, client_id: str) -> None:
            del client_id

    accounts = [add_account(stores, now), add_account(stores, now, 2)]
    for one in accounts:
        save(stores, one, SOME, now)
    with stores.writing() as desk:
        SessionEnd(NoClients(), secrets).end_all(desk, accounts[whose - 1], now)  # type: ignore[arg-type]  # nothing else is asked
    assert [load(stores, one) for one in accounts] == [None if whose == 1 else SOME, None if whose == 2 else SOME]


def test_the_seed_knows_nothing_of_it(secrets: MasterKey, engine: Engine, stores: SqlStores, now: datetime) -> None:
    save(stores, add_account(stores, now), SOME, now)
    back_to_seed(engine, secrets)
    assert load(stores, add_account(stores, now)) is None
