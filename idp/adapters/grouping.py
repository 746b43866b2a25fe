"""Accounts that were grouped into another one of the same person, and how they are taken apart."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from idp.adapters.children_tables import account_group
from idp.adapters.links import Link, insert_unless_there
from idp.adapters.tables import account, account_guardian, franceconnect_link, from_microseconds, to_microseconds
from idp.journeys.grouping_ports import AccountGroup

_LINK_FIELDS = ("issuer", "sub", "identity_hash")
_COLUMNS = (account_group.c.account_id, account.c.identifiant, account_group.c.into_id, account_group.c.until)
_LOAD = (
    select(*_COLUMNS, account_group.c.set_aside)
    .join(account, account.c.id == account_group.c.account_id)
    .where(
        account_group.c.into_id == bindparam("into"),
        account_group.c.until > bindparam("now", type_=account_group.c.until.type),
    )
    .order_by(account_group.c.made_at, account_group.c.account_id)
)
_LOAD_ONE = (
    select(*_COLUMNS, account_group.c.set_aside)
    .join(account, account.c.id == account_group.c.account_id)
    .where(account_group.c.account_id == bindparam("of"))
)
_ADD = insert_unless_there(account_group)
_KEEP = update(account_group).where(account_group.c.account_id == bindparam("of")).values(set_aside=bindparam("aside"))
_FORGET = (
    delete(account_group).where(account_group.c.account_id == bindparam("of")).returning(account_group.c.set_aside)
)
_MOVE = (
    update(account_guardian)
    .where(account_guardian.c.account_id == bindparam("of"))
    .values(account_id=bindparam("to"))
    .returning(account_guardian.c.guardian_id)
)
_MOVE_BACK = (
    update(account_guardian)
    .where(
        account_guardian.c.account_id == bindparam("of"),
        account_guardian.c.guardian_id.in_(bindparam("ids", expanding=True)),
    )
    .values(account_id=bindparam("to"))
)
_UNLINK = (
    delete(franceconnect_link)
    .where(franceconnect_link.c.account_id == bindparam("of"))
    .returning(*(franceconnect_link.c[name] for name in (*_LINK_FIELDS, "linked_at")))
)
_RELINK = insert_unless_there(franceconnect_link)


class SqlGroupings:
    """Implements `journeys.grouping_ports.GroupingStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load_groups(self, into_id: int, now: datetime) -> list[AccountGroup]:
        """Return those that were grouped into an account and may be taken apart still, the oldest first."""
        return [_read(row) for row in self._link.run(_LOAD, {"into": into_id, "now": now})]

    def group(
        self, account_id: int, into_id: int, at: datetime, until: datetime, *, closes_at: datetime | None = None
    ) -> AccountGroup | None:
        """Move an account's records to another one and set it aside with its link; None when that was done already."""
        values = {"account_id": account_id, "into_id": into_id, "made_at": at, "until": until, "set_aside": "{}"}
        if self._link.run(_ADD[self._link.dialect], values).rowcount != 1:
            return None
        moved = sorted(self._link.run(_MOVE, {"of": account_id, "to": into_id}).scalars())
        linked = self._link.run(_UNLINK, {"of": account_id}).one_or_none()
        planned = None if closes_at is None else to_microseconds(closes_at)
        aside: dict[str, Any] = {"guardians": moved, "link": None, "closes_at": planned}
        if linked is not None:
            kept = {name: getattr(linked, name) for name in _LINK_FIELDS}
            aside["link"] = {**kept, "linked_at": to_microseconds(linked.linked_at)}
        self._link.run(_KEEP, {"of": account_id, "aside": json.dumps(aside)})
        return _read(self._link.run(_LOAD_ONE, {"of": account_id}).one())

    def ungroup(self, group: AccountGroup) -> bool:
        """Give back what still is where the grouping brought it; False when somebody else did so."""
        row = self._link.run(_FORGET, {"of": group.account_id}).one_or_none()
        if row is None:
            return False
        aside = json.loads(row.set_aside)
        self._link.run(_MOVE_BACK, {"of": group.into_id, "ids": aside["guardians"], "to": group.account_id})
        link = aside["link"]
        if link is not None:
            values = {**link, "account_id": group.account_id, "linked_at": from_microseconds(link["linked_at"])}
            self._link.run(_RELINK[self._link.dialect], values)
        return True


def _read(row: Row[Any]) -> AccountGroup:
    aside = json.loads(row.set_aside)
    planned = aside.get("closes_at")  # a row of an older release has none
    return AccountGroup(
        account_id=row.account_id,
        identifiant=row.identifiant,
        into_id=row.into_id,
        until=row.until,
        guardian_ids=tuple(aside["guardians"]),
        is_linked=aside["link"] is not None,
        closes_at=None if planned is None else from_microseconds(planned),
    )
