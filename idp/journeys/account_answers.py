"""What « Mon compte » answers to its pages. No French here: `idp.web.account_words` has the sentences."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from idp.journeys.answers import AskPerson, Fault, Forged
from idp.journeys.rows import SessionRow


class AccountNotice(StrEnum):
    """What was done, or was not, said at the top of « Mes informations »."""

    PROVED = "proved"  # « C'est bien vous. »


@dataclass(frozen=True, slots=True)
class AtHome:
    """Somebody who is signed in, on a page of her account."""

    live: SessionRow
    secret: str = field(repr=False)  # value of the session cookie


@dataclass(frozen=True, slots=True)
class ProveFirst:
    """She is signed in, and her last proof is too old for this act: to « Confirmez que c'est vous », then back to `page`."""

    page: str


@dataclass(frozen=True, slots=True)
class OwnAccountPage:
    """« Mes informations »."""

    person_name: str
    identifiant: str
    masked_phone: str = ""  # "+33 6 •• •• •• 01"; "" where the school knows none
    phone_ending: str = ""
    has_password: bool = False
    linked_at: datetime | None = None  # with FranceConnect, by the clocks of families


@dataclass(frozen=True, slots=True)
class ProofPage:
    """« Confirmez que c'est vous »: the current password again."""

    page: str  # where she goes next
    form_token: str
    identifiant: str
    faults: tuple[Fault, ...] = ()
    retry_after: int = 0  # seconds, when slowed (fault "slowed"): status 429


@dataclass(frozen=True, slots=True)
class Proved:
    """She has proved herself: on to `page`, with the new secret of her session where it changed."""

    page: str
    session_cookie: str | None = None


ProofAnswer = ProofPage | Proved | AskPerson | Forged
