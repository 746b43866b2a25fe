"""From a TOML text, or from what JSON gave, to a document: every fault at once, each with its place, the value and what would be right."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from idp.journeys.families.document import (
    ALWAYS,
    MOST_TIMES,
    DocumentFault,
    FamiliesDocument,
    FamiliesRefused,
    Member,
    Path,
    Rule,
    blank_of,
    is_required,
    line_of,
    rules_of,
    say_path,
)
from idp.journeys.families.lines import find_lines

_LONGEST_TEXT = 500
_LONGEST_SHOWN = 60
_KINDS = {
    "text": "a text",
    "texts": "a list of texts",
    "number": "a whole number",
    "times": f'a whole number from 1 to {MOST_TIMES}, or "{ALWAYS}"',
    "seconds": "a number of seconds",
    "flag": "true or false",
    "date": "a date, 2012-04-12",
    "table": "a table",
    "tables": "a list of tables",
    "raw": "a list of tables",
}
_Table = TypeVar("_Table", bound=Member)


def read_document(text: str, name: str) -> FamiliesDocument:
    """Read a document. `rules.find_faults` says what is wrong between its members.

    Args:
        text: TOML.
        name: What the faults call it: a file's name.

    Raises:
        FamiliesRefused: It is no TOML, or members are unknown, missing or of another kind.
    """
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FamiliesRefused(DocumentFault(name, 0, "the text", f"is not TOML: {error}")) from None
    return read_values(values, name, find_lines(text))


def read_values(values: Mapping[str, Any], name: str, lines: dict[Path, int] | None = None) -> FamiliesDocument:
    """Read a document that was parsed already; dates may be texts there, as in JSON.

    Args:
        values: By the members' names.
        name: What the faults call it.
        lines: Where things stand, where that is known.

    Raises:
        FamiliesRefused: Members are unknown, missing or of another kind.
    """
    reader = _Reader(name, lines or {})
    document = reader.read_table(FamiliesDocument, values, (), name=name, lines=lines or {})
    if reader.faults:
        raise FamiliesRefused(*reader.faults)
    return document


class _Reader:
    def __init__(self, name: str, lines: dict[Path, int]) -> None:
        self.faults: list[DocumentFault] = []
        self._name = name
        self._lines = lines

    def read_table(self, kind: type[_Table], values: Mapping[str, Any], at: Path, **more: Any) -> _Table:
        members = {name: (rule, one) for name, rule, one in rules_of(kind)}
        for name in values:
            if name not in members:
                self._refuse((*at, name), f"is not known here: {', '.join(members)}")
        read = {}
        for name, (rule, one) in members.items():
            if name in values:
                read[name] = self._read(rule, values[name], (*at, name))
            elif is_required(one):
                self._refuse((*at, name), f"is missing: {_right(rule)}")
                read[name] = blank_of(rule)
        return kind(at=at, **read, **more)

    def _read(self, rule: Rule, value: Any, at: Path) -> Any:
        if rule.kind == "table" and rule.of is not None and isinstance(value, Mapping):
            return self.read_table(rule.of, value, at)
        if rule.kind == "tables" and rule.of is not None and _are_tables(value):
            return tuple(self.read_table(rule.of, one, (*at, place)) for place, one in enumerate(value))
        if rule.kind in {"table", "tables"}:
            return self._wrong(rule, value, at, None if rule.kind == "table" else ())
        read = _plain(rule.kind, value)
        if read is None or (rule.among and read not in rule.among):
            return self._wrong(rule, value, at, blank_of(rule))
        return read

    def _wrong(self, rule: Rule, value: Any, at: Path, instead: Any) -> Any:
        # Where somebody forgot the table, a password stands in its place.
        is_secret = at[-1] == "password" or (at[-1] == "account" and isinstance(value, str))
        shown = "" if is_secret else f" = {show(value)}"
        self.faults.append(
            DocumentFault(self._name, line_of(self._lines, at), say_path(at) + shown, f"must be {_right(rule)}")
        )
        return instead

    def _refuse(self, at: Path, problem: str) -> None:
        self.faults.append(DocumentFault(self._name, line_of(self._lines, at), say_path(at), problem))


def show(value: Any) -> str:
    """Return a value as it was written, cut where it is long."""
    said = json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= _LONGEST_SHOWN else f"{said[:_LONGEST_SHOWN]}…"


def _plain(kind: str, value: Any) -> Any:  # one line for each kind
    """Return a value of this kind, or None."""
    if kind == "text":
        return value if _is_text(value) else None
    if kind == "texts":
        return tuple(value) if isinstance(value, list) and value and all(map(_is_text, value)) else None
    if kind == "number":
        return value if _is_number(value, int) else None
    if kind == "times":
        return value if value == ALWAYS or (_is_number(value, int) and 1 <= value <= MOST_TIMES) else None
    if kind == "seconds":
        return value if _is_number(value, int | float) else None
    if kind == "flag":
        return value if isinstance(value, bool) else None
    if kind == "date":
        return _day(value)
    return tuple(value) if _are_tables(value) else None


def _is_number(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable()


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _day(value: Any) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _right(rule: Rule) -> str:
    if rule.among:
        return "one of: " + ", ".join(show(one) for one in rule.among)
    if rule.kind == "text":
        return f"a text of one line, of at most {_LONGEST_TEXT} characters"
    return _KINDS[rule.kind]
