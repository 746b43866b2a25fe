"""The page that asks for consent: its words for each claim, and where its form may lead."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from idp.journeys.answers import AskPerson, ConsentPage, Forged, PersonStep, SignedInHere
from idp.journeys.claims import AS_EDUCONNECT, WITH_EXTRA_CLAIMS
from idp.web.consent import TOLD, say_told
from tests.web.test_sign_in_pages import policy
from tests.web.world import World

PAGE = ConsentPage(
    "h4ndle", "0-abc", "Site <b>Aulne</b>", "aulne.example", "Joe DUPONT", ("family_name",), stays=False, remembered=True,
    form_action_uri="https://aulne.example/retour",
)  # fmt: skip


@pytest.mark.parametrize("name", sorted({*WITH_EXTRA_CLAIMS.names, *AS_EDUCONNECT.names}))
def test_every_claim_has_its_words_once(name: str) -> None:
    assert len([words for names, words in TOLD if name in names]) == 1


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), []),
        (("given_name",), ["Votre prénom"]),
        (("family_name",), ["Votre nom"]),
        (("family_name", "given_name"), ["Votre nom et votre prénom"]),
        (("name",), ["Votre nom et votre prénom"]),
        (("email_verified", "email", "given_name"), ["Votre prénom", "Votre adresse e-mail"]),
        (("sub", "unheard-of"), []),
    ],
)
def test_each_kind_of_thing_is_said_once(client: FlaskClient, names: tuple[str, ...], said: list[str]) -> None:
    with client.application.test_request_context():
        assert say_told(names) == said


def test_request_and_answer_go_to_the_journey(client: FlaskClient, world: World) -> None:
    client.set_cookie("preau_idp_visit", "v1sit")
    client.set_cookie("preau_idp_session", "s3ssion")
    client.get("/accord?d=h4ndle")
    for choice in ("oui", "non", ""):
        client.post("/accord?d=h4ndle", data={"jeton": "0-abc", "choix": choice})
    assert world.consent.calls == [
        ("show", "v1sit", "s3ssion", "h4ndle"),
        ("submit", "v1sit", "s3ssion", "h4ndle", "0-abc", True),
        ("submit", "v1sit", "s3ssion", "h4ndle", "0-abc", False),
        ("submit", "v1sit", "s3ssion", "h4ndle", "0-abc", False),
    ]


def test_the_form_ends_at_the_site_and_names_are_text(client: FlaskClient, world: World) -> None:
    world.consent.answer = PAGE
    response = client.get("/accord?d=h4ndle")
    assert policy(response.headers["Content-Security-Policy"]) == ["'self'", "https://aulne.example"]
    assert "Site &lt;b&gt;Aulne&lt;/b&gt;" in response.text
    assert "Ce que ce site fait" not in response.text


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (AskPerson("h4ndle"), "/connexion?d=h4ndle"),
        (AskPerson("h4ndle", step=PersonStep.CONSENT), "/accord?d=h4ndle"),
        (SignedInHere("Joe DUPONT", ()), "/connexion"),
    ],
)
def test_where_something_else_comes_next_the_browser_is_led_there(
    client: FlaskClient, world: World, answer: AskPerson | SignedInHere, place: str
) -> None:
    world.consent.answer = answer
    response = client.get("/accord?d=h4ndle&avis=finished&profil=eleve")
    assert response.status_code == 303
    assert response.headers["Location"].split("&avis")[0] == place


def test_who_signs_in_is_led_to_the_question_with_her_session(client: FlaskClient, world: World) -> None:
    world.sign_in.answer = AskPerson("h4ndle", step=PersonStep.CONSENT, session_cookie="s3ssion", known_cookie="kn0wn")
    response = client.post("/connexion?d=h4ndle&profil=responsable")
    assert response.headers["Location"] == "/accord?d=h4ndle"
    given = [cookie.partition(";")[0] for cookie in response.headers.getlist("Set-Cookie")]
    assert given == ["preau_idp_session=s3ssion", "preau_idp_known=kn0wn"]


def test_a_form_that_is_not_hers_can_be_loaded_again(client: FlaskClient, world: World) -> None:
    world.consent.answer = Forged()
    response = client.post("/accord?d=h4ndle")
    assert response.status_code == 403
    assert 'href="/accord?d=h4ndle"' in response.text


def test_other_servers_are_named_as_text(client: FlaskClient, world: World) -> None:
    world.consent.answer = PAGE
    assert "Agir pour vous" not in client.get("/accord?d=h4ndle").text
    world.consent.answer = replace(PAGE, reaches=("Cantine <i>bio</i>", "CDI"))
    page = client.get("/accord?d=h4ndle").text
    assert page.count("Agir pour vous dans ce service") == 2
    assert "Cantine &lt;i&gt;bio&lt;/i&gt;" in page


def test_the_logo_of_the_site_is_loaded_and_no_other_picture(client: FlaskClient, world: World) -> None:
    world.consent.answer = replace(PAGE, logo_uri="https://aulne.example/logo.svg")
    response = client.get("/accord?d=h4ndle")
    assert 'src="https://aulne.example/logo.svg"' in response.text
    allowed = policy(response.headers["Content-Security-Policy"], "img-src")
    assert allowed == ["'self'", "https://aulne.example/logo.svg"]
