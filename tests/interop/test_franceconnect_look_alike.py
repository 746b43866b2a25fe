"""The bridge against a certified OpenID provider that we did not write, configured as FranceConnect is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey

from tests.interop.conftest import running_look_alike
from tests.journeys.people import ANGELA, kinship_values
from tests.journeys.visits import come_from
from tests.support.browser import Browser
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in, unverified_claims
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, free_port, running_server

ANGELA_DUBOIS = {
    "sub": "9c4b" * 16 + "v1",
    "given_name": "Angela Claire Louise",
    "family_name": "DUBOIS",
    "birthdate": "1962-08-24",
    "gender": "female",
    "birthplace": "75107",
    "birthcountry": "99100",
}
SECRET = "a-secret-that-nobody-else-has-0123456789"


@dataclass(frozen=True)
class Both:
    """The provider, and the look-alike that it is a client of."""

    server: RunningServer
    issuer: str


@contextmanager
def running_both(folder: Path, method: str, algorithm: str, **changes: object) -> Iterator[Both]:
    """Run the provider and the look-alike, whose client has these metadata changed."""
    idp_port, port = free_port(), free_port()
    home = f"http://localhost:{idp_port}/franceconnect"
    client: dict[str, Any] = {
        "client_id": "preau",
        "redirect_uris": [f"{home}/retour"],
        "post_logout_redirect_uris": [f"{home}/deconnecte"],
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": algorithm,
        "userinfo_signed_response_alg": algorithm,
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        **changes,
    }
    client = {name: value for name, value in client.items() if value is not None}
    settings = f"""
[franceconnect]
issuer = "http://localhost:{port}/api/v2"
client_id = "preau"
token_endpoint_auth_method = "{method}"
signed_response_alg = "{algorithm}"
"""
    if method == "private_key_jwt":
        key = ECKey.generate_key("P-256", parameters={"kid": "preau-1", "use": "sig"})
        (folder / "client.pem").write_bytes(key.as_pem(private=True))
        client |= {"jwks": {"keys": [key.as_dict(private=False)]}, "token_endpoint_auth_signing_alg": "ES256"}
        settings += f'private_key_file = "{folder}/client.pem"\n'
    else:
        client["client_secret"] = SECRET
        settings += f'client_secret = "{SECRET}"\n'
    with (
        running_look_alike(folder, port, client, ANGELA_DUBOIS) as issuer,
        running_server(folder, more=f'log_level = "debug"\n{settings}', port=idp_port) as server,
    ):
        yield Both(server, issuer)


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

    def come_back(self) -> Page:
        """Identify oneself there."""
        self.open(self.page.link("Je me connecte avec FranceConnect"))
        assert self.page.h1 == "Vous allez vous connecter"
        return self.fill("login", {"login": "test"})


def enter(ent: RelyingParty, browser: Traveller) -> dict[str, Any]:
    """Go on to the ENT, and return the ID token and what it says."""
    browser.open(browser.page.link("Continuer"))
    tokens: dict[str, Any] = ent.exchange(answer_in(browser.left_to)["code"]).json()
    told = ent.userinfo(tokens["access_token"]).json()
    assert (told["given_name"], told["family_name"]) == ("Angela", "DUBOIS")
    return tokens


def test_a_parent_activates_comes_again_with_it_alone_and_leaves_through_its_logout(both: Both) -> None:
    sandbox, ent = Sandbox(both.server.base), RelyingParty(both.server.base)
    sandbox.reset()
    browser = Traveller(both)
    come_from(ent, browser)
    assert browser.come_back().h1 == "Finissez d'activer votre compte"
    browser.fill("telephone", {"indicatif": "+33", "telephone": ANGELA.number})
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

    logout = f"{both.server.base}/idp/profile/Logout?id_token_hint={tokens['id_token']}"
    assert again.open(logout).h1 == "Déconnexion en cours"
    again.open(again.page.link("Continuer"))
    assert again.page.h1 == "Déconnexion", "the look-alike asks"
    assert again.fill("Me déconnecter").h1 == "Vous êtes déconnecté"
    events = sandbox.events()
    assert events.count("franceconnect.linked") == 1
    assert events.count("franceconnect.signed-in") == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"userinfo_signed_response_alg": None}, "userinfo: not signed"),
        ({"id_token_signed_response_alg": "RS256"}, "id_token: not signed with ES256"),
    ],
)
def test_what_is_not_signed_as_agreed_recognises_nobody(tmp_path: Path, changes: dict[str, object], why: str) -> None:
    with running_both(tmp_path, "client_secret_post", "ES256", **changes) as both:
        browser = Traveller(both)
        come_from(RelyingParty(both.server.base), browser)
        page = browser.come_back()
        assert (page.status, page.h1) == (503, "FranceConnect ne répond pas")
        [line] = Sandbox(both.server.base).audit(event="franceconnect.untrusted")
        assert line["details"]["why"] == why
