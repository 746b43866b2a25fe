"""The fictional persons: what an identity provider says of them, and what the civil register makes of it."""

import base64
import hashlib
import json
import re
import threading
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_COUNTRY = re.compile(r"99[0-9]{3}")
_BIRTHDATE = re.compile(r"[0-9]{4}-(?:0[0-9]|1[0-2])-(?:[0-2][0-9]|3[01])")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_GENDERS = {"male", "female", "unspecified"}
_FRANCE = "99100"
_LONGEST_NAME = 256
_USUAL_PASSWORD = "123"  # noqa: S105  of every fictional person
_SECRET = "the simulator's own, so that no sub is one of FranceConnect's"  # noqa: S105


class PersonError(ValueError):
    """A person that cannot be kept; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Person:
    """One fictional person.

    Attributes:
        login: Typed at a fictional identity provider, any of them.
        password: Typed beside it.
        about: What she is there for, in French, for the list of persons.
        given_names: Every first name, in order.
        family_name: Birth name.
        preferred_username: Usage name, "" for none.
        gender: ``male``, ``female`` or ``unspecified``.
        birthdate: As the identity provider says it: a day or a month may be ``00``.
        birthplace: COG code of the commune, "" for a person born abroad.
        birthcountry: COG code of the country.
        email: At her identity provider.
        refusal: Code of the error page that she ends at, "" for none.
        faults: Names of faults that every sign-in of hers meets.
    """

    login: str
    password: str
    about: str = ""
    given_names: tuple[str, ...] = ()
    family_name: str = ""
    preferred_username: str = ""
    gender: str = "unspecified"
    birthdate: str = ""
    birthplace: str = ""
    birthcountry: str = _FRANCE
    email: str = ""
    refusal: str = ""
    faults: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Given names and FAMILY NAME, as the information page shows them."""
        return f"{' '.join(self.given_names)} {self.family_name.upper()}".strip()

    @property
    def register_birthdate(self) -> str:
        """The civil register writes 01 for a day or a month that is not known."""
        year, month, day = self.birthdate.split("-")
        return f"{year}-{'01' if month == '00' else month}-{'01' if day == '00' else day}"

    def problem(self) -> str:
        """Return which datum makes FranceConnect refuse the identity (page Y600006), or ""."""
        rules = {
            "given_name": 0 < len(" ".join(self.given_names)) <= _LONGEST_NAME,
            "family_name": 0 < len(self.family_name) <= _LONGEST_NAME,
            "birthdate": _is_birthdate(self.birthdate),
            "gender": self.gender in _GENDERS,
            "birthcountry": bool(_COUNTRY.fullmatch(self.birthcountry)),
            "birthplace": self.birthcountry != _FRANCE or bool(_COMMUNE.fullmatch(self.birthplace)),
            "email": bool(_EMAIL.fullmatch(self.email)),
        }
        return next((name for name, holds in rules.items() if not holds), "")

    def claims(self, idp_id: str) -> dict[str, Any]:
        """Return every identity claim; which of them are told depends on the scopes.

        Args:
            idp_id: Of the identity provider that was used.
        """
        return {
            "given_name": " ".join(self.given_names),
            "given_name_array": list(self.given_names),
            "family_name": self.family_name,
            "preferred_username": self.preferred_username,
            "gender": self.gender,
            "birthdate": self.register_birthdate,
            "birthplace": self.birthplace if self.birthcountry == _FRANCE else "",
            "birthcountry": self.birthcountry,
            "email": self.email,
            "idp_birthdate": self.birthdate,
            "idp_id": idp_id,
        }

    def sub(self, entity_id: str) -> str:
        """Return the pairwise subject: the same whatever the identity provider, another for each entity, changed by the civil status."""
        place = self.birthplace if self.birthcountry == _FRANCE else ""
        status = "".join(
            [
                " ".join(self.given_names),
                self.family_name,
                self.register_birthdate,
                self.gender,
                place,
                self.birthcountry,
            ]
        )
        identity = base64.b64encode(hashlib.sha256(status.encode()).digest()).decode()
        return hashlib.sha256(f"{entity_id}{identity}{_SECRET}".encode()).hexdigest() + "v1"

    def to_json(self) -> dict[str, Any]:
        """Return the person as the control API gives her."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]  # tuples become lists


class Persons:
    """Who can sign in, by login."""

    def __init__(self, file: Path | None, families: Sequence[Path] = ()) -> None:
        """Read the persons.

        Args:
            file: A TOML file, or None for those that come with the simulator.
            families: Families documents whose guardians are persons too.

        Raises:
            PersonError: One of them cannot be read, or holds somebody who is not a person; or two persons have one login.
        """
        self._file = file
        self._families = tuple(families)
        self._lock = threading.Lock()
        self._persons: dict[str, Person] = {}
        self.reset()

    def reset(self) -> None:
        """Begin again with the file."""
        persons = load_everybody(self._file, self._families)
        with self._lock:
            self._persons = {person.login: person for person in persons}

    def find(self, login: str) -> Person | None:
        """Return who signs in with this login."""
        return self._persons.get(login.strip())

    def all(self) -> list[Person]:
        """Return everybody, in the order of the file."""
        return list(self._persons.values())

    def put(self, person: Person) -> None:
        """Add a person, or change the one with her login."""
        with self._lock:
            self._persons = {**self._persons, person.login: person}

    def remove(self, login: str) -> bool:
        """Forget a person; False when there is none."""
        with self._lock:
            there = login in self._persons
            self._persons = {name: person for name, person in self._persons.items() if name != login}
            return there


def load_everybody(file: Path | None, families: Sequence[Path]) -> list[Person]:
    """Read the persons of a file, and those of families documents.

    Raises:
        PersonError: One of them cannot be read, or holds somebody who is not a person; or two persons have one login.
    """
    persons = {person.login: person for person in load_persons(file)}
    for document in families:
        for person in load_guardians(document):
            if person.login in persons:
                raise PersonError(f"{document}: there is somebody with the login {person.login} already.")
            persons[person.login] = person
    return list(persons.values())


def load_persons(file: Path | None) -> list[Person]:
    """Read `[[persons]]` of a TOML file.

    Raises:
        PersonError: It cannot be read, or holds somebody who is not a person.
    """
    return [read_person(values) for values in _load_document(file).get("persons", [])]


def load_guardians(path: Path) -> list[Person]:
    """Read who the guardians of a families document are for FranceConnect; its other members are the provider's business.

    Args:
        path: The document, or a folder of documents.

    Raises:
        PersonError: It cannot be read, or holds somebody who is not a person.
    """
    if path.is_dir():
        return [person for document in sorted(path.glob("*.toml")) for person in load_guardians(document)]
    found = []
    try:
        for family in _load_document(path).get("families", []):
            for guardian in family.get("guardians", []):
                if "franceconnect" in guardian:
                    told = {"password": _USUAL_PASSWORD, **guardian["franceconnect"]}
                    told.pop("linked", None)  # whether an account was linked with her is no business of FranceConnect's
                    found.append(read_person(told))
    except PersonError as error:
        raise PersonError(f"{path}: {error}") from error
    except (AttributeError, TypeError) as error:
        raise PersonError(f"{path} is no families document: preau families check says what is wrong.") from error
    return found


def _load_document(file: Path | None) -> dict[str, Any]:
    try:
        text = (file or files(__package__) / "persons.toml").read_text(encoding="utf-8")
        return tomllib.loads(text)
    except OSError as error:
        raise PersonError(f"{file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PersonError(f"{file} is not TOML: {error}.") from error


def read_person(values: Mapping[str, Any]) -> Person:
    """Return a person from JSON or TOML.

    Raises:
        PersonError: A field is unknown, missing or of another type. Data that FranceConnect would refuse are taken: that is a case to test.
    """
    wanted = {field.name: field.type for field in fields(Person)}
    for name, value in values.items():
        if name not in wanted:
            raise PersonError(f"{name} is not a field of a person: {', '.join(wanted)}")
        is_list = name in {"given_names", "faults"}
        fits = (
            isinstance(value, list) and all(isinstance(one, str) for one in value)
            if is_list
            else isinstance(value, str)
        )
        if not fits:
            raise PersonError(f"{name} must be {'a list of texts' if is_list else 'a text'}")
        texts = value if isinstance(value, list) else [value]
        if not all(text.isprintable() for text in texts):
            raise PersonError(f"{name} must hold no line break, no control character and no half of a character")
    if not values.get("login") or "password" not in values:
        raise PersonError("login and password are needed")
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Person(**read)


def _is_birthdate(text: str) -> bool:
    return bool(_BIRTHDATE.fullmatch(text)) and not (text[5:7] == "00" and text[8:] != "00")
