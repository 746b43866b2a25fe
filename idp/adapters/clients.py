"""The relying parties: those that the settings name, then those that registered."""

import re
from collections.abc import Callable, Sequence

from idp.journeys.ports import Stores
from idp.journeys.rows import RegisteredClientRow
from idp.protocol.client import Client
from idp.protocol.origin_rfc6454 import origin_of

# What `Secrets.identifier` makes. Anything else, which may be a text that no database holds, is not asked for.
REGISTERED_ID = re.compile(r"[0-9a-f]{32}")
_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]{1,260}")  # a domain name has 253 characters at most


class ConfiguredClients:
    """Implements `journeys.ports.ClientRegistry` over the clients of the settings file."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._clients = {client.client_id: client for client in clients}
        self._public_origins = frozenset(
            origin_of(uri)
            for client in clients
            if client.token_endpoint_auth_method == "none"  # noqa: S105  the name of a method
            for uri in client.redirect_uris
        )

    def load_client(self, client_id: str) -> Client | None:
        """Return the client, or None."""
        return self._clients.get(client_id)

    def load_clients(self) -> Sequence[Client]:
        """Return every client, in the order of the settings file."""
        return tuple(self._clients.values())

    def is_public_origin(self, origin: str) -> bool:
        """Tell whether a redirect URI of a client without a secret has this origin."""
        return origin in self._public_origins


class KnownClients:
    """Implements `journeys.ports.ClientRegistry` over the settings file and the database.

    A client of the file costs no statement. One that registered is read each time that it is asked for, so that whatever process removed
    or changed it, no other goes on with what it was (docs/decisions/0018-registered-clients.md).

    Args:
        configured: Clients of the file; they win.
        stores: Where the others are.
        build: Makes one of the others of its row.
    """

    def __init__(
        self, configured: ConfiguredClients, stores: Stores, build: Callable[[RegisteredClientRow], Client]
    ) -> None:
        self.configured = configured
        self._stores = stores
        self._build = build

    def load_client(self, client_id: str) -> Client | None:
        """Return the client, or None.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: It is none of the file's, and the database does not answer.
        """
        configured = self.configured.load_client(client_id)
        if configured is not None or not REGISTERED_ID.fullmatch(client_id):
            return configured
        with self._stores.reading() as desk:
            row = desk.clients.load_client(client_id)
        return None if row is None else self._build(row)

    def load_clients(self) -> Sequence[Client]:
        """Return the clients of the file, in its order. The others have no home to lead a person to."""
        return self.configured.load_clients()

    def is_public_origin(self, origin: str) -> bool:
        """Tell whether a redirect URI of a client without a secret has this origin.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: It is none of the file's, and the database does not answer.
        """
        if self.configured.is_public_origin(origin):
            return True
        if not _ORIGIN.fullmatch(origin):
            return False
        with self._stores.reading() as desk:
            return desk.clients.is_public_origin(origin)
