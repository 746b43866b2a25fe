"""The door of « Mon compte »: what every page there does first.

A page asks `AccountDoor.enter`, or `enter_proved` where it does something that could cost its holder the account, and gets `AtHome` (who is
there), or the response to give instead: to the sign-in page and back, or to « Confirmez que c'est vous » and back. A POST without its
session, or one that came too late, does nothing: the browser comes back to the page of the form, if it has one of the same path, or to
« Mes informations ».

    home = door.enter_proved()
    if isinstance(home, Response):
        return home

The page extends `account/shell.html`, which has the tabs and « Se déconnecter », and sets `tab` (« informations » or « enfants ») and
`heading`. Forms carry `journeys.account_forms.AccountForms.make_token` in `jeton`; a POST whose token is not its session's answers
`refuse_form`. What was done is said by `lead_home` with a notice.
"""

import re
from typing import Any

from flask import Response, current_app, request, url_for

from idp.journeys.account_answers import AccountNotice, AtHome, ProveFirst
from idp.journeys.account_gate import AccountGate
from idp.journeys.answers import AskPerson
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.sign_in import respond_ask_person

HOME = "/mon-compte"
"""« Mes informations »; every other page of an account is below it."""
_OURS = re.compile(rf"{HOME}(?:/[a-z0-9-]+)*")
_LONGEST = 64


class AccountDoor:
    """Who is there, or the response.

    Args:
        gate: Decides.
        cookies: Whose `session` and `visit` cookies are read.
    """

    def __init__(self, gate: AccountGate, cookies: Cookies) -> None:
        self._gate = gate
        self._cookies = cookies

    def enter(self) -> AtHome | Response:
        """Return who is signed in, or the response."""
        return self._answer(self._gate.enter(*self._read()))

    def enter_proved(self) -> AtHome | Response:
        """Return who is signed in and has proved herself in the last 15 minutes, or the response."""
        return self._answer(self._gate.enter_proved(*self._read()))

    def enter_with_form(self, form: str) -> AtHome | Response:
        """Do as `enter`, at the POST of a form that changes the session's secret (`AccountGate.enter_with_form`)."""
        session, browser, page = self._read()
        token = request.form.get("jeton", "")
        return self._answer(self._gate.enter_with_form(session, browser, page, form, token))

    def enter_proved_with_form(self, form: str) -> AtHome | Response:
        """Do as `enter_with_form`, for whoever has proved herself in the last 15 minutes."""
        session, browser, page = self._read()
        token = request.form.get("jeton", "")
        return self._answer(self._gate.enter_proved_with_form(session, browser, page, form, token))

    def ask_person(self, answer: AskPerson) -> Response:
        """Return the way to the sign-in page."""
        return respond_ask_person(answer, self._cookies)

    def lead_home(self, notice: AccountNotice | None = None) -> Response:
        """Return the way to « Mes informations », where what was done is said."""
        query: dict[str, Any] = {"avis": str(notice)} if notice else {}
        return _see_other(url_for("own_account.show", **query))

    def refuse_form(self) -> Response:
        """Return what a form of another session, or of nobody's, gets: nothing was done."""
        return render_error("form-too-old", act=Act(translate("Recharger la page"), own_page()))

    def _read(self) -> tuple[str | None, str | None, str]:
        return self._cookies.session.read(request), self._cookies.visit.read(request), own_page()

    def _answer(self, answer: AtHome | AskPerson | ProveFirst) -> AtHome | Response:
        match answer:
            case AtHome():
                return answer
            case AskPerson():
                return self.ask_person(answer)
            case ProveFirst():
                return _see_other(url_for("own_account.prove", vers=answer.page))


def own_page() -> str:
    """Return the page that the browser comes back to: the one that is asked for, where it can be asked for."""
    adapter = current_app.create_url_adapter(request)
    if request.method == "POST" and (adapter is None or not adapter.test(request.path, "GET")):
        return HOME
    # Of a path with a part of its own (`…/regroupement/N/annuler`), the browser chooses every sign, a line's end too.
    return request.path if is_ours(request.path) else HOME


def is_ours(page: str) -> bool:
    """Tell whether this can be the path of a page of the account, to which a browser may be sent."""
    return _OURS.fullmatch(page) is not None and len(page) <= _LONGEST


def _see_other(location: str) -> Response:
    return Response(status=303, headers={"Location": location})
