"""Exchange: a code or a refresh token becomes tokens, an access token becomes claims.

The endpoint's rules are those of `idp.protocol.token_endpoint_rfc6749`; `idp.journeys.redemption` gives it the stores.
"""

from collections.abc import Sequence

from idp.journeys.claims import Claims
from idp.journeys.exchange_tools import ExchangeTools
from idp.journeys.redemption import TokenRedemption
from idp.journeys.rows import AccessTokenRow
from idp.protocol.bearer_rfc6750 import (
    BEARER,
    DPOP,
    read_access_token,
    refuse_audience,
    refuse_for_a_while,
    refuse_key,
    refuse_token,
)
from idp.protocol.claims_parameter import read_claims
from idp.protocol.client import Client
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.client_keys import KeysUnavailableError, with_encryption_key
from idp.protocol.discovery import USERINFO_PATH
from idp.protocol.dpop_rfc9449 import ProofRefusedError
from idp.protocol.token_endpoint_rfc6749 import answer_token_request
from idp.protocol.userinfo import encrypt_userinfo, sign_userinfo


class Exchange:
    """What an ENT's server does with a code, a refresh token and an access token."""

    def __init__(self, tools: ExchangeTools) -> None:
        self._tools = tools

    def redeem(
        self, authorization: str | None, params: Sequence[tuple[str, str]], proof: str | None = None
    ) -> ClientAnswer:
        """Answer a token request: one read of the code or refresh token, one of the person, one transaction.

        Args:
            authorization: The Authorization header.
            params: Names and values of the body.
            proof: The DPoP header.
        """
        return answer_token_request(authorization, params, TokenRedemption(self._tools), proof)

    def make_proof_nonce(self) -> str:
        """Return the nonce that the next DPoP proof should hold (RFC 9449 section 8)."""
        return self._tools.proofs.make_nonce()

    def tell_userinfo(
        self,
        authorization: str | None,
        form: Sequence[tuple[str, str]],
        *,
        proof: str | None = None,
        method: str = "GET",
    ) -> Claims | str:
        """Return the claims that an access token opens (OpenID Connect Core 1.0 section 5.3.2), as a JWT where the client is registered so.

        Nothing is written but that a proof was used.

        Args:
            authorization: The Authorization header.
            form: The form body of a POST, () otherwise.
            proof: The DPoP header.
            method: Of the request.

        Raises:
            BearerRefusedError: There is no token, or it opens nothing.
        """
        tools = self._tools
        scheme, token = read_access_token(authorization, form)
        with tools.stores.reading() as desk:
            found = desk.accounts.load_token_holder(tools.secrets.keyed_hash("access-token", token))
        if found is None:
            raise refuse_token(scheme)
        row, holder = found
        client = tools.clients.load_client(row.client_id)
        if row.revoked_at is not None or tools.clock.now() >= row.expires_at or client is None:
            raise refuse_token(scheme)
        if holder is None or row.auth_time is None or row.audience is not None:
            raise refuse_audience(scheme)
        self._check_key(row, scheme, token, proof, method)
        asked = read_claims(row.claims).userinfo
        told = tools.policy.releases.claims_for(client, holder, row.scope, row.auth_time, asked)
        claims = {"sub": tools.subject(client, holder), **told}
        if not client.userinfo_signed_response_alg and not client.userinfo_encrypted_response_alg:
            return claims
        reader = self._equip(client)
        if not client.userinfo_signed_response_alg:
            return encrypt_userinfo(claims, client=reader)
        key = tools.keys.load_active_key(client.userinfo_signed_response_alg)
        return sign_userinfo(claims, issuer=tools.policy.issuer, client=reader, key=key)

    def _equip(self, client: Client) -> Client:
        """Return the client with the keys that its userinfo is encrypted for."""
        try:
            return with_encryption_key(client, client.userinfo_encrypted_response_alg, self._tools.client_keys)
        except KeysUnavailableError as failure:
            raise refuse_for_a_while(str(failure)) from None

    def _check_key(self, row: AccessTokenRow, scheme: str, token: str, proof: str | None, method: str) -> None:
        """RFC 9449 section 7.1: a token that is bound to a key is good with that key alone, and never as a bearer token."""
        if row.jkt is None and scheme == BEARER:
            return
        if row.jkt is None:
            raise refuse_key("This token is bound to no DPoP key.")
        if scheme != DPOP or proof is None:
            raise refuse_key("This token is bound to a DPoP key: send it with the DPoP scheme and a proof.")
        try:
            shown = self._tools.proofs.check(proof, method, USERINFO_PATH, token)
        except ProofRefusedError as refusal:
            raise refuse_key(str(refusal), refusal.error) from None
        if shown != row.jkt:
            raise refuse_key("This token is bound to another DPoP key.")
