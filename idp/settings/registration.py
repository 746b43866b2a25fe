"""Whether clients may register by themselves, as an operator writes it under [registration]."""

from typing import Literal

from pydantic import Field, SecretStr

from idp.settings.values import Count, Group


class RegistrationSettings(Group):
    """Clients that register by themselves (RFC 7591), and change and remove themselves (RFC 7592)."""

    mode: Literal["off", "token", "open"] = Field(
        default="off",
        description="`off`: nobody may; `preau client add` works all the same. `token`: whoever sends `initial_access_token`. "
        "`open`: anybody, on a test instance only.",
    )
    initial_access_token: SecretStr | None = Field(
        default=None, min_length=16, description="What they must send as a bearer token where `mode` is `token`."
    )
    consent: Literal["none", "remembered", "always"] = Field(
        default="remembered",
        description="What `consent` is for clients that registered by themselves. It is not theirs to say.",
    )
    most_clients: Count = Field(
        default=1000,
        description="Clients in the database, those of `preau client add` included, from which on no other may register.",
    )
