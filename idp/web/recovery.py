"""Pages of « Identifiant oublié » and « Mot de passe oublié »: parse the form, call the journey, show its answer."""

from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from idp.journeys.answers import Forged, Left, Lost, Notice, Profile, TypedDate, TypedIdentity
from idp.journeys.recovery_answers import (
    LINK_DOOR,
    PASSWORD_DOOR,
    Channel,
    LinkGone,
    RecoveryAnswer,
    RecoveryGoTo,
    RecoveryPage,
    RecoveryShown,
    RecoveryStep,
)
from idp.people.phones import COUNTRY_CODES
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.words import Complaints, NoticeWords, say_notice

NAMES_DOOR = "/identifiant-oublie"
PATHS = {
    RecoveryStep.NAMES: f"{NAMES_DOOR}/nom",
    RecoveryStep.ADDRESS: f"{NAMES_DOOR}/e-mail",
    RecoveryStep.SENT: f"{NAMES_DOOR}/envoye",
    RecoveryStep.IDENTIFIANT: f"{PASSWORD_DOOR}/identifiant",
    RecoveryStep.CODE: f"{PASSWORD_DOOR}/code",
    RecoveryStep.MAILED: f"{PASSWORD_DOOR}/message",
    RecoveryStep.LINK: f"{PASSWORD_DOOR}/continuer",
    RecoveryStep.DATE: f"{PASSWORD_DOOR}/date-de-naissance",
    RecoveryStep.PASSWORD: f"{PASSWORD_DOOR}/nouveau",
    RecoveryStep.DONE: f"{PASSWORD_DOOR}/termine",
    RecoveryStep.LOCKED: f"{PASSWORD_DOOR}/trop-d-essais",
    RecoveryStep.OFFICE: f"{PASSWORD_DOOR}/secretariat",
    RecoveryStep.GONE: f"{PASSWORD_DOOR}/lien-perime",
}
RESEND = f"{PASSWORD_DOOR}/renvoi"
CANCEL = f"{PASSWORD_DOOR}/annuler"
_TEMPLATES = {
    RecoveryStep.NAMES: "recovery/names.html",
    RecoveryStep.ADDRESS: "recovery/names.html",
    RecoveryStep.SENT: "recovery/sent.html",
    RecoveryStep.IDENTIFIANT: "recovery/identifiant.html",
    RecoveryStep.CODE: "recovery/code.html",
    RecoveryStep.MAILED: "recovery/mailed.html",
    RecoveryStep.LINK: "recovery/link.html",
    RecoveryStep.DATE: "recovery/date.html",
    RecoveryStep.PASSWORD: "recovery/password.html",
    RecoveryStep.DONE: "recovery/done.html",
    RecoveryStep.LOCKED: "activation/locked.html",
    RecoveryStep.OFFICE: "recovery/office.html",
}

Browser = str | None


class RecoveryJourney(Protocol):
    """Recovery as its pages see it. `browser` is the value of the recovery cookie, `form_token` the form's `jeton`."""

    def open(self, browser: Browser, door: RecoveryStep, interaction_handle: str) -> RecoveryAnswer:
        """Begin, or join what is under way in this browser."""

    def show(self, browser: Browser, step: RecoveryStep) -> RecoveryAnswer:
        """Show the page of a step."""

    def submit_names(self, browser: Browser, form_token: str, identity: TypedIdentity, address: str) -> RecoveryAnswer:
        """Take the names and the number."""

    def submit_address(
        self, browser: Browser, form_token: str, identity: TypedIdentity, email: str, address: str
    ) -> RecoveryAnswer:
        """Take the names and the e-mail address."""

    def submit_identifiant(
        self, browser: Browser, form_token: str, identifiant: str, channel: Channel, address: str
    ) -> RecoveryAnswer:
        """Take the identifiant, and whether a code or a link is sent."""

    def open_link(self, browser: Browser, token: str) -> RecoveryAnswer:
        """Open a mailed link, and consume nothing."""

    def submit_link(self, browser: Browser, form_token: str) -> RecoveryAnswer:
        """Go on with a mailed link."""

    def submit_code(self, browser: Browser, form_token: str, code: str) -> RecoveryAnswer:
        """Take the security code."""

    def resend(self, browser: Browser, form_token: str, address: str) -> RecoveryAnswer:
        """Send another code or link."""

    def submit_date(self, browser: Browser, form_token: str, date: TypedDate) -> RecoveryAnswer:
        """Take the birth date of one child."""

    def submit_password(
        self, browser: Browser, form_token: str, password: str, confirmation: str, address: str
    ) -> RecoveryAnswer:
        """Take the new password."""

    def cancel(self, browser: Browser, form_token: str) -> RecoveryAnswer:
        """Erase what was typed and leave."""


