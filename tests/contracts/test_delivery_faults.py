"""Texts that a tester lets go wrong, on both databases: lost, late, doubled; and what the simulated phone shows meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from idp.adapters.delivery_faults import DeliveryFaults, Kind
from idp.adapters.message_reader import MessageReader
from idp.adapters.messages import OutboxWorker
from idp.adapters.reset import back_to_seed
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores
from idp.journeys.rows import Message
from tests.contracts.test_outbox import Gateway, HandClock, clock, gateway

__all__ = ["clock", "gateway"]
JOE, ANGELA = "+33639980001", "+33639980002"


@pytest.fixture
def faults(engine: Engine, secrets: MasterKey) -> DeliveryFaults:
    return DeliveryFaults(engine, secrets)


@pytest.fixture
def worker(
    engine: Engine, secrets: MasterKey, clock: HandClock, gateway: Gateway, faults: DeliveryFaults
) -> OutboxWorker:
    return OutboxWorker(engine, secrets, clock, {"sms": gateway}, keep_bodies=True, before_first_try=faults.meet)


@pytest.fixture
def phone(engine: Engine, secrets: MasterKey) -> MessageReader:
    return MessageReader(engine, secrets)


def put(stores: SqlStores, now: datetime, body: str, to: str = JOE) -> None:
    with stores.writing() as desk:
        desk.outbox.put(Message("sms", to, body), at=now)


def shown(phone: MessageReader, to: str = JOE) -> list[str]:
    return [message.text for message in phone.load_messages(to)]


def test_a_text_that_is_lost_never_arrives_and_the_next_one_does(
    stores: SqlStores, now: datetime, clock: HandClock, gateway: Gateway, worker: OutboxWorker, faults: DeliveryFaults,
    phone: MessageReader,
) -> None:  # fmt: skip
    faults.arm(JOE, Kind.FAIL, times=1)
    put(stores, now, "first")
    put(stores, now, "second")
    put(stores, now, "another's", ANGELA)
    assert shown(phone) == [], "not before it is known whether it arrives"
    assert shown(phone, ANGELA) == ["another's"]
    worker.run_once()
    clock.moment += timedelta(days=2)
    worker.run_once()
    assert sorted(gateway.taken) == [(JOE, "second"), (ANGELA, "another's")]
    assert shown(phone) == ["second"]
    assert faults.load_armed() == []


def test_a_late_text_arrives_after_its_delay_by_the_instance_s_clock_and_uses_one_fault(
    stores: SqlStores, now: datetime, clock: HandClock, gateway: Gateway, worker: OutboxWorker, faults: DeliveryFaults,
    phone: MessageReader,
) -> None:  # fmt: skip
    faults.arm(JOE, Kind.DELAY, times=2, delay_seconds=90)
    put(stores, now, "late")
    worker.run_once()
    clock.moment += timedelta(seconds=89)
    worker.run_once()
    assert gateway.taken == []
    assert shown(phone) == []
    clock.moment += timedelta(seconds=1)
    worker.run_once()
    assert gateway.taken == [(JOE, "late")]
    assert shown(phone) == ["late"]
    assert [one.times_left for one in faults.load_armed()] == [1], "for the next text, not for the next try"


def test_a_doubled_text_leaves_twice_and_is_twice_on_the_phone(
    stores: SqlStores, now: datetime, gateway: Gateway, worker: OutboxWorker, faults: DeliveryFaults,
    phone: MessageReader,
) -> None:  # fmt: skip
    faults.arm(JOE, Kind.DUPLICATE, times=1)
    put(stores, now, "twice")
    worker.run_once()
    assert gateway.taken == [(JOE, "twice")] * 2
    assert shown(phone) == ["twice", "twice"]


def test_what_was_armed_first_is_met_first(
    stores: SqlStores, now: datetime, gateway: Gateway, worker: OutboxWorker, faults: DeliveryFaults
) -> None:
    faults.arm(JOE, Kind.DUPLICATE, times=1)
    faults.arm(JOE, Kind.FAIL, times=1)
    for body in ("first", "second", "third"):
        put(stores, now, body)
    worker.run_once()
    assert sorted(gateway.taken) == [(JOE, "first"), (JOE, "first"), (JOE, "third")]


def test_what_is_armed_is_listed_by_its_number_and_sealed_in_the_table(faults: DeliveryFaults, engine: Engine) -> None:
    armed = faults.arm(JOE, Kind.DELAY, times=3, delay_seconds=60)
    assert faults.load_armed() == [armed]
    assert (armed.to, armed.kind, armed.times_left, armed.delay_seconds) == (JOE, "delay", 3, 60)
    with engine.connect() as connection:
        raw = bytes(connection.execute(text("SELECT recipient FROM delivery_fault")).scalar_one())
    assert JOE.encode() not in raw


def test_once_disarmed_nothing_more_goes_wrong_and_what_was_lost_stays_lost(
    stores: SqlStores, now: datetime, worker: OutboxWorker, faults: DeliveryFaults, phone: MessageReader
) -> None:
    faults.arm(JOE, Kind.FAIL, times=5)
    put(stores, now, "lost")
    worker.run_once()
    faults.disarm()
    put(stores, now, "sent")
    worker.run_once()
    assert shown(phone) == ["sent"]


def test_forgetting_the_texts_keeps_what_is_armed_and_the_way_back_to_the_seed_does_not(
    secrets: MasterKey, engine: Engine, faults: DeliveryFaults, phone: MessageReader
) -> None:
    faults.arm(JOE, Kind.FAIL, times=1)
    phone.purge()
    assert len(faults.load_armed()) == 1
    back_to_seed(engine, secrets)
    assert faults.load_armed() == []


def test_of_ten_workers_two_meet_a_fault_that_is_armed_twice(
    engine: Engine, secrets: MasterKey, stores: SqlStores, now: datetime, clock: HandClock, gateway: Gateway,
    faults: DeliveryFaults,
) -> None:  # fmt: skip
    faults.arm(JOE, Kind.FAIL, times=1)
    faults.arm(JOE, Kind.FAIL, times=1)
    for number in range(10):
        put(stores, now, f"texte {number}")
    workers = [
        OutboxWorker(engine, secrets, clock, {"sms": gateway}, keep_bodies=True, before_first_try=faults.meet)
        for _ in range(10)
    ]
    with ThreadPoolExecutor(10) as pool:
        tried = sum(pool.map(lambda worker: worker.run_once(), workers))
    assert tried == 10
    assert len(gateway.taken) == 8
