"""Draws a household: its story, its names, its phones, its children and who answers for them."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from idp.adapters.fiction.draw import Draw
from idp.people import population
from idp.people.fictional_names import FRENCH, ORIGINS, PARTICLE_NAMES, PARTICLES, PLACE_NAMES, STREETS, Origin
from idp.people.population import (
    CALLED_SHARES,
    CHILDREN,
    CLASS_LETTERS,
    LEVELS,
    STORIES,
    Adult,
    Child,
    Household,
    Level,
    Role,
    Standing,
    Story,
    Tie,
    Where,
)

_ORIGINS = tuple((origin, origin.share) for origin in ORIGINS)
_TWO_HOMES = frozenset({Story.SEPARATED, Story.HALF_SIBLINGS})
_TWO_SETS = frozenset({Story.HALF_SIBLINGS, Story.FATHER_AND_SON})  # every second child has other guardians
_HOMONYM_NAMES = ("MARTIN", "Camille")
_MAIL_LENGTH = 20  # characters of each name in an address
_WRITINGS = ("{0} {1} {2} {3} {4}", "{0}{1}{2}{3}{4}", "{0}.{1}.{2}.{3}.{4}", "+33 {5} {1} {2} {3} {4}")
"""Phones as secretaries write them: 06 39 98 10 00."""


def draw_households(seed: int, degrees: Collection[int] = (1, 2)) -> Iterator[Household]:
    """Yield households in the order of their numbers, which begin with 0; each depends on its number and the seed alone.

    Args:
        seed: The population.
        degrees: Households without a child of these degrees are left out; the others are whole.
    """
    draw = Draw(seed)
    for number in range(population.MAX_HOUSEHOLDS):
        draw.begin(number, "people")
        story = draw.weigh(STORIES)
        levels = _draw_levels(draw, story)
        if any(level.degree in degrees for level in levels.values()):
            yield _Home(draw, number, story).settle(levels)


def _draw_levels(draw: Draw, story: Story) -> dict[int, Level]:
    """Return the levels of the children by their slots. No two are in one level, unless the second is the first one's twin."""
    count = max(draw.weigh(CHILDREN), 2 if story in _TWO_SETS else 1)
    first = draw.below(len(LEVELS))
    levels = {0: first}
    for slot in range(1, count):
        if slot == 1 and story not in _TWO_SETS and draw.chance(population.TWINS):
            levels[slot] = first
            continue
        level = (first + (1 + draw.below(5)) * (1 if slot % 2 else 2)) % len(LEVELS)
        if level not in levels.values():
            levels[slot] = level
    return {slot: LEVELS[level] for slot, level in levels.items()}


