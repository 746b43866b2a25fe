"""Prints tables, and keeps them in docs/performance.md between two marks."""

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/performance.md"


def show_progress(words: str) -> None:
    """Say on the error output how far it is, over what was said before."""
    print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)


def end_progress() -> None:
    """Leave no half line behind."""
    print("\r\033[K", end="", file=sys.stderr, flush=True)


def make_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns are aligned for those who read it as it is."""
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def today() -> str:
    """Return the date of a measure."""
    return datetime.now(UTC).date().isoformat()  # noqa: TID251  a measure is dated by the machine that made it


def keep(mark: str, text: str, *, page: Path = PAGE) -> None:
    """Put `text` in the place of what stands between the marks ``<!-- mark -->`` and ``<!-- end of mark -->``.

    Raises:
        LookupError: The page has no such marks.
    """
    opening, closing = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    pattern = re.compile(re.escape(opening) + ".*?" + re.escape(closing), re.DOTALL)
    written = page.read_text(encoding="utf-8")
    if not pattern.search(written):
        raise LookupError(f"{page} has no {opening}")
    page.write_text(pattern.sub(lambda _: f"{opening}\n{text}\n{closing}", written), encoding="utf-8")
