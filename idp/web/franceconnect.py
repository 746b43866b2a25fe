"""The provider's own pages around FranceConnect: leave for it, come back from it, go on to the ENT, sign out of it.

A form's POST never ends in a redirect to FranceConnect, nor the way back in one to an ENT: browsers check `form-action` along the whole
chain. Both ways lead over a page that goes on by itself, with a link for those who have to press.
"""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from idp.journeys.account_answers import AccountNotice, LinkingDone
from idp.journeys.answers import AskPerson, GoTo, Lost, Notice, NotMe, Profile, Recognised, Respond, SignedInHere
from idp.journeys.devices import find_device
from idp.journeys.franceconnect import FranceConnect, Where
from idp.journeys.franceconnect_proof import FranceConnectRefusal, ProvedIdentity
from idp.journeys.logout import Frame, SignedOut
from idp.journeys.ports import Secrets
from idp.web.cookies import Cookies
from idp.web.error_pages import Act, render_error
from idp.web.french import translate
from idp.web.journeys_used import ActivationJourney
from idp.web.languages import stay_at
from idp.web.sign_in import respond_ask_person
from idp.web.way_back import respond_to_client

RETRY_SECONDS = 60
_LEAVING = "leaving-franceconnect"
_ERRORS = {
    FranceConnectRefusal.REFUSED: "franceconnect-refused",
    FranceConnectRefusal.UNAVAILABLE: "franceconnect-unavailable",
    FranceConnectRefusal.UNTRUSTED: "franceconnect-unavailable",
    FranceConnectRefusal.MISCONFIGURED: "franceconnect-unavailable",
}


class Upstream(Protocol):
    """FranceConnect, as these pages use it."""

    def begin(self, context: str, *, prompt: str) -> Response:
        """Send the browser there."""

    def end_session_uri(self, id_token: str, state: str) -> str | None:
        """Return where the browser signs out there; None when that cannot be known now."""


