"""ENTs that keep their keys, their requests and their list of addresses on a server of their own: on both databases, seen from outside."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.jwk import ECKey

from tests.journeys.people import JOE, activate
from tests.journeys.visits import bring_back_code, sign_in
from tests.support.browser import Browser
from tests.support.client_site import Page, Site, running_site
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, free_port, running_server

KEY, NEXT_KEY = (ECKey.generate_key("P-256", parameters={"kid": kid}) for kid in ("ent-1", "ent-2"))
READS = ECKey.generate_key("P-256", parameters={"kid": "enc-1", "use": "enc"})
REDIRECT_URI = "http://localhost:8409/retour"
SECRET = "secret-of-the-one-that-reads"
FRAGMENT = "#random-and-not-a-hash"
KIND = "application/oauth-authz-req+jwt"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(host="ent.localhost") as running:
        yield running


@pytest.fixture(scope="module", params=DIALECTS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, site: Site
) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("preau")
    clients = f"""
[[clients]]
client_id = "elsewhere"
client_name = "ENT Charme"
token_endpoint_auth_method = "private_key_jwt"
jwks_uri = "{site.uri("/jwks")}"
request_uris = ["{site.uri("/r")}{FRAGMENT}", "{site.uri("/s")}", "http://localhost:{free_port()}/r"]
redirect_uris = ["{REDIRECT_URI}"]

