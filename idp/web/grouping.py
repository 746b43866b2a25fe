"""« Ajouter des élèves depuis un autre compte », and how that is undone."""

from flask import Blueprint, Response, make_response, render_template, request

from idp.journeys.account_answers import AccountNotice
from idp.journeys.answers import Forged
from idp.journeys.children_answers import Grouped, GroupPage, Ungrouped, UngroupPage
from idp.journeys.grouping import Grouping
from idp.web.account_gate import AccountDoor
from idp.web.account_words import say_date
from idp.web.cookies import Cookies
from idp.web.my_children import CHILDREN, lead_to_children, read_number
from idp.web.words import Complaints

_TOO_MANY = 429


def grouping_blueprint(journey: Grouping, door: AccountDoor, cookies: Cookies) -> Blueprint:
    """Return the pages `/mon-compte/enfants/regroupement` and `…/regroupement/N/annuler`.

    Args:
        journey: What is done.
        door: Who is there.
        cookies: Whose `known` cookie is read.
    """
    blueprint = Blueprint("grouping", __name__)

    @blueprint.get(f"{CHILDREN}/regroupement")
    def show() -> Response:
        home = door.enter_proved()
        return home if isinstance(home, Response) else _show(journey.show(home))

    @blueprint.post(f"{CHILDREN}/regroupement")
    def submit() -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        form = request.form
        identifiant, password = form.get("autre-identifiant", ""), form.get("autre-mot-de-passe", "")
        address, known = request.remote_addr or "", cookies.known.read(request)
        return _respond(journey.submit(home, form.get("jeton", ""), identifiant, password, address, known), door)

    _add_undo(blueprint, journey, door)
    return blueprint


def _add_undo(blueprint: Blueprint, journey: Grouping, door: AccountDoor) -> None:
    @blueprint.get(f"{CHILDREN}/regroupement/<number>/annuler")
    def ask_undo(number: str) -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        page = journey.ask_undo(home, read_number(number))
        if not isinstance(page, UngroupPage):
            return lead_to_children()
        return make_response(render_template("account/ungroup.html", page=page, say_date=say_date))

    @blueprint.post(f"{CHILDREN}/regroupement/<number>/annuler")
    def undo(number: str) -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        answer = journey.undo(home, read_number(number), request.form.get("jeton", ""))
        if isinstance(answer, Forged):
            return door.refuse_form()
        return lead_to_children(AccountNotice.UNGROUPED if isinstance(answer, Ungrouped) else None)


def _respond(answer: GroupPage | Grouped | Forged, door: AccountDoor) -> Response:
    match answer:
        case Forged():
            return door.refuse_form()
        case Grouped():
            return lead_to_children(AccountNotice.GROUPED)
        case GroupPage():
            return _show(answer)


def _show(page: GroupPage) -> Response:
    response = make_response(render_template("account/group.html", page=page, complaints=Complaints(page.faults)))
    if page.retry_after:
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = str(page.retry_after)
    elif page.faults:
        response.status_code = 422
    return response