@dataclass(frozen=True, slots=True)
class FranceConnectPages:
    """What the bridge calls with its answers, and where logout turns to.

    Attributes:
        journey: Decides.
        activation: Erases what « Ce n'est pas vous ? » is about.
        upstream: FranceConnect.
        cookies: The provider's.
        secrets: Seals where a browser goes after it has signed out there.
    """

    journey: FranceConnect
    activation: ActivationJourney
    upstream: Upstream
    cookies: Cookies
    secrets: Secrets

    def blueprint(self) -> Blueprint:
        """Return the pages, below `/franceconnect`."""
        pages = Blueprint("franceconnect", __name__)
        views: dict[str, tuple[str, Callable[[], Response]]] = {
            "/debut": ("GET", self.leave),
            "/continuer": ("GET", self.go_on),
            "/pas-moi": ("POST", self.not_me),
            "/deconnecte": ("GET", self.come_out),
            "/refus": ("GET", self.show_refusal),
        }
        for path, (method, view) in views.items():
            pages.add_url_rule(path, view.__name__, view, methods=[method])
        return pages

    # --- out and back -----------------------------------------------------------------------------------------------------------------

    def leave(self) -> Response:
        """Leave for FranceConnect, for the request of the sign-in page."""
        handle = request.args.get("d", "")
        answer = self.journey.leave(self.cookies.visit.read(request), handle)
        if isinstance(answer, Lost):
            return self._lost()
        return self.upstream.begin(handle, prompt=answer.prompt)

    def come_back(self, proof: ProvedIdentity, handle: str) -> Response:
        """Answer the browser whose identity was verified."""
        answer = self.journey.recognise(
            proof,
            self.cookies.visit.read(request),
            handle,
            self.cookies.session.read(request),
            self.cookies.accounts.read(request),
            find_device(request.headers.get("User-Agent", "")),
        )
        if isinstance(answer, Lost):
            return self._lost()
        if isinstance(answer, AskPerson):
            return respond_ask_person(answer, self.cookies, profile=Profile.RESPONSABLE)
        if isinstance(answer, LinkingDone):
            return _see_other(url_for("own_account.show", avis=str(answer.notice)))
        if isinstance(answer, GoTo):
            response = _see_other(url_for(f"activation.show_{answer.step.name.lower()}"))
            self.cookies.activation.keep(response, answer.cookie)
            return response
        return self._greet(answer)

    def refuse(self, refusal: FranceConnectRefusal, handle: str, detail: str) -> Response:
        """Answer the browser when there is no identity: what to do, never why in the words of a protocol."""
        where = self.journey.refuse(
            refusal, self.cookies.visit.read(request), handle, detail, g.get("request_reference", "")
        )
        structlog.get_logger("preau.franceconnect").warning("no identity", refusal=str(refusal), why=detail)
        if where is Where.ACCOUNT and refusal is not FranceConnectRefusal.LOST:
            return self._refuse_linking(refusal)
        known = handle if where is Where.SIGN_IN else ""
        if refusal is FranceConnectRefusal.CANCELLED:
            query: dict[str, Any] = {"profil": str(Profile.RESPONSABLE), **({"d": known} if known else {})}
            return _see_other(url_for("sign_in.show", avis=str(Notice.NOT_FINISHED), **query))
        if refusal is FranceConnectRefusal.LOST:
            return self._lost()
        return self._show_refusal(refusal, known)

    def show_refusal(self) -> Response:
        """Say again why there is no identity, in another language: what FranceConnect answered is good for one request."""
        asked = request.args.get("refus", "")
        if asked not in _ERRORS:
            return self._lost()
        return self._show_refusal(FranceConnectRefusal(asked), request.args.get("d", ""))

    def _show_refusal(self, refusal: FranceConnectRefusal, handle: str) -> Response:
        handles: dict[str, Any] = {"d": handle} if handle else {}
        query = {"profil": str(Profile.RESPONSABLE), **handles}
        stay_at(url_for("franceconnect.show_refusal", refus=str(refusal), **handles))
        if refusal is FranceConnectRefusal.REFUSED:
            act = Act(translate("Choisir un autre moyen"), url_for("sign_in.show", **query))
            return render_error(_ERRORS[refusal], act=act)
        return render_error(
            _ERRORS[refusal],
            act=Act(translate("Utiliser mon identifiant"), url_for("sign_in.show", **query)),
            other=Act(translate("Réessayer"), url_for("franceconnect.leave", d=handle)) if handle else None,
            retry_after=RETRY_SECONDS,
        )

    def _refuse_linking(self, refusal: FranceConnectRefusal) -> Response:
        """Answer somebody who left from her account, where nothing has changed."""
        if refusal in _ERRORS:
            stay_at(url_for("own_account.show"))
            act = Act(translate("Revenir à mes informations"), url_for("own_account.show"))
            wait = None if refusal is FranceConnectRefusal.REFUSED else RETRY_SECONDS
            return render_error(_ERRORS[refusal], act=act, retry_after=wait)
        return _see_other(url_for("own_account.show", avis=str(AccountNotice.FRANCECONNECT_NOT_FINISHED)))

    def go_on(self) -> Response:
        """Go on with the ENT's request, by a plain navigation that no form began."""
        answer = self.journey.resume(
            self.cookies.visit.read(request), request.args.get("d", ""), self.cookies.session.read(request)
        )
        match answer:
            case Respond():
                return respond_to_client(answer, self.cookies)
            case AskPerson():
                return respond_ask_person(answer, self.cookies, profile=Profile.RESPONSABLE)
            case SignedInHere():
                return _see_other(answer.page or url_for("sign_in.show"))
            case Lost():
                return self._lost()

    # --- out for good -----------------------------------------------------------------------------------------------------------------

    def not_me(self) -> Response:
        """« Ce n'est pas vous ? »: forget who was recognised, here and there, and keep the ENT's request."""
        answer = self.activation.leave_franceconnect(
            self.cookies.activation.read(request), request.form.get("jeton", "")
        )
        if not isinstance(answer, NotMe):
            return self._lost()
        query: dict[str, Any] = {"d": answer.interaction_handle} if answer.interaction_handle else {}
        address = url_for("sign_in.show", profil=str(Profile.RESPONSABLE), **query)
        response = self._lead_out(answer.id_token, address) or _see_other(address)
        self.cookies.activation.forget(response)
        return response

    def sign_out(self, answer: SignedOut) -> Response | None:
        """Return the page that leads through FranceConnect's own logout; None when nobody knows where that is now.

        The session here is over already: nothing depends on coming back. The page loads the ENTs' frames before it goes on: whoever
        does not come back has signed out of them.
        """
        return self._lead_out(answer.id_token, answer.return_uri, answer.still_open, answer.frames)

    def _lead_out(
        self, id_token: str, address: str, still_open: Sequence[str] = (), frames: Sequence[Frame] = ()
    ) -> Response | None:
        """Return the page that leads out.

        Args:
            id_token: The hint.
            address: Where the browser goes when it comes back: a registered address or one of ours; "" for « Vous êtes déconnecté ».
            still_open: ENTs that may still be open.
            frames: What the browser loads to sign out of ENTs.
        """
        state = self.secrets.token()
        uri = self.upstream.end_session_uri(id_token, state)
        if uri is None:
            return None
        response = make_response(
            render_template("franceconnect/leaving.html", uri=uri, still_open=still_open, frames=frames)
        )
        sealed = self.secrets.seal(_LEAVING, json.dumps([state, address]).encode())
        self.cookies.leaving.keep(response, base64.urlsafe_b64encode(sealed).decode())
        return response

    def come_out(self) -> Response:
        """Come back from FranceConnect's logout: on to where this browser wanted to go, and nowhere else.

        FranceConnect's form ends here: a redirect to a third site would be blocked, so that an ENT is reached over a page.
        """
        address = self._read_leaving()
        is_ours = address.startswith("/")
        page = "" if is_ours else render_template("franceconnect/out.html", uri=address)
        response = _see_other(address) if is_ours else make_response(page)
        self.cookies.leaving.forget(response)
        return response

    def _read_leaving(self) -> str:
        """Return where to go, "" when this browser did not leave with this state."""
        try:
            sealed = base64.urlsafe_b64decode(self.cookies.leaving.read(request) or "")
            state, address = json.loads(self.secrets.unseal(_LEAVING, sealed))
        except ValueError:
            return ""
        return str(address) if state == request.args.get("state", "") else ""

    def _greet(self, answer: Recognised) -> Response:
        page = render_template("franceconnect/recognised.html", page=answer)
        response = make_response(page)
        self.cookies.keep_signed_in(response, answer.session_cookie, answer.accounts_cookie)
        return response

    def _lost(self) -> Response:
        """A reload, a doubled callback, another tab's step: whoever is signed in is greeted, the others begin again."""
        if self.cookies.session.read(request):
            return _see_other(url_for("sign_in.show"))
        return render_error("step-lost", act=Act(translate("Recommencer"), url_for("sign_in.show")))


def _see_other(location: str) -> Response:
    return Response(status=303, headers={"Location": location})
