"""A world kept under a name and given back, on both databases: everything that a reset forgets, to the last row."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from idp.adapters.clock import TestClock as MovedClock  # pytest takes the other name for a class of tests
from idp.adapters.directory_tables import kinship
from idp.adapters.extra_claims import ExtraClaims
from idp.adapters.message_reader import MessageReader
from idp.adapters.reset import EMPTIED, back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.snapshots import MOST_SNAPSHOTS, SnapshotRefusedError, Snapshots
from idp.adapters.stores import SqlStores
from idp.adapters.tables import metadata, signing_key
from idp.adapters.tester_tables import seed, snapshot, test_clock
from idp.journeys.rows import AuditEvent, FranceConnectLink, Message
from tests.contracts.rows import activation, add_account, add_session_with_grants, interaction
from tests.contracts.test_account_store import guardian_id, states
from tests.migrations.test_up_and_down import something_for

__all__ = ["guardian_id"]
AWAY = (snapshot, test_clock, signing_key, seed)


@pytest.fixture
def clock(engine: Engine) -> MovedClock:
    return MovedClock(engine)


@pytest.fixture
def snapshots(engine: Engine, clock: MovedClock) -> Snapshots:
    return Snapshots(engine, clock)


@pytest.fixture
def world(stores: SqlStores, engine: Engine, now: datetime, guardian_id: int) -> None:
    """A world with something of every kind in it."""
    code = add_session_with_grants(stores, now)
    add_account(stores, now, 2)
    with stores.writing() as desk:
        desk.accounts.attach_guardian(code.account_id, guardian_id, now)
        links = desk.people.load_kinships([guardian_id])
        desk.people.confirm_kinships([link.id for link in links], now)
        desk.activations.add_activation(activation(now))
        desk.interactions.add_interaction(interaction(now))
        desk.outbox.put(Message("sms", "+33639980001", "texte"), at=now)
        desk.ledger.record(AuditEvent("one", account_id=code.account_id, details={"links": [1]}), now)
        desk.quotas.take("key", limit=3, window=timedelta(hours=1), now=now)
        desk.franceconnect.add_link(FranceConnectLink("fc", "sub", code.account_id, "identity", now))
        desk.franceconnect.keep_id_token(code.session_id, "hint")
        desk.franceconnect.put_sign_in("key", b"value", now)
        desk.pushed_requests.add_request("key", "ent", b"request", now)
        desk.accounts.reserve_identifiant("j.dupont0001", now)
    ExtraClaims(engine).replace("j.dupont0001", {"nickname": "Jo"})


def load_all(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
            if table not in AWAY
        }


@pytest.mark.usefixtures("world")
def test_after_a_reset_the_world_is_given_back_as_it_stood(
    engine: Engine, snapshots: Snapshots, secrets: MasterKey
) -> None:
    before = load_all(engine)
    line = snapshots.save("start")
    back_to_seed(engine, secrets)
    assert load_all(engine) != before
    assert snapshots.restore("start")
    assert load_all(engine) == before
    assert snapshots.load_all() == [line]
    assert line.rows > 15
    assert [message.text for message in MessageReader(engine, secrets).load_messages()] == ["texte"]


@pytest.mark.usefixtures("world")
def test_what_happened_since_is_gone(
    engine: Engine, stores: SqlStores, snapshots: Snapshots, now: datetime, guardian_id: int
) -> None:
    snapshots.save("start")
    before = load_all(engine)
    with stores.writing() as desk:
        desk.sessions.end_account_sessions(1, now)
        desk.people.contest_kinships([link.id for link in desk.people.load_kinships([guardian_id])], now)
        desk.ledger.record(AuditEvent("two"), now)
    add_account(stores, now, 3)
    assert "contested" in states(engine)
    snapshots.restore("start")
    assert load_all(engine) == before


def test_every_table_that_a_reset_empties_is_kept(secrets: MasterKey, engine: Engine, snapshots: Snapshots) -> None:
    """One row in each, whatever is added to the list later."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table not in AWAY:
                connection.execute(table.insert().values({one.name: something_for(one) for one in table.columns}))
        connection.execute(update(kinship).values(state="confirmed"))
    before = load_all(engine)
    assert all(before[table.name] for table in EMPTIED if table not in AWAY)
    snapshots.save("start")
    back_to_seed(engine, secrets)
    snapshots.restore("start")
    assert load_all(engine) == before


