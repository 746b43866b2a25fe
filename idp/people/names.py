"""Names as people write them, compared by a table of rules. Never by a score: nearly the same name is another family's.

A name is folded first: accents, case, hyphens and apostrophes make no difference, and « œ » is « oe ». Particles (de, du, le, la, d', l')
may be missing or joined to the name.
"""

import re
import unicodedata
from dataclasses import dataclass

from idp.people.records import Guardian

_LONGEST = 100
_LETTERS_FOR = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
_PARTICLES = frozenset({"de", "du", "des", "d", "le", "la", "les", "l", "van", "von", "der", "el", "al", "ben"})
_TYPOGRAPHIC = {ord("’"): "'", ord("‘"): "'", ord("ʼ"): "'", ord("´"): "'"} | {
    ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014"
}


@dataclass(frozen=True, slots=True)
class NameVerdict:
    """Whether two names are the same, and the rule that says so, in words for the school's office."""

    same: bool
    reason: str


def clean_name(text: str) -> str:
    """Return a name with plain apostrophes and hyphens and single spaces."""
    return " ".join(text.translate(_TYPOGRAPHIC).split())


def typed_name_fault(text: str) -> str | None:
    """Return what is wrong with the form of a typed name: ``empty``, ``too-long``, ``sign`` (a digit or a sign) or None."""
    name = clean_name(text)
    if not name:
        return "empty"
    if len(name) > _LONGEST:
        return "too-long"
    if not any(sign.isalpha() for sign in name):
        return "sign"
    allowed = all(sign.isalpha() or unicodedata.combining(sign) or sign in " '-." for sign in name)
    return None if allowed else "sign"


def fold_name(text: str) -> str:
    """Return a name in small letters without accents, its parts separated by one space."""
    apart = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHIC)).casefold()
    letters = "".join(_LETTERS_FOR.get(sign, sign) for sign in unicodedata.normalize("NFKD", apart))
    plain = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def compare_names(family_typed: str, given_typed: str, guardian: Guardian) -> NameVerdict:
    """Compare what was typed with a record.

    Args:
        family_typed: Usage name, birth name, or both in either order.
        given_typed: First name, or several from the first on.
        guardian: The school's record.
    """
    # Both, whatever the first says: how long it takes tells nobody which of the two was right (guarantee 1).
    family = _compare_family(family_typed, guardian)
    given = _compare_given(given_typed, guardian.given_names)
    if not family.same:
        return family
    return NameVerdict(given.same, f"{family.reason}, {given.reason}" if given.same else given.reason)


def _compare_family(typed: str, guardian: Guardian) -> NameVerdict:
    written = family_forms(typed)
    usage, birth = guardian.family_name, guardian.birth_name
    table = (
        (usage, "family name equal"),
        (birth, "birth name equal"),
        (f"{usage} {birth}" if birth else "", "usage name and birth name together"),
        (f"{birth} {usage}" if birth else "", "birth name and usage name together"),
    )
    # All of the table, whichever agrees: how long it takes tells nobody that one did (guarantee 1).
    agreeing = [reason for recorded, reason in table if recorded and written & family_forms(recorded)]
    return NameVerdict(True, agreeing[0]) if agreeing else NameVerdict(False, "family name differs")


def family_forms(name: str) -> set[str]:
    """Return the writings that are one family name: as it stands, and without its particles, spaces left out."""
    parts = fold_name(name).split()
    bare = [part for part in parts if part not in _PARTICLES]
    forms = {"".join(parts)}
    if bare:
        forms.add("".join(bare))
    forms.discard("")
    return forms


def _compare_given(typed: str, recorded: tuple[str, ...]) -> NameVerdict:
    written = fold_name(typed).replace(" ", "")
    names = [fold_name(name).replace(" ", "") for name in recorded]
    for count in range(1, len(names) + 1):
        if written == "".join(names[:count]):
            reason = "first name equal" if count == 1 else f"first {count} given names equal"
            return NameVerdict(True, reason)
    if written in names[1:]:
        # A second given name alone is often a relative's first name.
        return NameVerdict(False, "only another given name agrees")
    return NameVerdict(False, "first name differs")
