"""Who a client is: its secret compared, its assertion checked and noted as used."""

import hmac
from collections.abc import Mapping
from datetime import datetime

from idp.journeys.ports import ClientRegistry, Clock, Secrets, Stores
from idp.protocol.client import Client
from idp.protocol.client_assertion_rfc7523 import AssertionRules
from idp.protocol.client_authentication_rfc6749 import authenticate_client
from idp.protocol.client_keys import ClientKeys


class ClientDesk:
    """Authenticates clients at every endpoint that their servers call.

    Args:
        stores: Where used assertions are noted.
        clock: The time.
        secrets: What hashes.
        clients: Who may ask.
        client_keys: What finds the keys that they sign with.
        audiences: Values of `aud` in an assertion that mean us: the issuer, and every address of the token endpoint.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        clients: ClientRegistry,
        client_keys: ClientKeys,
        audiences: frozenset[str],
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._secrets = secrets
        self._clients = clients
        self._client_keys = client_keys
        self._audiences = audiences

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        """Return the client that sends this request, and the method by which it proved so.

        Args:
            authorization: The Authorization header.
            form: The request's body.

        Raises:
            ClientRefusedError: It is unknown, or its proof is missing, wrong, or not of the registered method.
        """
        return authenticate_client(
            authorization,
            form,
            load_client=self._clients.load_client,
            is_secret_right=self._is_secret_right,
            make_rules=self._make_rules,
        )

    def _is_secret_right(self, client: Client, secret: str) -> bool:
        given = self._secrets.keyed_hash("client-secret", f"{client.client_id}:{secret}")
        return hmac.compare_digest(given, client.client_secret_hash or "")

    def _make_rules(self) -> AssertionRules:
        return AssertionRules(self._audiences, self._clock.now(), self._note_jti, self._client_keys)

    def _note_jti(self, client_id: str, jti: str, until: datetime) -> bool:
        """A counter that allows one use: shared by all processes, and forgotten once the assertion has expired."""
        key = self._secrets.keyed_hash("client-assertion", f"{client_id}:{jti}")
        now = self._clock.now()
        with self._stores.writing() as desk:
            return desk.quotas.take(f"assertion:{key}", limit=1, window=until - now, now=now).allowed
