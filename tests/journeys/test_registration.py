"""A client registers by itself, signs parents in, changes and removes itself: on both databases, seen from outside."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.journeys.people import JOE, activate
from tests.journeys.visits import CONSENT, bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.logout_receiver import running_receiver, verify
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import running_server

REDIRECT_URI = "http://localhost:8411/retour"
TOKEN = "an-initial-access-token"
BACKCHANNEL = "idp:8400"


@pytest.fixture(scope="module", params=DIALECTS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("preau")
    more = f"""
log_level = "debug"
workers = 2
backchannel_dynamic = true
public_hosts = ["{BACKCHANNEL}"]
registration = {{mode = "token", initial_access_token = "{TOKEN}", most_clients = 3}}
"""
    if request.param == "sqlite":
        with running_server(folder, more=more) as running:
            yield running.base
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(folder, more=more, database_url=url) as running,
    ):
        yield running.base


@pytest.fixture
def base(served: str) -> str:
    Sandbox(served).reset()
    return served


@pytest.fixture
def sandbox(base: str) -> Sandbox:
    return Sandbox(base)


def metadata(**changes: Any) -> dict[str, Any]:
    return {
        "client_name": "ENT Sureau",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        **changes,
    }


def endpoint(base: str) -> str:
    uri: str = requests.get(f"{base}/.well-known/openid-configuration", timeout=20).json()["registration_endpoint"]
    return uri


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def register(base: str, token: str = TOKEN, **changes: Any) -> requests.Response:
    return requests.post(endpoint(base), json=metadata(**changes), headers=bearer(token), timeout=20)


def manage(method: str, registered: dict[str, Any], **more: Any) -> requests.Response:
    headers = bearer(registered["registration_access_token"])
    return requests.request(method, registered["registration_client_uri"], headers=headers, timeout=20, **more)


def party(base: str, registered: dict[str, Any]) -> RelyingParty:
    return RelyingParty(base, registered["client_id"], registered.get("client_secret", ""), REDIRECT_URI)


def asks(base: str, registered: dict[str, Any]) -> str:
    """Ask for authorization in a new browser, and return the heading of the page."""
    return come_from(party(base, registered), Browser(base)).h1


def test_a_client_registers_signs_a_parent_in_and_its_tokens_die_with_it(base: str, sandbox: Sandbox) -> None:
    answer = register(base)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    registered = answer.json()
    ent = party(base, registered)
    browser = Browser(base)
    tokens = ent.exchange(bring_back_code(ent, browser, activate(browser, sandbox, JOE))).json()
    assert unverified_claims(tokens["id_token"])["aud"] == registered["client_id"]
    told = ent.userinfo(tokens["access_token"]).json()
    assert (told["given_name"], told["family_name"]) == ("Joe", "DUPONT")
    tokens = ent.refresh(tokens["refresh_token"]).json()
    assert manage("DELETE", registered).status_code == 204
    assert ent.userinfo(tokens["access_token"]).status_code == 401
    refused = ent.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert manage("GET", registered).status_code == 401
    assert "Aucun client n'est enregistré" in come_from(ent, Browser(base)).text
    assert [event for event in sandbox.events() if event.startswith("client.")] == [
        "client.registered",
        "client.removed",
    ]


def test_a_parent_who_is_signing_in_is_not_led_to_a_client_that_went_or_to_a_place_that_it_gave_up(
    base: str, sandbox: Sandbox
) -> None:
    identifiant = activate(Browser(base), sandbox, JOE)
    elsewhere = metadata(redirect_uris=["http://localhost:8411/ailleurs"])
    for method in ("DELETE", "PUT"):
        registered, browser = register(base).json(), Browser(base)
        come_from(party(base, registered), browser)
        pushed = party(base, registered).pushed_uri()
        change = {"json": {**elsewhere, "client_id": registered["client_id"]}} if method == "PUT" else {}
        assert manage(method, registered, **change).ok
        page = sign_in(browser, identifiant)
        assert (page.h1, browser.left_to) == ("Votre démarche s'est arrêtée", ""), method
        assert Browser(base).open(pushed).status == 400, method


def test_a_scope_that_a_client_gave_up_tells_it_nothing_any_more(base: str, sandbox: Sandbox) -> None:
    browser = Browser(base)
    registered = register(base).json()
    ent = party(base, registered)
    tokens = ent.exchange(bring_back_code(ent, browser, activate(browser, sandbox, JOE))).json()
    assert {"family_name", "FrEduOrigAuth"} <= set(ent.userinfo(tokens["access_token"]).json())
    less = metadata(client_id=registered["client_id"], scope="openid profile")
    assert manage("PUT", registered, json=less).status_code == 200
    told = set(ent.userinfo(tokens["access_token"]).json())
    assert "family_name" in told
    assert not any(name.startswith("FrEdu") for name in told)


def test_every_process_knows_at_once_what_one_of_them_was_told(base: str) -> None:
    for _ in range(8):
        registered = register(base).json()
        assert asks(base, registered) == "Je me connecte"
        assert manage(
            "PUT",
            registered,
            json=metadata(client_id=registered["client_id"], redirect_uris=["http://localhost:8412/"]),
        ).ok
        assert asks(base, registered) != "Je me connecte"
        assert manage("DELETE", registered).status_code == 204


def test_a_parent_reads_the_name_that_the_client_gave_itself_as_text(base: str) -> None:
    page = come_from(party(base, register(base, client_name='<b>ENT "Sureau"</b> & fils').json()), Browser(base))
    assert '<b>ENT "Sureau"</b> & fils' in page.text


def test_a_replacement_is_whole_and_the_secret_stays_until_the_method_changes(base: str) -> None:
    registered = register(base, contacts=["ent@ent.example"]).json()
    public = manage(
        "PUT", registered, json=metadata(client_id=registered["client_id"], token_endpoint_auth_method="none")
    )
    assert public.status_code == 200
    assert "contacts" not in public.json()
    assert "client_secret" not in public.json()
    assert party(base, registered).refresh("x").status_code == 401
    confidential = manage("PUT", registered, json=metadata(client_id=registered["client_id"])).json()
    assert confidential["client_secret"] != registered["client_secret"]
    assert party(base, confidential).refresh("x").json()["error"] == "invalid_grant"
    assert manage("GET", registered).json()["client_name"] == "ENT Sureau"


def test_scripts_at_the_origin_of_a_registered_public_client_may_read_and_others_not(base: str) -> None:
    def allowed(origin: str) -> str | None:
        answer = requests.options(f"{base}/idp/profile/oidc/token", headers={"Origin": origin}, timeout=20)
        return answer.headers.get("Access-Control-Allow-Origin")

    origin = "http://localhost:8411"
    confidential = register(base).json()
    assert allowed(origin) is None
    registered = register(base, token_endpoint_auth_method="none").json()
    assert allowed(origin) == origin
    assert [allowed(one) for one in ("http://localhost:841", "http://localhost:84110", "localhost", "%")] == [None] * 4
    manage("DELETE", registered)
    assert allowed(origin) is None
    assert manage("GET", confidential).ok


@pytest.mark.parametrize("token", ["guessed-initial-access-token", TOKEN[:-1]])
def test_without_the_initial_access_token_nobody_registers(base: str, sandbox: Sandbox, token: str) -> None:
    answer = register(base, token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert requests.post(endpoint(base), json=metadata(), timeout=20).status_code == 401
    assert "client.registered" not in sandbox.events()


def test_one_client_more_than_the_operator_wants_is_refused_until_another_goes(base: str) -> None:
    first, *others = [register(base) for _ in range(4)]
    assert [answer.status_code for answer in (first, *others)] == [201, 201, 201, 403]
    assert others[-1].json()["error"] == "access_denied"
    manage("DELETE", first.json())
    assert register(base).status_code == 201


def test_a_token_of_one_client_opens_no_other(base: str) -> None:
    one, other = register(base).json(), register(base).json()
    crossed = {**one, "registration_client_uri": other["registration_client_uri"]}
    assert [manage(method, crossed).status_code for method in ("GET", "DELETE")] == [401, 401]
    assert manage("PUT", crossed, json=metadata(client_id=other["client_id"])).status_code == 401
    assert manage("GET", other).ok


def test_the_address_to_come_back_to_is_where_the_client_came_to(base: str) -> None:
    answer = requests.post(
        endpoint(base), json=metadata(), headers={**bearer(TOKEN), "Host": BACKCHANNEL}, timeout=20
    ).json()
    assert urlsplit(answer["registration_client_uri"]).netloc == BACKCHANNEL
    assert register(base).json()["registration_client_uri"].startswith(f"{base}/")


def test_the_max_age_that_a_client_registered_stands_for_the_one_that_it_does_not_send(
    base: str, sandbox: Sandbox
) -> None:
    ent = party(base, register(base, default_max_age=600).json())
    browser = Browser(base)
    bring_back_code(ent, browser, activate(browser, sandbox, JOE))
    browser.open(ent.authorization_uri())
    assert "code=" in browser.left_to
    sandbox.advance(minutes=11)
    assert come_from(ent, browser).h1 == "Je me connecte"


def test_what_a_client_registered_is_what_it_gets_signed_userinfo_and_news_of_a_sign_out(
    base: str, sandbox: Sandbox
) -> None:
    with running_receiver() as receiver:
        members = {"userinfo_signed_response_alg": "ES256", "backchannel_logout_uri": receiver.uri("sureau")}
        registered = register(base, **members).json()
        ent = party(base, registered)
        browser = Browser(base)
        tokens = ent.exchange(bring_back_code(ent, browser, activate(browser, sandbox, JOE))).json()
        assert ent.userinfo(tokens["access_token"]).headers["Content-Type"] == "application/jwt"
        browser.open(f"/idp/profile/Logout?id_token_hint={tokens['id_token']}")
        [told] = receiver.wait_for("sureau")
        claims = verify(told, base, registered["client_id"])
    assert claims["sub"] == unverified_claims(tokens["id_token"])["sub"]


def test_a_client_that_must_push_and_prove_a_key_of_its_own_is_held_to_it(base: str) -> None:
    strict = register(base, require_pushed_authorization_requests=True, dpop_bound_access_tokens=True).json()
    ent = party(base, strict)
    come = Browser(base)
    come.open(ent.authorization_uri())
    assert answer_in(come.left_to)["error"] == "invalid_request"
    assert ent.exchange("none").json()["error"] == "invalid_dpop_proof"


def test_a_client_that_registered_itself_is_allowed_by_each_parent_and_cannot_say_that_it_need_not(
    base: str, sandbox: Sandbox
) -> None:
    registered = register(base, consent="none", policy_uri="https://ent.example/donnees").json()
    assert "consent" not in registered
    ent, browser = party(base, registered), Browser(base)
    come_from(ent, browser)
    page = sign_in(browser, activate(Browser(base), sandbox, JOE))
    assert page.h1 == CONSENT
    assert page.says("ENT Sureau (localhost) demande ces informations :")
    assert page.link("Ce que ce site fait de vos données") == "https://ent.example/donnees"
    browser.fill("Autoriser")
    browser.open(ent.authorization_uri(prompt="none"))
    assert "code" in answer_in(browser.left_to)
    manage("DELETE", registered)
    again = register(base).json()
    browser.open(party(base, again).authorization_uri(prompt="none"))
    assert answer_in(browser.left_to)["error"] == "consent_required", "another client, whatever its name"
