"""Exports of the fictional population, read back with what any importer has: an XML parser, a CSV reader, and our own of AAF."""

import csv
import hashlib
import json
import re
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from sqlalchemy import func, select

from idp.adapters.aaf_writer import render_request
from idp.adapters.directory_tables import kinship
from idp.adapters.fiction import CsvEncoding, Export, ExportFault, Format, LinkSide, SiecleFields, write_export
from idp.adapters.fiction import export as export_module
from idp.adapters.fiction.export import MAX_ENT_PUPILS
from idp.adapters.fiction.households import draw_households
from idp.adapters.fiction.places import Enrolment, Land
from idp.adapters.fiction.tables import GUARDIAN_HEADERS, PUPIL_HEADERS
from idp.journeys.directory_ports import Kind, Operation
from idp.people.phones import is_fictional, parse_directory_mobile
from idp.people.population import Codes
from tests.directory.conftest import Office
from tests.directory.fiction_reading import read_records

EVERYTHING = tuple(Format)
WRITTEN_DOWN = "e27816d2b7cce7e35a87e42803ea1f79d62c0fa0859bc593b31b38278613ca83"


def enrolments(export: Export) -> Iterator[Enrolment]:
    """Draw the population of an export again."""
    land, left = Land(export.school_count, export.academies), export.pupils
    for household in draw_households(export.seed, export.degrees):
        yield from (own := land.enrol(household, export.degrees)[:left])
        left -= len(own)
        if not left:
            return


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- any export -------------------------------------------------------------------------------------------------------------------


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_export(tmp_path / name, Export(150, seed=9, schools=3, academies=2, formats=EVERYTHING, delta=True))
    write_export(tmp_path / "c", Export(150, seed=10, schools=3, academies=2, formats=EVERYTHING, delta=True))
    first, second, other = (digests(tmp_path / name) for name in "abc")
    assert first == second
    assert len(first) > 20
    assert not set(first.values()) & set(other.values()) - {hashlib.sha256(b"").hexdigest()} - _schools(tmp_path / "a")


def _schools(folder: Path) -> set[str]:
    """Schools do not depend on the seed."""
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*EtabEducNat*")}


def test_the_bytes_are_those_of_every_other_machine(tmp_path: Path) -> None:
    """Written down once: another Python, or a change of the population, would give other families under the same seed."""
    write_export(tmp_path, Export(200, seed=4, formats=EVERYTHING))
    whole = "".join(f"{name} {digest}\n" for name, digest in sorted(digests(tmp_path).items()))
    assert hashlib.sha256(whole.encode()).hexdigest() == WRITTEN_DOWN


def test_an_export_of_fewer_pupils_is_the_beginning_of_a_larger_one(tmp_path: Path) -> None:
    few, many = (
        write_export(tmp_path / str(count), Export(count, seed=4, schools=1, split=10_000)) for count in (100, 400)
    )
    short, long = (
        next(path for path in paths if "_Eleve_" in path.name).read_text(encoding="utf-8") for paths in (few, many)
    )
    whole_households = short.rsplit("<addRequest>", 3)[0]
    assert whole_households.count("<addRequest>") == 97
    assert long.startswith(whole_households)


def test_as_many_pupils_are_written_as_asked_for(tmp_path: Path) -> None:
    for count in (1, 2, 333):
        paths = write_export(tmp_path / str(count), Export(count))
        assert len(read_records(paths, Kind.PUPIL)) == count


def test_memory_does_not_grow_with_the_number_of_pupils(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "MAX_ENT_PUPILS", 0)  # the ENT's copy is kept in memory, hence its bound
    peaks = []
    for count in (100, 800, 2_400):  # the first fills the caches
        tracemalloc.start()
        write_export(tmp_path / str(count), Export(count, schools=4, academies=2, formats=EVERYTHING, delta=True))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] * 1.1


