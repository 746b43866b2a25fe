"""Two questions that machines ask: are you alive, and may people be sent to you."""

import threading
from collections.abc import Callable, Mapping
from time import monotonic

from flask import Blueprint, Response, jsonify

# Returns "" when all is well, else a few words for the operator: no personal data. Never raises.
Check = Callable[[], str]

RETRY_AFTER_SECONDS = 5
# A storm of probes costs what one a second does; bad news is looked at again sooner, so that nobody waits for a service that is back.
REMEMBERED_SECONDS = 1.0
BAD_NEWS_SECONDS = 0.2


class _Remembered:
    """The answers of all checks, asked for again after a moment."""

    def __init__(self, checks: Mapping[str, Check], now: Callable[[], float]) -> None:
        self._checks = checks
        self._now = now
        self._lock = threading.Lock()
        self._said: dict[str, str] = {}
        self._good_until = float("-inf")

    def __call__(self) -> dict[str, str]:
        with self._lock:
            if self._now() >= self._good_until:
                self._said = {name: check() for name, check in self._checks.items()}
                bad = any(self._said.values())
                self._good_until = self._now() + (BAD_NEWS_SECONDS if bad else REMEMBERED_SECONDS)
            return self._said


def health_blueprint(checks: Mapping[str, Check], now: Callable[[], float] = monotonic) -> Blueprint:
    """Make `/healthz` (this process answers; depends on nothing) and `/readyz` (all that a request needs is there).

    Args:
        checks: what readiness depends on, by name: the database, the keys, the outbox.
        now: seconds on a clock that never goes back.
    """
    ask = _Remembered(checks, now)
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        return _answer(200, {"status": "alive"})

    @pages.get("/readyz")
    def readyz() -> Response:
        said = ask()
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
