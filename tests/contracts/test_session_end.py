"""The end of a session and the notices to its clients, in one transaction, on real databases and whoever else writes meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from idp.adapters.clients import ConfiguredClients
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.held_sessions import MOST_BESIDE, HeldSecrets, join
from idp.journeys.rows import SessionRow
from idp.journeys.session_end import SessionEnd
from idp.protocol.client import Client
from tests.contracts.rows import add_account, add_session_with_grants, code_of, session_of
from tests.house.serving import eventually
from tests.protocol.surroundings import ENT

TOLD = replace(ENT, backchannel_logout_uri="https://ent.example/adieu")


def session_end(secrets: MasterKey, *clients: Client) -> SessionEnd:
    return SessionEnd(ConfiguredClients(clients or (TOLD,)), secrets)


def notices(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM outbox WHERE channel = 'logout'")).scalar_one())


@pytest.fixture
def live(stores: SqlStores, now: datetime) -> SessionRow:
    """A session whose client was given tokens."""
    return session_of(add_session_with_grants(stores, now).account_id, now)


def test_of_twenty_that_end_a_session_at_once_one_tells(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, live: SessionRow
) -> None:
    def end(_: int) -> bool:
        with stores.writing() as desk:
            return session_end(secrets).end(desk, live, now) is not None

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(end, range(20))) == 1
    assert notices(engine) == 1


def test_a_transaction_that_fails_ends_nothing_and_tells_nobody(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, live: SessionRow
) -> None:
    def fail() -> None:
        with stores.writing() as desk:
            session_end(secrets).end(desk, live, now)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert notices(engine) == 0
    with stores.reading() as desk:
        found = desk.sessions.load_session_by_id(live.id)
    assert found is not None
    assert found.ended_at is None


def test_a_client_that_gets_its_tokens_while_the_session_ends_is_told(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime
) -> None:
    live = session_of(add_account(stores, now), now)
    with stores.writing() as desk:
        desk.sessions.add_session(live)
        desk.grants.add_code(code_of(live, now))

    def end() -> None:
        with stores.writing() as desk:
            session_end(secrets).end(desk, live, now)

    def waits() -> bool:
        with engine.connect() as connection:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            return connection.execute(text(waiting)).scalar_one() == 1

    with ThreadPoolExecutor(1) as pool:
        with stores.writing() as desk:
            assert desk.grants.consume_code("code", now)
            ending = pool.submit(end)
            if engine.dialect.name == "postgresql":  # SQLite has one writer: the end begins after this transaction
                eventually(waits, "the end waits for the code")
            desk.sessions.note_client(live.id, "ent", now)
        ending.result()
    assert notices(engine) == 1


def test_a_client_that_is_no_longer_registered_is_passed_over(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, live: SessionRow
) -> None:
    with stores.writing() as desk:
        assert session_end(secrets, replace(TOLD, client_id="other")).end(desk, live, now) == ()
    assert notices(engine) == 0


def test_the_session_over_which_another_is_opened_is_told_of_once(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, live: SessionRow
) -> None:
    secret = "a secret"
    with stores.writing() as desk:
        desk.sessions.add_session(replace(live, id="former", secret_hash=secrets.keyed_hash("session", secret)))
        desk.sessions.note_client("former", "ent", now)
    for value in (None, "made up", secret, secret):
        with stores.writing() as desk:
            session_end(secrets).make_room(desk, HeldSecrets.of(value, None), live.account_id, None, now)
    assert notices(engine) == 1


def hold(stores: SqlStores, secrets: MasterKey, now: datetime, count: int) -> tuple[HeldSecrets, list[int]]:
    """Sign so many persons in in one browser, the last one first, and return what it holds, and whose that is."""
    held, accounts = [], []
    for number in range(1, count + 1):
        account_id = add_account(stores, now, number)
        secret = f"secret-{number}"
        one = replace(session_of(account_id, now, f"sid-{number}"), secret_hash=secrets.keyed_hash("session", secret))
        with stores.writing() as desk:
            desk.sessions.add_session(one)
        held.insert(0, secret)
        accounts.insert(0, account_id)
    return HeldSecrets(held[0], tuple(held[1:])), accounts


def over(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT id FROM op_session WHERE ended_at IS NOT NULL")).scalars())


def test_a_browser_keeps_as_many_persons_beside_as_it_may_and_the_oldest_ends(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime
) -> None:
    held, _ = hold(stores, secrets, now, MOST_BESIDE + 1)
    newcomer = add_account(stores, now, 99)
    with stores.writing() as desk:
        beside = session_end(secrets).make_room(desk, held, newcomer, None, now, keeps_others=True)
    assert beside == join(held.secrets[:MOST_BESIDE])
    assert over(engine) == {"sid-1"}
    with stores.reading() as desk:
        assert session_end(secrets).find_staying(desk, held, newcomer, now) == beside, "a POST that comes twice"


def test_the_same_persons_former_session_ends_and_the_others_stay_or_all_end(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime
) -> None:
    held, accounts = hold(stores, secrets, now, 3)
    with stores.writing() as desk:
        beside = session_end(secrets).make_room(desk, held, accounts[1], None, now, keeps_others=True)
    assert (beside, over(engine)) == ("secret-3.secret-1", {"sid-2"})
    with stores.writing() as desk:
        assert session_end(secrets).make_room(desk, held, accounts[1], None, now) == ""
    assert over(engine) == {"sid-1", "sid-2", "sid-3"}
    alone = HeldSecrets("secret-1")
    with stores.writing() as desk:
        assert session_end(secrets).make_room(desk, alone, accounts[1], None, now) is None
        assert session_end(secrets).make_room(desk, alone, accounts[1], None, now, keeps_others=True) is None
