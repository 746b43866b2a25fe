"""What « Mon compte » obeys."""

from pydantic import Field

from idp.settings.values import Group


class AccountSettings(Group):
    """« Mon compte »: the pages where a parent sees and changes what is hers."""

    idle_minutes: int = Field(
        default=30,
        ge=1,
        le=240,
        description="Its pages want their holder to sign in again after that long without use, in minutes.",
    )
    proof_minutes: int = Field(
        default=15,
        ge=1,
        le=240,
        description="How old the last proof may be for an act that could cost the account, in minutes: the password is asked for again.",
    )
    closing_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="From when its end is asked for to the end of an account, in days: whoever signs in before keeps it.",
    )