def test_files_are_split_and_the_parts_are_whole_files(tmp_path: Path) -> None:
    paths = write_export(tmp_path, Export(95, schools=1, split=30))
    pupils = [path for path in paths if "_Eleve_" in path.name]
    assert [path.name for path in pupils] == [f"ENT_9990001O_Complet_20260901_Eleve_000{part}.xml" for part in range(4)]
    assert [len(read_records([path])) for path in pupils] == [30, 30, 30, 5]


def test_a_zip_holds_the_files_that_would_be_there(tmp_path: Path) -> None:
    write_export(tmp_path / "plain", Export(60, formats=EVERYTHING, delta=True))
    write_export(tmp_path / "zipped", Export(60, formats=EVERYTHING, delta=True, zipped=True))
    unpacked: dict[str, str] = {}
    for archive in (tmp_path / "zipped").rglob("*.zip"):
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                where = str((archive.parent / name).relative_to(tmp_path / "zipped"))
                unpacked[where] = hashlib.sha256(packed.read(name)).hexdigest()
    plain = digests(tmp_path / "plain")
    assert plain.pop("ent-directory.json")
    assert unpacked == plain
    assert not list((tmp_path / "zipped").rglob("*.xml"))


def test_more_schools_than_files_that_may_be_open_lose_nothing(tmp_path: Path) -> None:
    export = Export(6_000, schools=150)
    paths = write_export(tmp_path, export)
    assert len(paths) > 400
    assert Counter(
        record.attributes["ENTPersonStructRattach"][0] for record in read_records(paths, Kind.PUPIL)
    ) == Counter(one.school.jointure for one in enrolments(export))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pupils": 0},
        {"pupils": 5_000_001},
        {"pupils": 1, "academies": 38, "schools": 100},
        {"pupils": 1, "academies": 3, "schools": 2},
        {"pupils": 1, "schools": 10_000},
        {"pupils": 1, "split": 0},
        {"pupils": 1, "delta": True, "formats": (Format.SIECLE, Format.CSV)},
    ],
)
def test_an_export_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ExportFault):
        Export(**wrong)  # type: ignore[arg-type]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ENT_9990009O_Complet_20260901_Eleve_0000.xml").write_text("earlier", encoding="utf-8")
    with pytest.raises(ExportFault, match="not empty"):
        write_export(tmp_path, Export(1))
    assert len(list(tmp_path.iterdir())) == 1


# --- AAF --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codes", list(Codes))
def test_an_import_takes_all_of_aaf_2d(office: Office, tmp_path: Path, codes: Codes) -> None:
    export = Export(400, seed=21, schools=3, codes=codes)
    paths = write_export(tmp_path, export)[:-1]
    report = office.import_files(paths)
    assert report.clean, office.rejected
    kept = office.load()
    everyone = list(enrolments(export))
    assert len(kept["pupil"]) == 400
    assert len(kept["school"]) == 3
    assert len(kept["guardian"]) == len(
        {(tie.adult.household, tie.adult.slot) for one in everyone for tie in one.child.ties}
    )
    legal = sum(tie.standing.legal for one in everyone for tie in one.child.ties)
    assert len(kept["kinship"]) == sum(len(one.child.ties) for one in everyone)
    with office.engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(kinship.c.legal)) == legal
    assert office.import_files(paths).unchanged == report.read


def test_aaf_1d_has_its_own_names_and_its_links_on_the_side_that_was_asked_for(tmp_path: Path) -> None:
    export = Export(120, seed=8, schools=2, formats=(Format.AAF_1D,))
    on_pupils = read_records(write_export(tmp_path / "p", export)[:-1])
    on_guardians = read_records(
        write_export(tmp_path / "g", Export(120, seed=8, schools=2, formats=(Format.AAF_1D,), links=LinkSide.GUARDIAN))[
            :-1
        ]
    )
    stated = {
        (one.jointure, value) for one in on_pupils for value in one.attributes.get("ENTEleveAutoriteParentale", ())
    }
    turned = {
        (value.split("$")[0], "$".join((one.jointure, *value.split("$")[1:])))
        for one in on_guardians
        for value in one.attributes.get("ENTPersRelEleveEleve", ())
    }
    assert stated == turned
    assert len(stated) == sum(len(one.child.ties) for one in enrolments(export))
    names = {name for one in on_pupils for name in one.attributes}
    assert {"ENTPersonNom", "ENTPersonPrenom", "ENTPersRelEleveTelMobile", "ENTEcoleCommune"} <= names
    assert not {"sn", "givenName", "mobile", "ENTPersonMobileSMS", "ENTElevePersRelEleve"} & names
    assert not any("ENTEleveAutoriteParentale" in one.attributes for one in on_guardians)


