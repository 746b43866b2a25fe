"""Where households live and which schools their children go to: towns in a row, each with a school or two of each degree."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache

from idp.people.academies import ACADEMIES, academy_name
from idp.people.fictional_names import SCHOOL_NAMES, TOWN_ENDS, TOWN_STARTS
from idp.people.population import CLASS_LETTERS, LEVELS, LYCEE_LEVELS, Child, Household, Where

MAX_SCHOOLS = 9_999  # of each degree: four digits of a UAI
PUPILS_PER_SCHOOL = 600
# Grenoble first, whose code the demo has; then the others in the order of their codes.
_ACADEMY_CODES = ("8", *(code for code in ACADEMIES if code != "8"))
MAX_ACADEMIES = len(_ACADEMY_CODES)
_NEIGHBOURS = 32  # households one after the other that live in one town: few files are open at a time


@dataclass(frozen=True, slots=True)
class Town:
    """A town that is nowhere. Its postal code is a place's abroad, since it begins with 99."""

    number: int
    academy: str  # national code
    name: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class School:
    """A school of the first degree (école) or of the second one (collège, lycée, or both)."""

    degree: int
    uai: str
    jointure: str
    name: str
    type_name: str  # ENTStructureTypeStruct
    street: str
    phone: str
    town: Town
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A child at a school."""

    child: Child
    school: School

    @property
    def class_name(self) -> str:
        """The child's class, for example « 5EME B »."""
        return f"{self.child.level.name} {self.child.class_letter}"


class Land:
    """The towns and schools of an export.

    Args:
        schools: How many of each degree, from the number of academies to `MAX_SCHOOLS`.
        academies: How many, up to `MAX_ACADEMIES`.
    """

    def __init__(self, schools: int, academies: int) -> None:
        self._schools = schools
        self._academies = academies
        self._towns = max(academies, (schools + 1) // 2)
        self.school = lru_cache(maxsize=4096)(self._build_school)

    def schools(self, degrees: Iterable[int]) -> Iterator[School]:
        """Yield every school of these degrees."""
        for degree in degrees:
            for index in range(self._schools):
                yield self.school(degree, index)

    def enrol(self, household: Household, degrees: Set[int]) -> list[Enrolment]:
        """Return the household's children of these degrees with their schools."""
        home = household.number // _NEIGHBOURS % self._towns
        return [
            Enrolment(child, self._school_for(child, self._town_for(home, child.where)))
            for child in household.children
            if child.level.degree in degrees
        ]

    def move(self, enrolment: Enrolment) -> Enrolment | None:
        """Return the child at a school of another town of the academy, None where there is no other town."""
        town = self._next_town(enrolment.school.town.number)
        moved = Enrolment(enrolment.child, self._school_for(enrolment.child, town))
        return None if moved.school.uai == enrolment.school.uai else moved

    def _school_for(self, child: Child, town: int) -> School:
        """Return the town's lycée for lycée levels and its second école for every second household, where there are two schools."""
        second = child.level.name in LYCEE_LEVELS if child.level.degree == 2 else child.household % 2 == 1
        index = town + self._towns if second else town
        return self.school(child.level.degree, index if index < self._schools else town)

    def _town_for(self, home: int, where: Where) -> int:
        if where is Where.NEXT_TOWN:
            return self._next_town(home)
        if where is Where.OTHER_ACADEMY and self._academies > 1:
            begin, end = self._towns_of((self._academy_of(home) + 1) % self._academies)
            return begin + home % (end - begin)
        return home

    def _next_town(self, town: int) -> int:
        begin, end = self._towns_of(self._academy_of(town))
        return town + 1 if town + 1 < end else begin

    def _academy_of(self, town: int) -> int:
        return town * self._academies // self._towns

    def _towns_of(self, academy: int) -> tuple[int, int]:
        """Return the first town of an academy and the one after its last."""
        return -(-academy * self._towns // self._academies), -(-(academy + 1) * self._towns // self._academies)

    def _build_school(self, degree: int, index: int) -> School:
        town = self._build_town(index % self._towns)
        has_two = town.number + self._towns < self._schools
        levels = [level.name for level in LEVELS if level.degree == degree]
        title, type_name = "École", "ECOLE PRIMAIRE"
        if degree == 2 and not has_two:
            title, type_name = "Cité scolaire", "CITE SCOLAIRE"
        elif degree == 2:
            lycee = index >= self._towns
            levels = [name for name in levels if (name in LYCEE_LEVELS) is lycee]
            title, type_name = ("Lycée", "LYCEE ENSEIGNT GENERAL ET TECHNOLOGIQUE") if lycee else ("Collège", "COLLEGE")
        number = index + 1
        digits = f"{number:04}"
        return School(
            degree=degree,
            uai=f"999{digits}{'Q' if degree == 1 else 'O'}",
            jointure=f"99{degree}{digits}",
            name=f"{title} {SCHOOL_NAMES[(index + degree) % len(SCHOOL_NAMES)]}",
            type_name=type_name,
            street="1 place du Préau",
            phone=f"04 65 71 {digits[:2]} {digits[2:]}",
            town=town,
            classes=tuple(f"{level} {letter}" for level in levels for letter in CLASS_LETTERS),
        )

    def _build_town(self, number: int) -> Town:
        start = TOWN_STARTS[number % len(TOWN_STARTS)]
        end = TOWN_ENDS[number // len(TOWN_STARTS) % len(TOWN_ENDS)]
        academy = _ACADEMY_CODES[self._academy_of(number)]
        return Town(number, academy, f"{start}-{end}", f"999{number % 100:02}")


def academy_title(town: Town) -> str:
    """Return the name of the town's academy in capitals, as ENTServAcAcademie has it."""
    return academy_name(town.academy).upper()
