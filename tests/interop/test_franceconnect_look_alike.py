"""The bridge against a certified OpenID provider that we did not write, configured as FranceConnect is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.interop.conftest import running_look_alike
from tests.journeys.franceconnect import give_phone
from tests.journeys.people import ANGELA, kinship_values
from tests.journeys.visits import come_from
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, free_port, running_server

ANGELA_DUBOIS = {
    "given_name": "Angela Claire Louise",
    "given_name_array": ["Angela", "Claire", "Louise"],
    "family_name": "DUBOIS",
    "birthdate": "1962-08-24",
    "gender": "female",
    "birthplace": "75107",
    "birthcountry": "99100",
    "preferred_username": "",
    "email": "angela.dubois@courriel.example",
}
SECRET = "a-secret-that-nobody-else-has-0123456789"


@dataclass(frozen=True)
class Both:
    """The provider, and the look-alike that it is a client of."""

    server: RunningServer
    issuer: str


@contextmanager
def running_both(
    folder: Path, method: str, algorithm: str, *, acr_values: str = "eidas1", **changes: object
) -> Iterator[Both]:
    """Run the provider and the look-alike, whose client has these metadata changed; None takes one away."""
    idp_port, port = free_port(), free_port()
    home = f"http://localhost:{idp_port}/franceconnect"
    settings = f"""
