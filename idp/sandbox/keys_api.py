"""The signing keys, as a tester rotates them."""

from collections.abc import Sequence

from idp.adapters.key_rotation import KeyRotation, Rotated, TooEarly
from idp.protocol.signing_keys import ALGORITHMS
from idp.sandbox.operations import Asked, Operation, Parameter
from idp.sandbox.problems import Problem
from idp.sandbox.values import TEXT, document_of, list_of, one_of, write_moment

_ROTATED = document_of({"algorithm": one_of(*ALGORITHMS), "active": TEXT, "next": TEXT, "retiring": TEXT})


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

    return (
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
