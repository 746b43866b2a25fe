"""The way back to a client: headers and body of a redirect and of a form."""

import pytest
from flask.testing import FlaskClient

from idp.journeys.answers import Respond
from idp.protocol.authorization_response import AuthorizationResponse
from tests.support.page import read_page
from tests.web.test_sign_in_pages import policy
from tests.web.world import World

PARAMS = (("code", 'a<b>&"c'), ("state", "s"), ("iss", "https://idp.example"))


def come_back(client: FlaskClient, world: World, uri: str, mode: str = "form_post") -> tuple[str, dict[str, str]]:
    world.sign_in.answer = Respond(AuthorizationResponse(uri, PARAMS, mode), session_cookie="s3ssion")
    response = client.post("/connexion?d=h4ndle&profil=responsable")
    return response.text, dict(response.headers)


def test_the_form_posts_what_a_redirect_would_carry_and_can_be_pressed(client: FlaskClient, world: World) -> None:
    html, headers = come_back(client, world, "https://ent.example/retour?kept=1")
    form = read_page(200, "http://localhost/connexion", headers, html).form("Continuer")
    assert (form.method, form.action, form.values) == ("post", "https://ent.example/retour?kept=1", dict(PARAMS))


def test_the_page_is_kept_nowhere_and_sets_the_session(client: FlaskClient, world: World) -> None:
    _, headers = come_back(client, world, "https://ent.example/retour")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Set-Cookie"].startswith("preau_idp_session=s3ssion;")


@pytest.mark.parametrize("mode", ["form_post", "query"])
def test_forms_may_end_at_the_clients_origin_and_scripts_come_from_here_alone(
    client: FlaskClient, world: World, mode: str
) -> None:
    html, headers = come_back(client, world, "https://ent.example:8443/retour", mode)
    csp = headers["Content-Security-Policy"]
    assert policy(csp) == ["'self'", "https://ent.example:8443"]
    assert "script-src 'self';" in csp
    assert "unsafe" not in csp
    assert "onload" not in html
