"""Levels of authentication that a request may ask for, beside the profile (OpenID Connect Core 1.0 sections 2, 3.1.2.1 and 5.5.1.1).

Names of methods are those of RFC 8176 section 2.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from idp.protocol.authorization_request import AuthorizationRequest

SMS = "sms"
MULTIPLE_FACTORS = "mfa"


@dataclass(frozen=True, slots=True)
class Level:
    """A level, by the `acr` that tokens say.

    Attributes:
        acr: Its name.
        second_factor: The method that must be among those of the session (`amr`); "" where any sign-in will do.
    """

    acr: str
    second_factor: str = ""

    def is_proved_by(self, amr: Collection[str]) -> bool:
        """Tell whether a session with these methods has it."""
        return not self.second_factor or self.second_factor in amr


@dataclass(frozen=True, slots=True)
class Choice:
    """What a session is worth to a request.

    Attributes:
        acr: What its tokens say as things stand; None where an essential `acr` is not met.
        missing: The level that the request would rather have, and that can still be proved; None for none.
    """

    acr: str | None
    missing: Level | None = None


class Levels:
    """Those that an operator made up; none by default."""

    def __init__(self, levels: Sequence[Level] = ()) -> None:
        self._by_acr = {one.acr: one for one in levels}

    @property
    def names(self) -> tuple[str, ...]:
        """What discovery names beside the profiles."""
        return tuple(self._by_acr)

    def choose(self, request: AuthorizationRequest, profile: str, amr: Collection[str]) -> Choice:
        """Return what a session is worth to a request, by its values in their order of preference (section 3.1.2.1, `acr_values`).

        Args:
            request: What it asks.
            profile: The door that the person took: what `acr` says where nothing else was asked.
            amr: The methods of the session.
        """
        missing = None
        for value in request.acr_values:
            if request.essential_acr and value not in request.essential_acr:
                continue
            level = self._by_acr.get(value)
            if value == profile or (level is not None and level.is_proved_by(amr)):
                return Choice(value, missing)
            missing = missing or level
        return Choice(None if request.essential_acr else profile, missing)
