"""docs/reference/conformance.md says of each module of the plans what shows it, or why it cannot pass, and claims no certificate."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/conformance.md").read_text(encoding="utf-8")
CLAIM = re.compile(r"^(?:(?:skipped: )?`tests/|fails: )")
PLANS = {
    "Basic, and Form Post Basic": 38,
    "Config": 1,
    "Dynamic": 23,
    "Third-party-initiated login": 2,
    "RP-initiated logout": 11,
    "Front-channel logout": 2,
    "Back-channel logout": 2,
}
"""Modules of each plan, older ones included."""


def rows(plan: str) -> list[list[str]]:
    """Return module, question and answer of each line of a plan."""
    section = PAGE.split(f"\n## {plan}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `oidcc-")]
    return [[module.strip("`"), asks, shown] for module, asks, shown in lines]


@pytest.mark.parametrize("plan", PLANS)
def test_every_module_of_a_plan_has_a_test_or_a_reason(plan: str) -> None:
    modules = [module for module, _, _ in rows(plan)]
    assert (len(modules), len(set(modules))) == (PLANS[plan], PLANS[plan])
    for module, _, shown in rows(plan):
        assert CLAIM.match(shown), f"{module}: {shown}"


def test_what_fails_or_is_skipped_is_said_at_the_head_of_the_page() -> None:
    head = PAGE.split("\n## ")[0]
    assert "**Certification was not run.**" in head
    assert {module for plan in PLANS for module, _, shown in rows(plan) if shown.startswith("fails")} <= set(
        re.findall(r"`(oidcc-[\w-]+)`", head)
    )


def test_every_test_of_the_suites_questions_answers_one() -> None:
    files = sorted((ROOT / "tests/journeys/conformance").glob("test_*.py"))
    names = [
        (one.name, name)
        for one in files
        for name in re.findall(r"^def (test_\w+)\(", one.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert names
    for file, name in names:
        assert f"/{file}::{name}`" in PAGE, name
