"""`journeys.ports.ClientDocuments`: one GET, to a place that may be asked, and no more of the answer than is wanted."""

import os
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from idp.adapters import sparing
from idp.adapters.address_guard import AddressGuard
from idp.adapters.documents import FETCHES_AT_ONCE, FETCHES_FROM_ONE, LARGEST, HttpDocuments
from idp.journeys.ports import ClientDocuments
from idp.protocol.client_documents import Document, DocumentUnavailableError
from tests.support.client_site import Page, Site, running_site, write_certificate
from tests.support.server import free_port

ANYWHERE = AddressGuard(is_free_host=lambda _: True)


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def documents() -> ClientDocuments:
    return HttpDocuments(ANYWHERE)


def refusal(documents: ClientDocuments, address: str) -> str:
    """Return why an address is not read; it is in no sentence."""
    with pytest.raises(DocumentUnavailableError) as raised:
        documents.fetch(address)
    assert address not in str(raised.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


def test_a_document_is_its_body_and_its_media_type(site: Site, documents: ClientDocuments) -> None:
    address = site.put("/r?tenant=a%20b", b"a.b.c", "Application/JWT; charset=utf-8")
    assert documents.fetch(address) == Document(b"a.b.c", "application/jwt")
    assert site.asked == ["/r?tenant=a%20b"]


def test_nothing_of_whoever_started_the_server_and_nothing_of_other_calls_goes_along(
    site: Site, documents: ClientDocuments, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    site.pages["/a"] = Page(b"1", headers={"Set-Cookie": "tracked=1"})
    for _ in range(2):
        documents.fetch(site.uri("/a"))
    for sent in site.headers:
        assert {"cookie", "authorization", "proxy-authorization", "referer"}.isdisjoint(sent)
        assert sent["accept-encoding"] == "identity"
    assert os.environ["NETRC"]


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 401, 404, 500, 503])
def test_any_answer_but_200_is_none_and_no_redirect_is_followed(
    site: Site, documents: ClientDocuments, status: int
) -> None:
    site.put("/elsewhere", "there")
    site.pages["/a"] = Page(b"", status=status, headers={"Location": site.uri("/elsewhere")})
    assert refusal(documents, site.uri("/a")) == f"answers with status {status}"
    assert site.asked == ["/a"]


def test_a_document_is_as_long_as_the_bound_and_no_longer(site: Site, documents: ClientDocuments) -> None:
    assert len(documents.fetch(site.put("/a", b"x" * LARGEST)).body) == LARGEST
    assert refusal(documents, site.put("/b", b"x" * (LARGEST + 1))) == f"answers with more than {LARGEST} bytes"


