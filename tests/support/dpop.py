"""A client's side of DPoP (RFC 9449), for tests that need to send exactly what they say."""

import base64
import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

_NUMBERS = itertools.count()


@dataclass
class Holder:
    """Somebody who holds a key."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    clock: Any = None  # returns the present moment; None: the machine's

    @property
    def thumbprint(self) -> str:
        """Of the key (RFC 7638)."""
        thumbprint: str = self.key.thumbprint()
        return thumbprint

    def prove(self, method: str, address: str, access_token: str = "", *, header: Any = None, **changes: Any) -> str:
        """Return a proof; None takes a claim away."""
        now = self.clock() if self.clock else datetime.now(UTC)  # noqa: TID251  a client has the machine's clock
        claims = {
            "htm": method,
            "htu": address,
            "iat": int(now.timestamp()),
            "jti": f"{self.thumbprint}-{next(_NUMBERS)}",
            **({"ath": hash_of(access_token)} if access_token else {}),
            **changes,
        }
        told = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False), **(header or {})}
        return jwt.encode(
            {name: value for name, value in told.items() if value is not None},
            {name: value for name, value in claims.items() if value is not None},
            self.key,
            algorithms=["ES256"],
        )


def hash_of(access_token: str) -> str:
    """Return `ath` (RFC 9449 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()
