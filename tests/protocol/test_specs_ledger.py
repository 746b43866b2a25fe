"""docs/specs.md names every file of the standards, and only tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEDGER = (ROOT / "docs/specs.md").read_text(encoding="utf-8")


def test_every_file_of_the_standards_is_in_the_ledger() -> None:
    for path in sorted((ROOT / "idp/protocol").glob("[a-z]*.py")):
        assert f"`idp/protocol/{path.name}`" in LEDGER, path.name


def test_every_test_of_the_standards_is_in_the_ledger() -> None:
    own = Path(__file__).name
    for path in sorted((ROOT / "tests/protocol").glob("test_*.py")):
        assert path.name == own or f"`tests/protocol/{path.name}`" in LEDGER, path.name


def test_every_row_that_claims_something_names_code_and_tests_that_are_there() -> None:
    rows = [line.split("|") for line in LEDGER.splitlines() if line.startswith(("| OAuth", "| OpenID", "| RFC"))]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`((?:idp|tests)/[\w/.]+)`", row[3] + row[4])
        assert row[1].strip().startswith("RFC 9700") or len(named) >= 2, row[1]
        assert all((ROOT / path).exists() for path in named), named
