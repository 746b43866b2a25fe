"""The clock, as a tester moves it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from idp.adapters.clock import TestClock
from idp.adapters.siblings import SiblingAnswer, Siblings
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.siblings_api import REFUSAL, SIBLINGS, check_siblings, write_siblings
from idp.sandbox.values import FLAG, MOMENT, document_of, read_duration, write_moment

_MEMBERS = "now, advance_seconds, freeze, resume"
_MEMBERS_OF_STATE = {"now": MOMENT, "frozen": FLAG}
_STATE = document_of(_MEMBERS_OF_STATE)
_MOVE = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {
        "now": MOMENT,
        "advance_seconds": {"type": "number"},
        "freeze": {"const": True},
        "resume": {"const": True},
    },
    "additionalProperties": False,
}


def clock_operations(clock: TestClock, siblings: Siblings) -> Sequence[Operation]:
    """Return the calls about the clock."""

    def load(_asked: Asked) -> Mapping[str, Any]:
        state = clock.load_state()
        return {"now": write_moment(state.now), "frozen": state.frozen}

    def move(asked: Asked) -> Mapping[str, Any]:
        act = _read_move(asked.body, clock)
        try:
            act()
        except ValueError as fault:
            raise Problem(422, str(fault)) from None
        answers = _lead(clock, siblings)
        check_siblings(answers)
        return {**load(asked), "siblings": write_siblings(answers)} if answers else load(asked)

    return (
        Operation("GET", "/clock", load, "Tell the time of this instance.", _STATE),
        Operation(
            "PUT",
            "/clock",
            move,
            "Set, advance, freeze or resume the clock. Every process follows, and every sibling that the settings name.",
            document_of(_MEMBERS_OF_STATE, {"siblings": SIBLINGS}),
            body=_MOVE,
            refusals={422: "The clock cannot do that.", **REFUSAL},
        ),
    )


def _lead(clock: TestClock, siblings: Siblings) -> Sequence[SiblingAnswer]:
    """Let the siblings show this time; again when somebody else moved the clock meanwhile, or the first move could be the last told."""
    while True:
        state = clock.load_state()
        answers = siblings.follow_clock(state)
        if clock.load_state().shows_like(state):
            return answers


def _read_move(body: Any, clock: TestClock) -> Callable[[], None]:
    """Return what the body asks of the clock.

    Raises:
        Problem: 422; it asks for nothing that the clock can do.
    """
    if not isinstance(body, dict) or len(body) != 1:
        raise Problem(422, f"The body must be a JSON object with exactly one of: {_MEMBERS}")
    [(member, value)] = body.items()
    if member == "now" and isinstance(value, str):
        moment = _moment(value)
        return lambda: clock.set(moment)
    if member == "advance_seconds" and isinstance(value, int | float) and not isinstance(value, bool):
        by = read_duration(value, "advance_seconds")
        return lambda: clock.advance(by)
    if member == "freeze" and value is True:
        return clock.freeze
    if member == "resume" and value is True:
        return clock.resume
    raise Problem(
        422,
        'The body must be {"now": "2031-03-14T09:00:00Z"}, {"advance_seconds": 60}, {"freeze": true} or {"resume": true}',
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Problem(422, "now must be a moment of ISO 8601, for example 2031-03-14T09:00:00Z") from None
