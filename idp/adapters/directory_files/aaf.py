"""Reads AAF files (format AAF-VE, root `ficAlimMENESR`) of both degrees, which differ in the names of attributes alone."""

from idp.adapters.directory_files.heads import FILE_KIND, FILE_KINDS
from idp.adapters.directory_files.xml_records import Draft, XmlRecords
from idp.journeys.directory_ports import Operation, Origin, RejectedRecord, SourceRecord

_OPERATIONS = {operation.value: operation for operation in Operation}
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

    def open_element(self, tag: str, attributes: list[str]) -> bool:
        """Take an element below the root: `value` and `id` hold text."""
        depth, draft = self.depth, self.draft
        if depth == 5:
            return tag == "value"
        if depth == 4:
            self._values = None
            return self._open_attribute(tag, attributes)
        if depth == 3:
            self._part = tag
        elif depth == 2:
            self._open_request(tag)
        elif draft is not None:
            draft.fail("elements nested deeper than in an AAF record")
        return False

    def close_element(self, tag: str, value: str | None) -> None:
        """Take the end of an element below the root; of values it is the place that matters, not the tag."""
        del tag
        if value is not None:
            self._keep(value)
        elif self.depth == 2 and self.draft is not None:
            self.end_record(self._finish(self.draft))

    def _open_request(self, tag: str) -> None:
        draft = self.begin_record()
        draft.operation = _OPERATIONS.get(tag)
        if draft.operation is None:
            draft.fail("a request that is not known")

    def _open_attribute(self, tag: str, attributes: list[str]) -> bool:
        """Take `attr`, `modification` or `id`, and say whether it is `id`, whose text is a value."""
        self._name = _name_of(attributes)
        if self._part == "identifier" and tag == "id":
            return True
        draft = self.draft
        if draft is not None and not draft.fault and self._name and self._part in {"attributes", "modifications"}:
            self._values = draft.attributes.setdefault(self._name, [])
        return False

    def _keep(self, value: str) -> None:
        draft = self.draft
        if draft is None or draft.fault or not value:
            return
        if self._values is not None:
            self._values.append(value)
        elif self._part == "identifier":
            draft.jointure = value
        elif self._part == "operationalAttributes" and self._name.startswith("categorie"):
            draft.kind = value

    def _finish(self, draft: Draft) -> SourceRecord | RejectedRecord:
        named = next((draft.attributes[name][0] for name in _JOINTURES if draft.attributes.get(name)), "")
        if draft.jointure and named and named != draft.jointure:
            draft.fail("its id is not its jointure")
        kind = draft.kind or self._file_kind
        if not kind:
            draft.fail("no category: neither the record nor the file's name says what it is")
        if draft.fault or draft.operation is None:
            return RejectedRecord(self.file, draft.line, draft.fault)
        attributes = {name: tuple(values) for name, values in draft.attributes.items()}
        jointure = draft.jointure or named
        return SourceRecord(self.file, draft.line, draft.operation, kind, jointure, attributes, self._origin)


def _name_of(attributes: list[str]) -> str:
    for place in range(0, len(attributes), 2):
        if attributes[place] == "name":
            return attributes[place + 1]
    return ""
