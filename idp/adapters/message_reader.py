"""What the outbox holds for the simulated phone and mailbox of a test instance."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, delete, or_, select

from idp.adapters.messages import BODY_PURPOSE, RECIPIENT_PURPOSE, SMS_CHANNEL
from idp.adapters.tables import outbox
from idp.adapters.tester_tables import delivery_fault
from idp.journeys.mails import MAIL_CHANNEL, Mail, read_body
from idp.journeys.ports import Secrets

READABLE_CHANNELS = (SMS_CHANNEL, MAIL_CHANNEL)
_MOST_MESSAGES = 500
_READABLE = (
    select(outbox.c.id, outbox.c.channel, outbox.c.recipient, outbox.c.body, outbox.c.created_at)
    .where(
        outbox.c.channel.in_(bindparam("channels", expanding=True)),
        outbox.c.recipient.is_not(None),
        outbox.c.body.is_not(None),
        outbox.c.id > bindparam("after"),
        # What was given up is not shown, nor what one for whom something was lost or late gets, before it has left.
        outbox.c.failed_at.is_(None),
        or_(outbox.c.sent_at.is_not(None), outbox.c.recipient_hash.not_in(select(delivery_fault.c.recipient_hash))),
    )
    .order_by(outbox.c.id.desc())
    .limit(_MOST_MESSAGES)
)
_READABLE_ONE = _READABLE.where(outbox.c.id == bindparam("one"))
_READABLE_TO = _READABLE.where(outbox.c.recipient_hash == bindparam("hash"))
_PURGE = delete(outbox).where(outbox.c.channel.in_(READABLE_CHANNELS))
_FORGET_SPENT = delete(delivery_fault).where(delivery_fault.c.times_left == 0)


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as its reader sees it; `mail` is None for a text."""

    id: int
    channel: str
    to: str
    text: str
    created_at: datetime
    mail: Mail | None = None


class MessageReader:
    """The simulated phone and mailbox: every text and mail of a test instance, sent or about to be; those given up excepted."""

    def __init__(self, engine: Engine, secrets: Secrets) -> None:
        self._engine = engine
        self._secrets = secrets

    def load_messages(self, to: str = "", *, after: int = 0, channel: str = "") -> list[ReadMessage]:
        """Return the newest 500 messages, at most, newest first.

        Args:
            to: E.164 number or e-mail address; "" asks for everybody's.
            after: Those with a greater id.
            channel: One of `READABLE_CHANNELS`; "" asks for all of them.

        Raises:
            ValueError: They were sealed with another master key.
        """
        asked = {"after": after, "channels": [channel] if channel else list(READABLE_CHANNELS)}
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if to:
                whose = self._secrets.keyed_hash(RECIPIENT_PURPOSE, to)
                rows = connection.execute(_READABLE_TO, {"hash": whose, **asked}).all()
            else:
                rows = connection.execute(_READABLE, asked).all()
        return [self._read(row) for row in rows]

    def load_mail(self, message_id: int) -> Mail | None:
        """Return the mail with this id, None where there is none.

        Raises:
            ValueError: It was sealed with another master key.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            row = connection.execute(
                _READABLE_ONE, {"one": message_id, "after": 0, "channels": [MAIL_CHANNEL]}
            ).one_or_none()
        return None if row is None else self._read(row).mail

    def _read(self, row: Any) -> ReadMessage:
        body = self._secrets.unseal(BODY_PURPOSE, row.body).decode()
        mail = read_body(body)[0] if row.channel == MAIL_CHANNEL else None
        return ReadMessage(
            id=row.id,
            channel=row.channel,
            to=self._secrets.unseal(RECIPIENT_PURPOSE, row.recipient).decode(),
            text=mail.text if mail else body,
            created_at=row.created_at,
            mail=mail,
        )

    def purge(self) -> None:
        """Forget every text and mail, those not sent yet included. What is armed for the next ones stays armed."""
        with self._engine.begin() as connection:
            connection.execute(_PURGE)
            connection.execute(_FORGET_SPENT)
