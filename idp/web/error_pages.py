"""Error pages for people, JSON for machines; both from the catalogue of `idp.errors`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from idp.errors import Error, load_error
from idp.web.french import mark, translate

_KEY = "preau-error-pages"
_BY_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    429: "too-many-tries",
    503: "service-unavailable",
}
_CAUSES = {
    "client-id-missing": mark("La demande n'a pas de client_id, ou elle en a deux."),
    "client-unknown": mark("Aucun client n'est enregistré avec ce client_id."),
    "redirect-uri-missing": mark("La demande n'a pas de redirect_uri, ou elle en a deux."),
    "redirect-uri-unregistered": mark(
        "Le redirect_uri n'est pas, caractère pour caractère, un de ceux que le client a enregistrés."
    ),
    "request-object-invalid": mark(
        "Le paramètre request n'est pas une demande que ce client a signée pour cet émetteur, et aucun redirect_uri enregistré "
        "ne l'accompagne."
    ),
    "request-uri-unknown": mark("Le request_uri est inconnu, a expiré, a déjà servi, ou est celui d'un autre client."),
    "post-logout-redirect-uri-unregistered": mark(
        "Le post_logout_redirect_uri n'est pas un de ceux que le client a enregistrés, ou le client n'est pas connu "
        "par un id_token_hint valable ou un client_id."
    ),
    "id-token-hint-invalid": mark("Le id_token_hint n'est pas un ID token de cet émetteur pour ce client."),
}
"""The note of the catalogue in French, for developers; a page with one of these shows « Pour les développeurs »."""


MACHINE_PATHS = (
    "/.well-known/",
    "/idp/profile/oidc/token",
    "/idp/profile/oidc/userinfo",
    "/idp/profile/oidc/revoke",
    "/idp/profile/oidc/introspect",
    "/idp/profile/oidc/par",
    "/idp/profile/oidc/register",
    "/idp/profile/oidc/jwks",
    "/sandbox/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/solidite",
    "/openapi.json",
)
"""Beginnings of the paths whose callers are programs."""


@dataclass(frozen=True, slots=True)
class Act:
    """What the person can do now: the one button of an error page."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class _ErrorPages:
    test_instance: bool
    make_reference: Callable[[], str]
    machine_paths: tuple[str, ...]


def install_error_pages(
    app: Flask,
    *,
    test_instance: bool,
    make_reference: Callable[[], str],
    machine_paths: tuple[str, ...] = MACHINE_PATHS,
) -> None:
    """Answer every refusal of `app` with a page of the catalogue, unhandled exceptions included.

    Args:
        app: The application, after `install_shell`.
        test_instance: Whether pages may show developers what was sent and what is registered.
        make_reference: Returns 8 characters to read out on the phone, for a request that has no ``g.request_reference``.
        machine_paths: Beginnings of the paths whose callers are programs: they get JSON.
    """
    app.extensions[_KEY] = _ErrorPages(test_instance, make_reference, machine_paths)

    @app.errorhandler(HTTPException)
    def refuse(refusal: HTTPException) -> Response:
        status = refusal.code or 500
        if status < 400:  # a redirect that Werkzeug raises
            return make_response(refusal.get_response())
        response = render_error(_BY_STATUS.get(status, "our-fault" if status >= 500 else "bad-request"))
        # Werkzeug knows more than the page: Allow of a 405, Retry-After of a 429 or a 503.
        for name, value in refusal.get_headers():
            if name.lower() not in {"content-type", "content-length"}:
                response.headers[name] = value
        response.status_code = status
        return response


def render_error(
    key: str,
    *,
    details: Mapping[str, str] | None = None,
    registered: Mapping[str, str] | None = None,
    act: Act | None = None,
    other: Act | None = None,
    retry_after: int | None = None,
) -> Response:
    """Return the page of an error, or its JSON when a program asks.

    Args:
        key: Entry of `idp.errors.CATALOGUE`.
        details: What was sent, by parameter name, for developers; shown on test instances only.
        registered: What was expected, likewise.
        act: The button; « Revenir à l'accueil » when None, and none at all where the client is not known (no open redirect).
        other: A second way on, beside `act`.
        retry_after: Seconds, for the header of the same name.

    Raises:
        KeyError: The catalogue has no such entry.
    """
    error = load_error(key)
    pages: _ErrorPages = current_app.extensions[_KEY]
    reference = g.get("request_reference") or pages.make_reference()
    g.request_reference = reference
    response = (
        _to_json(error, reference)
        if _is_for_machine(pages)
        else _to_page(error, reference, pages, details, registered, act, other)
    )
    response.status_code = error.status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _is_for_machine(pages: _ErrorPages) -> bool:
    if request.path.startswith(pages.machine_paths):
        return True
    accept = request.accept_mimetypes
    return accept["application/json"] > accept["text/html"]


def _to_json(error: Error, reference: str) -> Response:
    """Return the members of RFC 6749 section 5.2, with the reference."""
    return jsonify(error=error.oauth or error.key.replace("-", "_"), error_description=error.note, reference=reference)


def _to_page(
    error: Error,
    reference: str,
    pages: _ErrorPages,
    details: Mapping[str, str] | None,
    registered: Mapping[str, str] | None,
    act: Act | None,
    other: Act | None,
) -> Response:
    is_clients = error.key in _CAUSES
    shown_act = act or (None if is_clients else Act(translate("Revenir à l'accueil"), "/"))
    return make_response(
        render_template(
            "error.html",
            title_words=translate(error.title or "Quelque chose n'a pas marché"),
            sentences=translate(error.sentences) if error.sentences else "",
            reference=reference,
            act=shown_act,
            other=other,
            cause=translate(_CAUSES[error.key]) if is_clients else "",
            note=error.note if is_clients else "",
            sent=(details or {}) if pages.test_instance else {},
            registered=(registered or {}) if pages.test_instance else {},
        )
    )
