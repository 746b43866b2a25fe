"""Keys that sign ID tokens: made on first need, sealed at rest, parsed once per process.

Parsing an RSA key costs more than a hundred signatures, so parsed keys are kept. The list is read again after a minute: another process may
have rotated.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import Engine, bindparam, select, text

from idp.adapters.links import Link, insert_unless_there
from idp.adapters.tables import signing_key
from idp.journeys.ports import Clock, Secrets
from idp.protocol.signing_keys import SigningKey

ALGORITHMS = ("RS256", "ES256")
_RSA_BITS = 2048
_READ_AGAIN_AFTER = timedelta(seconds=60)
_PURPOSE = "signing-key"
_LOAD = select(signing_key.c.kid, signing_key.c.algorithm, signing_key.c.sealed, signing_key.c.active).order_by(
    signing_key.c.created_at, signing_key.c.kid
)
_LOAD_ACTIVE = select(signing_key.c.kid).where(
    signing_key.c.algorithm == bindparam("algorithm"), signing_key.c.active.is_(True)
)
_ADD = insert_unless_there(signing_key)
_HOLD = text(f"LOCK TABLE {signing_key.name} IN SHARE ROW EXCLUSIVE MODE")


class SqlSigningKeys:
    """Implements `journeys.ports.SigningKeys`."""

    def __init__(self, engine: Engine, secrets: Secrets, clock: Clock) -> None:
        self._engine = engine
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._secrets = secrets
        self._clock = clock
        self._parsed: dict[str, SigningKey] = {}
        self._active: Mapping[str, SigningKey] = {}
        self._published: Sequence[SigningKey] = ()
        self._read_at: datetime | None = None
        self._lock = threading.Lock()

    def load_active_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now.

        Raises:
            ValueError: A key cannot be opened with this master key.
            KeyError: No key signs with this algorithm.
        """
        self._refresh()
        return self._active[algorithm]

    def load_published_keys(self) -> Sequence[SigningKey]:
        """Return every key whose signatures may still be alive.

        Raises:
            ValueError: A key cannot be opened with this master key.
        """
        self._refresh()
        return self._published

    def _refresh(self) -> None:
        now = self._clock.now()
        read_at = self._read_at
        # A test's clock may go backwards too.
        if read_at is not None and timedelta() <= now - read_at < _READ_AGAIN_AFTER:
            return
        with self._lock:
            rows = self._load_rows()
            if {row[1] for row in rows if row[3]} < set(ALGORITHMS):
                self._make_missing(now)
                rows = self._load_rows()
            published = [self._parse(kid, algorithm, sealed) for kid, algorithm, sealed, _ in rows]
            self._active = {key.algorithm: key for key, row in zip(published, rows, strict=True) if row[3]}
            self._published = tuple(published)
            self._read_at = now

    def _load_rows(self) -> list[tuple[str, str, bytes, bool]]:
        with self._single.connect() as connection:
            return [
                (row.kid, row.algorithm, row.sealed, row.active) for row in Link(connection, repeats=True).run(_LOAD)
            ]

    def _parse(self, kid: str, algorithm: str, sealed: bytes) -> SigningKey:
        if kid not in self._parsed:
            clear = json.loads(self._secrets.unseal(_PURPOSE, sealed))
            kind = RSAKey if algorithm == "RS256" else ECKey
            key = kind.import_key({**clear, "kid": kid})
            self._parsed[kid] = SigningKey(kid, algorithm, key)
        return self._parsed[kid]

    def _make_missing(self, now: datetime) -> None:
        """Make the first key of each algorithm. Slow, so outside the transaction; of two processes, one's keys are kept."""
        made = {algorithm: _generate(algorithm) for algorithm in ALGORITHMS}
        with self._engine.begin() as connection:
            link = Link(connection, repeats=False)
            if link.dialect == "postgresql":
                # What is not there yet cannot be locked row by row; SQLite has one writer at a time anyway.
                link.run(_HOLD)
            for algorithm, key in made.items():
                if link.run(_LOAD_ACTIVE, {"algorithm": algorithm}).first() is not None:
                    continue
                values = {
                    "kid": key.thumbprint(),  # RFC 7638
                    "algorithm": algorithm,
                    "sealed": self._secrets.seal(_PURPOSE, json.dumps(key.as_dict(private=True)).encode()),
                    "active": True,
                    "created_at": now,
                    "retired_at": None,
                }
                link.run(_ADD[link.dialect], values)


def _generate(algorithm: str) -> RSAKey | ECKey:
    return RSAKey.generate_key(_RSA_BITS) if algorithm == "RS256" else ECKey.generate_key("P-256")