def test_a_guardian_of_two_schools_is_the_same_in_both_files(tmp_path: Path) -> None:
    for format_, side in ((Format.AAF_2D, LinkSide.PUPIL), (Format.AAF_1D, LinkSide.GUARDIAN)):
        export = Export(800, schools=4, formats=(format_,), links=side)
        guardians = read_records(write_export(tmp_path / format_, export)[:-1], Kind.GUARDIAN)
        distinct = {one.jointure: one.attributes for one in guardians}
        assert len(distinct) < len(guardians)
        assert all(distinct[one.jointure] == one.attributes for one in guardians)


def test_the_delta_holds_every_change_and_the_import_takes_it(office: Office, tmp_path: Path) -> None:
    paths = write_export(tmp_path, Export(1_500, seed=13, schools=4, delta=True))[:-1]
    full = [path for path in paths if "complet" in path.parts]
    delta = [path for path in paths if "delta" in path.parts]
    assert office.import_files(full).clean
    before = office.load()
    changes = read_records(delta)
    asked = Counter((one.kind, one.operation, *sorted(one.attributes)) for one in changes if one.kind != Kind.SCHOOL)
    assert set(asked) == {
        (Kind.GUARDIAN, Operation.MODIFY, "ENTPersonMobileSMS", "mobile"),
        (Kind.GUARDIAN, Operation.DELETE),
        (Kind.PUPIL, Operation.MODIFY, "ENTEleveClasses", "ENTPersonStructRattach"),
        (Kind.PUPIL, Operation.MODIFY, "ENTElevePersRelEleve"),
    }
    stated = {one.jointure: one.attributes.get("ENTElevePersRelEleve", ()) for one in read_records(full)}
    fewer = [one for one in changes if "ENTElevePersRelEleve" in one.attributes]
    assert all(set(one.attributes["ENTElevePersRelEleve"]) < set(stated[one.jointure]) for one in fewer)
    report = office.import_files(delta)
    assert report.clean, office.rejected
    assert report.deleted > 0
    after = office.load()
    assert before["pupil"] != after["pupil"]
    assert before["guardian"] != after["guardian"]
    assert before["kinship"] != after["kinship"]
    phones = [one for one in changes if "mobile" in one.attributes]
    assert 0 < len(phones) < 0.04 * len(before["guardian"])  # under what stops an import (guarantee 18)
    for one in phones:
        number = parse_directory_mobile(one.attributes["mobile"][0], fiction=True)
        assert number is not None
        assert is_fictional(number)
        assert re.fullmatch(r"\+33639981[0-9]{9}", number.e164)  # nobody's before


def test_the_delta_of_links_on_guardians_takes_them_from_guardians(tmp_path: Path) -> None:
    export = Export(1_500, formats=(Format.AAF_1D,), links=LinkSide.GUARDIAN, delta=True)
    changes = [
        one for one in read_records(write_export(tmp_path, export)) if "_Delta_" in one.file and one.kind != Kind.SCHOOL
    ]
    assert any("ENTPersRelEleveEleve" in one.attributes for one in changes)
    assert not any("ENTEleveAutoriteParentale" in one.attributes for one in changes)


