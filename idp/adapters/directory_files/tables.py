"""Reads CSV: a spreadsheet's table of pupils, or of guardians with one child each in a row.

- UTF-8 or Windows-1252, which nothing declares: the bytes say it, read once before. UTF-16 with its mark;
- the separator is the one of `;`, `,` and tab under which the header has most of the columns known;
- quoted cells may hold line ends. Empty lines and empty cells at the end of a row are passed over; a row with another number of cells than
  the header is rejected, because whose they are is not known;
- a line, a row and the number of columns are bounded.

A row of guardians gives two records: the guardian, and the link to the child. A table has no ids, so they are made of what does not change
when a phone is corrected: folded names and the school. Two guardians of one school with the same names are one to this file.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from idp.journeys.directory_mapping import csv_table as columns
from idp.journeys.directory_ports import Kind, Operation, Origin, RejectedFile, RejectedRecord, SourceRecord
from idp.people.names import fold_name

if TYPE_CHECKING:
    from idp.adapters.directory_files.files import DirectoryFile

MAX_LINE = 65_536  # characters
MAX_ROW = 131_072  # characters of a row with quoted line ends
MAX_COLUMNS = 200

_CHUNK = 65_536
_SEPARATORS = (";", ",", "\t")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEP_LINE = re.compile("sep=.?", re.IGNORECASE)
_NOT_TWICE = frozenset({columns.PUPIL_FAMILY, columns.PUPIL_GIVEN, columns.BIRTH_DATE, columns.FAMILY, columns.GIVEN})
_REQUIRED = {
    Kind.PUPIL: (columns.PUPIL_FAMILY, columns.PUPIL_GIVEN, columns.BIRTH_DATE),
    Kind.GUARDIAN: (columns.FAMILY, columns.GIVEN, columns.PUPIL_FAMILY, columns.PUPIL_GIVEN),
}
_LEGIBLE_NAMES = {Kind.PUPIL: columns.PUPIL_COLUMNS, Kind.GUARDIAN: columns.GUARDIAN_COLUMNS}
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the header says: whose rows they are, how cells are separated, and each cell's column ("" for one that is not known)."""

    kind: Kind
    separator: str
    columns: tuple[str, ...]


def recognise_table(head: bytes) -> tuple[Kind | None, str]:
    """Tell from a file's first bytes whether it is a table of pupils or of guardians; when of neither, why."""
    text = io.TextIOWrapper(io.BytesIO(head), encoding=_find_encoding(io.BytesIO(head)), errors="replace", newline="")
    try:
        return _read_layout(_Lines(text), "").kind, ""
    except RejectedFile as error:
        return None, str(error).strip(" .")


def read_table(file: "DirectoryFile", on_bytes: Callable[[int], None]) -> Iterator[SourceRecord | RejectedRecord]:
    """Yield the records of a CSV.

    Raises:
        RejectedFile: It cannot be opened, or its header is not known.
    """
    with file.open() as stream:
        encoding = _find_encoding(stream)
    with file.open() as stream:
        counted = io.BufferedReader(_Counted(stream, on_bytes), _CHUNK)
        lines = _Lines(io.TextIOWrapper(counted, encoding=encoding, errors="replace", newline=""))
        layout = _read_layout(lines, file.name)
        yield from _read_rows(file, layout, lines)


