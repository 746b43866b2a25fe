"""Who FranceConnect recognised: every row of docs/reference/identity-matching.md, and what several records make of it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.civil_identity import CivilIdentity, Gender, dates_can_be_one
from idp.people.identity_matching import MatchOutcome, match_identity, pupil_contradiction
from idp.people.phones import PhoneNumber
from idp.people.records import Guardian

PAGE = Path(__file__).parents[2] / "docs/reference/identity-matching.md"
PHONE = PhoneNumber("+33639980001")


def read_rows() -> list[list[str]]:
    """Return the page's rows of twelve cells."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if len(row) == 12 and not row[0].startswith("FranceConnect")]


def read_names(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split(",") if name.strip())


def read_day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def record(
    number: int, family: str, *given_names: str, birth: str = "", title: str = "", academy: str = "8"
) -> Guardian:
    return Guardian(number, academy, str(number), family, birth, given_names, PHONE, title=title)


ROWS = read_rows()
CLAIRE = CivilIdentity("MARTIN", ("Claire",), "DUPONT", date(1985, 3, 2), Gender.FEMALE)


def test_the_page_has_at_least_two_hundred_identities() -> None:
    assert len(ROWS) >= 200
    assert len({tuple(row) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[2]}-{row[5]}-{row[7]}-{row[10]}" for row in ROWS])
def test_an_identity_of_the_page_is_answered_as_it_says(row: list[str]) -> None:
    birth, usage, given_names, born, gender, name, birth_name, first_names, title, school_born, answer, reason = row
    identity = CivilIdentity(birth, read_names(given_names), usage, read_day(born), Gender(gender))
    guardian = Guardian(
        7, "8", "7", name, birth_name, read_names(first_names), PHONE, title=title, birth_date=read_day(school_born)
    )
    verdict = match_identity(identity, [guardian])
    assert (verdict.outcome, verdict.reasons) == (MatchOutcome(answer), {7: reason})
    assert verdict.guardians == ((guardian,) if answer == "match" else ())


def test_no_record_with_this_number_is_nobody() -> None:
    assert match_identity(CLAIRE, []).outcome is MatchOutcome.NOBODY


def test_the_other_parent_on_the_same_phone_is_left_out() -> None:
    verdict = match_identity(
        CLAIRE, [record(1, "DUPONT", "Joe", title="M."), record(2, "DUPONT", "Claire", title="Mme")]
    )
    assert [one.id for one in verdict.guardians] == [2]
    assert verdict.reasons[1] == "first name differs"


def test_father_and_son_with_one_name_and_phone_unlock_nothing() -> None:
    paul = CivilIdentity("GARNIER", ("Paul",), gender=Gender.MALE)
    verdict = match_identity(paul, [record(1, "GARNIER", "Paul"), record(2, "GARNIER", "Paul")])
    assert (verdict.outcome, verdict.guardians) == (MatchOutcome.SEVERAL, ())


def test_the_date_of_birth_tells_father_from_son_where_the_school_gives_it() -> None:
    son = CivilIdentity("GARNIER", ("Paul",), "", date(1988, 2, 17), Gender.MALE)
    records = [
        Guardian(1, "8", "1", "GARNIER", "", ("Paul",), PHONE, title="M.", birth_date=date(1961, 5, 2)),
        Guardian(2, "8", "2", "GARNIER", "", ("Paul",), PHONE, title="M.", birth_date=date(1988, 2, 17)),
    ]
    assert [one.id for one in match_identity(son, records).guardians] == [2]


def test_records_of_two_academies_are_one_person() -> None:
    records = [record(1, "DUPONT", "Claire"), record(2, "DUPONT", "Claire", academy="10")]
    assert [one.id for one in match_identity(CLAIRE, records).guardians] == [1, 2]


def test_records_that_agree_with_the_person_and_not_with_one_another_unlock_nothing() -> None:
    records = [record(1, "DUPONT", "Claire"), record(2, "MARTIN", "Claire", academy="10")]
    assert match_identity(CLAIRE, records).outcome is MatchOutcome.SEVERAL


def test_a_contradiction_beside_a_match_leaves_the_match() -> None:
    records = [record(1, "DUPONT", "Claire", birth="LEROY"), record(2, "DUPONT", "Claire", birth="MARTIN")]
    verdict = match_identity(CLAIRE, records)
    assert [one.id for one in verdict.guardians] == [2]


def test_a_person_who_was_not_born_before_a_pupil_is_not_the_guardian() -> None:
    assert pupil_contradiction(CLAIRE, [date(2012, 4, 12)]) == ""
    assert pupil_contradiction(CLAIRE, [date(2012, 4, 12), date(1985, 3, 2)]) == "not born before a pupil"
    assert pupil_contradiction(CivilIdentity("MARTIN", ("Claire",)), [date(2012, 4, 12)]) == ""


@given(st.dates(), st.dates())
def test_two_dates_agree_in_either_order_and_never_across_years(one: date, other: date) -> None:
    assert dates_can_be_one(one, one)
    assert dates_can_be_one(one, other) is dates_can_be_one(other, one)
    if one.year != other.year or (one.day != 1 and other.day != 1 and one != other):
        assert not dates_can_be_one(one, other)


NAMES = st.text(st.characters(categories=("L", "M"), include_characters=" -'"), max_size=12)


@given(NAMES, NAMES, st.lists(NAMES, max_size=3), NAMES, NAMES, st.lists(NAMES, min_size=1, max_size=3))
def test_any_identity_and_any_record_get_an_answer_with_a_reason(
    birth: str, usage: str, given_names: list[str], name: str, birth_name: str, first_names: list[str]
) -> None:
    guardian = record(1, name, *first_names, birth=birth_name)
    verdict = match_identity(CivilIdentity(birth, tuple(given_names), usage), [guardian])
    assert verdict.reasons[1]
    assert bool(verdict.guardians) is (verdict.outcome is MatchOutcome.MATCH)