def test_the_ent_finds_the_legal_guardians_of_the_aaf_files(tmp_path: Path) -> None:
    *paths, ent = write_export(tmp_path, Export(300, schools=2, academies=2, formats=(Format.AAF_2D, Format.AAF_1D)))
    known = json.loads(ent.read_text(encoding="utf-8"))
    guardians = {one.jointure for one in read_records(paths, Kind.GUARDIAN)}
    assert {one["ref_id"].split("|")[2] for one in known["guardians"]} < guardians
    assert {one["ref_id"][:8] for one in known["guardians"]} == {"{AAF}08|", "{AAF}01|"}
    assert {child["uai"] for one in known["guardians"] for child in one["children"]} == {
        one["uai"] for one in known["schools"]
    }
    assert all(one["children"] for one in known["guardians"])


def test_a_large_export_has_no_copy_for_the_ent() -> None:
    assert Export(MAX_ENT_PUPILS).has_ent_directory
    assert not Export(MAX_ENT_PUPILS + 1).has_ent_directory
    assert not Export(1, formats=(Format.SIECLE, Format.CSV)).has_ent_directory


# --- SIECLE -----------------------------------------------------------------------------------------------------------------------


def siecle(export: Export, folder: Path) -> list[Any]:
    paths = [path for path in write_export(folder, export) if path.name.startswith("Responsables")]
    assert paths
    assert not [path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".xml", ".json"}]
    return [ElementTree.fromstring(path.read_bytes()) for path in paths]


def test_siecle_names_the_pupils_of_aaf(tmp_path: Path) -> None:
    export = Export(300, seed=31, schools=3, academies=2, formats=(Format.AAF_2D, Format.SIECLE))
    roots = siecle(export, tmp_path)
    linked = {one.text for root in roots for one in root.iter("ELEVE_ID")}
    pupils = read_records(sorted(tmp_path.rglob("*_Eleve_*.xml")), Kind.PUPIL)
    assert linked == {one.attributes["ENTEleveStructRattachId"][0] for one in pupils}
    for root in roots:
        people = {one.get("PERSONNE_ID") for one in root.iter("PERSONNE")}
        assert {one.findtext("PERSONNE_ID") for one in root.iter("RESPONSABLE_ELEVE")} == people
        homes = [one.get("ADRESSE_ID") for one in root.iter("ADRESSE")]
        assert len(set(homes)) == len(homes)
        assert {one.findtext("ADRESSE_ID") for one in root.iter("PERSONNE")} == set(homes)
    assert sum(1 for root in roots for _ in root.iter("RESPONSABLE_ELEVE")) == sum(
        len(one.child.ties) for one in enrolments(export)
    )


def test_siecle_writes_every_name_whole_in_an_encoding_that_lacks_letters(tmp_path: Path) -> None:
    export = Export(3_000, seed=32, schools=1, formats=(Format.SIECLE,))
    root = siecle(export, tmp_path)[0]
    raw = (tmp_path / "ResponsablesAvecAdresses_9990001O.xml").read_bytes()
    assert raw.startswith(b'<?xml version="1.0" encoding="ISO-8859-15"?>')
    assert b"&#7876;" in raw  # Ễ
    assert b"L\xbcUR" not in raw
    assert "LECŒUR".encode("iso-8859-15") in raw
    written = {
        (one.findtext("NOM_USAGE") or one.findtext("NOM_DE_FAMILLE"), one.findtext("PRENOM"))
        for one in root.iter("PERSONNE")
    }
    assert written == {
        (tie.adult.family_name, tie.adult.given_names[0]) for one in enrolments(export) for tie in one.child.ties
    }


def test_siecle_writes_phones_with_the_country_code(tmp_path: Path) -> None:
    root = siecle(Export(800, formats=(Format.SIECLE,), schools=1), tmp_path)[0]
    phones = [one.text or "" for one in root.iter("TEL_PORTABLE")]
    assert len(phones) > 700
    for phone in phones:
        assert phone.startswith("+33")
        assert len(phone) <= 20
        number = parse_directory_mobile(phone, fiction=True)
        assert is_fictional(number) if number else phone.startswith("+3346571")


