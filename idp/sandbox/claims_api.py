"""What a tester makes up of a person: standard claims that no directory holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from idp.adapters.clock import TestClock
from idp.adapters.extra_claims import ExtraClaims
from idp.people.identifiants import is_identifiant, normalise_identifiant
from idp.protocol.standard_claims import ClaimRefusedError, check_standard_claims
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.problems import Problem
from idp.sandbox.values import ANYTHING

_PATH = "/persons/{identifiant}/claims"
_NOBODY = {404: "Nobody has this identifiant."}


def claims_operations(kept: ExtraClaims, clock: TestClock) -> Sequence[Operation]:
    """Return the calls about claims that are made up."""

    def load(asked: Asked) -> Mapping[str, Any]:
        kept_as = normalise_identifiant(asked.path["identifiant"])
        claims = kept.load(kept_as) if is_identifiant(kept_as) else None
        if claims is None:
            raise Problem(404, "No account has this identifiant: activate it first")
        return claims

    def replace(asked: Asked) -> Mapping[str, Any]:
        try:
            claims = check_standard_claims(asked.body, clock.now().date())
        except ClaimRefusedError as refusal:
            raise Problem(422, str(refusal)) from None
        load(asked)
        kept.replace(normalise_identifiant(asked.path["identifiant"]), claims)
        return claims

    def forget(asked: Asked) -> None:
        load(asked)
        kept.forget(normalise_identifiant(asked.path["identifiant"]))

    return (
        Operation("GET", _PATH, load, "Tell which claims are made up of a person.", ANYTHING, refusals=_NOBODY),
        Operation(
            "PUT",
            _PATH,
            replace,
            "Make up standard claims of a person, in place of all former ones.",
            ANYTHING,
            body=ANYTHING,
            refusals={**_NOBODY, 422: "A claim is not right."},
        ),
        Operation("DELETE", _PATH, forget, "Forget the claims that were made up of a person.", refusals=_NOBODY),
    )
