"""What the outbox holds for the simulated phone of a test instance."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, bindparam, delete, or_, select

from idp.adapters.messages import BODY_PURPOSE, RECIPIENT_PURPOSE, SMS_CHANNEL
from idp.adapters.tables import delivery_fault, outbox
from idp.journeys.ports import Secrets

_MOST_MESSAGES = 500
_READABLE = (
    select(outbox.c.id, outbox.c.channel, outbox.c.recipient, outbox.c.body, outbox.c.created_at)
    .where(
        outbox.c.channel == SMS_CHANNEL,
        outbox.c.recipient.is_not(None),
        outbox.c.body.is_not(None),
        outbox.c.id > bindparam("after"),
        # A phone shows no text that was given up, and none of a number for which one was lost or late before it has left.
        outbox.c.failed_at.is_(None),
        or_(outbox.c.sent_at.is_not(None), outbox.c.recipient_hash.not_in(select(delivery_fault.c.recipient_hash))),
    )
    .order_by(outbox.c.id.desc())
    .limit(_MOST_MESSAGES)
)
_READABLE_TO = _READABLE.where(outbox.c.recipient_hash == bindparam("hash"))
_PURGE = delete(outbox).where(outbox.c.channel == SMS_CHANNEL)
_FORGET_SPENT = delete(delivery_fault).where(delivery_fault.c.times_left == 0)


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as the simulated phone shows it."""

    id: int
    channel: str
    to: str
    text: str
    created_at: datetime


class MessageReader:
    """The simulated phone: every text of a test instance, sent or about to be; those given up excepted."""

    def __init__(self, engine: Engine, secrets: Secrets) -> None:
        self._engine = engine
        self._secrets = secrets

    def load_messages(self, to: str = "", *, after: int = 0) -> list[ReadMessage]:
        """Return the newest 500 messages, at most, newest first.

        Args:
            to: E.164 number; "" asks for every number.
            after: Those with a greater id.

        Raises:
            ValueError: They were sealed with another master key.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if to:
                whose = self._secrets.keyed_hash(RECIPIENT_PURPOSE, to)
                rows = connection.execute(_READABLE_TO, {"hash": whose, "after": after}).all()
            else:
                rows = connection.execute(_READABLE, {"after": after}).all()
        return [
            ReadMessage(
                id=row.id,
                channel=row.channel,
                to=self._secrets.unseal(RECIPIENT_PURPOSE, row.recipient).decode(),
                text=self._secrets.unseal(BODY_PURPOSE, row.body).decode(),
                created_at=row.created_at,
            )
            for row in rows
        ]

    def purge(self) -> None:
        """Forget every text, those not sent yet included. What is armed for the next ones stays armed."""
        with self._engine.begin() as connection:
            connection.execute(_PURGE)
            connection.execute(_FORGET_SPENT)
