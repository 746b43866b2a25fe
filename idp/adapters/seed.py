"""What a reset gives back to the guardians of families documents: accounts and contests, as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from idp.adapters.links import Link, for_each_dialect
from idp.adapters.tester_tables import seed

_LOAD = select(seed.c.state).where(seed.c.key == bindparam("of_key"))
_LOAD_ALL = select(seed.c.state).order_by(seed.c.key)
_FORGET = delete(seed).where(seed.c.key.in_(bindparam("keys", expanding=True)))
_KEEP = for_each_dialect(
    lambda insert: (added := insert(seed)).on_conflict_do_update(
        index_elements=[seed.c.key], set_={"state": added.excluded.state}
    )
)


class SqlSeed:
    """Implements `journeys.ports.SeedStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load(self, key: str) -> dict[str, Any] | None:
        """Return what is kept of one guardian, None for nothing."""
        state = self._link.run(_LOAD, {"of_key": key}).scalar_one_or_none()
        return None if state is None else dict(json.loads(state))

    def load_all(self) -> list[dict[str, Any]]:
        """Return what is kept of everybody, in the order of the keys."""
        return [dict(json.loads(state)) for state in self._link.run(_LOAD_ALL).scalars()]

    def keep(self, key: str, state: Mapping[str, Any]) -> None:
        """Keep what one guardian had done, in place of what was kept before."""
        self._link.run(_KEEP[self._link.dialect], {"key": key, "state": json.dumps(state)})

    def forget(self, keys: Sequence[str]) -> None:
        """Forget what is kept under these keys."""
        self._link.run(_FORGET, {"keys": list(keys)})