def recovery_blueprint(journey: RecoveryJourney, cookies: Cookies) -> Blueprint:
    """Return the pages behind the two « oublié » links.

    Args:
        journey: `idp.journeys.recovery.Recovery`.
        cookies: Whose `recovery` cookie is the browser's part in the journey.
    """
    blueprint = Blueprint("recovery", __name__)
    responder = _Responder(cookies)

    @blueprint.get(NAMES_DOOR)
    def forgotten_identifiant() -> Response:
        return responder.respond(journey.open(responder.read_browser(), RecoveryStep.NAMES, _handle()))

    @blueprint.get(PASSWORD_DOOR)
    def forgotten_password() -> Response:
        return responder.respond(journey.open(responder.read_browser(), RecoveryStep.IDENTIFIANT, _handle()))

    @blueprint.get(LINK_DOOR)
    def open_link() -> Response:
        return responder.respond(journey.open_link(responder.read_browser(), request.args.get("l", "")))

    for step in PATHS:
        _add_page(blueprint, journey, responder, step)
    _add_forms(blueprint, journey, responder)
    return blueprint


def _add_page(blueprint: Blueprint, journey: RecoveryJourney, responder: "_Responder", step: RecoveryStep) -> None:
    def show() -> Response:
        return responder.respond(journey.show(responder.read_browser(), step))

    blueprint.add_url_rule(PATHS[step], f"show_{step.name.lower()}", show, methods=["GET"])


def _add_forms(blueprint: Blueprint, journey: RecoveryJourney, responder: "_Responder") -> None:
    def add(path: str, name: str, submit: Callable[[Browser, str], RecoveryAnswer]) -> None:
        def take() -> Response:
            return responder.respond(submit(responder.read_browser(), request.form.get("jeton", "")))

        blueprint.add_url_rule(path, name, take, methods=["POST"])

    add(
        PATHS[RecoveryStep.NAMES],
        "submit_names",
        lambda browser, token: journey.submit_names(browser, token, _read_identity(), _read_address()),
    )
    add(
        PATHS[RecoveryStep.ADDRESS],
        "submit_address",
        lambda browser, token: journey.submit_address(
            browser, token, _read_identity(), request.form.get("email", ""), _read_address()
        ),
    )
    add(
        PATHS[RecoveryStep.IDENTIFIANT],
        "submit_identifiant",
        lambda browser, token: journey.submit_identifiant(
            browser, token, request.form.get("identifiant", ""), _read_channel(), _read_address()
        ),
    )
    add(
        PATHS[RecoveryStep.CODE],
        "submit_code",
        lambda browser, token: journey.submit_code(browser, token, request.form.get("code", "")),
    )
    add(PATHS[RecoveryStep.LINK], "submit_link", journey.submit_link)
    add(RESEND, "resend", lambda browser, token: journey.resend(browser, token, _read_address()))
    add(
        PATHS[RecoveryStep.DATE],
        "submit_date",
        lambda browser, token: journey.submit_date(browser, token, _read_date()),
    )
    add(
        PATHS[RecoveryStep.PASSWORD],
        "submit_password",
        lambda browser, token: journey.submit_password(
            browser,
            token,
            request.form.get("mot-de-passe", ""),
            request.form.get("confirmation", ""),
            _read_address(),
        ),
    )
    add(CANCEL, "cancel", journey.cancel)


def _handle() -> str:
    return request.args.get("d", "")


def _read_address() -> str:
    """Return the peer's address, which the runtime has taken from trusted proxies only."""
    return request.remote_addr or ""


