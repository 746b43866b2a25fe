"""One world per test: a strict provider and an ENT, each behind its own loopback port, and one clock that tests move."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

from ent_client.app import create_app
from ent_client.settings import Settings
from tests.ent.provider import StrictProvider
from tests.ent.servers import Door, open_door

DIRECTORY: dict[str, Any] = {
    "schools": [
        {"uai": "0380001A", "name": "Collège des Tilleuls", "academy": "8"},
        {"uai": "0690002B", "name": "Lycée de la Fontaine", "academy": "10"},
    ],
    "guardians": [
        {
            "ref_id": "{AAF}08||123456",
            "given_name": "Joe",
            "family_name": "DUPONT",
            "children": [
                {
                    "given_name": "Léa",
                    "family_name": "DUPONT",
                    "class": "3e B",
                    "school": "Collège des Tilleuls",
                    "uai": "0380001A",
                },
                {
                    "given_name": "Tom",
                    "family_name": "DUPONT",
                    "class": "6e A",
                    "school": "Collège des Tilleuls",
                    "uai": "0380001A",
                },
            ],
        },
        {
            "ref_id": "{AAF}10||777",
            "given_name": "Joe",
            "family_name": "DUPONT",
            "children": [
                {
                    "given_name": "Zoé",
                    "family_name": "DUPONT",
                    "class": "2de 4",
                    "school": "Lycée de la Fontaine",
                    "uai": "0690002B",
                }
            ],
        },
        {"ref_id": "{AAF}10||888", "given_name": "Angela", "family_name": "DUBOIS", "children": []},
        {
            "ref_id": "{AAF}10||999",
            "given_name": "Jean-Baptiste",
            "family_name": "DUPONT DE LA ROCHEFOUCAULD",
            "children": [
                {
                    "given_name": "Marie-Antoinette-Joséphine",
                    "family_name": "DUPONT DE LA ROCHEFOUCAULD-MONTMORENCY",
                    "class": "Terminale générale, groupe 12",
                    "school": "Lycée polyvalent intercommunal Saint-Exupéry-Montgolfière",
                    "uai": "0690003C",
                }
            ],
        },
    ],
}


class HandClock:
    """A clock that moves only by hand."""

    def __init__(self) -> None:
        self.time = datetime(2031, 3, 4, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **parts: float) -> None:
        self.time += timedelta(**parts)


class Person:
    """Somebody with a browser: keeps cookies, follows redirects when asked."""

    def __init__(self, ent: str) -> None:
        self.ent = ent
        self.http = requests.Session()

    def open(self, path: str, *, follow: bool = True, **kwargs: Any) -> requests.Response:
        url = path if path.startswith("http") else self.ent + path
        return self.http.get(url, allow_redirects=follow, timeout=10, **kwargs)

    def send(self, path: str, *, follow: bool = True, **form: str) -> requests.Response:
        return self.http.post(self.ent + path, data=form, allow_redirects=follow, timeout=10)

    def sign_in(self) -> requests.Response:
        return self.open("/connexion")

    def start(self) -> str:
        """Begin a sign-in and stop in front of the provider; give the address to open there."""
        return self.open("/connexion", follow=False).headers["Location"]

    def bring_back(self, authorize_url: str) -> str:
        """Let the provider answer and stop in front of the ENT; give the callback's address."""
        return self.open(authorize_url, follow=False).headers["Location"]


@dataclass
class World:
    clock: HandClock
    provider: StrictProvider
    settings: Settings
    door: Door
    provider_door: Door

    @property
    def ent(self) -> str:
        return self.settings.base_url

    def rebuild(self, **changes: Any) -> None:
        """Start the ENT again with other settings."""
        self.settings = replace(self.settings, **changes)
        self.door.app = create_app(self.settings, self.clock)

    def person(self) -> Person:
        person = Person(self.ent)
        self.people.append(person)
        return person

    def __post_init__(self) -> None:
        self.people: list[Person] = []


@pytest.fixture
def directory_file(tmp_path: Path) -> Path:
    path = tmp_path / "ent-directory.json"
    path.write_text(json.dumps(DIRECTORY), encoding="utf-8")
    return path


@pytest.fixture
def world(directory_file: Path) -> Iterator[World]:
    clock = HandClock()
    with open_door() as idp, open_door() as ent:
        provider = StrictProvider(
            idp.url, clock, redirect_uri=ent.url + "/retour", after_logout_uri=ent.url + "/deconnecte"
        )
        idp.app = provider.app()
        settings = Settings(
            issuer=idp.url,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            base_url=ent.url,
            directory=directory_file,
        )
        ent.app = create_app(settings, clock)
        world = World(clock, provider, settings, ent, idp)
        yield world
        provider.released.set()
        for person in world.people:
            person.http.close()


@pytest.fixture
def joe(world: World) -> Person:
    return world.person()


def words(response: requests.Response) -> str:
    """What a person reads, without markup, spaces joined."""
    text = re.sub(r"<(style|title)[^>]*>.*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"[ \n\t]+", " ", unescape(text))


def csrf_of(response: requests.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', response.text)
    assert found
    return found[1]


def refused_check(response: requests.Response, person: Person) -> str:
    """The check that the Diagnostic page of this browser shows as refused, after a page T5."""
    assert "La connexion n'a pas abouti" in words(response), words(response)
    reference = response.url.rsplit("/", 1)[1]
    page = person.open(f"/diagnostic?reference={reference}")
    refused = re.findall(r'class="controle refuse" data-controle="([^"]+)"', page.text)
    assert len(refused) == 1
    return refused[0]
