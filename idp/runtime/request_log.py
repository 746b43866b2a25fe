"""One line in the log for each request, and the reference that ties it to what the person read."""

import secrets
from collections.abc import Callable, Collection
from time import perf_counter

import structlog
from flask import Flask, Response, g, request

# No 0 and O, no 1 and I: a reference is read out on the phone.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 8


def new_reference() -> str:
    """Return 8 random characters (40 bits) to read out on the phone."""
    # 32 signs divide 256: every one is as likely, from one call to the system.
    return "".join(_ALPHABET[byte % 32] for byte in secrets.token_bytes(_LENGTH))


def install_request_log(
    app: Flask,
    on_answer: Callable[[str, str, int, float], object] | None = None,
    quiet_routes: Collection[str] = (),
    *,
    tells_debug: bool = True,
) -> None:
    """Give every request a `g.request_reference` and write one line when it is answered.

    Args:
        app: the application.
        on_answer: told route, method, status and seconds of each answer, to count them.
        quiet_routes: of which a success is told at level debug: machines ask for them all day, and get the same as everybody.
        tells_debug: whether anybody hears that level; a line that nobody hears is not even made.

    The line holds the route's template, never the path or the query that were sent: they may hold codes and tokens.
    """
    log = structlog.get_logger("preau.access")

    @app.before_request
    def begin() -> None:
        g.request_reference = new_reference()
        g.request_began = perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        began: float | None = g.get("request_began")
        route = request.url_rule.rule if request.url_rule else "(no such page)"
        if began is None:
            return response
        seconds = perf_counter() - began
        method = request.method if request.method in _METHODS else "(other)"
        if on_answer is not None:
            on_answer(route, method, response.status_code, seconds)
        is_quiet = route in quiet_routes and response.status_code < 400
        if is_quiet and not tells_debug:
            return response
        write = log.debug if is_quiet else log.info
        write(
            "request",
            method=method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            reference=g.request_reference,
            **({"trace": g.trace} if "trace" in g else {}),
        )
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
