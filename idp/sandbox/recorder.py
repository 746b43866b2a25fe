"""Records requests and answers, for whoever wants to see a flow: only where the settings ask for it."""

import json
from base64 import b64decode, urlsafe_b64decode
from time import perf_counter

import structlog
from flask import Flask, Request, Response, g, request

from idp.adapters.recorded_exchanges import DatabaseTrouble, RecordedExchanges
from idp.adapters.stores import SqlStores
from idp.journeys.ports import Clock, Secrets
from idp.sandbox.operations import PREFIX
from idp.sandbox.redaction import redact_body, redact_headers, redact_parameters

_LEFT_ALONE = (PREFIX, "/static/", "/healthz", "/readyz")
_LONGEST_CLIENT_ID = 100


def install_recorder(app: Flask, tape: RecordedExchanges, stores: SqlStores, secrets: Secrets, clock: Clock) -> None:
    """Record every request but those of the control API, of health and of assets. Before other hooks, so that it sees what they add.

    Args:
        app: The pages.
        tape: Where to.
        stores: Tell whose a token is.
        secrets: What tokens are known by.
        clock: The time.
    """
    log = structlog.get_logger("preau.sandbox")

    @app.before_request
    def begin() -> None:
        if not request.path.startswith(_LEFT_ALONE):
            request.get_data(cache=True)  # before a form is read from it
            g.recorded_since = perf_counter()

    @app.after_request
    def record(response: Response) -> Response:
        began = g.pop("recorded_since", None)
        if began is None:
            return response
        try:
            client_id = _find_client(request, stores, secrets)
            tape.add(client_id, _describe(request, response, perf_counter() - began), clock.now())
        except DatabaseTrouble as failure:
            log.warning("a request could not be recorded", exc_info=failure)
        return response


def _describe(asked: Request, response: Response, seconds: float) -> dict[str, object]:
    return {
        "request": {
            "method": asked.method,
            "path": asked.path[:200],
            "query": redact_parameters(asked.args.items(multi=True)),
            "headers": redact_headers(asked.headers.items()),
            "body": redact_body(asked.mimetype, asked.get_data()),
        },
        "answer": {
            "status": response.status_code,
            "headers": redact_headers(response.headers.items()),
            "body": None if response.direct_passthrough else redact_body(response.mimetype or "", response.get_data()),
        },
        "milliseconds": round(seconds * 1000, 1),
    }


def _find_client(asked: Request, stores: SqlStores, secrets: Secrets) -> str | None:
    """Return the client that a request names, proved or not: by parameter, by secret, by assertion or by access token."""
    named = asked.values.get("client_id") or _read_claim(asked.form.get("client_assertion", ""), "sub")
    authorization = asked.headers.get("Authorization", "")
    scheme, _, credentials = authorization.partition(" ")
    if not named and scheme.lower() == "basic":
        try:
            named = b64decode(credentials).decode().partition(":")[0]
        except ValueError:
            named = None
    if not named and scheme.lower() in {"bearer", "dpop"}:
        named = _read_claim(credentials, "client_id")
        if not named:
            with stores.reading() as desk:
                token = desk.grants.load_access_token(secrets.keyed_hash("access-token", credentials))
            named = token.client_id if token else None
    return named if named and len(named) <= _LONGEST_CLIENT_ID and named.isprintable() else None


def _read_claim(token: str, name: str) -> str | None:
    """Return a claim of what looks like a signed token, unverified: it says whose request this seems to be, and opens nothing."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(urlsafe_b64decode(f"{parts[1]}{'=' * (-len(parts[1]) % 4)}"))
    except (ValueError, RecursionError):
        return None
    value = claims.get(name) if isinstance(claims, dict) else None
    return value if isinstance(value, str) else None
