"""The simulated phone and mailbox: a page with the texts and mails that a test instance sent, and each mail as HTML shows it."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, render_template

from idp.adapters.message_reader import MessageReader, ReadMessage
from idp.adapters.mime import STYLE, render_html
from idp.journeys.local_time import paris_time, say_date, say_hour

_NBSP = "\u00a0"
_GREATEST_ID = 2**63 - 1  # that a database takes
# As a mail program shows it: our one style, nothing fetched, nothing sent; its links open where the person says.
_MAIL_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a message, or a link in it."""

    words: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One text or mail.

    Attributes:
        id: Of its row.
        subject: Of a mail; "" for a text.
        paragraphs: Of a mail, or the lines of a text, in pieces.
        received: In words.
        moment: For programs.
    """

    id: int
    subject: str
    paragraphs: tuple[tuple[Piece, ...], ...]
    received: str
    moment: str


@dataclass(frozen=True, slots=True)
class ShownRecipient:
    """One number or address and what it got, newest first."""

    name: str
    messages: tuple[ShownMessage, ...]


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
    return f"{say_date(local)} à {say_hour(local)}{_NBSP}min {local.second:02}{_NBSP}s"


def group_by_recipient(messages: list[ReadMessage]) -> list[ShownRecipient]:
    """Return what each number and address got; the one with the newest message comes first.

    Args:
        messages: Newest first.
    """
    shown: dict[str, list[ShownMessage]] = {}
    for message in messages:
        shown.setdefault(message.to, []).append(_show(message))
    return [ShownRecipient(say_number(to), tuple(those)) for to, those in shown.items()]


def _show(message: ReadMessage) -> ShownMessage:
    mail = message.mail
    paragraphs = mail.paragraphs if mail else tuple(message.text.splitlines())
    return ShownMessage(
        id=message.id,
        subject=mail.subject if mail else "",
        paragraphs=tuple(_in_pieces(one, mail.links if mail else ()) for one in paragraphs),
        received=say_moment(message.created_at),
        moment=message.created_at.isoformat(),
    )


def _in_pieces(paragraph: str, links: tuple[str, ...]) -> tuple[Piece, ...]:
    if not links:
        return (Piece(paragraph),)
    parts = re.split("(" + "|".join(map(re.escape, links)) + ")", paragraph)
    return tuple(Piece(part, is_link=part in links) for part in parts if part)


def add_phone(blueprint: Blueprint, messages: MessageReader) -> None:
    """Add the page, and that of each mail's HTML."""

    @blueprint.get("/messages")
    def phone() -> str:
        return render_template("sandbox/phone.html", recipients=group_by_recipient(messages.load_messages()))

    @blueprint.get("/messages/<int:message_id>/html")
    def mail_page(message_id: int) -> Response:
        mail = messages.load_mail(message_id) if message_id <= _GREATEST_ID else None
        if mail is None:
            abort(404)
        response = Response(render_html(mail))
        response.headers["Content-Security-Policy"] = _MAIL_POLICY
        return response
