"""A file of each shape, and what must come out of it. The files are in shapes/, to be read beside this."""

import shutil
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from idp.adapters.directory_files import FoundFiles, find_files, read_file
from idp.journeys.directory_mapping import read_entry
from idp.journeys.directory_ports import (
    Entry,
    GuardianEntry,
    LinkEntry,
    LinkRecordEntry,
    Operation,
    Origin,
    PupilEntry,
    PupilKey,
    RejectedRecord,
    SchoolEntry,
    SourceRecord,
    StatedLink,
)

SHAPES = Path(__file__).parent / "shapes"
COLLEGE = SchoolEntry("4001", "9990001I", "COLLEGE DES MARRONNIERS", 2, "VILLE-FICTIVE", "04 65 71 00 01")
JEAN = GuardianEntry("2001", "DUPONT", "", ("Jean",), "M.", "+33639980001")
LEA = PupilEntry("5001", "4001", "DUPONT", "Léa", date(2012, 4, 12), "", "4EME", "4EME A", ())


def read(found: FoundFiles) -> tuple[list[SourceRecord], list[RejectedRecord]]:
    everything = [one for file in found for one in read_file(file)]
    records = [one for one in everything if isinstance(one, SourceRecord)]
    return records, [one for one in everything if isinstance(one, RejectedRecord)]


def read_entries(*names: str) -> tuple[list[Entry], list[RejectedRecord]]:
    records, rejects = read(find_files([SHAPES / name for name in names]))
    return [read_entry(record, None, fiction=True) for record in records], rejects


def assert_gives(name: str, *expected: Entry) -> None:
    entries, rejects = read_entries(name)
    assert entries == list(expected)
    assert rejects == []


def test_second_degree_with_old_codes_and_two_legal_guardians_named_1_and_2() -> None:
    links = (
        LinkEntry("2001", "1", "1", True),
        LinkEntry("2002", "2", "2", True),
        LinkEntry("2003", "4", "0", False),
    )
    assert_gives(
        "aaf2d-old-codes",
        COLLEGE,
        PupilEntry("5001", "4001", "DUPONT", "Léa", date(2012, 4, 12), "", "4EME", "4EME A", links),
        JEAN,  # the first number is no mobile
        GuardianEntry("2002", "DURAND", "LEFÈVRE", ("Marie", "Anne", "Lou"), "Mme", "+33639980003"),
        GuardianEntry("2003", "DUPONT", "", ("Zoé",), "Mlle", ""),
    )


def test_second_degree_with_modern_codes_and_level_1_for_both_parents_alone() -> None:
    links = (
        LinkEntry("2001", "20", "1", True),
        LinkEntry("2002", "10", "1", True),
        LinkEntry("2003", "38", "2", False),
        LinkEntry("2004", "90", "3", False),
    )
    day = date(2012, 4, 12)
    pupil = PupilEntry("5001", "4001", "DUPONT", "Léa", day, "FICTIF-0001", "4EME", "4EME A", links, "701294")
    assert_gives("aaf2d-modern.xml", COLLEGE, pupil, JEAN)


ECOLE = SchoolEntry("4101", "9990002I", "ECOLE DES TILLEULS", 1, "VILLE-FICTIVE", "")


def test_first_degree_with_the_link_on_the_pupil() -> None:
    links = (
        LinkEntry("3001", "90", "1", True),
        LinkEntry("3002", "20", "1", True),
        LinkEntry("3003", "10", "0", False),
    )
    assert_gives(
        "aaf1d-link-on-pupil.xml",
        ECOLE,
        PupilEntry("6001", "4101", "NGUYEN", "Tom", date(2016, 9, 3), "FICTIF-0002", "CM2", "CM2 B", links),
        GuardianEntry("3001", "NGUYEN", "", ("Linh",), "Mme", "+33639980101"),
    )


