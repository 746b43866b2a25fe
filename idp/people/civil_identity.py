"""A person as the civil register describes her or him: what FranceConnect says, in the school's own terms.

Claims may be missing or empty (a person born abroad has no birthplace; a usage name is often absent), and a date may be presumed: the
register of some countries knows the year alone, and then the first of January, or the first of a month, stands for what is not known.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Gender(StrEnum):
    """What the civil register says; `UNSPECIFIED` says nothing."""

    FEMALE = "female"
    MALE = "male"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True)
class CivilIdentity:
    """A proved identity.

    Attributes:
        birth_name: The name given at birth, "" when it was not told.
        given_names: Every first name in its order; one may hold a space or a hyphen.
        usage_name: The name in use (a spouse's, or both), "" when it was not told.
        birth_date: None when it was not told; the first day of a month or of a year may be presumed.
        gender: As the register says.
    """

    birth_name: str
    given_names: tuple[str, ...]
    usage_name: str = ""
    birth_date: date | None = None
    gender: Gender = Gender.UNSPECIFIED


def dates_can_be_one(one: date, other: date) -> bool:
    """Tell whether two dates of birth may be the same person's, though either may be presumed."""
    if one == other:
        return True
    if one.year != other.year:
        return False
    return any(
        (presumed.day == 1 and presumed.month == 1) or (presumed.day == 1 and one.month == other.month)
        for presumed in (one, other)
    )
