"""Keys that sign ID tokens: made on first need, sealed at rest, parsed once per process.

Parsing an RSA key costs more than a hundred signatures, so parsed keys are kept. The list is read again after a minute: another process may
have rotated (`adapters.key_rotation`).
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product

from sqlalchemy import Engine

from idp.adapters.key_rows import KeyRow, KeyRows, generate_key, open_row
from idp.adapters.links import Link
from idp.journeys.ports import Clock, Secrets
from idp.protocol.key_rotation import READ_AGAIN_AFTER, KeyLife, KeyState
from idp.protocol.signing_keys import SigningKey

ALWAYS = ("RS256", "ES256")
"""Algorithms that every instance signs with; the others once a client asks for them."""


class SqlSigningKeys:
    """Implements `journeys.ports.SigningKeys`.

    Args:
        engine: The database.
        secrets: What seals the keys.
        clock: The time.
        algorithms: Of which there have to be keys.
    """

    def __init__(self, engine: Engine, secrets: Secrets, clock: Clock, algorithms: Collection[str] = ALWAYS) -> None:
        self._engine = engine
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._secrets = secrets
        self._clock = clock
        self._algorithms = tuple(sorted(algorithms))
        # By what is sealed: a key that lost its private half is another one, and the whole one is forgotten.
        self._parsed: Mapping[bytes, SigningKey] = {}
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
        """Return every key whose signatures may still be alive, and those that sign next.

        Raises:
            ValueError: A key cannot be opened with this master key.
        """
        self._refresh()
        return self._published

    def _refresh(self) -> None:
        now = self._clock.now()
        read_at = self._read_at
        # A test's clock may go backwards too.
        if read_at is not None and timedelta() <= now - read_at < READ_AGAIN_AFTER:
            return
        with self._lock:
            rows = self._load_rows(now)
            missing = find_missing((row.life for row in rows), self._algorithms, now)
            if missing:
                make_missing(self._engine, self._secrets, missing, now)
                rows = self._load_rows(now)
            self._parsed = {row.sealed: self._parsed.get(row.sealed) or open_row(row, self._secrets) for row in rows}
            self._published = tuple(self._parsed.values())
            self._active = {
                row.life.algorithm: self._parsed[row.sealed]
                for row in rows
                if row.life.state_at(now) is KeyState.ACTIVE
            }
            self._read_at = now

    def _load_rows(self, now: datetime) -> list[KeyRow]:
        with self._single.connect() as connection:
            return KeyRows(Link(connection, repeats=True), self._secrets).load_published(now)


def find_missing(lives: Iterable[KeyLife], algorithms: Iterable[str], now: datetime) -> list[tuple[str, KeyState]]:
    """Return which keys are not there, of those that each algorithm needs: one that signs, and one that signs after it."""
    there = {(life.algorithm, life.state_at(now)) for life in lives}
    wanted = product(algorithms, (KeyState.ACTIVE, KeyState.NEXT))
    return [one for one in wanted if one not in there]


def make_missing(engine: Engine, secrets: Secrets, wanted: Collection[tuple[str, KeyState]], now: datetime) -> None:
    """Make the keys that are not there; of two processes, one's are kept.

    The first key of an algorithm signs at once: nobody has a document yet that names the algorithm and not the key.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
    """
    made = [(algorithm, state, generate_key(algorithm)) for algorithm, state in wanted]
    with engine.begin() as connection:
        rows = KeyRows(Link(connection, repeats=False), secrets)
        rows.hold()
        there = {(row.life.algorithm, row.life.state_at(now)) for row in rows.load_published(now)}
        for algorithm, state, key in made:
            if (algorithm, state) not in there:
                rows.add(key, algorithm, now, signs=state is KeyState.ACTIVE)
