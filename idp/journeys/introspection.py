"""Introspection: the server of a resource asks what a token is good for."""

from collections.abc import Mapping, Sequence

from idp.journeys.exchange_tools import ExchangeTools
from idp.journeys.rows import AccessTokenRow, RefreshTokenRow
from idp.journeys.shown_token import ShownToken
from idp.protocol.bearer_rfc6750 import BEARER, DPOP
from idp.protocol.client import Client
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.introspection_rfc7662 import answer_introspection_request
from idp.protocol.issued_token import IssuedToken


class Introspection:
    """What a server that is shown a token asks."""

    def __init__(self, tools: ExchangeTools) -> None:
        self._tools = tools

    def answer(self, authorization: str | None, params: Sequence[tuple[str, str]]) -> ClientAnswer:
        """Answer an introspection request: two reads, nothing is written.

        Args:
            authorization: The Authorization header.
            params: Names and values of the body.
        """
        return answer_introspection_request(authorization, params, _Request(self._tools))


class _Request:
    """Implements `protocol.introspection_rfc7662.Introspection` for one request."""

    def __init__(self, tools: ExchangeTools) -> None:
        self._tools = tools
        self.issuer = tools.policy.issuer

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        return self._tools.desk.authenticate(authorization, form)

    def load_token(self, token: str, hint: str) -> IssuedToken | None:
        tools = self._tools
        with tools.stores.reading() as desk:
            row = ShownToken(desk, tools.secrets, token).load_row(hint)
            holder = desk.accounts.load_holder(row.account_id) if row else None
        owner = tools.clients.load_client(row.client_id) if row else None
        if row is None or holder is None or owner is None:
            return None
        is_spent = isinstance(row, RefreshTokenRow) and row.used_at is not None
        return IssuedToken(
            client_id=row.client_id,
            scope=row.scope,
            sub=tools.subject(owner, holder),
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            auth_time=row.auth_time,
            active=row.revoked_at is None and not is_spent and tools.clock.now() < row.expires_at,
            token_type=_type_of(row),
            jkt=row.jkt,
        )


def _type_of(row: AccessTokenRow | RefreshTokenRow) -> str:
    if isinstance(row, RefreshTokenRow):
        return ""
    return BEARER if row.jkt is None else DPOP