def test_first_degree_with_the_link_on_the_guardian() -> None:
    links = (
        StatedLink(PupilKey.JOINTURE, "6002", "", "90", "1", True),
        StatedLink(PupilKey.JOINTURE, "6003", "", "10", "2", False),
    )
    assert_gives(
        "aaf1d-link-on-guardian.xml",
        PupilEntry("6002", "4101", "NGUYEN", "Kim", date(2017, 9, 3), "FICTIF-0002", "CM2", "CM2 B", ()),
        GuardianEntry("3001", "NGUYEN", "", ("Linh",), "Mme", "+33639980101", links),
    )


def test_changes_alone_with_an_addition_a_modification_and_a_deletion() -> None:
    found = find_files([SHAPES / "ENT_9990001I_Delta_20260908_PersRelEleve_0000.xml"])
    assert [(file.full, file.uai, file.format) for file in found] == [(False, "9990001I", Origin.AAF_2D)]
    (added, modified, deleted), rejects = read(found)
    assert rejects == []
    assert (added.operation, added.jointure) == (Operation.ADD, "2005")
    assert (modified.operation, modified.line) == (Operation.MODIFY, 25)
    assert modified.attributes == {
        "ENTPersonMobileSMS": ("06 39 98 00 06",),
        "ENTPersonAutresPrenoms": (),
        "personalTitle": ("M.",),
    }
    before = GuardianEntry("2001", "DUPONT", "LEGER", ("Jean", "Paul"), "", "+33639980001")
    after = GuardianEntry("2001", "DUPONT", "LEGER", ("Jean",), "M.", "+33639980006")
    assert read_entry(modified, before, fiction=True) == after
    assert (deleted.operation, deleted.jointure, deleted.attributes) == (Operation.DELETE, "2003", {})


def test_latin_9_with_entities_of_html() -> None:
    lecoeur = GuardianEntry("2006", "LECŒUR-D'HÉROUVILLE", "LÉGER", ("Noël",), "M.", "+33639980007")
    assert_gives("iso-8859-15.xml", lecoeur)


MAUD_OF_SIECLE = GuardianEntry("1001", "LEFÈVRE", "LEFÈVRE", ("Maud",), "Mme", "+33639980011")
RENE_OF_SIECLE = GuardianEntry("1002", "LECŒUR", "LECŒUR", ("René",), "M.", "")


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("siecle-old-fields.xml", [("90", "1", True), ("90", "2", True), ("90", "0", False)]),
        ("siecle-new-fields.xml", [("10", "1", True), ("38", "2", False), ("90", "3", False)]),
    ],
)
def test_siecle_gives_guardians_and_links_that_name_pupils_by_their_eleve_id(
    name: str, codes: Sequence[tuple[str, str, bool]]
) -> None:
    ends = [("1001", "701294"), ("1002", "701294"), ("1002", "701295")]
    links = [
        LinkRecordEntry(guardian, StatedLink(PupilKey.RATTACH, pupil, "", *code))
        for (guardian, pupil), code in zip(ends, codes, strict=True)
    ]
    assert_gives(name, MAUD_OF_SIECLE, RENE_OF_SIECLE, *links)
    (file,) = find_files([SHAPES / name])
    assert (file.format, file.full, file.uai) == (Origin.SIECLE, True, "9990001I")
    jointures = [one.jointure for one in read_file(file)]
    assert jointures == ["1001", "1002", "1001.701294", "1002.701294", "1002.701295"]


def test_a_table_of_pupils_keeps_what_it_can_and_rejects_the_rest_by_line() -> None:
    (file,) = find_files([SHAPES / "eleves-9990001I.csv"])
    assert (file.format, file.full, file.uai) == (Origin.CSV, True, "9990001I")
    lea, tom, zoe, noe = read_file(file)
    assert isinstance(lea, SourceRecord)
    assert lea.jointure == "FICTIF-0001"
    assert read_entry(lea, None, fiction=True) == PupilEntry(
        "FICTIF-0001", "9990001I", "DUPONT", "Léa", date(2012, 4, 12), "FICTIF-0001", "4EME", "4EME A", ()
    )
    assert isinstance(tom, SourceRecord)
    assert (tom.line, tom.jointure) == (4, "c561538dabb83db62b1455d9d30033a24")
    assert isinstance(zoe, SourceRecord)  # an impossible birth date is for the import to reject
    assert noe == RejectedRecord("eleves-9990001I.csv", 6, "3 cells instead of 7")


