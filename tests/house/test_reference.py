"""The pages of docs/ that are made from the code, or that name what the code has."""

from pathlib import Path

import click

from idp.cli import main
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults_reference import render_reference as render_faults
from idp.settings import load_settings
from idp.settings.reference import render_reference

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_the_one_that_the_code_writes() -> None:
    assert (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8") == render_reference(), "run: make docs"


def test_the_page_of_faults_is_the_one_that_the_code_writes_and_has_every_fault() -> None:
    page = (ROOT / "docs/reference/faults.md").read_text(encoding="utf-8")
    assert page == render_faults(), "run: make docs"
    for fault in CATALOGUE.values():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{fault.name}` |"))
        assert fault.text in row
        assert len(row.replace("\\|", "").split("|")) == 7, "a cell for each of its words"


def commands(group: click.Group, prefix: str) -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix} {name}")
        else:
            found[f"{prefix} {name}"] = command
    return found


def test_the_page_of_the_command_line_has_every_command_and_every_option() -> None:
    page = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
    for name, command in commands(main, "preau").items():
        assert f"## {name}" in page
        section = page.split(f"## {name}", 1)[1].split("\n## ", 1)[0]
        for option in command.params:
            for words in option.opts:
                assert words.lower() in section.lower(), f"{name} {words}"
    assert page.count("\n## preau") == len(commands(main, "preau"))


def test_the_example_is_taken_as_it_stands() -> None:
    settings = load_settings(ROOT / "examples/preau.toml")
    assert settings.clients
