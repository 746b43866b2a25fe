"""The world under a name: saved once, given back before each test."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from idp.adapters.clock import TestClock
from idp.adapters.siblings import SiblingAnswer, Siblings
from idp.adapters.snapshots import SnapshotLine, SnapshotRefusedError, Snapshots
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.siblings_api import REFUSAL, check_siblings
from idp.sandbox.values import MOMENT, NUMBER, TEXT, document_of, list_of, write_moment

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SNAPSHOT = document_of({"name": TEXT, "saved_at": MOMENT, "rows": NUMBER, "bytes": NUMBER})
_NOWHERE = {404: "Nothing is kept under this name."}
_PATH = "/snapshots/{name}"


@dataclass(frozen=True, slots=True)
class _Snapshots:
    kept: Snapshots
    clock: TestClock
    siblings: Siblings

    def load_all(self, _asked: Asked) -> list[dict[str, Any]]:
        return [_write(one) for one in self.kept.load_all()]

    def save(self, asked: Asked) -> dict[str, Any]:
        name = asked.path["name"]
        if not _NAME.fullmatch(name):
            raise Problem(422, "A name has small letters, digits, dots, hyphens and underscores, 64 at most")
        try:
            return _write(self.kept.save(name))
        except SnapshotRefusedError as refusal:
            raise Problem(409, str(refusal)) from None

    def restore(self, asked: Asked) -> None:
        try:
            found = bool(_NAME.fullmatch(asked.path["name"])) and self.kept.restore(asked.path["name"])
        except SnapshotRefusedError as refusal:
            raise Problem(409, str(refusal)) from None
        if not found:
            raise Problem(404, "Nothing is kept under this name: see GET /sandbox/v1/snapshots")
        check_siblings(self._begin_again())

    def forget(self, asked: Asked) -> None:
        if not (_NAME.fullmatch(asked.path["name"]) and self.kept.forget(asked.path["name"])):
            raise Problem(404, "Nothing is kept under this name: see GET /sandbox/v1/snapshots")

    def _begin_again(self) -> Sequence[SiblingAnswer]:
        """Let the siblings begin again, at the time that was given back."""
        answers = self.siblings.reset()
        return answers if any(one.trouble for one in answers) else self.siblings.follow_clock(self.clock.load_state())


def snapshot_operations(kept: Snapshots, clock: TestClock, siblings: Siblings) -> Sequence[Operation]:
    """Return the calls about snapshots."""
    calls = _Snapshots(kept, clock, siblings)
    return (
        Operation("GET", "/snapshots", calls.load_all, "List what is kept, by name.", list_of(_SNAPSHOT)),
        Operation(
            "PUT",
            _PATH,
            calls.save,
            "Keep the world under a name, in place of what was kept there: all that a reset forgets, and the time.",
            _SNAPSHOT,
            refusals={409: "As many are kept as may be.", 422: "The name is not right."},
        ),
        Operation(
            "POST",
            f"{_PATH}/restore",
            calls.restore,
            "Give the world back as it stood, at the time that its clock showed. Siblings begin again at that time.",
            refusals={**_NOWHERE, 409: "Another version of the tables saved it.", **REFUSAL},
        ),
        Operation("DELETE", _PATH, calls.forget, "Forget what is kept under a name.", refusals=_NOWHERE),
    )


def _write(line: SnapshotLine) -> dict[str, Any]:
    return {"name": line.name, "saved_at": write_moment(line.saved_at), "rows": line.rows, "bytes": line.size}
