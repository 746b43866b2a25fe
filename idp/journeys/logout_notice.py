"""What waits in the outbox when a session ends: whom to tell of it, and the facts that each logout token is made of."""

import json
from dataclasses import dataclass

from idp.journeys.rows import AuditEvent, Message

LOGOUT_CHANNEL = "logout"


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """One client is to be told that one session ended. The token is made when it is sent: it lives for two minutes.

    `subject` is the client's own `sub`; None when nobody can tell any more.
    """

    client_id: str
    session_id: str
    subject: str | None
    account_id: int

    def to_message(self) -> Message:
        """Return it as the outbox keeps it, sealed."""
        facts = {"sid": self.session_id, "sub": self.subject, "account": self.account_id}
        return Message(LOGOUT_CHANNEL, self.client_id, json.dumps(facts))

    @classmethod
    def from_message(cls, recipient: str, body: str) -> "LogoutNotice":
        """Return what `to_message` kept."""
        facts = json.loads(body)
        return cls(recipient, facts["sid"], facts["sub"], facts["account"])


def report_logout(recipient: str, body: str, reason: str) -> AuditEvent:
    """Return the line of the audit trail for a notice that is over.

    Args:
        recipient: The client.
        body: The notice; "" when it cannot be opened any more.
        reason: Why the client was not told; "" when it was.
    """
    event = "logout.not-told" if reason else "logout.told"
    details: dict[str, str | int | list[int]] = {"reason": reason} if reason else {}
    if not body:
        return AuditEvent(event, details=details)
    notice = LogoutNotice.from_message(recipient, body)
    return AuditEvent(
        event,
        account_id=notice.account_id,
        client_id=notice.client_id,
        details={"session": notice.session_id, **details},
    )
