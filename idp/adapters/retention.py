"""What retention looks for: accounts by a last use that may be later than noted, persons who were warned, and the oldest lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, bindparam, delete, func, or_, select, update

from idp.adapters.links import Link, for_each_dialect
from idp.adapters.retention_tables import closing_warning, purge_mark
from idp.adapters.tables import account, audit, op_session, outbox
from idp.journeys.retention_ports import ClosingWarning, Place, Standing, Stretch, Trail

_BEFORE = bindparam("before", type_=audit.c.at.type)


def _next_of(moment: Column[Any], account_id: Column[Any]) -> Select[Any]:
    """Return the statement that walks along the index of a moment: it reads what is due, and begins where the last batch ended."""
    return (
        select(moment.label("moment"), account_id.label("account_id"))
        .where(
            moment <= bindparam("until", type_=moment.type),
            # Said twice: a database that does not walk an index by pairs begins at the moment all the same.
            moment >= bindparam("since", type_=moment.type),
            or_(moment > bindparam("since", type_=moment.type), account_id > bindparam("after_id")),
        )
        .order_by(moment, account_id)
        .limit(bindparam("most"))
    )


_UNUSED = _next_of(account.c.unused_since, account.c.id)
_WARNED = _next_of(closing_warning.c.look_at, closing_warning.c.account_id)
_ASKED = _next_of(account.c.closes_at, account.c.id)
_HOLD = select(account.c.id).where(account.c.id == bindparam("of")).with_for_update()
# A session says when somebody came through FranceConnect; `expiry` writes it to the account before it forgets the session.
_LATEST_SESSION = (
    select(func.max(op_session.c.auth_time, type_=op_session.c.auth_time.type))
    .where(op_session.c.account_id == account.c.id)
    .correlate(account)
    .scalar_subquery()
)
_STANDING = (
    select(
        account.c.created_at,
        account.c.password_at,
        account.c.signed_in_at,
        account.c.closes_at.label("asked_end"),
        _LATEST_SESSION.label("came_at"),
        closing_warning.c.stage,
        closing_warning.c.warned_at,
        closing_warning.c.closes_at,
    )
    .select_from(account)
    .outerjoin(closing_warning, closing_warning.c.account_id == account.c.id)
    .where(account.c.id == bindparam("of"))
)
_NOTE = update(account).where(account.c.id == bindparam("of")).values(unused_since=bindparam("at"))
_FORGET_WARNING = delete(closing_warning).where(closing_warning.c.account_id == bindparam("of"))
_WARN = for_each_dialect(
    lambda insert: (added := insert(closing_warning)).on_conflict_do_update(
        index_elements=[closing_warning.c.account_id],
        set_={column.name: added.excluded[column.name] for column in closing_warning.columns if not column.primary_key},
    )
)


@dataclass(frozen=True, slots=True)
class _Rows:
    """A trail: its table, whose ids grow with time, and which of its rows are due."""

    table: Table
    due: ColumnElement[bool]

    @property
    def stretch(self) -> Select[Any]:
        """The next rows: the id of each, and whether it is due."""
        return (
            select(self.table.c.id, self.due.label("due"))
            .where(self.table.c.id > bindparam("after_id"))
            .order_by(self.table.c.id)
            .limit(bindparam("most"))
        )


_TRAILS: Mapping[Trail, _Rows] = {
    Trail.AUDIT: _Rows(audit, audit.c.at <= _BEFORE),
    Trail.MESSAGES: _Rows(outbox, or_(outbox.c.sent_at <= _BEFORE, outbox.c.failed_at <= _BEFORE)),
}
_SURVEY = {trail: rows.stretch for trail, rows in _TRAILS.items()}
_FORGET = {
    trail: delete(rows.table).where(
        rows.table.c.id > bindparam("after_id"), rows.table.c.id <= bindparam("last_id"), rows.due
    )
    for trail, rows in _TRAILS.items()
}
_MARK = for_each_dialect(
    lambda insert: (added := insert(purge_mark)).on_conflict_do_update(
        index_elements=[purge_mark.c.trail],
        set_={"before": added.excluded.before},
        where=purge_mark.c.before < added.excluded.before,
    )
)


class SqlRetention:
    """Implements `journeys.retention_ports.RetentionStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load_unused(self, before: datetime, after: Place, limit: int) -> Sequence[Place]:
        """Return accounts of which no use after `before` was known to the latest purge, and of which nobody was warned."""
        return self._walk(_UNUSED, before, after, limit)

    def load_warned(self, now: datetime, after: Place, limit: int) -> Sequence[Place]:
        """Return accounts whose person was warned and of which something may be due."""
        return self._walk(_WARNED, now, after, limit)

    def load_asked(self, now: datetime, after: Place, limit: int) -> Sequence[Place]:
        """Return accounts whose person asked for an end that has come."""
        return self._walk(_ASKED, now, after, limit)

    def load_standing(self, account_id: int) -> Standing | None:
        """Return an account as it is at this moment, None when it is gone."""
        row = self._link.run(_STANDING, {"of": account_id}).one_or_none()
        if row is None:
            return None
        moments = (row.created_at, row.password_at, row.signed_in_at, row.came_at)
        warning = None if row.stage is None else ClosingWarning(row.stage, row.warned_at, row.closes_at)
        return Standing(account_id, max(moment for moment in moments if moment is not None), warning, row.asked_end)

    def hold_standing(self, account_id: int) -> Standing | None:
        """Do the same, and let nobody sign in, warn or close it before this transaction ends.

        Two statements: the second sees what whoever held the account before left behind.
        """
        self._link.run(_HOLD, {"of": account_id})
        return self.load_standing(account_id)

    def note_use(self, account_id: int, used_at: datetime) -> None:
        """Remember when an account was last used, and forget that its person was warned."""
        self._link.run(_FORGET_WARNING, {"of": account_id})
        self._link.run(_NOTE, {"of": account_id, "at": used_at})

    def note_warning(self, account_id: int, warning: ClosingWarning, look_at: datetime) -> None:
        """Remember a warning, in place of the former one, and when to look again."""
        self._link.run(
            _WARN[self._link.dialect],
            {
                "account_id": account_id,
                "stage": warning.stage,
                "warned_at": warning.warned_at,
                "closes_at": warning.closes_at,
                "look_at": look_at,
            },
        )
        self._link.run(_NOTE, {"of": account_id, "at": None})

    def survey(self, trail: Trail, before: datetime, after_id: int, limit: int) -> Stretch:
        """Return the next rows of a trail, and how many of them are over and as old as `before`."""
        rows = self._link.run(_SURVEY[trail], {"before": before, "after_id": after_id, "most": limit}).all()
        return Stretch(rows[-1].id if rows else after_id, sum(bool(row.due) for row in rows))

    def forget(self, trail: Trail, before: datetime, after_id: int, last_id: int) -> int:
        """Forget the rows of a stretch that are due, write down up to when they went, and return how many did."""
        self._link.run(_MARK[self._link.dialect], {"trail": trail.value, "before": before})
        values = {"before": before, "after_id": after_id, "last_id": last_id}
        return self._link.run(_FORGET[trail], values).rowcount

    def _walk(self, statement: Select[Any], until: datetime, after: Place, limit: int) -> list[Place]:
        values = {"until": until, "since": after.moment, "after_id": after.account_id, "most": limit}
        return [Place(row.moment, row.account_id) for row in self._link.run(statement, values)]
