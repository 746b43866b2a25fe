"""Nothing is left out of the gallery: what no state shows, no browser looks at."""

from pathlib import Path
from typing import Any

import pytest
from flask.templating import DispatchingJinjaLoader
from jinja2 import Environment

from idp.errors import CATALOGUE
from idp.protocol.openapi import FORM
from tests.web.ledger import ELSEWHERE, FORMS, LEAD_ON, PAGES, ShownForm, fields_of, find_forms, is_at
from tests.web.world import STATES

TEMPLATES = Path(__file__).parents[2] / "idp" / "web" / "templates"
SHOWN_BY_THEIR_CAUSE = {"step-lost", "not-found", "link-gone", "franceconnect-unavailable"}
"""Refusals whose states are reached as a person reaches them."""


@pytest.fixture(scope="module")
def shown() -> dict[str, list[ShownForm]]:
    return find_forms()


def test_every_state_has_a_name_of_its_own() -> None:
    assert len({state.name for state in STATES}) == len(STATES)


@pytest.mark.parametrize("path", sorted({*PAGES} - LEAD_ON))
def test_every_described_page_has_a_state(path: str) -> None:
    if path in ELSEWHERE:
        assert {*ELSEWHERE[path]} <= {state.name for state in STATES}
    else:
        assert any(is_at(path, state.path) for state in STATES)


def test_what_shows_no_page_of_its_own_is_described_all_the_same() -> None:
    assert LEAD_ON | {*ELSEWHERE} <= {*PAGES}


@pytest.mark.parametrize("path", sorted(FORMS))
def test_every_described_form_is_on_a_page_with_all_its_fields_and_a_button(
    shown: dict[str, list[ShownForm]], path: str
) -> None:
    assert shown[path], "no state shows it"
    assert fields_of(FORMS[path]) <= set().union(*(one.names for one in shown[path]))
    for one in shown[path]:
        assert one.form.method == "post"
        assert one.form.buttons, f"{one.state.name}: nothing sends it without a script"
        assert {*FORMS[path].body[FORM]["required"]} <= one.names


def test_every_template_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    load = DispatchingJinjaLoader.get_source

    def note(self: DispatchingJinjaLoader, environment: Environment, template: str) -> tuple[Any, ...]:
        used.add(template)
        return load(self, environment, template)

    monkeypatch.setattr(DispatchingJinjaLoader, "get_source", note)
    find_forms()
    assert {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")} - used == set()


def test_every_refusal_that_a_person_reads_is_shown() -> None:
    told = {(error.title, error.sentences) for error in CATALOGUE}
    keys = {state.path.rpartition("/")[2] for state in STATES if state.path.startswith("/refused/")}
    refused = {(error.title, error.sentences) for error in CATALOGUE if error.key in keys | SHOWN_BY_THEIR_CAUSE}
    assert told - refused == set()
