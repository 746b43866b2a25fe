"""The audit trail, as a tester reads it."""

from collections.abc import Sequence
from typing import Any

from idp.adapters.ledger import LedgerReader
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.values import (
    ANYTHING,
    MOMENT,
    NUMBER,
    TEXT,
    TEXT_OR_NONE,
    document_of,
    list_of,
    read_id,
    write_moment,
)

_LINE = document_of(
    {
        "id": NUMBER,
        "at": MOMENT,
        "event": TEXT,
        "reference": TEXT,
        "account_id": {"type": ["integer", "null"]},
        "client_id": TEXT_OR_NONE,
        "details": ANYTHING,
    }
)


def audit_operations(ledger: LedgerReader) -> Sequence[Operation]:
    """Return the call about the audit trail."""

    def load(asked: Asked) -> list[dict[str, Any]]:
        after = read_id(asked.query.get("after", "0"), "after")
        lines = ledger.load_lines(
            reference=asked.query.get("reference", ""), event=asked.query.get("event", ""), after=after
        )
        return [
            {
                "id": line.id,
                "at": write_moment(line.at),
                "event": line.event,
                "reference": line.reference,
                "account_id": line.account_id,
                "client_id": line.client_id,
                "details": line.details,
            }
            for line in lines
        ]

    return (
        Operation(
            "GET",
            "/audit",
            load,
            "Read the audit trail, the oldest line first, a thousand at most.",
            list_of(_LINE),
            query=(
                Parameter("event", "Lines of this event alone.", "activation.account-made"),
                Parameter("reference", "Lines of this reference alone.", "ABCD2345"),
                Parameter("after", "Lines with a greater id.", "17"),
            ),
        ),
    )
