"""What descriptions of the standards' endpoints have in common: kinds of callers, schemas, refusals (OpenAPI Specification 3.1.1)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from idp.protocol import discovery
from idp.protocol.authorization_checks import CHALLENGE
from idp.protocol.authorization_request import RESPONSE_MODES
from idp.protocol.client import GRANT_TYPES
from idp.protocol.client_assertion_rfc7523 import ASSERTION_TYPE
from idp.protocol.client_metadata import DESCRIBED as CLIENT_METADATA
from idp.protocol.openapi import HTML, JSON, NUMBER, TEXT, Answer, Operation, Parameter, Schema, members, refer

CLIENTS, BROWSERS, DOCUMENTS = "clients", "browsers", "documents"
_FORM_TEXT = r"^[\x20-\x21\x23-\x5b\x5d-\x7e]*$"  # RFC 6749 section 5.2
OF_SCRIPTS = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers")
_OF_PREFLIGHT = ("Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age")
NOT_KEPT = ("Pragma",)
DPOP = Parameter("DPoP", "header", description="A proof of possession (RFC 9449 section 4).")
ORIGIN = Parameter("Origin", "header", description="Of a script in a browser.")
BY_CLIENT = ("client_secret_basic", "")  # or in the body

SCHEMAS: dict[str, Schema] = {
    "Refusal": members(
        {
            "error": {"type": "string", "pattern": _FORM_TEXT},
            "error_description": {"type": "string", "pattern": _FORM_TEXT},
            "reference": {**TEXT, "description": "To be read out to whoever runs the service."},
        },
        "error",
        "error_description",
    ),
    "BearerRefusal": members(
        {"error": TEXT, "error_description": TEXT}
    ),  # RFC 6750 section 3.1: perhaps without a word
    "ClientMetadata": members({name: {"anyOf": [one, {"type": "null"}]} for name, one in CLIENT_METADATA.items()}),
    "ClientInformation": members(
        {
            "client_id": TEXT,
            "client_id_issued_at": NUMBER,
            "client_secret": TEXT,
            "client_secret_expires_at": NUMBER,
            "registration_access_token": TEXT,
            "registration_client_uri": TEXT,
            **CLIENT_METADATA,
        },
        *("client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri"),
    ),
}
SECURITY: dict[str, Schema] = {
    "client_secret_basic": {"type": "http", "scheme": "basic"},
    "access_token": {"type": "http", "scheme": "bearer"},
    "initial_access_token": {"type": "http", "scheme": "bearer"},
    "registration_access_token": {"type": "http", "scheme": "bearer"},
}


@dataclass(frozen=True, slots=True)
class Here:
    """What descriptions depend on.

    Attributes:
        deployment: As discovery names it.
        cookie: Returns the name of a cookie of ours.
    """

    deployment: discovery.Deployment
    cookie: Callable[[str], str]

    def cookies(self, *names: str) -> tuple[Parameter, ...]:
        """Return cookies as parameters."""
        return tuple(Parameter(self.cookie(name), "cookie") for name in names)


_SCHEMAS_OF_PARAMETERS: dict[str, Schema] = {
    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
    "grant_type": {"type": "string", "enum": list(GRANT_TYPES)},
    "response_type": {"type": "string", "enum": ["code"]},
    "response_mode": {"type": "string", "enum": list(RESPONSE_MODES)},
    "code_challenge": {"type": "string", "pattern": f"^{CHALLENGE.pattern}$"},
    "code_challenge_method": {"type": "string", "enum": ["S256"]},
    "dpop_jkt": {"type": "string", "pattern": f"^{CHALLENGE.pattern}$"},
    "max_age": {"type": "string", "pattern": "^[0-9]{1,9}$"},
}


def describe_fields(names: Iterable[str], *required: str) -> Schema:
    """Return the schema of a form that holds these parameters."""
    return members({name: _SCHEMAS_OF_PARAMETERS.get(name, TEXT) for name in sorted(names)}, *required)


def in_query(names: Iterable[str]) -> tuple[Parameter, ...]:
    """Return the same parameters in the query."""
    return tuple(Parameter(name, "query", _SCHEMAS_OF_PARAMETERS.get(name, TEXT)) for name in sorted(names))


def refuse(description: str, *headers: str, may_have: Sequence[str] = ()) -> Answer:
    """Return the refusal of a client's server (RFC 6749 section 5.2), with headers that are always there."""
    return Answer(description, {JSON: refer("Refusal")}, headers, (*NOT_KEPT, *may_have))


def tell(description: str, schema: Schema, may_have: Sequence[str] = ()) -> Answer:
    """Return an answer that nobody may store (RFC 6749 section 5.1)."""
    return Answer(description, {JSON: schema}, NOT_KEPT, may_have)


BAD_CLIENT = refuse("The client did not prove who it is.", "WWW-Authenticate")


def describe_document(path: str, name: str, summary: str, schema: Schema) -> Operation:
    """Return a public document that anybody may keep for a while."""
    answer = Answer("The document.", {JSON: schema}, ("Access-Control-Allow-Origin",))
    return Operation("get", path, name, summary, DOCUMENTS, {200: answer})


def too_many(tag: str, may_have: Sequence[str] = ()) -> Answer:
    """Return the answer to who comes too often."""
    content: dict[str, Schema] = {JSON: refer("Refusal"), **({} if tag == CLIENTS else {HTML: TEXT})}
    return Answer("Too many in one minute.", content, ("Retry-After",), may_have)


def preflight(operation: Operation) -> Operation:
    """Return the question of a browser before a script's request (Fetch Standard, CORS protocol)."""
    answer = Answer("Whether it may.", {HTML: TEXT}, ("Allow",), (*OF_SCRIPTS, *_OF_PREFLIGHT))
    return Operation(
        "options",
        operation.path,
        f"{operation.name}preflight",
        "Before a script asks",
        CLIENTS,
        {200: answer},
        (ORIGIN,),
    )
