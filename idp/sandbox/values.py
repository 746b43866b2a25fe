"""How the control API reads and writes values, and their schemas: one way for every call."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.people.emails import EmailFault, parse_email
from idp.sandbox.operations import Asked, Schema
from idp.sandbox.problems import Problem

_E164 = re.compile(r"\+[0-9]{4,20}")

TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MOMENT_OR_NONE: Schema = {"type": ["string", "null"], "format": "date-time"}
TEXT_OR_NONE: Schema = {"type": ["string", "null"]}
NUMBER: Schema = {"type": "integer"}
SECONDS: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object"}


def document_of(members: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with these members and no other."""
    return {
        "type": "object",
        "properties": {**members, **(optional or {})},
        "required": list(members),
        "additionalProperties": False,
    }


def list_of(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def one_of(*words: str) -> Schema:
    """Return the schema of one of these words."""
    return {"type": "string", "enum": list(words)}


def read_members(asked: Asked, required: Mapping[str, type], optional: Mapping[str, type]) -> dict[str, Any]:
    """Return the members of the body.

    Args:
        asked: The call.
        required: Names and types of what must be there.
        optional: Of what may be there.

    Raises:
        Problem: 422; it is no JSON object, or a member is missing, unknown or of another type.
    """
    body = asked.body
    known = {**required, **optional}
    if not isinstance(body, dict):
        raise Problem(422, f"The body must be a JSON object with: {', '.join(known)}")
    for name in body:
        if name not in known:
            raise Problem(422, f"Unknown member. Known here: {', '.join(known)}")
    for name in required:
        if name not in body:
            raise Problem(422, f"{name} is missing")
    for name, value in body.items():
        # In Python, True is an int.
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool):
            raise Problem(422, f"{name} must be {_WORDS[known[name]]}")
        if isinstance(value, str) and not _is_sound(value):
            raise Problem(422, f"{name} holds a sign that no text has")
    return body


def _is_sound(text: str) -> bool:
    """Tell whether a database and a hash can take a text: no NUL, and no half of a character (RFC 8259 section 8.2)."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


_WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def read_number(text: str, *, status: int = 400) -> str:
    """Return an E.164 number.

    Args:
        text: As sent.
        status: Of the refusal.

    Raises:
        Problem: It is none.
    """
    # In a query, + means a space; whoever forgot to write %2B meant the sign.
    number = f"+{text[1:]}" if text.startswith(" ") else text
    if not _E164.fullmatch(number):
        raise Problem(
            status, "A number must be in E.164 form, in a query with its sign written %2B, for example %2B33639980001"
        )
    return number


def read_recipient(text: str, *, status: int = 400) -> str:
    """Return an E.164 number or, where there is an @, an e-mail address as mails to it are kept.

    Args:
        text: As sent.
        status: Of the refusal.

    Raises:
        Problem: It is neither.
    """
    if "@" not in text:
        return read_number(text, status=status)
    try:
        return parse_email(text).address
    except EmailFault:
        raise Problem(status, "An e-mail address must be a name, @ and a domain, without accents") from None


def read_id(text: str, name: str) -> int:
    """Return the id of a row.

    Raises:
        Problem: 400; it is none.
    """
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Problem(400, f"{name} must be an id, a whole number")
    return int(text)


def read_duration(seconds: float, name: str) -> timedelta:
    """Return a duration.

    Raises:
        Problem: 422; it is not a number, or longer than Python counts.
    """
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        raise Problem(422, f"{name} must be a number of seconds that a clock can move by") from None


def write_moment(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def write_moment_or_none(moment: datetime | None) -> str | None:
    """Return the same, None for none."""
    return None if moment is None else write_moment(moment)
