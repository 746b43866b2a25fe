"""Exchange: a code becomes tokens, a token becomes claims.

The endpoint's rules are those of `idp.protocol.token_endpoint_rfc6749`; this file gives it the stores, and decides what a client is told.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.journeys.claims import Claims, claims_for, subject_for
from idp.journeys.ports import ClientRegistry, Clock, Secrets, SigningKeys, Stores
from idp.journeys.rows import AccessTokenRow, AuditEvent, CodeRow
from idp.people.records import AccountHolder
from idp.protocol.bearer_rfc6750 import read_bearer_token, refuse_token
from idp.protocol.claims_parameter import read_claims
from idp.protocol.client import Client
from idp.protocol.client_assertion_rfc7523 import AssertionRules
from idp.protocol.signing_keys import SigningKey
from idp.protocol.token_endpoint_rfc6749 import IssuedCode, TokenAnswer, answer_token_request


@dataclass(frozen=True, slots=True)
class ExchangePolicy:
    """Who we are in tokens, and how long they live."""

    issuer: str
    access_token_lifetime: timedelta = timedelta(minutes=10)
    id_token_lifetime: timedelta = timedelta(minutes=10)
    audiences: frozenset[str] = frozenset()  # of client assertions: the issuer, and every address of the token endpoint


class Exchange:
    """What an ENT's server does with a code and with an access token."""

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        secrets: Secrets,
        clients: ClientRegistry,
        keys: SigningKeys,
        policy: ExchangePolicy,
    ) -> None:
        self.stores = stores
        self.clock = clock
        self.secrets = secrets
        self.clients = clients
        self.keys = keys
        self.policy = policy

    def redeem(self, authorization: str | None, params: Sequence[tuple[str, str]]) -> TokenAnswer:
        """Answer a token request: one read of the code, one of the person, one transaction.

        Args:
            authorization: The Authorization header.
            params: Names and values of the body.
        """
        return answer_token_request(authorization, params, _CodeRedemption(self))

    def tell_userinfo(self, authorization: str | None, form: Sequence[tuple[str, str]]) -> Claims:
        """Return the claims that an access token opens (OpenID Connect Core 1.0 section 5.3.2). Nothing is written.

        Args:
            authorization: The Authorization header.
            form: The form body of a POST, () otherwise.

        Raises:
            BearerRefusedError: There is no token, or it opens nothing.
        """
        token = read_bearer_token(authorization, form)
        with self.stores.reading() as desk:
            found = desk.accounts.load_token_holder(self.secrets.keyed_hash("access-token", token))
        if found is None:
            raise refuse_token()
        row, holder = found
        client = self.clients.load_client(row.client_id)
        if row.revoked_at is not None or self.clock.now() >= row.expires_at or client is None:
            raise refuse_token()
        asked = read_claims(row.claims).userinfo
        return {"sub": self.subject(client, holder), **claims_for(client, holder, row.scope, row.auth_time, asked)}

    def subject(self, client: Client, holder: AccountHolder) -> str:
        """Return the `sub` under which a client knows an account."""
        return subject_for(client, holder, self.secrets)


class _CodeRedemption:
    """Implements `protocol.token_endpoint_rfc6749.Redemption` for one request."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._row: CodeRow | None = None
        self.issuer = exchange.policy.issuer
        self.access_token_lifetime = int(exchange.policy.access_token_lifetime.total_seconds())
        self.id_token_lifetime = int(exchange.policy.id_token_lifetime.total_seconds())

    def now(self) -> datetime:
        return self._exchange.clock.now()

    def make_token(self) -> str:
        return self._exchange.secrets.token()

    def load_client(self, client_id: str) -> Client | None:
        return self._exchange.clients.load_client(client_id)

    def is_secret_right(self, client: Client, secret: str) -> bool:
        given = self._exchange.secrets.keyed_hash("client-secret", f"{client.client_id}:{secret}")
        return hmac.compare_digest(given, client.client_secret_hash or "")

    def make_rules(self) -> AssertionRules:
        return AssertionRules(self._exchange.policy.audiences, self.now(), self._note_jti)

    def _note_jti(self, client_id: str, jti: str, until: datetime) -> bool:
        """A counter that allows one use: shared by all processes, and forgotten once the assertion has expired."""
        key = self._exchange.secrets.keyed_hash("client-assertion", f"{client_id}:{jti}")
        now = self.now()
        with self._exchange.stores.writing() as desk:
            return desk.quotas.take(f"assertion:{key}", limit=1, window=until - now, now=now).allowed

    def load_key(self, algorithm: str) -> SigningKey:
        return self._exchange.keys.load_active_key(algorithm)

    def load_code(self, code: str) -> IssuedCode | None:
        with self._exchange.stores.reading() as desk:
            row = desk.grants.load_code(self._exchange.secrets.keyed_hash("authorization-code", code))
        if row is None:
            return None
        self._row = row
        return IssuedCode(
            client_id=row.client_id,
            redirect_uri=row.redirect_uri,
            scope=row.scope,
            nonce=row.nonce,
            code_challenge=row.code_challenge,
            acr=row.acr,
            amr=row.amr,
            auth_time=row.auth_time,
            expires_at=row.expires_at,
            spent=row.used_at is not None or row.revoked_at is not None,
        )

    def load_person(self, client: Client) -> Mapping[str, object] | None:
        row = self._loaded()
        with self._exchange.stores.reading() as desk:
            holder = desk.accounts.load_holder(row.account_id)
        if holder is None:
            return None
        scope = row.scope if client.claims_in_id_token else ""
        told = claims_for(client, holder, scope, row.auth_time, read_claims(row.claims).id_token)
        return {**told, "sub": self._exchange.subject(client, holder), "sid": row.session_id}

    def revoke(self) -> None:
        row, now = self._loaded(), self.now()
        with self._exchange.stores.writing() as desk:
            desk.grants.revoke_family(row.family, now)
            desk.ledger.record(AuditEvent("code.replayed", account_id=row.account_id, client_id=row.client_id), now)

    def spend(self, access_token: str) -> bool:
        row, now = self._loaded(), self.now()
        token = AccessTokenRow(
            token_hash=self._exchange.secrets.keyed_hash("access-token", access_token),
            family=row.family,
            client_id=row.client_id,
            session_id=row.session_id,
            account_id=row.account_id,
            scope=row.scope,
            claims=row.claims,
            auth_time=row.auth_time,
            issued_at=now,
            expires_at=now + self._exchange.policy.access_token_lifetime,
        )
        with self._exchange.stores.writing() as desk:
            if not desk.grants.consume_code(row.code_hash, now):
                return False
            desk.grants.add_access_token(token)
            desk.sessions.note_client(row.session_id, row.client_id, now)
            desk.ledger.record(AuditEvent("tokens.issued", account_id=row.account_id, client_id=row.client_id), now)
        return True

    def _loaded(self) -> CodeRow:
        """Return the code that `load_code` found.

        Raises:
            LookupError: It found none; the endpoint asked in the wrong order.
        """
        if self._row is None:
            raise LookupError("no code is loaded")
        return self._row