class _Counted(io.RawIOBase):
    """A stream that tells how many bytes were read of it."""

    def __init__(self, stream: BinaryIO, on_bytes: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_bytes = on_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self._on_bytes(len(chunk))
        return len(chunk)


class _TooLong(Exception):  # noqa: N818  never seen outside this file
    """A line or a row passes its bound."""


class _Lines:
    """The lines of a text, for `csv.reader`: bounded, and counted."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0  # of the line read last, from 1
        self.row_size = 0  # characters since the row began

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > MAX_LINE:
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline(MAX_LINE)
            raise _TooLong(f"a line of more than {MAX_LINE} characters")
        self.row_size += len(line)
        if self.row_size > MAX_ROW:
            raise _TooLong(f"a row of more than {MAX_ROW} characters: a quotation mark may be missing")
        return line


# --- encoding and header ----------------------------------------------------------------------------------------------------------


def _find_encoding(stream: BinaryIO) -> str:
    """Read all, and return UTF-8 or Windows-1252: a stray byte does not make Windows-1252 of a file full of UTF-8."""
    chunk = stream.read(_CHUNK)
    for mark, encoding in _MARKS:
        if chunk.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    while chunk:
        if not chunk.isascii() or decoder.getstate()[0]:
            text = decoder.decode(chunk)
            strange = text.count(_REPLACEMENT)
            bad += strange
            good += sum(sign > "\x7f" for sign in text) - strange
        chunk = stream.read(_CHUNK)
    return "utf-8" if good >= bad else "cp1252"


def _read_layout(lines: _Lines, name: str) -> _Layout:
    """Read the header.

    Raises:
        RejectedFile: It is not the one of a table of pupils or guardians.
    """
    try:
        # « sep=; » is a line for one spreadsheet program.
        header = next((line for line in lines if line.strip(" \t\r\n;,") and not _SEP_LINE.fullmatch(line.strip())), "")
    except _TooLong:
        raise RejectedFile(f"{name} begins with a line that is too long to be a header.") from None
    candidates = [layout for separator in _SEPARATORS if (layout := _layout(header, separator, name)) is not None]
    if not candidates:
        raise RejectedFile(f"{name} has no header that is known: no table of pupils or guardians.")
    layout = max(candidates, key=lambda one: sum(map(bool, one.columns)))
    missing = [column for column in _REQUIRED[layout.kind] if column not in layout.columns]
    if missing:
        what = "pupils" if layout.kind is Kind.PUPIL else "guardians"
        raise RejectedFile(f"{name} is a table of {what} without the column « {missing[0]} ».")
    for column in _NOT_TWICE:
        if layout.columns.count(column) > 1:
            raise RejectedFile(f"{name} has two columns that may be « {column} ».")
    return layout


def _layout(header: str, separator: str, name: str) -> _Layout | None:
    """Return what a header means with this separator, None when it names no person."""
    try:
        titles = next(csv.reader([header], delimiter=separator), [])
    except csv.Error:
        return None
    while titles and not titles[-1].strip():
        titles.pop()
    if len(titles) > MAX_COLUMNS:
        raise RejectedFile(f"{name} has more than {MAX_COLUMNS} columns.")
    squashed = [columns.squash(title) for title in titles]
    kind = _kind_of(squashed)
    by_title = _titles(kind)
    found = tuple(by_title.get(title, "") for title in squashed)
    return _Layout(kind, separator, found) if any(column in found for column in _REQUIRED[kind]) else None


def _kind_of(squashed: Sequence[str]) -> Kind:
    """Return whose table it is. « Nom » alone means the row's own person, whoever that is."""
    shown, of_pupils, of_guardians = set(squashed), _titles(Kind.PUPIL), _titles(Kind.GUARDIAN)
    only_guardians = shown & (of_guardians.keys() - of_pupils.keys())
    if any(of_guardians[title] in _REQUIRED[Kind.GUARDIAN] for title in only_guardians):
        return Kind.GUARDIAN  # a guardian's name, or a child's
    if any(of_pupils.get(title) == columns.BIRTH_DATE for title in shown):
        return Kind.PUPIL  # with somebody's phone, perhaps
    return Kind.GUARDIAN if only_guardians else Kind.PUPIL


def _titles(kind: Kind) -> dict[str, str]:
    """Return the column of each squashed header."""
    known: dict[str, str] = {}
    for column, aliases in _LEGIBLE_NAMES[kind].items():
        for alias in (columns.squash(column), *aliases):
            known.setdefault(alias, column)
    return known


# --- rows -------------------------------------------------------------------------------------------------------------------------


def _read_rows(file: "DirectoryFile", layout: _Layout, lines: _Lines) -> Iterator[SourceRecord | RejectedRecord]:
    rows = csv.reader(lines, delimiter=layout.separator, strict=True)
    while True:
        lines.row_size = 0
        line = lines.number + 1
        try:
            row = next(rows, None)
        except _TooLong as error:
            yield RejectedRecord(file.name, line, str(error))
            continue
        except csv.Error:
            yield RejectedRecord(file.name, line, "a quotation mark inside a cell, or one that does not end")
            continue
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield from _read_row(file, layout, line, row)


def _read_row(
    file: "DirectoryFile", layout: _Layout, line: int, row: list[str]
) -> Iterator[SourceRecord | RejectedRecord]:
    fault = _fault(layout, row)
    if fault:
        yield RejectedRecord(file.name, line, fault)
        return
    values: dict[str, list[str]] = {}
    for column, cell in zip(layout.columns, row, strict=False):
        if column:
            kept = values.setdefault(column, [])
            if cell.strip():
                kept.append(cell.strip())
    attributes = {column: tuple(cells) for column, cells in values.items()}
    uai = (_value(attributes, columns.UAI) or file.uai).upper()
    attributes[columns.UAI] = (uai,) if uai else ()
    missing = [column for column in _REQUIRED[layout.kind] if not attributes[column]]
    if missing:
        yield RejectedRecord(file.name, line, f"no {missing[0]}")
    elif layout.kind is Kind.PUPIL:
        yield _record(file, line, Kind.PUPIL, _pupil_id(attributes), attributes)
    else:
        guardian = _guardian_id(attributes)
        attributes[columns.GUARDIAN_ID] = (guardian,)
        yield _record(file, line, Kind.GUARDIAN, guardian, attributes)
        yield _record(file, line, Kind.LINK, f"{guardian}.{_child_id(attributes)}", attributes)


def _fault(layout: _Layout, row: Sequence[str]) -> str:
    width = len(layout.columns)
    if len(row) < width or any(cell.strip() for cell in row[width:]):
        return f"{len(row)} cells instead of {width}"
    if any(_REPLACEMENT in cell for cell in row):
        return "a sign that its encoding does not have"
    return ""


def _record(
    file: "DirectoryFile", line: int, kind: Kind, jointure: str, attributes: Mapping[str, tuple[str, ...]]
) -> SourceRecord:
    return SourceRecord(file.name, line, Operation.ADD, kind, jointure, attributes, Origin.CSV)


def _pupil_id(row: Mapping[str, tuple[str, ...]]) -> str:
    ine = "".join(_value(row, columns.INE).split()).upper()
    if ine:
        return ine
    born = _value(row, columns.BIRTH_DATE)
    day = columns.parse_day(" ".join(born.split()))
    names = [fold_name(_value(row, column)) for column in (columns.PUPIL_FAMILY, columns.PUPIL_GIVEN)]
    return _derived(*names, day.isoformat() if day else born, _value(row, columns.UAI))


def _guardian_id(row: Mapping[str, tuple[str, ...]]) -> str:
    birth_name, usage_name = _value(row, columns.FAMILY), _value(row, columns.USAGE)
    names = (usage_name or birth_name, birth_name if usage_name else "", _value(row, columns.GIVEN))
    return _derived(*map(fold_name, names), _value(row, columns.UAI))


def _child_id(row: Mapping[str, tuple[str, ...]]) -> str:
    return _derived(*(fold_name(_value(row, column)) for column in (columns.PUPIL_FAMILY, columns.PUPIL_GIVEN)))[:25]


def _derived(*parts: str) -> str:
    """Return an id made of what it stands for: "c" and 128 bits."""
    return "c" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _value(row: Mapping[str, tuple[str, ...]], column: str) -> str:
    values = row.get(column, ())
    return values[0] if values else ""
