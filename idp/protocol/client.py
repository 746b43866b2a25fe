"""A relying party, as registered (OpenID Connect Dynamic Client Registration 1.0 section 2 gives the members' names)."""

from dataclasses import dataclass, field

from joserfc.jwk import ECKey, RSAKey

from idp.protocol.origin_rfc6454 import origin_of

GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")
"""What a client may be registered for, and the token endpoint takes."""


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows of a relying party. Built from settings; never changes while a request runs."""

    client_id: str
    client_name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""  # where its server is told of a logout; "" = nowhere
    backchannel_logout_session_required: bool = False  # a `sid` is in every logout token anyway
    frontchannel_logout_uri: str = ""  # what a browser loads to sign out of it; "" = nothing
    frontchannel_logout_session_required: bool = False
    client_secret_hash: str | None = None  # keyed hash, purpose "client-secret"; None for a public client
    token_endpoint_auth_method: str = "client_secret_basic"  # noqa: S105  the name of a method; also client_secret_post, private_key_jwt, none, any
    keys: tuple[RSAKey | ECKey, ...] = ()  # public, of `jwks`: what signs its assertions and request objects
    # Public, of `jwks`, those of `use` enc: what its tokens are encrypted for.
    encryption_keys: tuple[RSAKey | ECKey, ...] = ()
    jwks_uri: str = ""  # where both kinds of keys are, in place of `jwks`; `protocol.client_keys` finds them
    token_endpoint_auth_signing_alg: str = ""  # the one algorithm of its assertions; "" = any of ours
    scope: tuple[str, ...] = ("openid", "profile", "ect.scope.cnx")
    grant_types: tuple[str, ...] = ("authorization_code",)  # of GRANT_TYPES
    resources: tuple[str, ...] = ()  # identifiers of those that it may ask for (RFC 8707)
    pkce: str = "required"  # or, for confidential clients, "if_sent": nonce in its place; or "unsafe_optional": neither
    id_token_signed_response_alg: str = "RS256"  # noqa: S105  the name of an algorithm
    id_token_encrypted_response_alg: str = ""  # "" = signed alone
    id_token_encrypted_response_enc: str = "A128CBC-HS256"  # noqa: S105  the name of an algorithm
    userinfo_encrypted_response_alg: str = ""
    userinfo_encrypted_response_enc: str = "A128CBC-HS256"
    userinfo_signed_response_alg: str = ""  # "" = plain JSON
    access_token_lifetime: int = 600  # seconds
    id_token_lifetime: int = 600
    refresh_token_lifetime: int = 2_592_000  # of one that outlives its session, and of all its successors
    access_token_format: str = "opaque"  # noqa: S105  the name of a format; or "jwt" (RFC 9068)
    dpop_bound_access_tokens: bool = False  # RFC 9449 section 5.2
    subject_type: str = "pairwise"  # or "public": one for all; or "aaf": the AAF key of the first guardian record
    # Host that pairwise subjects are derived for; "" = host of the first redirect_uri.
    sector_identifier: str = ""
    claims_in_id_token: bool = False
    omitted_claims: frozenset[str] = field(default_factory=frozenset)
    introspection: str = "own"  # tokens that it may ask about; or "any", for the server of a resource
    request_object_signing_alg: str = ""  # the one algorithm of its request objects; "" = any of ours
    request_uris: tuple[
        str, ...
    ] = ()  # where its request objects may be, each with its fragment (RFC 9101 section 5.2)
    require_signed_request_object: bool = False  # RFC 9101 section 10.5
    require_pushed_authorization_requests: bool = False  # RFC 9126 section 6
    default_max_age: int | None = None  # seconds; what stands for a `max_age` that a request does not hold
    default_acr_values: tuple[str, ...] = ()  # wished for where a request says nothing of `acr`
    consent: str = "none"  # one of protocol.consent.POLICIES
    logo_uri: str = ""
    policy_uri: str = ""  # what it says of personal data
    tos_uri: str = ""  # its terms of service
    home_uri: str = ""  # where « Aller sur {ENT} » leads
    in_settings: bool = (
        True  # False: it registered, or a command added it, and its addresses are not the operator's word
    )

    @property
    def shown_logo_uri(self) -> str:
        """Its logo where that stands at the origin of a redirect URI, "" for one that it may have borrowed (RFC 7591 section 5)."""
        return self.logo_uri if self._is_its_own(self.logo_uri) else ""

    @property
    def shown_policy_uri(self) -> str:
        """What it says of personal data, where a password is typed: likewise, but for a client that the operator vouches for."""
        return self.policy_uri if self.in_settings or self._is_its_own(self.policy_uri) else ""

    @property
    def shown_tos_uri(self) -> str:
        """Its terms of service, as above."""
        return self.tos_uri if self.in_settings or self._is_its_own(self.tos_uri) else ""

    def _is_its_own(self, uri: str) -> bool:
        return bool(uri) and origin_of(uri) in {origin_of(one) for one in self.redirect_uris}
