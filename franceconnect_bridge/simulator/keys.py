"""The keys that sign ID tokens and userinfo: one for each algorithm, the one before still published after a rotation."""

import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from flask import json
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeyParameters, RSAKey

ALGORITHMS = ("ES256", "RS256")
Key = ECKey | RSAKey


class Keys:
    """Keys in use, and those that are still published."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current = {algorithm: _make(algorithm) for algorithm in ALGORITHMS}
        self._former: list[Key] = []

    def rotate(self, *, retire: bool) -> None:
        """Sign with new keys from now on.

        Args:
            retire: Whether the former ones leave the published set at once, as no careful operator would do.
        """
        fresh = {algorithm: _make(algorithm) for algorithm in ALGORITHMS}
        with self._lock:
            self._former = [] if retire else list(self._current.values())
            self._current = fresh

    def published(self) -> list[dict[str, Any]]:
        """Return the public keys, the current ones first."""
        with self._lock:
            keys = [*self._current.values(), *self._former]
        return [dict(key.as_dict(private=False)) for key in keys]

    def sign(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """Return a JWT whose header holds `alg` and `kid` alone: no `typ`, as FranceConnect's."""
        return _serialize(claims, algorithm, self._current[algorithm], str(self._current[algorithm].kid))

    def sign_wrongly(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """Return the same by another key under the right `kid`."""
        return _serialize(claims, algorithm, _make(algorithm), str(self._current[algorithm].kid))

    def sign_unpublished(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """Return the same by a key that is published nowhere."""
        key = _make(algorithm)
        return _serialize(claims, algorithm, key, str(key.kid))

    def read(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a JWT of ours, however old, or None."""
        with self._lock:
            keys = [*self._current.values(), *self._former]
        for key in keys:
            try:
                return dict(jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError):
                continue
        return None


def unsigned(claims: Mapping[str, Any]) -> str:
    """Return a JWT with `alg` none, which nobody may accept (RFC 8725 section 3.2)."""
    parts = ({"alg": "none"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def _make(algorithm: str) -> Key:
    parameters: KeyParameters = {"use": "sig", "alg": algorithm}
    if algorithm == "ES256":
        key: Key = ECKey.generate_key("P-256", parameters, private=True)
    else:
        key = RSAKey.generate_key(2048, parameters, private=True)
    # A kid of its own for each key: a client that kept another's set must see that it does not have this one.
    kid = f"simulateur:{algorithm}:{key.thumbprint()[:8]}"
    return type(key).import_key({**key.as_dict(private=True), "kid": kid})


def _serialize(claims: Mapping[str, Any], algorithm: str, key: Key, kid: str) -> str:
    return jws.serialize_compact({"alg": algorithm, "kid": kid}, json.dumps(claims), key, algorithms=[algorithm])
