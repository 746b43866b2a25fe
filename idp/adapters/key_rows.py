"""Rows of signing keys: sealed at rest, and without their private half as soon as they sign no more."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from sqlalchemy import Row, bindparam, insert, or_, select, text, update

from idp.adapters.links import Link
from idp.adapters.tables import signing_key
from idp.journeys.ports import Secrets
from idp.protocol.key_rotation import KeyLife, KeyState
from idp.protocol.signing_keys import SigningKey

_RSA_BITS = 2048
_PURPOSE = "signing-key"
_LOAD = select(signing_key).order_by(signing_key.c.created_at, signing_key.c.kid)
_LOAD_PUBLISHED = _LOAD.where(
    or_(signing_key.c.published_until.is_(None), signing_key.c.published_until > bindparam("now"))
)
_ADD = insert(signing_key)
_ONE = signing_key.c.kid == bindparam("one")
_PROMOTE = update(signing_key).where(_ONE).values(signs_since=bindparam("since"))
_RETIRE = (
    update(signing_key)
    .where(_ONE)
    .values(retired_at=bindparam("at"), published_until=bindparam("until"), sealed=bindparam("public"))
)
_END = update(signing_key).where(_ONE).values(published_until=bindparam("until"))
_HOLD = text(f"LOCK TABLE {signing_key.name} IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as it lies in the database."""

    life: KeyLife
    sealed: bytes


class KeyRows:
    """The rows, seen through one connection."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def hold(self) -> None:
        """Let nobody else write until the end of the transaction. Readers go on.

        What is not there yet cannot be locked row by row; SQLite has one writer at a time anyway.
        """
        if self._link.dialect == "postgresql":
            self._link.run(_HOLD)

    def load(self) -> list[KeyRow]:
        """Return every key, the oldest first."""
        return [_row(one) for one in self._link.run(_LOAD)]

    def load_published(self, now: datetime) -> list[KeyRow]:
        """Return those that are not retired: first those that sign, for verifiers that take the first one that fits."""
        rows = [_row(one) for one in self._link.run(_LOAD_PUBLISHED, {"now": now})]
        return sorted(rows, key=lambda row: row.life.state_at(now) is not KeyState.ACTIVE)

    def add(self, key: Key, algorithm: str, at: datetime, *, signs: bool) -> KeyLife:
        """Add a new key: active, or next."""
        life = KeyLife(key.thumbprint(), algorithm, at, at if signs else None)  # RFC 7638
        values = {
            "kid": life.kid,
            "algorithm": algorithm,
            "sealed": self._seal(key, private=True),
            "created_at": at,
            "signs_since": life.signs_since,
            "retired_at": None,
            "published_until": None,
        }
        self._link.run(_ADD, values)
        return life

    def promote(self, kid: str, at: datetime) -> None:
        """Let the next key sign. The active one has to be retired before."""
        self._link.run(_PROMOTE, {"one": kid, "since": at})

    def retire(self, row: KeyRow, at: datetime, until: datetime) -> None:
        """Let a key sign no more, for good: its public half alone stays, published until then."""
        public = self._seal(open_row(row, self._secrets).key, private=False)
        self._link.run(_RETIRE, {"one": row.life.kid, "at": at, "until": until, "public": public})

    def end(self, kid: str, until: datetime) -> None:
        """Publish a key that signs no more until then, and no longer."""
        self._link.run(_END, {"one": kid, "until": until})

    def _seal(self, key: Key, *, private: bool) -> bytes:
        return self._secrets.seal(_PURPOSE, json.dumps(key.as_dict(private=private)).encode())


def open_row(row: KeyRow, secrets: Secrets) -> SigningKey:
    """Return the parsed key.

    Raises:
        ValueError: It was not sealed with this master key.
    """
    clear = json.loads(secrets.unseal(_PURPOSE, row.sealed))
    return SigningKey(row.life.kid, row.life.algorithm, JWKRegistry.import_key({**clear, "kid": row.life.kid}))


def generate_key(algorithm: str) -> Key:
    """Return a new private key. RSA takes a while: never inside a transaction."""
    match algorithm:
        case "ES256":
            return ECKey.generate_key("P-256")
        case "EdDSA":
            return OKPKey.generate_key("Ed25519")
        case _:
            return RSAKey.generate_key(_RSA_BITS)


def _row(found: Row[Any]) -> KeyRow:
    life = KeyLife(
        found.kid, found.algorithm, found.created_at, found.signs_since, found.retired_at, found.published_until
    )
    return KeyRow(life, found.sealed)
