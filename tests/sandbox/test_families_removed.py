"""A family taken out of an instance that runs: nothing is left of it, others stay, and the same document brings it back."""

from typing import Any

from idp.adapters.consistency import find_violations
from idp.journeys.email_ports import ConfirmedEmail, EmailChange
from idp.people.emails import EmailAddress, parse_email
from idp.world import World
from tests.sandbox.conftest import Control
from tests.sandbox.test_families import case, make
from tests.sandbox.test_mails import send

MAYA = "+33639980510"


def remove(control: Control, name: str) -> dict[str, Any]:
    answer = control.ask("DELETE", f"families/{name}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def activate(control: Control, phone: str) -> str:
    answer = control.ask("POST", "people/activate", json={"phone": phone, "password": "Cartable-Bleu-42"})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["identifiant"])


def persons(control: Control, phone: str) -> list[Any]:
    found: list[Any] = control.ask("GET", "people", query_string={"phone": phone}).get_json()
    return found


def check(world: World) -> list[str]:
    return list(find_violations(world.engine, world.secrets, world.clock.now(), keeps_bodies=True))


def test_its_people_their_accounts_and_texts_are_gone_and_no_reset_brings_them_back(
    control: Control, world: World
) -> None:
    [locked] = make(control, case("locked"))["made"]
    make(control, case("never-activated"))
    assert control.ask("GET", "families").get_json() == ["locked", "never-activated"]
    maya = activate(control, MAYA)
    told = remove(control, "never-activated")
    assert (told["records"], told["accounts"], told["faults"]) == (2, [maya], [])
    assert persons(control, MAYA) == []
    assert control.ask("GET", f"people/{maya}").status_code == 404
    assert control.ask("GET", "messages", query_string={"to": MAYA}).get_json() == []
    assert control.ask("GET", "families").get_json() == ["locked"]
    assert control.ask("GET", f"people/{locked}").status_code == 200, "another family stays"
    assert check(world) == []
    remove(control, "locked")
    assert control.ask("POST", "reset").status_code == 204
    assert control.ask("GET", f"people/{locked}").status_code == 404
    assert check(world) == []


def test_the_same_document_brings_it_back_as_it_was(control: Control, world: World) -> None:
    first = make(control, case("locked"))
    subject = control.ask("GET", f"people/{first['made'][0]}").get_json()
    remove(control, "locked")
    again = make(control, case("locked"))
    assert again["made"] == first["made"]
    back = control.ask("GET", f"people/{first['made'][0]}").get_json()
    assert (back["children"], back["records"]) == (subject["children"], subject["records"])
    assert [one["locks"] for one in back["wrong"]] == [one["locks"] for one in subject["wrong"]]
    assert check(world) == []


def test_what_its_parents_contested_on_the_pages_is_forgotten_with_it(control: Control, world: World) -> None:
    make(control, case("contested-link"))
    make(control, case("child-left"))
    remove(control, "contested-link")
    remove(control, "child-left")
    assert make(control, case("contested-link"))["made"]
    assert make(control, case("child-left"))["made"]
    assert check(world) == []


def test_whoever_had_changed_the_family_gets_what_earlier_documents_brought_taken_out_too(control: Control) -> None:
    document = case("never-activated")
    make(control, document)
    document["families"][0]["pupils"][0]["key"] = "another"
    make(control, document)
    assert remove(control, "never-activated")["records"] == 3


def test_mails_to_its_accounts_go_unless_somebody_elses_account_has_the_address(control: Control, world: World) -> None:
    [locked] = make(control, case("locked"))["made"]
    make(control, case("never-activated"))
    maya = activate(control, MAYA)
    shared, own = parse_email("foyer@famille.example"), parse_email("maya@famille.example")
    for identifiant, email in ((locked, shared), (maya, shared), (maya, own)):
        confirm(world, identifiant, email)
    change = EmailChange(account_id(world, maya), shared, "hash", *[world.clock.now()] * 3)
    with world.stores.writing() as desk:
        desk.emails.put_change(change)
    for email in (shared, own):
        send(world, email.address)
    remove(control, "never-activated")
    assert [one["to"] for one in control.ask("GET", "messages").get_json()] == [shared.address]
    remove(control, "locked")
    assert control.ask("GET", "messages").get_json() == []


def account_id(world: World, identifiant: str) -> int:
    with world.stores.reading() as desk:
        account = desk.accounts.load_by_identifiant(identifiant)
    assert account is not None
    return account.id


def confirm(world: World, identifiant: str, email: EmailAddress) -> None:
    with world.stores.writing() as desk:
        desk.emails.confirm(ConfirmedEmail(account_id(world, identifiant), email, world.clock.now()))


def test_faults_that_were_for_its_accounts_alone_go_with_it(control: Control) -> None:
    document = case("locked")
    identifiant = document["families"][0]["guardians"][0]["account"]["identifiant"]
    document["faults"] = [
        {"key": "hers", "fault": "http-503", "endpoint": "userinfo", "identifiant": identifiant},
        {"key": "everybodys", "fault": "http-503"},
    ]
    make(control, document)
    assert remove(control, "locked")["faults"] == ["hers"]
    assert [one["key"] for one in control.ask("GET", "faults").get_json()] == ["everybodys"]
    control.ask("POST", "reset")
    assert [one["key"] for one in control.ask("GET", "faults").get_json()] == ["everybodys"]


def test_a_snapshot_of_before_can_be_given_back(control: Control, world: World) -> None:
    [locked] = make(control, case("locked"))["made"]
    assert control.ask("PUT", "snapshots/before").status_code == 200
    remove(control, "locked")
    assert control.ask("POST", "snapshots/before/restore").status_code == 204
    assert control.ask("GET", f"people/{locked}").status_code == 200
    assert check(world) == []


def test_an_unknown_family_is_said_with_those_that_are_near(control: Control) -> None:
    refused = control.ask("DELETE", "families/lokced")
    assert (refused.status_code, refused.get_json()["detail"]) == (
        404, "No document brought a family of this name: there is none",
    )  # fmt: skip
    make(control, case("locked"))
    assert "perhaps one of: locked" in control.ask("DELETE", "families/lokced").get_json()["detail"]
    assert "there are locked" in control.ask("DELETE", "families/x").get_json()["detail"]
    remove(control, "locked")
    assert control.ask("DELETE", "families/locked").status_code == 404
