"""Birth dates in three fields."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.birth_dates import BirthDateFault, parse_birth_date

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "born"),
    [
        (("12", "04", "2012"), date(2012, 4, 12)),
        (("3", "9", "2014"), date(2014, 9, 3)),
        (("3", "septembre", "14"), date(2014, 9, 3)),
        (("1", "Août", "2013"), date(2013, 8, 1)),
        (("1", "févr.", "2013"), date(2013, 2, 1)),
        (("24", "8", "62"), date(1962, 8, 24)),
        (("03/09/2014", "", ""), date(2014, 9, 3)),
        (("03.09.14", "", ""), date(2014, 9, 3)),
        (("2014-09-03", "", ""), date(2014, 9, 3)),
        (("29", "2", "2012"), date(2012, 2, 29)),
    ],
)
def test_a_date_is_read_as_people_write_it(typed: tuple[str, str, str], born: date) -> None:
    assert parse_birth_date(*typed, today=TODAY) == born


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (("", "", ""), "empty"),
        (("", "4", "2012"), "missing-day"),
        (("12", "", "2012"), "missing-month"),
        (("12", "4", ""), "missing-year"),
        (("12", "", ""), "missing-month"),
        (("31", "2", "2012"), "impossible"),
        (("29", "2", "2013"), "impossible"),
        (("12", "13", "2012"), "impossible"),
        (("x", "4", "2012"), "impossible"),
        (("12", "4", "201"), "impossible"),
        (("12", "4", "1012"), "impossible"),
        (("25", "11", "2026"), "future"),
        (("1", "1", "2090"), "future"),
    ],
)
def test_what_is_no_date_says_what_is_missing(typed: tuple[str, str, str], code: str) -> None:
    with pytest.raises(BirthDateFault) as caught:
        parse_birth_date(*typed, today=TODAY)
    assert caught.value.code == code


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=6))
def test_whatever_is_typed_is_a_past_date_or_a_fault(day: str, month: str, year: str) -> None:
    with suppress(BirthDateFault):
        assert parse_birth_date(day, month, year, today=TODAY) <= TODAY
