"""What « Mon compte » answers to its pages. No French here: `idp.web.account_words` has the sentences."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from idp.journeys.answers import AskPerson, Fault, Forged
from idp.journeys.rows import SessionRow


class AccountNotice(StrEnum):
    """What was done, or was not, said at the top of « Mes informations »."""

    PASSWORD_CHANGED = "password-changed"  # noqa: S105  « Mot de passe modifié. »
    PASSWORD_ADDED = "password-added"  # noqa: S105  « Mot de passe ajouté. »
    DEVICES_ENDED = "devices-ended"  # « Vos autres appareils ont été déconnectés. »
    CONSENT_WITHDRAWN = "consent-withdrawn"  # « Autorisation retirée. »
    FRANCECONNECT_ADDED = "franceconnect-added"  # « FranceConnect est relié à votre compte. »
    FRANCECONNECT_REMOVED = "franceconnect-removed"  # « FranceConnect n'est plus relié à votre compte. »
    FRANCECONNECT_ELSEWHERE = "franceconnect-elsewhere"  # « Cette identité FranceConnect ouvre un autre compte. »
    FRANCECONNECT_DIFFERS = "franceconnect-differs"  # « FranceConnect donne un autre nom que l'école. »
    FRANCECONNECT_NOT_FINISHED = "franceconnect-not-finished"  # « Vous n'avez pas terminé avec FranceConnect. »
    GROUPED = "grouped"  # on « Mes enfants »; so are the next two
    UNGROUPED = "ungrouped"
    CHILD_CONTESTED = "child-contested"  # on « Mes enfants »
    EMAIL_ASKED = "email-asked"  # « Regardez vos mails. »
    EMAIL_TOO_SOON = "email-too-soon"  # « Un mail est déjà parti. »
    EMAIL_TOO_MANY = "email-too-many"  # « Trop de mails ont été demandés aujourd'hui. »
    EMAIL_GONE = "email-gone"  # « Il n'y a plus d'adresse à confirmer. »
    EMAIL_CANCELLED = "email-cancelled"  # « Changement annulé. »


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
class EmailState:
    """The addresses of an account, as « Mes informations » shows them; "" for none."""

    confirmed: str = ""
    pending: str = ""
    form_token: str = ""  # of « Renvoyer le mail » and of « Annuler »


@dataclass(frozen=True, slots=True)
class OwnAccountPage:
    """« Mes informations »."""

    person_name: str
    identifiant: str
    masked_phone: str = ""  # "+33 6 •• •• •• 01"; "" where the school knows none
    phone_ending: str = ""
    has_password: bool = False
    linked_at: datetime | None = None  # with FranceConnect, by the clocks of families
    email: EmailState = EmailState()


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


# --- the password -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnPasswordPage:
    """« Changer mon mot de passe », or « Ajouter un mot de passe » where there is none."""

    form_token: str
    identifiant: str
    adds: bool = False
    faults: tuple[Fault, ...] = ()
    rules_met: tuple[bool, ...] = ()  # after a refusal: the five rules in the guide's order
    strength: int = 0  # after a refusal: 1 faible, 2 moyen, 3 fort
    retry_after: int = 0  # seconds, when slowed (fault "slowed"): status 429


@dataclass(frozen=True, slots=True)
class PasswordKept:
    """Done: back to « Mes informations », with the new secret of the session."""

    notice: AccountNotice
    session_cookie: str


@dataclass(frozen=True, slots=True)
class OtherPage:
    """She has a password and the page is for those who have none, or the other way round."""

    adds: bool


# --- devices, history, consents -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A session that is open, by the clocks of families."""

    device: str  # of journeys.devices
    opened_at: datetime
    used_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class DevicesPage:
    """« Mes appareils »."""

    form_token: str
    lines: tuple[DeviceLine, ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened to an account, and when, by the clocks of families."""

    event: str  # of journeys.own_history
    at: datetime


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """« Historique des connexions », the newest line first."""

    lines: tuple[HistoryLine, ...]
    has_password: bool = True


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A site that is told something, by the clocks of families."""

    client_id: str
    name: str
    told: tuple[str, ...]  # claims that its scopes release, by name
    given_at: datetime
    stays: bool = False  # also while nobody is signed in


@dataclass(frozen=True, slots=True)
class ConsentsPage:
    """« Sites autorisés »."""

    form_token: str
    lines: tuple[ConsentLine, ...]


# --- closing ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """« Fermer mon compte »."""

    form_token: str
    closes_on: datetime  # by the clocks of families
    days: int
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosingAsked:
    """It is asked for: nobody is signed in any more."""

    closes_on: datetime  # by the clocks of families
    is_told: bool = True  # whether she has a number or an address to which that was sent


# --- FranceConnect ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnFranceConnectPage:
    """« FranceConnect »: whether it opens the account, and what may be done about it."""

    form_token: str
    linked_at: datetime | None = None  # by the clocks of families
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class Linking:
    """The browser may leave for FranceConnect, for this handle."""

    handle: str
    browser_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class LinkingDone:
    """Back from there: what became of it is said on « Mes informations »."""

    notice: AccountNotice
