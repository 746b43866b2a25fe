"""Families that a tester makes by one call: the document of a file, as JSON."""

import json
import tomllib
from importlib import resources
from typing import Any

import pytest

from tests.sandbox.conftest import Control


def case(name: str) -> dict[str, Any]:
    """Return a named case as JSON would carry it: its dates are texts."""
    text = resources.files("idp.adapters.case_library").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(json.dumps(tomllib.loads(text), default=str))
    return document


def make(control: Control, document: object) -> dict[str, Any]:
    answer = control.ask("POST", "families", json=document)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def test_a_family_is_known_at_once_and_its_parent_activates(control: Control) -> None:
    told = make(control, case("never-activated"))
    assert (told["made"], told["kept"], told["notes"]) == ([], [], [])
    assert told["added"] > 0
    activated = control.ask("POST", "people/activate", json={"phone": "+33639980510", "password": "Cartable-Bleu-42"})
    assert activated.status_code == 201, activated.text
    assert [child["given_name"] for child in activated.get_json()["children"]] == ["Paz"]


def test_an_account_of_the_document_is_there_and_comes_back_at_each_reset(control: Control) -> None:
    document = case("locked")
    [identifiant] = make(control, document)["made"]
    assert control.ask("DELETE", f"people/{identifiant}").status_code == 204
    assert control.ask("GET", f"people/{identifiant}").status_code == 404
    assert control.ask("POST", "reset").status_code == 204
    assert control.ask("GET", f"people/{identifiant}").get_json()["identifiant"] == identifiant


def test_a_document_that_is_sent_again_changes_nothing(control: Control) -> None:
    first = make(control, case("locked"))
    again = make(control, case("locked"))
    assert (again["added"], again["changed"], again["made"]) == (0, 0, [])
    assert again["kept"] == first["made"]


def test_every_fault_is_told_at_once_with_its_place_and_nothing_is_written(control: Control) -> None:
    document = case("never-activated")
    document["families"][0]["guardians"][0]["phone"] = "06 12 34 56 78"
    document["families"][0]["pupils"][0]["school"] = "lycee"
    refused = control.ask("POST", "families", json=document)
    assert refused.status_code == 422
    faults = refused.get_json()["faults"]
    places = {fault.removeprefix("the body: ").split(" ")[0] for fault in faults}
    assert {"families[0].guardians[0].phone", "families[0].pupils[0].school"} <= places
    assert refused.get_json()["detail"] == faults[0]
    assert control.ask("GET", "people", query_string={"phone": "+33639980510"}).get_json() == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "must be a JSON object"),
        (None, "must be a JSON object"),
        ({"clients": []}, "register one with POST /clients"),
        ({"schoolz": []}, "schoolz is not known here"),
    ],
)
def test_what_is_no_document_is_said(control: Control, body: object, words: str) -> None:
    refused = control.ask("POST", "families", json=body)
    assert refused.status_code == 422
    assert words in refused.get_json()["detail"]


@pytest.mark.parametrize("depth", [5000, *range(800, 1000, 10)])
def test_what_is_nested_too_deep_is_no_document(control: Control, depth: int) -> None:
    deep = '{"schools": ' + "[" * depth + "]" * depth + "}"
    refused = control.ask("POST", "families", data=deep, content_type="application/json")
    assert refused.status_code == 422
