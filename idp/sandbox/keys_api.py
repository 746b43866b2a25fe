"""The signing keys, as a tester rotates them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from idp.adapters.key_rotation import KeyRefusedError, KeyRotation, NoSuchKeyError, Rotated, TooEarly
from idp.protocol.key_rotation import KeyLife, KeyState
from idp.protocol.signing_keys import ALGORITHMS
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.problems import Problem
from idp.sandbox.values import (
    MOMENT,
    MOMENT_OR_NONE,
    TEXT,
    document_of,
    list_of,
    one_of,
    write_moment,
    write_moment_or_none,
)

_ROTATED = document_of({"algorithm": one_of(*ALGORITHMS), "active": TEXT, "next": TEXT, "retiring": TEXT})
_KEY = document_of(
    {
        "kid": TEXT,
        "algorithm": one_of(*ALGORITHMS),
        "state": one_of(*KeyState),
        "created_at": MOMENT,
        "signs_since": MOMENT_OR_NONE,
        "retired_at": MOMENT_OR_NONE,
        "published_until": MOMENT_OR_NONE,
    }
)


def key_operations(rotation: KeyRotation) -> Sequence[Operation]:
    """Return the calls about keys."""

    def rotate(asked: Asked) -> list[dict[str, str]]:
        algorithm = asked.query.get("algorithm", "")
        if algorithm and algorithm not in ALGORITHMS:
            raise Problem(400, f"algorithm must be one of: {', '.join(ALGORITHMS)}")
        rotated = [
            rotation.rotate(one, in_a_hurry=True) for one in ([algorithm] if algorithm else rotation.load_algorithms())
        ]
        early = [one for one in rotated if isinstance(one, TooEarly)]
        if early:
            told = ", ".join(f"{one.next.algorithm} from {write_moment(one.signs_from)}" for one in early)
            raise Problem(
                409,
                f"A next key may not sign before every process publishes it: {told}. Others were rotated. Move the clock and ask again",
            )
        return [
            {
                "algorithm": one.active.algorithm,
                "active": one.active.kid,
                "next": one.next.kid,
                "retiring": one.retiring.kid,
            }
            for one in rotated
            if isinstance(one, Rotated)
        ]

    def load(_asked: Asked) -> list[dict[str, Any]]:
        lives, now = rotation.load_keys()
        return [_write(life, now) for life in lives]

    def retire(asked: Asked) -> dict[str, Any]:
        try:
            life = rotation.retire(asked.path["kid"])
        except NoSuchKeyError:
            raise Problem(404, "There is no such key: see GET /sandbox/v1/keys") from None
        except KeyRefusedError:
            raise Problem(409, "This key signs: let another one sign first (POST /sandbox/v1/keys/rotate)") from None
        _, now = rotation.load_keys()
        return _write(life, now)

    return (
        Operation("GET", "/keys", load, "List every key that there ever was, the oldest first.", list_of(_KEY)),
        Operation(
            "POST",
            "/keys/{kid}/retire",
            retire,
            "Take a key that does not sign out of the published ones, as when it leaked.",
            _KEY,
            refusals={404: "There is no such key.", 409: "It signs."},
        ),
        Operation(
            "POST",
            "/keys/rotate",
            rotate,
            "Let the next key sign, as soon as every process publishes it.",
            list_of(_ROTATED),
            query=(Parameter("algorithm", "Of this algorithm alone.", "RS256"),),
            refusals={409: "A next key was made less than two minutes ago, by the instance's clock."},
        ),
    )


def _write(life: KeyLife, now: datetime) -> dict[str, Any]:
    return {
        "kid": life.kid,
        "algorithm": life.algorithm,
        "state": life.state_at(now).value,
        "created_at": write_moment(life.created_at),
        "signs_since": write_moment_or_none(life.signs_since),
        "retired_at": write_moment_or_none(life.retired_at),
        "published_until": write_moment_or_none(life.published_until),
    }
