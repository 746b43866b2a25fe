"""Counters shared by all processes: one row, one statement for each use."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Table, bindparam, case, delete, select

from idp.adapters.links import Link, Prepared, for_each_dialect
from idp.adapters.tables import quota
from idp.journeys.rows import QuotaState


def _build_take(insert: Callable[[Table], Any]) -> Executable:
    over = quota.c.resets_at <= bindparam("now", type_=quota.c.resets_at.type)
    fresh = insert(quota).values(
        key=bindparam("key"), used=1, resets_at=bindparam("ends", type_=quota.c.resets_at.type)
    )
    taken: Executable = fresh.on_conflict_do_update(
        index_elements=[quota.c.key],
        set_={
            "used": case((over, 1), else_=quota.c.used + 1),
            "resets_at": case((over, fresh.excluded.resets_at), else_=quota.c.resets_at),
        },
    ).returning(quota.c.used, quota.c.resets_at)
    return taken


_TAKE = for_each_dialect(_build_take)
_AT_ONCE = (
    4  # keys of one statement: no ceiling of a journey has more, and a list of unknown length is made anew each time
)
_LOAD = Prepared(
    select(quota.c.key, quota.c.used, quota.c.resets_at).where(
        quota.c.key.in_([bindparam(f"key_{place}", type_=quota.c.key.type) for place in range(_AT_ONCE)])
    )
)
_FORGET = delete(quota).where(quota.c.key == bindparam("of_key"))


class SqlQuotas:
    """Implements `journeys.ports.QuotaStore`. A window begins with the first use after the former one ended."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> QuotaState:
        """Count one use of `key`; not allowed once more than `limit` uses fall in the present window.

        Args:
            key: Purpose and keyed hash of what is counted, at most 96 characters.
            limit: Uses allowed in one window.
            window: Length of a window.
            now: The present moment.
        """
        row = self._link.run(_TAKE[self._link.dialect], {"key": key, "now": now, "ends": now + window}).one()
        return QuotaState(allowed=row.used <= limit, used=row.used, resets_at=row.resets_at)

    def load_quotas(self, limits: Mapping[str, int], *, now: datetime) -> dict[str, QuotaState]:
        """Tell for each key whether one more use would be allowed under its limit, without counting it.

        One statement for each four keys.
        """
        states = {key: QuotaState(allowed=limit > 0, used=0, resets_at=now) for key, limit in limits.items()}
        keys = list(limits)
        for begins in range(0, len(keys), _AT_ONCE):
            batch = keys[begins : begins + _AT_ONCE]
            values = {f"key_{place}": batch[min(place, len(batch) - 1)] for place in range(_AT_ONCE)}
            for key, used, resets_at in self._link.read_all(_LOAD, values):
                if resets_at > now:
                    states[key] = QuotaState(used < limits[key], used, resets_at)
        return states

    def forget(self, key: str) -> None:
        """Reset a counter."""
        self._link.run(_FORGET, {"of_key": key})
