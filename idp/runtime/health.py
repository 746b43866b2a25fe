"""Two questions that machines ask: are you alive, and may people be sent to you."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify

# Returns "" when all is well, else a few words for the operator: no personal data. Never raises.
Check = Callable[[], str]

RETRY_AFTER_SECONDS = 5


def health_blueprint(checks: Mapping[str, Check]) -> Blueprint:
    """Make `/healthz` (this process answers; depends on nothing) and `/readyz` (all that a request needs is there).

    Args:
        checks: what readiness depends on, by name: the database, the keys, the age of the outbox.
    """
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        return _answer(200, {"status": "alive"})

    @pages.get("/readyz")
    def readyz() -> Response:
        said = {name: check() for name, check in checks.items()}
        ready = not any(said.values())
        body: dict[str, object] = {"status": "ready" if ready else "not ready"}
        body["checks"] = {name: words or "ok" for name, words in said.items()}
        answer = _answer(200 if ready else 503, body)
        if not ready:
            answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return answer

    return pages


def _answer(status: int, body: Mapping[str, object]) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
