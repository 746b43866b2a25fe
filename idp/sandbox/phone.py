"""The simulated phone: a page with the texts that a test instance sent."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from idp.adapters.message_reader import MessageReader, ReadMessage
from idp.journeys.local_time import paris_time

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class ShownText:
    """One text. `lines` are the lines of its body."""

    lines: tuple[str, ...]
    received: str
    moment: str


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """One number and its texts, newest first."""

    number: str
    texts: tuple[ShownText, ...]


def say_number(e164: str) -> str:
    """Return a number as people read it: « 06 39 98 00 01 » for France, « +262 6 39 … » otherwise left as it is.

    Args:
        e164: For example ``+33639980001``.
    """
    national = "0" + e164.removeprefix("+33") if e164.startswith("+33") else ""
    if len(national) != 10:
        return e164
    return _NBSP.join(national[i : i + 2] for i in range(0, 10, 2))


def say_moment(moment: datetime) -> str:
    """Return « 14 mars 2031 à 10 h 26 min 53 s », on the clocks of Paris."""
    local = paris_time(moment)
    day = "1er" if local.day == 1 else str(local.day)
    return (
        f"{day} {_MONTHS[local.month - 1]} {local.year} à "
        f"{local.hour}{_NBSP}h {local.minute:02}{_NBSP}min {local.second:02}{_NBSP}s"
    ).replace(f"{day} ", f"{day}{_NBSP}", 1)


def group_by_number(messages: list[ReadMessage]) -> list[ShownNumber]:
    """Return the texts of each number; the number with the newest text comes first.

    Args:
        messages: Newest first.
    """
    texts: dict[str, list[ShownText]] = {}
    for message in messages:
        shown = ShownText(
            lines=tuple(message.text.splitlines()),
            received=say_moment(message.created_at),
            moment=message.created_at.isoformat(),
        )
        texts.setdefault(message.to, []).append(shown)
    return [ShownNumber(say_number(number), tuple(those)) for number, those in texts.items()]


def add_phone(blueprint: Blueprint, messages: MessageReader) -> None:
    """Add the page."""

    @blueprint.get("/messages")
    def phone() -> str:
        received = [message for message in messages.load_messages() if message.channel == "sms"]
        return render_template("sandbox/phone.html", numbers=group_by_number(received))
