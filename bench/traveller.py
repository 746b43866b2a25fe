"""A person who comes back through FranceConnect: the simulator is her way, the provider is what is charged."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from bench.browser import Answer, Browser
from bench.places import Database, Place, free_port, identifiant_of, make_place
from bench.visitor import Visitor
from franceconnect_bridge.simulator.persons import load_persons
from idp.adapters.secrets import MasterKey
from idp.adapters.stores import SqlStores, make_engine
from idp.adapters.tables import franceconnect_link
from idp.journeys.rows import FranceConnectLink
from tests.support.franceconnect import Simulator, running_simulator

PROVIDER = "Impôts fictifs"
_LEAVE = re.compile(r'href="([^"]*/franceconnect/debut[^"]*)"')
_ONWARD = re.compile(r'href="([^"]*/franceconnect/continuer[^"]*)"')
_FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
_BUTTON = re.compile(r'<button[^>]*name="([^"]+)"[^>]*value="([^"]*)"[^>]*>(.*?)</button>', re.DOTALL)
_PERSONS = load_persons(None)[:4]  # nothing happens to the first ones


class Traveller:
    """One of the persons of the simulator, at one provider.

    Args:
        base: Of the provider.
        franceconnect: Of the simulator.
        number: Of the person: each visitor is another one.
    """

    def __init__(self, base: str, franceconnect: str, number: int) -> None:
        self.visitor = Visitor(base)
        self._elsewhere = Browser(franceconnect)
        self._person = _PERSONS[number]

    async def come_back(self) -> None:
        """From the ENT's authorization request to userinfo, with no session here."""
        self.visitor.browser.cookies.clear()
        await self.visitor.authorize(self._prove)

    async def close(self) -> None:
        """Close both connections."""
        await self.visitor.browser.close()
        await self._elsewhere.close()

    async def _prove(self, page: str) -> Answer:
        browser = self.visitor.browser
        left = await browser.ask("GET", _find(_LEAVE, page))
        callback = await self._go_through(left.header("location"))
        back = await browser.ask("GET", _target(callback))
        assert back.status == 200, f"{back.status} {back.body[:300]!r}"
        return await browser.ask("GET", _find(_ONWARD, back.body.decode()))

    async def _go_through(self, address: str) -> str:
        """Do at FranceConnect what its pages ask, and return the address of the way back."""
        method, form = "GET", None
        for _ in range(12):
            answer = await self._elsewhere.ask(method, _target(address), form=form)
            method, form = "GET", None
            if answer.status in {302, 303}:
                address = answer.header("location")
                if address.startswith(self.visitor.base):
                    return address
                continue
            method = "POST"
            address, form = self._fill(answer.body.decode())
        raise AssertionError(f"FranceConnect leads nowhere: {address}")

    def _fill(self, page: str) -> tuple[str, dict[str, str]]:
        for action, inside in _FORM.findall(page):
            values = dict(_FIELD.findall(inside))
            chosen = {name: value for name, value, words in _BUTTON.findall(inside) if PROVIDER in words}
            if 'name="login"' in inside:
                return html.unescape(action), values | {"login": self._person.login, "password": self._person.password}
            if chosen or "Continuer sur" in inside:
                return html.unescape(action), values | chosen
        raise AssertionError(page)


@contextmanager
def franceconnect_beside(folder: Path, name: str, database: Database, workers: int = 1) -> Iterator[tuple[Place, str]]:
    """Write the settings of a provider with FranceConnect, start a simulator for it, and give both addresses."""
    port = free_port()
    simulator = Simulator(f"http://localhost:{port}")
    place = make_place(folder, name, database, workers=workers, more=simulator.settings())
    with running_simulator(folder, place.base, port=port):
        link_accounts(database, simulator.issuer)
        yield place, simulator.base


def link_accounts(database: Database, issuer: str) -> None:
    """Link the first accounts of `add_accounts` with the persons of the simulator at this issuer."""
    engine = make_engine(database.url)
    with engine.begin() as connection:
        connection.execute(franceconnect_link.delete())  # of a simulator at another port: an account has one link
    with SqlStores(engine, MasterKey(bytes(32))).writing() as desk:
        for number, person in enumerate(_PERSONS):
            account = desk.accounts.load_by_identifiant(identifiant_of(number))
            if account is None:
                break
            at = datetime(2026, 1, 1, tzinfo=UTC)
            desk.franceconnect.add_link(FranceConnectLink(issuer, person.sub("preau"), account.id, "none", at))
    engine.dispose()


def _find(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found is not None, page
    return _target(html.unescape(found[1]))


def _target(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
