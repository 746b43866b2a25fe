"""Reads AAF files (format AAF-VE, root `ficAlimMENESR`) of both degrees, which differ in the names of attributes alone."""

from idp.adapters.directory_files.heads import FILE_KIND, FILE_KINDS
from idp.adapters.directory_files.xml_records import Draft, XmlRecords
from idp.journeys.directory_ports import Operation, Origin, RejectedRecord, SourceRecord

_OPERATIONS = {operation.value: operation for operation in Operation}
_LONGEST_NAME = 128
_BODIES = frozenset({"attributes", "modifications"})
_JOINTURES = ("ENTPersonJointure", "ENTStructureJointure", "ENTMefJointure")


class AafRecords(XmlRecords):
    """One AAF file. Depth 1 is the root, 2 a request, 3 its parts, 4 `attr`, `modification` or `id`, 5 `value`."""

    title = "AAF file"
    root = "ficAlimMENESR"
    elements = frozenset(_OPERATIONS) | {
        "ficAlimMENESR", "operationalAttributes", "identifier", "id", "attributes", "attr", "value", "modifications", "modification"
    }  # fmt: skip
    attribute_names = frozenset({"name", "operation"})

    def __init__(self, file: str, origin: Origin) -> None:
        super().__init__(file)
        self._origin = origin
        self._part = ""
        self._name = ""
        self._values: list[str] | None = None
        named = FILE_KIND.search(file)
        self._file_kind = FILE_KINDS[named[1].lower()] if named else ""

    def open_element(self, depth: int, tag: str, attributes: list[str]) -> bool:
        """Take an element below the root, and say whether its text is a value."""
        if depth == 5:
            return tag == "value"
        if depth == 4:
            # An attribute's name is its only XML attribute, but for the operation of a modification.
            name = self._name = attributes[1] if attributes and attributes[0] == "name" else _name_of(attributes)
            return self._open_attribute(name, tag)
        if depth == 3:
            self._part = tag
        elif depth == 2:
            self._open_request(tag)
        elif self.draft is not None:
            self.draft.fail("elements nested deeper than in an AAF record")
        return False

    def keep_value(self, draft: Draft, tag: str, value: str) -> None:
        """Take a value: its place says what it is, not its tag."""
        del tag
        if self._values is not None:
            self._values.append(value)
        elif self._part == "identifier":
            draft.jointure = value
        elif self._part == "operationalAttributes" and self._name.startswith("categorie"):
            draft.kind = value

    def finish(self, draft: Draft) -> SourceRecord | RejectedRecord:
        """Return the record of a request that ends."""
        attributes = {name: tuple(values) for name, values in draft.attributes.items()}
        named = ""
        for name in _JOINTURES:
            if not named and attributes.get(name):
                named = attributes[name][0]
        if draft.jointure and named and named != draft.jointure:
            draft.fail("its id is not its jointure")
        kind = draft.kind or self._file_kind
        if not kind:
            draft.fail("no category: neither the record nor the file's name says what it is")
        if draft.fault or draft.operation is None:
            return RejectedRecord(self.file, draft.line, draft.fault)
        jointure = draft.jointure or named
        return SourceRecord(self.file, draft.line, draft.operation, kind, jointure, attributes, self._origin)

    def _open_request(self, tag: str) -> None:
        draft = self.begin_record(2)
        draft.operation = _OPERATIONS.get(tag)
        if draft.operation is None:
            draft.fail("a request that is not known")

    def _open_attribute(self, name: str, tag: str) -> bool:
        """Take `attr`, `modification` or `id`, and say whether it is `id`, whose text is a value."""
        self._values = None
        if self._part == "identifier":
            return tag == "id"
        draft = self.draft
        if draft is not None and name and self._part in _BODIES and not draft.fault:
            self._values = draft.attributes.setdefault(name, [])
            if len(name) > _LONGEST_NAME:
                draft.fail("an attribute with a name that is too long")
        return False


def _name_of(attributes: list[str]) -> str:
    return dict(zip(attributes[::2], attributes[1::2], strict=True)).get("name", "")
