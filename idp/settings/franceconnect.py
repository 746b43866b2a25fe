"""Settings of FranceConnect."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from idp.settings.values import Group, WebAddress


class FranceConnectSettings(Group):
    """FranceConnect, real or [simulated](franceconnect-simulator.md): parents may then sign in with it. Off without an `issuer`."""

    issuer: Literal[""] | WebAddress = Field(
        default="",
        description="As its tokens name it, `http://localhost:8401/api/v2` for example. Empty: no FranceConnect.",
    )
    client_id: str = Field(default="", description="Given by FranceConnect.")
    client_secret: SecretStr | None = Field(
        default=None, description="Given by FranceConnect, for `client_secret_post`."
    )
    private_key_file: Path | None = Field(
        default=None, description="PEM or JWK of the key that signs assertions, for `private_key_jwt`."
    )
    token_endpoint_auth_method: Literal["client_secret_post", "private_key_jwt"] = Field(
        default="client_secret_post", description="How we prove who we are. FranceConnect takes these two."
    )
    signed_response_alg: Literal["ES256", "RS256"] = Field(
        default="ES256", description="How its ID tokens and userinfo are signed, as registered there."
    )
    acr_values: str = Field(
        default="eidas1", description="The level that is asked for, and the lowest that is accepted."
    )
    discovery: bool = Field(
        default=True, description="Read the endpoints from the issuer's discovery document. False: give the five below."
    )
    discovery_url: Literal[""] | WebAddress = Field(
        default="",
        description="Where that document is, when servers reach FranceConnect under another name than browsers do.",
    )
    authorization_endpoint: Literal[""] | WebAddress = Field(default="", description="Wins over discovery.")
    token_endpoint: Literal[""] | WebAddress = Field(default="", description="Wins over discovery.")
    userinfo_endpoint: Literal[""] | WebAddress = Field(default="", description="Wins over discovery.")
    jwks_uri: Literal[""] | WebAddress = Field(default="", description="Wins over discovery.")
    end_session_endpoint: Literal[""] | WebAddress = Field(default="", description="Wins over discovery.")
    timeout_seconds: float = Field(default=6.0, gt=0, le=30, description="Of one call to FranceConnect.")

    @property
    def enabled(self) -> bool:
        """Whether parents may sign in with FranceConnect."""
        return bool(self.issuer)
