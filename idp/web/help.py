"""Plain pages: whom to ask, what FranceConnect is, what the site says of itself."""

from flask import Blueprint, Response, make_response, render_template, request

PAGES = {
    "/franceconnect": ("franceconnect", "help/franceconnect.html"),
    "/aide": ("assistance", "help/assistance.html"),
    "/accessibilite": ("accessibility", "help/accessibility.html"),
    "/donnees-personnelles": ("personal_data", "help/personal_data.html"),
}


def help_blueprint() -> Blueprint:
    """Return the pages that need no journey. Each keeps the `d` of the sign-in page that it was opened from."""
    blueprint = Blueprint("help", __name__)
    for path, (name, template) in PAGES.items():
        _add_page(blueprint, path, name, template)
    return blueprint


def _add_page(blueprint: Blueprint, path: str, name: str, template: str) -> None:
    def show() -> Response:
        handle = request.args.get("d", "")
        return make_response(render_template(template, query={"d": handle} if handle else {}))

    blueprint.add_url_rule(path, name, show, methods=["GET"])
