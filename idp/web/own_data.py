"""« Mes données »: the copy of everything that is held on somebody, as a file."""

import json

from flask import Blueprint, Response, make_response, render_template

from idp.journeys.own_data import OwnData
from idp.web.account_gate import HOME, AccountDoor

_KILOBYTE = 1024


def own_data_blueprint(journey: OwnData, door: AccountDoor) -> Blueprint:
    """Return the pages `/mon-compte/donnees` and `/mon-compte/donnees/copie`.

    Args:
        journey: Collects the copy.
        door: Who is there.
    """
    blueprint = Blueprint("own_data", __name__)

    @blueprint.get(f"{HOME}/donnees")
    def show() -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        copy = journey.collect(home)
        if copy is None:
            return door.lead_home()
        kilobytes = -(-len(_write(copy.document)) // _KILOBYTE)
        return make_response(render_template("account/data.html", kilobytes=kilobytes))

    @blueprint.get(f"{HOME}/donnees/copie")
    def download() -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        copy = journey.collect(home)
        if copy is None:
            return door.lead_home()
        journey.note_copied(home)
        response = Response(_write(copy.document), content_type="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{copy.name}.json"'
        return response

    return blueprint


def _write(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
