"""Introspection: the server of a resource asks what a token is good for."""

from collections.abc import Mapping, Sequence

from idp.journeys.exchange_tools import ExchangeTools
from idp.journeys.ports import UnitOfWork
from idp.journeys.rows import AccessTokenRow, RefreshTokenRow
from idp.journeys.shown_token import look_up
from idp.people.records import AccountHolder
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
        self._client: Client | None = None  # who asks
        self.issuer = tools.policy.issuer
        self.resources = tools.policy.resources

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        self._client, method = self._tools.desk.authenticate(authorization, form)
        return self._client, method

    def load_token(self, token: str, hint: str) -> IssuedToken | None:
        keyed_hash = self._tools.secrets.keyed_hash
        with self._tools.stores.reading() as desk:
            found = look_up(
                hint,
                lambda: desk.accounts.load_token_holder(keyed_hash("access-token", token)),
                lambda: _load_refresh_token(desk, keyed_hash("refresh-token", token)),
            )
        return None if found is None else self._describe(*found)

    def _describe(self, row: AccessTokenRow | RefreshTokenRow, holder: AccountHolder | None) -> IssuedToken | None:
        tools = self._tools
        asks = self._client
        # It knows its own already, which the database would be asked for once more.
        is_its_own = asks is not None and asks.client_id == row.client_id
        owner = asks if is_its_own else tools.clients.load_client(row.client_id)
        if owner is None:
            return None
        is_spent = isinstance(row, RefreshTokenRow) and row.used_at is not None
        return IssuedToken(
            client_id=row.client_id,
            scope=row.scope,
            # RFC 9068 section 2.2 for both kinds: where no person takes part, it is the client.
            sub=row.client_id if holder is None else tools.subject(owner, holder),
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            auth_time=row.auth_time,
            active=row.revoked_at is None and not is_spent and tools.clock.now() < row.expires_at,
            token_type=_type_of(row),
            audience=row.audience if isinstance(row, AccessTokenRow) else None,
            jkt=row.jkt,
        )


def _type_of(row: AccessTokenRow | RefreshTokenRow) -> str:
    if isinstance(row, RefreshTokenRow):
        return ""
    return BEARER if row.jkt is None else DPOP


def _load_refresh_token(desk: UnitOfWork, token_hash: str) -> tuple[RefreshTokenRow, AccountHolder] | None:
    row = desk.grants.load_refresh_token(token_hash)
    holder = desk.accounts.load_holder(row.account_id) if row else None
    return None if row is None or holder is None else (row, holder)
