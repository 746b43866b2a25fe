"""What « Mes enfants » answers to its pages."""

from dataclasses import dataclass
from datetime import datetime

from idp.journeys.answers import Fault


@dataclass(frozen=True, slots=True)
class MyChild:
    """One card."""

    link_id: int
    given_name: str
    family_name: str
    school_name: str  # "" while the directory does not say which
    academy: str
    class_name: str = ""
    confirmed_at: datetime | None = None  # by the clocks of families


@dataclass(frozen=True, slots=True)
class GroupLine:
    """An account that was grouped into this one."""

    account_id: int
    until: datetime  # by the clocks of families


@dataclass(frozen=True, slots=True)
class MyChildrenPage:
    """« Mes enfants »."""

    children: tuple[MyChild, ...] = ()
    waiting: tuple[str, ...] = ()  # names of children whose birth date is to be given
    groups: tuple[GroupLine, ...] = ()  # accounts that were grouped into this one and may be taken out again


@dataclass(frozen=True, slots=True)
class ContestChildPage:
    """« Vous n'êtes pas le représentant légal de … ? »."""

    link_id: int
    name: str
    form_token: str


class Contested:
    """It is done: back to « Mes enfants »."""


class NoSuchChild:
    """No child of this account is meant, any more at least: back to « Mes enfants »."""


@dataclass(frozen=True, slots=True)
class GroupPage:
    """« Ajouter des élèves depuis un autre compte »."""

    form_token: str
    identifiant: str = ""  # as typed
    faults: tuple[Fault, ...] = ()
    retry_after: int = 0  # seconds, when slowed: status 429


@dataclass(frozen=True, slots=True)
class UngroupPage:
    """« Voulez-vous annuler le regroupement ? »."""

    account_id: int
    identifiant: str
    until: datetime  # by the clocks of families
    form_token: str
    closes_on: datetime | None = None  # the end that was asked for before the grouping, by the clocks of families
    is_over: bool = False  # that day has come: the other account opens no more


class Grouped:
    """The two accounts are one: back to « Mes enfants »."""


class Ungrouped:
    """They are two again: back to « Mes enfants »."""


class NoSuchGroup:
    """Nothing of that kind can be undone any more: back to « Mes enfants »."""
