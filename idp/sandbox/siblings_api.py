"""How the control API says what became of its siblings: the programs that follow its clock and its resets."""

from collections.abc import Sequence
from typing import Any

from idp.adapters.siblings import SiblingAnswer
from idp.sandbox.problems import Problem
from idp.sandbox.values import FLAG, TEXT, document_of, list_of

SIBLINGS = list_of(document_of({"address": TEXT, "followed": FLAG}, {"trouble": TEXT}))
REFUSAL = {502: "A sibling did not follow. The provider itself did what was asked; `siblings` names who did not."}


def write_siblings(answers: Sequence[SiblingAnswer]) -> list[dict[str, Any]]:
    """Return what became of each."""
    return [
        {"address": one.address, "followed": not one.trouble, **({"trouble": one.trouble} if one.trouble else {})}
        for one in answers
    ]


def check_siblings(answers: Sequence[SiblingAnswer]) -> None:
    """Say loudly that a sibling did not follow: a test that goes on would meet two times, or two worlds.

    Raises:
        Problem: 502, with the names.
    """
    lost = [f"{one.address} {one.trouble}" for one in answers if one.trouble]
    if lost:
        raise Problem(
            502,
            f"Done here, and not everywhere: {'; '.join(lost)}",
            members={"siblings": write_siblings(answers)},
        )
