"""Guarantee 18: an import that would change too much of a school stops, and a file touches its own schools only. On both databases."""

import json

import pytest
from sqlalchemy import select

from idp.adapters.directory_tables import guardian
from idp.adapters.stores import SqlStores
from idp.adapters.tables import audit
from idp.journeys.directory_import import ImportStopped
from idp.journeys.directory_ports import Kind, Operation, SourceRecord
from tests.contracts.rows import add_account
from tests.directory.conftest import AT, FAMILY, Office, record, siecle_guardian, siecle_link


def one_guardian(number: int, phone: int | None = None) -> SourceRecord:
    return record(
        Kind.GUARDIAN, f"G{number}", ENTPersonMobileSMS=f"06 39 98 00 {number if phone is None else phone:02}"
    )


def one_pupil(number: int, link: str = "G{0}$20$1$1$1$0", school: str = "S1") -> SourceRecord:
    return record(Kind.PUPIL, f"P{number}", ENTElevePersRelEleve=link.format(number), ENTPersonStructRattach=school)


def school_of(count: int, name: str = "S1") -> list[SourceRecord]:
    families = [one for number in range(count) for one in (one_guardian(number), one_pupil(number, school=name))]
    return [FAMILY[0], *families]


def test_phones_of_more_than_one_in_twenty_stop_the_import_and_nothing_is_written(office: Office) -> None:
    office.import_records(school_of(20))
    before = office.load()
    poisoned = [one_guardian(1, 51), one_guardian(2, 52)]
    with pytest.raises(ImportStopped, match="9990001I: 0 of 20 links, 2 of 20 phones") as stopped:
        office.import_records(poisoned, academy="8")
    assert stopped.value.report.schools["9990001I"].phones_changed == 2
    assert office.load() == before
    assert office.import_records(poisoned, academy="8", confirm_changes=True).modified == 2


def test_one_in_twenty_may_change(office: Office) -> None:
    office.import_records(school_of(20))
    assert office.import_records([one_guardian(1, 51), one_pupil(2, "G3$20$2$1$1$0")][:1], academy="8").modified == 1


@pytest.mark.parametrize(
    "changes",
    [
        [one_pupil(1, "G7$20$1$1$1$0"), one_pupil(2, "G7$20$1$1$1$0")],
        [one_pupil(number, "G{0}$20$1$0$1$0") for number in (1, 2)],
        [record(Kind.PUPIL, f"P{number}", ENTElevePersRelEleve=()) for number in (1, 2)],
        [record(Kind.PUPIL, f"P{number}", {}, operation=Operation.DELETE) for number in (1, 2)],
        [record(Kind.GUARDIAN, f"G{number}", {}, operation=Operation.DELETE) for number in (1, 2)],
    ],
    ids=["to a stranger", "no longer legal", "no longer stated", "pupils deleted", "guardians deleted"],
)
def test_links_of_more_than_one_in_twenty_stop_the_import(office: Office, changes: list[SourceRecord]) -> None:
    office.import_records(school_of(20))
    with pytest.raises(ImportStopped):
        office.import_records(changes, academy="8")


def test_a_full_export_that_lost_more_than_one_in_twenty_stops(office: Office) -> None:
    office.import_records(school_of(20))
    with pytest.raises(ImportStopped, match="2 of 20 links, 2 of 20 phones"):
        office.import_records(school_of(18), full=True)
    assert office.import_records(school_of(19), full=True).absent == 2, "one pupil and one guardian"


def test_a_link_of_siecle_that_changes_counts_too(office: Office) -> None:
    pupils = [
        record(Kind.PUPIL, f"P{number}", ENTEleveStructRattachId=f"E{number}", ENTElevePersRelEleve=())
        for number in range(20)
    ]
    links = [siecle_link("1", f"E{number}") for number in range(20)]
    office.import_records([FAMILY[0], *pupils, siecle_guardian(), *links])
    with pytest.raises(ImportStopped, match="2 of 20 links"):
        office.import_records([siecle_link("1", "E1", level="3"), siecle_link("1", "E2", level="3")], academy="8")


def test_small_schools_new_pupils_and_first_numbers_are_not_stopped(office: Office) -> None:
    office.import_records(school_of(19))
    assert (
        office.import_records([one_guardian(number, number + 50) for number in range(19)], academy="8").modified == 19
    )
    office.import_records([one_pupil(number) for number in range(40, 90)], academy="8")
    assert office.import_records([one_guardian(number) for number in range(40, 90)], academy="8").added == 50


OTHER = record(Kind.SCHOOL, "S2", ENTStructureUAI="9990002J")


def test_a_file_of_one_school_neither_moves_changes_adds_nor_deletes_pupils_of_another(office: Office) -> None:
    office.import_records([*FAMILY, OTHER])
    stolen = record(Kind.PUPIL, "P1", ENTPersonStructRattach="S2", line=7)
    changed = record(Kind.PUPIL, "P1", givenName="Zoé", line=8)
    new = record(Kind.PUPIL, "P7", line=9)
    gone = record(Kind.PUPIL, "P1", {}, operation=Operation.DELETE, line=10)
    report = office.import_records([OTHER, stolen, changed, new, gone])
    assert (report.rejected, [one.line for one in office.rejected]) == (4, [7, 8, 9, 10])
    assert "not one of this import's" in office.rejected[0].reason
    assert office.load_children() == [("Léa", "declared")]


def test_a_pupil_moves_when_both_schools_are_in_the_export(office: Office) -> None:
    office.import_records([*FAMILY, OTHER])
    moved = record(Kind.PUPIL, "P1", ENTPersonStructRattach="S2")
    assert office.import_records([FAMILY[0], OTHER, moved]).modified == 1


def test_without_schools_records_a_pupil_moves_only_from_a_school_that_the_pupils_name(office: Office) -> None:
    office.import_records([*FAMILY, OTHER, record(Kind.PUPIL, "P2")])
    moved = record(Kind.PUPIL, "P1", ENTPersonStructRattach="S2")
    assert office.import_records([moved], academy="8").rejected == 1
    assert office.import_records([moved, record(Kind.PUPIL, "P2")], academy="8").modified == 1


def test_a_number_that_changes_is_dated_and_told_to_the_ledger_when_an_account_holds_it(
    office: Office, stores: SqlStores
) -> None:
    office.import_records([*FAMILY, one_guardian(2)])
    with stores.writing() as desk:
        (joe,) = desk.people.load_guardians_by_mobile("+33639980001")
    account_id = add_account(stores, AT)
    with stores.writing() as desk:
        desk.accounts.attach_guardian(account_id, joe.id, AT)
    office.import_records(
        [one_guardian(1, 51), one_guardian(2, 52), record(Kind.PUPIL, "P1", sn="DURAND")], academy="8"
    )
    with office.engine.connect() as connection:
        dated = connection.execute(select(guardian.c.jointure, guardian.c.mobile_changed_at)).all()
        lines = connection.execute(select(audit.c.event, audit.c.account_id, audit.c.details)).all()
    assert sorted(map(tuple, dated)) == [("G1", AT), ("G2", AT)]
    ((event, holder, details),) = lines
    assert (event, holder, json.loads(details)) == ("directory-mobile-changed", account_id, {"guardian": joe.id})
    office.import_records([one_guardian(1, 51)], academy="8")
    with office.engine.connect() as connection:
        assert len(connection.execute(select(audit)).all()) == 1
