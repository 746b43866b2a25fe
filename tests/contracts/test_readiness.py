"""What /readyz says, and that it says why."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from idp.adapters.clock import SystemClock
from idp.adapters.messages import OutboxWorker
from idp.adapters.readiness import readiness_checks
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import SqlSigningKeys
from idp.adapters.stores import SqlStores, make_engine
from idp.adapters.tables import outbox_sender
from idp.journeys.logout_notice import LogoutNotice
from idp.journeys.rows import Message

REAL = SystemClock()


class HandClock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def ask(engine: Engine, secrets: MasterKey, clock: HandClock) -> dict[str, str]:
    worker = OutboxWorker(engine, secrets, clock, {}, keep_bodies=False)
    checks = readiness_checks(engine, SqlSigningKeys(engine, secrets, clock), worker, clock)
    return {name: check() for name, check in checks.items()}


def send(engine: Engine, secrets: MasterKey, clock: HandClock) -> None:
    OutboxWorker(engine, secrets, clock, {}, keep_bodies=False).run_once()


def test_all_is_well_once_a_process_looks_for_messages(engine: Engine, secrets: MasterKey, now: datetime) -> None:
    clock = HandClock(now)
    assert ask(engine, secrets, clock) == {
        "database": "",
        "keys": "",
        "outbox": "no process has looked for messages yet",
    }
    send(engine, secrets, clock)
    assert ask(engine, secrets, clock) == {"database": "", "keys": "", "outbox": ""}


def test_a_sender_that_died_is_missed_whatever_the_clock_of_a_test_instance_says(
    engine: Engine, secrets: MasterKey, now: datetime
) -> None:
    clock = HandClock(now)
    send(engine, secrets, clock)
    clock.moment += timedelta(days=400)
    assert ask(engine, secrets, clock)["outbox"] == ""
    with engine.begin() as connection:
        connection.execute(outbox_sender.update().values(seen_at=REAL.now() - timedelta(minutes=7)))
    assert ask(engine, secrets, clock)["outbox"] == "no process has looked for messages for 7 minutes"


def test_a_message_that_waits_for_long_is_told(
    engine: Engine, stores: SqlStores, secrets: MasterKey, now: datetime
) -> None:
    clock = HandClock(now)
    send(engine, secrets, clock)
    with stores.writing() as desk:
        desk.outbox.put(Message("sms", "+33639980001", "un texte"), at=now)
    clock.moment += timedelta(minutes=10)
    assert ask(engine, secrets, clock)["outbox"] == ""
    clock.moment += timedelta(minutes=1)
    assert ask(engine, secrets, clock)["outbox"] == "the oldest message has been waiting for 11 minutes"


def test_an_ent_that_nobody_can_tell_takes_no_page_out_of_service(
    engine: Engine, stores: SqlStores, secrets: MasterKey, now: datetime
) -> None:
    clock = HandClock(now)
    send(engine, secrets, clock)
    with stores.writing() as desk:
        desk.outbox.put(LogoutNotice("ent", "a-session", "a-subject", 7).to_message(), at=now)
    clock.moment += timedelta(minutes=11)
    assert ask(engine, secrets, clock)["outbox"] == ""


def test_another_master_key_and_another_revision_are_told_apart(
    engine: Engine, secrets: MasterKey, now: datetime
) -> None:
    clock = HandClock(now)
    send(engine, secrets, clock)
    ask(engine, secrets, clock)
    assert ask(engine, MasterKey(bytes(32)), clock)["keys"] == "the signing key cannot be opened with this master key"
    with engine.begin() as connection:
        (head,) = connection.execute(text("SELECT version_num FROM alembic_version")).one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        told = ask(engine, secrets, clock)["database"]
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert told == (f"has the tables of revision 0000, and this version of Préau needs {head}: run preau db upgrade")


def test_an_empty_database_and_one_that_is_gone_are_told_apart(
    tmp_path: Path, secrets: MasterKey, now: datetime
) -> None:
    clock = HandClock(now)
    empty = make_engine(f"sqlite:///{tmp_path}/empty.db")
    assert ask(empty, secrets, clock)["database"] == "has no tables: run preau db upgrade"
    empty.dispose()
    gone = make_engine("postgresql://nobody@localhost:1/nothing?connect_timeout=1")
    assert ask(gone, secrets, clock)["database"] == "does not answer"
    assert ask(gone, secrets, clock)["keys"].startswith("cannot be read")
    assert ask(gone, secrets, clock)["outbox"].startswith("cannot be read")
    gone.dispose()


def test_the_state_of_the_outbox_is_counted(
    engine: Engine, stores: SqlStores, secrets: MasterKey, now: datetime
) -> None:
    worker = OutboxWorker(engine, secrets, HandClock(now), {}, keep_bodies=False)
    state = worker.load_state(now)
    assert (state.waiting, state.due, state.oldest_due) == (0, 0, None)
    with stores.writing() as desk:
        desk.outbox.put(Message("sms", "+33639980001", "un texte"), at=now - timedelta(minutes=3))
        desk.outbox.put(Message("sms", "+33639980001", "un texte"), at=now + timedelta(minutes=3))
    state = worker.load_state(now)
    assert (state.waiting, state.due, state.oldest_due) == (2, 1, timedelta(minutes=3))
