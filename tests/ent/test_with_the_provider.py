"""The sample ENT at Préau itself: a key for a secret, signed userinfo, refresh, a sign-in begun elsewhere, both ways of single logout."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
import requests
from joserfc.jwk import ECKey

from ent_client.app import create_app
from ent_client.client_key import load_client_key
from ent_client.settings import Settings
from tests.ent.servers import open_door
from tests.interop.visitor import Visitor, activate_from_the_seed
from tests.journeys.people import JOE
from tests.support.server import running_server


@dataclass
class Pair:
    """The provider, and two ENT that are alike but for how they are told of a logout."""

    provider: str
    told_by_server: str
    told_in_a_frame: str
    identifiant: str

    def visitor(self, ent: str) -> Visitor:
        return Visitor(self.provider, ent)


def given(key: Path) -> str:
    """Return the setting that holds the ENT's key; the other way is to say where it publishes it."""
    (public,) = load_client_key(key).public_jwks()["keys"]
    members = ", ".join(f'{name} = "{value}"' for name, value in public.items())
    return f"jwks = {{ keys = [{{ {members} }}] }}"


def registration(client_id: str, ent: str, keys: str, logout: str) -> str:
    return f"""
[[clients]]
client_id = "{client_id}"
client_name = "ENT {client_id}"
token_endpoint_auth_method = "private_key_jwt"
{keys}
redirect_uris = ["{ent}/retour"]
post_logout_redirect_uris = ["{ent}/deconnecte"]
scope = ["openid", "profile", "ect.scope.cnx", "offline_access"]
grant_types = ["authorization_code", "refresh_token"]
userinfo_signed_response_alg = "ES256"
{logout}
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    key = folder / "ent-key.pem"
    key.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    with open_door() as one, open_door() as other:
        in_a_frame = f'frontchannel_logout_uri = "{other.url}/frontchannel-logout"\n'
        clients = registration("hetre", one.url, given(key), f'backchannel_logout_uri = "{one.url}/backchannel-logout"')
        published = f'jwks_uri = "{other.url}/jwks"'
        clients += registration(
            "cytise", other.url, published, in_a_frame + "frontchannel_logout_session_required = true"
        )
        with running_server(folder, clients=clients) as server:
            for name, door in (("hetre", one), ("cytise", other)):
                door.app = create_app(
                    Settings(
                        issuer=server.base,
                        client_id=name,
                        private_key_file=key,
                        base_url=door.url,
                        directory=folder / "school" / "ent-directory.json",
                        scope="openid profile ect.scope.cnx offline_access",
                    )
                )
            yield Pair(server.base, one.url, other.url, activate_from_the_seed(server.base, JOE))


def test_the_ent_proves_who_it_is_with_its_key_reads_signed_userinfo_and_renews_its_tokens(pair: Pair) -> None:
    joe = pair.visitor(pair.told_by_server)
    assert joe.sign_in_at("/connexion", pair.identifiant).h1 == "Bonjour Joe DUPONT"
    assert "Léa DUPONT" in joe.page.text
    for _ in range(2):
        joe.visit("/diagnostic")
        page = joe.fill("Renouveler les jetons")
        assert 'class="controle refuse"' not in page.html
        renewal = page.html.split('id="renouvellement"')[1].split("</ol>")[0]
        assert 'class="controle attente"' not in renewal


def test_signing_out_at_the_provider_ends_the_session_of_an_ent_that_its_server_tells(pair: Pair) -> None:
    joe = pair.visitor(pair.told_by_server)
    joe.sign_in_at("/connexion", pair.identifiant)
    sign_out_at_the_provider(joe)
    tick = threading.Event()
    for _ in range(100):
        if joe.visit("/").h1.startswith("Bienvenue"):
            break
        tick.wait(0.1)
    assert joe.page.h1 == "Bienvenue sur l'ENT Marronnier"


def test_signing_out_at_the_provider_ends_the_session_of_an_ent_that_a_frame_tells(pair: Pair) -> None:
    joe = pair.visitor(pair.told_in_a_frame)
    joe.sign_in_at("/connexion", pair.identifiant)
    sign_out_at_the_provider(joe)
    (frame,) = re.findall(r'<iframe src="([^"]+)"', joe.page.html)
    assert joe.visit("/").h1 == "Bonjour Joe DUPONT"
    answer = requests.get(unescape(frame), timeout=10)
    assert answer.status_code == 200
    assert f"frame-ancestors {pair.provider}" in answer.headers["Content-Security-Policy"]
    assert joe.visit("/").h1 == "Bienvenue sur l'ENT Marronnier"


def test_another_site_begins_a_sign_in_that_ends_on_the_page_it_named(pair: Pair) -> None:
    joe = pair.visitor(pair.told_by_server)
    target = f"{pair.told_by_server}/diagnostic"
    way = f"/initiate-login?iss={pair.provider}&login_hint={pair.identifiant}&target_link_uri={target}"
    assert joe.sign_in_at(way, pair.identifiant).url == target


def test_signing_out_at_the_ent_gives_its_refresh_token_back(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "ent_client")
    joe = pair.visitor(pair.told_in_a_frame)
    joe.sign_in_at("/connexion", pair.identifiant)
    assert joe.fill("Se déconnecter").status == 200
    (fields,) = (record.__dict__["fields"] for record in caplog.records if record.getMessage() == "signed out")
    assert fields == {"refresh_token_revoked": True}
    assert joe.visit("/").h1 == "Bienvenue sur l'ENT Marronnier"


def sign_out_at_the_provider(joe: Visitor) -> None:
    joe.open("/idp/profile/Logout")
    assert joe.fill("Me déconnecter").h1 == "Vous êtes déconnecté"
