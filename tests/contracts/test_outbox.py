from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from idp.adapters.ledger import LedgerLine, LedgerReader
from idp.adapters.message_reader import MessageReader
from idp.adapters.messages import OutboxWorker
from idp.adapters.secrets import MasterKey
from idp.adapters.sms import SmsRefused, SmsUnavailable
from idp.adapters.stores import SqlStores
from idp.journeys.rows import AuditEvent, Message

JOE = "+33639980001"


class HandClock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Gateway:
    """Takes texts, or refuses as it was told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.trouble: Exception | None = None

    def send(self, recipient: str, body: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.taken.append((recipient, body))


@pytest.fixture
def clock(now: datetime) -> HandClock:
    return HandClock(now)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def make_worker(engine: Engine, secrets: MasterKey, clock: HandClock, gateway: Gateway) -> Callable[..., OutboxWorker]:
    def make(*, keep_bodies: bool = False) -> OutboxWorker:
        return OutboxWorker(engine, secrets, clock, {"sms": gateway}, keep_bodies=keep_bodies)

    return make


def put(stores: SqlStores, now: datetime, count: int = 1) -> None:
    with stores.writing() as desk:
        for number in range(count):
            desk.outbox.put(Message("sms", JOE, f"texte {number}"), at=now)


def test_a_message_of_a_transaction_that_fails_was_never_written(
    stores: SqlStores, now: datetime, make_worker: Callable[..., OutboxWorker]
) -> None:
    def fail() -> None:
        with stores.writing() as desk:
            desk.outbox.put(Message("sms", JOE, "texte"), at=now)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert make_worker().run_once() == 0


def test_ten_workers_send_each_message_once(
    stores: SqlStores, now: datetime, gateway: Gateway, make_worker: Callable[..., OutboxWorker]
) -> None:
    put(stores, now, 20)
    with ThreadPoolExecutor(10) as pool:
        tried = list(pool.map(lambda worker: worker.run_once(), [make_worker() for _ in range(10)]))
    assert sum(tried) == 20
    assert sorted(gateway.taken) == sorted((JOE, f"texte {number}") for number in range(20))


def test_neither_number_nor_text_can_be_read_in_the_table_and_both_go_once_sent(
    stores: SqlStores, engine: Engine, now: datetime, make_worker: Callable[..., OutboxWorker]
) -> None:
    put(stores, now)
    with engine.connect() as connection:
        raw = b"".join(bytes(value) for value in connection.execute(text("SELECT recipient, body FROM outbox")).one())
    assert b"texte" not in raw
    assert JOE.encode() not in raw
    make_worker().run_once()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT recipient, body FROM outbox")).one() == (None, None)


def test_a_test_instance_keeps_them_for_its_simulated_phone_newest_first(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, make_worker: Callable[..., OutboxWorker]
) -> None:
    put(stores, now, 2)
    make_worker(keep_bodies=True).run_once()
    reader = MessageReader(engine, secrets)
    assert [message.text for message in reader.load_messages(JOE)] == ["texte 1", "texte 0"]
    assert reader.load_messages("+33639980002") == []
    reader.purge()
    assert reader.load_messages() == []


def test_a_gateway_that_is_gone_is_asked_again_later_and_later(
    stores: SqlStores, now: datetime, clock: HandClock, gateway: Gateway, make_worker: Callable[..., OutboxWorker]
) -> None:
    put(stores, now)
    worker = make_worker()
    gateway.trouble = SmsUnavailable("no route")
    assert worker.run_once() == 1
    assert worker.run_once() == 0, "not before its time"
    clock.moment += timedelta(seconds=5)
    assert worker.run_once() == 1
    clock.moment += timedelta(seconds=5)
    assert worker.run_once() == 0, "longer each time"
    gateway.trouble = None
    clock.moment += timedelta(hours=2)
    assert worker.oldest_due_age(clock.moment) is not None
    assert worker.run_once() == 1
    assert gateway.taken == [(JOE, "texte 0")]
    assert worker.oldest_due_age(clock.moment) is None


def test_a_gateway_that_refuses_is_not_asked_again(
    stores: SqlStores, now: datetime, clock: HandClock, gateway: Gateway, make_worker: Callable[..., OutboxWorker]
) -> None:
    put(stores, now)
    gateway.trouble = SmsRefused("no such number")
    make_worker().run_once()
    gateway.trouble = None
    clock.moment += timedelta(days=2)
    assert make_worker().run_once() == 0


@pytest.mark.parametrize("channel", ["sms", "mail"])
def test_what_is_given_up_has_a_line_of_the_audit_trail_that_says_why_and_neither_to_whom_nor_what(
    stores: SqlStores,
    engine: Engine,
    secrets: MasterKey,
    now: datetime,
    clock: HandClock,
    gateway: Gateway,
    channel: str,
) -> None:
    with stores.writing() as desk:
        desk.outbox.put(Message(channel, JOE, "texte"), at=now)
    gateway.trouble = SmsRefused("the gateway refused the text with status 422")
    heard: list[AuditEvent] = []
    OutboxWorker(engine, secrets, clock, {channel: gateway}, keep_bodies=True, watch=Listening(heard.append)).run_once()
    (line,) = lines(engine)
    assert (line.event, line.at) == (f"{channel}.given-up", now)
    assert line.details == {"reason": "the gateway refused the text with status 422"}
    assert [one.event for one in heard] == [line.event], "and metrics hear of it"


@pytest.mark.parametrize(("channel", "tries"), [("sms", 6), ("mail", 6)])
def test_a_channel_that_is_gone_for_hours_is_given_up_at_last_with_one_line(
    stores: SqlStores, engine: Engine, secrets: MasterKey, now: datetime, clock: HandClock, gateway: Gateway,
    channel: str, tries: int,
) -> None:  # fmt: skip
    with stores.writing() as desk:
        desk.outbox.put(Message(channel, JOE, "texte"), at=now)
    gateway.trouble = SmsUnavailable("no route")
    worker = OutboxWorker(engine, secrets, clock, {channel: gateway}, keep_bodies=False)
    for number in range(tries):
        assert worker.run_once() == 1, number
        assert len(lines(engine)) == (1 if number == tries - 1 else 0), number
        clock.moment += timedelta(hours=3)
    assert worker.run_once() == 0
    assert lines(engine)[0].details == {"reason": "no route"}


def test_what_is_sent_has_no_such_line(
    stores: SqlStores, engine: Engine, now: datetime, make_worker: Callable[..., OutboxWorker]
) -> None:
    put(stores, now)
    make_worker().run_once()
    assert lines(engine) == []


def test_a_channel_has_its_own_workers(
    stores: SqlStores, now: datetime, gateway: Gateway, make_worker: Callable[..., OutboxWorker]
) -> None:
    with stores.writing() as desk:
        desk.outbox.put(Message("mail", "joe@famille.example", "mail"), at=now)
    assert make_worker().run_once() == 0, "this one sends texts"
    assert gateway.taken == []


class Listening:
    """Hears what becomes of messages."""

    def __init__(self, hear: Callable[[AuditEvent], None]) -> None:
        self.reported = hear

    def sending(self, channel: str) -> AbstractContextManager[None]:
        del channel
        return nullcontext()

    def message(self, channel: str, outcome: str) -> None:
        """Count nothing."""


def lines(engine: Engine) -> list[LedgerLine]:
    return LedgerReader(engine).load_lines()


def test_a_message_whose_sender_was_killed_is_sent_after_its_lease(
    stores: SqlStores, engine: Engine, now: datetime, clock: HandClock, gateway: Gateway,
    make_worker: Callable[..., OutboxWorker],
) -> None:  # fmt: skip
    put(stores, now)

    class Killed(BaseException):
        pass

    gateway.trouble = Killed()  # type: ignore[assignment]  # what a kill looks like from inside
    with pytest.raises(Killed):
        make_worker().run_once()
    gateway.trouble = None
    assert make_worker().run_once() == 0, "somebody may still be sending it"
    clock.moment += timedelta(minutes=5)
    assert make_worker().run_once() == 1
    assert gateway.taken == [(JOE, "texte 0")]
    del engine
