"""Texts and mails of a test instance that go wrong on their way: lost, late, or there twice. Armed for the next ones to a recipient."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Engine, bindparam, insert, literal, select, update

from idp.adapters.messages import RECIPIENT_PURPOSE
from idp.adapters.sending import NeverSent, NotSentYet
from idp.adapters.tables import outbox
from idp.adapters.tester_tables import delivery_fault
from idp.journeys.ports import Secrets


class Kind(StrEnum):
    """What becomes of a text or a mail."""

    FAIL = "fail"
    """It never arrives."""
    DELAY = "delay"
    """It arrives later."""
    DUPLICATE = "duplicate"
    """It arrives twice."""


@dataclass(frozen=True, slots=True)
class DeliveryFault:
    """What the next texts to a number, or mails to an address, meet.

    Attributes:
        id: Of its row.
        to: E.164 number, or e-mail address.
        kind: What becomes of them.
        delay_seconds: How late they are, by the instance's clock; 0 for what is not `delay`.
        times_left: How many of them meet it still.
    """

    id: int
    to: str
    kind: Kind
    delay_seconds: int
    times_left: int


_ARM = insert(delivery_fault).returning(delivery_fault.c.id)
_ARMED = select(delivery_fault).where(delivery_fault.c.times_left > 0).order_by(delivery_fault.c.id)
_NEXT = (
    select(delivery_fault.c.id)
    .where(delivery_fault.c.recipient_hash == bindparam("hash"), delivery_fault.c.times_left > 0)
    .order_by(delivery_fault.c.id)
    .limit(1)
)
_TAKE = (
    update(delivery_fault)
    .where(delivery_fault.c.id == bindparam("fault"), delivery_fault.c.times_left > 0)
    .values(times_left=delivery_fault.c.times_left - 1)
    .returning(delivery_fault.c.kind, delivery_fault.c.delay_seconds)
)
_DISARM = update(delivery_fault).values(times_left=0)
# As if it had been tried once: the second of a pair meets no fault of its own.
_COPIED = ("channel", "recipient", "recipient_hash", "body", "created_at")
_COPY = insert(outbox).from_select(
    [*_COPIED, "due_at", "attempts"],
    select(*(outbox.c[name] for name in _COPIED), outbox.c.created_at, literal(1)).where(
        outbox.c.id == bindparam("message")
    ),
)


class DeliveryFaults:
    """What testers arm, and what the outbox meets. Any number of processes may do either at once."""

    def __init__(self, engine: Engine, secrets: Secrets) -> None:
        self._engine = engine
        self._secrets = secrets

    def arm(self, to: str, kind: Kind, *, times: int, delay_seconds: int = 0) -> DeliveryFault:
        """Let the next texts to a number, or mails to an address, meet a fault, after those that were armed before.

        Args:
            to: E.164 number, or e-mail address.
            kind: What becomes of them.
            times: How many.
            delay_seconds: For `delay`.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        values = {
            "recipient": self._secrets.seal(RECIPIENT_PURPOSE, to.encode()),
            "recipient_hash": self._secrets.keyed_hash(RECIPIENT_PURPOSE, to),
            "kind": kind.value,
            "delay_seconds": delay_seconds,
            "times_left": times,
        }
        with self._engine.begin() as connection:
            key: int = connection.execute(_ARM, values).scalar_one()
        return DeliveryFault(key, to, kind, delay_seconds, times)

    def load_armed(self) -> list[DeliveryFault]:
        """Return what is armed, the oldest first.

        Raises:
            ValueError: It was sealed with another master key.
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            rows = connection.execute(_ARMED).all()
        return [
            DeliveryFault(
                row.id,
                self._secrets.unseal(RECIPIENT_PURPOSE, row.recipient).decode(),
                Kind(row.kind),
                row.delay_seconds,
                row.times_left,
            )
            for row in rows
        ]

    def disarm(self) -> None:
        """Let nothing more go wrong. What was lost or late already stays so.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        with self._engine.begin() as connection:
            connection.execute(_DISARM)

    def meet(self, message_id: int, recipient: str) -> None:
        """Let a message meet the next fault of its recipient, if one is armed.

        Raises:
            NeverSent: It is lost.
            NotSentYet: It is late.
            sqlalchemy.exc.SQLAlchemyError: The database does not answer.
        """
        taken = self._take(message_id, self._secrets.keyed_hash(RECIPIENT_PURPOSE, recipient))
        if taken is None:
            return
        kind, late = taken
        if kind is Kind.FAIL:
            raise NeverSent("a tester armed a loss")
        if kind is Kind.DELAY:
            raise NotSentYet("a tester armed a delay", late)

    def _take(self, message_id: int, recipient_hash: str) -> tuple[Kind, timedelta] | None:
        with self._engine.begin() as connection:
            # Another worker may take the last use of one between the look and the grasp.
            while (fault := connection.execute(_NEXT, {"hash": recipient_hash}).scalar_one_or_none()) is not None:
                taken = connection.execute(_TAKE, {"fault": fault}).one_or_none()
                if taken is None:
                    continue
                if taken.kind == Kind.DUPLICATE:
                    connection.execute(_COPY, {"message": message_id})
                return Kind(taken.kind), timedelta(seconds=taken.delay_seconds)
        return None
