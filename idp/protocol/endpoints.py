"""Describes the endpoints of the standards (OpenAPI Specification 3.1.1), each from its own text: what it reads, and what it answers.

Names of parameters are those that the code reads, and schemas come from the values that it checks: what is written here again is words.
"""

from collections.abc import Callable
from dataclasses import replace

from idp.protocol import (
    discovery,
    request_object_rfc9101,
    token_endpoint_rfc6749,
)
from idp.protocol.client_endpoint import ABOUT_TOKEN_PARAMETERS, AUTHENTICATION_PARAMETERS
from idp.protocol.described import (
    BAD_CLIENT,
    BROWSERS,
    BY_CLIENT,
    CLIENTS,
    DPOP,
    NOT_KEPT,
    OF_SCRIPTS,
    ORIGIN,
    Here,
    describe_document,
    describe_fields,
    in_query,
    preflight,
    refuse,
    tell,
    too_many,
)
from idp.protocol.openapi import (
    FLAG,
    FORM,
    HTML,
    JSON,
    JWT,
    NUMBER,
    TEXT,
    Answer,
    Operation,
    Parameter,
    members,
    refer,
    schema_of,
)
from idp.protocol.rp_initiated_logout import PARAMETERS as LOGOUT_PARAMETERS

# --- where browsers come ------------------------------------------------------------------------------------------------------------


def _authorization(here: Here) -> list[Operation]:
    """OpenID Connect Core 1.0 section 3.1.2.1, with what RFC 9101, RFC 9126 and others add."""
    names = {*request_object_rfc9101.PARAMETERS, "request", "request_uri"}
    page = Answer("A page that says what is wrong with the request.", {HTML: TEXT, JSON: refer("Refusal")})
    onward = Answer(
        "To the sign-in page, or back to the client.", {HTML: TEXT}, ("Location",), may_have=("Set-Cookie",)
    )
    form = Answer("A form that goes back to the client by itself.", {HTML: TEXT}, may_have=("Set-Cookie",))
    return [
        Operation(
            "get",
            discovery.AUTHORIZE_PATH,
            "authorize",
            "An authorization request",
            BROWSERS,
            {200: form, 303: onward, 400: page, 429: too_many(BROWSERS)},
            (*in_query(names), *here.cookies("visit", "session", "accounts")),
        ),
        Operation(
            "post",
            discovery.AUTHORIZE_PATH,
            "authorize_by_post",
            "The same, as a form",
            BROWSERS,
            {303: Answer("To the same address, as a GET.", {HTML: TEXT}, ("Location",))},
            body={FORM: describe_fields(names)},
        ),
    ]


def _rp_initiated_logout(here: Here) -> list[Operation]:
    """OpenID Connect RP-Initiated Logout 1.0 section 2."""
    cookies = here.cookies("session", "accounts")
    answers = {
        200: Answer("A page that asks, leads on, or says that it is done.", {HTML: TEXT}, may_have=("Set-Cookie",)),
        303: Answer("To the client, or to the sign-in page.", {HTML: TEXT}, ("Location",), may_have=("Set-Cookie",)),
    }
    return [
        Operation(
            "get",
            discovery.LOGOUT_PATH,
            "end_session",
            "A logout request",
            BROWSERS,
            answers,
            (*in_query(LOGOUT_PARAMETERS), *cookies),
        ),
        Operation(
            "post",
            discovery.LOGOUT_PATH,
            "end_session_by_post",
            "The same, as a form",
            BROWSERS,
            answers,
            cookies,
            body={FORM: describe_fields(LOGOUT_PARAMETERS)},
        ),
    ]


# --- where clients' servers come ----------------------------------------------------------------------------------------------------


