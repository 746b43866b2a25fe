"""« Mes enfants », and « Je ne suis pas le représentant légal »."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.account_answers import AccountNotice
from idp.journeys.answers import Forged
from idp.journeys.children_answers import ContestChildPage, Contested
from idp.journeys.my_children import MyChildren
from idp.web.account_gate import HOME, AccountDoor
from idp.web.account_words import say_account_notice, say_date

CHILDREN = f"{HOME}/enfants"
_MOST_DIGITS = 15


def my_children_blueprint(journey: MyChildren, door: AccountDoor) -> Blueprint:
    """Return the pages `/mon-compte/enfants` and `/mon-compte/enfants/N/contester`.

    Args:
        journey: What is shown and done.
        door: Who is there.
    """
    blueprint = Blueprint("my_children", __name__)

    @blueprint.get(CHILDREN)
    def show() -> Response:
        home = door.enter()
        if isinstance(home, Response):
            return home
        notice = say_account_notice(request.args.get("avis", ""))
        page = journey.show(home)
        return make_response(render_template("account/children.html", page=page, notice=notice, say_date=say_date))

    @blueprint.get(f"{CHILDREN}/<child>/contester")
    def ask_contest(child: str) -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        page = journey.ask_contest(home, read_number(child))
        if not isinstance(page, ContestChildPage):
            return lead_to_children()
        return make_response(render_template("account/contest.html", page=page))

    @blueprint.post(f"{CHILDREN}/<child>/contester")
    def contest(child: str) -> Response:
        home = door.enter_proved()
        if isinstance(home, Response):
            return home
        answer = journey.contest(home, read_number(child), request.form.get("jeton", ""))
        match answer:
            case Forged():
                return door.refuse_form()
            case Contested():
                return lead_to_children(AccountNotice.CHILD_CONTESTED)
            case _:
                return lead_to_children()

    return blueprint


def lead_to_children(notice: AccountNotice | None = None) -> Response:
    """Return the way to « Mes enfants », where what was done is said."""
    query: dict[str, Any] = {"avis": str(notice)} if notice else {}
    return Response(status=303, headers={"Location": url_for("my_children.show", **query)})


def read_number(typed: str) -> int:
    """Return the number of an address, 0 (which no row has) for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS else 0
