"""The demo's school: the people of the documentation, and nobody real."""

import json
from pathlib import Path

from idp.adapters.aaf_writer import write_aaf, write_ent_directory
from idp.adapters.stores import SqlStores
from idp.people.affiliations import reference_ids
from idp.people.fiction import FAMILIES, is_fictional_ine, is_fictional_uai, is_plausible_ine, schools_of
from idp.people.phones import PhoneNumber, is_fictional, parse_directory_mobile
from idp.people.records import Account, AccountHolder
from tests.directory.conftest import Office
from tests.journeys.people import ANGELA, JOE, KARIM, MARIE_HELENE


def test_the_people_of_the_documentation_are_there(office: Office, stores: SqlStores, tmp_path: Path) -> None:
    assert office.import_files(write_aaf(FAMILIES, tmp_path)).clean
    for parent in (JOE, ANGELA, MARIE_HELENE, KARIM):
        with stores.reading() as desk:
            found = [
                one
                for one in desk.people.load_guardians_by_mobile(parent.e164)
                if parent.given_name in one.given_names and one.family_name == parent.family_name
            ]
            assert len(found) == 1, parent
            links = desk.people.load_kinships([found[0].id])
        born = {
            f"{link.pupil.given_name} {link.pupil.family_name}": tuple(
                link.pupil.birth_date.strftime("%d %m %Y").split()
            )
            for link in links
        }
        assert born == {child.name: child.born for child in parent.children}


def test_nobody_of_the_demo_can_be_real(office: Office, tmp_path: Path) -> None:
    for family in FAMILIES:
        for pupil in family.pupils:
            assert is_fictional_ine(pupil.ine)
            assert not is_plausible_ine(pupil.ine)
        for guardian in family.guardians:
            number = parse_directory_mobile(guardian.mobile, fiction=True) if guardian.mobile else None
            assert number is None or is_fictional(number)
            assert bool(guardian.mobile) == (number is not None)
    assert all(is_fictional_uai(school.uai) for school in schools_of(FAMILIES))
    assert is_fictional(PhoneNumber(JOE.e164))
    office.import_files(write_aaf(FAMILIES, tmp_path))  # the import's own check refuses what may be real


def test_the_files_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = (write_aaf(FAMILIES, tmp_path / name) for name in ("a", "b"))
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_ent_finds_every_guardian_under_the_reference_that_the_provider_tells(
    office: Office, stores: SqlStores, tmp_path: Path
) -> None:
    office.import_files(write_aaf(FAMILIES, tmp_path))
    write_ent_directory(FAMILIES, tmp_path / "ent-directory.json")
    known = {
        one["ref_id"]: {child["given_name"] for child in one["children"]}
        for one in json.loads((tmp_path / "ent-directory.json").read_text(encoding="utf-8"))["guardians"]
    }
    with stores.reading() as desk:
        for guardian in (
            one for number in range(1, 21) for one in desk.people.load_guardians_by_mobile(f"+336399800{number:02}")
        ):
            links = tuple(desk.people.load_kinships([guardian.id]))
            holder = AccountHolder(Account(1, "x", "seed", "X", "Y", None), (guardian,), links)
            for reference in reference_ids(holder):
                assert known[reference] == {link.pupil.given_name for link in links}
