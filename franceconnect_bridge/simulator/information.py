"""Pages beside the journey: what this is, who can sign in, what each code means, and the process's health."""

from flask import Blueprint, Response, jsonify, render_template, request

from franceconnect_bridge.simulator.errors import JSON_ERRORS, PAGES
from franceconnect_bridge.simulator.persons import Person
from franceconnect_bridge.simulator.state import Simulator


def information_blueprint(simulator: Simulator) -> Blueprint:
    """Give the pages."""
    pages = Blueprint("information", __name__)

    @pages.get("/")
    def home() -> str:
        return render_template("accueil.html", issuer=simulator.settings.issuer)

    @pages.get("/personnes")
    def people() -> str:
        groups: dict[str, list[Person]] = {}
        for person in simulator.persons.load():
            groups.setdefault(person.group, []).append(person)
        return render_template("personnes.html", groups=groups)

    @pages.get("/erreurs")
    def errors() -> str:
        return render_template(
            "erreurs.html", pages=PAGES.values(), answers=JSON_ERRORS.values(), asked=request.args.get("code", "")
        )

    @pages.get("/informations")
    @pages.get("/api/v2/accessibilite")
    def about() -> str:
        return render_template("informations.html")

    @pages.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    return pages
