"""Composition root of the simulator: settings in, one Flask application out."""

from flask import Flask, Response, jsonify, make_response, render_template

from franceconnect_bridge.simulator.control import control_blueprint
from franceconnect_bridge.simulator.endpoints import endpoints_blueprint
from franceconnect_bridge.simulator.interactions import interactions_blueprint
from franceconnect_bridge.simulator.logout import logout_blueprint
from franceconnect_bridge.simulator.pages import install_pages
from franceconnect_bridge.simulator.runtime import Clock
from franceconnect_bridge.simulator.settings import Settings
from franceconnect_bridge.simulator.world import World


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    """Build a simulator.

    Args:
        settings: Checked settings.
        clock: The time; by default the machine's, which the control API moves.

    Raises:
        PersonError: The persons' file cannot be used.
    """
    world = World.of(settings, clock)
    app = Flask(__name__)
    install_pages(app, secure=settings.secure)
    for blueprint in (
        endpoints_blueprint(world),
        interactions_blueprint(world),
        logout_blueprint(world),
        control_blueprint(world),
    ):
        app.register_blueprint(blueprint)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/")
    def home() -> Response:
        return make_response(render_template("accueil.html", issuer=settings.issuer))

    @app.get("/informations")
    def information() -> Response:
        return make_response(render_template("information_legale.html"))

    return app
