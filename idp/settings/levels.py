"""Levels of authentication, as an operator makes them up under [[authentication_levels]]."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from idp.settings.faults import Fault
from idp.settings.values import Group

_PROFILES = frozenset({"eleve", "responsable"})


class LevelSettings(Group):
    """A level that clients may ask for by `acr_values`, beside the profiles. Ours, for testers: nobody knows EduConnect's."""

    acr: str = Field(
        pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,64}$",
        description="What clients ask for and tokens say, `https://refeds.org/profile/mfa` for example. Printable ASCII without spaces.",
    )
    second_factor: Literal["", "sms"] = Field(
        default="",
        description="What must be proved beside the sign-in. `sms`: a code sent to the mobile that the school knows. Empty: nothing more.",
    )


def level_faults(levels: tuple[LevelSettings, ...]) -> Iterator[Fault]:
    """Yield what is wrong among the levels."""
    seen: set[str] = set()
    for position, level in enumerate(levels):
        if level.acr in _PROFILES:
            yield Fault(f"authentication_levels[{position}].acr", "is a profile: choose another name")
        if level.acr in seen:
            yield Fault(f"authentication_levels[{position}].acr", "is the same as an earlier level's")
        seen.add(level.acr)
