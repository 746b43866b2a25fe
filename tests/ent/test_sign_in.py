"""The sign-in as a story: one browser, several tabs, a thief, a slow or broken provider."""

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Response, request
from requests.cookies import create_cookie

from tests.ent.conftest import Person, World, refused_check, words


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_browser_is_sent_with_pkce_state_nonce_and_the_scope_of_the_settings(joe: Person) -> None:
    sent = query_of(joe.start())
    assert sent["scope"] == "openid profile ect.scope.cnx"
    assert sent["code_challenge_method"] == "S256"
    assert len(sent["state"]) >= 43
    assert len(sent["nonce"]) >= 43
    assert "acr_values" not in sent
    assert "code_verifier" not in sent


def test_each_sign_in_draws_new_secrets(joe: Person) -> None:
    first, second = query_of(joe.start()), query_of(joe.start())
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


def test_acr_values_are_sent_when_set(world: World, joe: Person) -> None:
    world.rebuild(acr_values="eleve")
    assert query_of(joe.start())["acr_values"] == "eleve"


def test_nothing_of_a_sign_in_is_readable_in_the_browser(joe: Person) -> None:
    sent = query_of(joe.start())
    kept = " ".join(cookie.value or "" for cookie in joe.http.cookies)
    assert sent["state"] not in kept
    assert sent["nonce"] not in kept


def test_a_forged_state_is_refused_without_a_word_to_the_provider(world: World, joe: Person) -> None:
    joe.start()
    world.provider.seen.clear()
    assert refused_check(joe.open("/retour?code=x&state=forged"), joe) == "state"
    assert world.provider.seen == []


@pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?code=x&state=%ED%A0%80", "?state=%C3%A9"])
def test_a_callback_that_nobody_asked_for_is_refused(joe: Person, query: str) -> None:
    assert refused_check(joe.open("/retour" + query), joe) == "state"


def test_the_answer_to_one_browser_is_refused_in_another(world: World, joe: Person) -> None:
    callback = joe.bring_back(joe.start())
    thief = world.person()
    thief.start()
    assert refused_check(thief.open(callback), thief) == "state"
    assert "Bonjour" in words(joe.open(callback))


def test_an_answer_is_used_once(joe: Person) -> None:
    callback = joe.bring_back(joe.start())
    assert "Bonjour" in words(joe.open(callback))
    assert refused_check(joe.open(callback), joe) == "state"


def test_an_answer_whose_sign_in_was_refused_cannot_be_tried_again(joe: Person) -> None:
    callback = joe.bring_back(joe.start())
    assert refused_check(joe.open(callback.replace("iss=", "iss=x")), joe) == "callback_iss"
    assert refused_check(joe.open(callback), joe) == "state"


def test_a_sign_in_lasts_fifteen_minutes(world: World, joe: Person) -> None:
    early, late = joe.bring_back(joe.start()), joe.bring_back(joe.start())
    world.clock.advance(minutes=14)
    joe.open("/choix")  # the browser is still there; only the sign-in grows old
    world.clock.advance(minutes=1)
    assert refused_check(joe.open(late), joe) == "state"
    world.clock.advance(minutes=-5)
    assert "Bonjour" not in words(joe.open(late))
    assert "Bonjour" in words(joe.open(early))


def test_two_tabs_both_arrive(joe: Person) -> None:
    first, second = joe.start(), joe.start()
    assert "Bonjour" in words(joe.open(joe.bring_back(second)))
    assert "Bonjour" in words(joe.open(joe.bring_back(first)))


def test_tabs_are_bounded_and_the_oldest_goes_first(joe: Person) -> None:
    tabs = [joe.start() for _ in range(9)]
    assert refused_check(joe.open(joe.bring_back(tabs[0])), joe) == "state"
    assert "Bonjour" in words(joe.open(joe.bring_back(tabs[1])))


def test_a_browser_that_turns_in_circles_is_stopped(world: World, joe: Person) -> None:
    for _ in range(10):
        joe.start()
    assert refused_check(joe.sign_in(), joe) == "redirect_loop"
    world.clock.advance(minutes=1)
    assert "Bonjour" in words(joe.sign_in())


def test_ten_successes_in_a_row_are_not_a_loop(joe: Person) -> None:
    for _ in range(12):
        joe.open(joe.bring_back(joe.start()))
        joe.http.cookies.set_cookie(create_cookie("preau_ent_session", "", domain="localhost.local"))
    assert "Bonjour" in words(joe.sign_in())


