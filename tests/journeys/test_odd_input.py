"""Whatever is sent: no 500, no 503, and a page or JSON that says what was wrong."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests

from tests.journeys.people import JOE, identity_values, reach_identity
from tests.support.browser import Browser
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer

ODD = [
    "\x00", "a\x00b", "é" * 300, "%", "%zz", "x" * 5000, "٣", "1e9", "-1", "9" * 20, "\r\nX-Odd: y", "<script>", "' OR 1=1 --",
    "\u202e", "😀", "", "0" * 200, "null", "[]", "{}",
]  # fmt: skip
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RIGHT_REQUEST = {
    "response_type": "code",
    "client_id": "ent",
    "redirect_uri": "http://localhost:8402/retour",
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": "a" * 43,
    "code_challenge_method": "S256",
}


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[requests.Session]:
    del sandbox
    with requests.Session() as session:
        session.trust_env = False
        yield session


def assert_answered(answer: requests.Response, sent: str) -> None:
    assert answer.status_code < 500, f"{answer.status_code} for {sent[:200]}"
    assert "x-odd" not in answer.headers, sent
    assert "<script>" not in answer.text, sent


@pytest.mark.parametrize("name", [*RIGHT_REQUEST, "max_age", "prompt", "acr_values", "login_hint", "request", "odd"])
def test_an_authorization_request(http: requests.Session, server: RunningServer, name: str) -> None:
    for value in ODD:
        query = urlencode({**RIGHT_REQUEST, name: value})
        answer = http.get(f"{server.base}/idp/profile/oidc/authorize?{query}", allow_redirects=False, timeout=20)
        assert_answered(answer, query)
        target = urlsplit(answer.headers.get("Location", "/"))
        assert target.netloc in {"", "localhost:8402", urlsplit(server.base).netloc}


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret"])
def test_a_token_request(http: requests.Session, ent: RelyingParty, name: str) -> None:
    right = {
        "grant_type": "authorization_code",
        "code": "x",
        "redirect_uri": ent.redirect_uri,
        "code_verifier": "v" * 43,
    }
    for value in ODD:
        basic = None if name.startswith("client") else (ent.client_id, ent.client_secret)
        answer = http.post(f"{ent.base}/idp/profile/oidc/token", data={**right, name: value}, auth=basic, timeout=20)
        assert_answered(answer, f"{name}={value!r}")
        assert answer.status_code in {400, 401}
        assert answer.json()["error"]


@pytest.mark.parametrize("path", ["token", "userinfo"])
def test_an_authorization_header(http: requests.Session, server: RunningServer, path: str) -> None:
    for value in ("Basic", "Basic \x7f", "Bearer", "Bearer x", "Basic Og==", "Basic AAAA", "Digest x", "x" * 9000):
        answer = http.post(
            f"{server.base}/idp/profile/oidc/{path}",
            data={"grant_type": "authorization_code"},
            headers={"Authorization": value},
            timeout=20,
        )
        assert_answered(answer, value)
        assert answer.status_code in {400, 401}


@pytest.mark.parametrize("name", ["id_token_hint", "post_logout_redirect_uri", "state", "client_id"])
def test_a_logout_request(http: requests.Session, server: RunningServer, name: str) -> None:
    for value in ODD:
        address = f"{server.base}/idp/profile/Logout?{urlencode({name: value})}"
        assert_answered(http.get(address, allow_redirects=False, timeout=20), value)


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", FORM["Content-Type"]]
)
def test_a_body_of_another_kind(http: requests.Session, server: RunningServer, content_type: str) -> None:
    paths = (
        "idp/profile/oidc/token",
        "idp/profile/oidc/userinfo",
        "idp/profile/oidc/authorize",
        "connexion",
        "solidite",
    )
    for path in (
        *paths,
        "activation/identite",
        "identifiant-oublie/nom",
        "identifiant-oublie/e-mail",
        "mot-de-passe-oublie/identifiant",
        "deconnexion",
    ):
        answer = http.post(
            f"{server.base}/{path}",
            data=b"\xff\xfe\x00--x\r\n{",
            headers={"Content-Type": content_type},
            allow_redirects=False,
            timeout=20,
        )
        assert_answered(answer, f"{path} {content_type}")


@pytest.mark.parametrize("name", ["j_username", "j_password", "jeton"])
def test_the_sign_in_form(browser: Browser, name: str) -> None:
    browser.open(browser.open("/connexion").link("Responsable d'élève"))
    action, values = browser.prepare("j_username", {"j_username": "j.dupont0001", "j_password": "X"})
    for value in ODD:
        answer = browser.http.post(action, data={**values, name: value}, allow_redirects=False, timeout=20)
        assert_answered(answer, f"{name}={value!r}")


@pytest.mark.parametrize("name", ["nom", "prenom", "indicatif", "telephone", "jeton"])
def test_the_identity_form(browser: Browser, sandbox: Sandbox, name: str) -> None:
    for value in ODD:
        sandbox.reset()
        reach_identity(browser)
        action, values = browser.prepare("nom", identity_values(JOE))
        answer = browser.http.post(action, data={**values, name: value}, allow_redirects=False, timeout=20)
        assert_answered(answer, f"{name}={value!r}")


@pytest.mark.parametrize("name", ["identifiant", "moyen", "jeton"])
def test_the_form_of_a_forgotten_password(browser: Browser, sandbox: Sandbox, name: str) -> None:
    for value in ODD:
        sandbox.reset()
        browser.open("/mot-de-passe-oublie")
        action, values = browser.prepare("identifiant", {"identifiant": "j.dupont0001", "moyen": "sms"})
        answer = browser.http.post(action, data={**values, name: value}, allow_redirects=False, timeout=20)
        assert_answered(answer, f"{name}={value!r}")


def test_addresses_cookies_and_filters(http: requests.Session, server: RunningServer) -> None:
    for value in ODD:
        for path in (
            "",
            "static/",
            "connexion?d=",
            "connexion?profil=",
            "mot-de-passe-oublie/lien?l=",
            "identifiant-oublie?d=",
            "sandbox/v1/messages?to=",
            "sandbox/v1/audit?event=",
        ):
            answer = http.get(f"{server.base}/{path}{quote(value, safe='')}", allow_redirects=False, timeout=20)
            assert_answered(answer, f"{path}{value!r}")
    for value in ("x", "\x7f", '"', "x" * 4000):
        for name in ("session", "visit", "activation", "recovery"):
            headers = {"Cookie": f"preau_idp_{name}={value}"}
            for path in ("connexion", "activation/code", "mot-de-passe-oublie/code", "idp/profile/Logout"):
                answer = http.get(f"{server.base}/{path}", headers=headers, allow_redirects=False, timeout=20)
                assert_answered(answer, f"{path} {headers}")


def test_a_nul_is_a_bad_request_and_nobodys_fault(browser: Browser, ent: RelyingParty) -> None:
    page = browser.open(ent.authorization_uri(nonce="a\x00b"))
    assert (page.status, page.h1) == (400, "Cette page n'a pas pu être envoyée")
