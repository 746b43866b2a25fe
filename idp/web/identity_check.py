"""The page « Confirmation de l'identité »: one child's birth date."""

from flask import Blueprint, Response, make_response, render_template, request

from idp.journeys.answers import IdentityCheckAnswer, IdentityCheckPage, TypedDate
from idp.web.beyond import respond_beyond
from idp.web.cookies import Cookies
from idp.web.headers import allow_form_target
from idp.web.journeys_used import IdentityCheckJourney
from idp.web.words import Complaints

_TOO_MANY = 429


def identity_check_blueprint(journey: IdentityCheckJourney, cookies: Cookies) -> Blueprint:
    """Return the page `/identite`.

    Args:
        journey: `idp.journeys.identity_check.IdentityCheck`.
        cookies: Whose `visit`, `session` and `known` cookies are read.
    """
    blueprint = Blueprint("identity_check", __name__)

    def read() -> tuple[str | None, str | None, str]:
        return cookies.visit.read(request), cookies.session.read(request), request.args.get("d", "")

    @blueprint.get("/identite")
    def show() -> Response:
        return _respond(journey.show(*read()), cookies)

    @blueprint.post("/identite")
    def submit() -> Response:
        form = request.form
        typed = TypedDate(form.get("jour", ""), form.get("mois", ""), form.get("annee", ""))
        answer = journey.submit(*read(), form.get("jeton", ""), typed, cookies.known.read(request))
        return _respond(answer, cookies)

    return blueprint


def _respond(answer: IdentityCheckAnswer, cookies: Cookies) -> Response:
    return (
        _show(answer)
        if isinstance(answer, IdentityCheckPage)
        else respond_beyond(answer, cookies, "identity_check.show")
    )


def _show(page: IdentityCheckPage) -> Response:
    allow_form_target(page.form_action_uri)
    response = make_response(render_template("identity_check.html", page=page, complaints=Complaints(page.faults)))
    if page.retry_after:
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = str(page.retry_after)
    elif page.faults:
        response.status_code = 422
    return response
