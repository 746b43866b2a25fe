"""The outbox: messages are written with the fact that they announce, and sent later, at least once, whatever is killed meanwhile.

Each channel has its own workers, so that no slow receiver of one holds up the other.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import Boolean, Connection, Engine, bindparam, case, delete, func, insert, null, select, update
from sqlalchemy.exc import SQLAlchemyError

from idp.adapters.heartbeat import Heartbeat
from idp.adapters.ledger import SqlLedger
from idp.adapters.links import Link
from idp.adapters.sending import NeverSent, NotSentYet, Sender
from idp.adapters.tables import outbox
from idp.journeys.given_up import report_mail, report_text
from idp.journeys.logout_notice import LOGOUT_CHANNEL, report_logout
from idp.journeys.mails import MAIL_CHANNEL
from idp.journeys.ports import Clock, Secrets
from idp.journeys.rows import AuditEvent, Message

RECIPIENT_PURPOSE = "recipient"
BODY_PURPOSE = "outbox-body"


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the messages of a channel are tried.

    Attributes:
        backoff: Waits between one try and the next.
        report: Makes the line of the audit trail for one that is over, of recipient, body and why it was given up; None: no line.
        goes: A row that is over is of no more use, and goes in the same transaction, on test instances too.
    """

    backoff: tuple[timedelta, ...]
    report: Callable[[str, str, str], AuditEvent | None]
    goes: bool = False


SMS_CHANNEL = "sms"
_MANNERS: Mapping[str, _Manner] = {
    SMS_CHANNEL: _Manner(
        (
            timedelta(seconds=5),
            timedelta(seconds=30),
            timedelta(minutes=2),
            timedelta(minutes=10),
            timedelta(hours=1),
        ),
        report_text,
    ),
    # A mail server that sees us for the first time may ask us to come back in some minutes.
    MAIL_CHANNEL: _Manner(
        (
            timedelta(seconds=10),
            timedelta(minutes=1),
            timedelta(minutes=5),
            timedelta(minutes=30),
            timedelta(hours=2),
        ),
        report_mail,
    ),
    # About three minutes: an ENT that hears of it later has timed the session out, or the person is back.
    LOGOUT_CHANNEL: _Manner(
        (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2)),
        report_logout,
        goes=True,
    ),
}
# A claimed message is due again after that long, should its sender be killed. Longer than the longest wait for a gateway.
_LEASE = timedelta(minutes=5)
_IDLE_SECONDS = 0.5
_BROKEN_SECONDS = 5.0

_IS_WITHHELD = bindparam("withheld", type_=Boolean)
# One statement with the same values, whether or not the message may go out: what differs is what the database keeps of them.
_PUT = insert(outbox).values(
    {
        "recipient": case((_IS_WITHHELD, null()), else_=bindparam("sealed_recipient", type_=outbox.c.recipient.type)),
        "body": case((_IS_WITHHELD, null()), else_=bindparam("sealed_body", type_=outbox.c.body.type)),
        "sent_at": case((_IS_WITHHELD, bindparam("at", type_=outbox.c.sent_at.type)), else_=null()),
    }
)
_WAITING = (outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None))
# SQLite, where one writer works at a time, leaves FOR UPDATE out by itself.
_NEXT_DUE = (
    select(outbox.c.id, outbox.c.channel, outbox.c.recipient, outbox.c.body, outbox.c.attempts)
    .where(
        *_WAITING,
        outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type),
        outbox.c.channel.in_(bindparam("channels", expanding=True)),
    )
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
_SENT_AND_GONE = delete(outbox).where(outbox.c.id == bindparam("row_id"))
# Only by the one that holds the claim: a late answer must not undo what a later attempt brought about.
_IS_MINE = (outbox.c.id == bindparam("row_id"), *_WAITING, outbox.c.attempts == bindparam("seen"))
_MINE = update(outbox).where(*_IS_MINE)
_LATER = _MINE.values(due_at=bindparam("again"))
_FAILED = _MINE.values(failed_at=bindparam("at"))
_FAILED_AND_WIPED = _FAILED.values(recipient=None, body=None)
_FAILED_AND_GONE = delete(outbox).where(*_IS_MINE)
# Of texts alone: an ENT that nobody can tell must not take the pages out of service.
_OLDEST_DUE = select(func.min(outbox.c.due_at, type_=outbox.c.due_at.type)).where(
    *_WAITING, outbox.c.channel == SMS_CHANNEL, outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type)
)
_IS_DUE = outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type)
_STATE = select(
    func.count(),
    func.sum(case((_IS_DUE, 1), else_=0)),
    func.min(outbox.c.due_at, type_=outbox.c.due_at.type),
).where(*_WAITING)


