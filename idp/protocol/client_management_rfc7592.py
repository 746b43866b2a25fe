"""Client configuration management: a client reads, replaces and removes its own registration (RFC 7592)."""

from collections.abc import Mapping
from typing import Protocol

from idp.protocol.bearer_rfc6750 import BearerRefusedError, read_bearer_token, refuse_token
from idp.protocol.client_endpoint import ClientAnswer, RequestRefusedError, respond, respond_refused
from idp.protocol.client_metadata import Metadata, RegistrationRules, check_client_metadata, refuse_metadata
from idp.protocol.client_registration import (
    RegisteredClient,
    read_metadata,
    respond_information,
    respond_unauthorised,
)

# Section 2.2: what the server alone says.
_OURS = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")


class Management(Protocol):
    """What keeps clients."""

    @property
    def rules(self) -> RegistrationRules:
        """What depends on the deployment."""

    def load(self, client_id: str, registration_access_token: str) -> RegisteredClient | None:
        """Return the client, None when it is unknown or the token is not its own."""

    def is_secret(self, client: RegisteredClient, client_secret: str) -> bool:
        """Tell whether this is the client's present secret."""

    def replace(self, client: RegisteredClient, metadata: Metadata) -> RegisteredClient | None:
        """Keep other metadata, with a secret if one is needed now and none was before; None when the client has gone."""

    def remove(self, client: RegisteredClient) -> bool:
        """Forget the client, and revoke its grants; False when it has gone."""

    def locate(self, client_id: str) -> str:
        """Return the client configuration endpoint of a client."""


def answer_read_request(authorization: str | None, client_id: str, management: Management) -> ClientAnswer:
    """Answer a client read request (section 2.1). The secret is not told again: its hash alone is kept.

    Args:
        authorization: The Authorization header, with the registration access token.
        client_id: Of the address.
        management: What keeps clients.
    """
    try:
        client = _authorise(authorization, client_id, management)
    except BearerRefusedError as refusal:
        return respond_unauthorised(refusal)
    return respond_information(client, management.locate(client_id))


def answer_update_request(
    authorization: str | None, client_id: str, content_type: str, body: bytes, management: Management
) -> ClientAnswer:
    """Answer a client update request (section 2.2): what is not sent any more is not registered any more.

    Args:
        authorization: The Authorization header, with the registration access token.
        client_id: Of the address.
        content_type: Of the body, without parameters.
        body: JSON.
        management: What keeps clients.
    """
    try:
        client = _authorise(authorization, client_id, management)
        sent = read_metadata(content_type, body)
        _check_identity(sent, client, management)
        replaced = management.replace(client, check_client_metadata(sent, management.rules))
        if replaced is None:
            raise refuse_token()
    except BearerRefusedError as refusal:
        return respond_unauthorised(refusal)
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    return respond_information(replaced, management.locate(client_id))


def answer_delete_request(authorization: str | None, client_id: str, management: Management) -> ClientAnswer:
    """Answer a client delete request (section 2.3): 204, and every grant of the client is revoked.

    Args:
        authorization: The Authorization header, with the registration access token.
        client_id: Of the address.
        management: What keeps clients.
    """
    try:
        client = _authorise(authorization, client_id, management)
        if not management.remove(client):
            raise refuse_token()
    except BearerRefusedError as refusal:
        return respond_unauthorised(refusal)
    return respond(None, 204)


def _authorise(authorization: str | None, client_id: str, management: Management) -> RegisteredClient:
    """Section 2: an unknown client is answered as a wrong token is, with 401.

    Raises:
        BearerRefusedError: One of these, or there is no token.
    """
    client = management.load(client_id, read_bearer_token(authorization))
    if client is None:
        raise refuse_token()
    return client


def _check_identity(sent: Mapping[str, object], client: RegisteredClient, management: Management) -> None:
    """Section 2.2: client_id is there and right, a secret that is there is right, and nothing else is the server's.

    Raises:
        RequestRefusedError: It is not so.
    """
    if sent.get("client_id") != client.client_id:
        refuse_metadata("client_id must be there, and be this client's.")
    for name in _OURS:
        if name in sent:
            refuse_metadata(f"{name} must not be there: it is not the client's to say.")
    secret = sent.get("client_secret")
    is_text = isinstance(secret, str) and secret.isascii()
    if secret is not None and not (is_text and management.is_secret(client, str(secret))):
        refuse_metadata("client_secret is not this client's present one, and a client cannot choose it.")
