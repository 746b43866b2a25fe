"""« Fermer mon compte », and the page that says that it stays open."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.account_answers import ClosingAsked, ClosingPage
from idp.journeys.answers import Forged
from idp.journeys.closing import Closing
from idp.web.account_gate import HOME, AccountDoor
from idp.web.account_words import say_date
from idp.web.cookies import Cookies
from idp.web.words import Complaints


def own_closing_blueprint(journey: Closing, door: AccountDoor, cookies: Cookies) -> Blueprint:
    """Return the pages `/mon-compte/fermeture` and `/mon-compte/reste-ouvert`.

    Args:
        journey: Records the end.
        door: Who is there.
        cookies: Whose `session` and `accounts` cookies are forgotten with the sessions.
    """
    blueprint = Blueprint("own_closing", __name__)

    @blueprint.get(f"{HOME}/fermeture")
    def show() -> Response:
        home = door.enter_proved()
        return home if isinstance(home, Response) else _show(journey.show(home))

    @blueprint.post(f"{HOME}/fermeture")
    def submit() -> Response:
        token = request.form.get("jeton", "")
        home = door.enter_proved()
        if isinstance(home, Response):
            asked = journey.find_asked(cookies.session.read(request), token)
            return home if asked is None else _say_asked(asked, cookies)
        answer = journey.submit(home, token, understood=request.form.get("compris") == "oui")
        match answer:
            case ClosingAsked():
                return _say_asked(answer, cookies)
            case ClosingPage():
                return _show(answer)
            case Forged():
                return door.refuse_form()
            case None:
                return door.lead_home()

    @blueprint.get(f"{HOME}/reste-ouvert")
    def kept() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        # Whatever waits for her goes on there.
        onward = url_for("consent.show", d=request.args.get("d", ""))
        return make_response(render_template("account/kept.html", onward=onward))

    return blueprint


def _show(page: ClosingPage) -> Response:
    complaints = Complaints(page.faults)
    response = make_response(
        render_template("account/closing.html", page=page, complaints=complaints, say_date=say_date)
    )
    response.status_code = 422 if page.faults else 200
    return response


def _say_asked(answer: ClosingAsked, cookies: Cookies) -> Response:
    response = make_response(render_template("account/closing_asked.html", page=answer, say_date=say_date))
    cookies.session.forget(response)
    if cookies.accounts.read(request) is not None:
        cookies.accounts.forget(response)
    return response
