"""The provider says that a session ended, and we end ours.

Its server tells ours (back channel), where what is believed is the signature; or its page loads ours in a frame of the person's browser
(front channel), where it is `sid`, which nobody else knows. No cookie is read: from a frame in another site's page none arrives.
"""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from ent_client.exchange import SignInError
from ent_client.logout_token import LogoutTokenError
from ent_client.runtime import log
from ent_client.settings import BACKCHANNEL_LOGOUT_PATH, FRONTCHANNEL_LOGOUT_PATH

if TYPE_CHECKING:
    from ent_client.app import Ent

# What ended is remembered for a while, and anybody may name a session to end.
LONGEST_SID = 255


def logout_blueprint(ent: "Ent") -> Blueprint:
    """Give the addresses at which the provider tells one ENT of its logouts."""
    doors = LogoutDoors(ent)
    logout = Blueprint("logout", __name__)
    logout.add_url_rule(BACKCHANNEL_LOGOUT_PATH, "backchannel", doors.take_logout_token, methods=["POST"])
    logout.add_url_rule(FRONTCHANNEL_LOGOUT_PATH, "frontchannel", doors.show_frame)
    return logout


class LogoutDoors:
    """One method per address."""

    def __init__(self, ent: "Ent") -> None:
        self._ent = ent

    def take_logout_token(self) -> Response:
        """OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8: end what a valid logout token names, or answer 400 and end nothing."""
        try:
            sent = request.form.getlist("logout_token")
        except RequestEntityTooLarge:
            sent = []
        if request.mimetype != "application/x-www-form-urlencoded" or len(sent) != 1:
            return _refuse("form", "The body must be a form (application/x-www-form-urlencoded) with one logout_token.")
        try:
            token = self._ent.provider.read_logout_token(sent[0], self._ent.logout_tokens.note)
        except LogoutTokenError as refusal:
            return _refuse(refusal.code, refusal.sentence)
        except SignInError as failure:
            return _refuse(failure.code, "The keys of the issuer cannot be read now.")
        self._end(token.sid, token.sub)
        return make_response("", 200)

    def show_frame(self) -> Response:
        """OpenID Connect Front-Channel Logout 1.0, 3: end the session of `iss` and `sid`; only the provider's pages may frame the answer.

        The text lets a provider leave both out and the cookie say whose session ends. Not here: any page could then sign people out.
        """
        issuers, sids = request.args.getlist("iss"), request.args.getlist("sid")
        named = issuers == [self._ent.settings.issuer] and len(sids) == 1 and 0 < len(sids[0]) <= LONGEST_SID
        if named:
            self._end(sids[0], "")
        response = make_response(render_template("cadre.html", termine=named), 200 if named else 400)
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors {self._ent.settings.issuer_origin}"
        )
        return response

    def _end(self, sid: str, sub: str) -> None:
        ended = self._ent.sessions.end(sid, sub)
        log("sessions ended by the provider", named_by="sid" if sid else "sub", ended=ended)


def _refuse(code: str, description: str) -> Response:
    log("logout token refused", check=code)
    return make_response(jsonify(error="invalid_request", error_description=description), 400)
