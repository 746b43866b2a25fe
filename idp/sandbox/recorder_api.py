"""What was recorded, as a tester reads it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from idp.adapters.recorded_exchanges import RecordedExchange, RecordedExchanges
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.problems import Problem
from idp.sandbox.values import (
    ANYTHING,
    FLAG,
    MOMENT,
    NUMBER,
    TEXT_OR_NONE,
    document_of,
    list_of,
    read_id,
    read_members,
    write_moment,
)

_EXCHANGE = document_of(
    {
        "id": NUMBER,
        "at": MOMENT,
        "client_id": TEXT_OR_NONE,
        "request": ANYTHING,
        "answer": ANYTHING,
        "milliseconds": {"type": "number"},
    }
)
_STATE = document_of({"on": FLAG})
_OFF = {409: "The settings do not ask for it: [sandbox] recorder = true."}
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def recorder_operations(tape: RecordedExchanges, *, is_there: bool) -> Sequence[Operation]:
    """Return the calls about what is recorded.

    Args:
        tape: What was.
        is_there: Whether the settings ask for a recorder.
    """

    def check_there() -> None:
        if not is_there:
            raise Problem(409, "Nothing is recorded here: [sandbox] recorder = true in the settings")

    def load(asked: Asked) -> dict[str, Any]:
        check_there()
        found = tape.load(
            client_id=asked.query.get("client_id", ""),
            after=read_id(asked.query.get("after", "0"), "after"),
            since=_read_since(asked.query.get("since", "")),
        )
        return {"on": not tape.is_paused(), "exchanges": [_write(one) for one in found]}

    def switch(asked: Asked) -> dict[str, bool]:
        check_there()
        on: bool = read_members(asked, {"on": bool}, {})["on"]
        if on:
            tape.resume()
        else:
            tape.pause()
        return {"on": on}

    def forget(_asked: Asked) -> None:
        check_there()
        tape.forget()

    return (
        Operation(
            "GET",
            "/recorder",
            load,
            "Read the recorded requests and answers, the oldest first, 200 at most. Secrets are left out.",
            document_of({"on": FLAG, "exchanges": list_of(_EXCHANGE)}),
            query=(
                Parameter("client_id", "Those of this client alone.", "ent"),
                Parameter("since", "Not before this moment of the instance's clock.", "2031-03-14T09:00:00Z"),
                Parameter("after", "Those with a greater id.", "17"),
            ),
            refusals=_OFF,
        ),
        Operation(
            "PUT",
            "/recorder",
            switch,
            "Pause recording in every process, or go on.",
            _STATE,
            body=_STATE,
            refusals={**_OFF, 422: "The body is not right."},
        ),
        Operation("DELETE", "/recorder", forget, "Forget what was recorded.", refusals=_OFF),
    )


def _read_since(text: str) -> datetime:
    if not text:
        return _BEGINNING
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # in a query, + means a space
        return moment.astimezone(UTC) if moment.tzinfo else _refuse_since()
    except (ValueError, OverflowError):
        return _refuse_since()


def _refuse_since() -> datetime:
    raise Problem(400, "since must be a moment of ISO 8601 with its offset from UTC, for example 2031-03-14T09:00:00Z")


def _write(exchange: RecordedExchange) -> dict[str, Any]:
    return {
        "id": exchange.id,
        "at": write_moment(exchange.at),
        "client_id": exchange.client_id,
        **exchange.content,
    }
