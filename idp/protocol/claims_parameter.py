"""The `claims` request parameter (OpenID Connect Core 1.0 section 5.5): claims asked for one by one, and what is insisted on.

Which of them a client may be told is the journeys' business. A claim that is asked for with a value is told as it is; only `sub` and `acr`
are conditions (sections 5.5.1 and 5.5.1.1).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.protocol.authorization_request import AuthorizationRequest, Draft, Problem

_MEMBERS = ("userinfo", "id_token")
_SHAPE = "claims must be a JSON object as OpenID Connect Core 1.0 section 5.5 has it"


class _MalformedError(Exception):
    """It is not what section 5.5 describes. The message says where, for the client's developer; nothing of it is quoted."""


@dataclass(frozen=True, slots=True)
class RequestedClaims:
    """Claims that a request asked for one by one, by where they are told."""

    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()


def write_claims(request: AuthorizationRequest) -> str | None:
    """Return what is kept with a code and its tokens, None where nothing was asked for one by one."""
    asked = {"userinfo": request.userinfo_claims, "id_token": request.id_token_claims}
    return json.dumps(asked) if any(asked.values()) else None


def read_claims(kept: str | None) -> RequestedClaims:
    """Read what `write_claims` made."""
    asked = json.loads(kept) if kept else {}
    return RequestedClaims(*(tuple(asked.get(member, ())) for member in _MEMBERS))


def check_claims(draft: Draft) -> Problem:
    """Read the parameter. Unknown members and claims are ignored; `sub` and `acr` become conditions."""
    text = draft.one("claims")
    if not text:
        return None
    try:
        asked = _read(text)
    except _MalformedError as problem:
        return "invalid_request", str(problem)
    for member in _MEMBERS:
        draft.found[f"{member}_claims"] = tuple(name for name in asked[member] if name in draft.rules.claim_names)
    for member in _MEMBERS:
        subjects = _values_of(asked[member].get("sub"))
        if subjects and not draft.narrow_subjects(subjects):
            return "invalid_request", "sub is asked for with values that exclude one another."
    return _check_acr(draft, asked["id_token"].get("acr"))


def _check_acr(draft: Draft, acr: Mapping[str, Any] | None) -> Problem:
    """Section 5.5.1.1: one of the values where it is essential, and otherwise a wish like `acr_values`."""
    values = _values_of(acr)
    draft.found["acr_values"] = tuple(dict.fromkeys((*values, *draft.request.acr_values)))
    if not (acr and acr.get("essential") and values):
        return None
    essential = tuple(value for value in values if value in draft.rules.acr_values)
    if not essential:
        # OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
        return "unmet_authentication_requirements", "acr is essential, and none of its values can be met here."
    draft.found["essential_acr"] = essential
    return None


def _read(text: str) -> dict[str, dict[str, Mapping[str, Any] | None]]:
    """Return both members, {} for an absent one.

    Raises:
        _MalformedError: It is not what the text describes.
    """
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        raise _MalformedError(f"{_SHAPE}: it is no JSON.") from None
    if not isinstance(asked, dict):
        raise _MalformedError(f"{_SHAPE}: it is no object.")
    read: dict[str, dict[str, Mapping[str, Any] | None]] = {}
    for member in _MEMBERS:
        read[member] = {} if asked.get(member) is None else asked[member]
        if not isinstance(read[member], dict) or not all(map(_is_right, read[member].items())):
            raise _MalformedError(f"{_SHAPE}: {member} is not.")
    return read


def _is_right(pair: tuple[str, Any]) -> bool:
    """Tell whether one claim is asked for in a form of section 5.5.1."""
    name, asked = pair
    if asked is None:
        return True
    if not isinstance(asked, dict) or not isinstance(asked.get("essential", False), bool):
        return False
    if not isinstance(asked.get("values", []), list):
        return False
    # These two are compared: a value that is no text could never be met.
    return name not in {"sub", "acr"} or all(isinstance(value, str) for value in _values_of(asked))


def _values_of(asked: Mapping[str, Any] | None) -> tuple[Any, ...]:
    if asked is None:
        return ()
    return (asked["value"],) if "value" in asked else tuple(asked.get("values", ()))