@pytest.mark.parametrize(("fields", "codes"), [(fields, codes) for fields in SiecleFields for codes in Codes])
def test_siecle_has_the_fields_that_were_asked_for(tmp_path: Path, fields: SiecleFields, codes: Codes) -> None:
    root = siecle(Export(400, formats=(Format.SIECLE,), schools=1, siecle_fields=fields, codes=codes), tmp_path)[0]
    links = list(root.iter("RESPONSABLE_ELEVE"))
    names = {field.tag for link in links for field in link}
    assert ("RESP_LEGAL" in names) is (fields is SiecleFields.OLD)
    assert ("NIVEAU_RESPONSABILITE" in names) is (fields is SiecleFields.NEW)
    relations = {one.text for one in root.iter("CODE_PARENTE")}
    assert relations >= ({"1", "2"} if codes is Codes.OLD else {"10", "20"})
    by_pupil: dict[str, list[str]] = {}
    for link in links:
        level = link.findtext("RESP_LEGAL") or link.findtext("NIVEAU_RESPONSABILITE") or ""
        by_pupil.setdefault(link.findtext("ELEVE_ID") or "", []).append(level)
    old = fields is SiecleFields.OLD or codes is Codes.OLD
    assert all(
        sum(level in ({"1", "2"} if old else {"1"}) for level in levels) in {1, 2} for levels in by_pupil.values()
    )


# --- tables -----------------------------------------------------------------------------------------------------------------------


def rows(path: Path, encoding: str) -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=";", strict=True))


def test_tables_are_read_back_whole(tmp_path: Path) -> None:
    export = Export(500, seed=41, schools=1, formats=(Format.CSV,))
    paths = write_export(tmp_path, export)
    assert [path.name for path in paths] == [
        f"{table}_{uai}.csv" for table in ("eleves", "responsables") for uai in ("9990001O", "9990001Q")
    ]
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in paths)
    assert not any(path.read_bytes().count(b"\xef\xbb\xbf") > 1 for path in paths)
    pupils, guardians = ([row for path in half for row in rows(path, "utf-8-sig")] for half in (paths[:2], paths[2:]))
    assert tuple(pupils[0]) == PUPIL_HEADERS
    assert tuple(guardians[0]) == GUARDIAN_HEADERS
    everyone = list(enrolments(export))
    assert Counter(
        (row["UAI"], row["Nom élève"], row["Prénom élève"], row["Né(e) le"], row["Libellé classe"]) for row in pupils
    ) == Counter(
        (
            one.school.uai,
            one.child.family_name,
            one.child.given_names[0],
            f"{one.child.birth_date:%d/%m/%Y}",
            one.class_name,
        )
        for one in everyone
    )
    assert Counter(
        (
            row["Nom usage responsable"] or row["Nom responsable"],
            row["Téléphone portable"],
            row["Prénom enfant"],
            row["Représentant légal"],
        )
        for row in guardians
    ) == Counter(
        (tie.adult.family_name, tie.adult.mobile, one.child.given_names[0], "O" if tie.standing.legal else "N")
        for one in everyone
        for tie in one.child.ties
    )


def test_windows_1252_takes_away_the_accents_that_it_lacks(tmp_path: Path) -> None:
    export = Export(3_000, seed=42, schools=1, formats=(Format.CSV,), csv_encoding=CsvEncoding.WINDOWS_1252)
    paths = write_export(tmp_path, export)
    names = {row["Nom responsable"] for path in paths[2:] for row in rows(path, "cp1252")}
    assert {"NGUYEN", "ÇELIK", "WISNIEWSKI", "LUKASIK", "DORDEVIC", "LECŒUR", "L'HELGOUALC'H"} <= names
    assert not any("?" in name or "&" in name for name in names)


# --- one request ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\x00b", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="XML cannot hold"):
        render_request(Operation.ADD, Kind.PUPIL, "1", {"sn": (text,)})
