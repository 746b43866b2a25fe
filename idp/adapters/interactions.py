"""Requests of an ENT that wait for a person. The request, the last answer and a second proof under way are sealed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from idp.adapters.links import Link, Prepared
from idp.adapters.tables import interaction
from idp.journeys.ports import Secrets
from idp.journeys.rows import InteractionRow

_REQUEST = "interaction-request"
_ANSWER = "interaction-answer"
_STEP_UP = "interaction-step-up"
_WRITTEN = tuple(column.name for column in interaction.columns if column.name != "id")

_FIELDS = ("id", *_WRITTEN)
_COLUMNS = tuple(interaction.c[name] for name in _FIELDS)
_LOAD = Prepared(select(*_COLUMNS).where(interaction.c.handle_hash == bindparam("handle_hash")))
_LOAD_BY_ID = Prepared(select(*_COLUMNS).where(interaction.c.id == bindparam("row_id")))
_ADD = Prepared(insert(interaction), _FIELDS)
_SAVE = Prepared(
    update(interaction)
    .where(interaction.c.id == bindparam("row_id"), interaction.c.turn == bindparam("expected_turn"))
    .values({name: bindparam(f"new_{name}") for name in _WRITTEN})
)


class SqlInteractions:
    """Implements `journeys.visit_ports.InteractionStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def load_interaction(self, handle_hash: str) -> InteractionRow | None:
        """Return the interaction with this handle.

        Raises:
            ValueError: The row was sealed with another master key.
        """
        return self._open(self._link.read_one(_LOAD, {"handle_hash": handle_hash}))

    def load_interaction_by_id(self, interaction_id: str) -> InteractionRow | None:
        """Return the interaction with this id.

        Raises:
            ValueError: The row was sealed with another master key.
        """
        return self._open(self._link.read_one(_LOAD_BY_ID, {"row_id": interaction_id}))

    def add_interaction(self, row: InteractionRow) -> None:
        """Keep a new interaction."""
        self._link.write(_ADD, {"id": row.id, **self._sealed(row)})

    def save_interaction(self, row: InteractionRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""
        values: dict[str, Any] = {f"new_{name}": value for name, value in self._sealed(row).items()}
        return self._link.write(_SAVE, {"row_id": row.id, "expected_turn": expected_turn, **values}) == 1

    def _sealed(self, row: InteractionRow) -> Mapping[str, Any]:
        values = {name: getattr(row, name) for name in _WRITTEN}
        values["request"] = None if row.request is None else self._secrets.seal(_REQUEST, row.request)
        values["last_answer"] = None if row.last_answer is None else self._secrets.seal(_ANSWER, row.last_answer)
        values["step_up"] = None if row.step_up is None else self._secrets.seal(_STEP_UP, row.step_up)
        return values

    def _open(self, row: Sequence[Any] | None) -> InteractionRow | None:
        if row is None:
            return None
        values = dict(zip(_FIELDS, row, strict=True))
        if values["request"] is not None:
            values["request"] = self._secrets.unseal(_REQUEST, values["request"])
        if values["last_answer"] is not None:
            values["last_answer"] = self._secrets.unseal(_ANSWER, values["last_answer"])
        if values["step_up"] is not None:
            values["step_up"] = self._secrets.unseal(_STEP_UP, values["step_up"])
        return InteractionRow(**values)
