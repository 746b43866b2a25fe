"""« FranceConnect » in an account: seen, added, removed."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.account_answers import LinkingDone, OwnFranceConnectPage
from idp.journeys.answers import Forged
from idp.journeys.own_franceconnect import PAGE, OwnFranceConnect
from idp.web.account_gate import AccountDoor
from idp.web.account_words import say_date
from idp.web.cookies import Cookies


def own_franceconnect_blueprint(journey: OwnFranceConnect, door: AccountDoor, cookies: Cookies) -> Blueprint:
    """Return the pages `/mon-compte/franceconnect` and `/mon-compte/franceconnect/ajout`.

    Args:
        journey: Decides.
        door: Who is there.
        cookies: Whose `visit` cookie ties the way to FranceConnect to this browser.
    """
    blueprint = Blueprint("own_franceconnect", __name__)

    @blueprint.get(PAGE)
    def show() -> Response:
        home = door.enter()
        return home if isinstance(home, Response) else _show(journey.show(home))

    @blueprint.post(PAGE)
    def remove() -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        answer = journey.remove(home, request.form.get("jeton", ""))
        match answer:
            case Forged():
                return door.refuse_form()
            case LinkingDone():
                return door.lead_home(answer.notice)
            case OwnFranceConnectPage():
                return _show(answer)

    # A link and no form: browsers check `form-action` along the whole way to FranceConnect.
    @blueprint.get(f"{PAGE}/ajout")
    def add() -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        answer = journey.leave(home, cookies.visit.read(request), request.args.get("jeton", ""))
        if isinstance(answer, Forged):
            return Response(status=303, headers={"Location": url_for("own_franceconnect.show")})
        response = Response(status=303, headers={"Location": url_for("franceconnect.leave", d=answer.handle)})
        cookies.visit.keep(response, answer.browser_cookie)
        return response

    return blueprint


def _show(page: OwnFranceConnectPage) -> Response:
    return make_response(render_template("account/franceconnect.html", page=page, say_date=say_date))
