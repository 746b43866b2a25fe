"""The ENT's own directory: references read as they come, the file refused in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent_client.directory import DirectoryError, as_values, load_directory, parse_ref_id
from tests.ent.conftest import DIRECTORY

ACADEMIES = st.integers(min_value=1, max_value=99)
FIELD = st.text(
    st.characters(codec="utf-8", exclude_characters="|", exclude_categories=("Z", "C")), min_size=1, max_size=12
)


@given(academy=ACADEMIES, zeros=st.integers(0, 2), second=st.text(alphabet="abc{}12 ", max_size=6), number=FIELD)
def test_an_academy_is_the_same_with_or_without_leading_zeros_and_the_second_field_does_not_count(
    academy: int, zeros: int, second: str, number: str
) -> None:
    text = f"{{AAF}}{'0' * zeros}{academy}|{second}|{number}"
    assert parse_ref_id(text) == (str(academy), number)


@given(st.text())
def test_any_text_is_either_read_or_refused_but_never_breaks(text: str) -> None:
    read = parse_ref_id(text)
    assert read is None or (text.startswith("{AAF}") and text.count("|") == 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAF08||1",
        "{AAF}08|1",
        "{AAF}08||1|",
        "{AAF}||1",
        "{AAF}08||",
        "{AAF}GRE||1",
        "{ECT}08||1",
        "{aaf}08||1",
        "{AAF}²||1",
    ],
)
def test_what_is_not_exactly_prefix_and_three_fields_is_refused(text: str) -> None:
    assert parse_ref_id(text) is None


def test_two_academies_with_the_same_number_are_two_people() -> None:
    assert parse_ref_id("{AAF}8||1") != parse_ref_id("{AAF}80||1")


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        (["a", "b"], ("a", "b")),
        ("a", ("a",)),
        ("", ()),
        (None, ()),
        (["a", 1, "", None, ["b"]], ("a",)),
        ({"a": 1}, ()),
    ],
)
def test_a_claim_of_several_values_is_read_in_every_shape(claim: Any, values: tuple[str, ...]) -> None:
    assert as_values(claim) == values


def test_the_file_is_read(directory_file: Path) -> None:
    directory = load_directory(directory_file)
    assert len(directory) == 4
    (joe,) = directory.known(["{AAF}8||123456", "{AAF}08||123456"])
    assert [pupil.given_name for pupil in joe.pupils] == ["Léa", "Tom"]
    assert joe.schools == ("Collège des Tilleuls",)


def guardian(**changes: Any) -> dict[str, Any]:
    return {**DIRECTORY["guardians"][0], **changes}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"guardians": 3}',
        '{"guardians": ["x"]}',
        json.dumps({"guardians": [guardian(ref_id="8||1")]}),
        json.dumps({"guardians": [guardian(ref_id=3)]}),
        json.dumps({"guardians": [guardian(children="x")]}),
        json.dumps({"guardians": [guardian(children=["x"])]}),
        json.dumps({"guardians": [guardian(children=[{}])]}),
        json.dumps({"guardians": [guardian(), guardian(ref_id="{AAF}8|x|123456")]}),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ent-directory.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DirectoryError, match=r"^The directory [^\n]+\.$"):
        load_directory(path)


def test_a_missing_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="cannot be read: No such file"):
        load_directory(tmp_path / "nowhere.json")
