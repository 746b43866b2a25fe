"""Apache in front of a service: mod_auth_openidc signs parents in, and the service reads headers."""

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser as ChromiumBrowser
from playwright.sync_api import expect

from tests.house.serving import eventually
from tests.interop.conftest import HERE, running_program
from tests.interop.visitor import WRITTEN_ISSUER, WRITTEN_ORIGIN, Visitor, activate_from_the_seed, registration
from tests.journeys.people import JOE, MARIE_HELENE, PASSWORD
from tests.support.relying_party import RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import free_port, running_server

WRITTEN_SERVICE = "http://localhost:3001"


@dataclass(frozen=True)
class Site:
    """Apache, and the provider."""

    base: str
    origin: str


class Echo(BaseHTTPRequestHandler):
    """The service behind Apache: it answers with the headers that it got."""

    def do_GET(self) -> None:
        # Header values are octets, which http.server reads as ISO 8859-1; the module writes UTF-8.
        told = {name.lower(): value.encode("latin-1").decode() for name, value in self.headers.items()}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_service() -> Iterator[str]:
    """Serve the service behind Apache."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@contextmanager
def running_site(
    folder: Path,
    changes: Mapping[str, str] | None = None,
    *,
    registered: Mapping[str, str] | None = None,
    host: str = "localhost",
    more: str = "",
) -> Iterator[Site]:
    """Serve the provider, Apache and what is behind it.

    Args:
        folder: For their files.
        changes: Words of Apache's settings that are others.
        registered: Words of the client's registration that are others.
        host: What browsers call Apache.
        more: Settings of the provider.
    """
    apache = shutil.which("apache2", path="/usr/sbin:/usr/bin")
    assert apache, "Apache is missing: apt-get install apache2-bin libapache2-mod-auth-openidc"
    port = free_port()
    origin = f"http://{host}:{port}"
    clients = replaced(registration("apache", origin), registered or {})
    with running_service() as service, running_server(folder, clients=clients, more=more) as server:
        places = {WRITTEN_ISSUER: server.base, WRITTEN_ORIGIN: origin, WRITTEN_SERVICE: service, **(changes or {})}
        copy(folder, "site.conf", places)
        copy(folder, "server.conf", {"FOLDER": str(folder), "PORT": str(port)})
        command = [apache, "-DFOREGROUND", "-f", str(folder / "server.conf")]
        with running_program(command, folder / "apache.out", f"http://localhost:{port}"):
            yield Site(server.base, origin)


def copy(folder: Path, name: str, changes: Mapping[str, str]) -> None:
    """Copy a file of apache/ with these words changed."""
    text = (HERE / "apache" / name).read_text(encoding="utf-8")
    (folder / name).write_text(replaced(text, changes), encoding="utf-8")


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """Return a text with words changed."""
    for written, here in changes.items():
        assert written in text, written
        text = text.replace(written, here)
    return text


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("apache")) as running:
        yield running


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site.base, site.origin)


def headers(visitor: Visitor) -> dict[str, str]:
    """Return what the service behind got."""
    got: dict[str, str] = json.loads(visitor.page.html)
    return got


def test_a_parent_signs_in_and_the_service_behind_reads_her_claims_in_headers(site: Site, visitor: Visitor) -> None:
    page = visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, MARIE_HELENE))
    assert (page.status, page.url) == (200, f"{site.origin}/mine/")
    got = headers(visitor)
    assert (got["oidc_claim_given_name"], got["oidc_claim_family_name"]) == ("Marie-Hélène", "MARTIN")
    assert got["oidc_claim_freductrefid"].startswith("{AAF}")
    assert got["oidc_claim_freductpersonaffiliation"] in {"resp1d", "resp2d"}
    assert got["oidc_claim_acr"] == "responsable"
    assert got["oidc_claim_iss"] == site.base


def test_a_page_that_is_not_protected_asks_nobody_and_gets_no_claim(visitor: Visitor) -> None:
    visitor.visit("/")
    assert not [name for name in headers(visitor) if name.startswith("oidc_")]


MADE_UP = {"OIDC_CLAIM_FrEduCtRefId": "{AAF}08||999999", "OIDC_CLAIM_email": "made@up.example"}


def test_claims_that_a_browser_makes_up_do_not_reach_the_service(site: Site, visitor: Visitor) -> None:
    visitor.http.headers.update(MADE_UP)
    visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, JOE))
    got = headers(visitor)
    assert "oidc_claim_email" not in got
    assert "999999" not in got["oidc_claim_freductrefid"]
    visitor.visit("/")
    assert headers(visitor)["oidc_claim_email"] == "made@up.example", "no page that is not protected may believe them"


def test_leaving_the_site_ends_the_session_over_there(site: Site, visitor: Visitor) -> None:
    visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, JOE))
    visitor.visit(f"/mine/callback?logout={site.origin}/")
    assert visitor.page.url == f"{site.origin}/"
    assert visitor.visit("/mine/").h1 == "Je sélectionne mon profil"


def test_whoever_is_signed_in_elsewhere_is_not_asked_again(site: Site, visitor: Visitor) -> None:
    visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, JOE))
    visitor.http.cookies.pop("mod_auth_openidc_session")
    visitor.visit("/mine/")
    assert headers(visitor)["oidc_claim_given_name"] == "Joe"


def test_codes_come_as_a_form_where_apache_wants_them_so(tmp_path: Path) -> None:
    with running_site(tmp_path, {"OIDCPKCEMethod S256": "OIDCPKCEMethod S256\nOIDCResponseMode form_post"}) as site:
        visitor = Visitor(site.base, site.origin)
        visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, JOE))
        assert "code=" not in visitor.page.url
        visitor.fill("code")
        assert headers(visitor)["oidc_claim_given_name"] == "Joe"


def leave_over_there(visitor: Visitor) -> None:
    """Sign out at the provider itself."""
    visitor.open("/idp/profile/Logout")
    visitor.fill("Me déconnecter", button="Me déconnecter")


def test_whoever_leaves_elsewhere_is_signed_out_here_by_the_providers_server(site: Site, visitor: Visitor) -> None:
    visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, JOE))
    leave_over_there(visitor)
    assert eventually(lambda: outcomes(site.base), "the provider told nobody") == ["logout.told"]
    assert visitor.visit("/mine/").h1 == "Je sélectionne mon profil"


def outcomes(base: str) -> list[str]:
    """Return how telling the services went."""
    return [event for event in Sandbox(base).events() if event in {"logout.told", "logout.not-told"}]


def test_a_site_with_another_secret_lets_nobody_in(tmp_path: Path) -> None:
    with running_site(tmp_path, {"change-me-in-16": "not-its-secret"}) as site:
        visitor = Visitor(site.base, site.origin)
        page = visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, JOE))
        assert page.says("OpenID Connect Provider error")
        assert "invalid_client" in (tmp_path / "apache.log").read_text(encoding="utf-8")
        assert visitor.visit("/mine/").says("OpenID Connect Provider error"), "signed in over there, and nobody here"


def test_tokens_are_refreshed_before_their_end_for_as_long_as_the_parent_is_signed_in(tmp_path: Path) -> None:
    """Access tokens live for less than Apache wants them to, so that each page asks for a new one."""
    with running_site(tmp_path, more="[tokens]\naccess_token_seconds = 30") as site:
        visitor = Visitor(site.base, site.origin)
        visitor.sign_in_at("/mine/", activate_from_the_seed(site.base, JOE))
        seen = set()
        for _ in range(3):
            assert visitor.visit("/mine/").status == 200
            seen.add(headers(visitor)["oidc_access_token"])
        assert len(seen) == 3
        ent = RelyingParty(site.base)
        told = ent.userinfo(seen.pop())
        assert told.json()["given_name"] == "Joe"
        leave_over_there(visitor)
        visitor.visit("/mine/")
        assert visitor.page.url == f"{site.origin}/"
        assert visitor.visit("/mine/").h1 == "Je sélectionne mon profil"


def test_whoever_leaves_elsewhere_is_signed_out_here_in_a_frame_of_her_browser(
    tmp_path: Path, chromium: ChromiumBrowser
) -> None:
    """The frame is another site's, and no cookie reaches it: Apache finds the session by `sid`."""
    in_frame = "frontchannel_logout_session_required = true\nfrontchannel_logout_uri ="
    registered = {"backchannel_logout_uri =": in_frame, "logout=backchannel": "logout=get"}
    with (
        running_site(tmp_path, registered=registered, host="ecole.localhost") as site,
        chromium.new_context() as context,
    ):
        page = context.new_page()
        identifiant = activate_from_the_seed(site.base, JOE)
        page.goto(f"{site.origin}/mine/")
        page.locator("#bouton_responsable").click()
        page.fill("#username", identifiant)
        page.fill("#password", PASSWORD)
        page.locator("#bouton_valider").click()
        expect(page.locator("body")).to_contain_text("oidc_claim_given_name")
        tab = context.new_page()
        tab.goto(f"{site.base}/idp/profile/Logout")
        with tab.expect_response(lambda answer: "logout=get" in answer.url):
            tab.get_by_role("button", name="Me déconnecter").click()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Je sélectionne mon profil")
