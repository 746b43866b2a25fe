"""What the school knows: schools, pupils, guardians, and the kinship between them.

A guardian known to the school is not an account: these types carry no password and no identifiant, and nothing here becomes an account
except through the proof of `journeys.activation`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from idp.people.phones import PhoneNumber

AAF_ORIGINS = frozenset({"aaf1d", "aaf2d"})
"""Origins whose record ids an ENT knows: the academic directory's own files, of first and of second degree."""


class KinshipState(StrEnum):
    """How far the link between a guardian and a pupil is proved."""

    DECLARED = "declared"
    """The directory says so; nobody has proved it yet."""
    CONFIRMED = "confirmed"
    """The guardian proved phone and birth date."""
    CONTESTED = "contested"
    """The person said not to be the legal guardian; only the office can settle it."""


@dataclass(frozen=True, slots=True)
class School:
    """An école, a collège or a lycée."""

    academy: str  # national code without leading zero, for example "8" (Grenoble)
    jointure: str
    uai: str
    name: str
    degree: int  # 1 or 2
    town: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil as the directory describes her or him."""

    id: int
    academy: str
    jointure: str
    family_name: str
    given_name: str
    birth_date: date
    ine: str = ""
    level: str = ""
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class Guardian:
    """One record of a guardian in one academy's files of one origin; a person may have several."""

    id: int
    academy: str
    jointure: str
    family_name: str  # name in use
    birth_name: str  # "" when the directory gives none
    given_names: tuple[str, ...]
    mobile: PhoneNumber | None
    origin: str = "aaf2d"  # what kind of file the record comes from; its jointure means nothing in another
    title: str = ""  # M., Mme, Mlle or ""
    birth_date: date | None = None  # directories seldom give it


@dataclass(frozen=True, slots=True)
class Kinship:
    """One link between a guardian's record and a pupil, with the pupil and the school where known."""

    id: int
    guardian_id: int
    pupil: Pupil
    school: School | None
    legal: bool
    state: KinshipState
    origin: str = "aaf2d"  # of the guardian's record


@dataclass(frozen=True, slots=True)
class Account:
    """An activated account. Made by `journeys.activation` alone."""

    id: int
    identifiant: str
    subject_seed: str
    family_name: str
    given_name: str
    password_hash: str | None
    closes_at: datetime | None = None  # its holder asked for its end: from then on nobody signs in
    language: str = "fr"  # in which its person reads: pages at her last sign-in, texts and mails ever since
    # What an import may have brought for it, where it was loaded to sign somebody in; a second look tells.
    has_news: bool = field(default=False, compare=False)
    identity_at: datetime | None = field(default=None, compare=False)  # a birth date was last given; loaded likewise
    identity_asked: bool = field(default=False, compare=False)  # a tester wants it given at the next sign-in; likewise

    def is_closed(self, at: datetime) -> bool:
        """Tell whether its end has come; what is left of it is removed at the next purge."""
        return self.closes_at is not None and self.closes_at <= at


@dataclass(frozen=True, slots=True)
class AccountHolder:
    """An account with what may be said of it to an ENT: its guardian records and their links that are proved and not contested."""

    account: Account
    guardians: tuple[Guardian, ...]
    kinships: tuple[Kinship, ...]  # present and confirmed only
    extra_claims: str | None = None  # JSON, of a fictional person: what a tester made up