[franceconnect]
issuer = "http://localhost:{port}/api/v2"
client_id = "preau"
token_endpoint_auth_method = "{method}"
signed_response_alg = "{algorithm}"
acr_values = "{acr_values}"
"""
    if method == "private_key_jwt":
        settings += f'private_key_file = "{folder}/client.key"\n'
        proof = register_key(folder / "client.key", algorithm)
    else:
        settings += f'client_secret = "{SECRET}"\n'
        proof = {"client_secret": SECRET}
    client: dict[str, Any] = {
        "client_id": "preau",
        "redirect_uris": [f"{home}/retour"],
        "post_logout_redirect_uris": [f"{home}/deconnecte"],
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": algorithm,
        "userinfo_signed_response_alg": algorithm,
        **proof,
        **changes,
    }
    client = {name: value for name, value in client.items() if value is not None}
    with (
        running_look_alike(folder, port, client, ANGELA_DUBOIS) as issuer,
        running_server(folder, more=f'log_level = "debug"\n{settings}', port=idp_port) as server,
    ):
        yield Both(server, issuer)


def register_key(path: Path, algorithm: str) -> dict[str, Any]:
    """Write the private key of the client, and return what is registered of it: PEM without a name, or a JWK with one."""
    key: ECKey | RSAKey
    if algorithm == "ES256":
        key = ECKey.generate_key("P-256")
        path.write_bytes(key.as_pem(private=True))
    else:
        key = RSAKey.generate_key(2048, parameters={"kid": "preau-1"})
        path.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    public = {**key.as_dict(private=False), "use": "sig"}
    return {"jwks": {"keys": [public]}, "token_endpoint_auth_signing_alg": algorithm}


@pytest.fixture(
    scope="module",
    params=[
        ("client_secret_post", "ES256"),
        ("client_secret_post", "RS256"),
        ("private_key_jwt", "ES256"),
        ("private_key_jwt", "RS256"),
    ],
    ids="-".join,
)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with running_both(tmp_path_factory.mktemp("interop"), *request.param) as running:
        yield running


class Traveller(Browser):
    """A browser that goes to the look-alike and comes back."""

    def __init__(self, both: Both) -> None:
        super().__init__(both.server.base)
        self.sites.add(urlsplit(both.issuer).netloc)

    def leave(self) -> None:
        """Arrive there, and be asked who one is."""
        self.open(self.page.link("Je me connecte avec FranceConnect"))
        assert self.page.h1 == "Vous allez vous connecter"

    def come_back(self) -> Page:
        """Identify oneself there, and come back."""
        self.leave()
        return self.fill("login", {"login": "test"})


def enter(ent: RelyingParty, browser: Traveller) -> dict[str, Any]:
    """Go on to the ENT, and return the ID token and what it says."""
    browser.open(browser.page.link("Continuer"))
    tokens: dict[str, Any] = ent.exchange(answer_in(browser.left_to)["code"]).json()
    told = ent.userinfo(tokens["access_token"]).json()
    assert (told["given_name"], told["family_name"]) == ("Angela", "DUBOIS")
    return tokens


@pytest.fixture
def sandbox(both: Both) -> Sandbox:
    control = Sandbox(both.server.base)
    control.reset()
    return control


@pytest.fixture
def ent(both: Both) -> RelyingParty:
    return RelyingParty(both.server.base)


def test_a_parent_activates_comes_again_with_it_alone_and_leaves_through_its_logout(
    both: Both, sandbox: Sandbox, ent: RelyingParty
) -> None:
    browser = Traveller(both)
    come_from(ent, browser)
    page = browser.come_back()
    assert page.h1 == "Finissez d'activer votre compte"
    assert page.says("Vous êtes reconnu par FranceConnect : Angela DUBOIS.")
    give_phone(browser, ANGELA)
    page = browser.fill("code", {"code": sandbox.code(ANGELA.e164)})
    page = browser.fill("lien-1", kinship_values(page, ANGELA))
    assert page.h1 == "Votre compte a été activé avec succès"
    first = unverified_claims(enter(ent, browser)["id_token"])

    again = Traveller(both)
    come_from(ent, again)
    assert again.come_back().h1 == "Vous êtes reconnu"
    tokens = enter(ent, again)
    second = unverified_claims(tokens["id_token"])
    assert (second["sub"], second["amr"]) == (first["sub"], ["fc"])

    back = "http://localhost:8402/deconnecte"
    page = again.open(
        f"/idp/profile/Logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri={back}&state=s1"
    )
    assert page.h1 == "Déconnexion en cours"
    page = again.open(page.link("Continuer"))
    assert page.h1 == "Déconnexion", "the look-alike asks"
    page = again.fill("Me déconnecter")
    assert page.h1 == "Vous êtes déconnecté"
    assert page.link("Continuer") == f"{back}?state=s1"
    come_from(ent, again)
    assert again.come_back().h1 == "Vous êtes reconnu", "the session over there had ended: one was asked"
    events = sandbox.events()
    assert events.count("franceconnect.linked") == 1
    assert events.count("franceconnect.signed-in") == 3


def test_who_is_signed_in_there_is_asked_again_only_when_the_ent_wants_it(
    both: Both, sandbox: Sandbox, ent: RelyingParty
) -> None:
    browser = Traveller(both)
    come_from(ent, browser)
    browser.come_back()
    come_from(ent, browser)
    page = browser.open(browser.page.link("Je me connecte avec FranceConnect"))
    assert page.h1 == "Finissez d'activer votre compte", "straight through"
    come_from(ent, browser, prompt="login")
    assert browser.come_back().h1 == "Finissez d'activer votre compte"
    assert sandbox.events().count("franceconnect.recognised") == 3


def test_who_turns_back_there_is_told_so_kindly_and_may_try_again(
    both: Both, sandbox: Sandbox, ent: RelyingParty
) -> None:
    browser = Traveller(both)
    come_from(ent, browser)
    browser.leave()
    page = browser.fill("login", button="Renoncer")
    assert page.h1 == "Je me connecte"
    assert page.says("Vous n'avez pas terminé avec FranceConnect. Vous pouvez réessayer ou utiliser votre identifiant.")
    assert sandbox.events() == ["franceconnect.cancelled"]
    assert browser.come_back().h1 == "Finissez d'activer votre compte"


@pytest.mark.parametrize(
    ("changes", "event", "why"),
    [
        ({"userinfo_signed_response_alg": None}, "untrusted", "userinfo: not signed"),
        ({"id_token_signed_response_alg": "RS256"}, "untrusted", "id_token: not signed with ES256"),
        ({"userinfo_signed_response_alg": "RS256"}, "untrusted", "userinfo: not signed with ES256"),
        ({"acr_values": "eidas2"}, "untrusted", "id_token: acr is below what was asked"),
        ({"client_secret": f"not-{SECRET}"}, "misconfigured", "token: invalid_client"),
    ],
)
def test_what_is_not_as_agreed_recognises_nobody(tmp_path: Path, changes: dict[str, Any], event: str, why: str) -> None:
    with running_both(tmp_path, "client_secret_post", "ES256", **changes) as both:
        browser = Traveller(both)
        come_from(RelyingParty(both.server.base), browser)
        page = browser.come_back()
        assert (page.status, page.h1) == (503, "FranceConnect ne répond pas")
        [line] = Sandbox(both.server.base).audit()
        assert (line["event"], line["details"]["why"]) == (f"franceconnect.{event}", why)
