"""What the tests of spoilt and hostile files share."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from idp.adapters.directory_files import find_files, read_file
from idp.journeys.directory_ports import RejectedFile, RejectedRecord, SourceRecord

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
FORMATS = ("aaf", "siecle")
NAME = "ENT_9990001I_Complet_20260901_Eleve_0000.xml"
MEMORY = 12_000_000  # bytes: expat doubles what holds a tag of up to 1 MB, and the tests' own text is not counted

Result = list[SourceRecord | RejectedRecord]


def read(path: Path) -> Result:
    return [one for file in find_files([path]) for one in read_file(file)]


def aaf(value: str, jointure: str = "G1") -> str:
    return (
        '<addRequest><operationalAttributes><attr name="categoriePersonne"><value>PersRelEleve</value></attr>'
        f"</operationalAttributes><identifier><id>{jointure}</id></identifier>"
        f'<attributes><attr name="sn"><value>{value}</value></attr></attributes></addRequest>'
    )


def siecle(value: str, jointure: str = "G1") -> str:
    return f'<PERSONNE PERSONNE_ID="{jointure}"><NOM_DE_FAMILLE>{value}</NOM_DE_FAMILLE></PERSONNE>'


MAKERS = {"aaf": aaf, "siecle": siecle}
SHELLS = {
    "aaf": "<ficAlimMENESR>\n{}\n</ficAlimMENESR>",
    "siecle": "<BEE_RESPONSABLES><DONNEES><PERSONNES>\n{}\n</PERSONNES></DONNEES></BEE_RESPONSABLES>",
}
ROOTS = {"aaf": "ficAlimMENESR", "siecle": "BEE_RESPONSABLES"}


def document(kind: str, *records: str, head: str = XML) -> str:
    return head + SHELLS[kind].format("".join(records))


def outcome_of(reading: Callable[[], Result]) -> Result | str:
    """Return what was read, or the sentence of a refusal; any other exception fails the test."""
    try:
        return reading()
    except RejectedFile as refused:
        return str(refused)


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[..., Path]:
    def write_one(content: str | bytes, name: str = "file.xml") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_one