class _Home:
    """A household in the making."""

    def __init__(self, draw: Draw, number: int, story: Story) -> None:
        self._draw = draw
        self._number = number
        self._story = story
        self._slots = 0
        self._origin = draw.weigh(_ORIGINS)
        self._homonym = draw.chance(population.HOMONYM)
        self._name = _HOMONYM_NAMES[0] if self._homonym else _family_name(draw, self._origin)
        self._street = f"{1 + draw.below(140)} {draw.pick(STREETS)}"

    def settle(self, levels: Mapping[int, Level]) -> Household:
        sets = self._tie_sets(self._story)
        if self._draw.chance(population.CALLED):
            called = self._called()
            sets = [(*ties, called) for ties in sets]
        return Household(self._number, self._story, tuple(self._children(levels, sets)))

    # --- adults ---------------------------------------------------------------------------------------------------------------

    def _tie_sets(self, story: Story) -> list[tuple[Tie, ...]]:
        """Return who answers for the children: one set for all, or one for each second child."""
        if story is Story.COUPLE:
            return [self._parents(together=True)]
        if story is Story.SEPARATED:
            return [self._parents(together=False)]
        if story is Story.MOTHER:
            return [(Tie(self._adult(woman=True), Role.MOTHER, Standing.FIRST),)]
        if story is Story.FATHER:
            return [(Tie(self._adult(woman=False), Role.FATHER, Standing.FIRST),)]
        return self._rarer_tie_sets(story)

    def _rarer_tie_sets(self, story: Story) -> list[tuple[Tie, ...]]:
        if story is Story.HALF_SIBLINGS:
            mother = Tie(self._adult(woman=True, name=self._other_name()), Role.MOTHER, Standing.FIRST)
            fathers = (self._adult(woman=False), self._adult(woman=False, name=self._other_name(), away=True))
            return [(mother, Tie(father, Role.FATHER, Standing.SECOND)) for father in fathers]
        if story in {Story.TWO_MOTHERS, Story.TWO_FATHERS}:
            women = story is Story.TWO_MOTHERS
            role = Role.MOTHER if women else Role.FATHER
            pair = (self._adult(woman=women), self._adult(woman=women, name=self._other_name()))
            return [(Tie(pair[0], role, Standing.FIRST), Tie(pair[1], role, Standing.SECOND))]
        if story is Story.TUTOR:
            tutor = self._adult(woman=self._draw.chance(0.5), name=self._other_name())
            return [(Tie(tutor, Role.TUTOR, Standing.FIRST),)]
        if story is Story.WELFARE:
            welfare = self._adult(woman=self._draw.chance(0.5), name=self._other_name(), away=True)
            foster = self._adult(woman=self._draw.chance(0.7), name=self._other_name())
            return [
                (
                    Tie(welfare, Role.CHILD_WELFARE, Standing.FIRST),
                    Tie(foster, Role.FOSTER_PARENT, Standing.IN_CHARGE),
                )
            ]
        father = self._adult(woman=False)
        son = replace(father, slot=self._take_slot())
        return [(Tie(one, Role.FATHER, Standing.FIRST),) for one in (father, son)]

    def _parents(self, *, together: bool) -> tuple[Tie, ...]:
        draw = self._draw
        father = self._adult(woman=False)
        if together:
            own = self._other_name()
            married = draw.chance(0.6)
            mother = self._adult(woman=True, name=self._name if married else own, birth_name=own)
            if draw.chance(population.SHARED_PHONE):
                mother = replace(mother, mobile=father.mobile)
        else:
            mother = self._adult(woman=True, name=self._other_name(), away=True)
        ties = (Tie(father, Role.FATHER, Standing.FIRST), Tie(mother, Role.MOTHER, Standing.SECOND))
        if draw.chance(population.MOTHER_FIRST):
            ties = (Tie(mother, Role.MOTHER, Standing.FIRST), Tie(father, Role.FATHER, Standing.SECOND))
        return ties

    def _called(self) -> Tie:
        draw = self._draw
        role = draw.weigh(CALLED_SHARES)
        name = self._name if role in {Role.GRANDPARENT, Role.SIBLING} and draw.chance(0.6) else self._other_name()
        return Tie(self._adult(woman=draw.chance(0.6), name=name, away=True), role, Standing.CALLED)

    def _adult(self, *, woman: bool, name: str = "", birth_name: str = "", away: bool = False) -> Adult:
        """Draw an adult; `away` is at another address."""
        draw = self._draw
        slot = self._take_slot()
        name = name or self._name
        given = _given_names(draw, self._origin, woman=woman)
        writing = draw.below(len(_WRITINGS))
        fate = draw.fraction()
        mobile = ""
        if fate >= population.NO_PHONE + population.LANDLINE_ONLY:
            mobile = _written(population.fictional_mobile(self._number, slot), writing)
        elif fate >= population.NO_PHONE:
            mobile = population.fictional_landline(self._number)
        return Adult(
            household=self._number,
            slot=slot,
            woman=woman,
            family_name=name,
            birth_name=birth_name or name,
            given_names=given,
            mobile=mobile,
            landline=population.fictional_landline(self._number) if draw.chance(0.25) else "",
            mail=_mail(given[0], name, self._number, slot) if draw.chance(0.6) else "",
            street=f"{1 + draw.below(140)} {draw.pick(STREETS)}" if away else self._street,
        )

    def _other_name(self) -> str:
        origin = self._draw.weigh(_ORIGINS) if self._draw.chance(0.2) else self._origin
        return _family_name(self._draw, origin)

    def _take_slot(self) -> int:
        self._slots += 1
        return self._slots - 1

    # --- children -------------------------------------------------------------------------------------------------------------

    def _children(self, levels: Mapping[int, Level], sets: Sequence[tuple[Tie, ...]]) -> Iterator[Child]:
        draw = self._draw
        names = self._children_names(sets)
        born: dict[str, date] = {}
        used: set[str] = set()
        for slot, level in levels.items():
            girl = draw.chance(0.5)
            given = self._child_names(girl, slot, used)
            used.add(given[0])
            yield Child(
                household=self._number,
                slot=slot,
                girl=girl,
                family_name=names[slot % len(names)],
                given_names=given,
                birth_date=born.setdefault(level.name, _birth_date(draw, level)),
                level=level,
                class_letter=draw.pick(CLASS_LETTERS),
                where=self._where(slot),
                ties=sets[slot % len(sets)],
            )

    def _children_names(self, sets: Sequence[tuple[Tie, ...]]) -> list[str]:
        """Return the family name for each set of ties: the household's, or both parents' joined by a hyphen."""
        legal = [tie.adult.birth_name for tie in sets[0] if tie.standing.legal]
        if len(sets) > 1:
            return [ties[-1 if ties[-1].role is Role.FATHER else -2].adult.family_name for ties in sets]
        if len(legal) == 2 and legal[0] != legal[1] and self._draw.chance(0.08) and not self._homonym:
            return ["-".join(legal)]
        return [self._name]

    def _child_names(self, girl: bool, slot: int, used: set[str]) -> tuple[str, ...]:
        given = _given_names(self._draw, self._origin, woman=girl)
        if self._homonym and slot == 0:
            return (_HOMONYM_NAMES[1],)
        while given[0] in used:
            given = _given_names(self._draw, self._origin, woman=girl)
        return given

    def _where(self, slot: int) -> Where:
        two_homes = self._story in _TWO_HOMES
        point = self._draw.fraction()
        far = population.OTHER_ACADEMY_SEPARATED if two_homes else population.OTHER_ACADEMY
        near = population.OTHER_SCHOOL_SEPARATED if two_homes else population.OTHER_SCHOOL
        if slot == 0 or point >= far + near:
            return Where.HOME
        return Where.OTHER_ACADEMY if point < far else Where.NEXT_TOWN


