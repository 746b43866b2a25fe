"""The fictional persons who can sign in, from `persons.toml` and the files of testers, and one for each fault."""

import re
import threading
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from franceconnect_bridge.simulator.faults import FAULTS, LONGEST_SECONDS, Strike
from franceconnect_bridge.simulator.records import RecordError, build

PASSWORD = "123"  # noqa: S105  of every shipped person, and printed on the page
_STAGES_OF_PERSONS = ("verify", "callback", "token", "userinfo", "logout")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as an identity provider describes her. A text that is "" is a datum that the provider does not have.

    Attributes:
        login: What she types.
        password: What she types.
        given_names: Every first name, in order; one may hold a space.
        family_name: Birth name, as the civil register writes it.
        preferred_username: Usage name.
        gender: ``male``, ``female`` or ``unspecified``.
        birthdate: ``YYYY-MM-DD``; a day, or a day and a month, that nobody knows is ``00``.
        birthplace: COG code of the commune, "" when born abroad.
        birthcountry: COG code of the country; 99100 is France.
        email: What the provider knows.
        note: For testers, in French: which case this is.
        group: Under which heading of the list.
        fault: What happens when she signs in (`faults.py`).
        fault_seconds: Of a slow one.
        fault_claim: Of one about a claim.
    """

    login: str
    password: str = PASSWORD
    given_names: tuple[str, ...] = ()
    family_name: str = ""
    preferred_username: str = ""
    gender: str = ""
    birthdate: str = ""
    birthplace: str = ""
    birthcountry: str = ""
    email: str = ""
    note: str = ""
    group: str = "Vos personnes"
    fault: str = ""
    fault_seconds: int = 10
    fault_claim: str = "birthdate"

    def __post_init__(self) -> None:
        """Refuse what could never sign in.

        Raises:
            ValueError: With what is wrong.
        """
        if not self.login.strip() or len(self.login) > 100:
            raise ValueError("login must have 1 to 100 characters")
        texts = (getattr(self, name) for name in PERSON_FIELDS)
        if not all(
            part.isprintable() for text in texts for part in (text if isinstance(text, tuple) else (str(text),))
        ):
            raise ValueError("no text may hold a line break, a control character or half a character")
        if self.fault and self.fault not in FAULTS:
            raise ValueError(f"fault {self.fault} is unknown; GET /sandbox/v1/faults/catalogue lists them")
        if self.fault and FAULTS[self.fault].stage not in _STAGES_OF_PERSONS:
            raise ValueError(f"fault {self.fault} strikes before anybody is known: plan it for a client")
        if not 0 <= self.fault_seconds <= LONGEST_SECONDS:
            raise ValueError(f"fault_seconds must be from 0 to {LONGEST_SECONDS}")

    @property
    def full_name(self) -> str:
        """Given names and family name, as the information page shows them."""
        return " ".join([*self.given_names, self.family_name.upper()]).strip()

    @property
    def strike(self) -> Strike | None:
        """What happens when she signs in."""
        return Strike(self.fault, self.fault_seconds, self.fault_claim) if self.fault else None


PERSON_FIELDS = tuple(field.name for field in fields(Person))


class Persons:
    """Those who can sign in now, by login. Case and accents of a login do not matter."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._lock = threading.Lock()
        self._seed = {_fold(person.login): person for person in people}
        self._people = dict(self._seed)

    def load(self) -> list[Person]:
        """Return everybody, in the order of the files."""
        with self._lock:
            return list(self._people.values())

    def find(self, login: str) -> Person | None:
        """Return the person of this login."""
        return self._people.get(_fold(login))

    def put(self, person: Person) -> bool:
        """Add a person, or change who has this login.

        Returns:
            Whether she is new.
        """
        with self._lock:
            is_new = _fold(person.login) not in self._people
            self._people[_fold(person.login)] = person
            return is_new

    def drop(self, login: str) -> bool:
        """Forget a person, and tell whether there was one."""
        with self._lock:
            return self._people.pop(_fold(login), None) is not None

    def reset(self) -> None:
        """Go back to those of the files."""
        with self._lock:
            self._people = dict(self._seed)


def read_person(values: Mapping[str, Any], where: str) -> Person:
    """Return a person of a file or of the control API.

    Raises:
        RecordError: With the sentence to show.
    """
    return build(Person, values, where)


def load_persons(path: Path | None) -> tuple[Person, ...]:
    """Return the shipped persons, one for each fault, then those of a file, who win over others of the same login.

    Args:
        path: A TOML file of `[[persons]]`, or None.

    Raises:
        RecordError: It cannot be read.
    """
    shipped = files("franceconnect_bridge.simulator").joinpath("persons.toml").read_text(encoding="utf-8")
    people = [*_read(shipped, "persons.toml"), *_persons_for_faults()]
    if path is not None:
        try:
            people += _read(path.read_text(encoding="utf-8"), str(path))
        except OSError as error:
            raise RecordError(f"{path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise RecordError(f"{path} is not UTF-8.") from None
    return tuple(people)


def _read(text: str, where: str) -> list[Person]:
    try:
        tables = tomllib.loads(text).get("persons")
    except tomllib.TOMLDecodeError as error:
        raise RecordError(f"{where} is not TOML: {error}.") from None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RecordError(f"{where} must hold [[persons]].")
    return [read_person(table, f"{where}, person {number}") for number, table in enumerate(tables, 1)]


def _persons_for_faults() -> list[Person]:
    """Return one person for each fault that a person can have. `E010008` is the usual login for the register's Y010008."""
    return [
        Person(
            login=f"E{fault.name[1:]}" if re.fullmatch(r"Y[0-9A-F]+", fault.name) else f"panne-{fault.name}",
            given_names=("Jean",),
            family_name="MARTIN",
            gender="male",
            birthdate="1981-06-14",
            birthplace="69123",
            birthcountry="99100",
            email="jean.martin@personne.example",
            note=fault.does,
            group="Pannes et refus",
            fault=fault.name,
        )
        for fault in FAULTS.values()
        if fault.stage in _STAGES_OF_PERSONS
    ]


def _fold(login: str) -> str:
    letters = unicodedata.normalize("NFKD", login.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
