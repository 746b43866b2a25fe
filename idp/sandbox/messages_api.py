"""What the simulated phone and mailbox received."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from idp.adapters.message_reader import READABLE_CHANNELS, MessageReader, ReadMessage
from idp.journeys.mails import MAIL_CHANNEL
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.problems import Problem
from idp.sandbox.values import MOMENT, NUMBER, TEXT, document_of, list_of, one_of, read_id, read_recipient, write_moment

MOST_SECONDS = 30

_MESSAGE = document_of(
    {
        "id": NUMBER,
        "channel": one_of(*READABLE_CHANNELS),
        "to": TEXT,
        "subject": TEXT,
        "text": TEXT,
        "links": list_of(TEXT),
        "created_at": MOMENT,
    }
)


class Waits(Protocol):
    """Where a request waits without holding up others."""

    def until(self, look: Callable[[], list[ReadMessage]], seconds: float) -> list[ReadMessage] | None:
        """Look until something is found, or the time is over; None when too many wait already."""


def message_operations(messages: MessageReader, waits: Waits) -> Sequence[Operation]:
    """Return the calls about texts and mails."""

    def load(asked: Asked) -> list[dict[str, Any]]:
        to = read_recipient(asked.query["to"]) if asked.query.get("to") else ""
        channel = _read_channel(asked.query.get("channel", ""))
        after = read_id(asked.query.get("after", "0"), "after")
        seconds = _read_seconds(asked.query.get("wait_seconds", "0"))
        if not seconds:
            return [_write(one) for one in messages.load_messages(to, after=after, channel=channel)]
        found = waits.until(lambda: messages.load_messages(to, after=after, channel=channel), seconds)
        if found is None:
            raise Problem(503, "As many calls wait for a message as may: ask again in a moment", {"Retry-After": "1"})
        return [_write(one) for one in found]

    def purge(_asked: Asked) -> None:
        messages.purge()

    return (
        Operation(
            "GET",
            "/messages",
            load,
            "List the texts and mails, the newest first, 500 at most; wait for one where there is none yet.",
            list_of(_MESSAGE),
            query=(
                Parameter("to", "What went to this number or e-mail address alone.", "%2B33639980001"),
                Parameter("channel", "Texts alone, or mails alone.", MAIL_CHANNEL),
                Parameter("after", "Those with a greater id: those that came after this one.", "17"),
                Parameter(
                    "wait_seconds",
                    f"How long to wait for the first one, {MOST_SECONDS} at most. Then [] is said.",
                    "10",
                ),
            ),
            refusals={503: "As many calls of one process wait already as may."},
        ),
        Operation(
            "DELETE", "/messages", purge, "Forget every text and mail. What is armed for the next ones stays armed."
        ),
    )


def _read_seconds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 4 or int(text) > MOST_SECONDS:
        raise Problem(400, f"wait_seconds must be a whole number from 0 to {MOST_SECONDS}")
    return int(text)


def _read_channel(text: str) -> str:
    if text not in {"", *READABLE_CHANNELS}:
        raise Problem(400, f"channel must be one of: {', '.join(READABLE_CHANNELS)}")
    return text


def _write(message: ReadMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "channel": message.channel,
        "to": message.to,
        "subject": message.mail.subject if message.mail else "",
        "text": message.text,
        "links": list(message.mail.links) if message.mail else [],
        "created_at": write_moment(message.created_at),
    }