class SqlOutbox:
    """Implements `journeys.ports.Outbox`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def put(self, message: Message, *, at: datetime) -> None:
        """Keep a message to be sent; recipient and text are sealed with a key that is not in the database."""
        self._link.run(_PUT, self._sealed(message, at, withheld=False))

    def withhold(self, message: Message, *, at: datetime) -> None:
        """Do the work of `put` for a message that may not go out: a row that holds neither number nor text, and that nobody sends."""
        self._link.run(_PUT, self._sealed(message, at, withheld=True))

    def _sealed(self, message: Message, at: datetime, *, withheld: bool) -> dict[str, Any]:
        return {
            "channel": message.channel,
            "sealed_recipient": self._secrets.seal(RECIPIENT_PURPOSE, message.recipient.encode()),
            "recipient_hash": self._secrets.keyed_hash(RECIPIENT_PURPOSE, message.recipient),
            "sealed_body": self._secrets.seal(BODY_PURPOSE, message.body.encode()),
            "created_at": at,
            "due_at": at,
            "attempts": 0,
            "at": at,
            "withheld": withheld,
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

    def reported(self, event: AuditEvent) -> None:
        """Hear of a committed line of the audit trail."""


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How many messages wait, how many of them are due, and for how long the oldest of these has been."""

    waiting: int
    due: int
    oldest_due: timedelta | None


