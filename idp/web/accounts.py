"""The page « Avec quel compte voulez-vous continuer ? »."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.answers import AccountsAnswer, AccountsPage, AskPerson, Forged, Lost, Respond, SignedInHere
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.headers import allow_form_target
from idp.web.journeys_used import AccountsJourney
from idp.web.sign_in import respond_ask_person
from idp.web.way_back import respond_to_client


def accounts_blueprint(
    journey: AccountsJourney, cookies: Cookies, *, logout_path: str = "/idp/profile/Logout"
) -> Blueprint:
    """Return the page `/comptes`.

    Args:
        journey: `idp.journeys.accounts.Accounts`.
        cookies: Whose `visit`, `session` and `accounts` cookies are read; the last two change places.
        logout_path: Where « Se déconnecter » leads.
    """
    blueprint = Blueprint("accounts", __name__)

    def read() -> tuple[str | None, str | None, str | None, str]:
        visit, session = cookies.visit.read(request), cookies.session.read(request)
        return visit, session, cookies.accounts.read(request), request.args.get("d", "")

    @blueprint.get("/comptes")
    def show() -> Response:
        return _respond(journey.show(*read()), cookies, logout_path)

    @blueprint.post("/comptes")
    def submit() -> Response:
        answer = journey.submit(*read(), request.form.get("jeton", ""), request.form.get("compte", ""))
        return _respond(answer, cookies, logout_path)

    return blueprint


def _respond(answer: AccountsAnswer, cookies: Cookies, logout_path: str) -> Response:
    match answer:
        case AccountsPage():
            allow_form_target(answer.form_action_uri)
            return make_response(render_template("accounts.html", page=answer, logout_path=logout_path))
        case Respond():
            return respond_to_client(answer, cookies)
        case AskPerson():
            return respond_ask_person(answer, cookies)
        case SignedInHere():
            return Response(status=303, headers={"Location": url_for("sign_in.show")})
        case Forged():
            query: dict[str, Any] = {"d": request.args.get("d", "")}
            act = Act(translate("Recharger la page"), url_for("accounts.show", **query))
            return render_error("form-too-old", act=act)
        case Lost():
            return render_error("step-lost", act=Act(translate("Recommencer"), url_for("sign_in.show")))
