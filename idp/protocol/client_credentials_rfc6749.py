"""Client credentials (RFC 6749 section 4.4): a client gets a token for itself, and no person stands behind it."""

from typing import Any, cast

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant as _Grant

from idp.protocol.client import Client
from idp.protocol.client_endpoint import RequestRefusedError, plain
from idp.protocol.resource import Resource, Resources
from idp.protocol.resource_indicators_rfc8707 import choose_of_client


class ClientCredentialsGrant(_Grant):
    """Always for a registered resource: nothing of our own is opened by a token that stands for nobody. Authlib calls these in order."""

    def validate_token_request(self) -> None:
        """Section 4.4: confidential clients alone. Section 4.4.2: the scope is the client's, at that resource."""
        super().validate_token_request()
        request: Any = self.request
        client: Client = request.client.client
        if request.auth_method == "none":
            raise UnauthorizedClientError("A client that proves nothing gets no token for itself.")
        resources: Resources = cast("Any", self.server).resources
        try:
            request.target = choose_of_client(request.resources, client, resources)
        except RequestRefusedError as refusal:
            raise OAuth2Error(plain(refusal.description), error=refusal.error) from None
        request.granted_scope = _choose_scope(request.form.get("scope", ""), client, request.target)

    def create_token_response(self) -> Any:
        """Section 4.4.3: no refresh token. RFC 9068 section 2.2: `sub` is the client, because no person takes part."""
        request: Any = self.request
        server: Any = self.server
        server.check_proof()
        client_id = request.client.get_client_id()
        token = self.generate_token(user={"sub": client_id}, scope=request.granted_scope, include_refresh_token=False)
        server.save_token(token, request)
        return 200, token, self.TOKEN_RESPONSE_HEADER


def _choose_scope(asked: str, client: Client, target: Resource) -> str:
    """Return what is asked for, all that there is where nothing is (section 3.3).

    Raises:
        InvalidScopeError: There is more in it: a machine has nobody to be told that it got less.
    """
    there = tuple(one for one in client.scope if one in target.scope)
    words = tuple(dict.fromkeys(asked.split()))
    if not set(words) <= set(there):
        raise InvalidScopeError("scope may hold what this client is registered for at this resource, and nothing else.")
    return " ".join(words or there)
