"""Claims of FranceConnect: their types, their forms, and what may be missing."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from franceconnect_bridge.identity import ClaimError, read_identity, read_sub

ANGELA: dict[str, Any] = {
    "given_name": "Angela Claire Louise",
    "given_name_array": ["Angela", "Claire", "Louise"],
    "family_name": "DUBOIS",
    "birthdate": "1962-08-24",
    "gender": "female",
    "birthplace": "75107",
    "birthcountry": "99100",
}
SUB = "b6048e95bb134ec5b1d1e1fa69f287172e91722b9354d637a1bcf2ebb0fd2ef5v1"


def test_the_known_test_person_is_read_whole() -> None:
    identity = read_identity(ANGELA)
    assert identity.family_name == "DUBOIS"
    assert identity.given_names == ("Angela", "Claire", "Louise")
    assert identity.birthdate == date(1962, 8, 24)
    assert (identity.gender, identity.birthplace, identity.birthcountry) == ("female", "75107", "99100")
    assert (identity.preferred_username, identity.email) == ("", "")


def test_given_names_come_apart_at_spaces_only_without_the_array() -> None:
    assert read_identity({**ANGELA, "given_name_array": ["Jean Paul", "Marie"]}).given_names == ("Jean Paul", "Marie")
    told = {name: value for name, value in ANGELA.items() if name != "given_name_array"}
    assert read_identity(told).given_names == ("Angela", "Claire", "Louise")


@pytest.mark.parametrize("code", ["75107", "2A004", "2B050", "98729", "98611", "97411"])
def test_a_commune_is_two_digits_or_2a_or_2b_and_three_digits(code: str) -> None:
    assert read_identity({**ANGELA, "birthplace": code}).birthplace == code


def test_a_person_born_abroad_has_no_birthplace() -> None:
    identity = read_identity({**ANGELA, "birthplace": "", "birthcountry": "99352"})
    assert (identity.birthplace, identity.birthcountry) == ("", "99352")


@pytest.mark.parametrize(
    ("written", "read"), [("1992-00-00", date(1992, 1, 1)), ("1992-11-00", date(1992, 11, 1)), ("", None), (None, None)]
)
def test_a_presumed_or_absent_birth_date_is_accepted(written: str | None, read: date | None) -> None:
    assert read_identity({**ANGELA, "birthdate": written}).birthdate == read


def test_an_absent_gender_is_unspecified() -> None:
    assert read_identity({**ANGELA, "gender": ""}).gender == "unspecified"
    assert read_identity({**ANGELA, "gender": "unspecified"}).gender == "unspecified"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("family_name", ""), ("family_name", None), ("family_name", 7), ("family_name", "D" * 257), ("family_name", "DU\x00BOIS"),
        ("family_name", "\u202eSIOBUD"), ("given_name_array", []), ("given_name_array", [""]), ("given_name_array", "Angela"),
        ("given_name_array", [7]), ("birthdate", "24/08/1962"), ("birthdate", "1962-13-01"), ("birthdate", "1962-02-30"),
        ("birthdate", 19620824), ("gender", "F"), ("gender", 1), ("birthplace", "2C004"), ("birthplace", "7510"),
        ("birthplace", 75107), ("birthcountry", "FR"), ("birthcountry", "33000"), ("preferred_username", ["X"]),
        ("email", "x" * 255),
    ],
)  # fmt: skip
def test_a_malformed_claim_is_refused_by_its_name_and_its_value_is_not_told(claim: str, value: object) -> None:
    with pytest.raises(ClaimError) as refused:
        read_identity({**ANGELA, claim: value})
    assert refused.value.claim in {claim, "given_name"}
    if isinstance(value, str) and len(value) > 2:
        assert value not in str(refused.value)


def test_a_subject_has_franceconnects_form_unless_told_otherwise() -> None:
    assert read_sub({"sub": SUB}, strict=True) == SUB
    assert read_sub({"sub": "abc"}, strict=False) == "abc"
    for wrong in ("abc", SUB.upper(), SUB[:-2], "", None, 7, "x" * 256):
        with pytest.raises(ClaimError):
            read_sub({"sub": wrong}, strict=True)


@given(
    st.dictionaries(
        st.sampled_from(sorted({*ANGELA, "preferred_username", "email"})),
        st.none() | st.text() | st.integers() | st.lists(st.text() | st.none()) | st.dictionaries(st.text(), st.text()),
    )
)
def test_any_claims_are_read_or_refused_by_name(claims: dict[str, Any]) -> None:
    refused = None
    try:
        identity = read_identity({**ANGELA, **claims})
    except ClaimError as error:
        refused = error.claim
    assert refused in {*claims, "given_name"} if refused else identity.family_name and identity.given_names
