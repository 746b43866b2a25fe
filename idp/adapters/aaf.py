"""Reads AAF files (format AAF-VE, root `ficAlimMENESR`), record by record, in constant memory.

Files come from many hands, and a hostile one must do no harm:

- the external DOCTYPE `ficAlimMENESR.dtd` is accepted, never fetched; an internal subset, where entities would be declared (XXE, "billion
  laughs"), is refused with the whole file;
- the entities of HTML 4, which directories use without declaring them (`&eacute;`), are understood: expat is told that an external subset
  exists (`UseForeignDTD`), so that it hands undeclared entities to us instead of stopping, or looking for anything;
- every size is bounded: a value, a record, a piece of markup, the depth, the number of elements and attributes that AAF does not have.

The declared encoding is obeyed. C1 control characters, which no name holds, are what Windows-1252 has in their place: some exports declare
ISO-8859-1 and write Windows-1252.

A file that is cut short or ill-formed gives what could be read before that point, and one reject with its line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import name2codepoint
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from idp.journeys.directory_ports import Operation, RejectedFile, RejectedRecord, SourceRecord

if TYPE_CHECKING:
    from pyexpat import XMLParserType

MAX_VALUE = 65_536  # characters of one value
MAX_RECORD = 1_048_576  # characters of one record, each element counted as 16 more
MAX_MARKUP = 1_048_576  # bytes of one tag, comment or instruction
MAX_DEPTH = 32  # a record has five levels
MAX_FOREIGN = 100  # elements and attributes that AAF does not have, in one file: expat keeps every new name for ever

_CHUNK = 65_536
_ELEMENT_COST = 16
_ROOT = "ficAlimMENESR"
_ELEMENTS = frozenset(
    {_ROOT, "operationalAttributes", "identifier", "id", "attributes", "attr", "value", "modifications", "modification"}
) | frozenset(Operation)
_ATTRIBUTES = frozenset({"name", "operation"})
_FILE_KIND = re.compile(
    r"_(Eleve|PersRelEleve|EtabEducNat|PersEducNat|MefEducNat|MatiereEducNat)_[0-9]{4}\.", re.IGNORECASE
)
_FILE_KINDS = {
    kind.lower(): kind
    for kind in ("Eleve", "PersRelEleve", "EtabEducNat", "PersEducNat", "MefEducNat", "MatiereEducNat")
}
_JOINTURES = ("ENTPersonJointure", "ENTStructureJointure", "ENTMefJointure")
_C1 = re.compile("[\u0080-\u009f]")
_WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


class _ExpatOwner(Protocol):
    """What the pure Python parser of the standard library, which defusedxml uses, has besides its documented interface."""

    parser: "XMLParserType"


def read_aaf(path: Path) -> Iterator[SourceRecord | RejectedRecord]:
    """Yield the records of a file in their order.

    A record that breaks a bound or the format is yielded as a `RejectedRecord`, and so is the point from which nothing could be read.

    Raises:
        RejectedFile: The file cannot be opened, is no AAF file, declares entities or an encoding that is not known.
    """
    target = _AafTarget(path.name)
    parser = XMLParser(target=target)
    expat = cast(_ExpatOwner, parser).parser
    target.attach(expat)
    try:
        with path.open("rb") as file:
            for chunk in _chunks(path, file):
                _feed(target, parser, chunk)
                yield from target.take()
                if target.ended:
                    return
            _feed(target, parser, b"")
            yield from target.take()
    except OSError as error:
        raise RejectedFile(f"{path.name} cannot be read: {(error.strerror or 'unknown cause').lower()}.") from None


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _chunks(path: Path, file: _Readable) -> Iterator[bytes]:
    chunk = file.read(_CHUNK)
    if not chunk:
        raise RejectedFile(f"{path.name} is empty.")
    while chunk:
        yield chunk
        chunk = file.read(_CHUNK)


def _feed(target: "_AafTarget", parser: XMLParser, chunk: bytes) -> None:
    """Hand a chunk to the parser, the empty one for the end of the file."""
    try:
        if chunk:
            parser.feed(chunk)
            target.check_markup(len(chunk))
        else:
            parser.close()
    except ParseError as error:
        target.end_at(error.position[0], f"not well-formed here ({_cause(error)}): the rest was not read")
    except _TooMuch as error:
        target.end_at(error.line, f"{error}: the rest was not read")
    except DefusedXmlException:
        # The internal subset is refused before this; it stays, should expat ever be told to read an external one.
        raise RejectedFile(f"{target.file} declares XML entities, which a directory file has no need of.") from None
    except (LookupError, ValueError):
        raise RejectedFile(f"{target.file} declares an encoding that is not known.") from None


def _cause(error: ParseError) -> str:
    return str(error).split(":", 1)[0]


class _TooMuch(Exception):  # noqa: N818  leaves the parser; never seen outside this file
    """A bound of the whole file is passed."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(slots=True)
