"""The outbox: messages are written with the fact that they announce, and sent later, at least once, whatever is killed meanwhile."""

import signal
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Engine, Executable, bindparam, case, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.heartbeat import Heartbeat
from idp.adapters.links import Link
from idp.adapters.sms import SmsRefused, SmsSender, SmsUnavailable
from idp.adapters.tables import outbox
from idp.journeys.ports import Clock, Secrets
from idp.journeys.rows import Message

_RECIPIENT = "recipient"
_BODY = "outbox-body"
_BACKOFF = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
# A claimed message is due again after that long, should its sender be killed. Longer than the longest wait for a gateway.
_LEASE = timedelta(minutes=5)
_IDLE_SECONDS = 0.5
_BROKEN_SECONDS = 5.0
_MOST_MESSAGES = 500

_PUT = insert(outbox)
_WAITING = (outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None))
# SQLite, where one writer works at a time, leaves FOR UPDATE out by itself.
_NEXT_DUE = (
    select(outbox.c.id, outbox.c.channel, outbox.c.recipient, outbox.c.body, outbox.c.attempts)
    .where(*_WAITING, outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), *_WAITING, outbox.c.attempts == bindparam("seen"))
    .values(attempts=outbox.c.attempts + 1, due_at=bindparam("again"))
)
_SENT = update(outbox).where(outbox.c.id == bindparam("row_id")).values(sent_at=bindparam("at"), failed_at=None)
_SENT_AND_WIPED = _SENT.values(recipient=None, body=None)
# Only by the one that holds the claim: a late answer must not undo what a later attempt brought about.
_MINE = update(outbox).where(outbox.c.id == bindparam("row_id"), *_WAITING, outbox.c.attempts == bindparam("seen"))
_LATER = _MINE.values(due_at=bindparam("again"))
_FAILED = _MINE.values(failed_at=bindparam("at"))
_FAILED_AND_WIPED = _FAILED.values(recipient=None, body=None)
_OLDEST_DUE = select(func.min(outbox.c.due_at, type_=outbox.c.due_at.type)).where(
    *_WAITING, outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type)
)
_IS_DUE = outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type)
_STATE = select(
    func.count(),
    func.sum(case((_IS_DUE, 1), else_=0)),
    func.min(outbox.c.due_at, type_=outbox.c.due_at.type),
).where(*_WAITING)
_READABLE = (
    select(outbox.c.id, outbox.c.channel, outbox.c.recipient, outbox.c.body, outbox.c.created_at)
    .where(outbox.c.recipient.is_not(None), outbox.c.body.is_not(None))
    .order_by(outbox.c.id.desc())
    .limit(_MOST_MESSAGES)
)
_READABLE_TO = _READABLE.where(outbox.c.recipient_hash == bindparam("hash"))
_PURGE = delete(outbox)


class SqlOutbox:
    """Implements `journeys.ports.Outbox`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def put(self, message: Message, *, at: datetime) -> None:
        """Keep a message to be sent; recipient and text are sealed with a key that is not in the database."""
        self._link.run(_PUT, self._sealed(message, at))

    def withhold(self, message: Message, *, at: datetime) -> None:
        """Do the work of `put` for a message that may not go out: a row that holds neither number nor text, and that nobody sends."""
        self._link.run(_PUT, self._sealed(message, at) | {"recipient": None, "body": None, "sent_at": at})

    def _sealed(self, message: Message, at: datetime) -> dict[str, Any]:
        return {
            "channel": message.channel,
            "recipient": self._secrets.seal(_RECIPIENT, message.recipient.encode()),
            "recipient_hash": self._secrets.keyed_hash(_RECIPIENT, message.recipient),
            "body": self._secrets.seal(_BODY, message.body.encode()),
            "created_at": at,
            "due_at": at,
            "attempts": 0,
            "sent_at": None,
        }


@dataclass(frozen=True, slots=True)
class _Claim:
    """A message that this worker alone may send until the lease ends."""

    id: int
    attempt: int
    channel: str
    recipient: bytes
    body: bytes


class OutboxWatch(Protocol):
    """Is told what becomes of messages, to count them."""

    def sending(self, channel: str) -> AbstractContextManager[None]:
        """Last as long as the call to what sends."""

    def message(self, channel: str, outcome: str) -> None:
        """Hear of a try: ``sent``, ``later`` or ``given-up``."""


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How many messages wait, how many of them are due, and for how long the oldest of these has been."""

    waiting: int
    due: int
    oldest_due: timedelta | None


