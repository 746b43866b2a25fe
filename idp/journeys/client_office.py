"""Clients that no settings file names are enrolled, changed and removed here, whoever asks: themselves, or an operator."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from idp.journeys.ports import Clock, Secrets, Stores, UnitOfWork
from idp.journeys.rows import AuditEvent, RegisteredClientRow
from idp.protocol.client_metadata import WITHOUT_SECRET


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A client, with what is told once: no table holds it.

    Attributes:
        row: What is kept.
        client_secret: Its new secret, None where it has none, or keeps the one that it has.
        registration_access_token: What it changes itself with, "" where it may not.
    """

    row: RegisteredClientRow
    client_secret: str | None
    registration_access_token: str


class ClientOffice:
    """Keeps clients. What they say of themselves has been checked before (`protocol.client_metadata`)."""

    def __init__(self, stores: Stores, clock: Clock, secrets: Secrets) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets

    def enrol(
        self, metadata: Mapping[str, Any], *, changes_itself: bool, at_most: int | None = None
    ) -> Enrolled | None:
        """Keep a new client; None when there are `at_most` already.

        Args:
            metadata: By the names of RFC 7591 section 2.
            changes_itself: Whether it gets a registration access token.
            at_most: How many clients there may be; None: any number.
        """
        client_id = self._secrets.identifier()
        token = self._secrets.token() if changes_itself else ""
        secret = self._make_secret(metadata)
        row = RegisteredClientRow(
            client_id=client_id,
            client_secret_hash=self._hash_secret(client_id, secret),
            registration_token_hash=self._hash_token(client_id, token) if token else None,
            metadata=metadata,
            issued_at=self._clock.now(),
        )
        with self._stores.writing() as desk:
            if not desk.clients.add_client(row, at_most=at_most):
                return None
            self._record(desk, "client.registered", client_id)
        return Enrolled(row, secret, token)

    def load(self, client_id: str) -> RegisteredClientRow | None:
        """Return a client."""
        with self._stores.reading() as desk:
            return desk.clients.load_client(client_id)

    def load_all(self) -> list[RegisteredClientRow]:
        """Return every client, oldest first."""
        with self._stores.reading() as desk:
            return desk.clients.load_clients()

    def is_token(self, row: RegisteredClientRow, token: str) -> bool:
        """Tell whether this is the client's registration access token."""
        return hmac.compare_digest(self._hash_token(row.client_id, token), row.registration_token_hash or "")

    def is_secret(self, row: RegisteredClientRow, secret: str) -> bool:
        """Tell whether this is the client's present secret."""
        given = self._hash_secret(row.client_id, secret) or ""
        return hmac.compare_digest(given, row.client_secret_hash or "")

    def change(self, client_id: str, metadata: Mapping[str, Any]) -> Enrolled | None:
        """Keep other metadata; None when the client has gone.

        A secret that it has stays, one that it needs now is made, and one that it needs no more is forgotten.
        """
        while (row := self.load(client_id)) is not None:
            needs_one = metadata["token_endpoint_auth_method"] not in WITHOUT_SECRET
            kept = row.client_secret_hash if needs_one else None
            secret = self._make_secret(metadata) if kept is None else None
            changed = replace(
                row, metadata=metadata, client_secret_hash=kept or self._hash_secret(row.client_id, secret)
            )
            if self._save(changed, "client.changed"):
                return Enrolled(changed, secret, "")
        return None

    def rotate_secret(self, client_id: str) -> Enrolled | None:
        """Give the client another secret, the only good one from now on; None when it has none, or has gone."""
        while (row := self.load(client_id)) is not None and row.client_secret_hash is not None:
            secret = self._secrets.token()
            changed = replace(row, client_secret_hash=self._hash_secret(client_id, secret))
            if self._save(changed, "client.secret-rotated"):
                return Enrolled(changed, secret, "")
        return None

    def remove(self, client_id: str) -> bool:
        """Forget a client and what it was allowed, and revoke its codes and its tokens, in one transaction; False when it has gone."""
        now = self._clock.now()
        with self._stores.writing() as desk:
            if not desk.clients.remove_client(client_id):
                return False
            desk.grants.revoke_client_grants(client_id, now)
            desk.consents.forget_client_consents(client_id)
            self._record(desk, "client.removed", client_id)
        return True

    def _save(self, row: RegisteredClientRow, event: str) -> bool:
        """Write a change; False when somebody else was faster."""
        with self._stores.writing() as desk:
            saved = desk.clients.save_client(replace(row, revision=row.revision + 1), expected_revision=row.revision)
            if saved:
                self._record(desk, event, row.client_id)
        return saved

    def _record(self, desk: UnitOfWork, event: str, client_id: str) -> None:
        desk.ledger.record(AuditEvent(event, client_id=client_id), self._clock.now())

    def _make_secret(self, metadata: Mapping[str, Any]) -> str | None:
        return None if metadata["token_endpoint_auth_method"] in WITHOUT_SECRET else self._secrets.token()

    def _hash_secret(self, client_id: str, secret: str | None) -> str | None:
        return None if secret is None else self._secrets.keyed_hash("client-secret", f"{client_id}:{secret}")

    def _hash_token(self, client_id: str, token: str) -> str:
        return self._secrets.keyed_hash("registration-access-token", f"{client_id}:{token}")
