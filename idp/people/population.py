"""A fictional population of any size: who is in a household, how often each story is told, and which codes say it in a school file.

Data and rules only: chance comes from outside (`idp.adapters.fiction`). Every number that could be somebody's is made here from the
number of the household and the place in it, so that it is nobody's and is given once:

- a mobile number is 06 39 98 and four digits for the first households, then the same prefix and five or six digits more than a
  French number has;
- a record's id tells its kind, its academy, its household and its place in it.

How often each link occurs follows a school file of 642 pupils (facts on 2·1·1·0·0 and the like): of 100 pupils about 48 have two legal
guardians, 33 a mother alone and 19 a father alone, and 22 have somebody besides who is to be called and is no legal guardian.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum, StrEnum


class Role(Enum):
    """What an adult is to a pupil: the code of today (CODE_PARENTE) and the old one digit, of which only 1 and 2 are known for sure."""

    MOTHER = ("10", "2")
    FATHER = ("20", "1")
    SIBLING = ("37", "4")
    GRANDPARENT = ("38", "4")
    RELATIVE = ("39", "4")
    EDUCATOR = ("41", "5")
    FOSTER_PARENT = ("42", "6")
    TUTOR = ("50", "3")
    CHILD_WELFARE = ("51", "7")
    OTHER = ("90", "4")

    def __init__(self, modern: str, old: str) -> None:
        self.modern = modern
        self.old = old


class Standing(Enum):
    """What an adult answers for: who pays, legal level, to be called, is paid; as the codes of today write it, then as the old ones do."""

    FIRST = ("1$1$1$1", "1$1$0$0")
    SECOND = ("0$1$0$0", "0$2$0$0")
    IN_CHARGE = ("0$2$1$0", "0$0$1$0")
    CALLED = ("0$3$1$0", "0$0$1$0")

    def __init__(self, modern: str, old: str) -> None:
        self.modern = modern
        self.old = old

    @property
    def legal(self) -> bool:
        """Whether this is a legal guardian."""
        return self in {Standing.FIRST, Standing.SECOND}


class Codes(StrEnum):
    """Which codes a file writes."""

    MODERN = "modern"
    OLD = "old"


class Story(Enum):
    """What a household lives."""

    COUPLE = "two parents under one roof"
    SEPARATED = "two parents, two homes"
    HALF_SIBLINGS = "one mother, two fathers"
    TWO_MOTHERS = "two mothers"
    TWO_FATHERS = "two fathers"
    MOTHER = "a mother alone"
    FATHER = "a father alone"
    TUTOR = "a tutor"
    WELFARE = "child welfare and a foster parent"
    FATHER_AND_SON = "a father and his grown son, with one name and one phone, each with a pupil"


STORIES: tuple[tuple[Story, float], ...] = (
    (Story.COUPLE, 34.0),
    (Story.MOTHER, 32.1),
    (Story.FATHER, 18.0),
    (Story.SEPARATED, 11.0),
    (Story.HALF_SIBLINGS, 2.0),
    (Story.TUTOR, 1.0),
    (Story.WELFARE, 0.8),
    (Story.TWO_MOTHERS, 0.6),
    (Story.TWO_FATHERS, 0.4),
    (Story.FATHER_AND_SON, 0.1),
)
"""Stories with their shares out of 100 households."""

CALLED_SHARES: tuple[tuple[Role, float], ...] = (
    (Role.GRANDPARENT, 45.0),
    (Role.RELATIVE, 25.0),
    (Role.OTHER, 20.0),
    (Role.SIBLING, 8.0),
    (Role.EDUCATOR, 2.0),
)
"""Who is called besides the legal guardians."""

CHILDREN: tuple[tuple[int, float], ...] = ((1, 55.0), (2, 30.0), (3, 11.0), (4, 3.0), (5, 1.0))
"""How many children a household has at school."""

MOTHER_FIRST = 0.41  # of two parents, how often the mother is the first guardian
CALLED = 0.22
TWINS = 0.03
HOMONYM = 0.004  # pupils who have the name of another one of their school
SHARED_PHONE = 0.06
NO_PHONE = 0.06
LANDLINE_ONLY = 0.01  # written where the mobile number should be
OTHER_SCHOOL = 0.03  # a sibling in another school of the same degree
OTHER_SCHOOL_SEPARATED = 0.10
OTHER_ACADEMY = 0.004
OTHER_ACADEMY_SEPARATED = 0.03


@dataclass(frozen=True, slots=True)
class Level:
    """A year of school."""

    name: str
    degree: int
    born: int  # most pupils' year of birth


_FIRST_DEGREE_NAMES = ("PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")
_LEVEL_NAMES = (*_FIRST_DEGREE_NAMES, "6EME", "5EME", "4EME", "3EME", "2NDE", "1ERE", "TERM")
LEVELS = tuple(
    Level(name, 1 if number < len(_FIRST_DEGREE_NAMES) else 2, 2023 - number)
    for number, name in enumerate(_LEVEL_NAMES)
)
"""From the école maternelle to the last year of the lycée, in the school year 2026-2027."""

LYCEE_LEVELS = frozenset({"2NDE", "1ERE", "TERM"})
CLASS_LETTERS = "ABCD"


class Where(Enum):
    """Which school of its level a child goes to."""

    HOME = "the one of the household's town"
    NEXT_TOWN = "another one of the same academy"
    OTHER_ACADEMY = "one of another academy"


@dataclass(frozen=True, slots=True)
class Adult:
    """An adult of a household. Phones are as a secretary writes them, "" for none."""

    household: int
    slot: int
    woman: bool
    family_name: str
    birth_name: str
    given_names: tuple[str, ...]
    mobile: str
    landline: str
    mail: str
    street: str


@dataclass(frozen=True, slots=True)
class Tie:
    """What an adult is to a child."""

    adult: Adult
    role: Role
    standing: Standing


@dataclass(frozen=True, slots=True)
class Child:
    """A child of a household. `ties` name each adult once."""

    household: int
    slot: int
    girl: bool
    family_name: str
    given_names: tuple[str, ...]
    birth_date: date
    level: Level
    class_letter: str
    where: Where
    ties: tuple[Tie, ...]


@dataclass(frozen=True, slots=True)
class Household:
    """Children with the adults that answer for them."""

    number: int
    story: Story
    children: tuple[Child, ...]


def relation_code(role: Role, codes: Codes) -> str:
    """Return what a file writes for a role."""
    return role.old if codes is Codes.OLD else role.modern


def standing_codes(standing: Standing, codes: Codes) -> str:
    """Return who pays, the legal level, to be called and is paid, joined by `$`."""
    return standing.old if codes is Codes.OLD else standing.modern


# --- numbers that are nobody's ------------------------------------------------------------------------------------------------------

MAX_HOUSEHOLDS = 10_000_000  # seven digits of every id
MAX_SLOTS = 10
_SHORT_SLOTS = 5
_SHORT_HOUSEHOLDS = 1_800  # times five is what 06 39 98 10 00 to 06 39 98 99 99 holds; those below are the demo's


def fictional_mobile(household: int, slot: int, *, corrected: bool = False) -> str:
    """Return the digits that only this adult has, for example ``0639981000``; another number when it was `corrected`."""
    if household < _SHORT_HOUSEHOLDS and slot < _SHORT_SLOTS and not corrected:
        return f"063998{1000 + household * _SHORT_SLOTS + slot:04}"
    return f"063998{'1' if corrected else ''}{household * MAX_SLOTS + slot:09}"


def fictional_landline(household: int) -> str:
    """Return a landline of 04 65 71 xx xx, which ARCEP keeps for fiction. Households share them."""
    digits = f"{household % 10_000:04}"
    return f"04 65 71 {digits[:2]} {digits[2:]}"


def fictional_ine(household: int, slot: int) -> str:
    """Return an INE that cannot be real, the same in every file."""
    return f"FICTIF-{household * MAX_SLOTS + slot:09}"


class Register(IntEnum):
    """Where an id is given: the first digit of each."""

    GUARDIAN_2D = 1
    PUPIL_2D = 2
    GUARDIAN_1D = 3
    PUPIL_1D = 4
    ELEVE_ID = 5  # of SIECLE, and ENTEleveStructRattachId
    PERSONNE_ID = 6  # of SIECLE
    ADRESSE_ID = 7  # of SIECLE


def record_id(register: Register, academy: str, household: int, slot: int) -> str:
    """Return an id of eleven digits, different in each academy and in each register.

    Args:
        register: Where it is given.
        academy: National code.
        household: Its number.
        slot: The person's place in the household.
    """
    return f"{register:d}{academy:0>2}{household:07}{slot}"
