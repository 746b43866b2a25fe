"""Typed records from a TOML table or a JSON object: one reader, one clear sentence when something is wrong."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

Record = TypeVar("Record")


class RecordError(Exception):
    """A record is missing something or holds what it may not; the message is one sentence."""


def build(kind: type[Record], values: Mapping[str, Any], where: str) -> Record:
    """Make a record of a dataclass whose fields are texts, numbers, flags and lists of texts.

    Args:
        kind: The dataclass.
        values: Its fields by name.
        where: For the sentence, for example "clients 2".

    Raises:
        RecordError: An unknown name, a wrong type, a missing field, or a rule of the dataclass that is broken.
    """
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]  # every kind is a dataclass
    for name in values:
        if name not in known:
            raise RecordError(f"{where}: {name} is unknown; known are {', '.join(known)}.")
    for name, field in known.items():
        if name not in values and field.default is MISSING and field.default_factory is MISSING:
            raise RecordError(f"{where}: {name} is missing.")
    try:
        return kind(**{name: _read(value, known[name].type, name) for name, value in values.items()})
    except ValueError as error:
        raise RecordError(f"{where}: {error}.") from None


def _read(value: Any, wanted: Any, name: str) -> Any:
    """Return a value of the type that its field wants.

    Raises:
        ValueError: It is of another type.
    """
    if wanted is str and isinstance(value, str):
        return value
    if wanted is bool and isinstance(value, bool):
        return value
    if wanted is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if wanted == tuple[str, ...] and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    kinds = {str: "a text", bool: "true or false", int: "a whole number"}
    raise ValueError(f"{name} must be {kinds.get(wanted, 'a list of texts')}")
