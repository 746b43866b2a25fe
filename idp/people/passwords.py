"""The guide's five rules for a password, and the two that keep it from being guessed."""

import unicodedata
from collections.abc import Callable, Sequence

from idp.people.names import fold_name

SPECIALS = "!?@#$%&'()*+,-.:;"
SHORTEST_LENGTH = 8
MAXIMUM_LENGTH = 128
_SHORTEST_OWN_WORD = 3


def normalise_password(password: str) -> str:
    """Return one form of the same characters, however the keyboard made them (Unicode NFC)."""
    return unicodedata.normalize("NFC", password)


def rules_met(password: str) -> tuple[bool, bool, bool, bool, bool]:
    """Tell which rules a password meets, in the guide's order: upper case, lower case, digit, special character, 8 characters."""
    kinds = {unicodedata.category(sign) for sign in password}
    return (
        "Lu" in kinds,
        "Ll" in kinds,
        any(sign in "0123456789" for sign in password),
        any(sign in SPECIALS for sign in password),
        len(password) >= SHORTEST_LENGTH,
    )


def password_fault(password: str, *, own_words: Sequence[str], is_common: Callable[[str], bool]) -> str | None:
    """Return what is wrong with a new password, or None.

    Args:
        password: As typed.
        own_words: Names of the person and of the children, which it may not hold.
        is_common: Tells whether it is among the most used ones.

    Returns:
        ``empty``, ``too-long``, ``rules``, ``common``, ``own-name`` or None.
    """
    if not password:
        return "empty"
    if len(password) > MAXIMUM_LENGTH:
        return "too-long"
    if not all(rules_met(password)):
        return "rules"
    if is_common(password):
        return "common"
    return "own-name" if _holds_own_name(password, own_words) else None


def _holds_own_name(password: str, own_words: Sequence[str]) -> bool:
    """Look for each part of a name, whatever its accents and case."""
    folded = fold_name(password)
    parts = {part for word in own_words for part in (*fold_name(word).split(), fold_name(word).replace(" ", ""))}
    return any(len(part) >= _SHORTEST_OWN_WORD and part in folded.replace(" ", "") for part in parts)
