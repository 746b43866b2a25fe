"""Standard claims (OpenID Connect Core 1.0 sections 5.1 and 5.4): their names, the scopes that release them, and what each may hold."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}
"""Section 5.4, without `given_name` and `family_name`: these are the school's to tell."""

StandardClaims = dict[str, Any]
_LONGEST = 1000  # characters of one text
_ADDRESS_MEMBERS = ("formatted", "street_address", "locality", "region", "postal_code", "country")  # section 5.1.1
_EARLIEST_YEAR, _OMITTED_YEAR, _LEAP_YEAR = 1850, 0, 2000
_END_OF_TIME = 253_402_300_800  # seconds: the year 10000
_BIRTHDATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2}))?")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")  # section 5.1: some write en_US
_PHONE = re.compile(r"\+[0-9][0-9 ().-]{3,30}(;ext=[0-9]{1,15})?")


class ClaimRefusedError(Exception):
    """A claim that section 5.1 does not describe. The message says what would be right; no value is quoted."""


def check_standard_claims(sent: object, today: date) -> StandardClaims:
    """Return claims whose every value has the type and the form of section 5.1.

    Args:
        sent: A JSON object, read.
        today: What no birthdate is later than.

    Raises:
        ClaimRefusedError: It is none, or a claim is unknown or not right.
    """
    if not isinstance(sent, dict):
        raise ClaimRefusedError("The body must be a JSON object with claims by name")
    for name, value in sent.items():
        if name in {"given_name", "family_name"}:
            raise ClaimRefusedError(f"{name} is what the school knows: it is told as the directory has it")
        if name not in _KINDS:
            raise ClaimRefusedError(f"Unknown claim. Known here: {', '.join(_KINDS)}")
        if not _KINDS[name].fits(value, today):
            raise ClaimRefusedError(f"{name} {_KINDS[name].problem}")
    return dict(sent)


@dataclass(frozen=True, slots=True)
class _Kind:
    fits: Callable[[object, date], bool]
    problem: str


def _is_text(value: object, *, lines: bool = False) -> bool:
    """A claim without a value is left out (section 5.3.2): a blank text, and the word null, would pass for one."""
    if not isinstance(value, str) or not value.strip() or value == "null" or len(value) > _LONGEST:
        return False
    return all(sign.isprintable() or (lines and sign in "\r\n") for sign in value)


def _is_like(form: re.Pattern[str]) -> Callable[[object, date], bool]:
    return lambda value, _: isinstance(value, str) and _is_text(value) and form.fullmatch(value) is not None


def _is_web_address(value: object, today: date) -> bool:
    del today
    if not isinstance(value, str) or not _is_text(value) or " " in value:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_birthdate(value: object, today: date) -> bool:
    """Section 5.1: YYYY-MM-DD, 0000-MM-DD where the year is left out, or YYYY."""
    found = _BIRTHDATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return False
    year = int(found[1])
    if found[2] is None:
        return _EARLIEST_YEAR <= year <= today.year
    try:
        born = date(year if year != _OMITTED_YEAR else _LEAP_YEAR, int(found[2]), int(found[3]))
    except ValueError:
        return False
    return year == _OMITTED_YEAR or (year >= _EARLIEST_YEAR and born <= today)


def _is_moment(value: object, today: date) -> bool:
    del today
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and 0 <= value < _END_OF_TIME


def _is_address(value: object, today: date) -> bool:
    """Section 5.1.1."""
    del today
    if not isinstance(value, dict) or not value:
        return False
    return all(member in _ADDRESS_MEMBERS and _is_text(text, lines=True) for member, text in value.items())


_TEXT = _Kind(
    lambda value, _: _is_text(value),
    f"must be a text that is not blank, of at most {_LONGEST} characters that can be shown",
)
_WEB_ADDRESS = _Kind(_is_web_address, "must be a web address that starts with https:// or http://")
_FLAG = _Kind(lambda value, _: isinstance(value, bool), "must be true or false")
_KINDS: Mapping[str, _Kind] = {
    "name": _TEXT,
    "middle_name": _TEXT,
    "nickname": _TEXT,
    "preferred_username": _TEXT,
    "profile": _WEB_ADDRESS,
    "picture": _WEB_ADDRESS,
    "website": _WEB_ADDRESS,
    "gender": _TEXT,
    "birthdate": _Kind(
        _is_birthdate,
        f"must be YYYY-MM-DD, 0000-MM-DD or YYYY, from {_EARLIEST_YEAR} until today, for example 1984-02-29",
    ),
    "zoneinfo": _Kind(_is_like(_ZONE), "must be the name of a time zone, for example Europe/Paris"),
    "locale": _Kind(_is_like(_LOCALE), "must be a language tag, for example fr-FR"),
    "updated_at": _Kind(_is_moment, "must be a number of seconds since 1970"),
    "email": _Kind(_is_like(_EMAIL), "must be an e-mail address, for example joe@famille.example"),
    "email_verified": _FLAG,
    "address": _Kind(_is_address, f"must be an object of texts, with any of: {', '.join(_ADDRESS_MEMBERS)}"),
    "phone_number": _Kind(_is_like(_PHONE), "must be a number in E.164 form, for example +33639980001"),
    "phone_number_verified": _FLAG,
}
