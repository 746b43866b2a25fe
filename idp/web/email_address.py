"""« Mon adresse e-mail », the two buttons of an address that waits, and the page of the mailed link."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.answers import Forged
from idp.journeys.email_address import EmailAddresses
from idp.journeys.email_answers import EmailAnswer, EmailDone, EmailPage
from idp.web.account_gate import HOME, AccountDoor
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.languages import current_language
from idp.web.words import Complaints

PAGE = f"{HOME}/e-mail"
CONFIRM_PATH = "/e-mail/confirmer"
SECRET = "l"  # noqa: S105  the parameter's name
_END_OF_SENTENCE = "."  # that some mail programs take into the link
_LONGEST_SECRET = 100


def email_blueprint(journey: EmailAddresses, door: AccountDoor) -> Blueprint:
    """Return the pages `/mon-compte/e-mail`, for whoever is signed in, and `/e-mail/confirmer`, for whoever opens a mailed link.

    Args:
        journey: Does it.
        door: Who is there.
    """
    blueprint = Blueprint("email_address", __name__)
    _add_own_pages(blueprint, journey, door)
    _add_link_pages(blueprint, journey)
    return blueprint


def _add_own_pages(blueprint: Blueprint, journey: EmailAddresses, door: AccountDoor) -> None:
    @blueprint.get(PAGE)
    def show() -> Response:
        home = door.enter_proved()
        return home if isinstance(home, Response) else _respond(journey.show(home), door)

    @blueprint.post(PAGE)
    def ask() -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        typed, caller, language = request.form.get("email", ""), request.remote_addr or "", current_language().code
        return _respond(journey.ask(home, _token(), typed, caller, language=language), door)

    @blueprint.post(f"{PAGE}/renvoi")
    def resend() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        caller, language = request.remote_addr or "", current_language().code
        return _respond(journey.resend(home, _token(), caller, language=language), door)

    @blueprint.post(f"{PAGE}/annulation")
    def cancel() -> Response:
        home = door.enter()
        return home if isinstance(home, Response) else _respond(journey.cancel(home, _token()), door)


def _add_link_pages(blueprint: Blueprint, journey: EmailAddresses) -> None:
    @blueprint.get(CONFIRM_PATH)
    def open_link() -> Response:
        secret = _secret(request.args.get(SECRET, ""))
        if not journey.is_open(secret):
            return _refuse_link()
        return _unreferred(make_response(render_template("email/confirm.html", secret=secret, name=SECRET)))

    @blueprint.post(CONFIRM_PATH)
    def confirm() -> Response:
        if not journey.confirm(_secret(request.form.get(SECRET, ""))):
            return _refuse_link()
        return _unreferred(Response(status=303, headers={"Location": url_for("email_address.confirmed")}))

    @blueprint.get("/e-mail/confirmee")
    def confirmed() -> Response:
        return make_response(render_template("email/confirmed.html"))


def _token() -> str:
    return request.form.get("jeton", "")


def _secret(sent: str) -> str:
    secret = sent.strip().removesuffix(_END_OF_SENTENCE)
    return secret if len(secret) <= _LONGEST_SECRET else ""


def _respond(answer: EmailAnswer, door: AccountDoor) -> Response:
    match answer:
        case EmailPage():
            page = make_response(
                render_template("email/address.html", page=answer, complaints=Complaints(answer.faults))
            )
            page.status_code = 422 if answer.faults else 200
            return page
        case EmailDone():
            return door.lead_home(answer.notice)
        case Forged():
            return door.refuse_form()


def _refuse_link() -> Response:
    return _unreferred(
        render_error("link-gone", act=Act(translate("Demander un nouveau lien"), url_for("email_address.show")))
    )


def _unreferred(response: Response) -> Response:
    """Let no request say which page it came from: its address holds the secret."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
