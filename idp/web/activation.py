"""Pages of the activation: parse the form, call the journey, show its answer."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from idp.journeys.answers import (
    ActivationAnswer,
    ActivationPage,
    Forged,
    GoTo,
    Left,
    Lost,
    Notice,
    NotMe,
    Profile,
    Shown,
    Step,
    TypedIdentity,
)
from idp.journeys.devices import find_device
from idp.people.phones import COUNTRY_CODES
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.journeys_used import ActivationJourney
from idp.web.pupil_answers import read_answers
from idp.web.words import Complaints, NoticeWords, say_notice

PATHS = {
    Step.IDENTITY: "/identite",
    Step.CODE: "/code",
    Step.KINSHIP: "/enfants",
    Step.NOT_MINE: "/enfants/confirmation",
    Step.NOBODY_LEFT: "/aucun-eleve",
    Step.PASSWORD: "/mot-de-passe",
    Step.DONE: "/termine",
    Step.ALREADY_ACTIVE: "/deja-active",
    Step.LOCKED: "/trop-d-essais",
    Step.PHONE: "/telephone",
    Step.LINKED: "/relie",
    Step.OTHER_IDENTITY: "/autre-identite",
    Step.FRANCECONNECT_ONLY: "/par-franceconnect",
    Step.CONTRADICTED: "/a-verifier",
}
_TEMPLATES = {
    Step.IDENTITY: "activation/identity.html",
    Step.CODE: "activation/code.html",
    Step.KINSHIP: "activation/kinship.html",
    Step.NOT_MINE: "activation/not_mine.html",
    Step.NOBODY_LEFT: "activation/nobody_left.html",
    Step.PASSWORD: "activation/password.html",
    Step.DONE: "activation/done.html",
    Step.ALREADY_ACTIVE: "activation/already_active.html",
    Step.LOCKED: "activation/locked.html",
    Step.PHONE: "activation/phone.html",
    Step.LINKED: "activation/linked.html",
    Step.OTHER_IDENTITY: "activation/other_identity.html",
    Step.FRANCECONNECT_ONLY: "activation/franceconnect_only.html",
    Step.CONTRADICTED: "activation/call_office.html",
}

Browser = str | None


def activation_blueprint(journey: ActivationJourney, cookies: Cookies) -> Blueprint:
    """Return the pages under `/activation`.

    Args:
        journey: `idp.journeys.activation.Activation`.
        cookies: Whose `activation` cookie is the browser's part in the journey.
    """
    blueprint = Blueprint("activation", __name__, url_prefix="/activation")
    responder = _Responder(cookies)

    @blueprint.get("")
    def begin() -> Response:
        return responder.respond(journey.open(cookies.activation.read(request), request.args.get("d", "")))

    @blueprint.get("/appeler-le-secretariat")
    def call_office() -> Response:
        answer = journey.show(cookies.activation.read(request), Step.CODE)
        if isinstance(answer, Shown) and answer.page.step is Step.CODE:
            return make_response(render_template("activation/call_office.html", page=answer.page))
        return responder.respond(answer)

    for step in PATHS:
        _add_page(blueprint, journey, responder, step)
    _add_forms(blueprint, journey, responder)
    return blueprint


def _add_page(blueprint: Blueprint, journey: ActivationJourney, responder: "_Responder", step: Step) -> None:
    def show() -> Response:
        return responder.respond(journey.show(responder.read_browser(), step, responder.read_session()))

    blueprint.add_url_rule(PATHS[step], f"show_{step.name.lower()}", show, methods=["GET"])


def _add_forms(blueprint: Blueprint, journey: ActivationJourney, responder: "_Responder") -> None:
    def add(path: str, name: str, submit: Callable[[Browser, str], ActivationAnswer]) -> None:
        def take() -> Response:
            return responder.respond(submit(responder.read_browser(), request.form.get("jeton", "")))

        blueprint.add_url_rule(path, name, take, methods=["POST"])

    add(
        PATHS[Step.IDENTITY],
        "submit_identity",
        lambda browser, token: journey.submit_identity(browser, token, _read_identity(), _read_address()),
    )
    add(
        PATHS[Step.PHONE],
        "submit_phone",
        lambda browser, token: journey.submit_phone(
            browser, token, request.form.get("indicatif", "+33"), request.form.get("telephone", ""), _read_address()
        ),
    )
    add(
        PATHS[Step.CODE],
        "submit_code",
        lambda browser, token: journey.submit_code(browser, token, request.form.get("code", "")),
    )
    add(
        "/code/renvoi",
        "resend_code",
        lambda browser, token: journey.resend_code(browser, token, _read_address()),
    )
    add(
        PATHS[Step.KINSHIP],
        "submit_kinship",
        lambda browser, token: journey.submit_kinship(
            browser, token, read_answers(), responder.read_session(), responder.read_accounts(), _read_device()
        ),
    )
    add(
        PATHS[Step.NOT_MINE],
        "submit_not_mine",
        lambda browser, token: journey.submit_not_mine(
            browser,
            token,
            request.form.get("reponse") == "oui",
            responder.read_session(),
            responder.read_accounts(),
            _read_device(),
        ),
    )
    add(
        PATHS[Step.PASSWORD],
        "submit_password",
        lambda browser, token: journey.submit_password(
            browser,
            token,
            request.form.get("mot-de-passe", ""),
            request.form.get("confirmation", ""),
            responder.read_session(),
        ),
    )
    add(
        PATHS[Step.ALREADY_ACTIVE],
        "choose_new_password",
        lambda browser, token: journey.choose_new_password(browser, token, responder.read_session()),
    )
    add("/annuler", "cancel", journey.cancel)


def _read_address() -> str:
    """Return the peer's address, which the runtime has taken from trusted proxies only."""
    return request.remote_addr or ""


