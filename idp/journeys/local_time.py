"""Times as families read them: the hour of Paris, in the words of a language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from idp.journeys.typography import NO_BREAK_SPACE

# The `tzdata` wheel is a dependency: a bare system may have no time zones of its own.
_PARIS = ZoneInfo("Europe/Paris")
_FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def paris_time(moment: datetime) -> datetime:
    """Return the same moment on the clocks of Paris.

    Args:
        moment: An aware datetime.
    """
    return moment.astimezone(_PARIS)


def say_date(day: date, language: str = "fr") -> str:
    """Return « 14 mars 2031 », « 1er mars 2031 », "14 March 2031": as the language says it.

    Args:
        day: On the clocks of Paris.
        language: One of `mail_texts.TEXTS`; French for any other.
    """
    return _DATES.get(language, _say_french_date)(day)


def say_hour(local: datetime, language: str = "fr") -> str:
    """Return « 9 h 05 », "9:05": as the language says it; arguments as above."""
    return _HOURS.get(language, _say_french_hour)(local)


def _say_french_date(day: date) -> str:
    first = "1er" if day.day == 1 else str(day.day)
    return f"{first}{NO_BREAK_SPACE}{_FRENCH_MONTHS[day.month - 1]} {day.year}"


def _say_french_hour(local: datetime) -> str:
    return f"{local.hour}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{local.minute:02}"


def _say_english_date(day: date) -> str:
    return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"


def _say_english_hour(local: datetime) -> str:
    return f"{local.hour}:{local.minute:02}"


_DATES: Mapping[str, Callable[[date], str]] = {"fr": _say_french_date, "en": _say_english_date}
_HOURS: Mapping[str, Callable[[datetime], str]] = {"fr": _say_french_hour, "en": _say_english_hour}
