"""What the endpoints ask of their surroundings, made by hand: one client, one code, one clock, real keys."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from idp.protocol.client import Client
from idp.protocol.client_assertion_rfc7523 import AssertionRules
from idp.protocol.client_authentication_rfc6749 import authenticate_client
from idp.protocol.dpop_rfc9449 import ProofRefusedError
from idp.protocol.resource import Resource, Resources
from idp.protocol.signing_keys import SigningKey
from idp.protocol.token_redemption import IssuedCode, IssuedRefreshToken, Minted, Standing
from tests.support.relying_party import challenge

NOW = datetime(2031, 3, 4, 9, 30, tzinfo=UTC)
ISSUER = "https://idp.example"
SECRET = "a secret: 100 % é+&"
ENT = Client(
    client_id="ent",
    client_name="ENT Marronnier",
    redirect_uris=("https://ent.example/retour", "https://ent.example/retour?kept=1"),
    post_logout_redirect_uris=("https://ent.example/deconnecte",),
    client_secret_hash="kept elsewhere",
    id_token_lifetime=300,
)
NESTED_HEADER = f"{base64.urlsafe_b64encode(b'[' * 1500).decode()}.e30.eA"
"""What looks like a JWT, until its header is read as JSON: as deep as fits in the longest header."""
CANTEEN = Resource("https://canteen.example/api", "Cantine", ("canteen.read", "canteen.write"), client_id="canteen")
LIBRARY = Resource(
    "urn:example:library", "CDI", ("library.read",), access_token_format="jwt", access_token_lifetime=120
)  # fmt: skip
RESOURCES = Resources(ISSUER, [CANTEEN, LIBRARY])
TABLET = replace(ENT, client_id="tablet", client_secret_hash=None, token_endpoint_auth_method="none")


@cache
def signing_key(algorithm: str, number: int = 0) -> SigningKey:
    """Return a key, the same one each time: RSA keys take long to make."""
    key = _GENERATE[algorithm]()
    kid = f"{algorithm}-{number}"
    return SigningKey(kid, algorithm, JWKRegistry.import_key({**key.as_dict(private=True), "kid": kid}))


_GENERATE: Mapping[str, Callable[[], Key]] = {
    "RS256": lambda: RSAKey.generate_key(2048),
    "PS256": lambda: RSAKey.generate_key(2048),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}


_ISSUED = IssuedCode(
    client_id="ent",
    redirect_uri="https://ent.example/retour",
    scope="openid profile",
    nonce="a nonce",
    code_challenge=challenge(),
    acr="responsable",
    amr=("pwd",),
    auth_time=NOW - timedelta(minutes=3, microseconds=7),
    expires_at=NOW + timedelta(seconds=60),
    spent=False,
)
_REFRESH_TOKEN = IssuedRefreshToken(
    client_id="ent",
    scope="openid profile offline_access",
    acr="responsable",
    amr=("pwd",),
    auth_time=NOW - timedelta(days=3, microseconds=7),
    expires_at=NOW + timedelta(days=27),
    standing=Standing.FRESH,
)


@dataclass
class Surroundings:
    """Implements `idp.protocol.token_endpoint_rfc6749.Redemption`, and notes what was asked."""

    clients: Mapping[str, Client] = field(default_factory=lambda: {one.client_id: one for one in (ENT, TABLET)})
    issuer: str = ISSUER
    resources: Resources = RESOURCES
    moment: datetime = NOW
    code: IssuedCode = field(default_factory=lambda: _ISSUED)
    refresh_token: IssuedRefreshToken = field(default_factory=lambda: _REFRESH_TOKEN)
    person: Mapping[str, object] | None = field(default_factory=lambda: {"sub": "a subject", "sid": "a session"})
    told_of: list[str] = field(default_factory=list)  # scopes
    is_first: bool = True
    revoked: int = 0
    spent_for: list[Minted] = field(default_factory=list)
    kept: list[Minted] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def make_token(self) -> str:
        return "an access token"

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        return authenticate_client(
            authorization,
            form,
            load_client=self.load_client,
            is_secret_right=self.is_secret_right,
            make_rules=self.make_rules,
        )

    def load_client(self, client_id: str) -> Client | None:
        return self.clients.get(client_id)

    def is_secret_right(self, client: Client, secret: str) -> bool:
        return client.client_secret_hash is not None and secret == SECRET

    def make_rules(self) -> AssertionRules:
        return AssertionRules({self.issuer}, self.moment, lambda *_: True)

    def check_proof(self, proof: str) -> str:
        self.proofs.append(proof)
        if proof != "a right proof":
            raise ProofRefusedError("The nonce is missing.", "use_dpop_nonce")
        return "a thumbprint"

    def make_proof_nonce(self) -> str:
        return "the next nonce"

    def load_key(self, algorithm: str) -> SigningKey:
        return signing_key(algorithm)

    def load_code(self, code: str) -> IssuedCode | None:
        return self.code if code == "the code" else None

    def load_person(self, client: Client, scope: str) -> Mapping[str, object] | None:
        del client
        self.told_of.append(scope)
        return self.person

    def revoke(self) -> None:
        self.revoked += 1

    def load_refresh_token(self, refresh_token: str) -> IssuedRefreshToken | None:
        return self.refresh_token if refresh_token == "the refresh token" else None

    def derive_successor(self, refresh_token: str) -> str:
        return f"successor of {refresh_token}"

    def spend(self, minted: Minted) -> bool:
        self.spent_for.append(minted)
        return self.is_first

    def keep_for_client(self, minted: Minted) -> None:
        self.kept.append(minted)
