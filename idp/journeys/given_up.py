"""What the audit trail says of a message that will never arrive: which one and why, and neither to whom nor what (guarantee 12)."""

from idp.journeys.rows import AuditEvent


def report_text(_recipient: str, _body: str, reason: str) -> AuditEvent | None:
    """Return the line for a text that was given up, None for one that was sent.

    Args:
        reason: Why it was given up; "" when it was sent.
    """
    return AuditEvent("sms.given-up", details={"reason": reason}) if reason else None


def report_mail(_recipient: str, _body: str, reason: str) -> AuditEvent | None:
    """Return the line for a mail; as above."""
    return AuditEvent("mail.given-up", details={"reason": reason}) if reason else None
