"""What forms and redirects of both journeys, in and out, have in common."""

import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, make_response, redirect, request

from franceconnect_bridge.simulator.errors import ShownError
from franceconnect_bridge.simulator.store import Session


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """Return an address with parameters added to those that it has."""
    if not parameters:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(parameters)}"


def check_csrf(session: Session) -> None:
    """Refuse a form that no page of this session made.

    Raises:
        ShownError: Y470001 or Y470002.
    """
    sent = request.form.get("csrfToken", "")
    if not sent:
        raise ShownError("Y470002", "csrfToken : manque")
    if not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), session.csrf.encode()):
        raise ShownError("Y470001", "csrfToken : ce n'est pas celui de cette session")


def see(address: str, status: int = 303) -> Response:
    """Send the browser elsewhere, with an empty body: werkzeug's would hold the address, and its state, a second time."""
    response = make_response(redirect(address, status))
    response.set_data("")
    return response
