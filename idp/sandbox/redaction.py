"""What may be kept of a request and of its answer: nothing that could be presented to anybody, and no number in full (guarantee 12).

What is sent is kept by a list of harmless names: whatever is added later is left out until somebody names it here. What is answered is JSON
that the texts describe: names of secrets are left out, wherever they stand, and so is whatever looks like one.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

LONGEST_TEXT = 2000
LONGEST_BODY = 16_384

_HARMLESS = frozenset(
    {
        "acr_values", "claims", "claims_locales", "client_id", "code_challenge", "code_challenge_method", "display", "dpop_jkt", "error",
        "error_description", "grant_type", "iss", "max_age", "nonce", "post_logout_redirect_uri", "prompt", "redirect_uri", "resource",
        "response_mode", "response_type", "scope", "state", "target_link_uri", "token_type_hint", "ui_locales",
    }
)  # fmt: skip
# Of documents: whoever compares two of them needs these whole, and none of them opens anything.
_COMPARED = frozenset({"sub", "sid", "nonce", "state", "jti", "at_hash", "kid", "jkt", "dpop_jkt", "client_id"})
_SECRET = re.compile(r"(.*_)?(token|secret|password|assertion|jwt|hint|verifier)|code|request_uri|k|d|p|q|dp|dq|qi|oth")
_HARMLESS_HEADERS = frozenset(
    {
        "accept", "accept-language", "access-control-allow-origin", "access-control-request-method", "cache-control", "content-length",
        "content-type", "dpop-nonce", "host", "origin", "retry-after", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "user-agent",
        "www-authenticate",
    }
)  # fmt: skip
_SCHEMES = frozenset({"basic", "bearer", "dpop"})
_WITH_ADDRESS = frozenset({"location", "referer"})
_JWT = re.compile(r"[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*){2}")
_JWE = re.compile(r"[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*){4}")
_NUMBER = re.compile(r"(?<![\w.-])(\+\d\d|0)([ .]?\d)(?:[ .]?\d){6,12}([ .]?\d\d)(?!\w)")
# As long as our own secrets, and drawn like them: codes, opaque tokens, handles.
_DRAWN = re.compile(r"[A-Za-z0-9_-]{43,}")


def redact_parameters(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return parameters of a query or a form, in their order."""
    return [[_clip(name), _hide_numbers(value) if name in _HARMLESS else left_out(value)] for name, value in pairs]


def redact_headers(headers: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the headers, in their order."""
    return [[name, _redact_header(name.lower(), value)] for name, value in headers]


def redact_body(kind: str, body: bytes) -> Any:
    """Return what may be kept of a body.

    Args:
        kind: Its media type, without parameters.
        body: As sent.
    """
    if not body:
        return None
    if len(body) > LONGEST_BODY:
        return f"[{len(body)} bytes of {kind}]"
    text = body.decode("utf-8", "replace")
    if kind == "application/x-www-form-urlencoded":
        return redact_parameters(parse_qsl(text, keep_blank_values=True))
    if kind == "application/jwt":
        return redact_text(text)
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return redact_document(json.loads(text))
        except (ValueError, RecursionError):
            return "[no JSON]"
    return f"[{len(body)} bytes of {kind}]"  # pages hold tokens of forms


def redact_document(document: Any, name: str = "") -> Any:
    """Return a JSON document without the secrets in it."""
    if isinstance(document, Mapping):
        return {_clip(key): redact_document(value, key) for key, value in document.items()}
    if isinstance(document, Sequence) and not isinstance(document, str):
        return [redact_document(one, name) for one in document]
    if not isinstance(document, str):
        return document
    if name in _COMPARED:
        return _hide_numbers(document)
    opened = _read_jwt(document)
    if opened is not None:
        return opened
    return left_out(document) if _SECRET.fullmatch(name) else redact_text(document)


def redact_text(text: str) -> Any:
    """Return a text: a signed token as its header and claims, numbers and whatever was drawn like a secret in part, long ones cut."""
    opened = _read_jwt(text)
    if opened is not None:
        return opened
    return _hide_numbers(_DRAWN.sub(lambda found: left_out(found[0]), text))


def _hide_numbers(text: str) -> str:
    """Return a text of a bounded length, each phone number in it shown in part."""
    if _WITH_QUERY.match(text):
        text = redact_address(text)
    return _NUMBER.sub(r"\1\2 •• •• ••\3", _clip(text))


def redact_address(address: str) -> str:
    """Return a web address with its query's secrets left out."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return left_out(address)
    query, fragment = (
        "&".join(f"{name}={value}" for name, value in redact_parameters(parse_qsl(part, keep_blank_values=True)))
        for part in (parts.query, parts.fragment)
    )
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, fragment))


_WITH_QUERY = re.compile(r"https?://[^ ]*[?#]")


def left_out(value: str) -> str:
    """Return what stands for a value that is not kept."""
    return f"[left out, {len(value)} characters]" if value else ""


def _redact_header(name: str, value: str) -> str:
    if name == "cookie":
        return "; ".join(f"{one.partition('=')[0].strip()}=[left out]" for one in value.split(";"))
    if name == "set-cookie":
        pair, _, rest = value.partition(";")
        return f"{pair.partition('=')[0]}=[left out];{rest}"
    if name == "authorization":
        scheme = value.partition(" ")[0]
        return f"{scheme} [left out]" if scheme.lower() in _SCHEMES else "[left out]"
    if name in _WITH_ADDRESS:
        return redact_address(value)
    return _clip(value) if name in _HARMLESS_HEADERS else left_out(value)


def _read_jwt(text: str) -> Any:
    """Return header and claims of a signed token, header alone of an encrypted one; None for what is neither. A signature is never kept."""
    signed, encrypted = _JWT.fullmatch(text), _JWE.fullmatch(text)
    if not (signed or encrypted):
        return None
    parts = text.split(".")
    try:
        header = json.loads(_open(parts[0]))
        claims = json.loads(_open(parts[1])) if signed else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict):
        return None
    opened = {"header": redact_document(header)}
    return {"jwt": {**opened, "claims": redact_document(claims)}} if signed else {"jwe": opened}


def _open(part: str) -> bytes:
    return urlsafe_b64decode(f"{part}{'=' * (-len(part) % 4)}")


def _clip(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}[… {len(text)} characters]"
