"""What changing an e-mail address answers to its pages."""

from dataclasses import dataclass

from idp.journeys.account_answers import AccountNotice, EmailState
from idp.journeys.answers import Fault, Forged


@dataclass(frozen=True, slots=True)
class EmailPage:
    """« Mon adresse e-mail »."""

    state: EmailState
    form_token: str
    typed: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class EmailDone:
    """Back to « Mes informations », which says what was done."""

    notice: AccountNotice


EmailAnswer = EmailPage | EmailDone | Forged
