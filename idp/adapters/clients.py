"""The relying parties that the settings name."""

from collections.abc import Sequence

from idp.protocol.client import Client


class ConfiguredClients:
    """Implements `journeys.ports.ClientRegistry` over the clients of the settings file."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._clients = {client.client_id: client for client in clients}

    def load_client(self, client_id: str) -> Client | None:
        """Return the client, or None."""
        return self._clients.get(client_id)

    def load_clients(self) -> Sequence[Client]:
        """Return every client, in the order of the settings file."""
        return tuple(self._clients.values())
