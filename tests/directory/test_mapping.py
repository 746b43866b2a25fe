"""From a record to what is kept, in each vocabulary."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.journeys.directory_mapping import (
    JOINTURE,
    UnusableRecord,
    aaf1d,
    aaf2d,
    csv_table,
    ine_values,
    mobile_values,
    read_academy,
    read_entry,
    read_school_jointure,
)
from idp.journeys.directory_mapping.csv_table import GUARDIAN_COLUMNS, PUPIL_COLUMNS, parse_day, squash
from idp.journeys.directory_ports import (
    Entry,
    GuardianEntry,
    Kind,
    LinkEntry,
    LinkRecordEntry,
    Operation,
    Origin,
    PupilEntry,
    SchoolEntry,
    SourceRecord,
    StatedLink,
)

Values = dict[str, Any]

PUPIL_1D: Values = {
    "ENTPersonNom": "DUPONT",
    "ENTPersonPrenom": "Léa",
    "ENTPersonDateNaissance": "12/04/2016",
    "ENTPersonStructRattach": "S1",
}
GUARDIAN_1D: Values = {"ENTPersonNom": "DUPONT", "ENTPersonPrenom": "Joe"}
SIECLE_LINK: Values = {"PERSONNE_ID": "1", "ELEVE_ID": "2", "NIVEAU_RESPONSABILITE": "1", "CODE_PARENTE": "20"}
CSV_GUARDIAN: Values = {csv_table.FAMILY: "DUPONT", csv_table.GIVEN: "Joe"}
CSV_LINK: Values = {
    csv_table.GUARDIAN_ID: "c1",
    csv_table.PUPIL_FAMILY: "Dupont-Néel",
    csv_table.PUPIL_GIVEN: "Léa",
    csv_table.UAI: "9990001I",
}


def record(origin: Origin, kind: Kind, values: Values, **changes: Any) -> SourceRecord:
    everything = {**values, **changes}
    attributes = {
        name: value if isinstance(value, tuple) else (value,) for name, value in everything.items() if value is not None
    }
    return SourceRecord("file", 1, Operation.ADD, kind, "X1", attributes, origin)


def reads(one: SourceRecord, before: Entry | None = None) -> Entry:
    return read_entry(one, before, fiction=True)


# --- AAF of first degree ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("G1", LinkEntry("G1", "90", "1", True)),
        ("G1$10", LinkEntry("G1", "10", "1", True)),
        ("G1$MERE$x", LinkEntry("G1", "90", "1", True)),
        (" G1 $ 10 $1$ 2 $1$0", LinkEntry("G1", "10", "2", False)),
        ("G1$2$1$2$1$0", LinkEntry("G1", "2", "2", True)),
    ],
)
def test_a_link_of_first_degree_has_the_guardian_first_and_the_rest_where_it_can_be_told(
    value: str, expected: LinkEntry
) -> None:
    entry = reads(record(Origin.AAF_1D, Kind.PUPIL, PUPIL_1D, ENTEleveAutoriteParentale=value))
    assert isinstance(entry, PupilEntry)
    assert entry.links == (expected,)


def test_a_modification_of_a_guardian_of_first_degree_keeps_or_replaces_her_links() -> None:
    before = reads(record(Origin.AAF_1D, Kind.GUARDIAN, GUARDIAN_1D, ENTPersRelEleveEleve=("P1", "P2")))
    assert isinstance(before, GuardianEntry)
    assert [link.pupil_value for link in before.links] == ["P1", "P2"]
    assert reads(record(Origin.AAF_1D, Kind.GUARDIAN, {"ENTPersonCivilite": ""}), before) == before
    after = reads(record(Origin.AAF_1D, Kind.GUARDIAN, {"ENTPersRelEleveEleve": ()}), before)
    assert isinstance(after, GuardianEntry)
    assert after.links == ()


@pytest.mark.parametrize(("value", "shown"), [("4101$CM2 B", "CM2 B"), ("CM2 B", "CM2 B"), (("9$X", "S1$Y"), "Y")])
def test_a_class_of_first_degree_may_stand_without_its_school(value: Any, shown: str) -> None:
    entry = reads(record(Origin.AAF_1D, Kind.PUPIL, PUPIL_1D, ENTPersonClasses=value))
    assert isinstance(entry, PupilEntry)
    assert entry.class_name == shown


def test_second_degree_knows_no_attribute_of_the_first() -> None:
    with pytest.raises(UnusableRecord, match="no sn"):
        reads(record(Origin.AAF_2D, Kind.GUARDIAN, GUARDIAN_1D))


# --- SIECLE -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "relation", "level", "legal"),
    [
        ({}, "20", "1", True),
        ({"NIVEAU_RESPONSABILITE": "2"}, "20", "2", False),
        ({"NIVEAU_RESPONSABILITE": None, "RESP_LEGAL": "2", "CODE_PARENTE": None}, "90", "2", True),
        ({"NIVEAU_RESPONSABILITE": None, "RESP_LEGAL": "0"}, "20", "0", False),
    ],
)
def test_a_link_of_siecle_is_legal_by_its_new_level_else_by_its_old_one(
    changes: Values, relation: str, level: str, legal: bool
) -> None:
    entry = reads(record(Origin.SIECLE, Kind.LINK, SIECLE_LINK, **changes))
    assert isinstance(entry, LinkRecordEntry)
    assert (entry.link.relation, entry.link.legal_level, entry.link.legal) == (relation, level, legal)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"NIVEAU_RESPONSABILITE": None}, "no usable legal level"),
        ({"NIVEAU_RESPONSABILITE": "un"}, "no usable legal level"),
        ({"CODE_PARENTE": "MERE"}, "no usable relation"),
        ({"ELEVE_ID": "a b"}, "no usable pupil"),
        ({"PERSONNE_ID": None}, "no usable guardian"),
    ],
)
def test_a_link_of_siecle_that_cannot_be_used_says_why(changes: Values, reason: str) -> None:
    with pytest.raises(UnusableRecord, match=f"RESPONSABLE_ELEVE has {reason}"):
        reads(record(Origin.SIECLE, Kind.LINK, SIECLE_LINK, **changes))


def test_a_person_of_siecle_bears_the_usage_name_where_there_is_one() -> None:
    names = {"NOM_DE_FAMILLE": "DURAND", "NOM_USAGE": "DUPONT", "PRENOM": "Zoé", "LC_CIVILITE": "MLLE"}
    entry = reads(record(Origin.SIECLE, Kind.GUARDIAN, names))
    assert entry == GuardianEntry("X1", "DUPONT", "DURAND", ("Zoé",), "Mlle", "")


# --- CSV --------------------------------------------------------------------------------------------------------------------------


def test_a_row_s_link_names_the_child_by_folded_names_in_its_school() -> None:
    entry = reads(record(Origin.CSV, Kind.LINK, CSV_LINK))
    assert isinstance(entry, LinkRecordEntry)
    assert (entry.guardian_jointure, entry.link.pupil_value, entry.link.pupil_uai) == (
        "c1",
        "dupont neel|lea",
        "9990001I",
    )


@pytest.mark.parametrize(
    ("relation", "legal", "expected"),
    [
        (None, None, ("90", "1", True)),
        ("Mère", "Oui", ("10", "1", True)),
        ("père", "x", ("20", "1", True)),
        ("20", "1", ("20", "1", True)),
        ("Tutrice", "non", ("50", "0", False)),
        ("voisine", "", ("90", "0", False)),
        ("AUTRE", "2", ("90", "2", False)),
    ],
)
def test_a_row_s_guardian_is_legal_unless_a_column_says_otherwise(
    relation: str | None, legal: str | None, expected: tuple[str, str, bool]
) -> None:
    changes = {csv_table.RELATION: relation, csv_table.LEGAL: legal}
    entry = reads(record(Origin.CSV, Kind.LINK, CSV_LINK, **changes))
    assert isinstance(entry, LinkRecordEntry)
    assert (entry.link.relation, entry.link.legal_level, entry.link.legal) == expected


def test_what_says_neither_yes_nor_no_of_the_law_is_not_guessed() -> None:
    with pytest.raises(UnusableRecord, match="says neither yes nor no"):
        reads(record(Origin.CSV, Kind.LINK, CSV_LINK, **{csv_table.LEGAL: "peut-être"}))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("12/04/2012", date(2012, 4, 12)),
        ("2/4/2012", date(2012, 4, 2)),
        ("12.04.2012", date(2012, 4, 12)),
        ("2012-04-12", date(2012, 4, 12)),
        ("2012-04-12 00:00:00", date(2012, 4, 12)),
        ("31/02/2012", None),
        ("12/04/12", None),
        ("04/2012", None),
        ("12/04/0012", None),
        ("41011", None),
    ],
)
def test_a_spreadsheet_s_date_is_read_in_its_usual_writings_and_never_guessed(written: str, day: date | None) -> None:
    assert parse_day(written) == day


def test_a_pupil_without_a_school_is_not_kept() -> None:
    names = {csv_table.PUPIL_FAMILY: "DUPONT", csv_table.PUPIL_GIVEN: "Léa", csv_table.BIRTH_DATE: "12/04/2012"}
    with pytest.raises(UnusableRecord, match="no UAI"):
        reads(record(Origin.CSV, Kind.PUPIL, names))
    entry = reads(record(Origin.CSV, Kind.PUPIL, names, UAI="9990001I"))
    assert entry == PupilEntry("X1", "9990001I", "DUPONT", "Léa", date(2012, 4, 12), "", "", "", ())


def test_every_alias_of_a_column_is_squashed_and_means_one_column() -> None:
    for columns in (PUPIL_COLUMNS, GUARDIAN_COLUMNS):
        names = [name for column, aliases in columns.items() for name in (squash(column), *aliases)]
        assert [squash(name) for name in names] == names
        assert len(set(names)) == len(names)


# --- all of them ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (Origin.AAF_2D, "ENTPersonMobileSMS"),
        (Origin.AAF_2D, "mobile"),
        (Origin.AAF_2D, "homePhone"),
        (Origin.AAF_1D, "ENTPersRelEleveTelMobile"),
        (Origin.AAF_1D, "ENTPersonTelPerso"),
        (Origin.SIECLE, "TEL_PORTABLE"),
        (Origin.SIECLE, "TEL_PERSONNEL"),
        (Origin.CSV, "Téléphone portable"),
        (Origin.CSV, "Téléphone domicile"),
    ],
)
def test_the_check_for_real_data_sees_the_phones_of_every_vocabulary(origin: Origin, name: str) -> None:
    assert list(mobile_values(record(origin, Kind.GUARDIAN, {name: ("1", "2")}))) == ["1", "2"]


@pytest.mark.parametrize(
    ("origin", "name"), [(o, "ENTEleveINE") for o in (Origin.AAF_2D, Origin.AAF_1D)] + [(Origin.CSV, "INE")]
)
def test_the_check_for_real_data_sees_the_ine_of_every_vocabulary(origin: Origin, name: str) -> None:
    assert list(ine_values(record(origin, Kind.PUPIL, {name: "FICTIF-0001"}))) == ["FICTIF-0001"]


def test_a_pupil_s_school_is_told_without_reading_the_pupil() -> None:
    assert read_school_jointure(record(Origin.AAF_1D, Kind.PUPIL, PUPIL_1D)) == "S1"
    assert read_school_jointure(record(Origin.CSV, Kind.PUPIL, {"UAI": "9990001I"})) == "9990001I"
    assert read_school_jointure(record(Origin.CSV, Kind.PUPIL, {"UAI": "a b"})) == ""


NAMES = sorted(
    {"sn", "givenName", "personalTitle", "l", "telephoneNumber", "ENTStructureUAI", "ENTStructureNomCourant", "ENTEleveStructRattachId"}
    | {"ENTPersonAutresPrenoms", "ENTPersonNomPatro", "ENTPersonDateNaissance", "ENTPersonStructRattach", "ENTStructureTypeStruct"}
    | {"ENTServAcAcademie", "ENTServAcCodeAcademie", "ENTEleveINE", csv_table.GUARDIAN_ID, "NOM_DE_FAMILLE", "NOM_USAGE", "PRENOM"}
    | {"LC_CIVILITE", "TEL_PORTABLE", "PERSONNE_ID", "ELEVE_ID", "NIVEAU_RESPONSABILITE", "CODE_PARENTE", "RESP_LEGAL"}
    | set(PUPIL_COLUMNS) | set(GUARDIAN_COLUMNS)
    | {value for names in (aaf1d.AAF_1D, aaf2d.AAF_2D) for value in (names.family_name, names.given_name, names.classes)}
    | {value for names in (aaf1d.AAF_1D, aaf2d.AAF_2D) for value in (*names.mobiles, *names.level, names.guardians_of_pupil)}
    | {aaf1d.AAF_1D.pupils_of_guardian, aaf1d.AAF_1D.title, aaf1d.AAF_1D.town}
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "12/04/2012",
            "31/02/2012",
            "G1$20$1$1$1$0",
            "G1$$$$$",
            "9990001I",
            "06 39 98 00 01",
            "1",
            "2",
            ",",
            " ,",
            "08",
        ]
    ),
    st.text("0123456789$/- ", max_size=20),
)
BEFORE: dict[Kind, Entry | None] = {
    Kind.SCHOOL: SchoolEntry("X1", "9990001I", "École", 1, "", ""),
    Kind.GUARDIAN: GuardianEntry("X1", "DUPONT", "", ("Joe",), "", ""),
    Kind.PUPIL: PupilEntry("X1", "S1", "DUPONT", "Léa", date(2012, 4, 12), "", "", "", ()),
    Kind.LINK: None,
}


@settings(deadline=None)
@given(
    origin=st.sampled_from(Origin),
    kind=st.sampled_from(Kind),
    attributes=st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, max_size=3).map(tuple), max_size=12),
    modified=st.booleans(),
)
def test_whatever_a_record_says_it_is_kept_within_bounds_or_unusable(
    origin: Origin, kind: Kind, attributes: dict[str, tuple[str, ...]], modified: bool
) -> None:
    one = SourceRecord("file", 1, Operation.ADD, kind, "X1", attributes, origin)
    read_school_jointure(one)
    assert all(isinstance(value, str) for value in (*mobile_values(one), *ine_values(one)))
    try:
        read_academy(one)
        entry = reads(one, BEFORE[kind] if modified else None)
    except UnusableRecord as why:
        reason = str(why)
        entry = None
    else:
        reason = "kept"
    assert reason
    if isinstance(entry, LinkRecordEntry):
        assert_link(entry.link)
        assert JOINTURE.fullmatch(entry.guardian_jointure)
    elif isinstance(entry, GuardianEntry):
        assert 0 < len(entry.family_name) <= 100
        assert 0 < len(", ".join(entry.given_names)) <= 300
        assert re.fullmatch(r"(\+[0-9]{8,17})?", entry.mobile)
        for link in entry.links:
            assert_link(link)
    elif isinstance(entry, PupilEntry):
        assert JOINTURE.fullmatch(entry.school_jointure)
        assert max(len(entry.family_name), len(entry.given_name)) <= 100
        assert max(len(entry.ine), len(entry.level)) <= 16
        assert len(entry.class_name) <= 64


def assert_link(link: StatedLink) -> None:
    assert link.pupil_value
    assert len(link.pupil_value) <= 201
    assert re.fullmatch("[0-9]{1,8}", link.relation)
    assert re.fullmatch("[0-9]{1,4}", link.legal_level)


@pytest.mark.parametrize("columns", [PUPIL_COLUMNS, GUARDIAN_COLUMNS], ids=["pupils", "guardians"])
def test_the_documentation_lists_every_header(columns: Mapping[str, tuple[str, ...]]) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/directory-formats.md").read_text(encoding="utf-8")
    for column, aliases in columns.items():
        assert f"| {column} | {', '.join(f'`{alias}`' for alias in aliases)} |\n" in page
