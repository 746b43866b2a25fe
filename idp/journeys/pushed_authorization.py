"""An ENT's server brings its authorization request before it sends the browser (RFC 9126)."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from idp.journeys.client_desk import ClientDesk
from idp.journeys.ports import ClientDocuments, ClientRegistry, Clock, Secrets, SigningKeys, Stores
from idp.journeys.proof_desk import ProofDesk
from idp.journeys.waiting import request_rules
from idp.protocol.authentication_levels import Levels
from idp.protocol.authorization_request import AuthorizationRequest
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.client_keys import ClientKeys
from idp.protocol.discovery import PAR_PATH
from idp.protocol.pushed_authorization_rfc9126 import LIFETIME, answer_pushed_request
from idp.protocol.resource import Resources


class PushedAuthorization:
    """Takes requests in; `journeys.authorization` takes them out again, each once."""

    def __init__(
        self,
        *,
        issuer: str,
        desk: ClientDesk,
        proofs: ProofDesk,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        clients: ClientRegistry,
        keys: SigningKeys,
        client_keys: ClientKeys,
        documents: ClientDocuments,
        claim_names: Collection[str],
        resources: Resources,
        levels: Levels,
    ) -> None:
        self._rules = request_rules(
            issuer, clock, clients, keys, client_keys, documents, claim_names, resources, levels
        )
        self._desk = desk
        self._proofs = proofs
        self._stores = stores
        self._clock = clock
        self._secrets = secrets

    def push(
        self, authorization: str | None, params: Sequence[tuple[str, str]], proof: str | None = None
    ) -> ClientAnswer:
        """Check a request and keep it: one statement, one transaction.

        Args:
            authorization: The Authorization header.
            params: Names and values of the body.
            proof: The DPoP header.
        """
        answer = answer_pushed_request(
            authorization,
            params,
            self._rules,
            desk=self._desk,
            check_proof=lambda: None if proof is None else self._proofs.check(proof, "POST", PAR_PATH),
            keep=self._keep,
        )
        if proof is None:
            return answer
        # RFC 9449 section 8: whoever is told to use a nonce is told which.
        return replace(answer, headers={**answer.headers, "DPoP-Nonce": self._proofs.make_nonce()})

    def _keep(self, request: AuthorizationRequest) -> str:
        reference = self._secrets.token()
        key = self._secrets.keyed_hash("pushed-request", reference)
        with self._stores.writing() as desk:
            desk.pushed_requests.add_request(
                key, request.client_id, request.to_json().encode(), self._clock.now() + LIFETIME
            )
        return reference
