"""The fictional population: nobody of it can be real, and it is what was asked for."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from idp.adapters.fiction import Export, Format, write_export
from idp.adapters.fiction.households import draw_households
from idp.adapters.fiction.places import Land
from idp.journeys.directory_ports import Kind
from idp.people.fiction import is_fictional_ine, is_fictional_uai, is_plausible_ine
from idp.people.fictional_names import ORIGINS
from idp.people.names import fold_name
from idp.people.phones import is_fictional, parse_directory_mobile
from idp.people.population import (
    STORIES,
    Adult,
    Codes,
    Household,
    Role,
    Standing,
    Story,
    Where,
    fictional_ine,
    fictional_mobile,
)
from tests.directory.fiction_reading import read_records

SAMPLE = 20_000
_LANDLINE = re.compile(r"04 65 71 [0-9]{2} [0-9]{2}")


@pytest.fixture(scope="module")
def households() -> list[Household]:
    return list(islice(draw_households(5), SAMPLE))


def adults(household: Household) -> Iterator[Adult]:
    yield from {tie.adult.slot: tie.adult for child in household.children for tie in child.ties}.values()


def test_no_phone_of_a_big_sample_can_be_somebodys(households: list[Household]) -> None:
    mobiles = Counter[str]()
    for adult in (one for household in households for one in adults(household)):
        assert not adult.landline or _LANDLINE.fullmatch(adult.landline)
        number = parse_directory_mobile(adult.mobile, fiction=True)
        if number is None:
            assert not adult.mobile or _LANDLINE.fullmatch(adult.mobile)
        else:
            assert is_fictional(number), adult.mobile
            mobiles[number.e164] += 1
        assert not adult.mail or re.fullmatch(r"[a-z]*\.[a-z]*\.[0-9]+@courriel\.example", adult.mail)
    # Shared in a home at most: nobody has the number of another household.
    assert max(mobiles.values()) == 2
    assert len(mobiles) > 20_000


def test_a_corrected_phone_is_another_fictional_one_at_both_ends_of_the_numbers() -> None:
    numbers = [
        parse_directory_mobile(fictional_mobile(household, slot, corrected=corrected), fiction=True)
        for household in (0, 1_799, 1_800, 9_999_999)
        for slot in range(10)
        for corrected in (False, True)
    ]
    assert all(number is not None and is_fictional(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_no_ine_and_no_school_code_can_be_real(households: list[Household]) -> None:
    for household in households:
        for child in household.children:
            ine = fictional_ine(child.household, child.slot)
            assert is_fictional_ine(ine)
            assert not is_plausible_ine(ine)
    assert is_fictional_ine(fictional_ine(9_999_999, 9)[:-1])
    for schools, academies in ((1, 1), (37, 5), (9_999, 37)):
        codes = [school.uai for school in Land(schools, academies).schools((1, 2))]
        assert all(map(is_fictional_uai, codes))
        assert len(set(codes)) == 2 * schools


def test_stories_are_told_as_often_as_asked(households: list[Household]) -> None:
    told = Counter(household.story for household in households)
    for story, share in STORIES:
        assert told[story] == pytest.approx(SAMPLE * share / 100, rel=0.12, abs=12), story


def test_links_are_mixed_as_in_the_school_file_of_642_pupils(tmp_path: Path) -> None:
    """2·1·1·0·0 163 times, 1·1·1·0·0 145, 2·0·2·0·0 87, 4·0·0·1·0 69, 1·0·2·0·0 61."""
    paths = write_export(tmp_path, Export(pupils=6000, seed=11, codes=Codes.OLD))
    combinations = Counter(
        value.split("$", 1)[1]
        for record in read_records(paths, Kind.PUPIL)
        for value in record.attributes["ENTElevePersRelEleve"]
    )
    asked = {"2$1$1$0$0": 163, "1$1$1$0$0": 145, "2$0$2$0$0": 87, "4$0$0$1$0": 69, "1$0$2$0$0": 61}
    total = sum(combinations[one] for one in asked)
    for combination, count in asked.items():
        assert combinations[combination] / total == pytest.approx(count / 525, abs=0.025), combination
    assert sum(combinations.values()) - total < 0.05 * total  # tutors, child welfare and the like


def test_every_shape_of_a_name_and_of_a_family_occurs(households: list[Household]) -> None:
    names = {adult.family_name for household in households for adult in adults(household)}
    pupils = [child for household in households for child in household.children]
    assert any("-" in name for name in names)
    assert any(name.startswith("D'") for name in names)
    assert any(" DE LA " in name and len(name) > 30 for name in names)
    assert any(fold_name(name) != name.casefold() for name in names)
    assert {"ÇELİK", "NGUYỄN", "WIŚNIEWSKI", "LECŒUR", "EL AMRANI", "L'HELGOUALC'H"} <= names
    assert {len(adult.given_names) for household in households for adult in adults(household)} == {1, 2, 3}
    assert any(adult.birth_name != adult.family_name for household in households for adult in adults(household))
    assert {tie.role for child in pupils for tie in child.ties} == set(Role)
    assert {tie.standing for child in pupils for tie in child.ties} == set(Standing)
    assert {child.where for child in pupils} == set(Where)
    assert any(len({child.level.degree for child in household.children}) == 2 for household in households)
    twins = [one for one in households if len(one.children) > 1 and one.children[0].level == one.children[1].level]
    assert twins
    assert all(one.children[0].birth_date == one.children[1].birth_date for one in twins)
    assert len([1 for child in pupils if (child.family_name, child.given_names[0]) == ("MARTIN", "Camille")]) > 10


def test_father_and_son_share_names_and_phone_and_have_a_pupil_each(households: list[Household]) -> None:
    told = [household for household in households if household.story is Story.FATHER_AND_SON]
    assert told
    for household in told:
        father, son = (tie.adult for child in household.children[:2] for tie in child.ties if tie.role is Role.FATHER)
        assert father.slot != son.slot
        assert (father.family_name, father.given_names, father.mobile) == (son.family_name, son.given_names, son.mobile)


def test_every_child_has_one_first_guardian_and_each_adult_once(households: list[Household]) -> None:
    for child in (child for household in households for child in household.children):
        assert [tie.standing for tie in child.ties].count(Standing.FIRST) == 1
        slots = [tie.adult.slot for tie in child.ties]
        assert len(set(slots)) == len(slots)


def test_a_household_is_the_same_however_many_there_are() -> None:
    few = {one.number: one for one in islice(draw_households(5), 100)}
    of_colleges = {one.number: one for one in islice(draw_households(5, (2,)), 100)}
    assert len(of_colleges.keys() & few.keys()) > 40
    assert all(few[number] == of_colleges[number] for number in of_colleges.keys() & few.keys())
    assert next(draw_households(6)) != few[0]


def test_two_academies_have_pupils_of_one_guardian(tmp_path: Path) -> None:
    paths = write_export(tmp_path, Export(pupils=4000, seed=2, schools=8, academies=2, formats=(Format.AAF_2D,)))
    seen: dict[tuple[str, str, str], set[str]] = {}
    for path in paths:
        if "_PersRelEleve_" in path.name:
            for one in read_records([path], Kind.GUARDIAN):
                values = one.attributes
                if values["mobile"]:
                    person = (values["sn"][0], values["givenName"][0], values["mobile"][0])
                    seen.setdefault(person, set()).add(path.parent.name)
    assert {"academie-08", "academie-01"} in seen.values()


def test_no_two_first_names_of_a_list_are_one_name_to_a_directory() -> None:
    """A person whose first names fold to the same would lose one of them in any import."""
    for origin in ORIGINS:
        for names in (origin.women, origin.men):
            folded = Counter(map(fold_name, names))
            assert max(folded.values()) == 1, [name for name, count in folded.items() if count > 1]
            assert all(map(str.isalpha, (name.translate(_JOINTS) for name in names)))


_JOINTS = {ord(sign): "x" for sign in " '-"}
