"""The relying parties that the settings name."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from idp.protocol.client import Client


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


def origin_of(uri: str) -> str:
    """Return scheme, host and port as a browser writes them in `Origin` (RFC 6454 section 6.2): a usual port is left out."""
    parts = urlsplit(uri)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
