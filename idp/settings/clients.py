"""The relying parties, as an operator writes them under [[clients]]."""

from typing import Any, Literal
from urllib.parse import urldefrag, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ClientSettings(BaseModel):
    """One ENT (a relying party). Names follow OpenID Connect Dynamic Client Registration 1.0 section 2."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(
        min_length=1, max_length=200, description="Its name in the protocol. Two clients never have the same."
    )
    client_name: str = Field(
        min_length=1, max_length=100, description="Its name on the pages, for example « ENT Marronnier »."
    )
    client_secret: SecretStr | None = Field(
        default=None, description="Its secret, at least 16 characters. Absent for a public client (`none` below)."
    )
    redirect_uris: tuple[str, ...] = Field(
        default=(),
        description="Where codes may be sent, letter for letter. https; plain http to this machine and, on a test instance, to test hosts. "
        "Needed, and allowed, with `authorization_code` only.",
    )
    post_logout_redirect_uris: tuple[str, ...] = Field(
        default=(), description="Where a browser may be sent after signing out, letter for letter."
    )
    backchannel_logout_uri: str = Field(
        default="",
        description="Where its server is told that a person signed out (a POST with a logout token). https; plain http as for "
        "`redirect_uris`.",
    )
    backchannel_logout_session_required: bool = Field(
        default=False, description="Whether it needs the `sid`. Every logout token has one, so that nothing changes."
    )
    frontchannel_logout_uri: str = Field(
        default="",
        description="What the person's browser loads in a hidden frame to sign out of it. At the scheme, host and port of one of "
        "`redirect_uris`.",
    )
    frontchannel_logout_session_required: bool = Field(
        default=False, description="Add `iss` and `sid` to the query of `frontchannel_logout_uri`."
    )
    token_endpoint_auth_method: Literal[
        "client_secret_basic", "client_secret_post", "private_key_jwt", "none", "any"
    ] = Field(
        default="client_secret_basic",
        description="How it proves who it is. `private_key_jwt`: with a JWT that one of `jwks` signs. `any`: basic or post. "
        "`none`: a public client, PKCE is then all it has.",
    )
    jwks: dict[str, list[dict[str, Any]]] = Field(
        default={},
        description="Its public keys, a JWK set: RSA of 2048 to 8192 bits, or EC on P-256. They verify its `private_key_jwt` "
        "assertions and its request objects.",
    )
    jwks_uri: str = Field(
        default="",
        description="Where those keys are, in place of `jwks`: fetched when they are needed, again after ten minutes, and when a key is "
        "asked for that was not among them. https; plain http on a test instance to test hosts.",
    )
    token_endpoint_auth_signing_alg: Literal["", "RS256", "ES256", "PS256"] = Field(
        default="", description="The one algorithm of its assertions. Empty: any of the three."
    )
    scope: tuple[str, ...] = Field(
        default=("openid", "profile", "ect.scope.cnx"), description="The scopes that it may ask for."
    )
    grant_types: tuple[Literal["authorization_code", "refresh_token", "client_credentials"], ...] = Field(
        default=("authorization_code",),
        description="What it may exchange for tokens. With `refresh_token` each code brings one, which ends with the session; "
        "with `offline_access` in `scope` and asked for, it outlives it. With `client_credentials` it gets tokens for itself, for one of "
        "`resources`. `[]`: nothing, for a server that only asks what tokens are.",
    )
    resources: tuple[str, ...] = Field(
        default=(), description="The `[[resources]]` that it may ask for tokens for, by their identifiers."
    )
    pkce: Literal["required", "if_sent", "unsafe_optional"] = Field(
        default="required",
        description="`if_sent`: a confidential client may leave PKCE out, and must then send a nonce. `unsafe_optional`: or neither, on a "
        "test instance only: nothing then ties a code to the browser that asked for it.",
    )
    request_uris: tuple[str, ...] = Field(
        default=(),
        description="Where its request objects may be (`request_uri`), letter for letter, with the fragment. https as for `jwks_uri`.",
    )
    request_object_signing_alg: Literal["", "RS256", "ES256", "PS256"] = Field(
        default="", description="The one algorithm of its request objects. Empty: any of the three."
    )
    require_signed_request_object: bool = Field(
        default=False, description="Take its authorization requests only as signed request objects (RFC 9101)."
    )
    require_pushed_authorization_requests: bool = Field(
        default=False, description="Take its authorization requests only where it pushed them before (RFC 9126)."
    )
    id_token_signed_response_alg: Literal["RS256", "ES256", "PS256", "EdDSA"] = Field(
        default="RS256",
        description="How its ID tokens are signed. `EdDSA` is Ed25519. Keys for the last two are made when a client asks for them.",
    )
    id_token_encrypted_response_alg: Literal["", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"] = Field(
        default="",
        description="Encrypt its ID tokens too, for the key of `jwks` or `jwks_uri` whose `use` is `enc`. Empty: they are signed alone.",
    )
    id_token_encrypted_response_enc: Literal["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"] = Field(
        default="A128CBC-HS256", description="How the content of an encrypted ID token is encrypted."
    )
    userinfo_encrypted_response_alg: Literal["", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"] = Field(
        default="", description="The same for userinfo. It need not be signed, and should be."
    )
    userinfo_encrypted_response_enc: Literal["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"] = Field(
        default="A128CBC-HS256", description="The same for userinfo."
    )
    userinfo_signed_response_alg: Literal["", "RS256", "ES256", "PS256", "EdDSA"] = Field(
        default="", description="How its userinfo answers are signed. Empty: they are plain JSON."
    )
    access_token_format: Literal["opaque", "jwt"] = Field(
        default="opaque",
        description="`jwt`: its access tokens can be read by the server of a resource without asking (RFC 9068).",
    )
    access_token_seconds: int | None = Field(
        default=None,
        ge=10,
        le=86_400,
        description="Life of its access tokens. Absent: that of [tokens]; so for the next two.",
    )
    id_token_seconds: int | None = Field(default=None, ge=10, le=86_400, description="Life of its ID tokens.")
    refresh_token_days: int | None = Field(
        default=None, ge=1, le=365, description="Life of its refresh tokens that outlive their session."
    )
    dpop_bound_access_tokens: bool = Field(
        default=False,
        description="Give it tokens only where it proves a key of its own with DPoP (RFC 9449). Without, it may do so all the same.",
    )
    subject_type: Literal["pairwise", "public", "aaf"] = Field(
        default="pairwise",
        description="`sub`: a value of its own for each sector, one value for all clients of this kind, or the AAF key of the first "
        "guardian record.",
    )
    sector_identifier: str = Field(
        default="",
        description="The host that `sub` is derived for. Empty: the host of the redirect URIs, which must then be one and the same.",
    )
    sector_identifier_uri: str = Field(
        default="",
        description="The same, as the host of an address. For a client of this file nothing is fetched: `redirect_uris` are your word.",
    )
    claims_in_id_token: bool = Field(
        default=False, description="Put the claims in the ID token too, not in userinfo alone."
    )
    omitted_claims: frozenset[str] = Field(default=frozenset(), description="Claims that this client never gets.")
    introspection: Literal["own", "any"] = Field(
        default="own",
        description="Tokens that it may ask about at the introspection endpoint: its own, or, for the server of a resource, anybody's.",
    )
    default_max_age: int | None = Field(
        default=None,
        ge=0,
        le=999_999_999,
        description="What stands for `max_age`, in seconds, in its requests that have none: how old a sign-in may be.",
    )
    default_acr_values: tuple[str, ...] = Field(
        default=(),
        description="What stands for `acr_values` in its requests that say nothing of `acr`: `responsable` spares parents the choice of a "
        "profile.",
    )
    consent: Literal["none", "remembered", "always"] = Field(
        default="none",
        description="Whether the person is asked before it is told anything of her. `none`: no, the operator answers for it, as a "
        "school does for its ENT. `remembered`: once for each scope and claim. `always`: each time. `prompt=consent` asks in any case.",
    )
    logo_uri: str = Field(
        default="",
        description="Its logo, which the person's browser loads where she signs in or is asked. Not shown unless it is at the scheme, host "
        "and port of one of `redirect_uris`.",
    )
    policy_uri: str = Field(
        default="",
        description="What it says of personal data: a link where the person signs in, and where she is asked.",
    )
    tos_uri: str = Field(default="", description="Its terms of service, likewise.")
    home_uri: str = Field(default="", description="Where « Aller sur l'ENT » leads.")

    @property
    def is_public(self) -> bool:
        """True when it has no secret (RFC 6749 section 2.1)."""
        return self.token_endpoint_auth_method == "none"  # noqa: S105  the name of a method

    @property
    def sector(self) -> str:
        """The host that `sub` is derived for; "" where it is that of the redirect URIs."""
        return self.sector_identifier or urlsplit(self.sector_identifier_uri).hostname or ""

    @property
    def fetched_uris(self) -> tuple[tuple[str, str], ...]:
        """Member and address of everything of it that we fetch ourselves, or could."""
        single = (("jwks_uri", self.jwks_uri), ("sector_identifier_uri", self.sector_identifier_uri))
        several = ((f"request_uris[{position}]", urldefrag(uri).url) for position, uri in enumerate(self.request_uris))
        return (*((name, uri) for name, uri in single if uri), *several)

    @property
    def must_sign(self) -> bool:
        """True when it can do nothing without a key of its own."""
        return self.token_endpoint_auth_method == "private_key_jwt" or self.require_signed_request_object  # noqa: S105  same
