"""Proof of possession: a client signs each request with a key of its own, and its tokens are good with that key alone (RFC 9449)."""

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from idp.protocol.client_keys import SHORTEST_RSA, is_private
from idp.protocol.origin_rfc6454 import origin_of
from idp.protocol.signed_by_client import LONGEST_JTI, is_jti, read_moment
from idp.protocol.signing_keys import decode_signed, read_header

ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
_KIND: Mapping[str, Any] = {"ES256": ECKey, "RS256": RSAKey, "PS256": RSAKey, "EdDSA": OKPKey}
_CURVE = {"ES256": "P-256", "EdDSA": "Ed25519"}
WINDOW = timedelta(seconds=60)  # section 11.1: around `iat`, either way
_LONGEST = 4096  # characters


class ProofRefusedError(Exception):
    """The proof proves nothing: `error` is ``invalid_dpop_proof``, or ``use_dpop_nonce`` (sections 5 and 8)."""

    def __init__(self, description: str, error: str = "invalid_dpop_proof") -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True, slots=True)
class ProofRules:
    """What a proof is checked against.

    Attributes:
        method: Of the request: `htm`.
        addresses: Of the endpoint, without query and fragment: `htu` is one of them.
        now: The present moment, aware.
        wants_nonce: Whether a proof without one of our nonces is refused.
        is_nonce_good: Tells whether a nonce is one of ours, and fresh.
        note_jti: Notes that a key used this `jti`, which is worth nothing until then; False when it did so before.
    """

    method: str
    addresses: Collection[str]
    now: datetime
    wants_nonce: bool
    is_nonce_good: Callable[[str], bool]
    note_jti: Callable[[str, str, datetime], bool]


def check_proof(proof: str, rules: ProofRules, *, access_token: str | None = None) -> str:
    """Return the thumbprint (RFC 7638) of the key that signed this request, everything checked in the order of section 4.3.

    Args:
        proof: The DPoP header.
        rules: What it is checked against.
        access_token: That the request shows, at the endpoint of a resource.

    Raises:
        ProofRefusedError: It proves nothing.
    """
    key, claims = _verify(proof)
    if claims.get("htm") != rules.method:
        raise ProofRefusedError("htm of the DPoP proof must be the method of the request.")
    if _without_query(claims.get("htu")) not in {_without_query(one) for one in rules.addresses}:
        raise ProofRefusedError("htu of the DPoP proof must be the address of the endpoint.")
    _check_nonce(claims.get("nonce"), rules)
    issued_at = read_moment(claims.get("iat"))
    if issued_at is None or not rules.now - WINDOW < issued_at <= rules.now + WINDOW:
        raise ProofRefusedError(f"iat of the DPoP proof must be within {int(WINDOW.total_seconds())} seconds of now.")
    if access_token is not None and claims.get("ath") != _hash(access_token):
        raise ProofRefusedError("ath of the DPoP proof must be the hash of the access token.")
    jti = claims.get("jti")
    if not is_jti(jti):
        raise ProofRefusedError(f"jti of the DPoP proof must be a text of 1 to {LONGEST_JTI} characters.")
    thumbprint: str = key.thumbprint()
    if not rules.note_jti(thumbprint, jti, issued_at + WINDOW):
        raise ProofRefusedError("This DPoP proof was used before: jti must be new each time.")
    return thumbprint


def _verify(proof: str) -> tuple[Key, Mapping[str, Any]]:
    if len(proof) > _LONGEST:
        raise ProofRefusedError("The DPoP proof is too long.")
    try:
        header = read_header(proof)
    except (JoseError, ValueError):
        raise ProofRefusedError("The DPoP header must hold one signed JWT.") from None
    if header.get("typ") != "dpop+jwt":
        raise ProofRefusedError("typ of the DPoP proof must be dpop+jwt.")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise ProofRefusedError(f"The DPoP proof must be signed with {' or '.join(ALGORITHMS)}.")
    key = _import_key(header.get("jwk"), algorithm)
    try:
        claims = decode_signed(proof, key, algorithm).claims
    except (JoseError, ValueError):
        raise ProofRefusedError("The signature of the DPoP proof is wrong.") from None
    return key, claims


def _import_key(member: Any, algorithm: str) -> Key:
    refusal = ProofRefusedError(f"jwk of the DPoP proof must be a public key for {algorithm}.")
    if not isinstance(member, dict) or is_private(member):
        raise refusal
    try:
        # Nothing beside the key: no use, no algorithm and no certificate of its own says what it may do.
        bare = {name: member[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in member}
        key: Key = JWKRegistry.import_key(bare)
    except (JoseError, ValueError, KeyError, TypeError):
        raise refusal from None
    if not issubclass(type(key), _KIND[algorithm]) or bare.get("crv") != _CURVE.get(algorithm):
        raise refusal
    if isinstance(key, RSAKey) and key.raw_value.key_size < SHORTEST_RSA:
        raise refusal
    return key


def _check_nonce(nonce: object, rules: ProofRules) -> None:
    """Section 8: a nonce of ours tells that the proof was made a moment ago."""
    if nonce is None and not rules.wants_nonce:
        return
    # Ours are ASCII; JSON can hold halves of characters, which cannot even be compared.
    if not isinstance(nonce, str) or not nonce.isascii() or not rules.is_nonce_good(nonce):
        raise ProofRefusedError("The DPoP proof must hold the nonce of the DPoP-Nonce header.", "use_dpop_nonce")


def _without_query(address: object) -> str:
    """Return an address as section 4.3 compares it: without query and fragment, in one form (RFC 3986 section 6.2)."""
    text = address if isinstance(address, str) else ""
    try:
        return origin_of(text) + urlsplit(text).path
    except ValueError:
        return ""


def _hash(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
