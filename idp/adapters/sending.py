"""What the outbox asks of whatever sends its messages."""

from datetime import timedelta
from typing import Protocol


class NotSentYet(Exception):  # noqa: N818  a state of the receiver, to be tried again
    """The message did not leave, and may be tried again. The text names the cause, never the receiver or the message.

    Args:
        cause: That text.
        after: When to try again; None leaves it to the channel.
    """

    def __init__(self, cause: str, after: timedelta | None = None) -> None:
        super().__init__(cause)
        self.after = after


class NeverSent(Exception):  # noqa: N818  an answer of the receiver
    """The message will never leave. The text names the cause, never the receiver or the message."""


class Sender(Protocol):
    """Sends one message of a channel."""

    def send(self, recipient: str, body: str) -> None:
        """Send `body` to `recipient` and return once it is accepted.

        Raises:
            NotSentYet: Not now; trying again may help.
            NeverSent: Never.
        """
