"""`/openapi.json`: every endpoint of this provider, as OpenAPI Specification 3.1.1 describes one."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, json

from idp import __version__
from idp.protocol.described import BROWSERS, CLIENTS, DOCUMENTS, SCHEMAS, SECURITY, Here
from idp.protocol.discovery import Deployment
from idp.protocol.endpoints import describe_endpoints
from idp.protocol.openapi import HTML, JSON, TEXT, Answer, Schema, Surroundings, compose_description, refer
from idp.web.cookies import BrowserCookie, Cookies
from idp.web.described_pages import DESCRIPTION_PATH, describe_franceconnect, describe_pages
from idp.web.described_parts import PARENTS
from idp.web.documents import publish

_BRIDGE_COOKIE = "preau_idp_franceconnect"
_HEADERS = ("Cache-Control", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options")
_MAY_HAVE = (
    *("X-Frame-Options", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Strict-Transport-Security"),
    *("Vary", "Connection", "Set-Cookie"),  # any page may remember its language
)
_WORDS = (
    "Every endpoint of this provider, composed from what answers them. Errors are of one kind: JSON for programs, a page for people. Any "
    "page may be asked for with the parameter langue (fr, facile or en), which a cookie remembers. "
    "Form fields and parameters that are not named here mean nothing and are ignored. What is no HTTP (400) and what has "
    "far too many headers (431) is refused by the server below, without words. The control API of test instances "
    "(/sandbox) is not in here."
)


def description_blueprint(deployment: Deployment, *, secure: bool, franceconnect_enabled: bool) -> Blueprint:
    """Return the blueprint of the one document.

    Args:
        deployment: As discovery names it.
        secure: Whether the issuer is https: cookies have other names then.
        franceconnect_enabled: Whether the pages around FranceConnect are there.
    """
    blueprint = Blueprint("description", __name__)
    written: list[bytes] = []

    @blueprint.get(DESCRIPTION_PATH)
    def description() -> Response:
        if not written:  # by the first who asks: nobody else pays for it
            document = describe(deployment, secure=secure, franceconnect_enabled=franceconnect_enabled)
            written.append(json.dumps(document).encode())
        return publish(written[0])

    return blueprint


def describe(deployment: Deployment, *, secure: bool, franceconnect_enabled: bool) -> dict[str, Any]:
    """Return the document; arguments as for `description_blueprint`."""
    here = Here(deployment, _name_cookies(secure=secure))
    operations = [*describe_endpoints(here), *describe_pages(here)]
    if franceconnect_enabled:
        operations += describe_franceconnect(here)
    surroundings = Surroundings(
        title="Préau",
        version=__version__,
        description=_WORDS,
        server=deployment.base,
        headers=_HEADERS,
        may_have=_MAY_HAVE,
        refusals={tag: _refusals(tag) for tag in (CLIENTS, BROWSERS, DOCUMENTS, PARENTS)},
        schemas=SCHEMAS,
        security=SECURITY,
    )
    return compose_description(surroundings, operations)


def _name_cookies(*, secure: bool) -> Callable[[str], str]:
    cookies = Cookies(secure=secure)
    named = {name: cookie.name for name, cookie in vars(cookies).items()}
    named["franceconnect"] = BrowserCookie(_BRIDGE_COOKIE, secure=secure).name
    return named.__getitem__


def _refusals(tag: str) -> dict[int, Answer]:
    """Return what any operation may answer to what is no request of its own."""
    content: dict[str, Schema] = {JSON: refer("Refusal"), **({HTML: TEXT} if tag in {BROWSERS, PARENTS} else {})}
    return {
        400: Answer("What was sent cannot be read: a NUL, or less than the length that was said.", content),
        411: Answer("The body has no Content-Length.", content),
        413: Answer("The body is longer than 64 kB, or has more than a thousand parts.", content),
        421: Answer("The Host is not one of ours.", content),
        431: Answer("Address and headers are longer than 32 kB.", content),
        503: Answer("Too many requests, or the database does not answer.", content, ("Retry-After",)),
    }
