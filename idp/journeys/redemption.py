"""One token request: what is shown is loaded, spent, and what is minted is kept, in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from idp.journeys.exchange_tools import ExchangeTools
from idp.journeys.ports import UnitOfWork
from idp.journeys.rows import AccessTokenRow, AuditEvent, CodeRow, RefreshTokenRow
from idp.protocol.claims_parameter import read_claims
from idp.protocol.client import Client
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError
from idp.protocol.client_keys import KeysUnavailableError, with_encryption_key
from idp.protocol.discovery import TOKEN_PATH
from idp.protocol.signing_keys import SigningKey
from idp.protocol.token_redemption import IssuedCode, IssuedRefreshToken, Minted, Standing

OFFLINE_ACCESS = "offline_access"
"""The scope of refresh tokens that outlive their session (OpenID Connect Core 1.0 section 11)."""


class TokenRedemption:
    """Implements `protocol.token_endpoint_rfc6749.Redemption` for one request."""

    def __init__(self, tools: ExchangeTools) -> None:
        self._tools = tools
        self._row: CodeRow | RefreshTokenRow | None = None
        self.issuer = tools.policy.issuer
        self.resources = tools.policy.resources

    def now(self) -> datetime:
        """Return the present moment."""
        return self._tools.clock.now()

    def make_token(self) -> str:
        """Return 256 random bits, url-safe."""
        return self._tools.secrets.token()

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        """Return the client, and the method by which it proved who it is.

        With the keys that its ID tokens are encrypted for: they may have to be fetched, which is no thing to do once a transaction is open,
        nor to find impossible once a code is spent.
        """
        client, method = self._tools.desk.authenticate(authorization, form)
        try:
            return with_encryption_key(client, client.id_token_encrypted_response_alg, self._tools.client_keys), method
        except KeysUnavailableError as failure:
            raise ClientRefusedError(str(failure)) from None

    def check_proof(self, proof: str) -> str:
        """Return the thumbprint of the key that signed this request."""
        return self._tools.proofs.check(proof, "POST", TOKEN_PATH)

    def make_proof_nonce(self) -> str:
        """Return the nonce of the present moment."""
        return self._tools.proofs.make_nonce()

    def load_key(self, algorithm: str) -> SigningKey:
        """Return the key that signs with this algorithm now."""
        return self._tools.keys.load_active_key(algorithm)

    def load_code(self, code: str) -> IssuedCode | None:
        """Return the code, spent and expired ones included."""
        with self._tools.stores.reading() as desk:
            row = desk.grants.load_code(self._tools.secrets.keyed_hash("authorization-code", code))
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
            spent=row.used_at is not None,
            revoked=row.revoked_at is not None,
            jkt=row.jkt,
            resources=row.resources,
        )

    def load_refresh_token(self, refresh_token: str) -> IssuedRefreshToken | None:
        """Return the refresh token, used, expired and revoked ones included."""
        with self._tools.stores.reading() as desk:
            row = desk.grants.load_refresh_token(self._hash_refresh_token(refresh_token))
        if row is None:
            return None
        self._row = row
        return IssuedRefreshToken(
            client_id=row.client_id,
            scope=row.scope,
            acr=row.acr,
            amr=row.amr,
            auth_time=row.auth_time,
            expires_at=row.expires_at,
            standing=self._standing_of(row),
            jkt=row.jkt,
            resources=row.resources,
        )

    def derive_successor(self, refresh_token: str) -> str:
        """Return the refresh token that comes after this one: by a key that is not in the database, whose copy tells nothing of it."""
        return self._tools.secrets.keyed_hash("refresh-token-successor", refresh_token)

    def load_person(self, client: Client, scope: str) -> Mapping[str, object] | None:
        """Return `sub`, `sid` and the claims that this client gets in its ID token for a scope."""
        row = self._loaded()
        with self._tools.stores.reading() as desk:
            holder = desk.accounts.load_holder(row.account_id)
        if holder is None:
            return None
        told_scope = scope if client.claims_in_id_token else ""
        asked = read_claims(row.claims).id_token
        told = self._tools.policy.releases.claims_for(client, holder, told_scope, row.auth_time, asked)
        return {**told, "sub": self._tools.subject(client, holder), "sid": row.session_id}

    def revoke(self) -> None:
        """Revoke what was loaded and all that was minted with it."""
        row, now = self._loaded(), self.now()
        event = "code.replayed" if isinstance(row, CodeRow) else "refresh-token.replayed"
        with self._tools.stores.writing() as desk:
            desk.grants.revoke_family(row.family, now)
            desk.ledger.record(AuditEvent(event, account_id=row.account_id, client_id=row.client_id), now)

    def spend(self, minted: Minted) -> bool:
        """Mark what was loaded used and keep what is minted, in one transaction."""
        row, now = self._loaded(), self.now()
        with self._tools.stores.writing() as desk:
            spent = (
                self._spend_code(desk, row, minted, now)
                if isinstance(row, CodeRow)
                else self._rotate(desk, row, minted, now)
            )
            if spent:
                desk.grants.add_access_token(self._access_token(row, minted, now))
        return spent

    def keep_for_client(self, minted: Minted) -> None:
        """Keep an access token that stands for the client itself, in one transaction."""
        now = self.now()
        row = AccessTokenRow(
            token_hash=self._hash_access_token(minted),
            family=self._tools.secrets.identifier(),
            client_id=minted.client.client_id,
            session_id=None,
            account_id=None,
            scope=minted.scope,
            auth_time=None,
            issued_at=now,
            expires_at=now + timedelta(seconds=minted.lifetime),
            jkt=minted.jkt,
            audience=minted.audience,
        )
        with self._tools.stores.writing() as desk:
            desk.grants.add_access_token(row)
            desk.ledger.record(AuditEvent("tokens.issued-to-client", client_id=minted.client.client_id), now)

    def _spend_code(self, desk: UnitOfWork, row: CodeRow, minted: Minted, now: datetime) -> bool:
        if not desk.grants.consume_code(row.code_hash, now):
            return False
        if minted.refresh_token is not None:
            desk.grants.add_refresh_token(self._first_refresh_token(row, minted.refresh_token, minted, now))
        desk.sessions.note_client(row.session_id, row.client_id, now)
        desk.ledger.record(AuditEvent("tokens.issued", account_id=row.account_id, client_id=row.client_id), now)
        return True

    def _rotate(self, desk: UnitOfWork, row: RefreshTokenRow, minted: Minted, now: datetime) -> bool:
        """Exchange a refresh token for its successor; who comes a moment later gets the same one, and is told nothing else."""
        if desk.grants.consume_refresh_token(row.token_hash, now):
            successor = self._hash_refresh_token(minted.refresh_token or "")
            desk.grants.add_refresh_token(replace(row, token_hash=successor, issued_at=now, used_at=None))
        elif not desk.grants.hold_refresh_token(row.token_hash):
            return False
        desk.ledger.record(AuditEvent("tokens.refreshed", account_id=row.account_id, client_id=row.client_id), now)
        return True

    def _access_token(self, row: CodeRow | RefreshTokenRow, minted: Minted, now: datetime) -> AccessTokenRow:
        return AccessTokenRow(
            token_hash=self._hash_access_token(minted),
            family=row.family,
            client_id=row.client_id,
            session_id=row.session_id,
            account_id=row.account_id,
            scope=minted.scope,
            claims=row.claims,
            auth_time=row.auth_time,
            issued_at=now,
            expires_at=now + timedelta(seconds=minted.lifetime),
            jkt=minted.jkt,
            audience=minted.audience,
        )

    def _first_refresh_token(self, row: CodeRow, refresh_token: str, minted: Minted, now: datetime) -> RefreshTokenRow:
        offline = OFFLINE_ACCESS in row.scope.split()
        alone = now + timedelta(seconds=minted.client.refresh_token_lifetime)
        return RefreshTokenRow(
            token_hash=self._hash_refresh_token(refresh_token),
            family=row.family,
            client_id=row.client_id,
            session_id=row.session_id,
            account_id=row.account_id,
            scope=row.scope,
            claims=row.claims,
            offline=offline,
            acr=row.acr,
            amr=row.amr,
            auth_time=row.auth_time,
            issued_at=now,
            # Not a session's life after `auth_time`, which a second proof moves: the session's end stays where it was.
            expires_at=alone if offline else row.session_ends_at or now,
            jkt=minted.refresh_jkt,
            resources=row.resources,
        )

    def _standing_of(self, row: RefreshTokenRow) -> Standing:
        if row.revoked_at is not None:
            return Standing.REVOKED
        if row.used_at is None:
            return Standing.FRESH
        return Standing.REPEATED if self.now() - row.used_at <= self._tools.policy.refresh_grace else Standing.REPLAYED

    def _hash_access_token(self, minted: Minted) -> str:
        return self._tools.secrets.keyed_hash("access-token", minted.access_token)

    def _hash_refresh_token(self, refresh_token: str) -> str:
        return self._tools.secrets.keyed_hash("refresh-token", refresh_token)

    def _loaded(self) -> CodeRow | RefreshTokenRow:
        """Return what `load_code` or `load_refresh_token` found.

        Raises:
            LookupError: They found nothing; the endpoint asked in the wrong order.
        """
        if self._row is None:
            raise LookupError("nothing is loaded")
        return self._row
