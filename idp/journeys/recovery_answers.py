"""What recovery answers to the pages: what to show, what was wrong with what was typed, where to go next."""

from dataclasses import dataclass, field
from enum import StrEnum

from idp.journeys.answers import Fault, Forged, Left, Lost, Notice, TypedDate, TypedIdentity

PASSWORD_DOOR = "/mot-de-passe-oublie"  # noqa: S105  a page
"""Path of the page that mails name."""
LINK_DOOR = f"{PASSWORD_DOOR}/lien"
"""Where a mailed link leads; its token is the parameter `l`, and leaves the address at once."""


class RecoveryStep(StrEnum):
    """Where a person stands who has lost her identifiant or her password."""

    NAMES = "names"
    """« Identifiant oublié »: her names and her number."""
    ADDRESS = "address"
    """The same, for whoever prefers a mail: her names and her e-mail address. A page beside `NAMES` that nobody stands at."""
    SENT = "sent"
    IDENTIFIANT = "identifiant"
    """« Mot de passe oublié »: her identifiant, and where the proof goes."""
    CODE = "code"
    MAILED = "mailed"
    LINK = "link"
    """The mailed link was opened in this browser, and nothing is consumed yet."""
    DATE = "date"
    """One child's birth date."""
    PASSWORD = "password"  # noqa: S105  the name of a step
    DONE = "done"
    LOCKED = "locked"
    OFFICE = "office"
    """Her account has no confirmed child any more, so that there is no birth date to prove: the office decides."""
    GONE = "gone"
    """The mailed link has served, or has run out."""


class Channel(StrEnum):
    """Where the first proof goes."""

    SMS = "sms"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """Everything that the page of one step may show. Members that a step does not use keep their defaults."""

    step: RecoveryStep
    form_token: str = ""
    handle: str = ""  # the `d` of the sign-in page to come back to
    faults: tuple[Fault, ...] = ()
    notice: Notice | None = None
    notice_values: dict[str, str | int] = field(default_factory=dict)
    identity: TypedIdentity = field(default_factory=TypedIdentity)  # NAMES, ADDRESS
    email: str = ""  # ADDRESS, SENT by mail: as typed
    masked_phone: str = ""  # SENT: from what was typed
    phone_ending: str = ""  # SENT
    sends_to_unknown: bool = True  # SENT: a text goes out in both cases
    identifiant: str = ""  # IDENTIFIANT: as typed; PASSWORD: for the browser that keeps the pair
    channel: Channel = Channel.SMS  # IDENTIFIANT, SENT
    resend_in: int = 0  # CODE, MAILED: seconds before another message may be asked for
    by_mail: bool = False  # DATE and later: the proof was a mailed link
    date: TypedDate = field(default_factory=TypedDate)  # DATE
    rules_met: tuple[bool, ...] = ()  # PASSWORD after a refusal
    strength: int = 0  # PASSWORD after a refusal
    reference: str = ""  # LOCKED, OFFICE
    retry_after: int = 0  # LOCKED: seconds
    locked_by_dates: bool = False  # LOCKED


@dataclass(frozen=True, slots=True)
class RecoveryShown:
    """Show this page: 200, 422 when it carries faults, 429 when the step is LOCKED, 410 when it is GONE."""

    page: RecoveryPage
    cookie: str | None = None  # the browser's new secret, when it changed


@dataclass(frozen=True, slots=True)
class RecoveryGoTo:
    """Redirect (303) to the page of this step."""

    step: RecoveryStep
    cookie: str | None = None
    notice: Notice | None = None
    notice_values: dict[str, str | int] = field(default_factory=dict)


class LinkGone:
    """E1, « Ce lien n'est plus valable »: 410."""


RecoveryAnswer = RecoveryShown | RecoveryGoTo | LinkGone | Lost | Forged | Left
