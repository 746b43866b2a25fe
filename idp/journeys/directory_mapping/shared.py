"""What every vocabulary needs: values cleaned and bounded, dates, links, titles."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

from idp.journeys.directory_ports import SourceRecord
from idp.people.phones import parse_directory_mobile

JOINTURE = re.compile(r"[0-9A-Za-z._-]{1,64}")
NAME_LIMIT = 100
TITLE_LIMIT = 8
OTHER_LINK = "90"
"""AUTRE LIEN: the relation of a link whose file does not say which one it is."""

_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_OLDEST = 1900  # an earlier year of birth is a slip of the pen
_RELATION = re.compile(r"[0-9]{1,8}")
_LEGAL_LEVEL = re.compile(r"[0-9]{1,4}")
# Written invisibly, these turn the order of what follows: a name must look like what it is.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TITLES = {
    **dict.fromkeys(("M", "MR", "MONSIEUR"), "M."),
    **dict.fromkeys(("MME", "MADAME"), "Mme"),
    **dict.fromkeys(("MLLE", "MADEMOISELLE"), "Mlle"),
}


class UnusableRecord(ValueError):  # noqa: N818  a fault of the file, not of the program
    """A record that cannot be kept; its text says why, without personal data."""


def clean(name: str, value: str) -> str:
    """Return a value in composed Unicode (NFC) with single spaces.

    Raises:
        UnusableRecord: It holds a control character, or one that turns the order of the others.
    """
    text = " ".join(value.split())
    if text.isascii():
        if text.isprintable():
            return text
    else:
        text = unicodedata.normalize("NFC", text)
        if text.isprintable():  # no control character of any sort, the common case
            return text
    if any(unicodedata.category(sign) in {"Cc", "Cs"} or sign in _BIDI_CONTROLS for sign in text):
        raise UnusableRecord(f"{name} holds a control character")
    return text


def first(record: SourceRecord, name: str) -> str:
    """Return the first value of an attribute, cleaned; "" when there is none."""
    values = record.attributes.get(name, ())
    return clean(name, values[0]) if values else ""


def text(record: SourceRecord, name: str, before: str = "", *, limit: int) -> str:
    """Return the first value of an attribute, or what it was before where the record does not give it.

    Args:
        record: The record.
        name: The attribute.
        before: What is kept now.
        limit: The most characters that can be kept.

    Raises:
        UnusableRecord: It is longer, or holds a control character.
    """
    values = record.attributes.get(name, (before,))
    found = clean(name, values[0]) if values else ""
    if len(found) > limit:
        raise UnusableRecord(f"{name} is longer than {limit} characters")
    return found


def required(record: SourceRecord, name: str, before: str = "", *, limit: int) -> str:
    """Return what `text` returns.

    Raises:
        UnusableRecord: It is missing, longer, or holds a control character.
    """
    found = text(record, name, before, limit=limit)
    if not found:
        raise UnusableRecord(f"no {name}")
    return found


def folded(text: str) -> str:
    """Return a text in capitals without accents, with single spaces for hyphens and the like."""
    if text.isascii() and text.isalpha():
        return text.upper()
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w]+", " ", plain).upper().split())


def given_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return every first name once. Some schools write several in one value, or begin the others with the first one again.

    Raises:
        UnusableRecord: They are longer than 300 characters together.
    """
    kept: dict[str, str] = {}
    for name in ",".join(names).split(","):
        if name.strip():
            kept.setdefault(folded(name) or name, name.strip())
    if len(", ".join(kept.values())) > 300:
        raise UnusableRecord("the first names are longer than 300 characters")
    return tuple(kept.values())


def parse_day(written: str) -> date | None:
    """Read a date as AAF writes it, dd/mm/yyyy; None when it is none."""
    parts = _DAY.fullmatch(written)
    return make_day(parts[3], parts[2], parts[1]) if parts else None


def make_day(year: str, month: str, day: str) -> date | None:
    """Return the date of these digits, None when there is no such day or it is too long ago."""
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return born if born.year >= _OLDEST else None


def birth_date(
    record: SourceRecord, name: str, before: date | None = None, *, parse: Callable[[str], date | None] = parse_day
) -> date:
    """Return the birth date of an attribute, or the one before where the record does not give it.

    Args:
        record: The record.
        name: The attribute.
        before: What is kept now.
        parse: How the file writes a date.

    Raises:
        UnusableRecord: It is missing or no date.
    """
    if before is not None and name not in record.attributes:
        return before
    written = first(record, name)
    if not written:
        raise UnusableRecord(f"no birth date ({name})")
    born = parse(written)
    if born is None:
        raise UnusableRecord(f"{name} is no date dd/mm/yyyy")
    return born


def mobile(record: SourceRecord, names: Iterable[str], *, fiction: bool) -> str:
    """Return the first mobile number among the values of these attributes, in E.164; "" when there is none."""
    for name in names:
        for value in record.attributes.get(name, ()):
            number = parse_directory_mobile(value, fiction=fiction)
            if number is not None:
                return number.e164
    return ""


def title(record: SourceRecord, *names: str) -> str:
    """Return a civility in the writing of AAF (M., Mme, Mlle) from the first of these attributes that has one."""
    for name in names:
        written = first(record, name)
        if written:
            known = _TITLES.get(folded(written))
            return known or text(record, name, limit=TITLE_LIMIT)
    return ""


def check_link(name: str, who: str, person: str, relation: str, legal_level: str) -> None:
    """Check the parts of a link that are kept.

    Args:
        name: The attribute or element that states it, for the reason.
        who: "guardian" or "pupil", for the reason.
        person: Its id.
        relation: The code of the relation.
        legal_level: The legal level.

    Raises:
        UnusableRecord: One of them cannot be what it should be.
    """
    tests = (
        (JOINTURE, person, who),
        (_RELATION, relation, "relation"),
        (_LEGAL_LEVEL, legal_level, "legal level"),
    )
    for pattern, field, what in tests:
        if not pattern.fullmatch(field):
            raise UnusableRecord(f"{name} has no usable {what}")
