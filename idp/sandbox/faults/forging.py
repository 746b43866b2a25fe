"""JWT that are opened, changed and signed again: by the key that signed them, by none, or by what is no key (RFC 7515)."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from idp.protocol.signing_keys import sign_jwt
from idp.sandbox.faults.entry import Surroundings

UNPUBLISHED_KID = "a-key-that-nobody-publishes"
_SIGNED_PARTS = 3
Claims = dict[str, Any]
Forge = Callable[["OpenedJwt", Surroundings], str | None]
"""Returns the JWT that goes out instead; None where the fault cannot apply to this one."""
ClaimsChange = Callable[[Claims, Surroundings], Claims | None]


@dataclass(frozen=True, slots=True)
class OpenedJwt:
    """A JWT of ours, open. Nothing is verified: it comes from our own answer."""

    header: Claims
    claims: Claims
    signature: str


def open_jwt(text: str) -> OpenedJwt | None:
    """Return the JWT; None for one that is encrypted, which nobody opens here."""
    parts = text.split(".")
    if len(parts) != _SIGNED_PARTS:
        return None
    return OpenedJwt(_read(parts[0]), _read(parts[1]), parts[2])


def with_claims(change: ClaimsChange) -> Forge:
    """Sign other claims with the key that signed the true ones."""

    def forge(opened: OpenedJwt, here: Surroundings) -> str | None:
        claims = change(dict(opened.claims), here)
        return None if claims is None else _sign(opened, claims, here)

    return forge


def replace_claims(**claims: Any) -> Forge:
    """Give claims other values; None takes one away. A claim that would have to go and is not there: cannot apply."""
    return with_claims(replacing(**claims))


def replacing(**claims: Any) -> ClaimsChange:
    """Return the change of `replace_claims`."""

    def change(there: Claims, here: Surroundings) -> Claims | None:
        del here
        gone = {name for name, value in claims.items() if value is None}
        if not gone <= there.keys():
            return None
        return {name: value for name, value in {**there, **claims}.items() if name not in gone}

    return change


def with_wrong_signature(opened: OpenedJwt, here: Surroundings) -> str:
    """Put the signature of another text under this one, well formed and by the right key."""
    other = _sign(opened, {**opened.claims, "jti": "another text"}, here)
    true = _sign(opened, opened.claims, here)
    return f"{true.rpartition('.')[0]}.{other.rpartition('.')[2]}"


def with_unknown_kid(opened: OpenedJwt, here: Surroundings) -> str:
    """Name a key that nobody publishes, and be signed by none that somebody does."""
    header = {**opened.header, "kid": UNPUBLISHED_KID}
    return f"{_write(header)}.{_write(opened.claims)}.{with_wrong_signature(opened, here).rpartition('.')[2]}"


def unsigned(opened: OpenedJwt, here: Surroundings) -> str:
    """Say that there is no signature (RFC 7515 appendix A.5)."""
    del here
    header = {name: value for name, value in opened.header.items() if name != "kid"} | {"alg": "none"}
    return f"{_write(header)}.{_write(opened.claims)}."


def signed_with_public_key(opened: OpenedJwt, here: Surroundings) -> str:
    """Sign with HMAC, whose secret is the published key as PEM: a verifier that believes the header takes one for the other."""
    key: Any = here.keys.load_active_key(opened.header["alg"]).key
    secret = key.as_pem(private=False)
    signed = f"{_write({**opened.header, 'alg': 'HS256'})}.{_write(opened.claims)}"
    return f"{signed}.{_encode(hmac.digest(secret, signed.encode(), 'sha256'))}"


def seconds_of(here: Surroundings, *, ago: int) -> int:
    """Return a moment as JWT write it.

    Args:
        here: Where it is now.
        ago: Seconds; negative for what is to come.
    """
    return int(here.now.timestamp()) - ago


def _sign(opened: OpenedJwt, claims: Claims, here: Surroundings) -> str:
    key = here.keys.load_active_key(opened.header["alg"])
    return sign_jwt(claims, key, typ=opened.header.get("typ", "JWT"))


def _read(part: str) -> Claims:
    read: Claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def _write(part: Claims) -> str:
    return _encode(json.dumps(part, separators=(",", ":")).encode())


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
