"""Who a client is: its secret compared, its assertion checked and noted as used."""

import hmac
from collections.abc import Mapping

from idp.journeys.ports import ClientRegistry, Clock, Secrets, Stores
from idp.journeys.single_use import SingleUse
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
        self._used = SingleUse("assertion", "client-assertion", stores=stores, clock=clock, secrets=secrets)
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
        return AssertionRules(self._audiences, self._clock.now(), self._used.note, self._client_keys)
