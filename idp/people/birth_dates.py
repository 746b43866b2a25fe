"""Birth dates as people type them, in three fields."""

import re
import unicodedata
from datetime import date

_MONTHS = (
    ("janvier", "janv", "jan"),
    ("fevrier", "fevr", "fev"),
    ("mars", "mar"),
    ("avril", "avr"),
    ("mai",),
    ("juin",),
    ("juillet", "juil"),
    ("aout",),
    ("septembre", "sept", "sep"),
    ("octobre", "oct"),
    ("novembre", "nov"),
    ("decembre", "dec"),
)
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_WHOLE = re.compile(r"([0-9]{1,2})[ ./-]([0-9]{1,2})[ ./-]([0-9]{4}|[0-9]{2})")
_WHOLE_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_OLDEST = 120  # years


class BirthDateFault(ValueError):  # noqa: N818  what a person typed is no error of the program
    """What is missing in a typed date; `code` names it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_birth_date(day: str, month: str, year: str, *, today: date) -> date:
    """Read a birth date: « 3 » or « 03 », « 9 » or « septembre », « 2014 » or « 14 », or the whole of it in the first field.

    Args:
        day: As typed; may hold 03/09/2014 or 2014-09-03 when the two others are empty.
        month: As typed.
        year: As typed; of two digits, the last such year that is not in the future.
        today: The present day.

    Raises:
        BirthDateFault: ``empty``, ``missing-day``, ``missing-month``, ``missing-year``, ``impossible`` or ``future``.
    """
    day, month, year = (part.strip() for part in (day, month, year))
    if not month and not year:
        day, month, year = _split_whole(day)
    if not (day or month or year):
        raise BirthDateFault("empty")
    for part, name in ((day, "day"), (month, "month"), (year, "year")):
        if not part:
            raise BirthDateFault(f"missing-{name}")
    try:
        born = date(_read_year(year, today), _read_month(month), _read_number(day))
    except ValueError:
        raise BirthDateFault("impossible") from None
    if born > today:
        raise BirthDateFault("future")
    if today.year - born.year > _OLDEST:
        raise BirthDateFault("impossible")
    return born


def _split_whole(text: str) -> tuple[str, str, str]:
    if found := _WHOLE.fullmatch(text):
        return found[1], found[2], found[3]
    if found := _WHOLE_ISO.fullmatch(text):
        return found[3], found[2], found[1]
    return text, "", ""


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise ValueError(text)
    return int(text)


def _read_month(text: str) -> int:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c)).rstrip(".")
    return _MONTH_NUMBERS[plain] if plain in _MONTH_NUMBERS else _read_number(text)


def _read_year(text: str, today: date) -> int:
    year = _read_number(text)
    if len(text) == 4:
        return year
    if len(text) != 2:
        raise ValueError(text)
    century = today.year - today.year % 100
    return century + year if century + year <= today.year else century - 100 + year
