"""What the simulated phone received."""

from collections.abc import Sequence
from typing import Any

from idp.adapters.message_reader import MessageReader, ReadMessage
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.values import MOMENT, NUMBER, TEXT, document_of, list_of, one_of, read_number, write_moment

_MESSAGE = document_of({"id": NUMBER, "channel": one_of("sms"), "to": TEXT, "text": TEXT, "created_at": MOMENT})


def message_operations(messages: MessageReader) -> Sequence[Operation]:
    """Return the calls about texts."""

    def load(asked: Asked) -> list[dict[str, Any]]:
        to = read_number(asked.query["to"]) if asked.query.get("to") else ""
        return [_write(one) for one in messages.load_messages(to)]

    def purge(_asked: Asked) -> None:
        messages.purge()

    return (
        Operation(
            "GET",
            "/messages",
            load,
            "List the texts, the newest first, 500 at most.",
            list_of(_MESSAGE),
            query=(Parameter("to", "Texts to this number alone.", "%2B33639980001"),),
        ),
        Operation("DELETE", "/messages", purge, "Forget every text."),
    )


def _write(message: ReadMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "channel": message.channel,
        "to": message.to,
        "text": message.text,
        "created_at": write_moment(message.created_at),
    }