@pytest.mark.usefixtures("world")
def test_the_next_rows_are_numbered_after_those_that_were_given_back(
    secrets: MasterKey, engine: Engine, stores: SqlStores, snapshots: Snapshots, now: datetime
) -> None:
    snapshots.save("start")
    back_to_seed(engine, secrets)
    snapshots.restore("start")
    assert add_account(stores, now, 3) > 2


def test_the_time_is_given_back_too(clock: MovedClock, snapshots: Snapshots, now: datetime) -> None:
    clock.set(now)
    snapshots.save("runs")
    clock.freeze()
    clock.set(now + timedelta(days=1))
    snapshots.save("stands")
    clock.reset()
    snapshots.restore("stands")
    assert clock.load_state().now == now + timedelta(days=1)
    assert clock.load_state().frozen
    snapshots.restore("runs")
    assert timedelta() <= clock.now() - now < timedelta(minutes=1)
    assert not clock.load_state().frozen


def test_the_directory_and_the_signing_keys_stay_what_they_are_and_no_key_is_of_the_future(
    engine: Engine, clock: MovedClock, snapshots: Snapshots, now: datetime, guardian_id: int
) -> None:
    clock.freeze()
    clock.set(now)
    snapshots.save("start")
    with engine.begin() as connection:
        values = {column.name: something_for(column) for column in signing_key.columns}
        connection.execute(signing_key.insert().values(values | {"created_at": now + timedelta(days=1)}))
        connection.execute(update(kinship).values(present=False))
    snapshots.restore("start")
    with engine.connect() as connection:
        assert connection.execute(select(signing_key.c.created_at)).scalar_one() == now
        assert set(connection.execute(select(kinship.c.present)).scalars()) == {False}
    assert guardian_id


def test_a_name_is_kept_once_listed_and_forgotten(snapshots: Snapshots, clock: MovedClock, now: datetime) -> None:
    clock.freeze()
    clock.set(now)
    snapshots.save("b")
    snapshots.save("a")
    clock.set(now + timedelta(hours=1))
    snapshots.save("b")
    assert [(one.name, one.saved_at) for one in snapshots.load_all()] == [("a", now), ("b", now + timedelta(hours=1))]
    assert snapshots.forget("a")
    assert not snapshots.forget("a")
    assert not snapshots.restore("a")
    assert [one.name for one in snapshots.load_all()] == ["b"]


def test_they_outlive_a_reset_and_are_bounded(secrets: MasterKey, engine: Engine, snapshots: Snapshots) -> None:
    for number in range(MOST_SNAPSHOTS):
        snapshots.save(f"number-{number}")
    back_to_seed(engine, secrets)
    assert len(snapshots.load_all()) == MOST_SNAPSHOTS
    with pytest.raises(SnapshotRefusedError, match="20 snapshots are kept"):
        snapshots.save("one-more")
    snapshots.save("number-3")


def test_one_that_other_tables_saved_is_refused_and_nothing_is_lost(
    engine: Engine, stores: SqlStores, snapshots: Snapshots, now: datetime
) -> None:
    snapshots.save("start")
    add_account(stores, now)
    with engine.begin() as connection:
        connection.execute(update(snapshot).values(revision="0009"))
    before = load_all(engine)
    with pytest.raises(SnapshotRefusedError, match="save it again"):
        snapshots.restore("start")
    assert load_all(engine) == before


@pytest.mark.usefixtures("world")
def test_whoever_reads_meanwhile_meets_the_one_world_or_the_other(
    secrets: MasterKey, engine: Engine, stores: SqlStores, snapshots: Snapshots
) -> None:
    back_to_seed(engine, secrets)
    snapshots.save("empty")
    add_account(stores, datetime.now().astimezone(), 7)  # noqa: TID251  any moment
    snapshots.save("one")

    def look(_: int) -> int:
        with stores.reading() as desk:
            return 0 if desk.accounts.load_by_identifiant("j.dupont0007") is None else 1

    def swing() -> Iterator[None]:
        for _ in range(10):
            snapshots.restore("empty")
            snapshots.restore("one")
            yield

    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(look, number) for number in range(40)]
        assert len(list(swing())) == 10
        assert {one.result() for one in looks} <= {0, 1}
    assert look(0) == 1
