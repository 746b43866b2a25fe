"""Faults of a families document, sent to an instance that runs: they strike, they are told with their key, and a reset arms them again."""

from typing import Any

from tests.sandbox.conftest import BASE, Control

DISCOVERY = "/.well-known/openid-configuration"
FAULT = {"key": "down", "fault": "http-503", "endpoint": "discovery"}


def load(control: Control, *faults: dict[str, Any]) -> list[str]:
    answer = control.ask("POST", "families", json={"faults": list(faults)})
    assert answer.status_code == 201, answer.text
    armed: list[str] = answer.get_json()["armed"]
    return armed


def ask_discovery(control: Control) -> int:
    return control.client.get(DISCOVERY, base_url=BASE).status_code


def test_it_strikes_as_often_as_the_document_says_and_comes_back_at_each_reset(control: Control) -> None:
    assert load(control, FAULT) == ["down"]
    assert [ask_discovery(control), ask_discovery(control)] == [503, 200]
    assert load(control, FAULT) == [], "a second load arms nothing"
    assert ask_discovery(control) == 200
    assert control.ask("POST", "reset").status_code == 204
    assert [ask_discovery(control), ask_discovery(control)] == [503, 200]


def test_another_fault_under_its_key_takes_its_place_and_is_listed_with_it(control: Control) -> None:
    load(control, FAULT)
    assert load(control, {**FAULT, "times": "always", "fault": "http-502"}) == ["down"]
    [listed] = control.ask("GET", "faults").get_json()
    assert (listed["key"], listed["fault"], listed["times"]) == ("down", "http-502", "always")
    assert control.ask("DELETE", f"faults/{listed['id']}").status_code == 204
    assert ask_discovery(control) == 200


def test_one_that_could_strike_nothing_is_refused_with_its_place(control: Control) -> None:
    wrong = {"key": "down", "fault": "htp-503", "client_id": "nobody"}
    of_nobody = {"key": "x", "fault": "http-503", "client_id": "nobody", "endpoint": "token"}
    refused = control.ask("POST", "families", json={"faults": [FAULT, wrong, of_nobody]})
    assert refused.status_code == 422
    faults = refused.get_json()["faults"]
    assert any(
        one.startswith('the body: faults[1].fault = "htp-503" is no fault') and "http-503" in one for one in faults
    )
    assert any(one.startswith('the body: faults[2].client_id = "nobody" cannot be: No client') for one in faults)
    assert control.ask("GET", "faults").get_json() == []
