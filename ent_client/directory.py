"""The ENT's own copy of the school directory: which guardian stands behind a `FrEduCtRefId`.

The provider says who signed in; only the ENT knows which of its accounts that is. One person may have several references
(one per academy, or per first and second degree); the unknown ones are ignored as long as one is known.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class DirectoryError(Exception):
    """The directory file cannot be used; the message is one sentence."""


class RefId(NamedTuple):
    """What identifies a record: the academy's code without leading zeros, and the AAF number. The second field is not used."""

    academy: str
    number: str


@dataclass(frozen=True)
class Pupil:
    """A child as the school writes it, with the class and the school's name."""

    given_name: str
    family_name: str
    school_class: str
    school: str
    uai: str


@dataclass(frozen=True)
class Guardian:
    """One account of the ENT: a guardian in one directory record, and the pupils followed there (perhaps none yet)."""

    ref_id: str
    given_name: str
    family_name: str
    pupils: tuple[Pupil, ...]

    @property
    def schools(self) -> tuple[str, ...]:
        """Names of the schools, each once, in the order of the pupils: by these a parent tells two accounts apart."""
        return tuple(dict.fromkeys(pupil.school for pupil in self.pupils if pupil.school))


class Directory:
    """Guardians by reference."""

    def __init__(self, guardians: Mapping[RefId, Guardian]) -> None:
        self._guardians = dict(guardians)

    def __len__(self) -> int:
        return len(self._guardians)

    def known(self, ref_ids: Iterable[str]) -> tuple[Guardian, ...]:
        """Give the guardians that we know among these references, each once, in the order given.

        Args:
            ref_ids: values of `FrEduCtRefId`; malformed and unknown ones are ignored.
        """
        parsed = (parse_ref_id(text) for text in ref_ids)
        found = (self._guardians.get(ref_id) for ref_id in parsed if ref_id)
        return tuple(dict.fromkeys(guardian for guardian in found if guardian))


def parse_ref_id(text: str) -> RefId | None:
    """Read `{AAF}<academy>|<second field>|<number>`; academy 8 and 08 are the same.

    Returns:
        None when the prefix is not `{AAF}`, when there are not exactly three fields, or when academy or number is missing.
    """
    if not text.startswith("{AAF}"):
        return None
    parts = text.removeprefix("{AAF}").split("|")
    if len(parts) != 3:
        return None
    academy, _, number = (part.strip() for part in parts)
    if not (academy.isascii() and academy.isdecimal() and number):
        return None
    return RefId(academy.lstrip("0") or "0", number)


def as_values(claim: object) -> tuple[str, ...]:
    """Read a multi-valued claim: an array of strings, a bare string, or nothing at all. Other members are dropped."""
    if isinstance(claim, str):
        return (claim,) if claim else ()
    return tuple(value for value in claim if isinstance(value, str) and value) if isinstance(claim, list) else ()


def load_directory(path: Path) -> Directory:
    """Read `ent-directory.json`.

    Raises:
        DirectoryError: when the file is missing, is not of the expected form, or names one reference twice.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        guardians: dict[RefId, Guardian] = {}
        for entry in document["guardians"]:
            ref_id = parse_ref_id(entry["ref_id"])
            if ref_id is None:
                raise DirectoryError(f"The directory {path} holds a ref_id that is not {{AAF}}academy|…|number.")
            if ref_id in guardians:
                raise DirectoryError(f"The directory {path} names the reference {entry['ref_id']} twice.")
            guardians[ref_id] = _guardian(entry)
    except OSError as error:
        raise DirectoryError(f"The directory {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DirectoryError(f"The directory {path} is not of the expected form: {error!r}.") from error
    return Directory(guardians)


def _guardian(entry: Mapping[str, object]) -> Guardian:
    children = entry.get("children") or []
    if not isinstance(children, list):
        raise TypeError("children is not a list")
    return Guardian(
        ref_id=str(entry["ref_id"]),
        given_name=str(entry["given_name"]),
        family_name=str(entry["family_name"]),
        pupils=tuple(
            Pupil(
                given_name=str(child["given_name"]),
                family_name=str(child["family_name"]),
                school_class=str(child.get("class") or ""),
                school=str(child.get("school") or ""),
                uai=str(child.get("uai") or ""),
            )
            for child in children
        ),
    )
