"""The client registration endpoint (RFC 7591 section 3; OpenID Connect Dynamic Client Registration 1.0 section 3)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from idp.protocol.bearer_rfc6750 import BearerRefusedError
from idp.protocol.client_endpoint import ClientAnswer, RequestRefusedError, respond, respond_refused
from idp.protocol.client_metadata import Metadata, RegistrationRules, check_client_metadata, refuse_metadata

LONGEST_BODY = 16 * 1024  # bytes: what one client may make us keep


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client and how it is told (RFC 7591 section 3.2.1). A secret is told once; later only its hash is known."""

    client_id: str
    issued_at: int  # seconds since 1970
    metadata: Mapping[str, Any]
    registration_access_token: str
    client_secret: str | None = None


class Registration(Protocol):
    """What keeps clients."""

    @property
    def rules(self) -> RegistrationRules:
        """What depends on the deployment."""

    def check_initial_access(self, authorization: str | None) -> None:
        """Check the initial access token, where one is wanted (RFC 7591 section 3).

        Raises:
            BearerRefusedError: There is none, or it is wrong.
        """

    def enrol(self, metadata: Metadata) -> RegisteredClient | None:
        """Keep a new client; None when there are as many as this provider takes."""

    def locate(self, client_id: str) -> str:
        """Return the client configuration endpoint of a client."""


def answer_registration_request(
    authorization: str | None, content_type: str, body: bytes, registration: Registration
) -> ClientAnswer:
    """Answer a client registration request (RFC 7591 section 3.1).

    Args:
        authorization: The Authorization header.
        content_type: Of the body, without parameters.
        body: JSON.
        registration: What keeps clients.
    """
    try:
        registration.check_initial_access(authorization)
        metadata = check_client_metadata(read_metadata(content_type, body), registration.rules)
    except BearerRefusedError as refusal:
        return respond_unauthorised(refusal)
    except RequestRefusedError as refusal:
        return respond_refused(refusal)
    client = registration.enrol(metadata)
    if client is None:
        return respond_refused(
            RequestRefusedError("access_denied", "As many clients are registered here as this provider takes.", 403)
        )
    return respond_information(client, registration.locate(client.client_id), status=201)


def respond_information(client: RegisteredClient, uri: str, status: int = 200) -> ClientAnswer:
    """Return a client information response (RFC 7591 section 3.2.1, RFC 7592 section 3).

    Args:
        client: The client.
        uri: Its client configuration endpoint.
        status: Of HTTP.
    """
    secret = (
        {} if client.client_secret is None else {"client_secret": client.client_secret, "client_secret_expires_at": 0}
    )
    body = {
        "client_id": client.client_id,
        "client_id_issued_at": client.issued_at,
        **secret,
        "registration_access_token": client.registration_access_token,
        "registration_client_uri": uri,
        **client.metadata,
    }
    return respond(body, status)


def respond_unauthorised(refusal: BearerRefusedError) -> ClientAnswer:
    """Return the refusal of an initial or a registration access token (RFC 6750 section 3)."""
    told = {"error": refusal.error, "error_description": refusal.description} if refusal.error else {}
    answer = respond(told, refusal.status)
    return ClientAnswer(answer.status, answer.body, {**answer.headers, "WWW-Authenticate": refusal.challenge})


def read_metadata(content_type: str, body: bytes) -> Mapping[str, object]:
    """Return the members of a request's body.

    Raises:
        RequestRefusedError: It is no JSON object, or too long.
    """
    if content_type != "application/json":
        refuse_metadata("The body must be JSON, sent as application/json.")
    if len(body) > LONGEST_BODY:
        refuse_metadata(f"The body is longer than {LONGEST_BODY} bytes.")
    try:
        members = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested without end
        refuse_metadata("The body is not JSON.")
    if not isinstance(members, dict):
        refuse_metadata("The body must be a JSON object.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")  # RFC 8259 section 6
