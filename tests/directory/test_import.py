"""What becomes of each record, on both databases."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.adapters.stores import SqlStores
from idp.journeys.directory_import import ImportRefused
from idp.journeys.directory_ports import Kind, Operation, RejectedRecord, SourceRecord
from idp.people.records import KinshipState
from tests.directory.conftest import FAMILY, Office, record

AT = datetime(2031, 3, 15, tzinfo=UTC)


def test_a_family_is_known_after_its_import(office: Office, stores: SqlStores) -> None:
    report = office.import_records(FAMILY)
    assert (report.academy, report.read, report.added, report.rejected) == ("8", 3, 3, 0)
    with stores.reading() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
        (link,) = desk.people.load_kinships([joe.id])
    assert (joe.family_name, joe.given_names, joe.academy) == ("DUPONT", ("Joe",), "8")
    assert (link.pupil.given_name, link.pupil.birth_date.isoformat()) == ("Léa", "2012-04-12")
    assert link.school is not None
    assert (link.school.name, link.state) == ("Collège des Marronniers", KinshipState.DECLARED)


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    office.import_records(FAMILY)
    before = office.load()
    report = office.import_records(FAMILY)
    assert (report.read, report.unchanged) == (3, 3)
    assert office.load() == before


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_records_may_come_in_any_order(office: Office, order: tuple[int, ...]) -> None:
    office.import_records([FAMILY[place] for place in order])
    kept = office.load()
    assert [len(rows) for rows in kept.values()] == [1, 1, 1, 1, 0]


def test_a_modification_changes_what_it_gives_and_nothing_else(office: Office, stores: SqlStores) -> None:
    office.import_records(FAMILY)
    change = record(Kind.GUARDIAN, "G1", {"sn": ("DURAND",)}, operation=Operation.MODIFY)
    report = office.import_records([change], academy="8")
    assert report.modified == 1
    with stores.reading() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
    assert (joe.family_name, joe.given_names) == ("DURAND", ("Joe",))


def test_a_deleted_record_is_absent_and_its_links_come_back_with_it(office: Office, stores: SqlStores) -> None:
    office.import_records(FAMILY)
    with stores.reading() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
        (link,) = desk.people.load_kinships([joe.id])
    with stores.writing() as desk:
        desk.people.confirm_kinships([link.id], AT)
    report = office.import_records([record(Kind.PUPIL, "P1", {}, operation=Operation.DELETE)], academy="8")
    assert report.deleted == 1
    with stores.reading() as desk:
        assert desk.people.load_kinships([joe.id]) == []
    office.import_records([FAMILY[2]], academy="8")
    with stores.reading() as desk:
        assert [one.state for one in desk.people.load_kinships([joe.id])] == [KinshipState.CONFIRMED]


def test_no_import_revives_a_contested_link(office: Office, stores: SqlStores) -> None:
    office.import_records(FAMILY)
    with stores.reading() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
        (link,) = desk.people.load_kinships([joe.id])
    with stores.writing() as desk:
        desk.people.contest_kinships([link.id], AT)
    gone = record(Kind.PUPIL, "P1", {}, operation=Operation.DELETE)
    changed = record(Kind.PUPIL, "P1", ENTElevePersRelEleve="G1$10$1$1$1$0")
    for files in ([*FAMILY[:2], gone], FAMILY, [*FAMILY[:2], changed]):
        office.import_records(files)
        with stores.reading() as desk:
            states = [one.state for one in desk.people.load_kinships([joe.id])]
        assert states in ([], [KinshipState.CONTESTED])


def test_a_link_that_the_pupils_record_no_longer_states_is_absent(office: Office, stores: SqlStores) -> None:
    office.import_records(FAMILY)
    office.import_records([*FAMILY[:2], record(Kind.PUPIL, "P1", ENTElevePersRelEleve=())])
    with stores.reading() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
        assert desk.people.load_kinships([joe.id]) == []


def test_one_jointure_in_two_academies_is_two_people(office: Office) -> None:
    office.import_records(FAMILY)
    office.import_records([record(Kind.SCHOOL, "S1", ENTServAcCodeAcademie="10"), *FAMILY[1:]])
    assert [len(rows) for rows in office.load().values()] == [2, 2, 2, 2, 0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sn": None}, "no sn"),
        ({"givenName": None}, "no givenName"),
        ({"ENTPersonDateNaissance": None}, "no birth date"),
        ({"ENTPersonDateNaissance": "31/02/2012"}, "no date"),
        ({"ENTPersonDateNaissance": "2012-04-12"}, "no date"),
        ({"ENTPersonDateNaissance": "12/04/0012"}, "no date"),
        ({"ENTPersonStructRattach": None}, "no ENTPersonStructRattach"),
        ({"ENTElevePersRelEleve": "G1$20$1"}, "3 fields instead of 6"),
        ({"ENTElevePersRelEleve": "$20$1$1$1$0"}, "no usable guardian"),
        ({"ENTElevePersRelEleve": ("G1$20$1$1$1$0", "G1$10$1$1$1$0")}, "two different links"),
        ({"sn": "D" * 101}, "longer than 100"),
        ({"sn": "DU\u202ePONT"}, "control character"),
    ],
)
def test_a_pupil_that_cannot_be_used_is_rejected_with_line_and_reason_and_the_rest_goes_on(
    office: Office, changes: dict[str, object], reason: str
) -> None:
    report = office.import_records([*FAMILY, record(Kind.PUPIL, "P2", line=77, **changes)])
    assert (report.read, report.added, report.rejected) == (4, 3, 1)
    (rejected,) = office.rejected
    assert (rejected.line, rejected.jointure) == (77, "P2")
    assert reason in rejected.reason
    assert "Léa" not in rejected.reason


def test_what_the_reader_rejected_is_counted_and_told(office: Office) -> None:
    report = office.import_records([*FAMILY, RejectedRecord("file.xml", 9, "cut short", ends_file=True)])
    assert (report.read, report.rejected, report.incomplete_files) == (4, 1, ["file.xml"])


def test_records_that_signing_in_does_not_need_are_skipped_by_kind(office: Office) -> None:
    report = office.import_records([*FAMILY, record("PersEducNat", "T1", {}), record("MefEducNat", "M1", {})])
    assert (report.read, report.skipped) == (3, {"PersEducNat": 1, "MefEducNat": 1})


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (FAMILY[1:], "cannot be told"),
        ([record(Kind.SCHOOL, "S1"), record(Kind.SCHOOL, "S2", ENTServAcCodeAcademie="10")], "several academies"),
        ([*FAMILY, record(Kind.GUARDIAN, "G2", ENTPersonMobileSMS="06 12 34 56 78")], "mobile number that may be real"),
        ([*FAMILY, record(Kind.PUPIL, "P2", ENTEleveINE="123456789AB")], "INE that may be real"),
    ],
)
def test_an_import_that_may_not_be_done_writes_nothing(office: Office, records: list[SourceRecord], words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        office.import_records(records)
    assert not any(office.load().values())


def test_an_academy_is_named_or_known_from_the_schools(office: Office) -> None:
    office.import_records(FAMILY[:1])
    assert office.import_records(FAMILY[1:]).academy == "8", "the pupil's school is known already"
    assert office.import_records(FAMILY[1:], academy="010").academy == "10"
    with pytest.raises(ImportRefused):
        office.import_records(FAMILY, academy="x")


def test_real_data_enters_a_test_instance_by_words_alone_and_a_real_instance_freely(office: Office) -> None:
    real = [*FAMILY[:1], record(Kind.GUARDIAN, "G1", ENTPersonMobileSMS="06 12 34 56 78")]
    assert office.import_records(real, force_real_data=True).added == 2
    assert office.import_records(real, test_instance=False).unchanged == 2


class CutError(Exception):
    pass


def test_an_import_that_was_interrupted_is_run_again(office: Office) -> None:
    files = [FAMILY[0], *(record(Kind.GUARDIAN, f"G{number}") for number in range(25)), FAMILY[2]]
    office.import_records(files)
    whole = office.load()

    def fail_after(count: int) -> None:
        def watch(_report: object) -> None:
            nonlocal count
            count -= 1
            if not count:
                raise CutError

        from idp.adapters.directory import DirectoryStore
        from idp.journeys.directory_import import ImportPolicy, run_import

        policy = ImportPolicy(test_instance=True, batch_size=10)
        run_import(
            lambda: files,
            DirectoryStore(office.engine),
            office,
            policy,
            on_reject=office.rejected.append,
            on_progress=watch,
        )

    with office.engine.begin() as connection:
        for name in ("kinship", "pupil", "guardian", "school"):
            connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608  our own table names
    for batches in (1, 2, 3):
        with pytest.raises(CutError):
            fail_after(batches)
    report = office.import_records(files)
    assert report.balanced
    assert office.load() == whole


OPERATIONS = st.sampled_from(list(Operation))
ONE = st.one_of(
    st.builds(lambda number, op, name: record(Kind.GUARDIAN, f"G{number}", operation=op, sn=name),
              st.integers(0, 3), OPERATIONS, st.sampled_from(["DUPONT", "DURAND", ""])),
    st.builds(lambda number, op, to: record(Kind.PUPIL, f"P{number}", operation=op, ENTElevePersRelEleve=to),
              st.integers(0, 3), OPERATIONS, st.sampled_from([(), "G0$20$1$1$1$0", "G1$10$1$1$1$0", "nonsense"])),
    st.builds(lambda: RejectedRecord("file.xml", 3, "cut")),
    st.builds(lambda: record("PersEducNat", "T", {})),
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(records=st.lists(ONE, max_size=25), size=st.integers(1, 7))
def test_whatever_comes_every_record_is_accounted_for_and_twice_is_once(
    office: Office, records: list[SourceRecord | RejectedRecord], size: int
) -> None:
    report = office.import_records(records, academy="8", batch_size=size)
    assert report.balanced
    assert report.rejected == len(office.rejected)
    adds = [one for one in records if isinstance(one, SourceRecord) and one.operation is Operation.ADD]
    office.import_records(adds, academy="8")
    before = office.load()
    again = office.import_records(adds[-1:], academy="8")
    assert again.modified == again.deleted == again.added == 0
    assert office.load() == before