def _read_device() -> str:
    return find_device(request.headers.get("User-Agent", ""))


def _read_identity() -> TypedIdentity:
    form = request.form
    return TypedIdentity(
        family_name=form.get("nom", ""),
        given_name=form.get("prenom", ""),
        country=form.get("indicatif", "+33"),
        number=form.get("telephone", ""),
    )


class _Responder:
    """Turns a journey's answer into a response."""

    def __init__(self, cookies: Cookies) -> None:
        self._cookies = cookies

    def read_browser(self) -> Browser:
        return self._cookies.activation.read(request)

    def read_session(self) -> Browser:
        return self._cookies.session.read(request)

    def read_accounts(self) -> Browser:
        return self._cookies.accounts.read(request)

    def respond(self, answer: ActivationAnswer) -> Response:
        match answer:
            case Shown():
                response = self._show(answer.page)
                self._cookies.activation.keep(response, answer.cookie)
                return response
            case GoTo():
                return self._go(answer)
            case Left():
                return self._leave(answer)
            case Forged():
                return render_error("form-too-old", act=Act(translate("Recharger la page"), _own_page()))
            case Lost() | NotMe():
                return render_error("step-lost", act=Act(translate("Recommencer"), url_for("activation.begin")))

    def _go(self, answer: GoTo) -> Response:
        notice: dict[str, Any] = {"avis": str(answer.notice)} if answer.notice else {}
        response = _see_other(url_for(f"activation.show_{answer.step.name.lower()}", **notice))
        self._cookies.activation.keep(response, answer.cookie)
        self._cookies.keep_signed_in(response, answer.session_cookie, answer.accounts_cookie)
        return response

    def _leave(self, answer: Left) -> Response:
        """Go to the sign-in page; straight to the parents' door when the journey was finished."""
        query: dict[str, Any] = {"d": answer.interaction_handle} if answer.interaction_handle else {}
        if answer.notice is not None:
            query |= {"profil": str(Profile.RESPONSABLE), "avis": str(answer.notice)}
        response = _see_other(url_for("sign_in.show", **query))
        self._cookies.activation.forget(response)
        return response

    def _show(self, page: ActivationPage) -> Response:
        notice = page.notice or _asked_notice()
        response = make_response(
            render_template(
                _TEMPLATES[page.step],
                page=page,
                complaints=Complaints(page.faults, page.rules_met),
                notice=_say_page_notice(notice, page),
                countries=COUNTRY_CODES,
            )
        )
        if page.step is Step.LOCKED:
            response.status_code = 429
            response.headers["Retry-After"] = str(page.retry_after)
        elif page.faults:
            response.status_code = 422
        return response


def _own_page() -> str:
    """Return the page of the form that was just refused: its own path, or the step where the person stands."""
    if request.path.removeprefix("/activation") in PATHS.values():
        return request.path
    return url_for("activation.begin")


def _asked_notice() -> Notice | None:
    """Return the notice that a redirect brings along; the address holds its name alone, never anybody's data."""
    asked = request.args.get("avis", "")
    return Notice(asked) if asked in set(Notice) else None


def _say_page_notice(notice: Notice | None, page: ActivationPage) -> NoticeWords | None:
    if notice is Notice.CODE_ON_ITS_WAY:
        seconds = int(page.notice_values.get("n", page.resend_in))
        # An address opened later: nothing is left to wait for.
        return say_notice(notice, seconds) if seconds > 0 else None
    return say_notice(notice)


def _see_other(location: str) -> Response:
    return make_response(redirect(location, code=303))