def _rfc6749_token(here: Here) -> list[Operation]:
    """RFC 6749 sections 4.1.3, 5 and 6; RFC 9449 section 5."""
    del here
    tokens = {"access_token": TEXT, "token_type": {"type": "string", "enum": ["Bearer", "DPoP"]}, "expires_in": NUMBER}
    told = members(
        {**tokens, "scope": TEXT, "refresh_token": TEXT, "id_token": TEXT}, *tokens, "scope"
    )  # RFC 6749 section 5.1
    may_have = ("DPoP-Nonce", *OF_SCRIPTS)
    post = Operation(
        "post",
        discovery.TOKEN_PATH,
        "token",
        "Tokens for a code or a refresh token",
        CLIENTS,
        {
            200: tell("The tokens.", told, may_have),
            400: refuse("The request is refused (RFC 6749 section 5.2).", may_have=may_have),
            401: replace(BAD_CLIENT, may_have=(*NOT_KEPT, *may_have)),
            429: too_many(CLIENTS, OF_SCRIPTS),
        },
        (DPOP, ORIGIN),
        {FORM: describe_fields({*token_endpoint_rfc6749.PARAMETERS, "resource"}, "grant_type")},
        BY_CLIENT,
    )
    return [post, preflight(post)]


def _userinfo(here: Here) -> list[Operation]:
    """OpenID Connect Core 1.0 section 5.3; RFC 6750."""
    del here
    may_have = ("WWW-Authenticate", "DPoP-Nonce", *OF_SCRIPTS)
    answers = {
        200: Answer("The claims.", {JSON: members({"sub": TEXT}, "sub"), JWT: TEXT}, may_have=OF_SCRIPTS),
        400: Answer("The token is not where it should be.", {JSON: refer("Refusal")}, may_have=may_have),
        401: Answer("No token, or one that is worth nothing.", {JSON: refer("BearerRefusal")}, may_have=may_have),
    }
    get = Operation(
        "get",
        discovery.USERINFO_PATH,
        "userinfo",
        "The claims that a token stands for",
        CLIENTS,
        answers,
        (DPOP, ORIGIN),
        security=("access_token", ""),
    )
    body = {FORM: members({"access_token": TEXT})}
    return [get, replace(get, method="post", name="userinfo_by_post", body=body), preflight(get)]


def _rfc7009(here: Here) -> list[Operation]:
    """RFC 7009 section 2."""
    del here
    post = Operation(
        "post",
        discovery.REVOCATION_PATH,
        "revoke",
        "Takes a token back",
        CLIENTS,
        {
            200: Answer("It is worth nothing now, or never was.", {}, NOT_KEPT, OF_SCRIPTS),
            400: refuse("The request is refused.", may_have=OF_SCRIPTS),
            401: replace(BAD_CLIENT, may_have=(*NOT_KEPT, *OF_SCRIPTS)),
            429: too_many(CLIENTS, OF_SCRIPTS),
        },
        (ORIGIN,),
        {FORM: describe_fields(ABOUT_TOKEN_PARAMETERS, "token")},
        BY_CLIENT,
    )
    return [post, preflight(post)]


def _rfc7662(here: Here) -> list[Operation]:
    """RFC 7662 section 2."""
    del here
    texts = dict.fromkeys(("iss", "sub", "client_id", "scope", "token_type", "aud"), TEXT)
    moments = dict.fromkeys(("iat", "exp", "auth_time"), NUMBER)
    told = members({"active": FLAG, **texts, **moments, "cnf": members({"jkt": TEXT}, "jkt")}, "active")
    return [
        Operation(
            "post",
            discovery.INTROSPECTION_PATH,
            "introspect",
            "Says what a token is good for",
            CLIENTS,
            {
                200: tell("What it is, or that it is not active.", told),
                400: refuse("The request is refused."),
                401: BAD_CLIENT,
                429: too_many(CLIENTS),
            },
            body={FORM: describe_fields(ABOUT_TOKEN_PARAMETERS, "token")},
            security=BY_CLIENT,
        )
    ]


