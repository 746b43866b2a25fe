"""The page that asks which account: what goes to the journey, and what becomes of the two cookies."""

import pytest
from flask.testing import FlaskClient

from idp.journeys.answers import AccountLine, AccountsPage, AskPerson, Forged, PersonStep, Respond, SignedInHere
from idp.protocol.authorization_response import AuthorizationResponse
from tests.web.test_sign_in_pages import policy
from tests.web.world import World

ANSWER = AuthorizationResponse("https://ent.example/retour", (("code", "abc"),))
PAGE = AccountsPage(
    "h4ndle",
    "0-abc",
    "ENT <b>",
    (AccountLine("a", "Joe DUPONT", "4271"), AccountLine("b", "Joe DUPONT", "0815")),
    form_action_uri="https://ent.example/retour",
)


def test_three_cookies_the_request_and_the_choice_go_to_the_journey(client: FlaskClient, world: World) -> None:
    for name in ("visit", "session", "comptes"):
        client.set_cookie(f"preau_idp_{name}", name)
    client.get("/comptes?d=h4ndle")
    client.post("/comptes?d=h4ndle", data={"jeton": "0-abc", "compte": "b"})
    assert world.accounts.calls == [
        ("show", "visit", "session", "comptes", "h4ndle"),
        ("submit", "visit", "session", "comptes", "h4ndle", "0-abc", "b"),
    ]


def test_each_account_is_a_button_and_another_one_a_link(client: FlaskClient, world: World) -> None:
    world.accounts.answer = PAGE
    response = client.get("/comptes?d=h4ndle")
    html = response.text.replace("&#39;", "'")
    assert '<button name="compte" value="a"><strong class="nom">Joe DUPONT</strong>' in html
    assert "Identifiant qui se termine par 4271" in html
    assert "Identifiant qui se termine par 0815" in html
    assert 'href="/connexion?d=h4ndle"><strong>Utiliser un autre compte' in html
    assert 'href="/idp/profile/Logout">Se déconnecter de tous les comptes' in html
    assert "ENT &lt;b&gt;" in html
    assert policy(response.headers["Content-Security-Policy"]) == ["'self'", "https://ent.example"]


@pytest.mark.parametrize(
    ("beside", "given"),
    [
        ("two.three", ["preau_idp_session=one", "preau_idp_comptes=two.three"]),
        ("", ["preau_idp_session=one", "preau_idp_comptes="]),
        (None, ["preau_idp_session=one"]),
    ],
)
@pytest.mark.parametrize("way", ["to the client", "to a page"])
def test_the_cookies_change_places(
    client: FlaskClient, world: World, way: str, beside: str | None, given: list[str]
) -> None:
    world.accounts.answer = (
        Respond(ANSWER, session_cookie="one", accounts_cookie=beside)
        if way == "to the client"
        else AskPerson("h4ndle", step=PersonStep.CONSENT, session_cookie="one", accounts_cookie=beside)
    )
    response = client.post("/comptes?d=h4ndle")
    assert response.status_code == 303
    assert [one.partition(";")[0] for one in response.headers.getlist("Set-Cookie")] == given


@pytest.mark.parametrize(
    ("answer", "place"),
    [(AskPerson("h4ndle", step=PersonStep.ACCOUNT), "/comptes?d=h4ndle"), (SignedInHere("", ()), "/connexion")],
)
def test_where_something_else_comes_next_the_browser_is_led_there(
    client: FlaskClient, world: World, answer: AskPerson | SignedInHere, place: str
) -> None:
    world.accounts.answer = answer
    assert client.get("/comptes?d=h4ndle").headers["Location"] == place


def test_a_form_that_is_not_hers_can_be_loaded_again(client: FlaskClient, world: World) -> None:
    world.accounts.answer = Forged()
    response = client.post("/comptes?d=h4ndle")
    assert response.status_code == 403
    assert 'href="/comptes?d=h4ndle"' in response.text
