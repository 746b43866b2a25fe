"""The page « Un enfant a été ajouté à votre compte »."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.answers import NewChildrenAnswer, NewChildrenPage, ToMyChildren
from idp.web.beyond import respond_beyond
from idp.web.cookies import Cookies
from idp.web.headers import allow_form_target
from idp.web.journeys_used import NewChildrenJourney
from idp.web.pupil_answers import read_answers
from idp.web.words import Complaints

_TOO_MANY = 429


def new_children_blueprint(journey: NewChildrenJourney, cookies: Cookies) -> Blueprint:
    """Return the page `/enfants` and its three forms.

    Args:
        journey: `idp.journeys.new_children.NewChildren`.
        cookies: Whose `visit` and `session` cookies are read.
    """
    blueprint = Blueprint("new_children", __name__)

    def read() -> tuple[str | None, str | None, str]:
        return cookies.visit.read(request), cookies.session.read(request), request.args.get("d", "")

    def token() -> str:
        return request.form.get("jeton", "")

    @blueprint.get("/enfants")
    def show() -> Response:
        return _respond(journey.show(*read()), cookies)

    @blueprint.post("/enfants")
    def submit() -> Response:
        return _respond(journey.submit(*read(), token(), read_answers()), cookies)

    @blueprint.post("/enfants/pas-les-miens")
    def confirm() -> Response:
        answer = journey.confirm(*read(), token(), confirmed=request.form.get("reponse") == "oui")
        return _respond(answer, cookies)

    @blueprint.post("/enfants/plus-tard")
    def leave_for_later() -> Response:
        return _respond(journey.leave_for_later(*read(), token()), cookies)

    return blueprint


def _respond(answer: NewChildrenAnswer, cookies: Cookies) -> Response:
    match answer:
        case NewChildrenPage():
            response = _show(answer)
            cookies.session.keep(response, answer.session_cookie)
            return response
        case ToMyChildren():
            response = Response(status=303, headers={"Location": url_for("my_children.show")})
            cookies.session.keep(response, answer.session_cookie)
            return response
        case _:
            return respond_beyond(answer, cookies, "new_children.show")


def _show(page: NewChildrenPage) -> Response:
    if request.method == "POST" and not page.faults and not page.retry_after:
        # The page itself comes with the redirect, so that a refresh posts nothing again.
        return Response(status=303, headers={"Location": url_for("new_children.show", d=page.handle or None)})
    allow_form_target(page.form_action_uri)
    template = "children/not_mine.html" if page.is_contesting else "children/new.html"
    response = make_response(render_template(template, page=page, complaints=Complaints(page.faults)))
    if page.retry_after:
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = str(page.retry_after)
    elif page.faults:
        response.status_code = 422
    return response
