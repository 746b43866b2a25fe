"""The identifiant: first letter, dot, family name in a to z, four random digits. Numbers in a row could be guessed."""

import re
import unicodedata

_LONGEST_NAME = 40
_LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
_SPOKEN = {".": "point"}


def identifiant_stem(given_name: str, family_name: str) -> str:
    """Return what comes before the digits: « j.dupont ». A name without any letter of a to z gives « x »."""
    return f"{_letters(given_name)[:1] or 'x'}.{_letters(family_name)[:_LONGEST_NAME] or 'x'}"


def compose_identifiant(stem: str, digits: str) -> str:
    """Return a whole identifiant: « j.dupont4271 »."""
    return f"{stem}{digits}"


def normalise_identifiant(typed: str) -> str:
    """Return an identifiant as it is kept, from any way of typing it."""
    return re.sub(r"\s+", "", typed).lower()


def is_identifiant(value: str) -> bool:
    """Tell whether this has the form of an identifiant, as it is kept."""
    return re.fullmatch(rf"[a-z]\.[a-z]{{1,{_LONGEST_NAME}}}[0-9]{{4}}", value) is not None


def spell_identifiant(value: str) -> str:
    """Return an identifiant letter by letter: « j, point, d, u, p, o, n, t, 4, 2, 7, 1 »."""
    return ", ".join(_SPOKEN.get(sign, sign) for sign in value)


def _letters(name: str) -> str:
    lowered = "".join(_LIGATURES.get(sign, sign) for sign in name.lower())
    return "".join(sign for sign in unicodedata.normalize("NFD", lowered) if "a" <= sign <= "z")
