"""Links that the guardian's side states, on both databases: they wait for their pupil, in whichever order files come."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from idp.adapters.directory import DirectoryStore
from idp.adapters.directory_tables import kinship, pupil, stated_link
from idp.journeys.directory_ports import Kind, Operation, Origin, SourceRecord
from tests.directory.conftest import FAMILY, Office, record, siecle_guardian, siecle_link, table_rows

ALONE = record(Kind.PUPIL, "P1", ENTEleveStructRattachId="E1", ENTElevePersRelEleve=())
SIECLE = (siecle_guardian(), siecle_link())
LEAVES = record(Kind.PUPIL, "P1", {}, operation=Operation.DELETE)
LEA = [("Léa", "declared")]


def forget(office: Office) -> None:
    with office.engine.begin() as connection:
        for name in ("stated_link", "kinship", "pupil", "guardian", "school"):
            connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608  our own table names


def test_a_link_of_siecle_waits_for_its_pupil_and_is_made_when_the_pupil_comes(office: Office) -> None:
    report = office.import_records(SIECLE, academy="8")
    assert (report.added, report.waiting, report.linked) == (2, 1, 0)
    assert office.load_children() == []
    report = office.import_records([FAMILY[0], ALONE])
    assert (report.waiting, report.linked) == (0, 1)
    assert office.load_children() == LEA


@pytest.mark.parametrize("files", list(permutations([(FAMILY[0],), (ALONE,), SIECLE])))
def test_files_may_come_in_any_order(office: Office, files: tuple[tuple[SourceRecord, ...], ...]) -> None:
    for records in files:
        office.import_records(records, academy="8")
    assert office.load_children() == LEA
    before = office.load()
    for records in files:
        report = office.import_records(records, academy="8")
        assert report.unchanged == report.read == len(records)
    assert office.load() == before


def test_a_row_of_a_spreadsheet_finds_its_pupil_by_the_folded_names(office: Office) -> None:
    office.import_records(table_rows(given_name="LEA"), academy="8")
    office.import_records([FAMILY[0], ALONE])
    assert office.load_children() == LEA


def test_a_row_for_another_school_does_not_find_the_pupil(office: Office) -> None:
    office.import_records([FAMILY[0], ALONE])
    report = office.import_records(table_rows(uai="9990002J"), academy="8")
    assert (report.waiting, office.load_children()) == (1, [])


@pytest.mark.parametrize("late", [False, True])
def test_two_pupils_with_the_names_of_a_row_are_homonyms_and_no_link_is_made(office: Office, late: bool) -> None:
    twin = record(Kind.PUPIL, "P2", ENTPersonDateNaissance="01/02/2013", ENTElevePersRelEleve=())
    if late:
        office.import_records([FAMILY[0], ALONE, *table_rows()])
        assert office.load_children() == LEA
        report = office.import_records([FAMILY[0], twin])
    else:
        office.import_records([FAMILY[0], ALONE, twin])
        report = office.import_records(table_rows(), academy="8")
    assert (report.homonyms, report.linked, report.clean) == (1, 0, False)
    assert [(one.line, one.jointure) for one in office.rejected] == [(2, "cjoe")]
    assert "two pupils" in office.rejected[0].reason
    assert office.load_children() == []
    report = office.import_records([record(Kind.PUPIL, "P2", {}, operation=Operation.DELETE)], academy="8")
    assert (report.homonyms, report.linked, office.load_children()) == (0, 1, LEA), "one of the two left"


def test_a_link_that_was_proved_stays_when_a_homonym_comes(office: Office) -> None:
    office.import_records([FAMILY[0], ALONE, *table_rows()])
    office.answer(contested=False)
    office.import_records([FAMILY[0], record(Kind.PUPIL, "P2", ENTElevePersRelEleve=())])
    assert office.load_children() == [("Léa", "confirmed")]


def test_a_link_is_there_while_either_side_states_it(office: Office) -> None:
    link = {"ENTPersRelEleveEleve": "P1$20$1$1$1$0"}
    names = {"ENTPersonNom": ("DUPONT",), "ENTPersonPrenom": ("Joe",), "ENTPersRelEleveTelMobile": ("06 39 98 00 01",)}
    joe = record(Kind.GUARDIAN, "G1", {**names, **{key: (value,) for key, value in link.items()}}, origin=Origin.AAF_1D)
    silent_joe = record(Kind.GUARDIAN, "G1", {**names, "ENTPersRelEleveEleve": ()}, origin=Origin.AAF_1D)
    pupil = {
        "ENTPersonNom": ("DUPONT",), "ENTPersonPrenom": ("Léa",), "ENTPersonDateNaissance": ("12/04/2012",),
        "ENTPersonStructRattach": ("S1",),
    }  # fmt: skip
    lea = record(Kind.PUPIL, "P1", {**pupil, "ENTEleveAutoriteParentale": ("G1$20$1$1$1$0",)}, origin=Origin.AAF_1D)
    silent_lea = record(Kind.PUPIL, "P1", {**pupil, "ENTEleveAutoriteParentale": ()}, origin=Origin.AAF_1D)
    office.import_records([FAMILY[0], joe, lea])
    assert office.load_children() == LEA
    office.import_records([silent_lea], academy="8")
    assert office.load_children() == LEA, "the guardian's record states it still"
    office.import_records([silent_joe], academy="8")
    assert office.load_children() == []
    office.import_records([lea], academy="8")
    assert office.load_children() == LEA
    office.import_records([joe], academy="8")
    office.import_records([silent_joe], academy="8")
    assert office.load_children() == LEA, "the pupil's record states it still"


def test_a_link_goes_and_comes_back_with_its_pupil(office: Office) -> None:
    office.import_records([FAMILY[0], ALONE, *SIECLE])
    report = office.import_records([LEAVES], academy="8")
    assert (report.waiting, office.load_children()) == (1, [])
    office.import_records([ALONE], academy="8")
    assert office.load_children() == LEA


def test_one_person_in_two_kinds_of_files_is_asked_about_a_child_once(office: Office) -> None:
    with_link = record(Kind.PUPIL, "P1", ENTEleveStructRattachId="E1")
    office.import_records([*FAMILY[:2], with_link, *SIECLE])
    assert office.load_children() == LEA
    with office.engine.connect() as connection:
        assert len(connection.execute(select(kinship)).all()) == 2


def test_what_waits_is_listed_without_names(office: Office) -> None:
    office.import_records([*SIECLE, *table_rows()], academy="8")
    listed = sorted(DirectoryStore(office.engine).load_waiting(), key=lambda one: one.origin)
    assert [(one.origin, one.guardian_jointure, one.pupil_value, one.homonyms) for one in listed] == [
        (Origin.CSV, "cjoe", "", False),
        (Origin.SIECLE, "1", "E1", False),
    ]
    with office.engine.connect() as connection:
        kept = repr(connection.execute(select(stated_link)).all())
    assert "lea" not in kept.lower()
    assert "dupont" not in kept.lower()


FILES = (
    FAMILY,
    (FAMILY[0], record(Kind.PUPIL, "P1", ENTEleveStructRattachId="E1")),
    (ALONE,),
    SIECLE,
    (LEAVES,),
    tuple(table_rows()),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    before=st.lists(st.sampled_from(FILES), max_size=2),
    after=st.lists(st.sampled_from(FILES), min_size=1, max_size=5),
    full=st.booleans(),
)
def test_a_contest_survives_every_order_of_files(
    office: Office, before: list[tuple[SourceRecord, ...]], after: list[tuple[SourceRecord, ...]], full: bool
) -> None:
    forget(office)
    office.import_records([*FAMILY, FILES[1][1]])
    for records in before:
        office.import_records(records, academy="8")
    office.answer(contested=True)
    was_asked = bool(office.load_children())
    for records in after:
        office.import_records(records, academy="8", full=full, confirm_changes=True)
        if was_asked:
            assert {state for _, state in office.load_children()} <= {"contested"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.permutations([FAMILY[0], FAMILY[1], FILES[1][1], *SIECLE, *table_rows()]), size=st.integers(1, 4))
def test_what_is_kept_does_not_depend_on_the_order_of_records(
    office: Office, order: list[SourceRecord], size: int
) -> None:
    forget(office)
    office.import_records([FAMILY[0], FAMILY[1], FILES[1][1], *SIECLE, *table_rows()])
    wanted = office.load()
    forget(office)
    for start in range(0, len(order), size):
        office.import_records(order[start : start + size], academy="8")
    assert office.load() == wanted


@pytest.mark.parametrize("school_first", [True, False])
def test_a_pupil_of_a_spreadsheet_is_in_the_school_of_its_uai_once_that_is_known(
    office: Office, school_first: bool
) -> None:
    values = {
        "Nom élève": ("DUPONT",),
        "Prénom élève": ("Léa",),
        "Date de naissance": ("12/04/2012",),
        "UAI": ("9990001I",),
    }
    rows = [record(Kind.PUPIL, "clea", values, origin=Origin.CSV), *table_rows()]
    for records in (FAMILY[:1], rows) if school_first else (rows, FAMILY[:1]):
        office.import_records(records, academy="8")
    assert office.load_children() == LEA
    with office.engine.connect() as connection:
        assert connection.execute(select(pupil.c.school_jointure)).scalar_one() == "S1"
    report = office.import_records(rows, academy="8")
    assert (report.unchanged, report.rejected) == (3, 0)
