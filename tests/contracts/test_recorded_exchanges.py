"""The tape of requests and answers, on both databases: bounded, filtered, paused."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, update

from idp.adapters.recorded_exchanges import MOST_EXCHANGES, RecordedExchanges
from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.tester_tables import recorded_exchange

CONTENT = {"request": {"path": "/é"}, "answer": {"status": 200}}


@pytest.fixture
def tape(engine: Engine) -> RecordedExchanges:
    return RecordedExchanges(engine)


def ids(tape: RecordedExchanges, now: datetime, **filters: object) -> list[int]:
    asked = {"client_id": "", "after": 0, "since": now - timedelta(days=1), **filters}
    return [one.id for one in tape.load(**asked)]  # type: ignore[arg-type]  # by their names


def test_exchanges_are_read_in_their_order_by_client_place_and_moment(tape: RecordedExchanges, now: datetime) -> None:
    for number, client_id in enumerate(["ent", None, "rich", "ent"]):
        tape.add(client_id, CONTENT, now + timedelta(seconds=number))
    first, _, third, last = ids(tape, now)
    assert ids(tape, now, client_id="ent") == [first, last]
    assert ids(tape, now, after=third) == [last]
    assert ids(tape, now, since=now + timedelta(seconds=2)) == [third, last]
    [one, *_] = tape.load(client_id="ent", after=0, since=now)
    assert (one.at, one.client_id, one.content) == (now, "ent", CONTENT)


def test_the_oldest_go_when_there_are_too_many(tape: RecordedExchanges, engine: Engine, now: datetime) -> None:
    for _ in range(3):
        tape.add(None, CONTENT, now)
    before = ids(tape, now)
    with engine.begin() as connection:
        later = recorded_exchange.c.id + MOST_EXCHANGES
        connection.execute(update(recorded_exchange).where(recorded_exchange.c.id > before[1]).values(id=later))
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.setval("recorded_exchange_id_seq", before[2] + MOST_EXCHANGES)))
    tape.add(None, CONTENT, now)
    left = ids(tape, now)
    assert (len(left), left[0] - left[-1] > -MOST_EXCHANGES) == (2, True)


def test_while_it_is_paused_nothing_is_kept_and_what_was_stays(tape: RecordedExchanges, now: datetime) -> None:
    tape.add("ent", CONTENT, now)
    tape.pause()
    tape.pause()
    assert tape.is_paused()
    tape.add("ent", CONTENT, now)
    assert len(ids(tape, now)) == 1
    tape.resume()
    tape.add("ent", CONTENT, now)
    assert (len(ids(tape, now)), tape.is_paused()) == (2, False)
    tape.forget()
    assert ids(tape, now) == []


def test_a_reset_leaves_the_tape(secrets: MasterKey, tape: RecordedExchanges, engine: Engine, now: datetime) -> None:
    tape.add("ent", CONTENT, now)
    back_to_seed(engine, secrets)
    assert len(ids(tape, now)) == 1
