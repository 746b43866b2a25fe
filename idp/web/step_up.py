"""The page « Confirmez que c'est vous »: a text to the number that the school knows, then its code."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.answers import StepUpAnswer, StepUpPage
from idp.web.beyond import respond_beyond
from idp.web.cookies import Cookies
from idp.web.headers import allow_form_target
from idp.web.journeys_used import StepUpJourney
from idp.web.words import Complaints, say_notice

_TOO_MANY = 429


def step_up_blueprint(journey: StepUpJourney, cookies: Cookies) -> Blueprint:
    """Return the page `/confirmation` and its three forms.

    Args:
        journey: `idp.journeys.step_up.StepUp`.
        cookies: Whose `visit` and `session` cookies are read.
    """
    blueprint = Blueprint("step_up", __name__)

    def read() -> tuple[str | None, str | None, str]:
        return cookies.visit.read(request), cookies.session.read(request), _handle()

    def token() -> str:
        return request.form.get("jeton", "")

    @blueprint.get("/confirmation")
    def show() -> Response:
        return _respond(journey.show(*read()), cookies)

    @blueprint.post("/confirmation")
    def submit() -> Response:
        return _respond(journey.submit(*read(), token(), request.form.get("code", "")), cookies)

    @blueprint.post("/confirmation/envoi")
    def send() -> Response:
        answer = journey.send(*read(), token(), request.remote_addr or "")
        if isinstance(answer, StepUpPage) and not answer.faults and answer.notice is None:
            # The page itself comes with the redirect, so that a refresh posts nothing again.
            return Response(status=303, headers={"Location": url_for("step_up.show", d=answer.handle)})
        return _respond(answer, cookies)

    @blueprint.post("/confirmation/sans")
    def decline() -> Response:
        return _respond(journey.decline(*read(), token()), cookies)

    return blueprint


def _handle() -> str:
    return request.args.get("d", "")


def _respond(answer: StepUpAnswer, cookies: Cookies) -> Response:
    return _show(answer) if isinstance(answer, StepUpPage) else respond_beyond(answer, cookies, "step_up.show")


def _show(page: StepUpPage) -> Response:
    allow_form_target(page.form_action_uri)
    response = make_response(
        render_template(
            "step_up.html",
            page=page,
            complaints=Complaints(page.faults),
            notice=say_notice(page.notice, page.resend_in),
        )
    )
    if page.retry_after:
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = str(page.retry_after)
    elif page.faults:
        response.status_code = 422
    return response
