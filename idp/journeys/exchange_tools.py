"""What everything that has to do with tokens shares: stores, keys, the clock, and under which `sub` a client knows a person."""

from dataclasses import dataclass
from datetime import timedelta

from idp.journeys.claims import Releases, subject_for
from idp.journeys.client_desk import ClientDesk
from idp.journeys.ports import ClientRegistry, Clock, Secrets, SigningKeys, Stores
from idp.journeys.proof_desk import ProofDesk
from idp.people.records import AccountHolder
from idp.protocol.client import Client
from idp.protocol.client_keys import ClientKeys
from idp.protocol.resource import Resources


@dataclass(frozen=True, slots=True)
class ExchangePolicy:
    """Who we are in tokens, what they tell, and how long an answer that was lost may be asked for again."""

    issuer: str
    releases: Releases
    resources: Resources
    refresh_grace: timedelta = timedelta(seconds=30)  # in which a refresh token may be shown again: an answer was lost


@dataclass(frozen=True, slots=True)
class ExchangeTools:
    """The surroundings of the journeys that mint, open, revoke and introspect tokens."""

    stores: Stores
    clock: Clock
    secrets: Secrets
    clients: ClientRegistry
    desk: ClientDesk
    proofs: ProofDesk
    keys: SigningKeys
    client_keys: ClientKeys
    policy: ExchangePolicy

    def subject(self, client: Client, holder: AccountHolder) -> str:
        """Return the `sub` under which a client knows an account."""
        return subject_for(client, holder, self.secrets)
