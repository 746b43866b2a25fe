"""Whatever text is given to the school's rules: the documented answer or the documented refusal, and nothing else."""

import re
import string
import unicodedata
from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from idp.people.birth_dates import BirthDateFault, parse_birth_date
from idp.people.identifiants import compose_identifiant, identifiant_stem, normalise_identifiant, spell_identifiant
from idp.people.names import clean_name, compare_names, fold_name, typed_name_fault
from idp.people.passwords import normalise_password, password_fault, rules_met
from idp.people.persons import PersonOutcome, find_person
from idp.people.phones import COUNTRY_CODES, PhoneFault, PhoneNumber, is_fictional, parse_directory_mobile, parse_mobile
from idp.people.records import Guardian

ANY = st.text(max_size=40)  # surrogates, controls and bidi marks among them
LETTERS = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Lm", "Mn"]), min_size=1, max_size=12)
NAMES = st.one_of(
    st.sampled_from(
        ["DUPONT", "Dupond", "Le Goff", "d'Artagnan", "Öztürk", "Œuvrard", "N'Guyen", "Éloïse", "Straße", "王"]
    ),
    st.lists(LETTERS, min_size=1, max_size=3).map(" ".join),
)
COUNTRIES = st.sampled_from([value for value, _ in COUNTRY_CODES])
TODAY = date(2031, 3, 4)
_PARTICLES = {"de", "du", "des", "d", "le", "la", "les", "l", "van", "von", "der", "el", "al", "ben"}


def record(family: str, *given_names: str, birth: str = "", number: int = 1, academy: str = "8") -> Guardian:
    return Guardian(number, academy, str(number), family, birth, given_names, None)


def letters(name: str) -> str:
    """Return a name's letters without particles, by the rule written another way."""
    return "".join(part for part in fold_name(name).split() if part not in _PARTICLES)


def _assert_among(code: str, documented: str) -> None:
    assert code in documented.split()


# --- names -----------------------------------------------------------------------------------------------------------------------


@given(ANY)
def test_folding_a_name_twice_changes_nothing_more(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)
    assert clean_name(clean_name(text)) == clean_name(text)


@given(ANY)
def test_a_folded_name_has_no_capital_no_accent_and_no_double_space(text: str) -> None:
    folded = fold_name(text)
    assert folded == folded.casefold() == " ".join(folded.split())
    assert not [sign for sign in folded if unicodedata.combining(sign)]


@given(ANY)
def test_any_text_is_a_name_or_has_one_of_three_faults(text: str) -> None:
    assert typed_name_fault(text) in {None, "empty", "too-long", "sign"}


@given(ANY)
def test_what_is_taken_for_a_name_has_letters_to_compare(text: str) -> None:
    if typed_name_fault(text) is None:
        assert fold_name(text)


@given(NAMES, NAMES)
def test_everybody_is_found_under_her_own_name(family: str, first: str) -> None:
    assert compare_names(family, first, record(family, first)).same or not (fold_name(family) and fold_name(first))


@given(NAMES, NAMES, NAMES, NAMES)
def test_comparing_is_the_same_in_both_directions(one: str, first: str, other: str, other_first: str) -> None:
    there = compare_names(one, first, record(other, other_first)).same
    back = compare_names(other, other_first, record(one, first)).same
    assert there == back


@given(ANY | NAMES, ANY | NAMES, NAMES, NAMES, st.just("") | NAMES)
@example("", "", "-", "-", "")
def test_names_whose_letters_differ_are_never_the_same(
    typed: str, typed_first: str, family: str, first: str, birth: str
) -> None:
    if compare_names(typed, typed_first, record(family, first, "Zoé", birth=birth)).same:
        recorded = {letters(family), letters(birth), letters(family) + letters(birth), letters(birth) + letters(family)}
        # A name made of particles alone is compared as it stands.
        as_they_stand = {fold_name(one).replace(" ", "") for one in (family, birth)}
        written = fold_name(typed).replace(" ", "")
        assert letters(typed) in recorded - {""} or written in as_they_stand - {""}
        givens = fold_name(first).replace(" ", "")
        assert fold_name(typed_first).replace(" ", "") in {givens, givens + "zoe"} - {""}


