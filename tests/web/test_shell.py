"""Headers, cookies and static files: what every response promises."""

import re

import pytest
from flask import Flask, Request, url_for
from flask.testing import FlaskClient
from werkzeug.test import create_environ
from werkzeug.wrappers import Response

from idp.journeys.answers import GoTo, Step
from idp.web.cookies import Cookies
from tests.web.world import STATES, State, World


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_of_a_page_is_stored_framed_or_taken_from_elsewhere(
    client: FlaskClient, world: World, state: State
) -> None:
    state.prepare(world)
    headers = client.get(state.path).headers
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    # A page whose address holds the secret of a mailed link tells it to nobody, ourselves included.
    assert headers["Referrer-Policy"] == ("no-referrer" if "?l=" in state.path else "same-origin")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_no_page_holds_inline_style_script_or_handler(client: FlaskClient, world: World, state: State) -> None:
    state.prepare(world)
    html = client.get(state.path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert re.findall(r"<script[^>]*>[^<]", html) == []


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_form_has_one_main_button_at_most(client: FlaskClient, world: World, state: State) -> None:
    state.prepare(world)
    html = client.get(state.path).text
    for form in re.findall(r"<form.*?</form>", html, re.DOTALL):
        assert form.count('class="bouton"') <= 1
    assert html.count('class="bouton"') <= 1
    assert html.count("<h1>") == 1


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_says_that_it_is_a_simulator(client: FlaskClient, world: World, state: State) -> None:
    state.prepare(world)
    html = client.get(state.path).text
    assert html.index("Aller au contenu") < html.index("Simulateur, données fictives.") < html.index("<header")


def test_a_real_instance_does_not_say_so() -> None:
    html = World(test_instance=False).build().test_client().get("/donnees-personnelles").text
    assert "imulateur" not in html


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_every_field_has_a_label_and_every_id_is_unique(client: FlaskClient, world: World, state: State) -> None:
    state.prepare(world)
    html = client.get(state.path).text
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for references in re.findall(r'aria-(?:describedby|labelledby|controls)="([^"]+)"', html):
        assert set(references.split()) <= set(ids)
    for target in re.findall(r'(?:href="#|for=")([^"]+)"', html):
        assert target in ids


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_is_fifteen_kilobytes_of_html_at_most(client: FlaskClient, world: World, state: State) -> None:
    state.prepare(world)
    assert len(client.get(state.path).data) <= 15_000


def test_https_is_remembered_where_it_is_used() -> None:
    assert "Strict-Transport-Security" not in World().build().test_client().get("/aide").headers
    headers = World(secure=True).build().test_client().get("/aide").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


# --- links ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("sign_in.show", {}),
        ("sign_in.show", {"d": None}),
        ("sign_in.show", {"profil": "responsable", "d": "a b&c=é/'\"<%#"}),
        ("activation.begin", {"d": ""}),
        ("my_children.contest", {"child": 4271}),
        ("assets.serve", {"version": "v", "name": "fonts/latin-400.woff2"}),
    ],
)
def test_a_template_writes_the_address_that_the_router_would_write(
    world: World, endpoint: str, values: dict[str, str | int | None]
) -> None:
    app = world.build()
    for values_now in (values, {**values, "more": "1"}, values):
        with app.test_request_context():
            assert app.jinja_env.globals["url_for"](endpoint, **values_now) == url_for(endpoint, **values_now)


# --- cookies -------------------------------------------------------------------------------------------------------------------


def test_cookies_are_host_bound_and_secure_where_tls_is_on() -> None:
    world = World(secure=True)
    world.activation.answer = GoTo(Step.IDENTITY, cookie="s3cret")
    response = world.build().test_client().get("/activation", base_url="https://idp.example")
    expected = "__Host-preau_idp_activation=s3cret; Secure; HttpOnly; Path=/; SameSite=Lax"
    assert response.headers["Set-Cookie"] == expected


def test_a_forgotten_cookie_has_the_flags_it_was_set_with() -> None:
    # A browser ignores the deletion of a __Host- cookie that is not Secure.
    response = Response()
    Cookies(secure=True).session.forget(response)
    assert response.headers["Set-Cookie"] == (
        "__Host-preau_idp_session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; Path=/; SameSite=Lax"
    )


def test_an_empty_cookie_is_none() -> None:
    environ = create_environ(headers=[("Cookie", "preau_idp_visit=; preau_idp_session=s")])
    cookies = Cookies(secure=False)
    assert cookies.visit.read(Request(environ)) is None
    assert cookies.session.read(Request(environ)) == "s"
    assert cookies.activation.read(Request(environ)) is None


def test_no_new_value_leaves_the_cookie_alone() -> None:
    response = Response()
    Cookies(secure=False).visit.keep(response, None)
    assert "Set-Cookie" not in response.headers


# --- static files ----------------------------------------------------------------------------------------------------------------


def addresses(client: FlaskClient) -> list[str]:
    return re.findall(r'"(/static/[^"]+)"', client.get("/aide").text)


def test_static_files_are_kept_for_a_year_under_their_version(client: FlaskClient) -> None:
    found = addresses(client)
    assert {address.rpartition("/")[2] for address in found} == {
        "latin-400.woff2", "latin-700.woff2", "preau.css", "preau.js", "preau.svg",
    }  # fmt: skip
    for address in found:
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_another_version_is_served_and_not_kept(client: FlaskClient) -> None:
    # While two versions run side by side, a page of the one may ask the other for its style.
    response = client.get("/static/000000000000/preau.css")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["nothing.css", "../shell.py", "..%2fshell.py", "fonts", "fonts/"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/0/{name}").status_code == 404


def test_every_font_named_by_the_style_is_there_with_its_licence(client: FlaskClient) -> None:
    style = client.get("/static/0/preau.css").text
    fonts = set(re.findall(r"url\(([^)]+)\)", style))
    assert len(fonts) == 4
    for font in fonts:
        assert client.get(f"/static/0/{font}").content_type == "font/woff2"
    assert "SIL Open Font License" in client.get("/static/0/fonts/OFL.txt").text


def test_style_and_script_travel_compressed_to_those_who_accept_it(client: FlaskClient) -> None:
    plain = client.get("/static/0/preau.css")
    zipped = client.get("/static/0/preau.css", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.headers["Vary"] == "Accept-Encoding"
    assert len(zipped.data) < len(plain.data) / 2


def test_style_and_script_stay_within_their_budget(client: FlaskClient) -> None:
    assert len(client.get("/static/0/preau.css").data) <= 16_000
    assert len(client.get("/static/0/preau.js").data) <= 6_000


def test_a_cold_page_weighs_less_than_sixty_kilobytes(client: FlaskClient, world: World) -> None:
    heaviest = 0
    for state in STATES:
        state.prepare(world)
        heaviest = max(heaviest, len(client.get(state.path).data))
    rest = sum(len(client.get(address).data) for address in addresses(client))
    assert heaviest + rest < 60_000


def test_the_same_files_have_the_same_version() -> None:
    assert addresses(World().build().test_client()) == addresses(World().build().test_client())


def test_two_applications_share_nothing() -> None:
    one, other = World(franceconnect_enabled=True).build(), World(test_instance=False).build()
    assert isinstance(one, Flask)
    assert "Simulateur" in one.test_client().get("/aide").text
    assert "Simulateur" not in other.test_client().get("/aide").text
