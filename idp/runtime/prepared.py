"""What is said at the door, before a request reaches a page: bytes made once, because the moment to render is another one."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from idp.errors import load_error

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RETRY_AFTER_SECONDS = 5
_LOG_EVERY_SECONDS = 10.0
REFUSED_AT_THE_DOOR = ("bad-request", "length-missing", "body-too-large", "headers-too-long")
_BANNER = "<p><strong>Simulateur, données fictives.</strong> Service de test, sans lien avec l'État.</p>"
_PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} - Préau</title>
</head>
<body>
{banner}
<main>
<h1>{title}</h1>
<p>{sentences}</p>
</main>
</body>
</html>
"""


class PreparedAnswer:
    """A WSGI application that says one entry of the catalogue: a short page for people, JSON for programs.

    Args:
        key: Entry of `idp.errors.CATALOGUE`.
        test_instance: Whether the page says that it is a simulator, as every page does.
        secure: Whether the issuer is https.
        machine_paths: Beginnings of the paths whose callers are programs.
        headers: More headers.
    """

    def __init__(
        self,
        key: str,
        *,
        test_instance: bool,
        secure: bool,
        machine_paths: tuple[str, ...],
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        error = load_error(key)
        page = _PAGE.format(
            banner=_BANNER if test_instance else "",
            title=escape(error.title, quote=False),
            sentences=escape(error.sentences, quote=False),
        )
        body = {"error": error.oauth or key.replace("-", "_"), "error_description": error.note}
        self._status = f"{error.status} {HTTPStatus(error.status).phrase}"
        self._page = _answer("text/html; charset=utf-8", page.encode(), headers, secure=secure)
        self._json = _answer("application/json", json.dumps(body).encode(), headers, secure=secure)
        self._machine_paths = machine_paths

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        headers, body = self._json if self._is_for_machine(environ) else self._page
        start_response(self._status, list(headers))
        return [body]

    def _is_for_machine(self, environ: "WSGIEnvironment") -> bool:
        accepted = environ.get("HTTP_ACCEPT", "")
        by_accept = "application/json" in accepted and "text/html" not in accepted
        return by_accept or environ["PATH_INFO"].startswith(self._machine_paths)


class BusyAnswer(PreparedAnswer):
    """Says to come back in a moment."""

    def __init__(self, *, test_instance: bool, secure: bool, machine_paths: tuple[str, ...]) -> None:
        super().__init__(
            "too-busy",
            test_instance=test_instance,
            secure=secure,
            machine_paths=machine_paths,
            headers=(("Retry-After", str(RETRY_AFTER_SECONDS)),),
        )
        self._logged_at = -_LOG_EVERY_SECONDS

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        self._tell_log()
        return super().__call__(environ, start_response)

    def _tell_log(self) -> None:
        """Say it, and not once for each of ten thousand. Two threads may both say it."""
        now = monotonic()
        if now - self._logged_at >= _LOG_EVERY_SECONDS:
            self._logged_at = now
            structlog.get_logger("preau.web").error(
                "more requests than this process admits: some are told to come back"
            )


def refusals(*, test_instance: bool, secure: bool, machine_paths: tuple[str, ...]) -> Mapping[str, PreparedAnswer]:
    """Return what `GatedApplication` says of requests that it does not read, by their key in the catalogue.

    Args:
        test_instance: Whether pages say that this is a simulator.
        secure: Whether the issuer is https.
        machine_paths: Beginnings of the paths whose callers are programs.
    """
    return {
        key: PreparedAnswer(
            key,
            test_instance=test_instance,
            secure=secure,
            machine_paths=machine_paths,
            # What is left of the body is not read: the connection is good for nothing more.
            headers=(("Connection", "close"),),
        )
        for key in REFUSED_AT_THE_DOOR
    }


def _answer(
    content_type: str, body: bytes, more: tuple[tuple[str, str], ...], *, secure: bool
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    headers = (
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"),
    )
    hsts = (("Strict-Transport-Security", "max-age=31536000"),) if secure else ()
    return headers + more + hsts, body
