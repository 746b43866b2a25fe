"""The page « Avec quel compte voulez-vous continuer ? »."""

from flask import Blueprint, Response, make_response, render_template, request

from idp.journeys.answers import AccountsAnswer, AccountsPage
from idp.web.beyond import respond_beyond
from idp.web.cookies import Cookies
from idp.web.headers import allow_form_target
from idp.web.journeys_used import AccountsJourney


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
    if isinstance(answer, AccountsPage):
        allow_form_target(answer.form_action_uri)
        return make_response(render_template("accounts.html", page=answer, logout_path=logout_path))
    return respond_beyond(answer, cookies, "accounts.show")
