"""Reading CSV: spreadsheets write it in many ways."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from idp.adapters.directory_files import find_files, read_file
from idp.journeys.directory_ports import Kind, SourceRecord
from tests.directory.hostile import read

PUPILS = "Nom;Prénom;Né(e) le;INE;UAI\nDUPONT;Zoé;12/04/2012;FICTIF-0001;9990001I\n"
GUARDIANS = (
    "Nom responsable;Prénom responsable;Téléphone portable;Nom de famille enfant;Prénom enfant\n"
    "LEFÈVRE;Maud;06 39 98 00 11;DUPONT;Zoé\n"
)


def only(path: Path) -> SourceRecord:
    (record,) = read(path)
    assert isinstance(record, SourceRecord)
    return record


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_read_whatever_its_separator_line_ends_and_encoding(
    write_file: Callable[..., Path], separator: str, end: str, encoding: str
) -> None:
    content = PUPILS.replace(";", separator).replace("\n", end).encode(encoding)
    record = only(write_file(content, "pupils.csv"))
    assert (record.line, record.jointure) == (2, "FICTIF-0001")
    assert record.attributes == {
        "Nom élève": ("DUPONT",),
        "Prénom élève": ("Zoé",),
        "Date de naissance": ("12/04/2012",),
        "INE": ("FICTIF-0001",),
        "UAI": ("9990001I",),
    }


def test_the_line_that_tells_a_spreadsheet_the_separator_is_no_header(write_file: Callable[..., Path]) -> None:
    assert only(write_file(f"sep=;\n\n;;\n{PUPILS.replace(chr(10), chr(10) * 2)}", "pupils.csv")).line == 6


@pytest.mark.parametrize(
    "header",
    [
        "NOM ELEVE;PRENOM ELEVE;DATE NAISSANCE;N° d'INE;RNE",
        "Nom de famille élève;Prénom de l'élève;Date de naissance élève;INE élève;Code UAI",
        "nom-de-naissance;prénom 1;née;ine;uai",
    ],
)
def test_headers_are_compared_without_case_accents_and_signs(write_file: Callable[..., Path], header: str) -> None:
    row = PUPILS.splitlines()[1]
    assert len(only(write_file(f"{header}\n{row}\n", "pupils.csv")).attributes) >= 4


def test_a_phone_does_not_make_guardians_of_pupils_with_birth_dates(write_file: Callable[..., Path]) -> None:
    record = only(write_file("Nom;Prénom;Né(e) le;Téléphone;INE\nDUPONT;Zoé;12/04/2012;;FICTIF-0001\n", "pupils.csv"))
    assert record.kind == Kind.PUPIL


def test_a_stray_byte_does_not_make_windows_1252_of_a_file_of_utf_8(write_file: Callable[..., Path]) -> None:
    row = PUPILS.splitlines()[1]
    content = f"{PUPILS}{row}\n".encode() + row.encode("cp1252") + b"\n"
    names = [
        one.attributes["Prénom élève"] for one in read(write_file(content, "p.csv")) if isinstance(one, SourceRecord)
    ]
    assert names == [("Zoé",), ("Zoé",)]


def test_a_guardian_stays_the_same_when_her_number_or_the_writing_of_her_name_changes(
    write_file: Callable[..., Path],
) -> None:
    first, link = read(write_file(GUARDIANS, "guardians-9990001I.csv"))
    changed = GUARDIANS.replace("00 11", "00 12").replace("LEFÈVRE", "Lefevre")
    again, same_link = read(write_file(changed, "guardians-9990001I.csv"))
    elsewhere, other_link = read(write_file(GUARDIANS, "guardians-9990002I.csv"))
    sibling = read(write_file(GUARDIANS.replace("Zoé", "Tom"), "guardians-9990001I.csv"))
    assert all(isinstance(one, SourceRecord) for one in (first, link, again, same_link, elsewhere, other_link))
    assert (first.jointure, link.jointure) == (again.jointure, same_link.jointure)
    assert first.jointure != elsewhere.jointure
    assert sibling[0].jointure == first.jointure
    assert sibling[1].jointure != link.jointure
    assert link.jointure.startswith(f"{first.jointure}.")


def test_a_pupil_without_an_ine_is_known_by_names_birth_date_and_school(write_file: Callable[..., Path]) -> None:
    def jointure_of(content: str) -> str:
        return only(write_file(content, "pupils.csv")).jointure

    bare = PUPILS.replace("FICTIF-0001", "")
    assert jointure_of(bare) == jointure_of(bare.replace("12/04/2012", "2012-04-12").replace("Zoé", "ZOE"))
    others = {
        jointure_of(bare.replace(*change)) for change in (("DUPONT", "DURAND"), ("12/04", "13/04"), ("0001I", "0002I"))
    }
    assert len(others | {jointure_of(bare)}) == 4


def test_a_table_that_names_no_school_may_be_given_one(write_file: Callable[..., Path]) -> None:
    (file,) = find_files([write_file(GUARDIANS, "guardians.csv")])
    assert file.uai == ""
    given = dataclasses.replace(file, uai="9990001I")
    guardian, link = read_file(given)
    assert isinstance(guardian, SourceRecord)
    assert isinstance(link, SourceRecord)
    assert guardian.attributes["UAI"] == ("9990001I",)
    assert (guardian.kind, link.kind) == (Kind.GUARDIAN, Kind.LINK)
    named, _ = read(write_file(GUARDIANS, "guardians-9990001I.csv"))
    assert guardian.jointure == named.jointure
