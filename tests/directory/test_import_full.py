"""A full export is believed in what it does not say, a delta is not; a dry run writes nothing. On both databases."""

import pytest

from idp.journeys.directory_import import believe_full
from idp.journeys.directory_ports import Kind, RejectedRecord, SourceRecord
from tests.directory.conftest import FAMILY, Office, record, siecle_guardian, siecle_link

TOM = record(Kind.PUPIL, "P2", givenName="Tom", ENTElevePersRelEleve="G2$20$1$1$1$0")
ANNE = record(Kind.GUARDIAN, "G2", givenName="Anne", ENTPersonMobileSMS="06 39 98 00 02")
OTHER_SCHOOL = (
    record(Kind.SCHOOL, "S2", ENTStructureUAI="9990002J"),
    record(Kind.PUPIL, "P9", givenName="Zoé", ENTPersonStructRattach="S2", ENTElevePersRelEleve="G2$20$1$1$1$0"),
)
BOTH = (*FAMILY, TOM, ANNE)
CUT = RejectedRecord("file.xml", 9, "cut short", ends_file=True)


def children_of_anne(office: Office) -> list[str]:
    return [name for name, _ in office.load_children("+33639980002")]


def test_who_is_no_longer_in_a_full_export_is_absent_and_comes_back(office: Office) -> None:
    office.import_records(BOTH)
    report = office.import_records(FAMILY, full=True)
    assert (report.absent, report.full, report.unchanged) == (2, True, 3)
    assert (children_of_anne(office), office.load_children()) == ([], [("Léa", "declared")])
    assert len(office.load()["pupil"]) == len(office.load()["guardian"]) == 2, "nothing is erased"
    report = office.import_records(BOTH, full=True)
    assert (report.added, children_of_anne(office)) == (2, ["Tom"])


def test_a_delta_does_only_what_it_says(office: Office) -> None:
    office.import_records(BOTH)
    assert office.import_records(FAMILY).absent == 0
    assert children_of_anne(office) == ["Tom"]


def test_a_full_export_of_one_school_leaves_the_others_alone(office: Office) -> None:
    office.import_records([*BOTH, *OTHER_SCHOOL])
    report = office.import_records(FAMILY, full=True)
    assert report.absent == 1, "Tom alone: Anne has a child in the other school"
    assert children_of_anne(office) == ["Zoé"]


def test_a_full_export_without_guardians_takes_none_away(office: Office) -> None:
    office.import_records(BOTH)
    report = office.import_records([FAMILY[0], FAMILY[2], TOM], full=True)
    assert (report.absent, children_of_anne(office)) == (0, ["Tom"])


def test_what_guardians_said_outlives_an_absence(office: Office) -> None:
    office.import_records(BOTH)
    office.answer(contested=True)
    office.import_records([FAMILY[0], TOM, ANNE], full=True)
    assert office.load_children() == []
    office.import_records(BOTH, full=True)
    assert office.load_children() == [("Léa", "contested")]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (CUT, "file.xml could not be read to its end"),
        (RejectedRecord("file.xml", 9, "no id"), "no id that can be read"),
    ],
)
def test_a_full_export_that_could_not_be_read_whole_makes_nothing_absent_and_says_so(
    office: Office, broken: RejectedRecord, words: str
) -> None:
    office.import_records(BOTH)
    report = office.import_records([*FAMILY, broken], full=True)
    assert (report.absent, report.full) == (0, False)
    assert words in report.notes[0]
    assert children_of_anne(office) == ["Tom"]


@pytest.mark.parametrize("bad", [record(Kind.PUPIL, "P2", sn=None), RejectedRecord("file.xml", 9, "too long", "P2")])
def test_a_record_that_cannot_be_used_is_not_absent(office: Office, bad: SourceRecord | RejectedRecord) -> None:
    office.import_records(BOTH)
    report = office.import_records([*FAMILY, ANNE, bad], full=True)
    assert (report.absent, report.rejected, children_of_anne(office)) == (0, 1, ["Tom"])


def test_a_full_export_of_siecle_withdraws_the_links_and_guardians_that_it_no_longer_holds(office: Office) -> None:
    lea, tom = (
        record(Kind.PUPIL, f"P{number}", givenName=name, ENTEleveStructRattachId=f"E{number}", ENTElevePersRelEleve=())
        for number, name in ((1, "Léa"), (2, "Tom"))
    )
    office.import_records([FAMILY[0], lea, tom])
    anne = siecle_guardian("2", "MARTIN", "+33639980002")
    office.import_records(
        [siecle_guardian(), anne, siecle_link(), siecle_link("2", "E2"), siecle_link("1", "E2")], academy="8"
    )
    assert [name for name, _ in office.load_children()] == ["Léa", "Tom"]
    half = [siecle_guardian(), siecle_link()]
    report = office.import_records(half, academy="8", full=True, uais=frozenset({"9990001I"}))
    assert (report.absent, report.linked) == (3, 1), "Anne, her link, and Joe's link to Tom"
    assert [name for name, _ in office.load_children()] == ["Léa"]
    assert children_of_anne(office) == []


def test_a_dry_run_says_what_would_change_of_each_school_and_writes_nothing(office: Office) -> None:
    office.import_records(BOTH)
    before = office.load()
    moved = record(Kind.GUARDIAN, "G1", ENTPersonMobileSMS="06 39 98 00 09")
    new = record(Kind.PUPIL, "P3", ENTElevePersRelEleve=())
    changed = record(Kind.PUPIL, "P1", ENTElevePersRelEleve="G2$10$1$1$1$0")
    bad = record(Kind.PUPIL, "P4", sn=None)
    report = office.import_records([FAMILY[0], moved, changed, new, bad], full=True, dry_run=True)
    assert office.load() == before
    assert (report.read, report.added, report.modified, report.unchanged, report.rejected) == (5, 1, 2, 1, 1)
    school = report.schools["9990001I"]
    assert (school.pupils_added, school.pupils_modified, school.pupils_absent) == (1, 1, 1)
    assert (school.links_added, school.links_removed, school.known_links) == (1, 2, 2)
    assert (school.phones_changed, school.known_phones) == (2, 2), "one changes, and one goes"
    assert [one.jointure for one in office.rejected] == ["P4"]


@pytest.mark.parametrize(
    ("stated", "full", "words"),
    [
        ({"a": True, "b": True}, True, ""),
        ({"a": False, "b": False}, False, ""),
        ({"a": True, "b": None, "c": None}, False, "Nothing says whether b and 1 more"),
        ({"a": True, "b": False}, False, "mixed"),
    ],
)
def test_files_are_a_full_export_when_all_of_them_say_so(
    stated: dict[str, bool | None], full: bool, words: str
) -> None:
    believed, note = believe_full(stated)
    assert believed is full
    assert words in note
    assert bool(note) is bool(words)
