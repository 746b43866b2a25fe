"""The pages of docs/ that are made from the document's classes and from the library; the how-to's document is taken as it stands."""

import re
from pathlib import Path

import pytest

from idp.adapters.case_library import case_names, load_case
from idp.adapters.case_library.reference import render_cases
from idp.journeys.families.reading import read_document
from idp.journeys.families.reference import render_reference
from tests.families.documents import faults_of

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_the_page_of_members_is_the_one_that_the_code_writes() -> None:
    assert page("reference/families.md") == render_reference(), "run: make docs"


def test_the_page_of_cases_is_the_one_that_the_library_writes() -> None:
    assert page("reference/cases.md") == render_cases(), "run: make docs"
    assert re.findall(r"^## (.*)$", page("reference/cases.md"), re.MULTILINE) == case_names()


def test_the_whole_library_is_right_when_it_is_loaded_together() -> None:
    assert faults_of(*map(load_case, case_names())) == []


@pytest.mark.parametrize("name", case_names())
def test_a_case_says_which_bug_it_is_for_and_what_is_seen_and_its_family_bears_its_name(name: str) -> None:
    case = read_document(load_case(name), name)
    assert case.title
    assert case.about.endswith(".")
    assert case.effect.endswith(".")
    assert [family.key for family in case.families] == [name]


def test_the_document_of_the_how_to_is_right() -> None:
    shown = re.findall(r"```toml\n(.*?)```", page("how-to/describe-families.md"), re.DOTALL)
    lines = [re.sub("^   ", "", line) for line in shown[0].splitlines()]
    [faults] = [one for one in shown if one.startswith("[[faults]]")]
    assert faults_of("\n".join(lines)) == []
    assert faults_of("\n".join([*lines, faults])) == []
