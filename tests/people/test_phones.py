"""Phone numbers in every writing."""

from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.phones import (
    COUNTRY_CODES,
    PhoneFault,
    PhoneNumber,
    is_fictional,
    parse_directory_mobile,
    parse_mobile,
)


@pytest.mark.parametrize(
    "typed",
    [
        "06 39 98 00 01",
        "0639980001",
        "06.39.98.00.01",
        "06-39-98-00-01",
        "639980001",
        "+33 6 39 98 00 01",
        "+33 (0)6 39 98 00 01",
        "0033639980001",
        "06\u00a039\u202f98 00 01",
    ],
)
def test_every_writing_of_joes_number_is_one_number(typed: str) -> None:
    assert parse_mobile("+33", typed, fiction=True).e164 == "+33639980001"


def test_a_number_with_its_own_code_wins_over_the_list() -> None:
    assert parse_mobile("+596", "+33639980001", fiction=True).e164 == "+33639980001"


@pytest.mark.parametrize(
    ("national", "e164"),
    [
        ("0692 12 34 56", "+262692123456"),
        ("0690 30 12 34", "+590690301234"),
        ("0694 20 12 34", "+594694201234"),
        ("0696 20 12 34", "+596696201234"),
        ("0639 69 12 34", "+262639691234"),
    ],
)
def test_an_overseas_number_typed_under_france_gets_its_own_code(national: str, e164: str) -> None:
    assert parse_mobile("+33", national, fiction=False).e164 == e164


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("+33", "", "empty"),
        ("+33", "  ", "empty"),
        ("+33", "06 39 98 00 0O", "letters"),
        ("+33", "joe", "letters"),
        ("+33", "+", "letters"),
        ("+33", "06 39 98 00", "length"),
        ("+33", "06 39 98 00 01 2", "length"),
        ("+33", "01 99 00 12 34", "landline"),
        ("other", "0470 12 34 56", "needs-plus"),
        ("other", "+999 123", "length-abroad"),
        ("+32", "12", "length-abroad"),
    ],
)
def test_what_is_no_mobile_number_says_what_is_missing(country: str, typed: str, code: str) -> None:
    with pytest.raises(PhoneFault) as caught:
        parse_mobile(country, typed, fiction=True)
    assert caught.value.code == code


def test_a_number_that_is_too_short_says_how_many_digits_it_has() -> None:
    with pytest.raises(PhoneFault) as caught:
        parse_mobile("+33", "06 39 98 00", fiction=True)
    assert caught.value.values == {"n": 8}


def test_fiction_is_refused_where_people_are_real() -> None:
    for typed in ("06 39 98 00 01", "+33639980001", "0639980001234567"):
        with pytest.raises(PhoneFault):
            parse_mobile("+33", typed, fiction=False)


def test_volume_data_has_longer_numbers_of_fiction() -> None:
    number = parse_mobile("+33", "06399812345678901", fiction=True)
    assert number.e164 == "+336399812345678901"
    assert is_fictional(number)
    with pytest.raises(PhoneFault):
        parse_mobile("+33", "06 39 98 12 34 56", fiction=True)


def test_the_mask_shows_the_code_the_first_digit_and_the_last_two() -> None:
    number = PhoneNumber("+33639980001")
    assert (number.masked, number.ending) == ("+33 6 •• •• •• 01", "01")
    assert PhoneNumber("+262692123456").masked == "+262 •• •• •• • 56"


def test_a_directory_number_that_is_no_mobile_is_none() -> None:
    assert parse_directory_mobile("01 99 00 12 34", fiction=True) is None
    assert parse_directory_mobile("", fiction=True) is None
    assert parse_directory_mobile("+33639980001", fiction=True) == PhoneNumber("+33639980001")


@given(st.sampled_from("67"), st.integers(min_value=0, max_value=99_999_999))
def test_a_plain_french_number_is_judged_as_phonenumbers_judges_it(first: str, rest: int) -> None:
    e164 = f"+33{first}{rest:08}"
    expected = PhoneNumber(e164) if is_a_mobile_to_phonenumbers(e164) else None
    assert parse_directory_mobile(e164, fiction=False) == expected


def is_a_mobile_to_phonenumbers(e164: str) -> bool:
    if e164.startswith("+3363998"):  # nobody's
        return False
    parsed = phonenumbers.parse(e164)
    return (
        phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    )


def test_france_comes_first_and_another_country_last() -> None:
    assert COUNTRY_CODES[0] == ("+33", "+33 France")
    assert COUNTRY_CODES[-1] == ("other", "Autre pays")
    assert all(words.startswith(code) for code, words in COUNTRY_CODES[:-1])


@given(st.sampled_from([code for code, _ in COUNTRY_CODES]), st.text(max_size=25), st.booleans())
def test_whatever_is_typed_is_a_number_or_a_fault(country: str, typed: str, fiction: bool) -> None:
    with suppress(PhoneFault):
        e164 = parse_mobile(country, typed, fiction=fiction).e164
        assert e164[0] == "+"
        assert e164[1:].isdigit()


@given(st.integers(min_value=0, max_value=9999))
def test_a_mask_holds_nothing_of_the_middle(number: int) -> None:
    phone = PhoneNumber(f"+3363998{number:04}")
    assert phone.masked.replace("•", "").split() == ["+33", "6", f"{number:04}"[-2:]]
