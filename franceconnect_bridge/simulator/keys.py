"""The keys that sign: one ES256 and one RS256, published without private parts, rotated when a tester asks."""

import threading
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

_RSA_BITS = 2048
_KEPT = 2  # generations that stay published: the present one and the one before


class Keys:
    """Generations of keys, in memory: made at start, gone at the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._generations: list[dict[str, ECKey | RSAKey]] = []
        # Never published: signs what a fault says is signed by somebody else.
        self._foreign: dict[str, ECKey | RSAKey] = {}
        self._number = 0
        self.rotate()

    def rotate(self) -> None:
        """Sign with new keys from now on; the former ones stay published for one more rotation."""
        with self._lock:
            self._number += 1
            self._generations = [_generate(f"simulator-{self._number}"), *self._generations][:_KEPT]

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
            self._foreign = _generate("foreign")
        key = self._foreign[algorithm] if foreign else self._generations[0][algorithm]
        return jws.serialize_compact(header, payload, key, algorithms=[algorithm])

    def published(self) -> dict[str, Any]:
        """Return the JWKS (RFC 7517 section 5)."""
        with self._lock:
            keys = [key for generation in self._generations for key in generation.values()]
        return {"keys": [key.as_dict(private=False) for key in keys]}


def _generate(name: str) -> dict[str, ECKey | RSAKey]:
    ec = ECKey.generate_key("P-256", {"kid": f"{name}-es256", "use": "sig", "alg": "ES256"}, private=True)
    rsa = RSAKey.generate_key(_RSA_BITS, {"kid": f"{name}-rs256", "use": "sig", "alg": "RS256"}, private=True)
    return {"ES256": ec, "RS256": rsa}
