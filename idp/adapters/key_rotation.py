"""What an operator does with the signing keys: look, rotate, take one out. One transaction each, and one winner of two at once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from idp.adapters.key_rows import KeyRow, KeyRows, generate_key
from idp.adapters.ledger import SqlLedger
from idp.adapters.links import Link
from idp.adapters.signing_keys import ALWAYS, find_missing, make_missing
from idp.journeys.ports import Clock, Secrets
from idp.journeys.rows import AuditEvent
from idp.protocol.key_rotation import KeyLife, KeyState, earliest_end, published_until
from idp.protocol.signing_keys import ALGORITHMS


class KeyRefusedError(Exception):
    """Nothing was done; the message says why, and what would be right."""


class NoSuchKeyError(KeyRefusedError):
    """There is no key with this kid."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """Another key signs with this algorithm now."""

    active: KeyLife
    next: KeyLife
    retiring: KeyLife


@dataclass(frozen=True, slots=True)
class TooEarly:
    """The next key may not sign yet."""

    active: KeyLife
    next: KeyLife
    signs_from: datetime
    made: bool  # by this very call, because there was none


class KeyRotation:
    """Rotates the keys of one database, while the service runs.

    Args:
        engine: The database.
        secrets: What seals the keys.
        clock: The time.
        longest_use: How long the last token that a key signed may be verified.
    """

    def __init__(self, engine: Engine, secrets: Secrets, clock: Clock, longest_use: timedelta) -> None:
        self._engine = engine
        self._secrets = secrets
        self._clock = clock
        self._longest_use = longest_use

    def load_keys(self) -> tuple[Sequence[KeyLife], datetime]:
        """Return every key that there ever was, the oldest first, and the present moment.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            rows = KeyRows(Link(connection, repeats=True), self._secrets).load()
        return [row.life for row in rows], self._clock.now()

    def load_algorithms(self) -> Sequence[str]:
        """Return the algorithms that have keys, and those that always have.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
        """
        lives, now = self.load_keys()
        alive = {life.algorithm for life in lives if life.state_at(now) is not KeyState.RETIRED}
        return [one for one in ALGORITHMS if one in alive.union(ALWAYS)]

    def rotate(self, algorithm: str, *, in_a_hurry: bool = False) -> Rotated | TooEarly:
        """Let the next key of an algorithm sign, retire the one that signed, and make another next one.

        Where keys of it are missing, they are made, and that is all.

        Args:
            algorithm: One of `protocol.signing_keys.ALGORITHMS`.
            in_a_hurry: As soon as every process publishes the next key.

        Raises:
            KeyRefusedError: Somebody took the next key out at the same moment.
            ValueError: The key that signed cannot be opened with this master key.
            sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
        """
        lives, now = self.load_keys()
        missing = find_missing(lives, [algorithm], now)
        if missing:
            make_missing(self._engine, self._secrets, missing, now)
        following = generate_key(algorithm)
        with self._holding() as (rows, ledger):
            now = self._clock.now()
            found = {row.life.state_at(now): row for row in rows.load() if row.life.algorithm == algorithm}
            if KeyState.NEXT not in found:
                raise KeyRefusedError(f"The next {algorithm} key was taken out at this very moment: try again.")
            old, new = found[KeyState.ACTIVE], found[KeyState.NEXT].life
            signs_from = new.may_sign_from(in_a_hurry=in_a_hurry)
            if now < signs_from:
                return TooEarly(old.life, new, signs_from, bool(missing))
            until = published_until(now, self._longest_use)
            rows.retire(old, now, until)
            rows.promote(new.kid, now)
            details: dict[str, str | int | list[int]] = {"algorithm": algorithm, "kid": new.kid, "after": old.life.kid}
            ledger.record(AuditEvent("key.rotated", details=details), now)
            return Rotated(
                active=replace(new, signs_since=now),
                next=rows.add(following, algorithm, now, signs=False),
                retiring=replace(old.life, retired_at=now, published_until=until),
            )

    def retire(self, kid: str) -> KeyLife:
        """Take a key out of the published ones, and return what became of it.

        A key that signed until a moment ago goes when the last process has noticed that it signs no more. A next key that is taken out is
        replaced by whichever process reads the list first.

        Raises:
            KeyRefusedError: It signs.
            NoSuchKeyError: There is no such key.
            ValueError: It cannot be opened with this master key.
            sqlalchemy.exc.SQLAlchemyError: The database does not answer, or has no tables.
        """
        with self._holding() as (rows, ledger):
            now = self._clock.now()
            row = next((one for one in rows.load() if one.life.kid == kid), None)
            if row is None:
                raise NoSuchKeyError(f"There is no key {kid}: see preau keys list.")
            life, state = row.life, row.life.state_at(now)
            if state is KeyState.ACTIVE:
                raise KeyRefusedError(
                    f"{kid} signs with {life.algorithm}: let another one sign first (preau keys rotate --algorithm {life.algorithm})."
                )
            if state is KeyState.RETIRED:
                return life
            ended = _end(rows, row, now)
            details: dict[str, str | int | list[int]] = {"algorithm": life.algorithm, "kid": kid}
            ledger.record(AuditEvent("key.retired", details=details), now)
            return ended

    @contextmanager
    def _holding(self) -> Iterator[tuple[KeyRows, SqlLedger]]:
        with self._engine.begin() as connection:
            link = Link(connection, repeats=False)
            rows = KeyRows(link, self._secrets)
            rows.hold()
            yield rows, SqlLedger(link)


def _end(rows: KeyRows, row: KeyRow, now: datetime) -> KeyLife:
    until = earliest_end(row.life, now)
    if row.life.retired_at is None:
        rows.retire(row, now, until)
        return replace(row.life, retired_at=now, published_until=until)
    rows.end(row.life.kid, until)
    return replace(row.life, published_until=until)
