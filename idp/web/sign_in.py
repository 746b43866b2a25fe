"""The sign-in pages: the two doors, then identifiant and password."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from idp.journeys.answers import (
    AskPerson,
    Forged,
    Lost,
    Notice,
    PersonStep,
    Profile,
    Respond,
    SignedInHere,
    SignInAnswer,
    SignInPage,
)
from idp.journeys.devices import find_device
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.headers import allow_form_target, allow_image
from idp.web.journeys_used import SignInJourney
from idp.web.way_back import respond_to_client
from idp.web.words import Complaints, say_notice

_TOO_MANY = 429
_PAGES = {
    PersonStep.ACCOUNT: "accounts.show",
    PersonStep.SIGN_IN: "sign_in.show",
    PersonStep.LEVEL: "step_up.show",
    PersonStep.IDENTITY: "identity_check.show",
    PersonStep.CHILDREN: "new_children.show",
    PersonStep.CONSENT: "consent.show",
    PersonStep.KEPT: "own_closing.kept",
}
_PROFILES = frozenset(one.value for one in Profile)
_ASKED_NOTICES = frozenset({Notice.FINISHED, Notice.NOT_FINISHED, Notice.IDLE, Notice.PROVE, Notice.CLOSED})


def sign_in_blueprint(
    journey: SignInJourney, cookies: Cookies, *, logout_path: str = "/idp/profile/Logout"
) -> Blueprint:
    """Return the pages `/` and `/connexion`.

    Args:
        journey: `idp.journeys.login.SignIn`.
        cookies: Whose `visit`, `session`, `accounts` and `known` cookies are read and set.
        logout_path: Where « Se déconnecter » leads.
    """
    blueprint = Blueprint("sign_in", __name__)
    responder = _Responder(cookies, logout_path)

    @blueprint.get("/")
    def home() -> Response:
        return _see_other(url_for("sign_in.show"))

    @blueprint.get("/connexion")
    def show() -> Response:
        profile = _read_profile()
        answer = journey.show(
            cookies.visit.read(request), cookies.session.read(request), request.args.get("d", ""), profile
        )
        return responder.respond(answer, profile)

    @blueprint.post("/connexion")
    def submit() -> Response:
        profile = _read_profile()
        answer = journey.submit(
            cookies.visit.read(request),
            request.args.get("d", ""),
            profile,
            request.form.get("jeton", ""),
            request.form.get("j_username", ""),
            request.form.get("j_password", ""),
            request.remote_addr or "",
            session=cookies.session.read(request),
            accounts=cookies.accounts.read(request),
            known=cookies.known.read(request),
            device=find_device(request.headers.get("User-Agent", "")),
        )
        if isinstance(answer, SignedInHere):
            # The page itself comes with the redirect, so that a refresh posts nothing again.
            response = _see_other(answer.page or url_for("sign_in.show"))
            cookies.keep_signed_in(response, answer.session_cookie, answer.accounts_cookie)
            cookies.known.keep(response, answer.known_cookie)
            return response
        return responder.respond(answer, profile)

    return blueprint


def respond_ask_person(answer: AskPerson, cookies: Cookies, *, profile: Profile | None = None) -> Response:
    """Return the redirect from an authorization request (or a bare `/connexion`) to the page at which it waits.

    Args:
        answer: What the journey said.
        cookies: Whose `visit` cookie ties the request to this browser.
        profile: The door already taken, if any.
    """
    query: dict[str, Any] = {"d": answer.handle}
    if answer.step is PersonStep.SIGN_IN:
        if profile is not None:
            query["profil"] = str(profile)
        notice = answer.notice or _asked_notice()
        if notice is not None:
            query["avis"] = str(notice)
    response = _see_other(url_for(_PAGES[answer.step], **query))
    cookies.visit.keep(response, answer.browser_cookie)
    cookies.keep_signed_in(response, answer.session_cookie, answer.accounts_cookie)
    cookies.known.keep(response, answer.known_cookie)
    return response


def _read_profile() -> Profile | None:
    asked = request.args.get("profil", "")
    return Profile(asked) if asked in _PROFILES else None


def _asked_notice() -> Notice | None:
    asked = request.args.get("avis", "")
    return Notice(asked) if asked in _ASKED_NOTICES else None


class _Responder:
    """Turns a journey's answer into a response."""

    def __init__(self, cookies: Cookies, logout_path: str) -> None:
        self._cookies = cookies
        self._logout_path = logout_path

    def respond(self, answer: SignInAnswer, profile: Profile | None) -> Response:
        match answer:
            case SignInPage():
                return _show(answer)
            case SignedInHere():
                page = render_template("sign_in/signed_in.html", page=answer, logout_path=self._logout_path)
                response = make_response(page)
                self._cookies.keep_signed_in(response, answer.session_cookie, answer.accounts_cookie)
                return response
            case Respond():
                return respond_to_client(answer, self._cookies)
            case AskPerson():
                return respond_ask_person(answer, self._cookies, profile=profile)
            case Forged():
                return render_error("form-too-old", act=Act(translate("Recharger la page"), _own_page(profile)))
            case Lost():
                return render_error("step-lost", act=Act(translate("Recommencer"), url_for("sign_in.show")))


def _own_page(profile: Profile | None) -> str:
    """Return the address of the form that was just refused, from the parameters that are ours alone."""
    handle = request.args.get("d", "")
    query: dict[str, Any] = {"d": handle} if handle else {}
    if profile is not None:
        query["profil"] = str(profile)
    return url_for("sign_in.show", **query)


def _show(page: SignInPage) -> Response:
    allow_form_target(page.form_action_uri)
    allow_image(page.logo_uri)
    query: dict[str, Any] = {"d": page.handle} if page.handle else {}
    template = "sign_in/profile.html" if page.profile is None else "sign_in/password.html"
    response = make_response(
        render_template(
            template,
            page=page,
            query=query,
            complaints=Complaints(page.faults),
            is_pair_wrong=any(fault.code == "wrong" for fault in page.faults),
            notice=say_notice(page.notice or _asked_notice()),
        )
    )
    if page.retry_after or any(fault.code == "slowed" for fault in page.faults):
        response.status_code = _TOO_MANY
        response.headers["Retry-After"] = str(page.retry_after)
    elif page.faults:
        response.status_code = 422
    return response


def _see_other(location: str) -> Response:
    # Not `redirect`: its page of HTML is read by nobody.
    return Response(status=303, headers={"Location": location})
