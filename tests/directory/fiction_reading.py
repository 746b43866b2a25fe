"""Reads generated AAF with nothing but an XML parser, so that it is known to be AAF to others than ourselves."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from defusedxml import ElementTree

from idp.journeys.directory_ports import Kind, Operation, SourceRecord


def read_records(paths: Sequence[Path], kind: Kind | None = None) -> list[SourceRecord]:
    """Return the records of these files, or those of one kind."""
    return [
        record
        for path in paths
        if path.suffix == ".xml" and path.name.startswith("ENT_")
        for record in _read(path)
        if kind in {None, record.kind}
    ]


def _read(path: Path) -> Iterator[SourceRecord]:
    root = ElementTree.parse(path).getroot()
    assert root.tag == "ficAlimMENESR"
    for request in root:
        category = request.find("operationalAttributes/attr")
        jointure = request.findtext("identifier/id")
        assert jointure
        attributes = {
            one.get("name"): tuple(value.text for value in one if value.text)
            for one in (*request.iterfind("attributes/attr"), *request.iterfind("modifications/modification"))
        }
        for name in ("ENTPersonJointure", "ENTStructureJointure"):
            assert attributes.get(name, (jointure,)) == (jointure,)
        assert f"_{category.findtext('value')}_" in path.name
        yield SourceRecord(path.name, 0, Operation(request.tag), category.findtext("value"), jointure, attributes)
