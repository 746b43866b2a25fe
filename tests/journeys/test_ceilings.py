"""Ceilings that all processes share, seen from several addresses: two web processes behind a proxy that is trusted (guarantees 6 and 8)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.journeys.people import JOE, PASSWORD, Parent, activate, identity_values, reach_identity
from tests.journeys.visits import come_from, sign_in
from tests.support.browser import Browser
from tests.support.databases import DIALECTS, fresh_postgresql_database
from tests.support.page import Page
from tests.support.relying_party import RelyingParty, answer_in
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer, running_server

AT_ONCE = 50
SMS = """
per_number_hour = 4
per_prefix_hour = 7
per_address_hour = 9
per_hour = 14
"""


@pytest.fixture(scope="module", params=DIALECTS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    directory: Path = tmp_path_factory.mktemp("preau")
    more = "workers = 2\ntrusted_proxies = 1\nrequests_at_once = 64"
    if request.param == "sqlite":
        with running_server(directory, more=more, sms=SMS) as running:
            yield running
        return
    with (
        fresh_postgresql_database(request.getfixturevalue("postgresql_server")) as url,
        running_server(directory, more=more, sms=SMS, database_url=url) as running,
    ):
        yield running


def browser_at(server: RunningServer, address: str) -> Browser:
    browser = Browser(server.base)
    browser.http.headers["X-Forwarded-For"] = address
    return browser


def ask_at_once(server: RunningServer, asked: list[tuple[str, str]]) -> list[Page]:
    """Ask for codes at the same moment, each from its address for its number, from browsers that are all on the first page."""
    prepared = []
    for address, number in asked:
        browser = browser_at(server, address)
        reach_identity(browser)
        values = identity_values(Parent("INCONNU", "Paul", number, ()))
        prepared.append((browser, browser.prepare("nom", values, button="Continuer")))
    with ThreadPoolExecutor(len(prepared)) as pool:
        return list(pool.map(lambda one: one[0].send(*one[1]), prepared))


def count_passed(pages: list[Page]) -> int:
    assert {page.h1 for page in pages} <= {"Un code de sécurité a été envoyé", "Il y a eu trop d'essais"}
    return sum(page.h1 == "Un code de sécurité a été envoyé" for page in pages)


def reached(sandbox: Sandbox) -> set[str]:
    return {line["details"]["ceiling"] for line in sandbox.audit(event="activation.sms-ceiling")}


def long_number(number: int) -> str:
    """Return a fictional number in a block of its own: longer than any French number."""
    return f"06 39 98 {number:04} 00001"


@pytest.mark.parametrize(
    ("asked", "passes", "ceiling"),
    [
        ([(f"198.51.100.{n}", "06 39 98 70 01") for n in range(AT_ONCE)], 4, "sms-number-hour"),
        ([(f"198.51.100.{n}", f"06 39 98 70 {n:02}") for n in range(AT_ONCE)], 7, "sms-prefix-hour"),
        ([("198.51.100.7", long_number(n)) for n in range(AT_ONCE)], 9, "sms-address-hour"),
        ([(f"198.51.100.{n}", long_number(n)) for n in range(AT_ONCE)], 14, "sms-service-hour"),
    ],
    ids=["number", "prefix", "address", "service"],
)
def test_of_fifty_requests_at_once_exactly_as_many_pass_as_the_ceiling_says(
    server: RunningServer, sandbox: Sandbox, asked: list[tuple[str, str]], passes: int, ceiling: str
) -> None:
    assert count_passed(ask_at_once(server, asked)) == passes
    assert reached(sandbox) == {ceiling}
    assert len(sandbox.audit(event="activation.sms-ceiling")) == AT_ONCE - passes


def test_the_budget_of_the_service_is_said_loudly_and_what_was_refused_spends_none_of_it(
    server: RunningServer, sandbox: Sandbox
) -> None:
    lines_before = server.log.read_text(encoding="utf-8").count('"budget": "sms-service-hour"')
    hammered = [("198.51.100.1", "06 39 98 70 01")] * 20  # four pass, and spend four of fourteen
    assert count_passed(ask_at_once(server, hammered)) == 4
    others = [(f"198.51.100.{n}", long_number(n)) for n in range(10, 22)]
    assert count_passed(ask_at_once(server, others)) == 10
    said = server.log.read_text(encoding="utf-8").count('"budget": "sms-service-hour"')
    assert said - lines_before == 2
    sandbox.advance(minutes=61)
    assert count_passed(ask_at_once(server, [("198.51.100.3", "06 39 98 70 03")])) == 1


def guess(server: RunningServer, ent: RelyingParty, identifiant: str, address: str, times: int = 5) -> Page:
    browser = browser_at(server, address)
    come_from(ent, browser)
    for number in range(times):
        page = sign_in(browser, identifiant, f"Mauvais-Mot-{number}")
    return page


def test_a_stranger_who_guesses_shuts_nobody_out_but_his_own_address(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser_at(server, "192.0.2.1"), sandbox, JOE)
    assert guess(server, ent, identifiant, "198.51.100.66", times=6).status == 429
    elsewhere = browser_at(server, "192.0.2.9")  # another browser, where nobody signed in before
    come_from(ent, elsewhere)
    sign_in(elsewhere, identifiant, PASSWORD)
    assert "code" in answer_in(elsewhere.left_to)


def test_a_stranger_with_many_addresses_does_not_shut_out_the_browser_that_signed_in_before(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser_at(server, "192.0.2.1"), sandbox, JOE)
    parent, stranger = browser_at(server, "192.0.2.1"), browser_at(server, "192.0.2.1")
    come_from(ent, parent)
    sign_in(parent, identifiant, PASSWORD)
    for number in range(10):
        guess(server, ent, identifiant, f"198.51.100.{number}")
    come_from(ent, stranger)
    assert sign_in(stranger, identifiant, PASSWORD).status == 429
    come_from(ent, parent, prompt="login")
    sign_in(parent, identifiant, PASSWORD)
    assert "code" in answer_in(parent.left_to)


def test_a_browser_that_signed_in_before_has_five_tries_of_its_own_and_for_one_person_only(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser_at(server, "192.0.2.1"), sandbox, JOE)
    parent = browser_at(server, "192.0.2.1")
    come_from(ent, parent)
    sign_in(parent, identifiant, PASSWORD)
    come_from(ent, parent, prompt="login")
    for number in range(5):
        assert sign_in(parent, identifiant, f"Mauvais-Mot-{number}").status == 422
    assert sign_in(parent, identifiant, PASSWORD).status == 429
    for number in range(5):
        assert sign_in(parent, "x.inconnu0000", f"Mauvais-Mot-{number}").status == 422
    assert sign_in(parent, "x.inconnu0000", PASSWORD).status == 429
    assert guess(server, ent, "x.inconnu0000", "192.0.2.1", times=1).status == 429


def test_a_mark_that_this_server_did_not_make_is_worth_nothing(
    server: RunningServer, sandbox: Sandbox, ent: RelyingParty
) -> None:
    identifiant = activate(browser_at(server, "192.0.2.1"), sandbox, JOE)
    assert guess(server, ent, identifiant, "198.51.100.66").status == 422
    forger = browser_at(server, "198.51.100.66")
    come_from(ent, forger)
    for forged in ("", ".", "a.b", f"x.{'0' * 64}"):
        forger.http.cookies.set("preau_idp_known", forged)
        assert sign_in(forger, identifiant, PASSWORD).status == 429