@pytest.mark.parametrize(
    ("name", "uai"), [("responsables-bom-9990001I.csv", "9990001I"), ("responsables-windows-1252.csv", "")]
)
def test_a_table_of_guardians_gives_each_row_as_a_guardian_and_a_link(name: str, uai: str) -> None:
    (file,) = find_files([SHAPES / name])
    assert file.uai == uai
    everything = list(read_file(file))
    assert everything[-1] == RejectedRecord(name, 6, "no Nom élève")
    records = [one for one in everything if isinstance(one, SourceRecord)]
    assert [one.line for one in records] == [2, 2, 5, 5]
    maud, to_lea, rene, to_tom = (read_entry(one, None, fiction=True) for one in records)
    guardian, other = records[0].jointure, records[2].jointure
    assert maud == GuardianEntry(guardian, "DUPONT", "LEFÈVRE", ("Maud",), "Mme", "+33639980011")
    assert rene == GuardianEntry(other, "LECŒUR", "", ("René",), "M.", "+33639980012")
    lea, tom = (StatedLink(PupilKey.NAMES, names, uai, "90", "1", True) for names in ("dupont|lea", "nguyen|tom"))
    assert (to_lea, to_tom) == (LinkRecordEntry(guardian, lea), LinkRecordEntry(other, tom))


SPLIT = [
    f"ENT_9990001I_Complet_20260901_{part}.xml"
    for part in ("EtabEducNat_0000", "Eleve_0000", "Eleve_0001", "PersRelEleve_0000", "PersRelEleve_0001")
]
FAMILY = [
    ("EtabEducNat", "4001"),
    ("Eleve", "5000"),
    ("Eleve", "5001"),
    ("PersRelEleve", "2000"),
    ("PersRelEleve", "2001"),
]


def test_a_folder_of_split_files_is_read_schools_first_and_guardians_last() -> None:
    found = find_files([SHAPES / "split"])
    assert [file.name for file in found] == SPLIT
    assert all(file.full and file.uai == "9990001I" for file in found)
    assert found.ignored == ("LISEZMOI.txt",)
    records, _ = read(found)
    assert [(one.kind, one.jointure) for one in records] == FAMILY


def test_split_files_named_in_any_order_are_read_in_theirs() -> None:
    assert [file.name for file in find_files([SHAPES / "split" / name for name in reversed(SPLIT)])] == SPLIT


def test_a_missing_part_of_a_full_export_is_noticed(tmp_path: Path) -> None:
    for number in (0, 2):
        shutil.copy(SHAPES / "split" / SPLIT[1], tmp_path / f"ENT_9990001I_Complet_20260901_Eleve_000{number}.xml")
    with pytest.raises(Exception, match=r"Eleve_\?\?\?\?\.xml: part 0001 is missing"):
        find_files([tmp_path])


def test_a_zip_is_read_where_it_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((SHAPES / "split").iterdir()):
            archive.write(path, f"export/{path.name}")
        archive.writestr("__MACOSX/export/._x.xml", b"\x00")
    found = find_files([tmp_path / "export.zip"])
    assert [file.name for file in found] == [f"export.zip!export/{name}" for name in SPLIT]
    assert found.ignored == ("export.zip!export/LISEZMOI.txt",)
    assert [file.size for file in found] == [(SHAPES / "split" / name).stat().st_size for name in SPLIT]
    records, _ = read(found)
    assert [(one.kind, one.jointure) for one in records] == FAMILY
    assert records[0].file == f"export.zip!export/{SPLIT[0]}"
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_every_byte_read_is_told() -> None:
    for file in find_files([SHAPES]):
        told: list[int] = []
        for _ in read_file(file, on_bytes=told.append):
            pass
        assert sum(told) == file.size
