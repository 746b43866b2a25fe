"""« Mes appareils », « Historique » and « Sites autorisés »: what went on with an account, and the end of what should not go on."""

from flask import Blueprint, Response, make_response, render_template, request

from idp.journeys.account_answers import AccountNotice
from idp.journeys.own_consents import OwnConsents
from idp.journeys.own_devices import OwnDevices
from idp.journeys.own_history import OwnHistory
from idp.web.account_gate import HOME, AccountDoor
from idp.web.account_words import say_date, say_device, say_history, say_moment
from idp.web.consent import say_told


def own_uses_blueprint(devices: OwnDevices, history: OwnHistory, consents: OwnConsents, door: AccountDoor) -> Blueprint:
    """Return the pages `/mon-compte/appareils`, `/mon-compte/historique` and `/mon-compte/sites`.

    Args:
        devices: The sessions that are open.
        history: What the audit trail says.
        consents: What was allowed.
        door: Who is there.
    """
    blueprint = Blueprint("own_uses", __name__)
    _add_devices(blueprint, devices, door)
    _add_sites(blueprint, consents, door)

    @blueprint.get(f"{HOME}/historique")
    def show_history() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        page = history.show(home)
        return make_response(
            render_template("account/history.html", page=page, say_history=say_history, say_moment=say_moment)
        )

    return blueprint


def _add_devices(blueprint: Blueprint, devices: OwnDevices, door: AccountDoor) -> None:
    @blueprint.get(f"{HOME}/appareils")
    def show_devices() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        page = devices.show(home)
        return make_response(
            render_template("account/devices.html", page=page, say_device=say_device, say_moment=say_moment)
        )

    @blueprint.post(f"{HOME}/appareils")
    def end_others() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        forged = devices.end_others(home, request.form.get("jeton", ""))
        return door.refuse_form() if forged else door.lead_home(AccountNotice.DEVICES_ENDED)


def _add_sites(blueprint: Blueprint, consents: OwnConsents, door: AccountDoor) -> None:
    @blueprint.get(f"{HOME}/sites")
    def show_sites() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        page = consents.show(home)
        return make_response(render_template("account/sites.html", page=page, say_told=say_told, say_date=say_date))

    @blueprint.post(f"{HOME}/sites")
    def withdraw() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        forged = consents.withdraw(home, request.form.get("jeton", ""), request.form.get("site", ""))
        return door.refuse_form() if forged else door.lead_home(AccountNotice.CONSENT_WITHDRAWN)
