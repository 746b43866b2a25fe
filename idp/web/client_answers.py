"""How an endpoint that clients' servers call reads a request and writes its answer down."""

from collections.abc import Callable

import structlog
from flask import Response, jsonify, request

from idp.protocol.client_endpoint import ClientAnswer

Params = list[tuple[str, str]]
_LOG = "preau.oidc"


def answer_client(refused: str, journey: Callable[[str | None, Params], ClientAnswer]) -> Response:
    """Hand a request of a client's server to a journey, and write its answer down.

    Args:
        refused: What the log says of a refusal.
        journey: Takes the Authorization header and the names and values of the body.
    """
    return write_answer(refused, journey(request.headers.get("Authorization"), read_body()))


def write_answer(refused: str, answer: ClientAnswer) -> Response:
    """Write an answer to a client's server down.

    Args:
        refused: What the log says of a refusal.
        answer: The answer.
    """
    if answer.status >= 400 and answer.body:
        structlog.get_logger(_LOG).info(refused, refused=answer.body["error"], why=answer.body["error_description"])
    response = _nothing() if answer.body is None else jsonify(answer.body)
    response.status_code = answer.status
    response.headers.update(answer.headers)
    return response


def _nothing() -> Response:
    response = Response()
    # Flask's is that of a page, and libraries read it before they see that there is none.
    del response.headers["Content-Type"]
    return response


def read_body() -> Params:
    """Return names and values of the form body."""
    return list(request.form.items(multi=True))
