"""Identifiants and passwords."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.identifiants import (
    compose_identifiant,
    identifiant_stem,
    is_identifiant,
    normalise_identifiant,
    spell_identifiant,
)
from idp.people.passwords import normalise_password, password_fault, rules_met


@pytest.mark.parametrize(
    ("given_name", "family_name", "stem"),
    [
        ("Joe", "DUPONT", "j.dupont"),
        ("Marie-Hélène", "LE GOFF", "m.legoff"),
        ("Éloïse", "D'ÂNE-ŒUVRE", "e.daneoeuvre"),
        ("李", "王", "x.x"),
    ],
)
def test_the_stem_has_a_letter_a_dot_and_the_family_name(given_name: str, family_name: str, stem: str) -> None:
    assert identifiant_stem(given_name, family_name) == stem


@given(st.text(max_size=80), st.text(max_size=200), st.from_regex(r"[0-9]{4}", fullmatch=True))
def test_every_name_gives_an_identifiant_of_one_form(given_name: str, family_name: str, digits: str) -> None:
    value = compose_identifiant(identifiant_stem(given_name, family_name), digits)
    assert re.fullmatch(r"[a-z]\.[a-z]{1,40}[0-9]{4}", value)
    assert normalise_identifiant(f" {value.upper()} ") == value
    assert is_identifiant(value)


@pytest.mark.parametrize(
    "value", ["", "j.dupont", "J.dupont4271", "j.dupont42711", "j.dupont4271\n", "j.dupont٤٢٧١", "0639"]
)
def test_anything_else_has_not_the_form_of_an_identifiant(value: str) -> None:
    assert not is_identifiant(value)


def test_an_identifiant_is_spelt_letter_by_letter() -> None:
    assert spell_identifiant("j.dup42") == "j, point, d, u, p, 4, 2"


@pytest.mark.parametrize(
    ("password", "met"),
    [
        ("Cartable-42", (True, True, True, True, True)),
        ("cartable-42", (False, True, True, True, True)),
        ("CARTABLE-42", (True, False, True, True, True)),
        ("Cartable-xx", (True, True, False, True, True)),
        ("Cartable42x", (True, True, True, False, True)),
        ("Car-42x", (True, True, True, True, False)),
        ("Écolière:7", (True, True, True, True, True)),
        ("Cartable_42", (True, True, True, False, True)),
        ("Cartable-٤٢", (True, True, False, True, True)),
    ],
)
def test_the_five_rules_of_the_guide(password: str, met: tuple[bool, ...]) -> None:
    assert rules_met(password) == met


@pytest.mark.parametrize("special", list("!?@#$%&'()*+,-.:;"))
def test_each_special_character_of_the_guide_counts(special: str) -> None:
    assert rules_met(f"Cartable{special}42")[3]


def common(password: str) -> bool:
    return password == "P@ssw0rd"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "empty"),
        ("Aa1!" * 33, "too-long"),
        ("cartable", "rules"),
        ("P@ssw0rd", "common"),
        ("Dupont-2026", "own-name"),
        ("dUpOnT-2026", "own-name"),
        ("2026-Léa-2026", "own-name"),
        ("Marie-Helene1", "own-name"),
        ("xMariehelene1!", "own-name"),
        ("Bo-42-Cartable", None),
        ("Cartable-Bleu-42", None),
    ],
)
def test_what_is_wrong_with_a_password(password: str, fault: str | None) -> None:
    own = ("DUPONT", "Marie-Hélène", "Léa", "Bo")
    assert password_fault(password, own_words=own, is_common=common) == fault


def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    assert normalise_password("E\u0301cole-42") == normalise_password("École-42")
