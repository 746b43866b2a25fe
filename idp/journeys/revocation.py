"""Revocation: a client gives back a token that it no longer needs, or fears for."""

from collections.abc import Mapping, Sequence

from idp.journeys.exchange_tools import ExchangeTools
from idp.journeys.rows import AccessTokenRow, AuditEvent, RefreshTokenRow
from idp.journeys.shown_token import look_up
from idp.protocol.client import Client
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.revocation_rfc7009 import answer_revocation_request


class Revocation:
    """What an ENT's server does with tokens whose time is over."""

    def __init__(self, tools: ExchangeTools) -> None:
        self._tools = tools

    def answer(self, authorization: str | None, params: Sequence[tuple[str, str]]) -> ClientAnswer:
        """Answer a revocation request.

        Args:
            authorization: The Authorization header.
            params: Names and values of the body.
        """
        return answer_revocation_request(authorization, params, _Request(self._tools))


class _Request:
    """Implements `protocol.revocation_rfc7009.Revocation` for one request."""

    def __init__(self, tools: ExchangeTools) -> None:
        self._tools = tools
        self._row: AccessTokenRow | RefreshTokenRow | None = None

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        return self._tools.desk.authenticate(authorization, form)

    def load_owner(self, token: str, hint: str) -> str | None:
        keyed_hash = self._tools.secrets.keyed_hash
        with self._tools.stores.reading() as desk:
            self._row = look_up(
                hint,
                lambda: desk.grants.load_access_token(keyed_hash("access-token", token)),
                lambda: desk.grants.load_refresh_token(keyed_hash("refresh-token", token)),
            )
        return self._row.client_id if self._row else None

    def revoke(self) -> None:
        row, now = self._row, self._tools.clock.now()
        if row is None:
            raise LookupError("no token is loaded")
        with self._tools.stores.writing() as desk:
            if isinstance(row, RefreshTokenRow):
                desk.grants.revoke_family(row.family, now)
            else:
                desk.grants.revoke_access_token(row.token_hash, now)
            desk.ledger.record(AuditEvent("token.revoked", account_id=row.account_id, client_id=row.client_id), now)
