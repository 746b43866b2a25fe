"""What « Mes enfants » answers to its pages."""

from dataclasses import dataclass
from datetime import datetime


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
class MyChildrenPage:
    """« Mes enfants »."""

    children: tuple[MyChild, ...] = ()
    waiting: tuple[str, ...] = ()  # names of children whose birth date is to be given


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
