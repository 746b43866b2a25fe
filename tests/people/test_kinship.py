"""Legal guardians, right dates, and what an ENT is told."""

from dataclasses import replace
from datetime import date

import pytest

from idp.people.academies import academy_name, normalise_academy
from idp.people.affiliations import aaf_key, affiliations, reference_ids
from idp.people.kinship import dates_agree, is_legal_guardian, one_for_each_pupil
from idp.people.records import Account, AccountHolder, Guardian, Kinship, KinshipState, Pupil, School


@pytest.mark.parametrize(
    ("relation", "level", "legal"),
    [
        ("1", "1", True),
        ("2", "2", True),
        ("4", "0", False),
        ("10", "1", True),
        ("20", "1", True),
        ("50", "1", True),
        ("10", "2", False),
        ("20", "0", False),
        ("90", "3", False),
        ("", "1", False),
        ("x", "1", False),
    ],
)
def test_who_is_a_legal_guardian(relation: str, level: str, legal: bool) -> None:
    assert is_legal_guardian(relation, level) is legal


SCHOOL = School("8", "S1", "9990001I", "Collège des Marronniers", 2)
LEA = Pupil(1, "8", "P1", "DUPONT", "Léa", date(2012, 4, 12))
TOM = Pupil(2, "8", "P2", "DUPONT", "Tom", date(2014, 9, 3))
LINKS = (
    Kinship(11, 1, LEA, SCHOOL, True, KinshipState.CONFIRMED),
    Kinship(12, 1, TOM, replace(SCHOOL, degree=1), True, KinshipState.CONFIRMED),
)
JOE = Guardian(1, "8", "123456", "DUPONT", "", ("Joe",), None)
ELSEWHERE = Guardian(2, "10", "77", "DUPONT", "", ("Joe",), None)
HOLDER = AccountHolder(Account(1, "j.dupont4271", "seed", "DUPONT", "Joe", None), (JOE, ELSEWHERE), LINKS)


def test_every_date_must_be_right() -> None:
    right = {11: LEA.birth_date, 12: TOM.birth_date}
    assert dates_agree(LINKS, right)
    assert not dates_agree(LINKS, right | {11: TOM.birth_date})
    assert not dates_agree(LINKS, {11: TOM.birth_date, 12: LEA.birth_date})


def test_a_parent_is_one_of_the_degrees_of_the_childrens_schools() -> None:
    assert affiliations(HOLDER) == ("resp1d", "resp2d")


def test_only_records_with_a_proved_link_are_named() -> None:
    assert reference_ids(HOLDER) == ("{AAF}08||123456",)
    assert reference_ids(HOLDER, middle="x") == ("{AAF}08|x|123456",)
    assert aaf_key(HOLDER) == "GRENOBLE-123456"


def test_an_id_that_no_aaf_file_gave_is_told_to_nobody() -> None:
    by_siecle = replace(HOLDER, guardians=(replace(JOE, origin="siecle"), ELSEWHERE))
    assert affiliations(by_siecle) == ("resp1d", "resp2d")
    assert (reference_ids(by_siecle), aaf_key(by_siecle)) == ((), None)


def test_a_child_of_several_records_comes_once_by_the_aaf_one_and_contested_if_any_was() -> None:
    siecle = Kinship(5, 3, LEA, SCHOOL, True, KinshipState.CONFIRMED, "siecle")
    declared = replace(LINKS[0], state=KinshipState.DECLARED)
    (lea, tom) = one_for_each_pupil([siecle, declared, LINKS[1]])
    assert (lea.id, lea.state, tom) == (11, KinshipState.CONFIRMED, LINKS[1])
    (lea,) = one_for_each_pupil([replace(siecle, state=KinshipState.CONTESTED), LINKS[0]])
    assert (lea.id, lea.state) == (11, KinshipState.CONTESTED)


def test_a_parent_of_no_pupil_has_neither_affiliation_nor_reference() -> None:
    alone = replace(HOLDER, kinships=())
    assert (affiliations(alone), reference_ids(alone), aaf_key(alone)) == ((), (), None)


def test_an_academy_has_one_code_with_and_without_zero() -> None:
    assert normalise_academy("08") == normalise_academy("8") == "8"
    assert academy_name("08") == "Grenoble"
    with pytest.raises(ValueError, match="no code"):
        normalise_academy("77")
