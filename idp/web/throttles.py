"""Coarse throttling of endpoints that anybody may call: so many a minute from one network address, counted by each process for itself.

It keeps one address from filling the database or a core, and forgets with the process. What must be exact is counted in rows that all
processes share: texts and wrong passwords (docs/decisions/0012-what-is-throttled-where.md).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from flask import Flask, Response, current_app, request

from idp.web.error_pages import render_error

WINDOW_SECONDS = 60
_OPENS_SOMETHING = (
    "oidc.authorize",
    "activation.begin",
    "recovery.forgotten_identifiant",
    "recovery.forgotten_password",
    "sign_in.show",
    "franceconnect.leave",
)
_ACCOUNT = "/mon-compte"  # a page there keeps where to come back to, for whoever is not signed in
_SIGN_IN = "/connexion?"
_REGISTERS = "registration.register"
_PUSHES = "oidc.push"
_AUTHENTICATES_CLIENTS = ("tokens.token", "tokens.revoke", "tokens.introspect", _PUSHES)


@dataclass(frozen=True, slots=True)
class ThrottlePolicy:
    """Uses in a minute, of one process.

    Attributes:
        openings: Requests that may each write a row (an authorization request, a sign-in page, an activation), from one address.
        client_failures: Requests whose client was not authenticated, for one client_id from one address.
        registrations: Requests to the endpoint where clients register, from one address.
    """

    openings: int
    client_failures: int
    registrations: int


class Throttle:
    """Counts uses by key, in windows of a minute that begin with the first use."""

    def __init__(self, per_minute: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most = per_minute
        self._now = now
        self._windows: dict[str, tuple[float, int]] = {}  # by key: when it ends, and the uses in it
        self._sweeps_at = 0.0
        self._lock = threading.Lock()

    def count(self, key: str) -> bool:
        """Count one use; False when there were too many."""
        now = self._now()
        with self._lock:
            self._sweep(now)
            ends, uses = self._windows.get(key, (now + WINDOW_SECONDS, 0))
            if now >= ends:
                ends, uses = now + WINDOW_SECONDS, 0
            if uses >= self._most:
                return False
            self._windows[key] = ends, uses + 1
            return True

    def is_open(self, key: str) -> bool:
        """Tell whether one more use would pass, without counting it."""
        ends, uses = self._windows.get(key, (0.0, 0))
        return uses < self._most or self._now() >= ends

    def _sweep(self, now: float) -> None:
        """Forget the windows that have ended, once a minute."""
        if now >= self._sweeps_at:
            self._windows = {key: window for key, window in self._windows.items() if window[0] > now}
            self._sweeps_at = now + WINDOW_SECONDS


def install_throttles(app: Flask, policy: ThrottlePolicy) -> None:
    """Throttle the endpoints of `app` that cost something and ask for nothing; call it once they are all there.

    Views are wrapped, so that every other endpoint pays nothing.
    """
    openings = Throttle(policy.openings)
    for endpoint in _OPENS_SOMETHING:
        if endpoint not in app.view_functions:
            continue  # without FranceConnect
        app.view_functions[endpoint] = _throttle_openings(app.view_functions[endpoint], openings)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(_ACCOUNT):
            app.view_functions[rule.endpoint] = _throttle_strangers(app.view_functions[rule.endpoint], openings)
    if _REGISTERS in app.view_functions:  # where clients may register
        app.view_functions[_REGISTERS] = _throttle_openings(
            app.view_functions[_REGISTERS], Throttle(policy.registrations)
        )
    app.view_functions[_PUSHES] = _throttle_unproved(app.view_functions[_PUSHES], openings)
    # One count for all of them: a secret may be guessed at any.
    failures = Throttle(policy.client_failures)
    for endpoint in _AUTHENTICATES_CLIENTS:
        app.view_functions[endpoint] = _throttle_failures(app.view_functions[endpoint], failures)


def _throttle_openings(view: Callable[..., Any], openings: Throttle) -> Callable[..., Any]:
    def throttled(**values: Any) -> Any:
        # A page that exists already (`d`) writes nothing. No address: behind a proxy that is not trusted.
        opens = request.endpoint != "sign_in.show" or "d" not in request.args
        if opens and request.remote_addr and not openings.count(request.remote_addr):
            return _refuse()
        return view(**values)

    return throttled


def _throttle_strangers(view: Callable[..., Any], openings: Throttle) -> Callable[..., Any]:
    def throttled(**values: Any) -> Any:
        address = request.remote_addr or ""
        if address and not openings.is_open(address):
            return _refuse()
        response = current_app.make_response(view(**values))
        # Whoever is signed in opens nothing, however often she comes.
        if address and response.status_code == 303 and response.headers["Location"].startswith(_SIGN_IN):
            openings.count(address)
        return response

    return throttled


def _throttle_unproved(view: Callable[..., Any], openings: Throttle) -> Callable[..., Any]:
    def throttled(**values: Any) -> Any:
        # In the name of a client without a secret anybody writes rows. The server of another proves itself, and pushes for a region.
        proves = "Authorization" in request.headers or {"client_secret", "client_assertion"} & set(request.form)
        if not proves and request.remote_addr and not openings.count(request.remote_addr):
            return _refuse()
        return view(**values)

    return throttled


def _throttle_failures(view: Callable[..., Any], failures: Throttle) -> Callable[..., Any]:
    def throttled(**values: Any) -> Any:
        if not request.remote_addr:
            return view(**values)
        # By address too: nobody shuts out an ENT by failing in its name from elsewhere.
        key = f"{_claimed_client()}\n{request.remote_addr}"
        if not failures.is_open(key):
            return _refuse()
        response = current_app.make_response(view(**values))
        if response.status_code >= 400 and response.get_json()["error"] == "invalid_client":
            failures.count(key)
        return response

    return throttled


def _claimed_client() -> str:
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        # As the protocol reads it (RFC 6749 section 2.3.1), or each way of writing one name would have a count of its own.
        return unquote_plus(basic.username or "")[:100]
    return request.form.get("client_id", "")[:100]


def _refuse() -> Response:
    return render_error("too-many-tries", retry_after=WINDOW_SECONDS)
