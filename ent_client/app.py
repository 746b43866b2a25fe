"""Composition root of the ENT: settings in, one Flask application out. Nothing lives at module level."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound

from ent_client.client_key import jwks_blueprint, load_client_key
from ent_client.directory import Directory, load_directory
from ent_client.logout import logout_blueprint
from ent_client.logout_token import JTI_LIFETIME
from ent_client.oidc import Provider
from ent_client.pages import pages_blueprint
from ent_client.runtime import (
    Clock,
    Cookies,
    MovableClock,
    health_blueprint,
    log,
    new_reference,
    quiet_libraries,
    security_headers,
)
from ent_client.sandbox import sandbox_blueprint
from ent_client.settings import Settings
from ent_client.store import VISIT_LIFETIME, Memory, Sessions, Shelf, Visit

LARGEST_BODY = 16 * 1024
MOST_VISITS = 10_000
MOST_SESSIONS = 10_000
MOST_LOGOUT_TOKENS = 10_000
STATIC_SECONDS = 3600


@dataclass(frozen=True)
class Ent:
    """Everything a request needs."""

    settings: Settings
    clock: Clock
    cookies: Cookies
    provider: Provider
    directory: Directory
    visits: Shelf[Visit]
    sessions: Sessions
    logout_tokens: Memory

    def begin_again(self) -> None:
        """Forget who is signed in, and all that is under way."""
        for kept in (self.visits, self.sessions, self.logout_tokens):
            kept.clear()


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """Build the ENT.

    Args:
        settings: checked settings.
        clock: where the time comes from; by default the machine's, which testers may move when `settings.sandbox` is on.

    Raises:
        DirectoryError: when `settings.directory` cannot be used.
        SettingsError: when `settings.private_key_file` cannot.
    """
    quiet_libraries()
    clock = clock or MovableClock()
    client_key = load_client_key(settings.private_key_file) if settings.private_key_file else None
    session_lifetime = timedelta(seconds=settings.session_seconds)
    ent = Ent(
        settings=settings,
        clock=clock,
        cookies=Cookies(secure=settings.secure),
        provider=Provider(settings, clock, client_key),
        directory=load_directory(settings.directory),
        visits=Shelf(clock, VISIT_LIFETIME, MOST_VISITS, prolong=True),
        sessions=Sessions(clock, session_lifetime, MOST_SESSIONS),
        logout_tokens=Memory(clock, JTI_LIFETIME, MOST_LOGOUT_TOKENS),
    )
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_PARTS=50, SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(pages_blueprint(ent))
    app.register_blueprint(logout_blueprint(ent))
    if client_key:
        app.register_blueprint(jwks_blueprint(client_key))
    app.register_blueprint(health_blueprint())
    if settings.sandbox and isinstance(clock, MovableClock):
        app.register_blueprint(sandbox_blueprint(settings, clock, ent.begin_again))
    headers = security_headers(settings)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    app.register_error_handler(HTTPException, _show_error)
    return app


def _show_error(error: HTTPException) -> tuple[str, int]:
    """Show our own page for what Flask refuses: in French, without a stack, with a reference when the fault is ours."""
    code = error.code or 500
    if isinstance(error, InternalServerError):
        reference = new_reference()
        log("internal error", reference=reference, path=request.path)
        return render_template("erreur.html", panne=True, reference=reference), code
    return render_template("erreur.html", introuvable=isinstance(error, NotFound)), code
