"""Signing out: the endpoint of OpenID Connect RP-Initiated Logout 1.0, the page that asks, and those that say that it is done."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from idp.journeys.answers import Forged
from idp.journeys.logout import AskLogout, Logout, LogoutAnswer, SignedOut, Stay
from idp.protocol import discovery
from idp.protocol.authorization_request import ShownError
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.headers import allow_form_target, allow_frame
from idp.web.languages import stay_at
from idp.web.requests import as_get, pairs

_LOG = "preau.oidc"
SignOutUpstream = Callable[[SignedOut], Response | None]
"""Returns the page that leads through FranceConnect's own logout; None when nobody knows where that is now."""


def add_logout(
    blueprint: Blueprint, logout: Logout, cookies: Cookies, sign_out_upstream: SignOutUpstream | None
) -> None:
    """Add the endpoint of the protocol and the form that asks.

    Args:
        blueprint: The protocol's.
        logout: Decides.
        cookies: Whose `session` cookie is read and forgotten.
        sign_out_upstream: Leads through the logout of FranceConnect; None without it.
    """
    responder = _LogoutResponder(cookies, sign_out_upstream)

    @blueprint.route(discovery.LOGOUT_PATH, methods=["GET", "POST"])
    def end_session() -> Response:
        """OpenID Connect RP-Initiated Logout 1.0 section 2."""
        held = cookies.session.read(request) or cookies.accounts.read(request)
        if request.method == "POST" and held is None:
            # As with authorization: a POST from another site comes without our Lax cookies.
            return make_response(redirect(as_get("oidc.end_session"), code=303))
        if request.method == "POST":
            stay_at(as_get("oidc.end_session"))
        params = pairs(request.form if request.method == "POST" else request.args)
        try:
            answer = logout.begin(params, cookies.session.read(request), cookies.accounts.read(request))
        except ShownError as refusal:
            return _show_refusal(refusal)
        return responder.respond(answer)

    @blueprint.post("/deconnexion")
    def confirm_logout() -> Response:
        stay_at(discovery.LOGOUT_PATH)  # which says to whoever is signed out that she is
        try:
            answer = logout.confirm(
                pairs(request.form),
                cookies.session.read(request),
                request.form.get("jeton", ""),
                leave=request.form.get("choix") == "oui",
                accounts=cookies.accounts.read(request),
            )
        except ShownError as refusal:
            return _show_refusal(refusal)
        return responder.respond(answer)


def _show_refusal(refusal: ShownError) -> Response:
    structlog.get_logger(_LOG).info("logout request refused", refused=refusal.key)
    return render_error(refusal.key, details=refusal.sent, registered=refusal.registered)


@dataclass(frozen=True, slots=True)
class _LogoutResponder:
    """Turns an answer of the logout into a response."""

    cookies: Cookies
    sign_out_upstream: SignOutUpstream | None

    def respond(self, answer: LogoutAnswer) -> Response:
        match answer:
            case AskLogout():
                allow_form_target(answer.return_uri)
                return make_response(render_template("logout_ask.html", page=answer))
            case SignedOut():
                return self._sign_out(answer)
            case Stay():
                return make_response(redirect(url_for("sign_in.show"), code=303))
            case Forged():
                return render_error("form-too-old", act=Act(translate("Recharger la page"), discovery.LOGOUT_PATH))

    def _sign_out(self, answer: SignedOut) -> Response:
        for frame in answer.frames:
            allow_frame(frame.uri)
        response = None
        if answer.id_token and self.sign_out_upstream is not None:
            response = self.sign_out_upstream(answer)
        if response is None and answer.return_uri and answer.frames:
            # The frames first, then on: a redirect would leave the ENTs open, and only the page can load them.
            response = make_response(render_template("logout_onward.html", page=answer))
        if response is None and answer.return_uri:
            allow_form_target(answer.return_uri)
            response = make_response(redirect(answer.return_uri, code=303))
        if response is None:
            response = make_response(render_template("logout_done.html", page=answer))
        self.cookies.session.forget(response)
        if self.cookies.accounts.read(request) is not None:
            self.cookies.accounts.forget(response)
        # On a shared phone, a page of the activation belongs to whoever was signed in.
        self.cookies.activation.forget(response)
        return response
