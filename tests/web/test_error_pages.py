"""Refusals: a page for people, JSON for programs, the cause for developers."""

from typing import NoReturn

import pytest
from flask import abort, g
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from idp.errors import CATALOGUE, Error
from idp.web.error_pages import _CAUSES
from tests.web.world import REFERENCE, World


def text(html: str) -> str:
    return html.replace("\u00a0", " ").replace("&#39;", "'")


@pytest.mark.parametrize("error", CATALOGUE, ids=lambda error: error.key)
def test_each_entry_of_the_catalogue_can_be_shown(client: FlaskClient, error: Error) -> None:
    response = client.get(f"/refused/{error.key}")
    html = text(response.text)
    assert response.status_code == error.status
    title = error.title or "Quelque chose n'a pas marché"
    assert f"<h1>{title}</h1>" in html
    assert error.sentences in html
    assert f'<strong class="reference">{REFERENCE}</strong>' in html


def test_each_page_for_a_wrongly_set_client_has_its_cause_in_french() -> None:
    shown = {error.key for error in CATALOGUE if error.sentences.startswith("Le site d'où vous venez est mal réglé.")}
    assert shown | {"request-uri-unknown"} == set(_CAUSES), "a page that is loaded again is nobody's fault"


def test_a_developer_reads_the_cause_and_what_was_sent_without_running_it(client: FlaskClient) -> None:
    html = text(client.get("/refused/redirect-uri-unregistered").text)
    assert "Pour les développeurs" in html
    assert '<p lang="en">The redirect_uri is not, character for character' in html
    assert "Le redirect_uri n'est pas, caractère pour caractère" in html
    assert "https://ent.example/retour?&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    assert "<dd>https://ent.example/retour</dd>" in html


def test_a_wrongly_set_client_gets_no_link_back(client: FlaskClient) -> None:
    html = client.get("/refused/redirect-uri-unregistered").text
    main = html.partition("<main")[2].partition("</main>")[0]
    assert "href" not in main


def test_a_real_instance_shows_the_cause_but_neither_what_was_sent_nor_what_is_registered() -> None:
    html = text(World(test_instance=False).build().test_client().get("/refused/redirect-uri-unregistered").text)
    assert "Le redirect_uri n'est pas, caractère pour caractère" in html
    assert "ent.example" not in html


def test_a_program_gets_json(client: FlaskClient) -> None:
    response = client.get("/refused/client-unknown", headers={"Accept": "application/json"})
    assert response.get_json() == {
        "error": "invalid_client",
        "error_description": "No client is registered with this client_id.",
        "reference": REFERENCE,
    }
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/.well-known/nothing", "/idp/profile/oidc/token", "/sandbox/v1/nothing"])
def test_the_paths_of_programs_answer_json_whatever_is_accepted(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"})
    assert (response.status_code, response.get_json()["error"]) == (404, "not_found")


def test_a_browser_gets_a_page(client: FlaskClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get("/nulle-part", headers={"Accept": accept}).content_type.startswith("text/html")
    assert client.get("/nulle-part").content_type.startswith("text/html")


def test_the_reference_of_the_request_is_the_one_in_the_log(world: World) -> None:
    app = world.build()

    @app.before_request
    def name_the_request() -> None:
        g.request_reference = "ABCD2345"

    assert "ABCD2345" in app.test_client().get("/nulle-part").text


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    response = client.get("/activation/annuler")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert "Cette page n'existe pas" in text(response.text)


@pytest.mark.parametrize(
    ("refusal", "status", "title"),
    [
        (TooManyRequests(retry_after=30), 429, "Il y a eu trop d'essais"),
        (ServiceUnavailable(retry_after=30), 503, "Le service est en panne un moment"),
    ],
)
def test_retry_after_is_kept(world: World, refusal: TooManyRequests, status: int, title: str) -> None:
    app = world.build()

    @app.get("/wait")
    def wait() -> NoReturn:
        raise refusal

    response = app.test_client().get("/wait")
    assert (response.status_code, response.headers["Retry-After"]) == (status, "30")
    assert f"<h1>{title}</h1>" in text(response.text)


@pytest.mark.parametrize(
    ("status", "title"), [(403, "Cette page n'a pas pu être envoyée"), (502, "Quelque chose n'a pas marché")]
)
def test_any_other_refusal_keeps_its_status(world: World, status: int, title: str) -> None:
    app = world.build()

    @app.get("/other")
    def other() -> NoReturn:
        abort(status)

    response = app.test_client().get("/other")
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in text(response.text)


def test_our_fault_shows_no_stack(world: World) -> None:
    app = world.build()

    @app.get("/broken")
    def broken() -> NoReturn:
        raise RuntimeError("secret inside")

    response = app.test_client().get("/broken")
    assert response.status_code == 500
    assert "Le problème vient de nous. Réessayez." in response.text
    assert "secret inside" not in response.text
    assert "RuntimeError" not in response.text
