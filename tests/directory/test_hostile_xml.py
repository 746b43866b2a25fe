"""XML made to harm, or spoilt on its way: one sentence for the file or one reject for the record, and bounded memory."""

import io
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idp.adapters.directory_files.xml_records import MAX_VALUE
from idp.journeys.directory_ports import RejectedFile, RejectedRecord, SourceRecord
from tests.directory.hostile import FORMATS, MAKERS, MEMORY, ROOTS, XML, aaf, document, memory_below, read


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was opened besides the file itself: nothing may be."""
    seen: list[str] = []
    plain_open, plain_connect = Path.open, socket.socket.connect

    def watched_open(self: Path, *args: Any, **options: Any) -> Any:
        seen.append(self.name)
        return plain_open(self, *args, **options)

    def watched_connect(self: socket.socket, address: Any) -> Any:
        seen.append(str(address))
        return plain_connect(self, address)

    def watched_builtin(file: Any, *args: Any, **options: Any) -> Any:
        seen.append(str(file))
        return io.open(file, *args, **options)  # noqa: UP020  the one that is watched

    monkeypatch.setattr(Path, "open", watched_open)
    monkeypatch.setattr(socket.socket, "connect", watched_connect)
    monkeypatch.setattr("builtins.open", watched_builtin)
    return seen


BOMB = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
SUBSETS = {
    "bomb": (BOMB, "&c;"),
    "file": ('<!ENTITY c SYSTEM "file:///etc/hostname">', "&c;"),
    "http": ('<!ENTITY c SYSTEM "http://127.0.0.1:9/x">', "&c;"),
    "parameter": ('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;', "DUPONT"),
    "attribute default": ('<!ATTLIST value c CDATA "DUPONT">', "DUPONT"),
}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("subset", SUBSETS)
def test_a_file_that_declares_entities_is_refused_and_nothing_is_opened(
    write_file: Callable[..., Path], opened: list[str], kind: str, subset: str
) -> None:
    declared, value = SUBSETS[subset]
    path = write_file(document(kind, MAKERS[kind](value), head=f"{XML}<!DOCTYPE {ROOTS[kind]} [{declared}]>\n"))
    opened.clear()
    with pytest.raises(RejectedFile, match="declares XML entities"):
        read(path)
    assert set(opened) <= {path.name}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("place", ["file:///etc/hostname", "http://127.0.0.1:9/x.dtd"])
def test_an_external_doctype_is_never_fetched(
    write_file: Callable[..., Path], opened: list[str], kind: str, place: str
) -> None:
    path = write_file(
        document(kind, MAKERS[kind]("D&eacute;SIRÉ"), head=f'{XML}<!DOCTYPE {ROOTS[kind]} SYSTEM "{place}">\n')
    )
    opened.clear()
    (found,) = read(path)
    assert isinstance(found, SourceRecord)
    assert ("DéSIRÉ",) in found.attributes.values()
    assert set(opened) <= {path.name}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_value_of_3_mb_rejects_its_record_and_the_next_ones_go_on(write_file: Callable[..., Path], kind: str) -> None:
    path = write_file(document(kind, MAKERS[kind]("D" * 3_000_000), MAKERS[kind]("DUPONT", "G2")))
    with memory_below(MEMORY):
        first, second = read(path)
    assert isinstance(first, RejectedRecord)
    assert (first.line, first.reason) == (3, f"a value is longer than {MAX_VALUE} characters")
    assert isinstance(second, SourceRecord)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_value_of_many_entities_is_bounded_too(write_file: Callable[..., Path], kind: str) -> None:
    path = write_file(document(kind, MAKERS[kind]("&eacute;" * 70_000, "G1")))
    with memory_below(MEMORY):
        (rejected,) = read(path)
    assert isinstance(rejected, RejectedRecord)
    assert "is longer than" in rejected.reason


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "markup",
    ["<attr name='{}'/>", "<{}/>", "<!-- {} -->", "<?x {}?>"],
    ids=["attribute", "tag", "comment", "instruction"],
)
def test_markup_of_3_mb_ends_the_file_with_one_reject(write_file: Callable[..., Path], kind: str, markup: str) -> None:
    path = write_file(document(kind, MAKERS[kind]("DUPONT"), markup.format("x" * 3_000_000)))
    with memory_below(MEMORY):
        first, last = read(path)
    assert isinstance(first, SourceRecord)
    assert isinstance(last, RejectedRecord)
    assert (last.line, last.ends_file) == (3, True)
    assert last.reason.startswith("a tag or comment of more than 1048576 bytes")


@pytest.mark.parametrize("kind", FORMATS)
def test_deep_nesting_ends_the_file_with_one_reject(write_file: Callable[..., Path], kind: str) -> None:
    path = write_file(document(kind, MAKERS[kind]("DUPONT"), "<value>" * 200_000))
    with memory_below(MEMORY):
        first, last = read(path)
    assert isinstance(first, SourceRecord)
    assert isinstance(last, RejectedRecord)
    assert (last.line, last.ends_file) == (3, True)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("names", ["<n{}/>", '<value n{}=""/>', '<value xmlns:n{}="x"/>'])
def test_names_without_end_end_the_file_with_one_reject(write_file: Callable[..., Path], kind: str, names: str) -> None:
    path = write_file(
        document(kind, MAKERS[kind]("DUPONT"), "<a>", *(names.format(number) for number in range(50_000)), "</a>")
    )
    with memory_below(MEMORY):
        *_, last = read(path)
    assert isinstance(last, RejectedRecord)
    assert last.ends_file
    assert "more than 100 names" in last.reason


def test_attributes_without_end_reject_their_record(write_file: Callable[..., Path]) -> None:
    attributes = "".join(f'<attr name="{number:0100}"><value/></attr>' for number in range(40_000))
    path = write_file(document("aaf", aaf("DUPONT").replace("<attributes>", f"<attributes>{attributes}")))
    with memory_below(30_000_000):
        (rejected,) = read(path)
    assert isinstance(rejected, RejectedRecord)
    assert "a record of more than" in rejected.reason


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_anywhere_gives_whole_records_and_one_reject(write_file: Callable[..., Path], kind: str) -> None:
    whole = document(kind, MAKERS[kind]("DUPONT"), "\n", MAKERS[kind]("DURAND", "G2"))
    start = whole.index("\n", len(XML)) + 1
    for cut in range(start, len(whole) - 2, 7):
        *records, last = read(write_file(whole[:cut]))
        assert len(records) <= 2
        assert isinstance(last, RejectedRecord)
        assert last.ends_file
        assert last.line >= 3


@pytest.mark.parametrize("kind", FORMATS)
def test_bytes_that_the_declared_encoding_does_not_have_end_the_file_there(
    write_file: Callable[..., Path], kind: str
) -> None:
    content = document(kind, MAKERS[kind]("DUPONT"), "\n", MAKERS[kind]("DÉSIRÉ", "G2"))
    first, last = read(write_file(content.encode("latin-1")))
    assert isinstance(first, SourceRecord)
    assert last == RejectedRecord(
        "file.xml", 4, "not well-formed here (invalid token): the rest was not read", ends_file=True
    )


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("encoding", ["klingon", "utf-7", "unicode_escape", "shift_jis", "rot13", "idna"])
def test_an_encoding_that_is_not_read_here_is_refused(
    write_file: Callable[..., Path], kind: str, encoding: str
) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    with pytest.raises(RejectedFile, match=r"file\.xml declares an encoding that is not known here\."):
        read(write_file(document(kind, MAKERS[kind]("DUPONT"), head=head)))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_nul_ends_the_file_with_one_reject(write_file: Callable[..., Path], kind: str) -> None:
    first, last = read(write_file(document(kind, MAKERS[kind]("DUPONT"), "\n", MAKERS[kind]("DU\0PONT", "G2"))))
    assert isinstance(first, SourceRecord)
    assert isinstance(last, RejectedRecord)
    assert (last.line, last.ends_file) == (4, True)


@pytest.mark.parametrize("kind", FORMATS)
def test_no_reason_holds_what_the_file_says_of_a_person(write_file: Callable[..., Path], kind: str) -> None:
    for spoilt in ("<x>DUPONT</x>" * 200, "DUPONT&secret;", "DUPONT<", "DUPONT" * MAX_VALUE):
        for one in read(write_file(document(kind, MAKERS[kind](spoilt)))):
            assert not isinstance(one, RejectedRecord) or "DUPONT" not in one.reason
