"""`POST /solidite`: how strong a password is, while it is being typed. A preview: the journey judges again."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, request

from idp.web.error_pages import render_error
from idp.web.headers import is_same_origin
from idp.web.journeys_used import StrengthJudge

_LONGEST_BODY = 1024
_LONGEST_PASSWORD = 128


def strength_blueprint(judge: StrengthJudge, allow: Callable[[str], int | None]) -> Blueprint:
    """Return the one route that answers ``{"niveau": 1}``, 2 or 3.

    Args:
        judge: Estimates the strength.
        allow: Takes the peer's address and counts one request; returns None to go on, or the seconds to wait.
    """
    blueprint = Blueprint("strength", __name__)

    @blueprint.post("/solidite")
    def tell() -> Response:
        # Only our own page asks; another site could use it to make this server work.
        if not is_same_origin():
            abort(403)
        if (request.content_length or 0) > _LONGEST_BODY:
            abort(413)
        wait = allow(request.remote_addr or "")
        if wait is not None:
            return render_error("too-many-tries", retry_after=wait)
        password = request.form.get("mot-de-passe", "")[:_LONGEST_PASSWORD]
        if not password:
            abort(400)
        return jsonify(niveau=judge.strength(password, ()))

    return blueprint
