"""Notices of logouts wait in the outbox as texts do, leave it when they are over, and the audit trail says what became of them."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from idp.adapters.ledger import LedgerReader
from idp.adapters.message_reader import MessageReader
from idp.adapters.messages import OutboxWorker
from idp.adapters.secrets import MasterKey
from idp.adapters.sending import NeverSent, NotSentYet
from idp.adapters.stores import SqlStores
from idp.journeys.logout_notice import LOGOUT_CHANNEL, LogoutNotice
from idp.journeys.rows import AuditEvent, Message

NOTICE = LogoutNotice("ent", "a-session", "a-subject", 7)
JOE = "+33639980001"


class HandClock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Receiver:
    """Takes what comes, or fails as it was told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.trouble: Exception | None = None
        self.meanwhile: Callable[[], Any] = lambda: None

    def send(self, recipient: str, body: str) -> None:
        self.meanwhile()
        if self.trouble is not None:
            raise self.trouble
        self.taken.append((recipient, body))


@pytest.fixture
def clock(now: datetime) -> HandClock:
    return HandClock(now)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def make_worker(engine: Engine, secrets: MasterKey, clock: HandClock) -> Callable[..., OutboxWorker]:
    def make(receiver: Receiver, channel: str = LOGOUT_CHANNEL, **more: Any) -> OutboxWorker:
        # As on a test instance: even there, nothing of a logout is kept.
        return OutboxWorker(engine, secrets, clock, {channel: receiver}, keep_bodies=True, **more)

    return make


@pytest.fixture
def worker(make_worker: Callable[..., OutboxWorker], receiver: Receiver) -> OutboxWorker:
    return make_worker(receiver)


@pytest.fixture(autouse=True)
def notice(stores: SqlStores, now: datetime) -> None:
    with stores.writing() as desk:
        desk.outbox.put(NOTICE.to_message(), at=now)


def left(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM outbox")).scalar_one())


def lines(engine: Engine) -> list[tuple[str, int | None, str | None, dict[str, Any]]]:
    return [(one.event, one.account_id, one.client_id, one.details) for one in LedgerReader(engine).load_lines()]


def test_a_notice_is_sealed_and_gone_once_the_client_is_told(
    engine: Engine, receiver: Receiver, worker: OutboxWorker
) -> None:
    with engine.connect() as connection:
        raw = b"".join(map(bytes, connection.execute(text("SELECT recipient, body FROM outbox")).one()))
    assert not [word for word in (b"ent", b"a-session", b"a-subject") if word in raw]
    assert worker.run_once() == 1
    assert [LogoutNotice.from_message(*one) for one in receiver.taken] == [NOTICE]
    assert left(engine) == 0
    assert lines(engine) == [("logout.told", 7, "ent", {"session": "a-session"})]


def test_a_refusal_is_reported_and_the_notice_is_gone(engine: Engine, receiver: Receiver, worker: OutboxWorker) -> None:
    receiver.trouble = NeverSent("the client refused with status 400")
    assert worker.run_once() == 1
    assert left(engine) == 0
    told = {"session": "a-session", "reason": "the client refused with status 400"}
    assert lines(engine) == [("logout.not-told", 7, "ent", told)]


def test_it_is_tried_five_times_in_three_minutes_and_then_reported(
    engine: Engine, clock: HandClock, receiver: Receiver, worker: OutboxWorker
) -> None:
    receiver.trouble = NotSentYet("no answer")
    for pause in (0, 2, 10, 30, 120):
        clock.moment += timedelta(seconds=pause - 0.1)
        assert worker.run_once() == 0, "not before its time"
        clock.moment += timedelta(seconds=0.1)
        assert left(engine) == 1
        assert worker.run_once() == 1
    assert left(engine) == 0
    assert [line[0] for line in lines(engine)] == ["logout.not-told"]


def test_another_master_key_cannot_tell_whom_it_was_for_and_the_report_says_so(
    engine: Engine, clock: HandClock, receiver: Receiver
) -> None:
    stranger = OutboxWorker(engine, MasterKey(bytes(32)), clock, {LOGOUT_CHANNEL: receiver}, keep_bodies=False)
    for _ in range(5):
        assert stranger.run_once() == 1
        clock.moment += timedelta(minutes=3)
    assert lines(engine) == [("logout.not-told", None, None, {"reason": "cannot be unsealed"})]


def test_who_answers_late_is_not_reported_twice(
    engine: Engine, clock: HandClock, make_worker: Callable[..., OutboxWorker], receiver: Receiver
) -> None:
    def let_the_lease_run_out() -> None:
        clock.moment += timedelta(minutes=6)
        assert make_worker(Receiver()).run_once() == 1

    heard: list[AuditEvent] = []

    class Watch:
        def sending(self, channel: str) -> nullcontext[None]:
            del channel
            return nullcontext()

        def message(self, channel: str, outcome: str) -> None:
            """Count nothing."""

        def reported(self, event: AuditEvent) -> None:
            heard.append(event)

    receiver.meanwhile = let_the_lease_run_out
    make_worker(receiver, watch=Watch()).run_once()
    assert [line[0] for line in lines(engine)] == ["logout.told"]
    assert heard == [], "nor does anybody hear of it twice"


def test_a_late_failure_undoes_nothing(
    engine: Engine, clock: HandClock, make_worker: Callable[..., OutboxWorker], receiver: Receiver
) -> None:
    def let_the_lease_run_out() -> None:
        clock.moment += timedelta(minutes=6)
        assert make_worker(Receiver()).run_once() == 1

    receiver.meanwhile, receiver.trouble = let_the_lease_run_out, NeverSent("refused")
    make_worker(receiver).run_once()
    assert [line[0] for line in lines(engine)] == ["logout.told"]


def test_a_worker_leaves_the_other_channel_alone(
    engine: Engine, stores: SqlStores, now: datetime, make_worker: Callable[..., OutboxWorker], receiver: Receiver
) -> None:
    with stores.writing() as desk:
        desk.outbox.put(Message("sms", JOE, "texte"), at=now)
    phone = Receiver()
    assert make_worker(phone, "sms").run_once() == 1
    assert phone.taken == [(JOE, "texte")]
    assert make_worker(receiver).run_once() == 1
    assert [recipient for recipient, _ in receiver.taken] == ["ent"]
    assert left(engine) == 1, "the text, for the simulated phone"


def test_the_simulated_phone_neither_shows_it_nor_throws_it_away(
    engine: Engine, secrets: MasterKey, worker: OutboxWorker
) -> None:
    phone = MessageReader(engine, secrets)
    assert phone.load_messages() == []
    phone.purge()
    assert worker.run_once() == 1


def test_what_became_of_it_is_told_to_those_who_count(
    make_worker: Callable[..., OutboxWorker], receiver: Receiver
) -> None:
    heard: list[object] = []

    class Watch:
        def sending(self, channel: str) -> Any:
            heard.append(channel)
            return nullcontext()

        def message(self, channel: str, outcome: str) -> None:
            heard.append((channel, outcome))

        def reported(self, event: AuditEvent) -> None:
            heard.append(event.event)

    make_worker(receiver, watch=Watch()).run_once()
    assert heard == ["logout", ("logout", "sent"), "logout.told"]


def test_the_silence_of_a_worker_that_does_not_beat_is_not_covered_up(
    engine: Engine, make_worker: Callable[..., OutboxWorker], receiver: Receiver
) -> None:
    make_worker(receiver, beats=False).run_once()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox_sender")).scalar_one() == 0
