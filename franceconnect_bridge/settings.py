"""What a relying party of FranceConnect is told: real or simulated, by these values alone."""

from dataclasses import dataclass, field
from typing import Literal

DEFAULT_SCOPES = (
    "openid", "given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry", "preferred_username",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses given by hand, for a FranceConnect whose discovery cannot be read. "" means: as discovery says."""

    authorization: str = ""
    token: str = ""
    userinfo: str = ""
    jwks: str = ""
    end_session: str = ""


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """One relying party at one FranceConnect.

    Attributes:
        issuer: Exactly as tokens name it, for example ``https://…/api/v2``.
        client_id: Given by FranceConnect.
        client_secret: For `client_secret_post`; "" with `private_key_jwt`.
        private_key: PEM or JWK of the key that signs assertions, for `private_key_jwt`.
        token_endpoint_auth_method: FranceConnect takes these two, and not HTTP Basic.
        redirect_uri: Ours, registered there letter for letter.
        post_logout_redirect_uri: Ours, registered there.
        discovery: Whether endpoints are read from the issuer's discovery document.
        discovery_url: Where that document is when it is not below the issuer (containers); "" for the usual place.
        endpoints: Those given by hand win.
        scopes: What is asked for; `openid` first.
        acr_values: The level asked for, and the lowest that is accepted.
        signed_response_alg: Of ID tokens and userinfo.
        asks_amr: Send `claims` for `amr`; the client must be allowed to.
        strict_sub: Whether `sub` must have FranceConnect's own form.
        timeout_seconds: Of one call.
        clock_skew_seconds: Tolerated either way: tokens live 60 s.
        sign_in_minutes: How long a sign-in that was begun may take.
    """

    issuer: str
    client_id: str
    redirect_uri: str
    post_logout_redirect_uri: str
    client_secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    token_endpoint_auth_method: Literal["client_secret_post", "private_key_jwt"] = "client_secret_post"  # noqa: S105  a method's name
    discovery: bool = True
    discovery_url: str = ""
    endpoints: Endpoints = Endpoints()
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    acr_values: str = "eidas1"
    signed_response_alg: Literal["ES256", "RS256"] = "ES256"
    asks_amr: bool = False
    strict_sub: bool = True
    timeout_seconds: float = 6.0
    clock_skew_seconds: int = 30
    sign_in_minutes: int = 30
