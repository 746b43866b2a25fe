"""Counters shared by all processes: one row, one statement for each use."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Executable, Table, bindparam, case, delete, select, update

from idp.adapters.links import Link, Prepared, for_each_dialect
from idp.adapters.tables import quota
from idp.journeys.rows import Ceiling, QuotaState

_MOST_AT_ONCE = 8  # ceilings that one act counts against


def _build_take(insert: Callable[[Table], Any], rows: int) -> Executable:
    moment = quota.c.resets_at.type
    over = quota.c.resets_at <= bindparam("now", type_=moment)
    fresh = insert(quota).values(
        [
            {"key": bindparam(f"key_{row}"), "used": 1, "resets_at": bindparam(f"ends_{row}", type_=moment)}
            for row in range(rows)
        ]
    )
    taken: Executable = fresh.on_conflict_do_update(
        index_elements=[quota.c.key],
        set_={
            "used": case((over, 1), else_=quota.c.used + 1),
            "resets_at": case((over, fresh.excluded.resets_at), else_=quota.c.resets_at),
        },
    ).returning(quota.c.key, quota.c.used, quota.c.resets_at)
    return taken


_TAKE = {rows: for_each_dialect(partial(_build_take, rows=rows)) for rows in range(1, _MOST_AT_ONCE + 1)}
_FILL = for_each_dialect(
    lambda insert: (added := insert(quota)).on_conflict_do_update(
        index_elements=[quota.c.key],
        set_={"used": added.excluded.used, "resets_at": added.excluded.resets_at},
    )
)
_AT_ONCE = (
    4  # keys of one statement: no ceiling of a journey has more, and a list of unknown length is made anew each time
)
_LOAD = Prepared(
    select(quota.c.key, quota.c.used, quota.c.resets_at).where(
        quota.c.key.in_([bindparam(f"key_{place}", type_=quota.c.key.type) for place in range(_AT_ONCE)])
    )
)
_GIVE_BACK = update(quota).where(quota.c.key.in_(bindparam("keys", expanding=True))).values(used=quota.c.used - 1)
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
        return self.take_all([Ceiling(key, limit, window)], now=now)[key]

    def take_all(self, ceilings: Sequence[Ceiling], *, now: datetime) -> dict[str, QuotaState]:
        """Count one use against each ceiling: one statement.

        Args:
            ceilings: At most 8, each with a key of its own.
            now: The present moment.
        """
        # In one order everywhere: two transactions that lock the same rows never wait for one another.
        ordered = sorted(ceilings, key=lambda one: one.key)
        values: dict[str, object] = {"now": now}
        for row, one in enumerate(ordered):
            values |= {f"key_{row}": one.key, f"ends_{row}": now + one.window}
        limits = {one.key: one.limit for one in ordered}
        return {
            row.key: QuotaState(allowed=row.used <= limits[row.key], used=row.used, resets_at=row.resets_at)
            for row in self._link.run(_TAKE[len(ordered)][self._link.dialect], values)
        }

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

    def fill(self, ceiling: Ceiling, *, now: datetime) -> None:
        """Use a ceiling up, for a window that begins now: one statement."""
        values = {"key": ceiling.key, "used": ceiling.limit, "resets_at": now + ceiling.window}
        self._link.run(_FILL[self._link.dialect], values)

    def give_back(self, keys: Sequence[str]) -> None:
        """Take back one use of each key, counted in this transaction: nobody else has seen it."""
        self._link.run(_GIVE_BACK, {"keys": list(keys)})

    def forget(self, key: str) -> None:
        """Reset a counter."""
        self._link.run(_FORGET, {"of_key": key})