def _rfc9126(here: Here) -> list[Operation]:
    """RFC 9126 section 2."""
    del here
    names = {*request_object_rfc9101.PARAMETERS, *AUTHENTICATION_PARAMETERS, "request"}
    told = members({"request_uri": TEXT, "expires_in": NUMBER}, "request_uri", "expires_in")
    return [
        Operation(
            "post",
            discovery.PAR_PATH,
            "push",
            "Takes an authorization request from a client's server",
            CLIENTS,
            {
                201: tell("What stands for the request.", told, ("DPoP-Nonce",)),
                400: refuse("The request is refused.", may_have=("DPoP-Nonce",)),
                401: replace(BAD_CLIENT, may_have=(*NOT_KEPT, "DPoP-Nonce")),
                429: too_many(CLIENTS),
            },
            (DPOP,),
            {FORM: describe_fields(names)},
            BY_CLIENT,
        )
    ]


def _rfc7591(here: Here) -> list[Operation]:
    """RFC 7591 section 3 and RFC 7592 section 2: only where clients may register."""
    if not here.deployment.registers_clients:
        return []
    refused = refuse("What the client says of itself is refused.", may_have=("WWW-Authenticate",))
    unauthorised = Answer("Without the right token.", {JSON: refer("BearerRefusal")}, ("WWW-Authenticate",), NOT_KEPT)
    told = tell("The client as it is registered.", refer("ClientInformation"))
    body = {JSON: refer("ClientMetadata")}
    path = f"{discovery.REGISTRATION_PATH}/{{client_id}}"
    of_one = (Parameter("client_id", "path", {**TEXT, "minLength": 1}, required=True),)
    mine = ("registration_access_token",)
    refusals = {400: refused, 401: unauthorised}
    return [
        Operation(
            "post",
            discovery.REGISTRATION_PATH,
            "register",
            "Registers a client",
            CLIENTS,
            {201: told, **refusals, 403: refuse("There are as many clients as may be."), 429: too_many(CLIENTS)},
            body=body,
            security=("initial_access_token", ""),
        ),
        Operation("get", path, "read", "A client's registration", CLIENTS, {200: told, **refusals}, of_one, {}, mine),
        Operation("put", path, "replace", "Another one", CLIENTS, {200: told, **refusals}, of_one, body, mine),
        Operation(
            "delete",
            path,
            "remove",
            "Removes it",
            CLIENTS,
            {204: Answer("It is gone.", {}, NOT_KEPT), **refusals},
            of_one,
            security=mine,
        ),
    ]


# --- documents ----------------------------------------------------------------------------------------------------------------------


def _discovery_1_0(here: Here) -> list[Operation]:
    """OpenID Connect Discovery 1.0 section 4; RFC 8414 section 3."""
    schema = schema_of(discovery.compose_metadata(here.deployment))
    at = {
        discovery.DISCOVERY_PATH: "metadata",
        discovery.oauth_metadata_path(here.deployment.issuer): "oauth_metadata",
    }
    return [describe_document(path, name, "The provider's metadata", schema) for path, name in at.items()]


def _rfc7517(here: Here) -> list[Operation]:
    """RFC 7517 section 5."""
    del here
    names = ("kty", "kid", "use", "alg")
    key = members(dict.fromkeys(names, TEXT), *names)
    keys = members({"keys": {"type": "array", "minItems": 1, "items": key}}, "keys")
    return [describe_document(discovery.JWKS_PATH, "jwks", "The keys that sign", keys)]


TEXTS: tuple[Callable[[Here], list[Operation]], ...] = (
    _discovery_1_0,
    _rfc7517,
    _authorization,
    _rfc9126,
    _rfc6749_token,
    _userinfo,
    _rfc7009,
    _rfc7662,
    _rfc7591,
    _rp_initiated_logout,
)


def describe_endpoints(here: Here) -> list[Operation]:
    """Return every endpoint of the standards."""
    return [operation for text in TEXTS for operation in text(here)]
