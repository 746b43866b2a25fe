"""What FranceConnect says of a person: the pivot identity, each claim checked by its type and its form.

Forms are those of FranceConnect v2 (docs/fidelity.md says how surely each is known). A claim that is missing or empty is accepted where it
may be: a person born abroad has no birthplace, a usage name is often absent. A claim that is there and malformed is refused with its name,
never with its value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_SUB = re.compile(r"[0-9a-f]{64}v1")
_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")  # INSEE COG: two digits or 2A, 2B, then three digits
_COUNTRY = re.compile(r"99[0-9]{3}")  # INSEE COG: 99100 is France
_BIRTHDATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRANCE = "99100"
_LONGEST_NAME = 256
_GENDERS = frozenset({"male", "female", "unspecified"})
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # and half a surrogate pair


class ClaimError(ValueError):
    """A claim that cannot be used. `claim` names it; its value is never told."""

    def __init__(self, claim: str) -> None:
        super().__init__(f"the claim {claim} is missing or malformed")
        self.claim = claim


@dataclass(frozen=True, slots=True)
class PivotIdentity:
    """A person as the civil register describes her or him, through FranceConnect.

    Attributes:
        family_name: Birth name.
        given_names: Every first name, in order.
        birthdate: None when FranceConnect does not know it; the first day of a month or of a year may be presumed.
        gender: ``male``, ``female`` or ``unspecified``.
        birthplace: COG code of the commune, "" when born abroad.
        birthcountry: COG code of the country, "" when it was not told.
        preferred_username: Usage name, "" when there is none.
        email: "" when it was not asked for. Proves nothing, and links nothing.
    """

    family_name: str
    given_names: tuple[str, ...]
    birthdate: date | None
    gender: str
    birthplace: str
    birthcountry: str
    preferred_username: str
    email: str


def read_sub(claims: Mapping[str, Any], *, strict: bool) -> str:
    """Return the pairwise subject.

    Args:
        claims: Of an ID token or of userinfo.
        strict: Whether it must have FranceConnect's own form, 64 hexadecimal digits and ``v1``.

    Raises:
        ClaimError: It is missing or malformed.
    """
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 0 < len(sub) <= 255 or _CONTROLS.search(sub):
        raise ClaimError("sub")
    if strict and not _SUB.fullmatch(sub):
        raise ClaimError("sub")
    return sub


def read_identity(claims: Mapping[str, Any]) -> PivotIdentity:
    """Return the identity that userinfo holds.

    Args:
        claims: Verified claims of userinfo.

    Raises:
        ClaimError: The first claim that is malformed, or a name that is missing.
    """
    birthcountry = _code(claims, "birthcountry", _COUNTRY)
    return PivotIdentity(
        family_name=_name(claims, "family_name", required=True),
        given_names=_given_names(claims),
        birthdate=_birthdate(claims),
        gender=_gender(claims),
        birthplace=_code(claims, "birthplace", _COMMUNE) if birthcountry in {"", _FRANCE} else "",
        birthcountry=birthcountry,
        preferred_username=_name(claims, "preferred_username", required=False),
        email=_text(claims, "email", lambda text: len(text) <= 254 and not _CONTROLS.search(text)),
    )


def _text(claims: Mapping[str, Any], claim: str, is_right: Callable[[str], Any]) -> str:
    value = claims.get(claim)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not is_right(value):
        raise ClaimError(claim)
    return value


def _name(claims: Mapping[str, Any], claim: str, *, required: bool) -> str:
    name = " ".join(_text(claims, claim, _is_name).split())
    if required and not name:
        raise ClaimError(claim)
    return name


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and not _CONTROLS.search(text)


def _given_names(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `given_name_array` where it is there: a name may hold a space, which `given_name` cannot tell from two names."""
    listed = claims.get("given_name_array")
    if listed is not None:
        if not isinstance(listed, list) or not all(isinstance(name, str) and _is_name(name) for name in listed):
            raise ClaimError("given_name_array")
        names = tuple(" ".join(name.split()) for name in listed if name.strip())
    else:
        names = tuple(_name(claims, "given_name", required=False).split())
    if not names:
        raise ClaimError("given_name")
    return names


def _birthdate(claims: Mapping[str, Any]) -> date | None:
    text = _text(claims, "birthdate", _BIRTHDATE.fullmatch)
    if not text:
        return None
    year, month, day = (int(part) for part in text.split("-"))
    try:
        # An identity provider may write 00 for what the register does not know; the register's own writing is 01.
        return date(year, month or 1, day or 1)
    except ValueError:
        raise ClaimError("birthdate") from None


def _gender(claims: Mapping[str, Any]) -> str:
    return _text(claims, "gender", lambda text: text in _GENDERS) or "unspecified"


def _code(claims: Mapping[str, Any], claim: str, form: re.Pattern[str]) -> str:
    return _text(claims, claim, form.fullmatch)
