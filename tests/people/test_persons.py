"""Which records are one person."""

from idp.people.persons import PersonOutcome, find_person, group_persons
from idp.people.phones import PhoneNumber
from idp.people.records import Guardian

PHONE = PhoneNumber("+33639980001")


def record(number: int, academy: str, family: str, given: str, birth: str = "", origin: str = "aaf2d") -> Guardian:
    return Guardian(number, academy, str(number), family, birth, (given,), PHONE, origin)


def test_one_record_is_one_person() -> None:
    verdict = find_person([record(1, "8", "DUPONT", "Joe")], "Dupont", "Joe")
    assert (verdict.outcome, [one.id for one in verdict.guardians]) == (PersonOutcome.MATCH, [1])


def test_records_of_two_academies_are_one_person_with_two_references() -> None:
    candidates = [record(1, "8", "DUPONT", "Joe"), record(2, "10", "Dupont", "JOE")]
    verdict = find_person(candidates, "Dupont", "Joe")
    assert [one.id for one in verdict.guardians] == [1, 2]


def test_records_of_two_kinds_of_files_in_one_academy_are_one_person() -> None:
    candidates = [record(1, "8", "DUPONT", "Joe"), record(2, "8", "Dupont", "JOE", origin="siecle")]
    assert [one.id for one in find_person(candidates, "Dupont", "Joe").guardians] == [1, 2]


def test_father_and_son_in_two_kinds_of_files_unlock_nothing() -> None:
    candidates = [
        record(1, "8", "DUPONT", "Jean"),
        record(2, "8", "DUPONT", "Jean"),
        record(3, "8", "DUPONT", "Jean", origin="siecle"),
    ]
    assert find_person(candidates, "Dupont", "Jean").outcome is PersonOutcome.SEVERAL


def test_another_name_on_the_same_phone_is_another_person() -> None:
    candidates = [record(1, "8", "DUPONT", "Joe"), record(2, "8", "MARTIN", "Anne")]
    verdict = find_person(candidates, "Dupont", "Joe")
    assert [one.id for one in verdict.guardians] == [1]
    assert verdict.reasons[2] == "family name differs"


def test_father_and_son_with_one_name_and_phone_unlock_nothing() -> None:
    candidates = [record(1, "8", "DUPONT", "Jean"), record(2, "8", "DUPONT", "Jean")]
    verdict = find_person(candidates, "Dupont", "Jean")
    assert (verdict.outcome, verdict.guardians) == (PersonOutcome.SEVERAL, ())
    assert set(verdict.reasons.values()) == {"several records of one directory agree"}


def test_records_that_agree_with_what_was_typed_but_not_with_one_another_unlock_nothing() -> None:
    candidates = [
        record(1, "8", "MARTIN", "Anne", birth="DURAND"),
        Guardian(2, "10", "2", "DURAND MARTIN", "", ("Anne",), PHONE),
    ]
    verdict = find_person(candidates, "Durand Martin", "Anne")
    assert verdict.outcome is PersonOutcome.SEVERAL


def test_nobody_agrees() -> None:
    verdict = find_person([record(1, "8", "DUPONT", "Joe")], "Durand", "Joe")
    assert (verdict.outcome, verdict.guardians) == (PersonOutcome.NOBODY, ())
    assert find_person([], "Durand", "Joe").outcome is PersonOutcome.NOBODY


def test_records_with_one_number_are_grouped_by_person() -> None:
    joe, elsewhere, angela = (
        record(1, "8", "DUPONT", "Joe"),
        record(2, "10", "Dupont", "JOE"),
        record(3, "8", "DUBOIS", "Angela"),
    )
    assert group_persons([joe, angela, elsewhere]) == [[joe, elsewhere], [angela]]
    assert group_persons([]) == []


def test_a_father_and_a_son_with_equal_names_are_two_people() -> None:
    father, son = record(1, "8", "DUPONT", "Joe"), record(2, "8", "DUPONT", "Joe")
    assert group_persons([father, son]) == [[father], [son]]
