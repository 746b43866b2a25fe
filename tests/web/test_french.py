"""No-break spaces: put where French wants them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.journeys.typography import NO_BREAK_SPACE
from idp.web.catalogues import typographic

N = NO_BREAK_SPACE


@pytest.mark.parametrize(
    ("plain", "set_in_type"),
    [
        ("Besoin d'aide ?", f"Besoin d'aide{N}?"),
        ("Étape 2 sur 5 : code", f"Étape 2 sur 5{N}: code"),
        ("« Mes enfants », ou", f"«{N}Mes enfants{N}», ou"),
        ("dites : « Pour moi ? »", f"dites{N}: «{N}Pour moi{N}?{N}»"),
        ("par exemple 06 39 98 00 01.", f"par exemple 06{N}39{N}98{N}00{N}01."),
        ("ponctué ; voilà !", f"ponctué{N}; voilà{N}!"),
    ],
)
def test_spaces_that_must_not_break_do_not(plain: str, set_in_type: str) -> None:
    assert typographic(plain) == set_in_type


@pytest.mark.parametrize("text", ["Il vous reste 4 essais.", "https://ent.example/a?b=c", "le 12/04/2012", "10:30"])
def test_other_text_is_left_alone(text: str) -> None:
    assert typographic(text) == text


@given(st.text(alphabet="ab «»:;?!.09"))
def test_only_the_kind_of_space_ever_changes(text: str) -> None:
    assert typographic(text).replace(N, " ") == text


@given(st.text(alphabet="ab «»:;?!.09"))
def test_twice_is_the_same_as_once(text: str) -> None:
    assert typographic(typographic(text)) == typographic(text)