class OutboxWorker:
    """Sends what is due. Any number of workers may run, in any number of processes.

    Args:
        engine: Where the outbox is.
        secrets: What sealed it.
        clock: The time.
        senders: For each channel, what sends.
        keep_bodies: Keep recipient and text once sent, for the simulated phone. On test instances only.
        watch: Is told what becomes of messages.
    """

    def __init__(
        self,
        engine: Engine,
        secrets: Secrets,
        clock: Clock,
        senders: Mapping[str, SmsSender],
        *,
        keep_bodies: bool,
        watch: OutboxWatch | None = None,
    ) -> None:
        self._engine = engine
        self._secrets = secrets
        self._clock = clock
        self._senders = senders
        self._sent = _SENT if keep_bodies else _SENT_AND_WIPED
        self._failed = _FAILED if keep_bodies else _FAILED_AND_WIPED
        self._watch = watch
        self._heartbeat = Heartbeat(engine)
        self._log = structlog.get_logger("preau.outbox")

    def run_once(self) -> int:
        """Try each message that is due now, once, and return how many were tried.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        tried = 0
        self._heartbeat.beat()
        while claim := self._claim_next():
            self._try(claim)
            tried += 1
            self._heartbeat.beat()
        return tried

    def run_until(self, stop: threading.Event) -> None:
        """Send until `stop` is set; a database that is gone is waited for."""
        while not stop.is_set():
            try:
                idle = self.run_once() == 0
            except SQLAlchemyError as failure:
                self._log.error("the outbox cannot be read", exc_info=failure)
                stop.wait(_BROKEN_SECONDS)
            else:
                if idle:
                    stop.wait(_IDLE_SECONDS)

    def run_until_terminated(self) -> None:
        """Send until SIGTERM; the message being sent is finished. For the main thread of a process."""
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        self.run_until(stop)

    def oldest_due_age(self, now: datetime) -> timedelta | None:
        """Return for how long the oldest due message has been waiting, or None when none is due.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            oldest: datetime | None = connection.execute(_OLDEST_DUE, {"now": now}).scalar_one()
        return None if oldest is None else now - oldest

    def load_state(self, now: datetime) -> OutboxState:
        """Count what waits. Reads the messages that wait, not those that were sent.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            waiting, due, oldest = connection.execute(_STATE, {"now": now}).one()
        return OutboxState(waiting, due or 0, now - oldest if due else None)

    def _claim_next(self) -> _Claim | None:
        """Take the next due message; the transaction is over before anything is sent."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            row = connection.execute(_NEXT_DUE, {"now": now}).one_or_none()
            if row is None:
                return None
            connection.execute(_CLAIM, {"row_id": row.id, "seen": row.attempts, "again": now + _LEASE})
        return _Claim(row.id, row.attempts + 1, row.channel, row.recipient, row.body)

    def _try(self, claim: _Claim) -> None:
        try:
            recipient = self._secrets.unseal(_RECIPIENT, claim.recipient).decode()
            body = self._secrets.unseal(_BODY, claim.body).decode()
            sender = self._senders[claim.channel]
            with self._watch.sending(claim.channel) if self._watch else nullcontext():
                sender.send(recipient, body)
        except SmsUnavailable as failure:
            self._note_trouble(claim, str(failure), for_good=claim.attempt > len(_BACKOFF))
        except SmsRefused as failure:
            self._note_trouble(claim, str(failure), for_good=True)
        except ValueError:
            # Another master key sealed it, and may come back: it waits as for a gateway.
            self._note_trouble(claim, "cannot be unsealed", for_good=claim.attempt > len(_BACKOFF))
        except KeyError:
            self._note_trouble(claim, "no sender for this channel", for_good=True)
        else:
            self._write(self._sent, {"row_id": claim.id, "at": self._clock.now()})
            self._log.info("message sent", message=claim.id, attempt=claim.attempt)
            self._tell(claim, "sent")

    def _note_trouble(self, claim: _Claim, reason: str, *, for_good: bool) -> None:
        now = self._clock.now()
        mine = {"row_id": claim.id, "seen": claim.attempt}
        if for_good:
            self._write(self._failed, {**mine, "at": now})
            self._log.error("message given up", message=claim.id, attempt=claim.attempt, reason=reason)
            self._tell(claim, "given-up")
            return
        self._write(_LATER, {**mine, "again": now + _BACKOFF[claim.attempt - 1]})
        self._log.warning("message not sent yet", message=claim.id, attempt=claim.attempt, reason=reason)
        self._tell(claim, "later")

    def _tell(self, claim: _Claim, outcome: str) -> None:
        if self._watch:
            self._watch.message(claim.channel, outcome)

    def _write(self, statement: Executable, values: Mapping[str, object]) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement, values)


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as the simulated phone shows it."""

    id: int
    channel: str
    to: str
    text: str
    created_at: datetime


class MessageReader:
    """The simulated phone: every message of a test instance, sent or not."""

    def __init__(self, engine: Engine, secrets: Secrets) -> None:
        self._engine = engine
        self._secrets = secrets

    def load_messages(self, to: str = "") -> list[ReadMessage]:
        """Return the newest 500 messages, at most, newest first.

        Args:
            to: E.164 number; "" asks for every number.

        Raises:
            ValueError: They were sealed with another master key.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if to:
                rows = connection.execute(_READABLE_TO, {"hash": self._secrets.keyed_hash(_RECIPIENT, to)}).all()
            else:
                rows = connection.execute(_READABLE).all()
        return [
            ReadMessage(
                id=row.id,
                channel=row.channel,
                to=self._secrets.unseal(_RECIPIENT, row.recipient).decode(),
                text=self._secrets.unseal(_BODY, row.body).decode(),
                created_at=row.created_at,
            )
            for row in rows
        ]

    def purge(self) -> None:
        """Forget every message, those not sent yet included."""
        with self._engine.begin() as connection:
            connection.execute(_PURGE)