def _read_identity() -> TypedIdentity:
    form = request.form
    return TypedIdentity(
        family_name=form.get("nom", ""),
        given_name=form.get("prenom", ""),
        country=form.get("indicatif", "+33"),
        number=form.get("telephone", ""),
    )


def _read_channel() -> Channel:
    """Return what was chosen; a form without it is one of a code."""
    return Channel.MAIL if request.form.get("moyen") == Channel.MAIL else Channel.SMS


def _read_date() -> TypedDate:
    form = request.form
    return TypedDate(form.get("jour", ""), form.get("mois", ""), form.get("annee", ""))


class _Responder:
    """Turns a journey's answer into a response."""

    def __init__(self, cookies: Cookies) -> None:
        self._cookies = cookies

    def read_browser(self) -> Browser:
        return self._cookies.recovery.read(request)

    def respond(self, answer: RecoveryAnswer) -> Response:
        match answer:
            case RecoveryShown():
                response = self._show(answer.page)
                self._cookies.recovery.keep(response, answer.cookie)
                return response
            case RecoveryGoTo():
                return self._go(answer)
            case Left():
                return self._leave(answer)
            case Forged():
                return render_error("form-too-old", act=Act(translate("Recharger la page"), _own_page()))
            case LinkGone():
                return _refuse_link()
            case Lost():
                return render_error("step-lost", act=Act(translate("Recommencer"), _own_door()))

    def _go(self, answer: RecoveryGoTo) -> Response:
        notice: dict[str, Any] = {"avis": str(answer.notice)} if answer.notice else {}
        response = _see_other(url_for(f"recovery.show_{answer.step.name.lower()}", **notice))
        self._cookies.recovery.keep(response, answer.cookie)
        return response

    def _leave(self, answer: Left) -> Response:
        """Go to the sign-in page; straight to the parents' door when the journey was finished."""
        query: dict[str, Any] = {"d": answer.interaction_handle} if answer.interaction_handle else {}
        if answer.notice is not None:
            query |= {"profil": str(Profile.RESPONSABLE), "avis": str(answer.notice)}
        response = _see_other(url_for("sign_in.show", **query))
        self._cookies.recovery.forget(response)
        return response

    def _show(self, page: RecoveryPage) -> Response:
        if page.step is RecoveryStep.GONE:
            return _refuse_link()
        response = make_response(
            render_template(
                _TEMPLATES[page.step],
                page=page,
                complaints=Complaints(page.faults, page.rules_met),
                notice=_say_page_notice(page.notice or _asked_notice(), page),
                countries=COUNTRY_CODES,
                query={"d": page.handle} if page.handle else {},
            )
        )
        if page.step is RecoveryStep.LOCKED:
            response.status_code = 429
            response.headers["Retry-After"] = str(page.retry_after)
        elif page.faults:
            response.status_code = 422
        return response


def _refuse_link() -> Response:
    act = Act(translate("Demander un nouveau lien"), url_for("recovery.forgotten_password"))
    return render_error("link-gone", act=act)


def _own_door() -> str:
    door = "forgotten_identifiant" if request.path.startswith(NAMES_DOOR) else "forgotten_password"
    return url_for(f"recovery.{door}")


def _own_page() -> str:
    """Return the page of the form that was just refused: its own path, or the step where the person stands."""
    return request.path if request.path in PATHS.values() else _own_door()


def _asked_notice() -> Notice | None:
    """Return the notice that a redirect brings along; the address holds its name alone, never anybody's data."""
    asked = request.args.get("avis", "")
    return Notice(asked) if asked in set(Notice) else None


def _say_page_notice(notice: Notice | None, page: RecoveryPage) -> NoticeWords | None:
    if notice in {Notice.CODE_ON_ITS_WAY, Notice.LINK_ON_ITS_WAY}:
        seconds = int(page.notice_values.get("n", page.resend_in))
        # An address opened later: nothing is left to wait for.
        return say_notice(notice, seconds) if seconds > 0 else None
    return say_notice(notice)


def _see_other(location: str) -> Response:
    return make_response(redirect(location, code=303))