@given(st.lists(st.builds(record, NAMES, NAMES, academy=st.sampled_from(["8", "10"])), max_size=4), ANY, ANY)
def test_among_any_records_one_person_is_found_or_none_or_doubt(
    records: list[Guardian], family: str, first: str
) -> None:
    numbered = [
        record(one.family_name, *one.given_names, number=i, academy=one.academy) for i, one in enumerate(records)
    ]
    verdict = find_person(numbered, family, first)
    assert set(verdict.reasons) == {one.id for one in numbered}
    assert bool(verdict.guardians) == (verdict.outcome is PersonOutcome.MATCH)


# --- phones ----------------------------------------------------------------------------------------------------------------------


@given(COUNTRIES, ANY | st.text("+0123456789 .-()", max_size=24), st.booleans())
def test_any_text_is_a_mobile_number_or_has_a_documented_fault(country: str, typed: str, fiction: bool) -> None:
    try:
        number = parse_mobile(country, typed, fiction=fiction)
    except PhoneFault as fault:
        _assert_among(fault.code, "empty letters length length-abroad landline needs-plus not-mobile")
        return
    assert re.fullmatch(r"\+[1-9][0-9]{5,18}", number.e164)
    assert parse_mobile("other", number.e164, fiction=fiction) == number
    assert parse_directory_mobile(number.e164, fiction=fiction) == number
    assert fiction or not is_fictional(number)
    assert number.masked.endswith(number.ending)
    assert number.e164[4:-2] not in number.masked.replace(" ", "")


@given(
    st.integers(0, 9999),
    st.sampled_from(["", " ", ".", "-", "\u00a0"]),
    st.sampled_from(["0", "+33 ", "0033", "+33 (0)"]),
)
def test_every_writing_of_one_number_is_one_number(last: int, between: str, start: str) -> None:
    pairs = ["39", "98", f"{last // 100:02}", f"{last % 100:02}"]
    typed = f"{start}{between.join(['6', *pairs])}"
    assert parse_mobile("+33", typed, fiction=True) == PhoneNumber(f"+3363998{last:04}")


# --- dates -----------------------------------------------------------------------------------------------------------------------

DAYS = st.dates(TODAY - timedelta(days=365 * 100), TODAY)


@given(ANY, ANY, ANY)
def test_any_three_texts_are_a_birth_date_or_have_a_documented_fault(day: str, month: str, year: str) -> None:
    try:
        assert parse_birth_date(day, month, year, today=TODAY) <= TODAY
    except BirthDateFault as fault:
        _assert_among(fault.code, "empty missing-day missing-month missing-year impossible future")


@given(DAYS)
def test_every_date_can_be_typed_in_every_way(born: date) -> None:
    day, month, year = str(born.day), str(born.month), str(born.year)
    ways = [
        (day, month, year),
        (f" {day:0>2} ", f"{month:0>2}", f"{year} "),
        (f"{day}/{month}/{year}", "", ""),
        (born.isoformat(), "", ""),
    ]
    assert {parse_birth_date(*way, today=TODAY) for way in ways} == {born}


# --- identifiants and passwords ------------------------------------------------------------------------------------------------------


@given(ANY, ANY, st.integers(0, 9999))
def test_an_identifiant_can_be_made_of_any_name_and_typed_in_any_way(first: str, family: str, number: int) -> None:
    value = compose_identifiant(identifiant_stem(first, family), f"{number:04}")
    assert re.fullmatch(r"[a-z]\.[a-z]{1,40}[0-9]{4}", value)
    assert normalise_identifiant(f" {value.upper()[:3]} {value.upper()[3:]}\t") == value
    assert spell_identifiant(value).replace("point", ".").replace(", ", "") == value


@given(ANY)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise_identifiant(normalise_identifiant(text)) == normalise_identifiant(text)
    assert normalise_password(normalise_password(text)) == normalise_password(text)


@given(st.text(max_size=150), st.lists(ANY, max_size=3))
def test_any_text_is_a_password_or_has_a_documented_fault(password: str, own_words: list[str]) -> None:
    fault = password_fault(password, own_words=own_words, is_common=lambda _: False)
    assert fault in {None, "empty", "too-long", "rules", "own-name"}
    assert len(rules_met(password)) == 5
    if fault is None:
        assert all(rules_met(password))


@given(st.text(string.ascii_letters, min_size=3, max_size=12), st.sampled_from(["", "é", "-"]))
def test_no_password_holds_a_name_of_the_person(name: str, between: str) -> None:
    fault = password_fault(f"Aa1!{name}{between}9", own_words=[name], is_common=lambda _: False)
    assert fault == "own-name"
