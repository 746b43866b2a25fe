"""The public keys of clients: JWK sets (RFC 7517 section 5), registered, or fetched from a `jwks_uri` (RFC 7591 section 2)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from idp.protocol.client import Client
from idp.protocol.encryption_rfc7516 import find_encryption_key

SHORTEST_RSA = 2048  # bits; RFC 7518 section 3.3
_LONGEST_RSA = 8192  # bits: of longer signatures joserfc reads none
_LONGEST_EXPONENT = 64  # bits: OpenSSL takes no longer one with a long key
_MOST_KEYS = 32  # of one set: each is imported, and costs time


@dataclass(frozen=True, slots=True)
class ClientKeySet:
    """The keys of one client.

    Attributes:
        signing: What verifies its assertions and request objects.
        encryption: Those of `use` enc (RFC 7517 section 4.2): what its tokens are encrypted for.
    """

    signing: tuple[RSAKey | ECKey, ...] = ()
    encryption: tuple[RSAKey | ECKey, ...] = ()


class KeysUnavailableError(Exception):
    """There are no keys of the client at this moment. The message says why, for the client's developer; nothing of it is quoted."""


class ClientKeys(Protocol):
    """What finds the keys of clients."""

    def load_keys(self, client: Client) -> ClientKeySet:
        """Return the keys as they are known.

        Raises:
            KeysUnavailableError: None are known, and none can be fetched.
        """

    def renew_keys(self, client: Client) -> ClientKeySet:
        """Return the keys, fetched again where that may be: one was asked for that is not among them.

        Raises:
            KeysUnavailableError: As above.
        """


class RegisteredKeys:
    """Implements `ClientKeys` for clients that registered the keys themselves. Those of a `jwks_uri` it does not know."""

    def load_keys(self, client: Client) -> ClientKeySet:
        """Return what is registered."""
        return ClientKeySet(client.keys, client.encryption_keys)

    def renew_keys(self, client: Client) -> ClientKeySet:
        """Return what is registered."""
        return self.load_keys(client)


def with_encryption_key(client: Client, alg: str, keys: ClientKeys) -> Client:
    """Return a client with the keys that its tokens are encrypted for, one of which is right for this algorithm.

    Args:
        client: As registered; one that registered its keys is returned as it is.
        alg: How the content's key reaches it, "" where nothing is encrypted.
        keys: What finds them.

    Raises:
        KeysUnavailableError: There is none.
    """
    if not alg or not client.jwks_uri:
        return client
    found = keys.load_keys(client).encryption
    if find_encryption_key(found, alg) is None:
        found = keys.renew_keys(client).encryption
    if find_encryption_key(found, alg) is None:
        raise KeysUnavailableError(f"No key of use enc at the jwks_uri of this client is one for {alg}.")
    return replace(client, encryption_keys=found)


def import_public_key(member: Mapping[str, Any]) -> RSAKey | ECKey:
    """Return a public key of a JWK set.

    Raises:
        ValueError: It is private, of another kind, or none that can be used; the message says which.
    """
    if is_private(member):
        raise ValueError("holds a private key: register the public one")
    described = dict(member)
    if described.get("use") == "enc":
        # RFC 7517 section 4.3: the two should not stand together. Browsers export public keys for ECDH with an empty list.
        described.pop("key_ops", None)
    try:
        key = JWKRegistry.import_key(described)
    except (JoseError, ValueError, KeyError, TypeError):
        raise ValueError("is no JWK") from None
    if isinstance(key, RSAKey) and _is_usable_rsa(key):
        return key
    if isinstance(key, ECKey) and key.curve_name == "P-256":
        return key
    raise ValueError("must be an RSA key of 2048 to 8192 bits, with an exponent of 64 at most, or an EC key on P-256")


def _is_usable_rsa(key: RSAKey) -> bool:
    """Tell whether something can be verified with it, and encrypted for it: what cannot would fail once a token is made."""
    numbers = key.public_key.public_numbers()
    is_right_size = SHORTEST_RSA <= numbers.n.bit_length() <= _LONGEST_RSA
    return is_right_size and numbers.n % 2 == 1 and numbers.e.bit_length() <= _LONGEST_EXPONENT


def import_key_set(members: Iterable[Mapping[str, Any]]) -> ClientKeySet:
    """Return the keys of a JWK set, by what they are for.

    Raises:
        ValueError: One of them is none that a client may register.
    """
    keys = [(member.get("use") == "enc", import_public_key(member)) for member in members]
    return ClientKeySet(
        tuple(key for is_for_encryption, key in keys if not is_for_encryption),
        tuple(key for is_for_encryption, key in keys if is_for_encryption),
    )


def read_key_set(body: bytes) -> ClientKeySet:
    """Return the keys of a JWK set that was fetched. Those that are of no use here are left out (RFC 7517 section 5).

    Raises:
        ValueError: It is no JWK set, or one that gives a private key away; the message goes on after "it".
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list) or not all(isinstance(one, dict) for one in members):
        raise ValueError("is no JWK set")
    if len(members) > _MOST_KEYS:
        raise ValueError(f"holds more than {_MOST_KEYS} keys")
    if any(is_private(one) for one in members):
        raise ValueError("holds a private key, which anybody can read")
    return import_key_set(one for one in members if _is_usable(one))


def is_private(member: Mapping[str, Any]) -> bool:
    """Tell whether a JWK holds what only its owner may know: a private or a symmetric key (RFC 7518 section 6)."""
    return "d" in member or "k" in member


def _is_usable(member: Mapping[str, Any]) -> bool:
    if not isinstance(member.get("kid", ""), str):
        return False
    try:
        import_public_key(member)
    except ValueError:
        return False
    return True
