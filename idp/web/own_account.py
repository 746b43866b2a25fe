"""« Mes informations », and « Confirmez que c'est vous » before an act that could cost somebody her account."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.account_answers import ProofAnswer, ProofPage, Proved
from idp.journeys.answers import AskPerson, Forged
from idp.journeys.own_account import OwnAccount
from idp.journeys.prove_again import ProveAgain
from idp.web.account_gate import HOME, AccountDoor, is_ours
from idp.web.account_words import say_account_notice, say_date
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.words import Complaints

_TOO_MANY = 429


def own_account_blueprint(account: OwnAccount, proving: ProveAgain, door: AccountDoor, cookies: Cookies) -> Blueprint:
    """Return the pages `/mon-compte` and `/mon-compte/confirmation`.

    Args:
        account: What is shown.
        proving: Asks for the password again.
        door: Who is there.
        cookies: Whose `session`, `visit` and `known` cookies are read; the first one gets a new value when somebody has proved herself.
    """
    blueprint = Blueprint("own_account", __name__)

    @blueprint.get(HOME)
    def show() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        page = account.show(home)
        if page is None:
            return Response(status=303, headers={"Location": url_for("sign_in.show")})
        notice = say_account_notice(request.args.get("avis", ""))
        return make_response(render_template("account/informations.html", page=page, notice=notice, say_date=say_date))

    @blueprint.get(f"{HOME}/confirmation")
    def prove() -> Response:
        answer = proving.show(cookies.session.read(request), cookies.visit.read(request), _read_target())
        return _respond(answer, door, cookies)

    @blueprint.post(f"{HOME}/confirmation")
    def submit_proof() -> Response:
        answer = proving.submit(
            cookies.session.read(request),
            cookies.visit.read(request),
            _read_target(),
            request.form.get("jeton", ""),
            request.form.get("actuel", ""),
            request.remote_addr or "",
            cookies.known.read(request),
        )
        return _respond(answer, door, cookies)

    return blueprint


def _respond(answer: ProofAnswer, door: AccountDoor, cookies: Cookies) -> Response:
    match answer:
        case ProofPage():
            return _show_proof(answer)
        case Proved():
            response = Response(status=303, headers={"Location": answer.page})
            cookies.session.keep(response, answer.session_cookie)
            return response
        case AskPerson():
            return door.ask_person(answer)
        case Forged():
            again = url_for("own_account.prove", vers=_read_target())
            return render_error("form-too-old", act=Act(translate("Recharger la page"), again))


def _read_target() -> str:
    """Return which page of ours comes next; « Mes informations » for whatever is none (no open redirect)."""
    asked = request.args.get("vers", "")
    return asked if is_ours(asked) else HOME


def _show_proof(page: ProofPage) -> Response:
    response = make_response(render_template("account/proof.html", page=page, complaints=Complaints(page.faults)))
    if page.retry_after:
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = str(page.retry_after)
    elif page.faults:
        response.status_code = 422
    return response
