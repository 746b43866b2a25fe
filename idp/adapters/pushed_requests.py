"""Authorization requests that clients pushed: found by a keyed hash, sealed, taken out once."""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert

from idp.adapters.links import Link, Prepared
from idp.adapters.tables import pushed_request
from idp.journeys.ports import Secrets

_REQUEST = "pushed-request"
_ADD = Prepared(insert(pushed_request), ("key", "client_id", "request", "expires_at"))
_TAKE = (
    delete(pushed_request)
    .where(pushed_request.c.key == bindparam("sought"), pushed_request.c.client_id == bindparam("of_client"))
    .returning(pushed_request.c.request, pushed_request.c.expires_at)
)


class SqlPushedRequests:
    """Implements `journeys.visit_ports.PushedRequestStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def add_request(self, key: str, client_id: str, request: bytes, expires_at: datetime) -> None:
        """Keep a request, under a key that was never used."""
        sealed = self._secrets.seal(_REQUEST, request)
        self._link.write(_ADD, {"key": key, "client_id": client_id, "request": sealed, "expires_at": expires_at})

    def take_request(self, key: str, client_id: str, now: datetime) -> bytes | None:
        """Return a request of this client that has not expired, and forget it: one winner of many.

        Raises:
            ValueError: It was sealed with another master key.
        """
        row = self._link.run(_TAKE, {"sought": key, "of_client": client_id}).one_or_none()
        return None if row is None or now >= row.expires_at else self._secrets.unseal(_REQUEST, row.request)
