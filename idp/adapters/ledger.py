"""The audit trail: lines are added and read, never changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, insert, or_, select

from idp.adapters.links import Link, Prepared
from idp.adapters.tables import audit
from idp.journeys.rows import AuditEvent, LoggedEvent

MOST_LINES = 1000

_RECORD = Prepared(insert(audit), ("at", "event", "reference", "account_id", "client_id", "details"))
# "" stands for « any »; a line's reference is never asked for by "".
_READ = (
    select(audit)
    .where(
        audit.c.id > bindparam("after"),
        or_(bindparam("reference") == "", audit.c.reference == bindparam("reference")),
        or_(bindparam("event") == "", audit.c.event == bindparam("event")),
    )
    .order_by(audit.c.id)
    .limit(MOST_LINES)
)

_NEWEST = (
    select(audit.c.at, audit.c.event, audit.c.client_id)
    .where(audit.c.account_id == bindparam("account"))
    .order_by(audit.c.id.desc())
    .limit(bindparam("at_most"))
)
_NEWEST_OF = _NEWEST.where(audit.c.event.in_(bindparam("events", expanding=True)))


class SqlLedger:
    """Implements `journeys.ports.Ledger`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.recorded: list[AuditEvent] = []  # in this unit of work, committed or not

    def record(self, event: AuditEvent, at: datetime) -> None:
        """Add one line."""
        self._link.write(
            _RECORD,
            {
                "at": at,
                "event": event.event,
                "reference": event.reference,
                "account_id": event.account_id,
                "client_id": event.client_id,
                "details": json.dumps(event.details, ensure_ascii=False, sort_keys=True),
            },
        )
        self.recorded.append(event)

    def load_newest(self, account_id: int, events: Sequence[str], *, at_most: int) -> list[LoggedEvent]:
        """Return the newest lines of an account, the newest first, of these events; of any for none."""
        values: dict[str, Any] = {"account": account_id, "at_most": at_most}
        found = (
            self._link.run(_NEWEST_OF, {**values, "events": list(events)})
            if events
            else self._link.run(_NEWEST, values)
        )
        return [LoggedEvent(row.at, row.event, row.client_id) for row in found]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line as it was recorded. `id` grows with time."""

    id: int
    at: datetime
    event: str
    reference: str
    account_id: int | None
    client_id: str | None
    details: dict[str, Any]


class LedgerReader:
    """Reads the ledger, for the control API."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def load_lines(self, *, reference: str = "", event: str = "", after: int = 0) -> list[LedgerLine]:
        """Return the oldest 1000 lines, at most, with an id above `after`; "" asks for any reference or event."""
        with self._engine.connect() as connection:
            rows = connection.execute(_READ, {"after": after, "reference": reference, "event": event}).all()
        return [
            LedgerLine(row.id, row.at, row.event, row.reference, row.account_id, row.client_id, json.loads(row.details))
            for row in rows
        ]
