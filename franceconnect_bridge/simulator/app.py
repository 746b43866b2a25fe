"""Composition root of the simulator: settings in, one Flask application out. Nothing lives at module level."""

from collections.abc import Iterable

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from franceconnect_bridge.simulator.backchannel import backchannel_blueprint
from franceconnect_bridge.simulator.control import control_blueprint
from franceconnect_bridge.simulator.errors import ShownError
from franceconnect_bridge.simulator.information import information_blueprint
from franceconnect_bridge.simulator.logout import logout_blueprint
from franceconnect_bridge.simulator.metadata import metadata_blueprint
from franceconnect_bridge.simulator.pages import pages_blueprint
from franceconnect_bridge.simulator.persons import Person
from franceconnect_bridge.simulator.runtime import Cookie, log, new_reference, security_headers
from franceconnect_bridge.simulator.settings import Settings
from franceconnect_bridge.simulator.state import Simulator

LARGEST_BODY = 64 * 1024
STATIC_SECONDS = 3600
_SERVICE_BELOW = "/api/v2"


def create_app(settings: Settings, people: Iterable[Person]) -> Flask:
    """Build the simulator.

    Args:
        settings: Checked settings.
        people: Who can sign in.
    """
    simulator = Simulator(settings, people)
    cookie = Cookie(secure=settings.secure)
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_PARTS=50, SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(metadata_blueprint(simulator), url_prefix=_SERVICE_BELOW)
    app.register_blueprint(backchannel_blueprint(simulator), url_prefix=_SERVICE_BELOW)
    app.register_blueprint(pages_blueprint(simulator, cookie))
    app.register_blueprint(logout_blueprint(simulator, cookie))
    app.register_blueprint(information_blueprint(simulator))
    app.register_blueprint(control_blueprint(simulator))

    @app.before_request
    def refuse_foreign_hosts() -> tuple[str, int] | None:
        # A web page with a name made to point at this machine is no caller of ours.
        if request.host.lower() not in settings.hosts and request.path != "/healthz":
            return f"Host must be one of: {', '.join(sorted(settings.hosts))}\n", 421
        return None

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(security_headers(settings, g.get("form_target", "")))
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.register_error_handler(ShownError, _show_error)
    app.register_error_handler(HTTPException, _show_http_error)
    return app


def _show_error(error: ShownError) -> tuple[str, int]:
    """F4, with the way back to the service when the browser is on a journey."""
    reference = new_reference()
    interaction = g.get("interaction")
    log("error page", code=error.page.code, reference=reference, path=request.path)
    if interaction is not None:
        interaction.refusal = error.page
    page = render_template(
        "erreur.html", page=error.page, reasons=error.reasons, reference=reference, interaction=interaction
    )
    return page, error.page.status


def _show_http_error(error: HTTPException) -> tuple[str, int]:
    """Show our own page for what Flask refuses."""
    status, reference = error.code or 500, ""
    if isinstance(error, InternalServerError):
        reference = new_reference()
        log("internal error", reference=reference, path=request.path)
    return render_template("introuvable.html", status=status, reference=reference), status
