"""What a running provider has handed out: codes, tokens, sessions, forms. With them a request gets past « unknown client »."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.journeys.people import (
    ANGELA,
    JOE,
    MARIE_HELENE,
    PASSWORD,
    Parent,
    activate,
    reach_code,
    reach_identity,
    reach_kinship,
    reach_password,
)
from tests.journeys.visits import bring_back_code, come_from
from tests.support.browser import Browser
from tests.support.relying_party import VERIFIER, RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import ENT_REDIRECT_URI, RunningServer

STAYS_REDIRECT_URI = "http://localhost:8405/retour"
RETURN_URI = "http://localhost:8402/deconnecte"
REGISTERED_URI = "http://localhost:8411/"
EVIL = ("https://evil.example/", f"{ENT_REDIRECT_URI}.evil.example/")  # registered by nobody
_SECRETS_OF_CLIENTS = {"ent": "secret-of-the-ent", "stays": "secret-of-the-one-that-stays"}
_COOKIE = "preau_idp_"


@dataclass(frozen=True)
class Right:
    """Values of one request that would be right: whole, or any part of it may be put into a made-up one."""

    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)


class Live:
    """One parent with an account, clients with tokens of hers, another parent on her way through the activation.

    Attributes:
        secrets: All that no line of the log may hold.
        redirects: Where the browser may be sent, by client.
    """

    def __init__(self, running: RunningServer) -> None:
        self.base = running.base
        self.sandbox = Sandbox(running.base)
        self.secrets = {*_SECRETS_OF_CLIENTS.values(), PASSWORD, VERIFIER}
        self.redirects = {
            "ent": {ENT_REDIRECT_URI, RETURN_URI},
            "stays": {STAYS_REDIRECT_URI},
        }
        self._browser = Browser(self.base)
        self._ent = RelyingParty(self.base)
        self._stays = RelyingParty(self.base, "stays", _SECRETS_OF_CLIENTS["stays"], STAYS_REDIRECT_URI)
        self.identifiant = activate(self._browser, self.sandbox, JOE)
        self.note(self.identifiant)
        for parent in (JOE, ANGELA, MARIE_HELENE):
            self._note_person(parent)

    def note(self, *secrets: str) -> None:
        """Add to what no line of the log may hold."""
        self.secrets |= {one for one in secrets if one}

    def make_right(self, operation: str) -> list[Right]:
        """Return right requests for an operation, made with fresh codes and tokens; none for those that need nothing."""
        made = _MAKERS.get(operation)
        rights = made(self) if made else []
        for right in rights:
            self.note(*(value for name, value in right.cookies.items() if name.startswith(_COOKIE)))
            self.note(*(str(value) for name, value in right.body.items() if name in _SECRET_FIELDS))
        return rights

    def _note_person(self, parent: Parent) -> None:
        number = parent.number.replace(" ", "")
        self.note(parent.family_name, parent.number, number, number[1:], *(child.name for child in parent.children))

    # --- tokens -------------------------------------------------------------------------------------------------------------------------

    def code(self) -> str:
        """Sign in and return a code for the ENT."""
        code = self._sign_in(self._ent)
        self.note(code)
        return code

    def tokens(self) -> dict[str, str]:
        """Return tokens of the client that has refresh tokens."""
        code = self._sign_in(self._stays, scope="openid profile offline_access")
        answer = self._stays.exchange(code)
        assert answer.ok, answer.text
        told: dict[str, str] = answer.json()
        self.note(code, *(told[name] for name in ("access_token", "refresh_token", "id_token")))
        return told

    def pushed(self) -> str:
        """Push a request and return what stands for it."""
        reference = str(self._ent.push().json()["request_uri"])
        self.note(reference.rpartition(":")[2])
        return reference

    def registered(self) -> dict[str, str]:
        """Register a client and return what it is told."""
        asked = {"redirect_uris": [REGISTERED_URI]}
        told: dict[str, str] = requests.post(f"{self.base}/idp/profile/oidc/register", json=asked, timeout=20).json()
        self.note(told["client_secret"], told["registration_access_token"])
        self.redirects[told["client_id"]] = {REGISTERED_URI}
        return told

    def cookies(self) -> dict[str, str]:
        """Return those of the parent who is signed in."""
        return self._browser.http.cookies.get_dict()

    def request(self, **changes: str | None) -> dict[str, str]:
        """Return an authorization request of the ENT."""
        return self._ent.authorization_request(**changes)

    def _sign_in(self, client: RelyingParty, **changes: str) -> str:
        self._browser = Browser(self.base)
        return bring_back_code(client, self._browser, self.identifiant, **changes)

    # --- forms --------------------------------------------------------------------------------------------------------------------------

    def sign_in_form(self) -> Right:
        """Return the sign-in form of a request of the ENT, filled in."""
        browser = Browser(self.base)
        come_from(self._ent, browser)
        form = browser.page.form("j_username")
        body = {**form.values, "j_username": self.identifiant, "j_password": PASSWORD}
        return Right(_query_of(form.action), body, cookies=browser.http.cookies.get_dict())

    def consent_form(self) -> Right:
        """Return the form that asks whether the ENT may be told, filled in."""
        self.code()
        come_from(self._ent, self._browser, prompt="consent")
        form = self._browser.page.form("jeton")
        return Right(_query_of(form.action), {**form.values, "choix": "oui"}, cookies=self.cookies())

    def activation_form(self, control: str, reach: Callable[[Browser], object], **values: str) -> Right:
        """Return a form of the activation, filled in.

        Args:
            control: That only this form has.
            reach: Goes there.
            values: What is typed.
        """
        browser = Browser(self.base)
        reach(browser)
        form = browser.page.form(control)
        return Right(_query_of(form.action), {**form.values, **values}, cookies=browser.http.cookies.get_dict())


_SECRET_FIELDS = frozenset(
    {
        "jeton",
        "code",
        "refresh_token",
        "access_token",
        "token",
        "client_secret",
        "j_password",
        "mot-de-passe",
        "id_token_hint",
    }
)


def _query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def basic(client_id: str) -> dict[str, str]:
    """Return the header by which a client proves itself."""
    joined = f"{client_id}:{_SECRETS_OF_CLIENTS[client_id]}".encode()
    return {"Authorization": f"Basic {base64.b64encode(joined).decode()}"}


def _make_token(live: Live) -> list[Right]:
    code = {"grant_type": "authorization_code", "redirect_uri": ENT_REDIRECT_URI, "code_verifier": VERIFIER}
    refresh = {"grant_type": "refresh_token", "refresh_token": live.tokens()["refresh_token"]}
    return [
        *(Right(body={**code, "code": live.code()}, headers=basic("ent")) for _ in range(3)),
        Right(body=refresh, headers=basic("stays")),
        Right(body={**refresh, "client_id": "stays", "client_secret": _SECRETS_OF_CLIENTS["stays"]}),
    ]


def _make_userinfo(live: Live) -> list[Right]:
    token = live.tokens()["access_token"]
    return [Right(headers={"Authorization": f"Bearer {token}"}), Right(body={"access_token": token})]


def _make_about_token(live: Live) -> list[Right]:
    told = live.tokens()
    return [
        Right(body={"token": told[name], "token_type_hint": name}, headers=basic("stays"))
        for name in ("access_token", "refresh_token")
    ]


def _make_authorization(live: Live) -> list[Right]:
    live.code()
    cookies, asked = live.cookies(), live.request()
    return [
        Right(asked, asked, cookies=cookies),
        Right({**asked, "response_mode": "form_post"}, asked, cookies=cookies),
        Right(live.request(prompt="none"), asked),
        *(Right({**asked, "redirect_uri": place}, {**asked, "redirect_uri": place}, cookies=cookies) for place in EVIL),
        Right({"client_id": "ent", "request_uri": live.pushed()}, asked, cookies=cookies),
    ]


def _make_push(live: Live) -> list[Right]:
    return [
        Right(body=live.request(), headers=basic("ent")),
        Right(body=live.request(client_secret="secret-of-the-ent")),
    ]


def _make_logout(live: Live) -> list[Right]:
    hint = live.tokens()["id_token"]
    asked = {"client_id": "ent", "post_logout_redirect_uri": RETURN_URI, "state": "x"}
    hinted = {"id_token_hint": hint}
    cookies = live.cookies()
    led_astray = [{**asked, "post_logout_redirect_uri": place} for place in EVIL]
    return [Right(one, one, cookies=cookies) for one in (asked, hinted, {}, *led_astray)]


def _make_confirmed_logout(live: Live) -> list[Right]:
    live.code()
    cookies = live.cookies()
    page = requests.get(f"{live.base}/idp/profile/Logout", cookies=cookies, timeout=20).text
    token = re.search(r'name="jeton" value="([^"]+)"', page)
    return [Right(body={"jeton": token[1] if token else "", "choix": "oui"}, cookies=cookies)]


def _make_consent(live: Live) -> list[Right]:
    return [live.consent_form() for _ in range(2)]


def _make_of_client(live: Live) -> list[Right]:
    told = live.registered()
    header = {"Authorization": f"Bearer {told['registration_access_token']}"}
    body = {"client_id": told["client_id"], "redirect_uris": [REGISTERED_URI]}
    return [Right(body=body, headers=header, path={"client_id": told["client_id"]})]


def _make_registration(_live: Live) -> list[Right]:
    return [Right(body={"redirect_uris": [REGISTERED_URI]})]


def _make_identity(live: Live) -> list[Right]:
    typed = {"nom": "INCONNU", "prenom": "Paul", "indicatif": "+33", "telephone": "06 39 98 77 77"}
    live.note("06 39 98 77 77", "0639987777", "639987777")
    return [live.activation_form("nom", reach_identity, **typed)]


def _make_code(live: Live) -> list[Right]:
    right = live.activation_form("code", lambda browser: reach_code(browser, ANGELA))
    code = live.sandbox.code(ANGELA.e164)
    live.note(code)
    return [Right(right.query, {**right.body, "code": code}, cookies=right.cookies)]


def _make_kinship(live: Live) -> list[Right]:
    dates = {"lien-1": "oui", "jour-1": "01", "mois-1": "12", "annee-1": "2011"}
    return [live.activation_form("lien-1", lambda browser: reach_kinship(browser, live.sandbox, MARIE_HELENE), **dates)]


def _make_password(live: Live) -> list[Right]:
    typed = {"mot-de-passe": "Cartable-Vert-43", "confirmation": "Cartable-Vert-43"}
    live.note("Cartable-Vert-43")
    return [live.activation_form("mot-de-passe", lambda one: reach_password(one, live.sandbox, ANGELA), **typed)]


_MAKERS: Mapping[str, Callable[[Live], list[Right]]] = {
    "token": _make_token,
    "userinfo": _make_userinfo,
    "userinfo_by_post": _make_userinfo,
    "revoke": _make_about_token,
    "introspect": _make_about_token,
    "authorize": _make_authorization,
    "authorize_by_post": _make_authorization,
    "push": _make_push,
    "end_session": _make_logout,
    "end_session_by_post": _make_logout,
    "confirm_logout": _make_confirmed_logout,
    "consent": _make_consent,
    "submit_consent": _make_consent,
    "read": _make_of_client,
    "replace": _make_of_client,
    "remove": _make_of_client,
    "register": _make_registration,
    "sign_in": lambda live: [live.sign_in_form()],
    "submit_sign_in": lambda live: [live.sign_in_form()],
    "submit_identity": _make_identity,
    "submit_code": _make_code,
    "submit_resend": _make_code,
    "show_code": _make_code,
    "submit_kinship": _make_kinship,
    "submit_not_mine": _make_kinship,
    "submit_password": _make_password,
    "submit_cancel": _make_identity,
}