def test_what_is_packed_is_not_unpacked(site: Site, documents: ClientDocuments) -> None:
    site.pages["/a"] = Page(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert "Content-Encoding" in refusal(documents, site.uri("/a"))


def test_an_answer_that_is_shorter_than_it_said_is_none(site: Site, documents: ClientDocuments) -> None:
    site.pages["/a"] = Page(b"{}", headers={"Content-Length": "20"})
    assert refusal(documents, site.uri("/a")) == "does not answer"


@pytest.mark.parametrize("page", [Page(drips=True), Page(seconds=20)], ids=["drips", "says nothing"])
def test_an_answer_that_does_not_end_is_cut_off_and_its_server_spared(site: Site, page: Page) -> None:
    documents = HttpDocuments(ANYWHERE, timeout=1)
    site.pages["/a"] = page
    began = time.monotonic()
    assert refusal(documents, site.uri("/a")) in {"does not answer", "answers too slowly"}
    assert time.monotonic() - began < 6
    assert refusal(documents, site.uri("/b")) == "did not answer a moment ago"
    assert site.asked == ["/a"]


def test_who_was_silent_is_asked_again_after_a_while(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = HttpDocuments(ANYWHERE, timeout=0.5)
    site.pages["/a"] = Page(b"1", seconds=20)
    refusal(documents, site.uri("/a"))
    site.put("/a", "1")
    later = time.monotonic() + sparing.SPARED_SECONDS
    monkeypatch.setattr(sparing.time, "monotonic", lambda: later)
    assert documents.fetch(site.uri("/a")).body == b"1"
    assert documents.fetch(site.uri("/a")).body == b"1"


def test_nobody_there_is_said_to_be_so_and_the_log_says_more(documents: ClientDocuments) -> None:
    with capture_logs() as lines:
        assert refusal(documents, f"http://localhost:{free_port()}/a?key=a-key") == "does not answer"
    [line] = lines
    assert (line["log_level"], line["host"], line["why"]) == ("warning", "localhost", "ConnectionRefusedError")
    assert "a-key" not in str(lines)


def test_a_place_inside_is_not_asked_and_the_client_is_not_told_what_there_is(site: Site) -> None:
    documents = HttpDocuments(AddressGuard())
    with capture_logs() as lines:
        port = site.base.rpartition(":")[2]
        for host in ("localhost", "127.0.0.1", "[::1]", "169.254.169.254", "nobody.invalid"):
            assert refusal(documents, f"https://{host}:{port}/a") == "does not answer", host
    assert [line["why"] for line in lines][:4] == ["AddressBarredError"] * 4
    assert site.asked == []


def test_plain_http_is_for_free_hosts(site: Site) -> None:
    guard = AddressGuard(networks=[ip_network("127.0.0.0/8")])
    assert refusal(HttpDocuments(guard), site.put("/a", "1")) == "is not at an https address"
    assert site.asked == []


def test_tls_asks_for_the_name_of_the_address_and_trusts_whom_the_operator_names(tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path / "ent.pem", "ent.localhost")
    trust = ssl.create_default_context(cafile=certificate)
    with running_site(host="ent.localhost", tls=certificate) as site:
        address = site.put("/a", "1")
        assert refusal(HttpDocuments(ANYWHERE), address) == "does not answer"
        assert HttpDocuments(ANYWHERE, tls=trust).fetch(address).body == b"1"
        elsewhere = address.replace("ent.localhost", "other.localhost")
        assert refusal(HttpDocuments(ANYWHERE, tls=trust), elsewhere) == "does not answer"


def elsewhere(site: Site, name: str, path: str) -> str:
    """Return an address of the site under another name: for browsers and for us, another place."""
    return site.uri(path).replace("//localhost", f"//{name}.localhost")


def test_so_many_are_under_way_and_one_more_is_refused_at_once(site: Site) -> None:
    documents = HttpDocuments(ANYWHERE)
    site.pages["/slow"] = Page(b"1", seconds=1)
    with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
        names = [f"ent-{number}" for number in range(FETCHES_AT_ONCE)]
        under_way = [pool.submit(documents.fetch, elsewhere(site, name, "/slow")) for name in names]
        while len(site.asked) < FETCHES_AT_ONCE:
            time.sleep(0.01)
        assert "try again" in refusal(documents, site.put("/a", "1"))
        assert {one.result().body for one in under_way} == {b"1"}
    assert documents.fetch(site.uri("/a")).body == b"1"


def test_a_slow_server_leaves_places_for_the_others(site: Site) -> None:
    documents = HttpDocuments(ANYWHERE)
    site.pages["/slow"] = Page(b"1", seconds=1)
    site.put("/a", "1")
    with ThreadPoolExecutor(FETCHES_FROM_ONE) as pool:
        under_way = [pool.submit(documents.fetch, site.uri("/slow")) for _ in range(FETCHES_FROM_ONE)]
        while len(site.asked) < FETCHES_FROM_ONE:
            time.sleep(0.01)
        assert "try again" in refusal(documents, site.uri("/a"))
        assert documents.fetch(elsewhere(site, "other", "/a")).body == b"1"
        assert {one.result().body for one in under_way} == {b"1"}
    assert documents.fetch(site.uri("/a")).body == b"1"


def test_each_call_is_made_inside_what_bounds_them_and_a_full_process_spares_nobody(site: Site) -> None:
    inside, full = threading.Event(), [True]

    @contextmanager
    def around() -> Iterator[None]:
        if full[0]:
            raise ConnectionError("12 outbound calls are under way")
        inside.set()
        yield

    documents = HttpDocuments(ANYWHERE, around=around)
    address = site.put("/a", "1")
    assert "try again" in refusal(documents, address)
    assert site.asked == []
    full[0] = False
    assert documents.fetch(address).body == b"1"
    assert inside.is_set()