class OutboxWorker:
    """Sends what is due in its channels. Any number of workers may run, in any number of processes, and of threads for each.

    Args:
        engine: Where the outbox is.
        secrets: What sealed it.
        clock: The time.
        senders: For each of its channels, what sends.
        keep_bodies: Keep recipient and text of what was sent, for the simulated phone. On test instances only.
        beats: Write that messages are looked for. One worker of a process does: the one whose silence must be noticed.
        watch: Is told what becomes of messages.
        before_first_try: Is told a message's id and recipient before it is sent for the first time, and may raise what a sender may.
    """

    def __init__(
        self,
        engine: Engine,
        secrets: Secrets,
        clock: Clock,
        senders: Mapping[str, Sender],
        *,
        keep_bodies: bool,
        beats: bool = True,
        watch: OutboxWatch | None = None,
        before_first_try: Callable[[int, str], object] | None = None,
    ) -> None:
        self._engine = engine
        self._secrets = secrets
        self._clock = clock
        self._senders = senders
        self._sent = _SENT if keep_bodies else _SENT_AND_WIPED
        self._failed = _FAILED if keep_bodies else _FAILED_AND_WIPED
        self._watch = watch
        self._before_first_try = before_first_try
        self._heartbeat = Heartbeat(engine) if beats else None
        self._looking = threading.Lock()
        self._log = structlog.get_logger("preau.outbox")

    def run_once(self) -> int:
        """Try each message that is due now, once, and return how many were tried.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        tried = 0
        while claim := self._look():
            self._try(claim)
            tried += 1
        return tried

    def run_until(self, stop: threading.Event) -> None:
        """Send until `stop` is set; a database that is gone is waited for. In as many threads as may send at once."""
        while not stop.is_set():
            try:
                claim = self._wait_for_next(stop)
                if claim is not None:
                    self._try(claim)
            except SQLAlchemyError as failure:
                self._log.error("the outbox cannot be read", exc_info=failure)
                stop.wait(_BROKEN_SECONDS)

    def oldest_due_age(self, now: datetime) -> timedelta | None:
        """Return for how long the oldest due text has been waiting, or None when none is due.

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

    def _wait_for_next(self, stop: threading.Event) -> _Claim | None:
        """Look until something is due. One thread does; the others send, or stand behind it."""
        with self._looking:
            while not stop.is_set():
                claim = self._look()
                if claim is not None:
                    return claim
                stop.wait(_IDLE_SECONDS)
        return None

    def _look(self) -> _Claim | None:
        if self._heartbeat is not None:
            self._heartbeat.beat()
        return self._claim_next()

    def _claim_next(self) -> _Claim | None:
        """Take the next due message; the transaction is over before anything is sent."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            row = connection.execute(_NEXT_DUE, {"now": now, "channels": list(self._senders)}).one_or_none()
            if row is None:
                return None
            connection.execute(_CLAIM, {"row_id": row.id, "seen": row.attempts, "again": now + _LEASE})
        return _Claim(row.id, row.attempts + 1, row.channel, row.recipient, row.body)

    def _try(self, claim: _Claim) -> None:
        recipient = body = ""
        after: timedelta | None = None
        is_last = claim.attempt > len(_MANNERS[claim.channel].backoff)
        try:
            recipient = self._secrets.unseal(RECIPIENT_PURPOSE, claim.recipient).decode()
            body = self._secrets.unseal(BODY_PURPOSE, claim.body).decode()
            if self._before_first_try is not None and claim.attempt == 1:
                self._before_first_try(claim.id, recipient)
            with self._watch.sending(claim.channel) if self._watch else nullcontext():
                self._senders[claim.channel].send(recipient, body)
        except NotSentYet as failure:
            trouble, for_good, after = str(failure), is_last, failure.after
        except NeverSent as failure:
            trouble, for_good = str(failure), True
        except ValueError:
            # Another master key sealed it, and may come back: it waits as for a gateway.
            trouble, for_good = "cannot be unsealed", is_last
        else:
            trouble, for_good = "", True
        if for_good:
            self._end(claim, recipient, body, trouble)
        else:
            self._put_off(
                claim, trouble, _MANNERS[claim.channel].backoff[claim.attempt - 1] if after is None else after
            )

    def _end(self, claim: _Claim, recipient: str, body: str, trouble: str) -> None:
        """Note that a message is over, sent or given up, with the line of the audit trail that its channel wants."""
        now = self._clock.now()
        manner = _MANNERS[claim.channel]
        event = manner.report(recipient, body, trouble)
        with self._engine.begin() as connection:
            if not self._note_end(connection, claim, now, failed=bool(trouble), goes=manner.goes):
                event = None  # another worker's attempt ended first, and has its line
            elif event is not None:
                SqlLedger(Link(connection, repeats=False)).record(event, now)
        if trouble:
            self._log.error("message given up", message=claim.id, attempt=claim.attempt, reason=trouble)
        else:
            self._log.info("message sent", message=claim.id, attempt=claim.attempt)
        if self._watch:
            self._watch.message(claim.channel, "given-up" if trouble else "sent")
            if event is not None:
                self._watch.reported(event)

    def _note_end(self, connection: Connection, claim: _Claim, now: datetime, *, failed: bool, goes: bool) -> bool:
        """Write that a message is over; False when there was nothing to write any more."""
        row = {"row_id": claim.id, "seen": claim.attempt} if failed else {"row_id": claim.id}
        if goes:
            return connection.execute(_FAILED_AND_GONE if failed else _SENT_AND_GONE, row).rowcount == 1
        return connection.execute(self._failed if failed else self._sent, {**row, "at": now}).rowcount == 1

    def _put_off(self, claim: _Claim, trouble: str, after: timedelta) -> None:
        again = self._clock.now() + after
        with self._engine.begin() as connection:
            connection.execute(_LATER, {"row_id": claim.id, "seen": claim.attempt, "again": again})
        self._log.warning("message not sent yet", message=claim.id, attempt=claim.attempt, reason=trouble)
        if self._watch:
            self._watch.message(claim.channel, "later")
