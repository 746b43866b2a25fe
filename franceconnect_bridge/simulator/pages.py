"""What all pages share: their headers, and the error page."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from franceconnect_bridge.simulator.authorization import PageRefusal
from franceconnect_bridge.simulator.errors import PAGES
from franceconnect_bridge.simulator.runtime import log, new_reference
from franceconnect_bridge.simulator.settings import PREFIX, Client

_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
_STATIC_SECONDS = 3600


def allow_form_target(uri: str) -> None:
    """Let the forms of this answer end at the origin of a registered address: browsers check the redirect after a POST, too."""
    parts = urlsplit(uri)
    g.form_target = f" {parts.scheme}://{parts.netloc}"


def see_other(address: str, status: int = 303) -> Response:
    """Lead the browser elsewhere, by GET (RFC 9110 section 15.4.4)."""
    return Response(status=status, headers={"Location": address})


def show_error(code: str, *, detail: str = "", client: Client | None = None, uid: str = "") -> Response:
    """Return the page of a documented error.

    Args:
        code: Of `errors.PAGES`.
        detail: For developers: what was sent, what was wanted.
        client: The service, where it is known.
        uid: Of the sign-in that can go back to the service, "" when it cannot.
    """
    page = PAGES[code]
    reference = new_reference()
    log("error page", code=code, client=client.client_id if client else "", reference=reference)
    back = f"{PREFIX}/redirect-to-sp-with-error?uid={uid}&code={code}" if uid else ""
    body = render_template(
        "erreur.html", page=page, detail=detail, service=client.name if client else "", back=back, reference=reference
    )
    return make_response(body, page.status)


def install_pages(app: Flask, *, secure: bool) -> None:
    """Give every answer its headers, and every error its page."""
    app.config.update(MAX_CONTENT_LENGTH=64 * 1024, MAX_FORM_PARTS=100, SEND_FILE_MAX_AGE_DEFAULT=_STATIC_SECONDS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY + g.get("form_target", "")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static" and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(PageRefusal)
    def refuse(refusal: PageRefusal) -> Response:
        return show_error(refusal.code, detail=refusal.detail, client=refusal.client)

    @app.errorhandler(HTTPException)
    def apologise(error: HTTPException) -> Response:
        if (error.code or 500) >= 500:
            app.logger.error("a request failed", exc_info=error.__cause__ or error)
            return show_error("Y000400")
        return make_response(render_template("introuvable.html"), error.code or 400)
