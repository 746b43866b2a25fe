"""What is kept of a consent: nothing where it is never looked at again."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from idp.adapters.tables import consent
from tests.strangers.school import PASSWORD, WITH_PASSWORD, begin_again, fill_school
from tests.support.inside import BASE, Inside, running_inside
from tests.support.page import read_page
from tests.support.relying_party import RelyingParty, answer_in

POLICIES = {
    "ent": "http://localhost:8402/retour",
    "aulne": "http://localhost:8407/retour",
    "saule": "http://localhost:8408/retour",
}


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    with running_inside(tmp_path) as running:
        fill_school(running.world.engine)
        begin_again(running)
        yield running


@pytest.mark.parametrize(
    ("client_id", "rows"), [("ent", 0), ("aulne", 1), ("saule", 0)], ids=["none", "remembered", "always"]
)
def test_a_row_is_kept_for_the_policy_that_reads_it(inside: Inside, client_id: str, rows: int) -> None:
    client = inside.app.test_client()
    party = RelyingParty(BASE, client_id, redirect_uri=POLICIES[client_id])
    address = urlsplit(party.authorization_uri(prompt="consent", acr_values="responsable"))
    place = f"{address.path}?{address.query}"
    for control, values in (
        ("j_username", {"j_username": WITH_PASSWORD, "j_password": PASSWORD}),
        ("choix", {"choix": "oui"}),
    ):
        shown = client.get(place, base_url=BASE, follow_redirects=True)
        name = "j_username" if control == "j_username" else "Autoriser"
        form = read_page(200, BASE + shown.request.path, shown.headers, shown.text).form(name)
        answer = client.post(form.action.removeprefix(BASE), data={**form.values, **values}, base_url=BASE)
        place = answer.headers["Location"]
    assert "code" in answer_in(place)
    with inside.world.engine.connect() as connection:
        assert len(connection.execute(select(consent.c.client_id)).all()) == rows
