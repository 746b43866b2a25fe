"""Reading AAF files: whatever the hands they come from."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.adapters.directory_files import find_files, read_file
from idp.adapters.directory_files.xml_records import MAX_RECORD, MAX_VALUE
from idp.journeys.directory_ports import Kind, Operation, RejectedFile, RejectedRecord, SourceRecord
from tests.directory.conftest import FAMILY, record

HEAD = '<?xml version="1.0" encoding="{encoding}"?>\n<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">\n'


def guardian(name: str, jointure: str = "G1") -> str:
    return (
        '<addRequest><operationalAttributes><attr name="categoriePersonne"><value>PersRelEleve</value></attr>'
        f"</operationalAttributes><identifier><id>{jointure}</id></identifier>"
        f'<attributes><attr name="sn"><value>{name}</value></attr></attributes></addRequest>'
    )


def document(*requests: str, encoding: str = "UTF-8", head: str = HEAD) -> str:
    return f"{head.format(encoding=encoding)}<ficAlimMENESR>{''.join(requests)}</ficAlimMENESR>"


def read(path: Path) -> list[SourceRecord | RejectedRecord]:
    return [one for file in find_files([path]) for one in read_file(file)]


def names_in(path: Path) -> list[str]:
    return [one.attributes["sn"][0] for one in read(path) if isinstance(one, SourceRecord)]


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_the_declared_encoding_is_obeyed(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(document(guardian("D'HÉROUVILLE"), encoding=encoding).encode(encoding))
    assert names_in(path) == ["D'HÉROUVILLE"]


def test_windows_1252_that_calls_itself_latin_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(document(guardian("LECŒUR"), encoding="ISO-8859-1").encode("cp1252"))
    assert names_in(path) == ["LECŒUR"]


def test_entities_of_html_are_understood_without_being_declared(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text(document(guardian("D&eacute;SIR&Eacute;E &amp; L&#39;A&#xCE;N&Eacute;")), encoding="utf-8")
    assert names_in(path) == ["DéSIRÉE & L'AÎNÉ"]


def test_an_entity_that_nobody_knows_rejects_its_record_alone(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text(document(guardian("&secret;"), guardian("DUPONT", "G2")), encoding="utf-8")
    first, second = read(path)
    assert isinstance(first, RejectedRecord)
    assert "entity" in first.reason
    assert isinstance(second, SourceRecord)


BOMB = """<?xml version="1.0"?>
<!DOCTYPE ficAlimMENESR [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
"""
EXTERNAL = '<?xml version="1.0"?>\n<!DOCTYPE ficAlimMENESR [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
PARAMETER = '<?xml version="1.0"?>\n<!DOCTYPE ficAlimMENESR [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>\n'


ELEMENTS = '<?xml version="1.0"?>\n<!DOCTYPE ficAlimMENESR [<!ELEMENT ficAlimMENESR ANY>]>\n'


@pytest.mark.parametrize("head", [BOMB, EXTERNAL, PARAMETER, ELEMENTS])
def test_a_file_that_declares_entities_is_refused_whole(tmp_path: Path, head: str) -> None:
    path = tmp_path / "file.xml"
    path.write_text(document(guardian("&c;" if head == BOMB else "DUPONT"), head=head), encoding="utf-8")
    with pytest.raises(RejectedFile, match="declares XML entities"):
        read(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"<html></html>", "neither AAF"),
        (b'<?xml version="1.0" encoding="klingon"?><ficAlimMENESR/>', "encoding that is not known"),
    ],
)
def test_what_is_no_directory_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    with pytest.raises(RejectedFile, match=words):
        read(path)


def test_a_file_that_is_not_there_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match="no such file"):
        read(tmp_path / "none.xml")


@pytest.mark.parametrize("cut", ["<addRequest><attributes>", "<addRequest></attributes>", "\x00", "< "])
def test_a_file_cut_short_gives_what_came_before_and_says_where_it_ended(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "file.xml"
    whole = document(guardian("DUPONT"))
    path.write_text(whole.replace("</ficAlimMENESR>", f"\n{cut}"), encoding="utf-8")
    first, last = read(path)
    assert isinstance(first, SourceRecord)
    assert isinstance(last, RejectedRecord)
    assert last.ends_file
    assert last.line >= 3


def test_a_value_without_end_rejects_its_record_and_the_next_ones_go_on(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text(document(guardian("D" * (MAX_VALUE + 1)), guardian("DUPONT", "G2")), encoding="utf-8")
    first, second = read(path)
    assert isinstance(first, RejectedRecord)
    assert f"longer than {MAX_VALUE}" in first.reason
    assert isinstance(second, SourceRecord)


def test_a_record_without_end_is_let_go_of(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    values = "<value>DUPONT</value>" * (MAX_RECORD // 16)
    whole = guardian("X").replace("<value>X</value>", values)
    path.write_text(document(whole, guardian("DUPONT", "G2")), encoding="utf-8")
    first, second = read(path)
    assert isinstance(first, RejectedRecord)
    assert "record of more than" in first.reason
    assert isinstance(second, SourceRecord)


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        ("<a>" * 40, "nested deeper"),
        ("".join(f"<a{number}/>" for number in range(200)), "that no AAF file has"),
        (f"<attr {' ' * 3_000_000}", "tag or comment"),
    ],
    ids=["depth", "names", "endless tag"],
)
def test_a_bound_of_the_file_ends_it_with_one_reject(tmp_path: Path, hostile: str, words: str) -> None:
    path = tmp_path / "file.xml"
    path.write_text(document(guardian("DUPONT"), f"<addRequest>{hostile}"), encoding="utf-8")
    first, last = read(path)
    assert isinstance(first, SourceRecord)
    assert isinstance(last, RejectedRecord)
    assert last.ends_file
    assert words in last.reason


def test_eight_thousand_records_are_read_in_constant_memory(write: Callable[..., Path]) -> None:
    path = write([record(Kind.GUARDIAN, f"G{number}") for number in range(8_000)])
    tracemalloc.start()
    try:
        assert sum(1 for file in find_files([path]) for _ in read_file(file)) == 8_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 2_000_000
    assert peak < 1_000_000


def test_what_is_written_is_read_back(write: Callable[..., Path]) -> None:
    changes = [
        record(Kind.GUARDIAN, "G1", {"sn": ("DURAND",)}, operation=Operation.MODIFY),
        record(Kind.PUPIL, "P1", {}, operation=Operation.DELETE),
    ]
    found = read(write([*FAMILY, *changes]))
    assert [
        (one.operation, one.kind, one.jointure, one.attributes) for one in found if isinstance(one, SourceRecord)
    ] == [(one.operation, one.kind, one.jointure, one.attributes) for one in (*FAMILY, *changes)]


READABLE = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=40
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=READABLE)
def test_whatever_xml_can_hold_survives_writing_and_reading(write: Callable[..., Path], value: str) -> None:
    (found,) = read(write([record(Kind.GUARDIAN, "G1", {"sn": (value,)})]))
    assert isinstance(found, SourceRecord)
    expected = (value.strip(),) if value.strip() else ()
    assert found.attributes["sn"] == expected
