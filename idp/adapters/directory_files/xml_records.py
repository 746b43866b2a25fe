"""One XML reader for every directory format: record by record, in constant memory, whoever wrote the file.

- the external DOCTYPE is accepted, never fetched; an internal subset, where entities would be declared (XXE, "billion laughs"), is refused
  with the whole file. Nothing is left that could expand;
- the entities of HTML 4, which directories use without declaring them (`&eacute;`), are understood: expat is told that an external subset
  exists (`UseForeignDTD`), so that it hands undeclared entities to us instead of stopping, or looking for anything;
- every size is bounded: a value, a record, a piece of markup, the depth, the number of names that the format does not have.

The declared encoding is obeyed. C1 control characters, which no name holds, are what Windows-1252 has in their place: some exports declare
ISO-8859-1 and write Windows-1252.

A file that is cut short or ill-formed gives what could be read before that point, and one reject with its line.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.entities import name2codepoint
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol, cast

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from idp.journeys.directory_ports import Operation, RejectedFile, RejectedRecord, SourceRecord

if TYPE_CHECKING:
    from pyexpat import XMLParserType

MAX_VALUE = 65_536  # characters of one value
MAX_RECORD = 1_048_576  # characters of one record, each element counted as 16 more
MAX_MARKUP = 1_048_576  # bytes of one tag, comment or instruction
MAX_DEPTH = 32  # a record has five levels
MAX_FOREIGN = 100  # names that the format does not have, in one file: expat keeps every new name for ever

_CHUNK = 65_536
_ELEMENT_COST = 16
_LONGEST_NAME = 256  # characters, of what the format does not have
# Those that expat knows, and the single bytes that Europe writes. Python would look any other name up among its own codecs.
_ENCODINGS = frozenset(
    {
        "utf-8",
        "utf8",
        "utf-16",
        "utf-16le",
        "utf-16be",
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "iso8859-1",
        "iso_8859-1",
        "latin1",
    }
    | {"latin-1", "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9", "latin-9", "windows-1252", "cp1252", "cp-1252"}
)
_C1 = re.compile("[\u0080-\u009f]")
_WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


class _ExpatOwner(Protocol):
    """What the pure Python parser of the standard library, which defusedxml uses, has besides its documented interface."""

    parser: "XMLParserType"


class _TooMuch(Exception):  # noqa: N818  leaves the parser; never seen outside this file
    """A bound of the whole file is passed."""


@dataclass(slots=True)
class Draft:
    """A record being read."""

    line: int
    operation: Operation | None = Operation.ADD
    kind: str = ""
    jointure: str = ""
    fault: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)

    def fail(self, reason: str) -> None:
        """Mark the record unusable, keep the first reason, and let go of what was read of it."""
        if not self.fault:
            self.fault = reason
            self.attributes.clear()


class XmlRecords(ABC):
    """Reads one file of one vocabulary: a subclass says which elements make a record. Used once."""

    title: ClassVar[str]
    """What such a file is called in a refusal."""
    root: ClassVar[str]
    elements: ClassVar[frozenset[str]]
    attribute_names: ClassVar[frozenset[str]]

    def __init__(self, file: str) -> None:
        self.file = file
        self.draft: Draft | None = None
        self.record_depth = 0  # of the draft's element; 1 is the root's
        self._depth = 0
        self._room = 0  # characters that the draft may still have
        self._ready: list[SourceRecord | RejectedRecord] = []
        self._text: str | None = None  # the first piece of the value being read
        self._more_text: list[str] = []
        self._more_length = 0
        self._tags = self.elements  # looked up for each element: an instance's own are found faster
        self._names = self.attribute_names
        self._foreign: set[str] = set()
        self._fed = 0
        self._ended = False
        self._parser = XMLParser(target=object())  # which builds nothing
        self._expat = cast(_ExpatOwner, self._parser).parser
        self._on_text = self._read_text  # set twice for each value
        self._set_handlers()

    def read(self, stream: BinaryIO, on_bytes: Callable[[int], None]) -> Iterator[SourceRecord | RejectedRecord]:
        """Yield the records.

        Args:
            stream: The file.
            on_bytes: Told how many bytes each reading gave.

        Raises:
            RejectedFile: It is empty, of another format, declares entities or an encoding that is not known.
        """
        chunk = stream.read(_CHUNK)
        if not chunk:
            raise RejectedFile(f"{self.file} is empty.")
        while chunk and not self._ended:
            self._feed(chunk)
            yield from self._take()
            on_bytes(len(chunk))
            chunk = stream.read(_CHUNK)
        if not self._ended:
            self._feed(b"")
            yield from self._take()

    # --- what a vocabulary does -------------------------------------------------------------------------------------------------

    @abstractmethod
    def open_element(self, depth: int, tag: str, attributes: list[str]) -> bool:
        """Take an element below the root, and say whether its text is a value of the draft.

        Args:
            depth: 2 for what is directly in the root.
            tag: Its name.
            attributes: Names and values in turn.
        """

    @abstractmethod
    def keep_value(self, draft: Draft, tag: str, value: str) -> None:
        """Take a value that is not empty. The draft has no fault."""

    @abstractmethod
    def finish(self, draft: Draft) -> SourceRecord | RejectedRecord:
        """Return what a draft has become, at the end of its element."""

    def begin_record(self, depth: int) -> Draft:
        """Begin a record with the element at this depth."""
        self.record_depth = depth
        self._room = MAX_RECORD
        self.draft = Draft(self._expat.CurrentLineNumber)
        return self.draft

    # --- what the parser calls --------------------------------------------------------------------------------------------------

    def _set_handlers(self) -> None:
        expat = self._expat
        expat.UseForeignDTD(True)
        expat.ordered_attributes = True
        expat.buffer_text = True
        expat.buffer_size = _CHUNK
        # Nothing is to be called for comments, instructions and the spaces between elements.
        expat.DefaultHandlerExpand = None
        expat.CharacterDataHandler = None
        expat.StartElementHandler = self._start
        expat.EndElementHandler = self._end
        expat.XmlDeclHandler = self._check_encoding
        expat.StartDoctypeDeclHandler = self._check_doctype
        expat.StartNamespaceDeclHandler = self._check_namespace
        expat.SkippedEntityHandler = self._read_entity

    def _start(self, tag: str, attributes: list[str]) -> None:
        depth = self._depth = self._depth + 1
        if tag not in self._tags or (attributes and (len(attributes) > 2 or attributes[0] not in self._names)):
            self._note_foreign(tag, *attributes[::2])
        if not 1 < depth <= MAX_DEPTH:
            self._check_depth(tag)
            return
        self._room -= _ELEMENT_COST
        if self._room < 0:
            self._fail(f"a record of more than {MAX_RECORD} characters")
        if self._text is not None:  # an element inside a value, which is none then
            self._stop_text()
        if self.open_element(depth, tag, attributes):
            self._text = ""
            self._expat.CharacterDataHandler = self._on_text

    def _end(self, tag: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        draft = self.draft
        if draft is None:
            return
        if self._text is not None:
            value = self._take_text()
            if value and not draft.fault:
                if not value.isascii() and _C1.search(value):
                    value = value.translate(_WINDOWS_1252)
                self.keep_value(draft, tag, value)
        elif depth == self.record_depth:
            self._ready.append(self.finish(draft))
            self.draft = None

    def _read_text(self, text: str) -> None:
        """Take a piece of a value: mostly all of it, and never more than a chunk."""
        if self._text == "":
            self._text = text
            self._room -= len(text)
        elif self._text is not None:
            self._read_more_text(text)

    def _read_more_text(self, text: str) -> None:
        self._more_text.append(text)
        self._more_length += len(text)
        self._room -= len(text)
        if self._more_length > MAX_VALUE - len(self._text or ""):
            self._fail(f"a value is longer than {MAX_VALUE} characters")
            self._more_text.clear()

    def _take_text(self) -> str:
        text = self._text or ""
        if self._more_text:
            text += "".join(self._more_text)
        self._stop_text()
        return text.strip()

    def _stop_text(self) -> None:
        self._text = None
        self._expat.CharacterDataHandler = None
        if self._more_text:
            self._more_text.clear()
            self._more_length = 0

    def _fail(self, reason: str) -> None:
        if self.draft is not None:
            self.draft.fail(reason)

    def _check_depth(self, tag: str) -> None:
        if self._depth > MAX_DEPTH:
            raise _TooMuch(f"elements nested deeper than {MAX_DEPTH}")
        if tag != self.root:
            raise RejectedFile(f"{self.file} is no {self.title}: its root is not {self.root}.")

    def _check_encoding(self, version: str, encoding: str | None, standalone: int) -> None:
        del version, standalone
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise RejectedFile(f"{self.file} declares an encoding that is not known here.")

    def _check_doctype(
        self, name: str, system_id: str | None, public_id: str | None, has_internal_subset: bool
    ) -> None:
        del name, system_id, public_id  # never fetched
        if has_internal_subset:
            raise RejectedFile(
                f"{self.file} declares XML entities or the like in its DOCTYPE, which a directory file has no need of."
            )

    def _check_namespace(self, prefix: str | None, uri: str | None) -> None:
        self._note_foreign(f"{prefix}={uri}")

    def _read_entity(self, name: str, is_parameter: bool) -> None:
        code = None if is_parameter else name2codepoint.get(name)
        if code is not None:
            self._read_text(chr(code))
        else:
            self._fail("an entity that is not known")

    def _note_foreign(self, *names: str) -> None:
        for name in names:
            if name in self._tags or name in self._names:
                continue
            self._foreign.add(name)
            if len(self._foreign) > MAX_FOREIGN or len(name) > _LONGEST_NAME:
                raise _TooMuch(f"more than {MAX_FOREIGN} names, or a long one, that no {self.title} has")

    # --- the file ---------------------------------------------------------------------------------------------------------------

    def _feed(self, chunk: bytes) -> None:
        """Hand a chunk to the parser, the empty one for the end of the file."""
        try:
            if chunk:
                self._parser.feed(chunk)
                self._check_markup(len(chunk))
            else:
                self._parser.close()
        except ParseError as error:
            self._end_at(error.position[0], f"not well-formed here ({_cause(error)})")
        except _TooMuch as error:
            self._end_at(self._expat.CurrentLineNumber, str(error))
        except DefusedXmlException:
            # The internal subset is refused before this; it stays, should expat ever be told to read an external one.
            raise RejectedFile(f"{self.file} declares XML entities, which a directory file has no need of.") from None

    def _check_markup(self, fed: int) -> None:
        """Stop at a tag or comment that does not end: the parser would hold it whole."""
        self._fed += fed
        if self._fed - self._expat.CurrentByteIndex > MAX_MARKUP + _CHUNK:
            raise _TooMuch(f"a tag or comment of more than {MAX_MARKUP} bytes")

    def _end_at(self, line: int, reason: str) -> None:
        """Give up the file here; what was ready stays."""
        self._ended = True
        self._ready.append(RejectedRecord(self.file, line, f"{reason}: the rest was not read", ends_file=True))

    def _take(self) -> list[SourceRecord | RejectedRecord]:
        ready, self._ready = self._ready, []
        return ready


def _cause(error: Exception) -> str:
    return str(error).split(":", 1)[0].removeprefix("not well-formed (").rstrip(")")
