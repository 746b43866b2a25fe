"""Clients as a tester registers, changes and removes them; each is good at once."""

from base64 import b64encode
from typing import Any

import pytest

from tests.sandbox.conftest import BASE, Control

URI = "https://ent.example/retour"


def add(control: Control, **more: Any) -> dict[str, Any]:
    answer = control.ask("POST", "clients", json={"client_name": "ENT Sureau", "redirect_uris": [URI], **more})
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.get_json()
    return added


def is_known(control: Control, client_id: str, secret: str) -> bool:
    """Tell whether a client proves who it is, at the endpoint that tells what a token is good for."""
    basic = b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = control.client.post(
        "/idp/profile/oidc/introspect",
        data={"token": "x"},
        headers={"Authorization": f"Basic {basic}"},
        base_url=BASE,
    )
    return answer.status_code == 200


def test_a_client_is_registered_and_proves_who_it_is_at_once(control: Control) -> None:
    added = add(control)
    assert is_known(control, added["client_id"], added["client_secret"])
    assert (added["client_name"], added["redirect_uris"]) == ("ENT Sureau", [URI])
    told = control.ask("GET", f"clients/{added['client_id']}").get_json()
    assert "client_secret" not in told
    assert (told["from"], told["scope"]) == ("operator", added["scope"])
    assert add(control, token_endpoint_auth_method="none")["client_secret"] is None


def test_those_of_the_settings_are_listed_first_and_shown_without_their_secrets(control: Control) -> None:
    added = add(control)
    told = control.ask("GET", "clients").get_json()
    assert told[0] == {"client_id": "ent", "client_name": "ENT Marronnier", "from": "settings"}
    assert told[-1] == {"client_id": added["client_id"], "client_name": "ENT Sureau", "from": "operator"}
    shown = control.ask("GET", "clients/ent")
    assert shown.get_json()["from"] == "settings"
    assert "secret-of-the-ent" not in shown.text


def test_a_client_is_changed_and_keeps_its_secret(control: Control) -> None:
    added = add(control)
    there = f"clients/{added['client_id']}"
    changed = control.ask("PUT", there, json={"client_name": "ENT Noyer", "redirect_uris": [URI, f"{URI}/2"]})
    assert changed.get_json()["client_secret"] is None
    assert control.ask("GET", there).get_json()["redirect_uris"] == [URI, f"{URI}/2"]
    assert is_known(control, added["client_id"], added["client_secret"])


def test_whether_people_are_asked_for_their_consent_is_the_tester_s_to_say(control: Control) -> None:
    assert add(control)["consent"] == "none"
    added = add(control, consent="always")
    there = f"clients/{added['client_id']}"
    assert control.ask("GET", there).get_json()["consent"] == "always"
    control.ask("PUT", there, json={"client_name": "ENT Noyer", "redirect_uris": [URI], "consent": "remembered"})
    assert control.ask("GET", there).get_json()["consent"] == "remembered"


def test_another_secret_is_the_only_good_one(control: Control) -> None:
    added = add(control)
    renewed = control.ask("POST", f"clients/{added['client_id']}/rotate-secret").get_json()
    assert is_known(control, added["client_id"], renewed["client_secret"])
    assert not is_known(control, added["client_id"], added["client_secret"])


def test_a_removed_client_is_gone(control: Control) -> None:
    added = add(control)
    assert control.ask("DELETE", f"clients/{added['client_id']}").status_code == 204
    assert not is_known(control, added["client_id"], added["client_secret"])
    assert control.ask("GET", f"clients/{added['client_id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "must be a JSON object"),
        ([], "must be a JSON object"),
        ({"redirect_uris": ["ent"]}, "redirect_uris"),
        ({"redirect_uris": [URI], "grant_types": ["implicit"]}, "grant_types"),
        ({"redirect_uris": [URI], "jwks_uri": 3}, "jwks_uri"),
        ({"redirect_uris": [URI], "client_name": 3}, "client_name"),
        ({"redirect_uris": [URI], "consent": "perhaps"}, "one of: none, remembered, always"),
        ({"redirect_uris": [URI], "consent": ["none"]}, "one of: none, remembered, always"),
    ],
)
def test_what_is_not_right_is_said_and_nobody_is_registered(control: Control, body: Any, words: str) -> None:
    there = f"clients/{add(control)['client_id']}"
    for method, path in (("POST", "clients"), ("PUT", there)):
        answer = control.ask(method, path, json=body)
        assert (answer.status_code, words in answer.get_json()["detail"]) == (422, True), answer.text
    assert [one["client_name"] for one in control.ask("GET", "clients").get_json()].count("ENT Sureau") == 1
    assert control.ask("GET", there).get_json()["client_name"] == "ENT Sureau"


@pytest.mark.parametrize("client_id", ["nobody", "%00", "%0A"])
def test_a_client_that_is_not_there_is_not_found(control: Control, client_id: str) -> None:
    body = {"client_name": "ENT Noyer", "redirect_uris": [URI]}
    for method, more in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/rotate-secret")):
        answer = control.ask(method, f"clients/{client_id}{more}", json=body)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_client_of_the_settings_is_changed_there(control: Control) -> None:
    body = {"client_name": "ENT Noyer", "redirect_uris": [URI]}
    for method, more in (("PUT", ""), ("DELETE", ""), ("POST", "/rotate-secret")):
        assert control.ask(method, f"clients/ent{more}", json=body).status_code == 409
    assert is_known(control, "ent", "secret-of-the-ent")


def test_a_client_without_a_secret_gets_none(control: Control) -> None:
    added = add(control, token_endpoint_auth_method="none")
    answer = control.ask("POST", f"clients/{added['client_id']}/rotate-secret")
    assert (answer.status_code, "registered for none" in answer.get_json()["detail"]) == (409, True)
