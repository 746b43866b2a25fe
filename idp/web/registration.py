"""Where clients register, and where each reads, changes and removes its own registration. There only where the settings let them."""

from collections.abc import Collection

from flask import Blueprint, Response, request

from idp.journeys.registration import Registration
from idp.protocol.client_endpoint import ClientAnswer
from idp.protocol.discovery import REGISTRATION_PATH
from idp.web.client_answers import write_answer

_OF_ONE = f"{REGISTRATION_PATH}/<client_id>"


def registration_blueprint(registration: Registration, *, base: str, backchannel_hosts: Collection[str]) -> Blueprint:
    """Return the client registration endpoint and the client configuration endpoints.

    Args:
        registration: Answers their requests.
        base: Scheme, host and port that addresses begin with.
        backchannel_hosts: Asked there, addresses begin with that host.
    """
    blueprint = Blueprint("registration", __name__)

    def reached_at() -> str:
        host = request.host.lower()
        return f"http://{host}" if host in backchannel_hosts else base

    @blueprint.post(REGISTRATION_PATH)
    def register() -> Response:
        """RFC 7591 section 3."""
        return _answer(registration.register(_authorization(), request.mimetype, request.get_data(), reached_at()))

    @blueprint.get(_OF_ONE)
    def read(client_id: str) -> Response:
        """RFC 7592 section 2.1."""
        return _answer(registration.read(_authorization(), client_id, reached_at()))

    @blueprint.put(_OF_ONE)
    def replace(client_id: str) -> Response:
        """RFC 7592 section 2.2."""
        return _answer(
            registration.replace(_authorization(), client_id, request.mimetype, request.get_data(), reached_at())
        )

    @blueprint.delete(_OF_ONE)
    def remove(client_id: str) -> Response:
        """RFC 7592 section 2.3."""
        return _answer(registration.remove(_authorization(), client_id, reached_at()))

    return blueprint


def _authorization() -> str | None:
    return request.headers.get("Authorization")


def _answer(answer: ClientAnswer) -> Response:
    return write_answer("client registration refused", answer)
