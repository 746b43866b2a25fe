"""What waits for a person: an ENT's request that is kept, and what it was checked against."""

from collections.abc import Collection
from dataclasses import dataclass

from idp.journeys.answers import Profile
from idp.journeys.next_step import Standing
from idp.journeys.ports import ClientDocuments, ClientRegistry, Clock, SigningKeys
from idp.journeys.rows import InteractionRow, SessionRow
from idp.journeys.step_up_state import StepUpState
from idp.protocol.authentication_levels import Levels
from idp.protocol.authorization_request import AuthorizationRequest, RequestRules
from idp.protocol.client import Client
from idp.protocol.client_keys import ClientKeys
from idp.protocol.resource import Resources


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person in one browser: an ENT's request, or a sign-in page that she opened by hand (no request, no client)."""

    handle: str
    row: InteractionRow
    request: AuthorizationRequest | None = None
    client: Client | None = None

    def standing(self, live: SessionRow | None, *, consented: bool = False) -> Standing:
        """Return what the dispatcher asks about.

        Raises:
            LookupError: No ENT waits for an answer.
        """
        if self.request is None or self.client is None:
            raise LookupError("the sign-in page was opened by hand")
        return Standing(
            self.request,
            self.client,
            live,
            kept_at=self.row.created_at,
            chosen=self.row.session_id,
            declined=live is not None and self.step_up(live).declined,
            consented=consented,
        )

    def step_up(self, live: SessionRow) -> StepUpState:
        """Return how far the second proof of this session is."""
        return StepUpState.of(self.row.step_up, live.id)

    @property
    def keeps_accounts(self) -> bool:
        """True when signing in for it leaves the other accounts of the browser signed in: the ENT lets people choose among them."""
        return self.request is not None and "select_account" in self.request.prompt


def request_rules(
    issuer: str,
    clock: Clock,
    clients: ClientRegistry,
    keys: SigningKeys,
    client_keys: ClientKeys,
    documents: ClientDocuments,
    claim_names: Collection[str],
    resources: Resources,
    levels: Levels,
) -> RequestRules:
    """Return what a request is checked against, wherever it comes in."""
    return RequestRules(
        issuer=issuer,
        now=clock.now,
        load_client=clients.load_client,
        load_keys=keys.load_published_keys,
        resources=resources,
        claim_names=claim_names,
        acr_values=(*(str(one) for one in Profile), *levels.names),
        client_keys=client_keys,
        fetch=documents.fetch,
    )


def load_request(row: InteractionRow) -> AuthorizationRequest | None:
    """Return the ENT's request that an interaction keeps, None when the sign-in page was opened by hand."""
    return AuthorizationRequest.from_json(row.request.decode()) if row.request is not None else None
