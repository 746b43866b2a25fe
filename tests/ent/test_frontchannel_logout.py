"""OpenID Connect Front-Channel Logout 1.0, 3: a frame in the provider's page ends the session that `iss` and `sid` name."""

from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser

from tests.ent.conftest import Person, World, words
from tests.ent.servers import open_door
from tests.ent.test_backchannel_logout import is_signed_in

PATH = "/frontchannel-logout"


def frame(world: World, **query: Any) -> requests.Response:
    """Load the frame as a browser does that keeps our cookies from other sites' pages."""
    return requests.get(world.ent + PATH, params=query, timeout=10)


def test_iss_and_sid_end_the_session_though_no_cookie_comes(world: World, joe: Person) -> None:
    joe.sign_in()
    answer = frame(world, iss=world.provider.issuer, sid="sid-1")
    assert answer.status_code == 200
    assert "Vous êtes déconnecté de l'ENT Marronnier." in words(answer)
    assert not is_signed_in(joe)


def test_other_sessions_stay(world: World, joe: Person) -> None:
    joe.sign_in()
    world.provider.sid = "sid-2"
    elsewhere = world.person()
    elsewhere.sign_in()
    frame(world, iss=world.provider.issuer, sid="sid-2")
    assert is_signed_in(joe)
    assert not is_signed_in(elsewhere)


def test_a_session_that_is_over_already_is_no_fault(world: World) -> None:
    assert frame(world, iss=world.provider.issuer, sid="unknown").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"iss": "OURS"},
        {"sid": "sid-1"},
        {"iss": "OURS", "sid": ""},
        {"iss": "OURS", "sid": "s" * 256},
        {"iss": "https://evil.example", "sid": "sid-1"},
        {"iss": "OURS/", "sid": "sid-1"},
        {"iss": ["OURS", "OURS"], "sid": "sid-1"},
        {"iss": "OURS", "sid": ["sid-1", "sid-1"]},
    ],
)
def test_without_exactly_our_issuer_and_one_sid_nothing_ends_even_if_the_cookie_comes(
    world: World, joe: Person, query: dict[str, Any]
) -> None:
    joe.sign_in()
    ours = {
        name: [text.replace("OURS", world.provider.issuer) for text in ([value] if isinstance(value, str) else value)]
        for name, value in query.items()
    }
    answer = joe.open(f"{PATH}?{urlencode(ours, doseq=True)}")
    assert answer.status_code == 400
    assert is_signed_in(joe)


def test_a_session_without_a_sid_is_not_ended_by_an_empty_one(world: World, joe: Person) -> None:
    world.provider.sid = ""
    joe.sign_in()
    frame(world, iss=world.provider.issuer, sid="")
    assert is_signed_in(joe)


@pytest.mark.parametrize("sid", ["sid-1", ""])
def test_the_answer_is_not_kept_and_only_the_provider_may_frame_it(world: World, sid: str) -> None:
    headers = frame(world, iss=world.provider.issuer, sid=sid).headers
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"].split("; ")
    assert f"frame-ancestors {world.provider.origin}" in policy
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_other_page_still_refuses_to_be_framed(world: World, joe: Person) -> None:
    frame(world, iss=world.provider.issuer, sid="sid-1")
    assert "frame-ancestors 'none'" in joe.open("/").headers["Content-Security-Policy"]


@pytest.mark.browser
def test_a_browser_shows_the_frame_in_the_providers_page_and_in_no_other(chromium: Browser, world: World) -> None:
    ent = world.ent.replace("localhost", "ent.localhost")
    with open_door() as provider, open_door() as stranger:
        query = urlencode({"iss": provider.url, "sid": "sid-1"})
        page_with_frame = Flask("page-with-a-frame")
        page_with_frame.add_url_rule("/", "page", lambda: f'<iframe src="{ent}{PATH}?{query}"></iframe>')
        provider.app = stranger.app = page_with_frame
        world.rebuild(issuer=provider.url, base_url=ent)
        page = chromium.new_page()
        shown = []
        for door in (provider, stranger):
            page.goto(door.url, wait_until="load")
            shown.append("Vous êtes déconnecté" in page.frames[1].content())
        page.close()
    assert shown == [True, False]
