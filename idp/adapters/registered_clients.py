"""Clients that no settings file names: they registered themselves, or an operator added them by a command."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, literal, select, text, update

from idp.adapters.clients import REGISTERED_ID
from idp.adapters.links import Link, Prepared
from idp.adapters.tables import registered_client
from idp.journeys.rows import RegisteredClientRow
from idp.protocol.origin_rfc6454 import origin_of

_FIELDS = ("client_id", "client_secret_hash", "registration_token_hash", "metadata", "issued_at", "revision")
_WRITTEN = ("client_secret_hash", "registration_token_hash", "public_origins", "metadata", "revision")
_COLUMNS = tuple(registered_client.c[name] for name in _FIELDS)

_LOAD = Prepared(select(*_COLUMNS).where(registered_client.c.client_id == bindparam("of_client")))
_LOAD_ALL = Prepared(select(*_COLUMNS).order_by(registered_client.c.issued_at, registered_client.c.client_id))
_FIND_ORIGIN = Prepared(
    select(literal(1))
    .where(registered_client.c.public_origins.contains(bindparam("origin"), autoescape=False))
    .limit(1)
)
_HOLD = text("LOCK TABLE registered_client IN SHARE ROW EXCLUSIVE MODE")
_COUNT = select(func.count()).select_from(registered_client)
_ADD = insert(registered_client)
_SAVE = (
    update(registered_client)
    .where(
        registered_client.c.client_id == bindparam("of_client"),
        registered_client.c.revision == bindparam("expected_revision"),
    )
    .values({name: bindparam(f"new_{name}") for name in _WRITTEN})
)
_REMOVE = delete(registered_client).where(registered_client.c.client_id == bindparam("of_client"))


class SqlRegisteredClients:
    """Implements `journeys.session_ports.RegisteredClientStore`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def load_client(self, client_id: str) -> RegisteredClientRow | None:
        """Return the client with this id."""
        if not REGISTERED_ID.fullmatch(client_id):
            return None
        row = self._link.read_one(_LOAD, {"of_client": client_id})
        return None if row is None else _read(*row)

    def load_clients(self) -> list[RegisteredClientRow]:
        """Return every client, oldest first."""
        return [_read(*row) for row in self._link.read_all(_LOAD_ALL, {})]

    def is_public_origin(self, origin: str) -> bool:
        """Tell whether a redirect URI of one without a secret has this origin.

        Args:
            origin: Without the signs that mean something to LIKE.
        """
        return self._link.read_one(_FIND_ORIGIN, {"origin": f" {origin} "}) is not None

    def add_client(self, row: RegisteredClientRow, *, at_most: int | None = None) -> bool:
        """Keep a new client; False when there are `at_most` already, whoever else adds some at this moment."""
        if at_most is not None:
            if self._link.dialect == "postgresql":
                # Rows that are not there yet cannot be locked; SQLite has one writer at a time anyway.
                self._link.run(_HOLD)
            if self._link.run(_COUNT).scalar_one() >= at_most:
                return False
        self._link.run(_ADD, {"client_id": row.client_id, "issued_at": row.issued_at, **_written(row)})
        return True

    def save_client(self, row: RegisteredClientRow, *, expected_revision: int) -> bool:
        """Write every column but the id and the time; False when the client has gone, or somebody else changed it since."""
        values: dict[str, Any] = {f"new_{name}": value for name, value in _written(row).items()}
        values |= {"of_client": row.client_id, "expected_revision": expected_revision}
        return self._link.run(_SAVE, values).rowcount == 1

    def remove_client(self, client_id: str) -> bool:
        """Forget a client; False when somebody else did."""
        return self._link.run(_REMOVE, {"of_client": client_id}).rowcount == 1


def _read(
    client_id: str, secret: str | None, token: str | None, metadata: str, issued_at: datetime, revision: int
) -> RegisteredClientRow:
    return RegisteredClientRow(client_id, secret, token, json.loads(metadata), issued_at, revision)


def _written(row: RegisteredClientRow) -> dict[str, Any]:
    is_public = row.metadata["token_endpoint_auth_method"] == "none"  # noqa: S105  the name of a method
    origins = sorted({origin_of(uri) for uri in row.metadata["redirect_uris"]}) if is_public else ()
    return {
        "client_secret_hash": row.client_secret_hash,
        "registration_token_hash": row.registration_token_hash,
        "public_origins": f" {' '.join(origins)} " if origins else "",
        "metadata": json.dumps(row.metadata),
        "revision": row.revision,
    }
