"""A page without a server of its own, in a real Chromium: oidc-client-ts signs parents in, without a secret."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.interop.conftest import HERE
from tests.interop.visitor import WRITTEN_ISSUER, WRITTEN_ORIGIN, activate_from_the_seed, registration
from tests.journeys.people import JOE, PASSWORD
from tests.support.server import running_server

LIBRARY = HERE / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.js"
TYPES = {".html": "text/html", ".js": "text/javascript"}


@dataclass(frozen=True)
class Site:
    """The page, which is another site to the browser than the provider."""

    base: str
    origin: str


@contextmanager
def running_files(host: str) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Serve files at this host; give its origin, and a table of paths to fill in."""
    files: dict[str, bytes] = {}

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path.replace("/", "", 1) or "index.html"
            self.send_response(200 if path in files else 404)
            self.send_header("Content-Type", TYPES.get(Path(path).suffix, "text/plain"))
            self.end_headers()
            self.wfile.write(files.get(path, b""))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_port}", files
        server.shutdown()


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """The page with refresh tokens, and twice without. Access tokens live so shortly that the library renews them each second."""
    assert LIBRARY.is_file(), "run: make interop"
    hosts = {"page": "ecole.localhost", "across": "college.localhost", "beside": "localhost"}
    with ExitStack() as programs:
        served = {client_id: programs.enter_context(running_files(host)) for client_id, host in hosts.items()}
        clients = [registered(client_id, origin) for client_id, (origin, _) in served.items()]
        more = 'log_level = "debug"\n[tokens]\naccess_token_seconds = 30'
        folder = tmp_path_factory.mktemp("spa")
        server = programs.enter_context(running_server(folder, more=more, clients="".join(clients)))
        for client_id, (origin, files) in served.items():
            lay_files(files, client_id, server.base, origin)
        yield {client_id: Site(server.base, origin) for client_id, (origin, _) in served.items()}


def registered(client_id: str, origin: str) -> str:
    text = registration("spa", origin)
    if client_id == "page":
        return text
    without = [line for line in text.splitlines() if not line.startswith("grant_types")]
    return "\n".join(without).replace('client_id = "page"', f'client_id = "{client_id}"') + "\n"


def lay_files(files: dict[str, bytes], client_id: str, issuer: str, origin: str) -> None:
    files["oidc-client-ts.js"] = LIBRARY.read_bytes()
    files["index.html"] = (HERE / "spa/index.html").read_bytes()
    script = (HERE / "spa/page.js").read_text(encoding="utf-8")
    for written, here in {WRITTEN_ISSUER: issuer, WRITTEN_ORIGIN: origin, "'page'": f"'{client_id}'"}.items():
        script = script.replace(written, here)
    files["page.js"] = script.encode()


@pytest.fixture
def site(sites: dict[str, Site]) -> Site:
    return sites["page"]


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context() as opened:
        yield opened


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Page:
    return open_page(context, site)


def open_page(context: BrowserContext, site: Site) -> Page:
    """Go to the page."""
    opened = context.new_page()
    opened.goto(site.origin)
    return opened


def sign_in(page: Page, identifiant: str) -> None:
    """Press the button, sign in over there, and come back."""
    page.get_by_role("button", name="Se connecter").click()
    page.locator("#bouton_responsable").click()
    page.fill("#username", identifiant)
    page.fill("#password", PASSWORD)
    page.locator("#bouton_valider").click()


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def kept(page: Page) -> dict[str, str]:
    """Return the tokens that the library keeps."""
    tokens: dict[str, str] = page.evaluate(
        "() => JSON.parse(Object.values(sessionStorage).find(one => one.includes('access_token')))"
    )
    return tokens


def test_a_parent_signs_in_at_a_page_that_has_no_secret(site: Site, page: Page) -> None:
    sign_in(page, activate_from_the_seed(site.base, JOE))
    heading(page, "Joe DUPONT")
    expect(page.locator("#told")).to_contain_text("{AAF}")
    assert page.url == f"{site.origin}/", "no code stays in the address"


def test_tokens_are_renewed_in_silence(site: Site, page: Page) -> None:
    sign_in(page, activate_from_the_seed(site.base, JOE))
    heading(page, "Joe DUPONT")
    first, asked = kept(page)["access_token"], list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_function("first => !JSON.stringify(sessionStorage).includes(first)", arg=first)
    assert f"{site.base}/idp/profile/oidc/token" in asked
    assert not [address for address in asked if "/authorize" in address], "by the refresh token, not in a frame"
    heading(page, "Joe DUPONT")


def test_without_refresh_tokens_a_page_of_the_providers_own_site_renews_in_a_frame(
    sites: dict[str, Site], context: BrowserContext
) -> None:
    page = open_page(context, sites["beside"])
    sign_in(page, activate_from_the_seed(sites["beside"].base, JOE))
    heading(page, "Joe DUPONT")
    first, asked = kept(page)["access_token"], list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_function("first => !JSON.stringify(sessionStorage).includes(first)", arg=first)
    assert [address for address in asked if "prompt=none" in address]
    heading(page, "Joe DUPONT")


def test_without_refresh_tokens_a_page_of_another_site_forgets_her_at_the_first_renewal(
    sites: dict[str, Site], context: BrowserContext
) -> None:
    """No cookie of the provider reaches a frame of another site."""
    page = open_page(context, sites["across"])
    with (
        page.expect_request(lambda request: "error=login_required" in request.url),
        page.expect_response(lambda answer: answer.url.endswith("/oidc/userinfo")),
    ):
        sign_in(page, activate_from_the_seed(sites["across"].base, JOE))
    heading(page, "Bienvenue")


def test_whoever_left_elsewhere_is_no_longer_known_at_the_next_renewal(site: Site, page: Page) -> None:
    sign_in(page, activate_from_the_seed(site.base, JOE))
    heading(page, "Joe DUPONT")
    tab = page.context.new_page()
    tab.goto(f"{site.base}/idp/profile/Logout")
    tab.get_by_role("button", name="Me déconnecter").click()
    heading(tab, "Vous êtes déconnecté")
    heading(page, "Bienvenue")


def test_leaving_the_page_ends_the_session_over_there(site: Site, page: Page) -> None:
    sign_in(page, activate_from_the_seed(site.base, JOE))
    heading(page, "Joe DUPONT")
    with page.expect_response(lambda answer: answer.url.endswith("/oidc/revoke")) as revoked:
        page.get_by_role("button", name="Me déconnecter").click()
    assert revoked.value.status == 200
    heading(page, "Bienvenue")
    assert page.url == f"{site.origin}/"
    page.get_by_role("button", name="Se connecter").click()
    heading(page, "Je sélectionne mon profil")


def test_a_page_of_another_site_reads_nothing_from_the_provider(site: Site, page: Page, chromium: Browser) -> None:
    sign_in(page, activate_from_the_seed(site.base, JOE))
    heading(page, "Joe DUPONT")
    ask = """([address, token]) => fetch(address, {headers: {Authorization: `Bearer ${token}`}})
        .then(answer => answer.status, error => error.name)"""
    asked = [f"{site.base}/idp/profile/oidc/userinfo", kept(page)["access_token"]]
    assert page.evaluate(ask, asked) == 200
    with running_files("stranger.localhost") as (elsewhere, files), chromium.new_context() as context:
        files["index.html"] = b"<!doctype html><title>Stranger</title>"
        stranger = context.new_page()
        stranger.goto(elsewhere)
        assert stranger.evaluate(ask, asked) == "TypeError"