class _Draft:
    """A record being read."""

    operation: Operation | None
    line: int
    kind: str = ""
    jointure: str = ""
    fault: str = ""
    size: int = 0
    attributes: dict[str, list[str]] = field(default_factory=dict)


class _AafTarget:
    """Takes the parser's events and makes records of them.

    Depth 1 is the root, 2 a request, 3 its parts, 4 `attr`, `modification` or `id`, 5 `value`.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.ended = False
        self._ready: list[SourceRecord | RejectedRecord] = []
        self._draft: _Draft | None = None
        self._depth = 0
        self._part = ""
        self._name = ""
        self._text: list[str] | None = None
        self._length = 0
        self._foreign = 0
        self._fed = 0
        found = _FILE_KIND.search(file)
        self._file_kind = _FILE_KINDS[found[1].lower()] if found else ""

    def attach(self, expat: "XMLParserType") -> None:
        """Take the parser whose position is asked for, and close what it leaves open."""
        self._expat = expat
        expat.UseForeignDTD(True)
        expat.StartDoctypeDeclHandler = self._check_doctype
        expat.SkippedEntityHandler = self._read_entity

    def take(self) -> list[SourceRecord | RejectedRecord]:
        """Return the records that are ready, and forget them."""
        ready, self._ready = self._ready, []
        return ready

    def end_at(self, line: int, reason: str) -> None:
        """Give up the file here; what was ready stays."""
        self.ended = True
        self._ready.append(RejectedRecord(self.file, line, reason, ends_file=True))

    def check_markup(self, fed: int) -> None:
        """Stop at a tag or comment that does not end: the parser would hold it whole."""
        self._fed += fed
        if self._fed - self._expat.CurrentByteIndex > MAX_MARKUP + _CHUNK:
            raise _TooMuch(f"a tag or comment of more than {MAX_MARKUP} bytes", self._expat.CurrentLineNumber)

    # --- what the parser calls ------------------------------------------------------------------------------------------------

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooMuch(f"elements nested deeper than {MAX_DEPTH}", self._expat.CurrentLineNumber)
        if tag not in _ELEMENTS or attributes.keys() - _ATTRIBUTES:
            self._note_foreign()
        if self._depth == 1:
            if tag != _ROOT:
                raise RejectedFile(f"{self.file} is no AAF file: its root is not {_ROOT}.")
        elif self._depth == 2:
            self._begin_record(tag)
        elif self._draft is not None:
            self._begin_part(self._draft, tag, attributes)

    def data(self, text: str) -> None:
        if self._text is None or self._draft is None:
            return
        self._length += len(text)
        self._draft.size += len(text)
        if self._length > MAX_VALUE:
            self._fail(f"{self._name or 'a value'} is longer than {MAX_VALUE} characters")
            self._text = None
        else:
            self._text.append(text)
        self._check_size(self._draft)

    def end(self, tag: str) -> None:
        if self._depth in {4, 5} and self._text is not None and tag in {"value", "id"} and self._draft is not None:
            self._keep_value(self._draft, "".join(self._text).strip())
        if self._depth in {4, 5}:
            self._text = None
        elif self._depth == 2 and self._draft is not None:
            self._ready.append(self._finish(self._draft))
            self._draft = None
        self._depth -= 1

    def close(self) -> None:
        """Nothing is left to do: records are handed over as they end."""

    def _check_doctype(
        self, name: str, system_id: str | None, public_id: str | None, has_internal_subset: bool
    ) -> None:
        del name, system_id, public_id  # never fetched
        if has_internal_subset:
            raise RejectedFile(
                f"{self.file} declares XML entities or the like in its DOCTYPE, which a directory file has no need of."
            )

    def _read_entity(self, name: str, is_parameter: bool) -> None:
        code = None if is_parameter else name2codepoint.get(name)
        if code is None:
            self._fail("an entity that is not known")
        else:
            self.data(chr(code))

    # --- one record -----------------------------------------------------------------------------------------------------------

    def _begin_record(self, tag: str) -> None:
        operation = Operation(tag) if tag in frozenset(Operation) else None
        self._draft = _Draft(operation, self._expat.CurrentLineNumber)
        if operation is None:
            self._fail("a request that is not known")

    def _begin_part(self, draft: _Draft, tag: str, attributes: dict[str, str]) -> None:
        draft.size += _ELEMENT_COST
        self._check_size(draft)
        if self._depth == 3:
            self._part = tag
        elif self._depth == 4:
            self._name = attributes.get("name", "")
            if self._part == "identifier" and tag == "id":
                self._begin_value()
            elif tag == "modification" and attributes.get("operation", "replace") != "replace":
                self._fail("a modification whose operation is not replace")
            elif self._part != "operationalAttributes" and self._name and not draft.fault:
                draft.size += len(self._name)
                draft.attributes.setdefault(self._name, [])
        elif self._depth == 5 and tag == "value":
            self._begin_value()
        elif self._depth > 5:
            self._fail("elements nested deeper than in an AAF record")

    def _begin_value(self) -> None:
        self._text = []
        self._length = 0

    def _keep_value(self, draft: _Draft, value: str) -> None:
        if not value or draft.fault:
            return
        if _C1.search(value):
            value = value.translate(_WINDOWS_1252)
        if self._part == "identifier":
            draft.jointure = value
        elif self._part == "operationalAttributes":
            if self._name.startswith("categorie"):
                draft.kind = value
        elif self._name in draft.attributes:
            draft.attributes[self._name].append(value)

    def _finish(self, draft: _Draft) -> SourceRecord | RejectedRecord:
        named = next((draft.attributes[name][0] for name in _JOINTURES if draft.attributes.get(name)), "")
        if not draft.fault and draft.jointure and named and named != draft.jointure:
            draft.fault = "its id is not its jointure"
        kind = draft.kind or self._file_kind
        if not draft.fault and not kind:
            draft.fault = "no category: neither the record nor the file's name says what it is"
        if draft.fault or draft.operation is None:
            return RejectedRecord(self.file, draft.line, draft.fault)
        attributes = {name: tuple(values) for name, values in draft.attributes.items()}
        return SourceRecord(self.file, draft.line, draft.operation, kind, draft.jointure or named, attributes)

    def _check_size(self, draft: _Draft) -> None:
        if draft.size > MAX_RECORD:
            self._fail(f"a record of more than {MAX_RECORD} characters")
            self._text = None

    def _fail(self, reason: str) -> None:
        """Mark the record unusable, keep the first reason, and let go of what was read of it."""
        if self._draft is not None and not self._draft.fault:
            self._draft.fault = reason
            self._draft.attributes.clear()

    def _note_foreign(self) -> None:
        self._foreign += 1
        if self._foreign > MAX_FOREIGN:
            raise _TooMuch(
                f"more than {MAX_FOREIGN} elements or attributes that are not AAF", self._expat.CurrentLineNumber
            )