def _family_name(draw: Draw, origin: Origin) -> str:
    form = draw.fraction()
    name = draw.pick(origin.family_names)
    if form < 0.94:
        return name
    if form < 0.97:
        return f"{name}-{draw.pick(FRENCH.family_names)}"
    if form < 0.98:
        return f"{name} {draw.pick(FRENCH.family_names)}"
    if form < 0.995:
        particle = draw.pick(PARTICLES)
        return particle + draw.pick(PARTICLE_NAMES if particle.endswith("'") else PLACE_NAMES)
    return f"{name} DE LA {draw.pick(PLACE_NAMES)} {draw.pick(PARTICLES[:1])}{draw.pick(PLACE_NAMES)}"


def _given_names(draw: Draw, origin: Origin, *, woman: bool) -> tuple[str, ...]:
    """Return one to three first names, each once."""
    form = draw.fraction()
    names = origin.women if woman else origin.men
    if origin is not FRENCH and draw.chance(0.2):
        names = FRENCH.women if woman else FRENCH.men
    first = draw.pick(names)
    if form < 0.6:
        return (first,)
    others = [draw.pick(names) for _ in range(1 if form < 0.82 else 2)]
    return tuple(dict.fromkeys((first, *others)))


def _birth_date(draw: Draw, level: Level) -> date:
    late = draw.chance(0.04)  # a year repeated
    return date(level.born - late, 1, 1) + timedelta(days=draw.below(365))


def _written(digits: str, writing: int) -> str:
    """Write a number in one of the ways of secretaries; the pairs beyond a French number's length stay with the last one."""
    pairs = (digits[:2], digits[2:4], digits[4:6], digits[6:8], digits[8:])
    return _WRITINGS[writing].format(*pairs, digits[1:2])


@lru_cache(maxsize=2048)
def _mail_word(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("ł", "l").replace("đ", "d"))
    letters = "".join(sign for sign in plain if sign.isascii() and sign.isalpha())
    return letters[:_MAIL_LENGTH]


def _mail(given: str, family: str, number: int, slot: int) -> str:
    return f"{_mail_word(given)}.{_mail_word(family)}.{number}{slot}@courriel.example"
