"""Activations under way. What was typed and found is sealed: a copy of the database shows nobody's name, number or code."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, insert, or_, select, update

from idp.adapters.links import Link
from idp.adapters.tables import activation
from idp.journeys.ports import Secrets
from idp.journeys.rows import ActivationRow

_STATE = "activation-state"
_ANSWER = "activation-answer"
_WRITTEN = tuple(column.name for column in activation.columns if column.name != "id")

# A doubled POST still carries the secret that the first one replaced. Should one hash ever stand in both columns, the present one wins.
_LOAD = (
    select(*(activation.c[name] for name in ("id", *_WRITTEN)))
    .where(or_(activation.c.browser_hash == bindparam("hash"), activation.c.former_browser_hash == bindparam("hash")))
    .order_by(case((activation.c.browser_hash == bindparam("hash"), 0), else_=1), activation.c.created_at.desc())
    .limit(1)
)
_LOAD_ALL = (
    select(*(activation.c[name] for name in ("id", *_WRITTEN)))
    .where(activation.c.expires_at > bindparam("now", type_=activation.c.expires_at.type))
    .order_by(activation.c.created_at, activation.c.id)
)
_ADD = insert(activation)
_SAVE = (
    update(activation)
    .where(activation.c.id == bindparam("row_id"), activation.c.turn == bindparam("expected_turn"))
    .values({name: bindparam(f"new_{name}") for name in _WRITTEN})
)
_ERASE = delete(activation).where(activation.c.id == bindparam("row_id"))


class SqlActivations:
    """Implements `journeys.visit_ports.ActivationStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def load_activation(self, browser_hash: str) -> ActivationRow | None:
        """Return the activation whose present or former browser hash this is.

        Raises:
            ValueError: The row was sealed with another master key.
        """
        row = self._link.run(_LOAD, {"hash": browser_hash}).one_or_none()
        return None if row is None else self._open(row)

    def add_activation(self, row: ActivationRow) -> None:
        """Keep a new activation."""
        self._link.run(_ADD, {"id": row.id, **self._sealed(row)})

    def save_activation(self, row: ActivationRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""
        values: dict[str, Any] = {f"new_{name}": value for name, value in self._sealed(row).items()}
        return self._link.run(_SAVE, {"row_id": row.id, "expected_turn": expected_turn, **values}).rowcount == 1

    def erase_activation(self, activation_id: str) -> None:
        """Forget an activation and all that was typed in it."""
        self._link.run(_ERASE, {"row_id": activation_id})

    def load_activations(self, now: datetime) -> list[ActivationRow]:
        """Return every activation that has not run out, the oldest first.

        Raises:
            ValueError: A row was sealed with another master key.
        """
        return [self._open(row) for row in self._link.run(_LOAD_ALL, {"now": now})]

    def _sealed(self, row: ActivationRow) -> Mapping[str, Any]:
        values = {name: getattr(row, name) for name in _WRITTEN}
        values["state"] = self._secrets.seal(_STATE, row.state)
        values["last_answer"] = None if row.last_answer is None else self._secrets.seal(_ANSWER, row.last_answer)
        return values

    def _open(self, row: Row[Any]) -> ActivationRow:
        values = dict(row._mapping)
        values["state"] = self._secrets.unseal(_STATE, values["state"])
        if values["last_answer"] is not None:
            values["last_answer"] = self._secrets.unseal(_ANSWER, values["last_answer"])
        return ActivationRow(**values)
