"""« Changer mon mot de passe », and « Ajouter un mot de passe » for whoever signs in through FranceConnect alone."""

from typing import assert_never

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.account_answers import AtHome, OtherPage, OwnPasswordPage, PasswordKept
from idp.journeys.answers import Forged
from idp.journeys.own_password import FORM, OwnPassword
from idp.web.account_gate import HOME, AccountDoor
from idp.web.cookies import Cookies
from idp.web.words import Complaints

_TOO_MANY = 429


def own_password_blueprint(journey: OwnPassword, door: AccountDoor, cookies: Cookies) -> Blueprint:
    """Return the pages `/mon-compte/mot-de-passe` and `/mon-compte/mot-de-passe/ajout`.

    Args:
        journey: Checks and keeps.
        door: Who is there.
        cookies: Whose `known` cookie is read; `session` gets a new value with a new password.
    """
    blueprint = Blueprint("own_password", __name__)

    def submit_at(home: AtHome, *, adds: bool) -> Response:
        form = request.form
        typed = form.get("actuel", ""), form.get("mot-de-passe", ""), form.get("confirmation", "")
        address, known = request.remote_addr or "", cookies.known.read(request)
        answer = journey.submit(home, form.get("jeton", ""), *typed, address, known, adds=adds)
        match answer:
            case Forged():
                return door.refuse_form()
            case PasswordKept():
                response = door.lead_home(answer.notice)
                cookies.session.keep(response, answer.session_cookie)
                return response
            case OwnPasswordPage() | OtherPage():
                return _show(answer)
        assert_never(answer)

    @blueprint.get(f"{HOME}/mot-de-passe")
    def change() -> Response:
        home = door.enter()
        return home if isinstance(home, Response) else _show(journey.show(home, adds=False))

    @blueprint.post(f"{HOME}/mot-de-passe")
    def submit_change() -> Response:
        home = door.enter_with_form(FORM)
        return home if isinstance(home, Response) else submit_at(home, adds=False)

    @blueprint.get(f"{HOME}/mot-de-passe/ajout")
    def add() -> Response:
        home = door.enter_proved()
        return home if isinstance(home, Response) else _show(journey.show(home, adds=True))

    @blueprint.post(f"{HOME}/mot-de-passe/ajout")
    def submit_first() -> Response:
        home = door.enter_proved_with_form(FORM)
        return home if isinstance(home, Response) else submit_at(home, adds=True)

    return blueprint


def _show(page: OwnPasswordPage | OtherPage) -> Response:
    if isinstance(page, OtherPage):
        endpoint = "own_password.add" if page.adds else "own_password.change"
        return Response(status=303, headers={"Location": url_for(endpoint)})
    complaints = Complaints(page.faults, page.rules_met)
    response = make_response(render_template("account/password.html", page=page, complaints=complaints))
    if page.retry_after:
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = str(page.retry_after)
    elif page.faults:
        response.status_code = 422
    return response
