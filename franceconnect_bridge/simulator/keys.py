"""The keys that sign: one ES256 and one RS256, published without private parts, rotated when a tester asks."""

import threading
from collections.abc import Mapping
from typing import Any, TypeVar

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

SomeKey = TypeVar("SomeKey", ECKey, RSAKey)

_RSA_BITS = 2048
_KEPT = 2  # generations that stay published: the present one and the one before


class Keys:
    """Generations of keys, in memory: made at start, gone at the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._generations: list[dict[str, ECKey | RSAKey]] = []
        # Never published: signs what a fault says is signed by somebody else.
        self._foreign: dict[str, ECKey | RSAKey] = {}
        self.rotate()

    def rotate(self, *, same_kid: bool = False) -> None:
        """Sign with new keys from now on; the former ones stay published for one more rotation.

        Args:
            same_kid: Give the new keys the names of the former, which then leave: FranceConnect's own `kid`, `pkcs11:ES256:hsm`, says
                where a key is kept and not which key it is.
        """
        with self._lock:
            names = {algorithm: str(key.kid) for algorithm, key in self._generations[0].items()} if same_kid else {}
            kept = self._generations[1:] if same_kid else self._generations
            self._generations = [_generate(names), *kept][:_KEPT]

    def kid(self, algorithm: str) -> str:
        """Return the name of the key that signs with this algorithm."""
        return str(self._generations[0][algorithm].kid)

    def sign(self, header: dict[str, Any], payload: bytes, *, foreign: bool = False) -> str:
        """Sign a payload (RFC 7515 compact serialization).

        Args:
            header: Exactly what the token's header holds; `alg` chooses the key.
            payload: The token's claims.
            foreign: Sign with a key that nobody publishes.
        """
        algorithm = str(header["alg"])
        if foreign and not self._foreign:
            self._foreign = _generate({})
        key = self._foreign[algorithm] if foreign else self._generations[0][algorithm]
        return jws.serialize_compact(header, payload, key, algorithms=[algorithm])

    def published(self) -> dict[str, Any]:
        """Return the JWKS (RFC 7517 section 5)."""
        with self._lock:
            keys = [key for generation in self._generations for key in generation.values()]
        return {"keys": [key.as_dict(private=False) for key in keys]}


def _generate(names: Mapping[str, str]) -> dict[str, ECKey | RSAKey]:
    """Return a key for each algorithm.

    Args:
        names: The `kid` of each; one that is not told is made of the key itself, so that no other key, nor one of an earlier start, has it.
    """
    ec = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True)
    rsa = RSAKey.generate_key(_RSA_BITS, {"use": "sig", "alg": "RS256"}, private=True)
    return {"ES256": _name(ec, names.get("ES256", "")), "RS256": _name(rsa, names.get("RS256", ""))}


def _name(key: SomeKey, kid: str) -> SomeKey:
    return type(key).import_key({**key.as_dict(private=True), "kid": kid or f"simulateur-{key.thumbprint()[:12]}"})