def test_a_signed_in_person_is_not_sent_to_the_provider_again(joe: Person) -> None:
    joe.sign_in()
    answer = joe.open("/connexion", follow=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_session_identifier_planted_beforehand_is_worth_nothing(world: World, joe: Person) -> None:
    joe.http.cookies.set_cookie(create_cookie("preau_ent_session", "planted", domain="localhost.local"))
    joe.sign_in()
    thief = world.person()
    thief.http.cookies.set_cookie(create_cookie("preau_ent_session", "planted", domain="localhost.local"))
    assert "Bienvenue" in words(thief.open("/"))


def test_the_session_identifier_changes_at_each_sign_in_and_the_former_one_dies(world: World, joe: Person) -> None:
    second = joe.start()
    joe.sign_in()
    former = joe.http.cookies["preau_ent_session"]
    joe.open(joe.bring_back(second))
    assert joe.http.cookies["preau_ent_session"] != former
    thief = world.person()
    thief.http.cookies.set_cookie(create_cookie("preau_ent_session", former, domain="localhost.local"))
    assert "Bienvenue" in words(thief.open("/"))


def test_a_session_ends_after_the_time_of_the_settings(world: World, joe: Person) -> None:
    joe.sign_in()
    world.clock.advance(seconds=3599)
    assert "Bonjour" in words(joe.open("/"))
    world.clock.advance(seconds=1)
    assert "Bienvenue" in words(joe.open("/"))


def test_no_code_stays_in_the_address_bar(world: World, joe: Person) -> None:
    assert joe.sign_in().url == world.ent + "/"
    jean = world.person()
    world.provider.bend_callback = lambda it: {**it, "iss": "x"}
    page = jean.sign_in()
    assert "code=" not in page.url
    assert page.status_code == 400


def test_nothing_that_a_browser_sends_is_used_as_a_destination(joe: Person) -> None:
    for path in (
        "/connexion?next=https://evil.example",
        "/connexion?redirect_uri=https://evil.example",
        "//evil.example/",
    ):
        answer = joe.open(path, follow=False, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert "evil.example" not in answer.headers.get("Location", "")


# --- a provider in trouble --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["discovery", "token", "jwks", "userinfo"])
def test_a_provider_that_hangs_is_given_up_after_the_timeout(world: World, joe: Person, endpoint: str) -> None:
    world.rebuild(timeout_seconds=0.2)
    world.provider.hang_at = endpoint
    page = joe.sign_in()
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert refused_check(page, joe) == endpoint
    assert "Timeout" in words(joe.open("/diagnostic"))


@pytest.mark.parametrize("endpoint", ["discovery", "token", "jwks", "userinfo"])
@pytest.mark.parametrize(
    ("body", "status", "page_status"),
    [("oops", 200, 400), ("[1]", 200, 400), ("oops", 500, 503), ("", 404, 400), ("{}", 429, 400)],
)
def test_a_provider_that_answers_nonsense_gets_the_friendly_page(
    world: World, joe: Person, endpoint: str, body: str, status: int, page_status: int
) -> None:
    world.provider.break_at = {endpoint: Response(body, status, content_type="application/json")}
    page = joe.sign_in()
    expected = "token_response" if (endpoint, body) == ("token", "{}") else endpoint
    assert refused_check(page, joe) == expected
    assert page.status_code == page_status


@pytest.mark.parametrize("endpoint", ["discovery", "token", "jwks", "userinfo"])
@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/json", ""])
def test_a_good_answer_that_does_not_say_that_it_is_json_is_not_read(
    world: World, joe: Person, endpoint: str, kind: str
) -> None:
    bend(world, endpoint, lambda answer: Response(answer.get_data(), content_type=kind))
    assert refused_check(joe.sign_in(), joe) == endpoint


@pytest.mark.parametrize("endpoint", ["discovery", "token", "jwks", "userinfo"])
@pytest.mark.parametrize(("spaces", "is_read"), [(100 * 1024, True), (2 * 1024 * 1024, False)])
def test_of_an_answer_no_more_is_read_than_it_may_need(
    world: World, joe: Person, endpoint: str, spaces: int, is_read: bool
) -> None:
    bend(world, endpoint, lambda answer: Response(b" " * spaces + answer.get_data(), content_type="application/json"))
    page = joe.sign_in()
    if is_read:
        assert "Bonjour Joe DUPONT" in words(page)
    else:
        assert refused_check(page, joe) == endpoint
        assert "AnswerTooLargeError" in words(joe.open("/diagnostic"))


def bend(world: World, endpoint: str, change: Callable[[Response], Response]) -> None:
    """Let an endpoint of the provider answer as it does, and then change the answer."""

    def after(answer: Response) -> Response:
        return change(answer) if request.endpoint == endpoint else answer

    app = world.provider.app()
    app.after_request(after)
    world.provider_door.app = app


@pytest.mark.parametrize("endpoint", ["discovery", "token", "jwks", "userinfo"])
def test_a_redirect_of_an_endpoint_is_not_followed(world: World, joe: Person, endpoint: str) -> None:
    elsewhere = world.provider.origin + "/stolen"
    world.provider.break_at = {endpoint: Response("", 307, headers={"Location": elsewhere})}
    assert refused_check(joe.sign_in(), joe) == endpoint
    assert "" not in world.provider.seen


def test_a_provider_that_is_gone_gets_the_friendly_page(world: World, joe: Person) -> None:
    world.rebuild(issuer="http://localhost:9")
    page = joe.sign_in()
    assert page.status_code == 503
    assert refused_check(page, joe) == "discovery"


def test_a_refusal_of_the_token_endpoint_is_told_on_the_diagnostic_page(world: World, joe: Person) -> None:
    world.rebuild(client_secret="wrong")
    assert refused_check(joe.sign_in(), joe) == "token"
    assert "invalid_client" in words(joe.open("/diagnostic"))


def test_discovery_is_read_once_an_hour(world: World, joe: Person) -> None:
    joe.sign_in()
    world.person().sign_in()
    assert world.provider.seen.count("discovery") == 1
    world.clock.advance(hours=1)
    world.person().sign_in()
    assert world.provider.seen.count("discovery") == 2


def test_metadata_that_were_refused_are_not_kept(world: World, joe: Person) -> None:
    world.provider.bend_metadata = lambda metadata: {**metadata, "issuer": "https://evil.example"}
    assert refused_check(joe.sign_in(), joe) == "discovery_issuer"
    world.provider.bend_metadata = lambda metadata: metadata
    assert "Bonjour Joe DUPONT" in words(joe.sign_in())


def test_a_failed_discovery_is_tried_again_at_the_next_sign_in(world: World, joe: Person) -> None:
    world.provider.break_at = {"discovery": Response("", 500)}
    joe.sign_in()
    world.provider.break_at = {}
    assert "Bonjour" in words(joe.sign_in())


# --- what stays secret --------------------------------------------------------------------------------------------------------------------


def test_no_page_shows_a_raw_token_and_no_log_line_a_secret_or_a_name(
    world: World, joe: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    pages = [joe.sign_in(), joe.open("/diagnostic"), joe.open("/informations")]
    world.provider.bend_userinfo = lambda it: {**it, "sub": "x"}
    jean = world.person()
    pages += [jean.sign_in(), jean.open("/diagnostic")]
    asked = world.provider.authorize_requests[0]
    secrets = [*world.provider.id_tokens, *world.provider.access_tokens, asked["state"], world.provider.client_secret]
    for secret in secrets:
        assert not any(secret in page.text for page in pages)
    logged = " ".join(f"{json.dumps(record.__dict__, default=str)} {record.getMessage()}" for record in caplog.records)
    assert "signed in" in logged
    assert "sign-in refused" in logged
    names = ["DUPONT", "123456", "pairwise-joe", asked["nonce"]]
    for secret in [*secrets, *names]:
        assert secret not in logged


def test_a_failure_is_shown_in_the_browser_where_it_happened_and_in_no_other(world: World, joe: Person) -> None:
    world.provider.bend_userinfo = lambda it: {**it, "sub": "x"}
    page = joe.sign_in()
    reference = page.url.rsplit("/", 1)[1]
    assert len(reference) == 8
    assert not set(reference) & set("0O1I")
    other = world.person()
    assert other.open(f"/echec/{reference}").status_code == 404
    assert other.open(f"/diagnostic?reference={reference}").status_code == 404
    assert "pairwise-joe" not in other.open("/diagnostic").text


def test_failures_are_bounded(joe: Person) -> None:
    pages = [joe.open("/retour?state=x") for _ in range(6)]
    assert joe.open(pages[0].url).status_code == 404
    assert joe.open(pages[1].url).status_code == 400


def test_claims_of_a_token_whose_signature_is_wrong_are_not_shown(world: World, joe: Person) -> None:
    world.provider.sign = lambda header, claims: (
        "e30." + "x" * 10 + ".e30" if not header else _broken(world, header, claims)
    )
    joe.sign_in()
    page = words(joe.open("/diagnostic"))
    assert "pairwise-joe" not in page


def _broken(header: dict[str, Any], claims: dict[str, Any]) -> str:
    from joserfc import jwt

    from tests.ent.provider import OTHER_RSA_KEY

    return jwt.encode(OrderedDict(header), claims, OTHER_RSA_KEY)
