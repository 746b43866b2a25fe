"""The page of children that an import added: what goes to the journey, and how its answers are shown."""

from flask.testing import FlaskClient

from idp.journeys.answers import (
    AskPerson,
    Fault,
    Forged,
    NewChildrenPage,
    PersonStep,
    PupilAnswer,
    PupilLine,
    ToMyChildren,
    TypedDate,
)
from tests.web.test_sign_in_pages import policy, text
from tests.web.world import World

LEA = PupilLine(1, "Léa", "DUPONT <b>")
TYPED = {"jeton": "0-abc", "lien-1": "oui", "jour-1": "12", "mois-1": "04", "annee-1": "2012"}


def page(*pupils: PupilLine, **members: object) -> NewChildrenPage:
    given: dict[str, object] = {"form_action_uri": "https://ent.example/retour", **members}
    return NewChildrenPage("h4ndle", "0-abc", pupils, **given)  # type: ignore[arg-type]  # test data


def test_cookies_request_and_forms_go_to_the_journey(client: FlaskClient, world: World) -> None:
    client.set_cookie("preau_idp_visit", "v1sit")
    client.set_cookie("preau_idp_session", "s3ssion")
    client.get("/enfants?d=h4ndle")
    client.get("/enfants")
    client.post("/enfants?d=h4ndle", data=TYPED)
    client.post("/enfants/pas-les-miens?d=h4ndle", data={"jeton": "0-abc", "reponse": "oui"})
    client.post("/enfants/pas-les-miens?d=h4ndle", data={"jeton": "0-abc", "reponse": "non"})
    client.post("/enfants/plus-tard?d=h4ndle", data={"jeton": "0-abc"})
    who = ("v1sit", "s3ssion", "h4ndle")
    assert world.new_children.calls == [
        ("show", *who),
        ("show", "v1sit", "s3ssion", ""),
        ("submit", *who, "0-abc", [PupilAnswer(True, TypedDate("12", "04", "2012"))]),
        ("confirm", *who, "0-abc", True),
        ("confirm", *who, "0-abc", False),
        ("later", *who, "0-abc"),
    ]


def test_the_name_of_a_child_is_in_the_page_and_not_in_its_title(client: FlaskClient, world: World) -> None:
    for asks in (False, True):
        world.new_children.answer = page(LEA, is_contesting=asks)
        response = client.get("/enfants?d=h4ndle")
        assert "Léa DUPONT &lt;b&gt;" in response.text
        assert "DUPONT" not in response.text.split("</title>")[0]
        assert policy(response.headers["Content-Security-Policy"]) == ["'self'", "https://ent.example"]
        assert response.headers["Cache-Control"] == "no-store"


def test_a_page_without_anything_to_mend_comes_with_a_redirect(client: FlaskClient, world: World) -> None:
    world.new_children.answer = page(LEA, is_contesting=True)
    response = client.post("/enfants?d=h4ndle", data=TYPED)
    assert (response.status_code, response.headers["Location"]) == (303, "/enfants?d=h4ndle")


def test_faults_are_said_with_422_and_too_many_tries_with_429(client: FlaskClient, world: World) -> None:
    world.new_children.answer = page(LEA, faults=(Fault("", "dates-differ", {"n": 2}), Fault("jour-1", "mismatch")))
    response = client.post("/enfants?d=h4ndle", data=TYPED)
    assert response.status_code == 422
    assert "Il vous reste 2 essais." in text(response.text)
    world.new_children.answer = page(retry_after=900)
    response = client.post("/enfants?d=h4ndle", data=TYPED)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "900")
    assert "Attendez 15 minutes" in text(response.text)
    assert "jour-1" not in response.text


def test_what_comes_after(client: FlaskClient, world: World) -> None:
    world.new_children.answer = AskPerson("h4ndle", step=PersonStep.CONSENT)
    assert client.post("/enfants?d=h4ndle").headers["Location"] == "/accord?d=h4ndle"
    world.new_children.answer = ToMyChildren()
    assert client.post("/enfants").status_code == 303
    world.new_children.answer = Forged()
    assert client.post("/enfants?d=h4ndle").status_code == 403
