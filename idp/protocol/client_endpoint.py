"""What the endpoints that clients' servers call have in common (RFC 6749 sections 2.3, 3.2, 5.1 and 5.2)."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from idp.protocol.client import Client
from idp.protocol.client_authentication_rfc6749 import ClientRefusedError

AUTHENTICATION_PARAMETERS = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type"})
ABOUT_TOKEN_PARAMETERS = AUTHENTICATION_PARAMETERS | {"token", "token_type_hint"}
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 section 5.1
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="preau", charset="UTF-8"'}  # RFC 7617
_NOT_ALLOWED_IN_DESCRIPTION = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


@dataclass(frozen=True, slots=True)
class ClientAnswer:
    """An answer to a client's server. A body that is None is none at all."""

    status: int
    body: Mapping[str, Any] | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AboutToken:
    """A request about a token. `hint` says what kind the client believes it to be, "" where it does not say."""

    client: Client
    token: str
    hint: str


class RequestRefusedError(Exception):
    """The request is refused (RFC 6749 section 5.2). The description is for the client's developer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class Authentication(Protocol):
    """What knows clients."""

    def authenticate(self, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
        """Return the client, and the method by which it proved who it is.

        Raises:
            ClientRefusedError: It did not.
        """


def read_client_form(params: Sequence[tuple[str, str]], known: Collection[str]) -> dict[str, str]:
    """Return the parameters by name; one without a value is one that was not sent (RFC 6749 section 3.2).

    Args:
        params: Names and values of the body; the query is not looked at.
        known: Names that mean something here: they alone are named in a refusal, because descriptions are logged.

    Raises:
        RequestRefusedError: One of them was sent more than once.
    """
    # Counted in one pass: 64 kB hold nine thousand names, and anybody may send them.
    repeated = sorted(name for name, times in Counter(name for name, _ in params).items() if times > 1)
    if repeated:
        told = ", ".join(name for name in repeated if name in known) or "a parameter that means nothing here"
        raise RequestRefusedError("invalid_request", f"Sent more than once: {told}.")
    return {name: value for name, value in params if value}


def authenticate(desk: Authentication, authorization: str | None, form: Mapping[str, str]) -> tuple[Client, str]:
    """Return the client, and the method by which it proved who it is.

    Raises:
        RequestRefusedError: It did not.
    """
    try:
        return desk.authenticate(authorization, form)
    except ClientRefusedError as refusal:
        raise RequestRefusedError("invalid_client", str(refusal), status_of_refused_client(authorization)) from None


def read_about_token(
    authorization: str | None, params: Sequence[tuple[str, str]], desk: Authentication, *, from_public_clients: bool
) -> AboutToken:
    """Return a request that is about a token (RFC 7009 section 2.1, RFC 7662 section 2.1): first whose it is.

    Args:
        authorization: The Authorization header.
        params: Names and values of the body.
        desk: What knows clients.
        from_public_clients: Whether one without a secret may send it.

    Raises:
        RequestRefusedError: It is none, or its client may not send it.
    """
    form = read_client_form(params, ABOUT_TOKEN_PARAMETERS)
    client, method = authenticate(desk, authorization, form)
    if method == "none" and not from_public_clients:
        told = "A public client may not ask what a token is."
        raise RequestRefusedError("invalid_client", told, status_of_refused_client(authorization))
    if "token" not in form:
        raise RequestRefusedError("invalid_request", "token is missing.")
    return AboutToken(client, form["token"], form.get("token_type_hint", ""))


def status_of_refused_client(authorization: str | None) -> int:
    """Return 401, with a challenge, for a client that used the Authorization header, and 400 for any other (RFC 6749 section 5.2).

    Libraries that meet a challenge show it to their developer in place of what was wrong.
    """
    return 400 if authorization is None else 401


def respond(body: Mapping[str, Any] | None, status: int = 200) -> ClientAnswer:
    """Return an answer that nobody may store."""
    return ClientAnswer(status, body, _HEADERS)


def respond_refused(refusal: RequestRefusedError) -> ClientAnswer:
    """Return a refusal; with 401 it says how to prove who one is."""
    body = {"error": refusal.error, "error_description": plain(refusal.description)}
    return ClientAnswer(refusal.status, body, {**_HEADERS, **(_CHALLENGE if refusal.status == 401 else {})})


def plain(text: str) -> str:
    """Return a description in the characters that RFC 6749 allows (sections 4.1.2.1 and 5.2)."""
    return _NOT_ALLOWED_IN_DESCRIPTION.sub(" ", text)
