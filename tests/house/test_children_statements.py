"""What the pages about children ask of the database. A statement more is a decision: it changes docs/performance.md too."""

from datetime import UTC, datetime

from flask import Flask

from idp.world import World
from tests.directory.conftest import Office, record
from tests.house.test_account_statements import Visit, read_told, sign_in
from tests.house.test_statements import BASE, PASSWORD, Counted, add_joe, app, ask, world
from tests.support.page import read_page

__all__ = ["app", "world"]
AT = datetime(2031, 3, 4, tzinfo=UTC)
OTHER, OTHERS_PHONE = "j.dupont0002", "06 39 98 00 02"
RIGHT = {"jour": "12", "mois": "4", "annee": "2012"}
WRONG = {**RIGHT, "jour": "13"}


def card(date: dict[str, str], number: int = 1) -> dict[str, str]:
    """Return the fields of a child's card."""
    return {f"lien-{number}": "oui", **{f"{name}-{number}": value for name, value in date.items()}}


def bring(office: Office, *pupils: str, academy: str = "08", phone: str = "06 39 98 00 01") -> None:
    """Have an academy's file bring these pupils of Joe's."""
    uai = f"99900{academy}I"
    school = record("EtabEducNat", "S1", ENTStructureUAI=uai, ENTServAcCodeAcademie=academy)
    guardian = record("PersRelEleve", "G1", ENTPersonMobileSMS=phone)
    office.import_records([school, guardian, *(record("Eleve", one, givenName=one) for one in pupils)])


def add_two_accounts(world: World) -> Office:
    """Give Joe two accounts, each with a child of its own that is proved."""
    office = Office(world.engine)
    add_joe(world)
    with world.stores.writing() as desk:
        joe = desk.accounts.load_by_identifiant("j.dupont0001")
        assert joe is not None
        other = desk.accounts.add_account(
            identifiant=OTHER,
            subject_seed="seed 2",
            password_hash=joe.password_hash,
            family_name="DUPONT",
            given_name="Joe",
            at=AT,
        )
    assert other is not None
    bring(office, "Lou")
    bring(office, "Tom", academy="10", phone=OTHERS_PHONE)
    for account_id, number in ((joe.id, "+33639980001"), (other, "+33639980002")):
        with world.stores.writing() as desk:
            [held] = desk.people.load_guardians_by_mobile(number)
            assert desk.accounts.attach_guardian(account_id, held.id, AT)
        office.answer(contested=False, mobile=number)
    return office


def demand_identity(world: World) -> None:
    with world.stores.writing() as desk:
        joe = desk.accounts.load_by_identifiant("j.dupont0001")
        assert joe is not None
        desk.accounts.ask_identity(joe.id)


def confirm_identity(app: Flask, counted: Counted, world: World) -> Visit:
    """Sign in where a birth date is asked for, give a wrong one, then the right one."""
    demand_identity(world)
    visit = Visit(app.test_client(), counted, world)
    to_page = ask(visit.client, "/mon-compte").headers["Location"] + "&profil=responsable"
    answer = ask(visit.client, to_page)
    form = read_page(200, BASE + to_page, answer.headers, answer.text).form("j_username")
    values = {**form.values, "j_username": "j.dupont0001", "j_password": PASSWORD}
    visit.client.post(form.action.removeprefix(BASE), data=values, base_url=BASE)
    there = ask(visit.client, "/mon-compte").headers["Location"]
    page = visit.read(there)
    visit.send(page, "jour", ", wrong", **WRONG)
    page = visit.read(there)
    assert visit.send(page, "jour", **RIGHT) == "/mon-compte"
    return visit


def prove_children(visit: Visit, office: Office) -> None:
    """An import brings children: one is proved, one is put off, one is not hers."""
    bring(office, "Lou", "Noa")
    visit.read("/mon-compte/enfants")
    page = visit.read("/enfants")
    visit.send(page, "lien-1", ", wrong", **card(WRONG))
    page = visit.read("/enfants")
    assert visit.send(page, "Plus tard") == "/mon-compte/enfants"
    page = visit.read("/enfants")
    assert visit.send(page, "lien-1", **card(RIGHT)) == "/mon-compte/enfants"
    bring(office, "Lou", "Noa", "Mia")
    page = visit.read("/enfants")
    visit.send(page, "lien-1", ", not hers", **{"lien-1": "non"})
    page = visit.read("/enfants")
    assert visit.send(page, "Oui, je confirme", reponse="oui") == "/mon-compte/enfants"


def contest_one(visit: Visit) -> None:
    page = visit.read("/mon-compte/enfants")
    path = page.link("Je ne suis pas le représentant légal de Noa DUPONT").removeprefix(BASE)
    page = visit.read(path)
    assert visit.send(page, "Oui, je confirme").endswith("avis=child-contested")


def group(visit: Visit) -> None:
    page = visit.read("/mon-compte/enfants/regroupement")
    typed = {"autre-identifiant": OTHER, "autre-mot-de-passe": "Pas-le-bon-1"}
    visit.send(page, "autre-identifiant", ", wrong", **typed)
    page = visit.read("/mon-compte/enfants/regroupement")
    assert visit.send(page, "autre-identifiant", **{**typed, "autre-mot-de-passe": PASSWORD}).endswith("avis=grouped")
    page = visit.read("/mon-compte/enfants")
    path = page.link("Annuler le regroupement").removeprefix(BASE)
    page = visit.read(path)
    assert visit.send(page, "Annuler le regroupement").endswith("avis=ungrouped")


def without_numbers(costs: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Say N for each number of an address."""
    return {"/".join("N" if one.isdigit() else one for one in name.split("/")): cost for name, cost in costs.items()}


def test_each_page_about_children_costs_what_the_page_of_performance_says(app: Flask, world: World) -> None:
    office = add_two_accounts(world)
    counted = Counted(world)
    visit = confirm_identity(app, counted, world)
    prove_children(visit, office)
    contest_one(visit)
    group(visit)
    assert without_numbers(visit.costs) == read_told("test_children_statements.py")


def test_a_sign_in_of_whoever_is_asked_nothing_costs_what_it_did(app: Flask, world: World) -> None:
    office = add_two_accounts(world)
    counted = Counted(world)
    for settles in (False, True):
        if settles:
            prove_children(confirm_identity(app, counted, world), office)
        client = app.test_client()
        counted.take()
        sign_in(client)
        assert counted.take() == (2 + 1 + 9, 2), "the page asked for, the sign-in page, the sign-in without a request"
