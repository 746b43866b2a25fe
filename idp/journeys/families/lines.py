"""On which line each table and each member of a TOML text begins: Python's own reader forgets it."""

import re

from idp.journeys.families.document import Path

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_MEMBER = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_LONG_QUOTES = ('"""', "'''")


def find_lines(text: str) -> dict[Path, int]:
    """Return the line, from 1, of each header and of each member that has a line of its own.

    Args:
        text: A text that is TOML. Members of inline tables have the line of what they stand in.
    """
    finder = _Finder()
    for number, line in enumerate(text.splitlines(), start=1):
        finder.look_at(line, number)
    return finder.lines


class _Finder:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._table: Path = ()
        self._open_quote = ""  # of a text that goes over several lines
        self._depth = 0  # of a list that does

    def look_at(self, line: str, number: int) -> None:
        if self._open_quote:
            if self._open_quote in line:
                self._open_quote = ""
            return
        if self._depth == 0 and (header := _HEADER.match(line)):
            self._table = self._enter(header[1] == "[[", _parts(header[2]))
            self.lines.setdefault(self._table, number)
            return
        if self._depth == 0 and (member := _MEMBER.match(line)):
            self.lines.setdefault(self._table + _parts(member[1]), number)
            line = line[member.end() :]
        self._note_what_stays_open(line)

    def _enter(self, is_list: bool, parts: Path) -> Path:
        """Return the table of a header: a list that was met on the way means its latest table."""
        at: Path = ()
        for part in parts[:-1]:
            at = (*at, part)
            if at in self._counts:
                at = (*at, self._counts[at])
        at = (*at, parts[-1])
        if not is_list:
            return at
        self._counts[at] = self._counts.get(at, -1) + 1
        return (*at, self._counts[at])

    def _note_what_stays_open(self, line: str) -> None:
        for quote in _LONG_QUOTES:
            if line.count(quote) % 2:
                self._open_quote = quote
                return
        bare = re.sub(r'"(?:\\.|[^"\\])*"|\'[^\']*\'', "", line).split("#")[0]
        self._depth = max(
            0, self._depth + sum(bare.count(sign) for sign in "[{") - sum(bare.count(sign) for sign in "]}")
        )


def _parts(written: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(written))
