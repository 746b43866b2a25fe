"""What retention looks for, on both databases: what is due and nothing else, under a lock that shows what others left behind."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, text, update

from idp.adapters.expiry import Expiry
from idp.adapters.retention_tables import closing_warning, purge_mark
from idp.adapters.stores import SqlStores
from idp.adapters.tables import account, audit, outbox
from idp.journeys.retention_ports import BEGINNING, ClosingWarning, Place, Standing, Stretch, Trail
from idp.journeys.rows import AuditEvent, Message
from tests.contracts.rows import add_account, session_of
from tests.contracts.test_expiry import StandingClock

DAY = timedelta(days=1)


def warn(stores: SqlStores, account_id: int, at: datetime, look_at: datetime) -> ClosingWarning:
    warning = ClosingWarning(1, at, at + 30 * DAY)
    with stores.writing() as desk:
        desk.retention.note_warning(account_id, warning, look_at)
    return warning


def test_accounts_come_by_their_last_known_use_batch_after_batch(stores: SqlStores, now: datetime) -> None:
    old, same, young = (add_account(stores, now + DAY * days, number) for number, days in enumerate((0, 0, 9)))
    with stores.reading() as desk:
        assert desk.retention.load_unused(now, BEGINNING, 1) == [Place(now, old)]
        assert desk.retention.load_unused(now, Place(now, old), 5) == [Place(now, same)]
        assert desk.retention.load_unused(now, Place(now, same), 5) == []
        both = desk.retention.load_unused(now + 9 * DAY, Place(now, old), 5)
    assert both == [Place(now, same), Place(now + 9 * DAY, young)]


def test_who_was_warned_is_looked_at_when_something_is_due_and_not_among_the_unused(
    stores: SqlStores, now: datetime
) -> None:
    account_id = add_account(stores, now)
    warning = warn(stores, account_id, now, now + DAY)
    with stores.reading() as desk:
        assert desk.retention.load_unused(now, BEGINNING, 5) == []
        assert desk.retention.load_warned(now, BEGINNING, 5) == []
        assert desk.retention.load_warned(now + DAY, BEGINNING, 5) == [Place(now + DAY, account_id)]
        assert desk.retention.load_standing(account_id) == Standing(account_id, now, warning)


def test_who_asked_for_an_end_comes_once_it_has_come(stores: SqlStores, engine: Engine, now: datetime) -> None:
    asked = [add_account(stores, now, number) for number in range(3)]
    with engine.begin() as connection:
        for days, account_id in enumerate(asked[:2]):
            connection.execute(update(account).where(account.c.id == account_id).values(closes_at=now + days * DAY))
    with stores.reading() as desk:
        assert desk.retention.load_asked(now, BEGINNING, 5) == [Place(now, asked[0])]
        assert desk.retention.load_asked(now + DAY, Place(now, asked[0]), 5) == [Place(now + DAY, asked[1])]
        assert desk.retention.load_standing(asked[1]) == Standing(asked[1], now, asked_end=now + DAY)


def test_another_warning_takes_the_place_of_the_first_and_a_use_makes_both_forgotten(
    stores: SqlStores, now: datetime
) -> None:
    account_id = add_account(stores, now)
    warn(stores, account_id, now, now + DAY)
    second = warn(stores, account_id, now + DAY, now + 2 * DAY)
    with stores.writing() as desk:
        assert desk.retention.hold_standing(account_id) == Standing(account_id, now, second)
        desk.retention.note_use(account_id, now + 3 * DAY)
    with stores.reading() as desk:
        assert desk.retention.load_warned(now + 9 * DAY, BEGINNING, 5) == []
        assert desk.retention.load_unused(now + 9 * DAY, BEGINNING, 5) == [Place(now + 3 * DAY, account_id)]


def test_an_account_is_used_by_its_making_its_passwords_and_its_sign_ins(stores: SqlStores, now: datetime) -> None:
    account_id = add_account(stores, now)

    def used_at() -> datetime:
        with stores.reading() as desk:
            standing = desk.retention.load_standing(account_id)
        assert standing is not None
        return standing.used_at

    assert used_at() == now
    with stores.writing() as desk:
        desk.accounts.set_password(account_id, None, now + DAY)
    assert used_at() == now + DAY
    with stores.writing() as desk:
        desk.accounts.note_sign_in(account_id, now + 2 * DAY, password_hash=None)
    assert used_at() == now + 2 * DAY
    with stores.writing() as desk:
        desk.sessions.add_session(session_of(account_id, now + 3 * DAY))
    assert used_at() == now + 3 * DAY
    with stores.reading() as desk:
        assert desk.retention.load_standing(account_id + 1) is None


def test_who_came_through_franceconnect_counts_once_the_session_is_forgotten_too(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    came, signed_in = add_account(stores, now), add_account(stores, now, 2)
    with stores.writing() as desk:
        desk.sessions.add_session(session_of(came, now + DAY, "through FranceConnect"))
        desk.sessions.add_session(session_of(signed_in, now + DAY, "by password"))
        desk.accounts.note_sign_in(signed_in, now + 2 * DAY, password_hash="encoded")
    Expiry(engine, StandingClock(now + 9 * DAY)).run_once()
    with stores.reading() as desk:
        assert desk.sessions.load_account_sessions(came) == []
        assert desk.retention.load_standing(came) == Standing(came, now + DAY)
        assert desk.retention.load_standing(signed_in) == Standing(signed_in, now + 2 * DAY)


def test_who_waits_for_an_account_sees_what_the_other_one_left(stores: SqlStores, now: datetime) -> None:
    account_id = add_account(stores, now)
    seen: list[Standing | None] = []

    def hold() -> None:
        with stores.writing() as desk:
            seen.append(desk.retention.hold_standing(account_id))

    with stores.writing() as desk:
        desk.retention.hold_standing(account_id)
        waiting = threading.Thread(target=hold)
        waiting.start()
        waiting.join(0.3)
        assert seen == [], "the other one waits"
        warning = ClosingWarning(1, now, now + 30 * DAY)
        desk.retention.note_warning(account_id, warning, now + DAY)
    waiting.join(10)
    assert seen == [Standing(account_id, now, warning)]


# --- trails --------------------------------------------------------------------------------------------------------------------------


def write_lines(stores: SqlStores, now: datetime, days: tuple[int, ...]) -> list[int]:
    for at in days:
        with stores.writing() as desk:
            desk.ledger.record(AuditEvent("sign-in.refused"), now + at * DAY)
    with stores.engine.connect() as connection:
        return list(connection.execute(select(audit.c.id).order_by(audit.c.id)).scalars())


def test_lines_are_forgotten_as_far_as_they_are_due_and_it_is_written_down_up_to_when(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    ids = write_lines(stores, now, (0, 1, 5, 2))
    before = now + 2 * DAY
    with stores.writing() as desk:
        assert desk.retention.survey(Trail.AUDIT, before, 0, 2) == Stretch(ids[1], 2)
        assert desk.retention.survey(Trail.AUDIT, before, ids[1], 5) == Stretch(ids[3], 1)
        assert desk.retention.survey(Trail.AUDIT, before, ids[3], 5) == Stretch(ids[3], 0)
        assert desk.retention.forget(Trail.AUDIT, before, 0, ids[1]) == 2
        assert desk.retention.forget(Trail.AUDIT, now, 0, ids[1]) == 0
    with engine.connect() as connection:
        assert list(connection.execute(select(audit.c.id).order_by(audit.c.id)).scalars()) == ids[2:]
        assert connection.execute(select(purge_mark)).all() == [("audit", before)], "never back"


def test_a_message_that_waits_is_never_forgotten(stores: SqlStores, engine: Engine, now: datetime) -> None:
    with stores.writing() as desk:
        for number in range(4):
            desk.outbox.put(Message("sms", f"+3363998000{number}", "text"), at=now)
    with engine.begin() as connection:
        ids = list(connection.execute(select(outbox.c.id).order_by(outbox.c.id)).scalars())
        connection.execute(update(outbox).where(outbox.c.id == ids[0]).values(sent_at=now))
        connection.execute(update(outbox).where(outbox.c.id == ids[1]).values(failed_at=now))
        connection.execute(update(outbox).where(outbox.c.id == ids[2]).values(sent_at=now + DAY))
    with stores.writing() as desk:
        assert desk.retention.survey(Trail.MESSAGES, now, 0, 9) == Stretch(ids[3], 2)
        assert desk.retention.forget(Trail.MESSAGES, now, 0, ids[3]) == 2
    with engine.connect() as connection:
        assert list(connection.execute(select(outbox.c.id).order_by(outbox.c.id)).scalars()) == ids[2:]


# --- a great many of them -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(engine: Engine, now: datetime) -> None:
    """Five thousand accounts that were used today, ten that were not for a year, and a thousand whose person was warned yesterday."""
    with engine.begin() as connection:
        connection.execute(
            insert(account),
            [
                {
                    "identifiant": f"j.dupont{number:04}",
                    "subject_seed": f"seed {number}",
                    "family_name": "DUPONT",
                    "given_name": "Joe",
                    "created_at": now - 400 * DAY,
                    "unused_since": None if number >= 5010 else now if number >= 10 else now - 365 * DAY,
                }
                for number in range(6010)
            ],
        )
        warned = connection.execute(select(account.c.id).where(account.c.unused_since.is_(None))).scalars().all()
        connection.execute(
            insert(closing_warning),
            [
                {"account_id": one, "stage": 1, "warned_at": now - DAY, "closes_at": now + 29 * DAY, "look_at": now + 22 * DAY}
                for one in warned
            ],
        )  # fmt: skip
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))


PLANS = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}


@pytest.mark.usefixtures("crowd")
def test_of_thousands_of_accounts_only_those_that_are_due_are_read(
    stores: SqlStores, engine: Engine, now: datetime
) -> None:
    asked: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, words: str, values: object, *_: object) -> None:
        asked.append((words, values))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        with stores.reading() as desk:
            assert len(desk.retention.load_unused(now - 335 * DAY, BEGINNING, 200)) == 10
            assert desk.retention.load_warned(now, BEGINNING, 200) == []
            assert desk.retention.load_asked(now, BEGINNING, 200) == []
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    indexes = ("ix_account_unused_since", "ix_closing_warning_look_at", "ix_account_closes_at")
    for (words, values), index in zip(asked, indexes, strict=True):
        with engine.connect() as connection:
            plan = "\n".join(map(str, connection.exec_driver_sql(PLANS[engine.dialect.name] + words, values)))
        assert index in plan, plan
        assert "SCAN" not in plan, plan
        assert "Seq Scan" not in plan, plan
