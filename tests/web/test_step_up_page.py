"""The page that asks for a second proof: what goes to the journey, and how its refusals are answered."""

import pytest
from flask.testing import FlaskClient

from idp.journeys.answers import AskPerson, Fault, Forged, Notice, PersonStep, StepUpPage
from tests.web.test_sign_in_pages import policy, text
from tests.web.world import World


def page(**members: object) -> StepUpPage:
    given: dict[str, object] = {"form_action_uri": "https://ent.example/retour", **members}
    return StepUpPage("h4ndle", "0-abc", "ENT <b>", "+33 6 •• •• •• 01", "01", **given)  # type: ignore[arg-type]  # test data


def test_cookies_request_and_form_go_to_the_journey(client: FlaskClient, world: World) -> None:
    client.set_cookie("preau_idp_visit", "v1sit")
    client.set_cookie("preau_idp_session", "s3ssion")
    client.get("/confirmation?d=h4ndle")
    client.post("/confirmation/envoi?d=h4ndle", data={"jeton": "0-abc"})
    client.post("/confirmation?d=h4ndle", data={"jeton": "0-abc", "code": " 123 456 "})
    client.post("/confirmation/sans?d=h4ndle", data={"jeton": "0-abc"})
    who = ("v1sit", "s3ssion", "h4ndle")
    assert world.step_up.calls == [
        ("show", *who),
        ("send", *who, "0-abc", "127.0.0.1"),
        ("submit", *who, "0-abc", " 123 456 "),
        ("decline", *who, "0-abc"),
    ]


def test_the_number_is_masked_and_the_form_may_end_at_the_ent(client: FlaskClient, world: World) -> None:
    world.step_up.answer = page(is_sent=True)
    response = client.get("/confirmation?d=h4ndle")
    assert "numéro qui se termine par 01" in text(response.text)
    assert 'autocomplete="one-time-code"' in response.text
    assert "ENT &lt;b&gt;" in response.text
    assert policy(response.headers["Content-Security-Policy"]) == ["'self'", "https://ent.example"]


def test_a_text_that_left_is_shown_after_a_redirect(client: FlaskClient, world: World) -> None:
    world.step_up.answer = page(is_sent=True)
    response = client.post("/confirmation/envoi?d=h4ndle")
    assert (response.status_code, response.headers["Location"]) == (303, "/confirmation?d=h4ndle")
    world.step_up.answer = page(is_sent=True, notice=Notice.CODE_ON_ITS_WAY, resend_in=42)
    assert "dans 42 secondes" in text(client.post("/confirmation/envoi?d=h4ndle").text)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("code", "wrong", {"n": 1}), "Il vous reste 1 essai."),
        (Fault("code", "used-up"), "Demandez un nouveau code."),
    ],
)
def test_a_refusal_is_said_at_the_top_and_beside_the_field(
    client: FlaskClient, world: World, fault: Fault, said: str
) -> None:
    world.step_up.answer = page(is_sent=True, faults=(fault,))
    response = client.post("/confirmation?d=h4ndle", data={"code": "123456"})
    assert response.status_code == 422
    html = text(response.text)
    assert said in html
    assert 'href="#code"' in html
    assert 'id="code"' in html
    assert "123456" not in html


@pytest.mark.parametrize("is_sent", [False, True], ids=["before the first text", "after it"])
def test_that_too_many_texts_were_asked_for_leads_to_no_field(
    client: FlaskClient, world: World, *, is_sent: bool
) -> None:
    fault = Fault("", "slowed", {"minutes": 1})
    world.step_up.answer = page(is_sent=is_sent, faults=(fault,), retry_after=60)
    response = client.post("/confirmation/envoi?d=h4ndle")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")
    assert "Réessayez dans 1 minute." in text(response.text)
    assert 'href="#' not in response.text.replace('href="#contenu"', "")


def test_what_comes_next_and_what_is_not_hers(client: FlaskClient, world: World) -> None:
    world.step_up.answer = AskPerson("h4ndle", step=PersonStep.LEVEL)
    assert client.get("/confirmation?d=h4ndle").headers["Location"] == "/confirmation?d=h4ndle"
    world.step_up.answer = Forged()
    response = client.post("/confirmation?d=h4ndle")
    assert response.status_code == 403
    assert 'href="/confirmation?d=h4ndle"' in response.text
