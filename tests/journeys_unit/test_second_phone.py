"""A level that wants a text, and a person to whom none can go: on with what there is, or an error, and no page in between."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import insert, update

from idp.adapters.directory_tables import guardian
from idp.adapters.tables import account_guardian
from idp.journeys.second_phone import phone_of
from idp.people.phones import PhoneNumber
from tests.strangers.school import AT, PASSWORD, WITH_PASSWORD, begin_again, fill_school
from tests.support.inside import BASE, Inside, running_inside
from tests.support.page import read_page
from tests.support.relying_party import RelyingParty, answer_in

TWO = "https://level.example/two"
FRANCE = ("+33",)


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    with running_inside(tmp_path) as running:
        fill_school(running.world.engine)
        begin_again(running)
        yield running


def joe_is(inside: Inside, *mobiles: str) -> int:
    """Give Joe these records of the directory, and return his account."""
    with inside.world.stores.reading() as desk:
        joe = desk.accounts.load_by_identifiant(WITH_PASSWORD)
    assert joe is not None
    with inside.world.engine.begin() as connection:
        for number, mobile in enumerate(mobiles, start=5):
            connection.execute(update(guardian).where(guardian.c.id == number).values(mobile=mobile))
            connection.execute(insert(account_guardian), {"guardian_id": number, "account_id": joe.id, "proved_at": AT})
    return joe.id


def sign_in(inside: Inside, **changes: str) -> str:
    """Sign Joe in for a request, and return where the browser is led."""
    client = inside.app.test_client()
    asked = urlsplit(RelyingParty(BASE).authorization_uri(**changes))
    page = client.get(f"{asked.path}?{asked.query}", base_url=BASE).headers["Location"] + "&profil=responsable"
    shown = client.get(page, base_url=BASE)
    form = read_page(200, BASE + page, shown.headers, shown.text).form("j_username")
    values = {**form.values, "j_username": WITH_PASSWORD, "j_password": PASSWORD}
    return str(client.post(form.action.removeprefix(BASE), data=values, base_url=BASE).headers["Location"])


@pytest.mark.parametrize(
    ("mobiles", "number"),
    [
        ((), None),
        (("",), None),
        (("+33639980101",), "+33639980101"),
        (("", "+33639980102", "+33639980103"), "+33639980102"),
        (("+32470123456",), None),
        (("+32470123456", "+33639980103"), "+33639980103"),
    ],
)
def test_the_text_goes_to_the_first_number_to_which_it_may(
    inside: Inside, mobiles: tuple[str, ...], number: str | None
) -> None:
    joe = joe_is(inside, *mobiles)
    with inside.world.stores.reading() as desk:
        assert phone_of(desk, joe, FRANCE) == (PhoneNumber(number) if number else None)
        assert phone_of(desk, 999_999, FRANCE) is None


def test_without_a_number_a_wish_is_done_without_and_what_is_insisted_on_is_an_error(inside: Inside) -> None:
    joe_is(inside)
    assert "code" in answer_in(sign_in(inside, acr_values=TWO))
    essential = json.dumps({"id_token": {"acr": {"essential": True, "value": TWO}}})
    assert answer_in(sign_in(inside, claims=essential))["error"] == "unmet_authentication_requirements"


def test_with_one_the_page_comes_first(inside: Inside) -> None:
    joe_is(inside, "+33639980101")
    assert sign_in(inside, acr_values=TWO).startswith("/confirmation?d=")