[[clients]]
client_id = "reads"
client_name = "ENT Aubépine"
client_secret = "{SECRET}"
jwks_uri = "{site.uri("/jwks")}"
id_token_encrypted_response_alg = "ECDH-ES"
userinfo_encrypted_response_alg = "ECDH-ES"
redirect_uris = ["{REDIRECT_URI}"]
"""
    more = 'log_level = "debug"\nthrottle.client_failures_per_minute = 1000\nregistration = {mode = "open", consent = "none"}'
    if request.param == "sqlite":
        with running_server(folder, more=more, clients=clients) as running:
            yield running
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(folder, more=more, clients=clients, database_url=url) as running,
    ):
        yield running


@pytest.fixture
def ent(server: RunningServer, site: Site) -> RelyingParty:
    Sandbox(server.base).reset()
    site.pages.clear()
    show_keys(site, KEY, READS)
    site.asked.clear()
    return RelyingParty(server.base, "elsewhere", redirect_uri=REDIRECT_URI)


def show_keys(site: Site, *keys: ECKey, path: str = "/jwks") -> str:
    return site.put(path, json.dumps({"keys": [key.as_dict(private=False) for key in keys]}))


def now() -> int:
    return int(time.time())  # noqa: TID251  a client has the machine's clock


def push(ent: RelyingParty, jti: str, key: ECKey = KEY) -> requests.Response:
    """Push a request in the name of the client, which signs who it is."""
    claims = {"iss": ent.client_id, "sub": ent.client_id, "aud": ent.base, "exp": now() + 60, "jti": jti}
    form = {
        **ent.authorization_request(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key),
    }
    return requests.post(f"{ent.base}/idp/profile/oidc/par", data=form, timeout=30)


def signed_request(ent: RelyingParty, key: ECKey = KEY, **changes: Any) -> str:
    claims = {**ent.authorization_request(), "iss": ent.client_id, "aud": ent.base, "exp": now() + 60, **changes}
    return jwt.encode({"alg": "ES256", "kid": KEY.kid}, claims, key)


def address(ent: RelyingParty, **params: str) -> str:
    return f"{ent.base}/idp/profile/oidc/authorize?{urlencode({'client_id': ent.client_id, **params})}"


def register(base: str, **members: Any) -> requests.Response:
    body = {"redirect_uris": [REDIRECT_URI], **members}
    return requests.post(f"{base}/idp/profile/oidc/register", json=body, timeout=30)


# --- jwks_uri --------------------------------------------------------------------------------------------------------------------------


def test_an_ent_proves_who_it_is_with_the_keys_at_its_address_and_with_the_next_one_at_once(
    ent: RelyingParty, site: Site
) -> None:
    assert push(ent, "first").status_code == 201
    show_keys(site, KEY, NEXT_KEY, READS)
    assert push(ent, "by the next key", NEXT_KEY).status_code == 201
    asked = len(site.asked)
    assert [push(ent, f"again {number}", NEXT_KEY).status_code for number in range(5)] == [201] * 5
    assert len(site.asked) == asked, "keys that are known are not fetched for each request"
    forged = ECKey.generate_key("P-256", parameters={"kid": "made-up"})
    for number in range(20):
        assert push(ent, f"forged {number}", forged).json()["error"] == "invalid_client"
    assert len(site.asked) <= asked + 4, "nobody makes us hammer an ENT"


def test_an_ent_whose_keys_are_not_to_be_had_is_told_so_and_the_log_says_why(
    ent: RelyingParty, server: RunningServer, site: Site
) -> None:
    def refused(jwks_uri: str) -> str:
        registered = register(ent.base, token_endpoint_auth_method="private_key_jwt", jwks_uri=jwks_uri).json()
        answer = push(RelyingParty(ent.base, registered["client_id"], redirect_uri=REDIRECT_URI), "once")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
        told: str = answer.json()["error_description"]
        return told

    site.pages["/moved"] = Page(status=302, headers={"Location": site.uri("/jwks")})
    assert "was not read: it answers with status 302." in refused(site.uri("/moved"))
    assert "was not read: it is no JWK set." in refused(site.put("/list", "[]"))
    assert "was not read: it holds a private key" in refused(
        site.put("/private", json.dumps({"keys": [KEY.as_dict(private=True)]}))
    )
    for inside in ("https://10.11.12.13/jwks", "https://169.254.169.254/latest/", "https://[fd00::1]/jwks"):
        assert "was not read: it does not answer." in refused(inside)
    assert '"AddressBarredError"' in server.log.read_text(encoding="utf-8")
    assert not [path for path in site.asked if path == "/jwks"]


def test_of_fifty_who_send_one_assertion_while_its_key_is_not_known_yet_one_is_taken(
    ent: RelyingParty, site: Site
) -> None:
    uri = show_keys(site, KEY, path=f"/{ent.http.get(ent.base, timeout=20).elapsed.microseconds}")
    site.pages[uri.removeprefix(site.base)] = Page(site.pages[uri.removeprefix(site.base)].body, seconds=0.2)
    registered = register(ent.base, token_endpoint_auth_method="private_key_jwt", jwks_uri=uri).json()
    new = RelyingParty(ent.base, registered["client_id"], redirect_uri=REDIRECT_URI)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: push(new, "once"), range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 49}
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_client"}
    assert push(new, "another").status_code == 201


def test_an_ent_alone_reads_what_is_encrypted_for_the_key_at_its_address(ent: RelyingParty) -> None:
    reads = RelyingParty(ent.base, "reads", SECRET, REDIRECT_URI)
    browser = Browser(ent.base)
    tokens = reads.exchange(bring_back_code(reads, browser, activate(browser, Sandbox(ent.base), JOE))).json()
    algorithms = ["ECDH-ES", "A128CBC-HS256"]
    inside = jwe.decrypt_compact(tokens["id_token"], READS, algorithms=algorithms).plaintext
    assert inside is not None
    answer = reads.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    opened = jwe.decrypt_compact(answer.text, READS, algorithms=algorithms)
    assert opened.plaintext is not None
    told = json.loads(opened.plaintext)
    assert (told["sub"], told["family_name"]) == (unverified_claims(inside.decode())["sub"], "DUPONT")
    assert "cty" not in opened.headers()


def test_where_there_is_no_key_to_encrypt_for_the_code_stays_good(ent: RelyingParty, site: Site) -> None:
    uri = show_keys(site, KEY, path="/without")
    members = {"id_token_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_alg": "ECDH-ES"}
    registered = register(ent.base, jwks_uri=uri, **members).json()
    reads = RelyingParty(ent.base, registered["client_id"], registered["client_secret"], REDIRECT_URI)
    browser = Browser(ent.base)
    code = bring_back_code(reads, browser, activate(browser, Sandbox(ent.base), JOE))
    refused = reads.exchange(code)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert "No key of use enc at the jwks_uri" in refused.json()["error_description"]
    show_keys(site, READS, path="/without")
    tokens = reads.exchange(code)
    assert tokens.status_code == 200
    # It goes to an address without one: what was right a moment ago cannot be told.
    gone = show_keys(site, KEY, path="/without-too")
    change = {"client_id": registered["client_id"], "redirect_uris": [REDIRECT_URI], "jwks_uri": gone, **members}
    headers = {"Authorization": f"Bearer {registered['registration_access_token']}"}
    assert requests.put(registered["registration_client_uri"], json=change, headers=headers, timeout=20).ok
    answer = reads.userinfo(tokens.json()["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "10"
    assert "WWW-Authenticate" not in answer.headers


# --- request_uri -----------------------------------------------------------------------------------------------------------------------


def test_a_parent_signs_in_for_a_request_that_its_ent_keeps_on_its_own_server(ent: RelyingParty, site: Site) -> None:
    browser = Browser(ent.base)
    identifiant = activate(browser, Sandbox(ent.base), JOE)
    site.put("/r", signed_request(ent, acr_values="responsable", state="kept"), KIND)
    browser.open(address(ent, request_uri=f"{site.uri('/r')}{FRAGMENT}", response_type="code", scope="openid"))
    sign_in(browser, identifiant)
    answer = answer_in(browser.left_to)
    assert (answer["state"], "code" in answer) == ("kept", True)
    assert "/r" in site.asked


def test_a_request_that_is_not_to_be_had_goes_back_to_the_ent(ent: RelyingParty, site: Site) -> None:
    def refused(request_uri: str, **more: str) -> str:
        browser = Browser(ent.base)
        browser.open(address(ent, request_uri=request_uri, redirect_uri=REDIRECT_URI, state="outer", **more))
        answer = answer_in(browser.left_to)
        assert (answer["state"], answer["iss"]) == ("outer", ent.base)
        return answer["error"]

    site.put("/r", signed_request(ent, ECKey.generate_key("P-256")), KIND)
    site.put("/s", signed_request(ent), "text/plain")
    registered = f"{site.uri('/r')}{FRAGMENT}"
    assert refused(registered) == "invalid_request_object"
    assert refused(registered, request=signed_request(ent)) == "invalid_request"
    assert refused(site.uri("/s")) == "invalid_request_uri", "of another type"
    asked = len(site.asked)
    assert refused(site.uri("/r")) == "invalid_request_uri", "another fragment"
    assert refused("http://169.254.169.254/") == "invalid_request_uri"
    assert len(site.asked) == asked
    page = Browser(ent.base).open(address(ent, request_uri=site.uri("/s")))
    assert (page.status, page.h1) == (400, "Nous ne pouvons pas ouvrir cette page")
    assert "application/oauth-authz-req+jwt" in page.text


def test_fifty_browsers_with_one_request_are_each_led_on_or_told_to_try_again(ent: RelyingParty, site: Site) -> None:
    site.pages["/r"] = Page(signed_request(ent, state="kept").encode(), KIND, seconds=0.1)
    there = address(ent, request_uri=f"{site.uri('/r')}{FRAGMENT}", redirect_uri=REDIRECT_URI, state="outer")

    def come(_: int) -> str:
        answer = requests.get(there, allow_redirects=False, timeout=60)
        assert answer.status_code in {302, 303}, answer.status_code
        to = answer.headers["Location"]
        return "led on" if to.startswith((ent.base, "/")) else answer_in(to)["error"]

    with ThreadPoolExecutor(50) as pool:
        outcomes = Counter(pool.map(come, range(50)))
    assert set(outcomes) <= {"led on", "invalid_request_uri"}
    assert outcomes["led on"] >= 6, "as many as may be under way from one origin"


# --- sector_identifier_uri -------------------------------------------------------------------------------------------------------------


def test_two_clients_of_one_sector_know_a_parent_by_one_name_and_others_by_another(
    ent: RelyingParty, site: Site
) -> None:
    uris = {"one": "http://localhost:8413/", "other": "http://127.0.0.1:8413/"}
    sector = site.put("/sector.json", json.dumps([*uris.values()]))
    browser = Browser(ent.base)
    identifiant = activate(browser, Sandbox(ent.base), JOE)
    subjects = []
    for redirect_uri, members in (
        (uris["one"], {"sector_identifier_uri": sector}),
        (uris["other"], {"sector_identifier_uri": sector}),
        (uris["other"], {}),
    ):
        told = register(ent.base, redirect_uris=[redirect_uri], **members).json()
        assert told.get("sector_identifier_uri") == members.get("sector_identifier_uri")
        client = RelyingParty(ent.base, told["client_id"], told["client_secret"], redirect_uri)
        code = bring_back_code(client, Browser(ent.base), identifiant)
        subjects.append(unverified_claims(client.exchange(code).json()["id_token"])["sub"])
    assert subjects[0] == subjects[1] != subjects[2]


def test_nobody_joins_a_sector_that_does_not_name_his_addresses(ent: RelyingParty, site: Site) -> None:
    sector = site.put("/sector.json", json.dumps(["http://localhost:8413/"]))
    answer = register(ent.base, sector_identifier_uri=sector)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert "holds every one of redirect_uris" in answer.json()["error_description"]
    gone = register(ent.base, sector_identifier_uri=site.uri("/nowhere"))
    assert "was not read: it answers with status 404." in gone.json()["error_description"]
