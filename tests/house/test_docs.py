"""What docs/ says is there is there: links, tests that it names, errors, examples."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from idp.errors import CATALOGUE
from idp.settings import load_settings
from idp.web.errors_reference import render_reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PLUG_IN_PAGES = sorted(ROOT.glob("docs/how-to/plug-in-*.md"))
SHOWN_FILE = re.compile(r"\]\(([^)\s]*/tests/interop/[^)\s]+)\):\n\n((?: {4,}\S.*\n|\n)+)")
SOURCES = {path: path.read_text(encoding="utf-8") for path in ROOT.glob("idp/**/*.py")}


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_every_file_and_test_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for path, _, test in re.findall(r"((?:tests|idp|bench|examples|ent_client)/[\w/]+\.\w+)(::(\w+))?", text):
        assert (ROOT / path).is_file(), path
        if test:
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"


@pytest.mark.parametrize("page", PLUG_IN_PAGES, ids=names(PLUG_IN_PAGES))
def test_what_a_page_shows_of_a_tested_file_stands_in_it(page: Path) -> None:
    shown = SHOWN_FILE.findall(page.read_text(encoding="utf-8"))
    assert shown or page.stem == "plug-in-any-client"
    for target, block in shown:
        tested = (page.parent / target).read_text(encoding="utf-8")
        assert f"\n{dedent(block).strip()}\n" in f"\n{tested}", f"{target}\n{block}"


def test_the_page_of_errors_is_the_one_that_the_code_writes() -> None:
    assert (ROOT / "docs/errors.md").read_text(encoding="utf-8") == render_reference(), "run: make docs"


@pytest.mark.parametrize("error", CATALOGUE, ids=[error.key for error in CATALOGUE])
def test_every_error_of_the_catalogue_is_used(error: object) -> None:
    key = error.key  # type: ignore[attr-defined]  # parametrize knows no type
    uses = [path for path, text in SOURCES.items() if f'"{key}"' in text and path.name != "errors.py"]
    assert uses, key


def test_every_error_that_the_code_names_is_in_the_catalogue() -> None:
    known = {error.key for error in CATALOGUE}
    for path, text in SOURCES.items():
        for key in re.findall(r'(?:render_error|ShownError|_refuse)\(\s*"([a-z-]+)"', text):
            assert key in known, f"{path}: {key}"


def test_the_settings_of_the_readme_are_taken_as_they_stand(tmp_path: Path) -> None:
    shown = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    for number, text in enumerate(shown):
        path = tmp_path / f"{number}.toml"
        path.write_text(text, encoding="utf-8")
        assert load_settings(path).clients
