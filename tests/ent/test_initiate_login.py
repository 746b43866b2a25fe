"""OpenID Connect Core 1.0, 4: another site begins a sign-in, for our provider only and with one of our pages at its end."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser

from tests.ent.conftest import Person, World, refused_check, words
from tests.ent.servers import open_door

PATH = "/initiate-login"


def begin(world: World, person: Person, *, follow: bool = True, **asked: Any) -> requests.Response:
    return person.open(f"{PATH}?{urlencode({'iss': world.provider.issuer, **asked}, doseq=True)}", follow=follow)


def sent_to_the_provider(answer: requests.Response) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def detail_of(page: requests.Response, person: Person) -> str:
    """What the Diagnostic page of this browser says of a sign-in that was refused here."""
    assert refused_check(page, person) == "initiate_login"
    found = re.search(r'class="controle refuse".*?class="indice">([^<]+)<', person.open("/diagnostic").text, re.DOTALL)
    assert found
    return found[1]


def test_our_issuer_is_enough_to_begin_a_normal_sign_in(world: World, joe: Person) -> None:
    page = begin(world, joe)
    assert page.url == world.ent + "/"
    assert "Bonjour Joe DUPONT" in words(page)
    (asked,) = world.provider.authorize_requests
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert "login_hint" not in asked


def test_iss_must_be_there(world: World, joe: Person) -> None:
    assert detail_of(joe.open(PATH), joe).startswith("« iss »")
    assert world.provider.authorize_requests == []


@pytest.mark.parametrize("iss", ["https://evil.example", "", "OURS/", "ours"])
def test_another_issuer_is_refused_without_a_call(world: World, joe: Person, iss: str) -> None:
    page = begin(world, joe, iss=iss.replace("OURS", world.provider.issuer))
    assert page.status_code == 400
    assert detail_of(page, joe).startswith("« iss »")
    assert world.provider.seen == []


@pytest.mark.parametrize("hint", ["j.dupont1234", "Zoé & Léa +33 6=?", "x" * 255])
def test_login_hint_goes_to_the_provider_as_it_came(world: World, joe: Person, hint: str) -> None:
    assert sent_to_the_provider(begin(world, joe, follow=False, login_hint=hint))["login_hint"] == hint


def test_a_login_hint_that_is_too_long_is_refused(world: World, joe: Person) -> None:
    assert detail_of(begin(world, joe, login_hint="x" * 256), joe).startswith("« login_hint »")


@pytest.mark.parametrize("name", ["iss", "login_hint", "target_link_uri"])
def test_a_parameter_sent_twice_is_refused(world: World, joe: Person, name: str) -> None:
    usual = {"iss": world.provider.issuer, "login_hint": "x", "target_link_uri": world.ent + "/"}
    page = begin(world, joe, **{name: [usual[name], usual[name]]})
    assert detail_of(page, joe) == f"« {name} » est venu 2 fois."


@pytest.mark.parametrize("path", ["/", "/diagnostic", "/informations"])
def test_the_sign_in_ends_on_the_page_that_was_asked_for(world: World, joe: Person, path: str) -> None:
    assert begin(world, joe, target_link_uri=world.ent + path).url == world.ent + path
    assert "Bonjour" in words(joe.open("/"))


def test_our_origin_alone_is_our_home_page(world: World, joe: Person) -> None:
    assert begin(world, joe, target_link_uri=world.ent).url == world.ent + "/"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/diagnostic",
        "OURS@evil.example/",
        "OURS.evil.example/",
        "OURS//evil.example",
        "OURS/\\evil.example",
        "OURS/retour?code=x&state=y",
        "OURS/deconnexion",
        "OURS/nulle-part",
        "OURS/diagnostic?reference=x",
        "OURS/diagnostic#x",
        "OURS/diagnostic\nSet-Cookie: x",
        "javascript:alert(1)",
        " OURS/",
    ],
)
def test_what_is_not_the_address_of_one_of_our_pages_is_refused(world: World, joe: Person, target: str) -> None:
    page = begin(world, joe, target_link_uri=target.replace("OURS", world.ent))
    assert detail_of(page, joe).startswith("« target_link_uri »")
    assert world.provider.authorize_requests == []


def test_the_page_asked_for_belongs_to_that_sign_in_alone(world: World, joe: Person) -> None:
    first = begin(world, joe, follow=False, target_link_uri=world.ent + "/diagnostic").headers["Location"]
    second = joe.start()
    assert joe.open(joe.bring_back(second)).url == world.ent + "/"
    assert joe.open(joe.bring_back(first)).url == world.ent + "/diagnostic"


def test_who_is_signed_in_already_goes_straight_to_the_page(world: World, joe: Person) -> None:
    joe.sign_in()
    answer = begin(world, joe, follow=False, target_link_uri=world.ent + "/diagnostic")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/diagnostic")


def test_a_post_goes_on_as_a_get_with_the_three_parameters_and_no_other(world: World, joe: Person) -> None:
    form = {
        "iss": world.provider.issuer,
        "login_hint": "é&x",
        "target_link_uri": world.ent + "/diagnostic",
        "more": "x",
    }
    answer = joe.send(PATH, follow=False, **form)
    assert answer.status_code == 303
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == PATH
    assert parse_qs(parts.query) == {name: [value] for name, value in form.items() if name != "more"}
    assert joe.send(PATH, **form).url == world.ent + "/diagnostic"
    assert world.provider.authorize_requests[0]["login_hint"] == "é&x"


def test_a_browser_that_is_sent_again_and_again_is_stopped(world: World, joe: Person) -> None:
    for _ in range(10):
        begin(world, joe, follow=False)
    assert refused_check(begin(world, joe), joe) == "redirect_loop"


@pytest.mark.browser
def test_a_form_of_another_site_finds_the_browsers_visit(chromium: Browser, world: World) -> None:
    ent, idp = (url.replace("localhost", name) for url, name in _names(world))
    world.provider.origin, world.provider.redirect_uri = idp, ent + "/retour"
    world.rebuild(issuer=idp, base_url=ent)
    with open_door() as portal:
        page_with_form = Flask("portal")
        page_with_form.add_url_rule("/", "page", lambda: _form(ent, idp))
        portal.app = page_with_form
        context = chromium.new_context()
        page = context.new_page()
        page.goto(ent + "/choix")
        (before,) = (cookie for cookie in context.cookies(ent) if cookie["name"] == "preau_ent_visit")
        page.goto(portal.url)
        page.get_by_role("button").click()
        page.wait_for_url(ent + "/diagnostic")
        (after,) = (cookie for cookie in context.cookies(ent) if cookie["name"] == "preau_ent_visit")
        context.close()
    assert after["value"] == before["value"]


def _names(world: World) -> list[tuple[str, str]]:
    return [(world.ent, "ent.localhost"), (world.provider.origin, "idp.localhost")]


def _form(ent: str, idp: str) -> str:
    return (
        f'<form method="post" action="{ent}{PATH}"><input name="iss" value="{idp}">'
        f'<input name="target_link_uri" value="{ent}/diagnostic"><button>ENT</button></form>'
    )
