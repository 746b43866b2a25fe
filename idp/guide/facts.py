"""What a handout is about: a school, and where its parents go."""

import unicodedata
from dataclasses import dataclass

LONGEST_NAME = 120
LONGEST_PHONE = 32
LONGEST_ADDRESS = 200
"""Characters. A longer address gives a code too fine for the camera of an old phone."""
_FRENCH_DIGITS = 10


class HandoutError(ValueError):
    """A handout cannot be made of this; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class HandoutFacts:
    """The facts of one handout.

    Args:
        school: The school's name, as it stands on its letters.
        sign_in_address: The provider's own address: a person who goes there comes to the sign-in page.
        ent_address: The ENT's.
        office_phone: The number of the school's office, as it is to be read; "" leaves it out.
        has_franceconnect: Whether parents may come through FranceConnect: there is a second procedure then.
        is_test: Whether the instance is for fictional people: the handout says so.

    Raises:
        HandoutError: A value is empty, too long, or holds signs that cannot be printed.
    """

    school: str
    sign_in_address: str
    ent_address: str
    office_phone: str = ""
    has_franceconnect: bool = True
    is_test: bool = False

    def __post_init__(self) -> None:
        for what, value, longest in (
            ("The school's name", self.school, LONGEST_NAME),
            ("The office's phone", self.office_phone, LONGEST_PHONE),
            ("The address of the sign-in page", self.sign_in_address, LONGEST_ADDRESS),
            ("The ENT's address", self.ent_address, LONGEST_ADDRESS),
        ):
            _check_line(what, value, longest)
        if not self.school.strip():
            raise HandoutError("The school's name is empty.")


def spell_phone(number: str) -> str:
    """Return a number as it is read out: French ones in pairs, others as they are."""
    digits = "".join(sign for sign in number if sign.isdigit())
    if len(digits) != _FRENCH_DIGITS or not digits.startswith("0") or "+" in number:
        return number.strip()
    return " ".join(digits[place : place + 2] for place in range(0, _FRENCH_DIGITS, 2))


def _check_line(what: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise HandoutError(f"{what} has {len(value)} characters: {longest} at most.")
    # Control signs, line ends, halves of signs, and what turns the direction of a text round.
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for sign in value):
        raise HandoutError(f"{what} must be one line of letters, digits and signs.")
