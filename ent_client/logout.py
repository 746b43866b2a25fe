"""The provider says that a session ended, and we end ours.

Its server tells ours (back channel). No browser is needed, no cookie is read and no form of ours is involved: what is believed is the
signature.
"""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, make_response, request

from ent_client.exchange import SignInError
from ent_client.logout_token import LogoutTokenError
from ent_client.runtime import log
from ent_client.settings import BACKCHANNEL_LOGOUT_PATH

if TYPE_CHECKING:
    from ent_client.app import Ent


def logout_blueprint(ent: "Ent") -> Blueprint:
    """Give the addresses at which the provider tells one ENT of its logouts."""
    doors = LogoutDoors(ent)
    logout = Blueprint("logout", __name__)
    logout.add_url_rule(BACKCHANNEL_LOGOUT_PATH, "backchannel", doors.take_logout_token, methods=["POST"])
    return logout


class LogoutDoors:
    """One method per address."""

    def __init__(self, ent: "Ent") -> None:
        self._ent = ent

    def take_logout_token(self) -> Response:
        """OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8: end what a valid logout token names, or answer 400 and end nothing."""
        sent = request.form.getlist("logout_token")
        if request.mimetype != "application/x-www-form-urlencoded" or len(sent) != 1:
            return _refuse("form", "The body must be a form (application/x-www-form-urlencoded) with one logout_token.")
        try:
            token = self._ent.provider.read_logout_token(sent[0], self._ent.logout_tokens.note)
        except LogoutTokenError as refusal:
            return _refuse(refusal.code, refusal.sentence)
        except SignInError as failure:
            return _refuse(failure.code, "The keys of the issuer cannot be read now.")
        ended = self._ent.sessions.end(token.sid, token.sub)
        log("sessions ended by the provider", named_by="sid" if token.sid else "sub", ended=ended)
        return make_response("", 200)


def _refuse(code: str, description: str) -> Response:
    log("logout token refused", check=code)
    return make_response(jsonify(error="invalid_request", error_description=description), 400)
