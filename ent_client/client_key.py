"""How we prove who we are without a secret that the provider shares: `private_key_jwt` (OpenID Connect Core 1.0, 9; RFC 7523, 2.2 and 3).

The provider holds the public key only, registered by value or read at `/jwks`: what it loses, nobody can present.
"""

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.auth import ClientAuth
from flask import Blueprint, Response, jsonify
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from ent_client.keys import SMALLEST_RSA_BITS, Key
from ent_client.runtime import Clock
from ent_client.settings import JWKS_PATH, Settings, SettingsError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = timedelta(seconds=60)


class ClientKey:
    """Our private key, and what is said with it."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._alg = "ES256" if isinstance(key, ECKey) else "RS256"
        # A thumbprint (RFC 7638) when the file names none: another key is then another `kid`, and the provider reads us again.
        self._kid = key.kid or key.thumbprint()

    def public_jwks(self) -> dict[str, Any]:
        """What the provider may know (RFC 7517, 5)."""
        public = self._key.as_dict(private=False)
        needed = {name: public[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in public}
        return {"keys": [{**needed, "kid": self._kid, "alg": self._alg, "use": "sig"}]}

    def assertion(self, client_id: str, issuer: str, now: datetime) -> str:
        """Sign one assertion, for one use within a minute (RFC 7523, 3).

        Args:
            client_id: who we are.
            issuer: for whom: the issuer alone, so that no other server that was handed the assertion can use it there.
            now: the present moment.
        """
        issued = int(now.timestamp())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": issuer,
            "jti": secrets.token_urlsafe(24),
            "iat": issued,
            "exp": issued + int(ASSERTION_LIFETIME.total_seconds()),
        }
        return jwt.encode({"alg": self._alg, "kid": self._kid, "typ": "JWT"}, claims, self._key)


class PrivateKeyJwt:
    """The way in which Authlib's client proves who it is at the token endpoint. Authlib's own reads the machine's clock."""

    def __init__(self, key: ClientKey, settings: Settings, clock: Clock) -> None:
        self._key = key
        self._settings = settings
        self._clock = clock

    def __call__(
        self, client: ClientAuth, _method: str, uri: str, headers: dict[str, str], body: str
    ) -> tuple[str, dict[str, str], str]:
        """Add the assertion to the form (RFC 7521, 4.2)."""
        assertion = self._key.assertion(client.client_id, self._settings.issuer, self._clock.now())
        proof = urlencode({"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion})
        return uri, headers, f"{body}&{proof}"


def load_client_key(path: Path) -> ClientKey:
    """Read a private key: PEM, or one JWK. P-256 signs with ES256, RSA from 2048 bits with RS256.

    Raises:
        SettingsError: when the file cannot be read or holds anything else.
    """
    try:
        key = _import_key(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"private_key_file {path} cannot be read: {error.strerror}.") from error
    except (JoseError, ValueError, TypeError) as error:
        raise SettingsError(
            f"private_key_file {path} must hold one private key, as PEM without a password or as a JWK."
        ) from error
    if not key.is_private or not _is_strong(key):
        raise SettingsError(f"private_key_file {path} must hold a private key: P-256, or RSA of 2048 bits or more.")
    return ClientKey(key)


def jwks_blueprint(key: ClientKey) -> Blueprint:
    """GET /jwks: our public key, for providers that read it there (`jwks_uri`) rather than being given it."""
    keys = Blueprint("jwks", __name__)

    @keys.get(JWKS_PATH)
    def jwks() -> Response:
        return jsonify(key.public_jwks())

    return keys


def _import_key(text: str) -> Key:
    if text.lstrip().startswith("{"):
        member = json.loads(text)
        return RSAKey.import_key(member) if member.get("kty") == "RSA" else ECKey.import_key(member)
    try:
        return ECKey.import_key(text)
    except JoseError:
        return RSAKey.import_key(text)


def _is_strong(key: Key) -> bool:
    if isinstance(key, ECKey):
        return key.curve_name == "P-256"
    return key.raw_value.key_size >= SMALLEST_RSA_BITS
