"""What a client says of itself: its members, their kinds, and what is refused.

RFC 7591 section 2 and OpenID Connect Dynamic Client Registration 1.0 section 2. Members that mean nothing here are ignored.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NoReturn
from urllib.parse import urlsplit

from idp.protocol.client import GRANT_TYPES, Client
from idp.protocol.client_authentication_rfc6749 import METHODS
from idp.protocol.client_documents import DocumentUnavailableError, Fetch
from idp.protocol.client_endpoint import RequestRefusedError, plain
from idp.protocol.client_keys import is_private
from idp.protocol.encryption_rfc7516 import CONTENT_ALGORITHMS, KEY_ALGORITHMS
from idp.protocol.openapi import FLAG, NUMBER, TEXT, TEXTS, Schema, members
from idp.protocol.subject import SUBJECT_TYPES

WITHOUT_SECRET = frozenset({"none", "private_key_jwt"})

Metadata = dict[str, Any]
"""What a client says of itself, by the names of RFC 7591 section 2, as JSON."""


@dataclass(frozen=True, slots=True)
class RegistrationRules:
    """What depends on the deployment.

    Attributes:
        scopes: Every scope that there is.
        signing_algorithms: Those that there are keys for.
        usual_scopes: What a client that people sign in to may ask for if it names none; offline_access comes with refresh_token.
        find_address_fault: Returns what keeps a web address from being registered, or "".
        find_faults: Returns the member and the problem of each thing that is wrong in metadata whose members all have the right kind.
        fetch: Returns what stands at an address of a client: asked last, with no transaction open.
        resources: Identifiers of the servers that it may name as those that it wants tokens for.
    """

    scopes: Sequence[str]
    signing_algorithms: Collection[str]
    usual_scopes: Sequence[str]
    find_address_fault: Callable[[str], str]
    find_faults: Callable[[Mapping[str, Any]], Sequence[tuple[str, str]]]
    fetch: Fetch
    resources: Collection[str] = ()


# --- the kinds of values ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    fits: Callable[[object], bool]
    problem: str
    schema: Schema


def _is_text(value: object) -> bool:
    """Tell whether a value is a text that a page can show: no control character, no half of a character, nothing invisible."""
    return isinstance(value, str) and all(sign.isprintable() or sign in "\u00a0\u202f" for sign in value)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(one) for one in value)


def _is_key_set(value: object) -> bool:
    """RFC 7517 sections 4 and 5. What else is right about keys is asked where they prove something."""
    if not isinstance(value, dict) or set(value) != {"keys"} or not isinstance(value["keys"], list):
        return False
    return all(isinstance(key, dict) and _is_flat(key) and not is_private(key) for key in value["keys"])


def _is_flat(key: Mapping[str, object]) -> bool:
    return all(isinstance(one, bool | int) or _is_text(one) or _is_list_of_texts(one) for one in key.values())


_TEXT = _Kind(_is_text, "must be a text, of characters that can be shown", TEXT)
_TEXTS = _Kind(_is_list_of_texts, "must be a list of texts, of characters that can be shown", TEXTS)
_FLAG = _Kind(lambda value: isinstance(value, bool), "must be true or false", FLAG)
_SECONDS = _Kind(
    lambda value: isinstance(value, int) and not isinstance(value, bool), "must be a whole number of seconds", NUMBER
)
_KEY_SET = _Kind(
    _is_key_set,
    "must be a JWK set of public keys: an object with keys, and nothing else",
    {**members({"keys": {"type": "array", "items": {"type": "object"}}}, "keys"), "additionalProperties": False},
)

# OpenID Connect Dynamic Client Registration 1.0 section 2, in its order; then what other texts add.
_MEMBERS: Mapping[str, _Kind] = {
    "redirect_uris": _TEXTS,
    "response_types": _TEXTS,
    "grant_types": _TEXTS,
    "contacts": _TEXTS,
    "client_name": _TEXT,
    "logo_uri": _TEXT,
    "client_uri": _TEXT,
    "policy_uri": _TEXT,
    "tos_uri": _TEXT,
    "jwks": _KEY_SET,
    "jwks_uri": _TEXT,
    "sector_identifier_uri": _TEXT,
    "subject_type": _TEXT,
    "id_token_signed_response_alg": _TEXT,
    "id_token_encrypted_response_alg": _TEXT,
    "id_token_encrypted_response_enc": _TEXT,
    "userinfo_signed_response_alg": _TEXT,
    "userinfo_encrypted_response_alg": _TEXT,
    "userinfo_encrypted_response_enc": _TEXT,
    "token_endpoint_auth_method": _TEXT,
    "token_endpoint_auth_signing_alg": _TEXT,
    "default_max_age": _SECONDS,
    "require_auth_time": _FLAG,
    "default_acr_values": _TEXTS,
    "initiate_login_uri": _TEXT,
    "request_object_signing_alg": _TEXT,
    "request_uris": _TEXTS,
    "scope": _TEXT,  # RFC 7591 section 2
    "post_logout_redirect_uris": _TEXTS,  # OpenID Connect RP-Initiated Logout 1.0 section 3.1
    "frontchannel_logout_uri": _TEXT,  # OpenID Connect Front-Channel Logout 1.0 section 2
    "frontchannel_logout_session_required": _FLAG,
    "backchannel_logout_uri": _TEXT,  # OpenID Connect Back-Channel Logout 1.0 section 2.2
    "backchannel_logout_session_required": _FLAG,
    "require_pushed_authorization_requests": _FLAG,  # RFC 9126 section 6
    "require_signed_request_object": _FLAG,  # RFC 9101 section 10.5
    "dpop_bound_access_tokens": _FLAG,  # RFC 9449 section 5.2
    "resources": _TEXTS,  # ours: RFC 8707 leaves to each provider which client may ask for which
}
# Kept and told again, without a meaning for us: every ID token has an auth_time, and none of these addresses is fetched.
_INFORMATIVE_ADDRESSES = ("logo_uri", "client_uri", "policy_uri", "tos_uri", "initiate_login_uri")
_INFORMATIVE = frozenset({*_INFORMATIVE_ADDRESSES, "contacts", "require_auth_time", "response_types", "jwks"})
# What `Client` has in other words: of the document, its host alone.
_TURNED_INTO_OTHERS = frozenset({"sector_identifier_uri"})
_MEANT = frozenset(member.name for member in fields(Client))
_UNDERSTOOD = tuple(name for name in _MEMBERS if name in _INFORMATIVE | _MEANT | _TURNED_INTO_OTHERS)
DESCRIBED: Mapping[str, Schema] = {name: _MEMBERS[name].schema for name in _UNDERSTOOD}
"""The schema of each member that is understood."""


# --- the checks ---------------------------------------------------------------------------------------------------------------------


def check_client_metadata(sent: Mapping[str, object], rules: RegistrationRules) -> Metadata:
    """Return what is registered of what a client said: members that are understood, in their order, with the texts' defaults.

    Args:
        sent: Members by name; one that is null is one that was not sent (RFC 7592 section 2.2).
        rules: What depends on the deployment.

    Raises:
        RequestRefusedError: `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 section 3.2.2).
    """
    told = {name: value for name, value in sent.items() if value is not None}
    for name in _UNDERSTOOD:
        if name in told and not _MEMBERS[name].fits(told[name]):
            _refuse_member(name, _MEMBERS[name].problem)
    given: Metadata = {name: told[name] for name in _UNDERSTOOD if name in told}
    for check in _CHECKS:
        check(given, rules)
    metadata = {**_defaults(given, rules), **given}
    if faults := rules.find_faults(metadata):
        _refuse_member(*faults[0])
    _check_sector(metadata, rules)
    return metadata


def _check_redirect_uris(given: Metadata, rules: RegistrationRules) -> None:
    if _has_people(given) and not given.get("redirect_uris"):
        _refuse_member("redirect_uris", "must hold at least one address")
    for position, uri in enumerate(given.get("redirect_uris", ())):
        if problem := rules.find_address_fault(uri):
            _refuse_member(f"redirect_uris[{position}]", problem)


def _check_addresses(given: Metadata, rules: RegistrationRules) -> None:
    for name in _INFORMATIVE_ADDRESSES:
        if name in given and (problem := rules.find_address_fault(given[name])):
            _refuse_member(name, problem)


def _check_initiate_login_uri(given: Metadata, rules: RegistrationRules) -> None:
    """OpenID Connect Dynamic Client Registration 1.0 section 2: by https, also where plain http will do for other addresses."""
    del rules
    if "initiate_login_uri" in given and urlsplit(given["initiate_login_uri"]).scheme != "https":
        _refuse_member("initiate_login_uri", "must start with https://")


def _has_people(given: Metadata) -> bool:
    """Tell whether persons sign in to the client: one that gets tokens for itself alone has no place to send them back to."""
    return "authorization_code" in given.get("grant_types", ["authorization_code"])


def _check_client_name(given: Metadata, rules: RegistrationRules) -> None:
    """Where there are redirect URIs, their host stands for a name that is not given."""
    del rules
    if not given.get("redirect_uris") and not given.get("client_name"):
        _refuse_member("client_name", "must be given where there are no redirect_uris")


def _check_response_types(given: Metadata, rules: RegistrationRules) -> None:
    """RFC 7591 section 2.1: response_type code goes with authorization_code."""
    del rules
    usual = ["code"] if _has_people(given) else []
    if given.get("response_types", usual) != usual:
        _refuse_member("response_types", "may hold code alone: there are no implicit and no hybrid flows")


def _check_grant_types(given: Metadata, rules: RegistrationRules) -> None:
    del rules
    grant_types = given.get("grant_types", ["authorization_code"])
    if not set(grant_types) <= set(GRANT_TYPES) or len(set(grant_types)) < len(grant_types):
        _refuse_member("grant_types", f"may hold {' and '.join(GRANT_TYPES)}, each once")
    if not grant_types:
        _refuse_member("grant_types", "must hold authorization_code or client_credentials")


def _check_resources(given: Metadata, rules: RegistrationRules) -> None:
    asked = given.get("resources", ())
    if not set(asked) <= set(rules.resources) or len(set(asked)) < len(asked):
        _refuse_member("resources", "may hold identifiers of resources that are open to such clients, each once")


def _check_method(given: Metadata, rules: RegistrationRules) -> None:
    del rules
    if given.get("token_endpoint_auth_method", METHODS[0]) not in METHODS:
        _refuse_member("token_endpoint_auth_method", f"must be one of {', '.join(METHODS)}")


def _check_subject_type(given: Metadata, rules: RegistrationRules) -> None:
    del rules
    if given.get("subject_type", SUBJECT_TYPES[0]) not in SUBJECT_TYPES:
        _refuse_member("subject_type", f"must be one of {', '.join(SUBJECT_TYPES)}")


def _check_signing_algorithms(given: Metadata, rules: RegistrationRules) -> None:
    """OpenID Connect Core 1.0 section 10.1: what we sign with is what discovery names."""
    for name in ("id_token_signed_response_alg", "userinfo_signed_response_alg"):
        if name in given and given[name] not in rules.signing_algorithms:
            _refuse_member(name, f"must be one of {', '.join(sorted(rules.signing_algorithms))}")


def _check_encryption(given: Metadata, rules: RegistrationRules) -> None:
    """OpenID Connect Dynamic Client Registration 1.0 section 2: `enc` never comes without `alg`."""
    del rules
    for what in ("id_token", "userinfo"):
        alg, enc = f"{what}_encrypted_response_alg", f"{what}_encrypted_response_enc"
        if enc in given and alg not in given:
            _refuse_member(enc, f"needs {alg} beside it")
        for name, known in ((alg, KEY_ALGORITHMS), (enc, CONTENT_ALGORITHMS)):
            if name in given and given[name] not in known:
                _refuse_member(name, f"must be one of {', '.join(known)}")


def _keep_scopes_that_there_are(given: Metadata, rules: RegistrationRules) -> None:
    """RFC 7591 section 3.2.1: other values may be registered, and are told."""
    if "scope" in given:
        asked = dict.fromkeys(str(given["scope"]).split())
        given["scope"] = " ".join(one for one in asked if one in rules.scopes)


_CHECKS: tuple[Callable[[Metadata, RegistrationRules], None], ...] = (
    _check_grant_types,
    _check_redirect_uris,
    _check_client_name,
    _check_addresses,
    _check_initiate_login_uri,
    _check_response_types,
    _check_resources,
    _check_method,
    _check_subject_type,
    _check_signing_algorithms,
    _check_encryption,
    _keep_scopes_that_there_are,
)


def _check_sector(metadata: Metadata, rules: RegistrationRules) -> None:
    """OpenID Connect Dynamic Client Registration 1.0 section 5: the document vouches for every redirect URI, or its host is no sector.

    After all else was found right: nothing is fetched for metadata that is refused anyway.
    """
    if "sector_identifier_uri" not in metadata:
        return
    try:
        listed = json.loads(rules.fetch(metadata["sector_identifier_uri"]).body)
    except DocumentUnavailableError as failure:
        _refuse_member("sector_identifier_uri", f"was not read: it {failure}")
    except (ValueError, RecursionError):
        listed = None
    if not _is_list_of_texts(listed):
        _refuse_member("sector_identifier_uri", "must lead to a JSON array of redirect URIs")
    if not set(metadata.get("redirect_uris", ())) <= set(listed):
        _refuse_member("sector_identifier_uri", "must lead to an array that holds every one of redirect_uris")


def _defaults(given: Metadata, rules: RegistrationRules) -> Metadata:
    """RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0 section 2."""
    grant_types = given.get("grant_types", ["authorization_code"])
    has_people, redirect_uris = _has_people(given), given.get("redirect_uris", [])
    scopes = (*rules.usual_scopes, *(["offline_access"] if "refresh_token" in grant_types else []))
    return {
        "redirect_uris": redirect_uris,
        "client_name": urlsplit(redirect_uris[0]).hostname if redirect_uris else "",
        "response_types": ["code"] if has_people else [],
        "scope": " ".join(scopes) if has_people else "",
        "grant_types": grant_types,
        "token_endpoint_auth_method": METHODS[0],
        "subject_type": SUBJECT_TYPES[0],
        "id_token_signed_response_alg": "RS256",
    }


def _refuse_member(name: str, problem: str) -> NoReturn:
    error = "invalid_redirect_uri" if name.startswith("redirect_uris") else "invalid_client_metadata"
    raise RequestRefusedError(error, plain(f"{name} {problem}."))


def refuse_metadata(description: str) -> NoReturn:
    """Refuse what a client says of itself, for another reason than its redirect URIs (RFC 7591 section 3.2.2).

    Raises:
        RequestRefusedError: Always.
    """
    raise RequestRefusedError("invalid_client_metadata", description)
