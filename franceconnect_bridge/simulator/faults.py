"""How the simulator fails on purpose: for a person who signs in with a login, or for the next requests, as the control API was told."""

import itertools
import threading
from dataclasses import dataclass

from franceconnect_bridge.simulator.errors import PAGES, REDIRECTS

LONGEST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    Attributes:
        name: As the control API and persons' files write it.
        stage: Which request it strikes: discovery, jwks, authorize, verify, callback, token, userinfo or logout.
        does: In one sentence, for the reference page.
    """

    name: str
    stage: str
    does: str


def _every_fault() -> tuple[Fault, ...]:
    found = [Fault(page.code, page.stage, f"error page {page.code}: {page.meaning}") for page in PAGES.values()]
    found += [
        Fault(f"redirect-{name.replace('_', '-')}", "verify", f"back to the service with `{name}`")
        for name in REDIRECTS
    ]
    found += [
        Fault("redirect-refused", "verify", "back to the service with `access_denied` as after a refusal of the civil register"),
        Fault("provider-failed", "verify", "back to the choice of an account, with the notice that the provider failed"),
        Fault("callback-without-iss", "callback", "the callback has no `iss`"),
        Fault("callback-wrong-iss", "callback", "the callback's `iss` is another issuer"),
        Fault("callback-wrong-state", "callback", "the callback's `state` is another"),
        Fault("callback-without-state", "callback", "the callback has no `state`"),
        Fault("callback-without-code", "callback", "the callback has no `code`"),
    ]  # fmt: skip
    for stage in ("discovery", "jwks", "token", "userinfo"):
        found += [
            Fault(f"{stage}-slow", stage, "the right answer, after `seconds` of real time"),
            Fault(f"{stage}-500", stage, "HTTP 500 with an HTML page"),
            Fault(f"{stage}-502", stage, "HTTP 502 with an HTML page"),
            Fault(f"{stage}-503", stage, "HTTP 503 with an HTML page and Retry-After"),
            Fault(f"{stage}-cut", stage, "half of the right answer, then the connection ends"),
            Fault(f"{stage}-garbled", stage, "HTTP 200 with the right type and a body that cannot be read"),
            Fault(f"{stage}-redirect", stage, "HTTP 302 to another address of the simulator"),
        ]
    found += [
        Fault("discovery-wrong-issuer", "discovery", "the document names another issuer"),
        Fault("jwks-empty", "jwks", "no key is published"),
        Fault("token-invalid-client", "token", "401 `invalid_client`"),
        Fault("token-invalid-request", "token", "400 `invalid_request`"),
        Fault("token-invalid-grant", "token", "400 `invalid_grant`, as for a code that is too old"),
        Fault("token-without-id-token", "token", "no `id_token` in the answer"),
        Fault("id-token-unsigned", "token", "the ID token has `alg` none and no signature"),
        Fault("id-token-wrong-signature", "token", "the ID token's signature is by another key than its `kid` says"),
        Fault("id-token-unknown-kid", "token", "the ID token is signed by a key that is not published"),
        Fault("id-token-wrong-iss", "token", "the ID token's `iss` is another issuer"),
        Fault("id-token-wrong-aud", "token", "the ID token's `aud` is another client"),
        Fault("id-token-wrong-nonce", "token", "the ID token's `nonce` is another"),
        Fault("id-token-without-nonce", "token", "the ID token has no `nonce`"),
        Fault("id-token-low-acr", "token", "the ID token's `acr` is eidas0, below every level that can be asked for"),
        Fault("id-token-expired", "token", "the ID token expired five minutes ago"),
        Fault("userinfo-invalid-token", "userinfo", "401 `invalid_token`"),
        Fault("userinfo-unsigned", "userinfo", "claims as plain JSON, as FranceConnect v1 gave them"),
        Fault("userinfo-alg-none", "userinfo", "a JWT with `alg` none and no signature"),
        Fault("userinfo-wrong-signature", "userinfo", "the signature is by another key than its `kid` says"),
        Fault("userinfo-unknown-kid", "userinfo", "signed by a key that is not published"),
        Fault("userinfo-wrong-iss", "userinfo", "`iss` is another issuer"),
        Fault("userinfo-wrong-aud", "userinfo", "`aud` is another client"),
        Fault("userinfo-wrong-sub", "userinfo", "`sub` is another person's"),
        Fault("userinfo-expired", "userinfo", "expired five minutes ago"),
        Fault("userinfo-without-claim", "userinfo", "the claim named by `claim` is missing"),
        Fault("userinfo-malformed-claim", "userinfo", "the claim named by `claim` is a number"),
        Fault("logout-without-state", "logout", "the way back from signing out has no `state`"),
        Fault("logout-wrong-state", "logout", "the way back from signing out has another `state`"),
    ]  # fmt: skip
    return tuple(found)


FAULTS = {fault.name: fault for fault in _every_fault()}
"""By name."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that is to happen now.

    Attributes:
        name: Of the fault.
        seconds: Of a slow one.
        claim: Of one about a claim.
    """

    name: str
    seconds: int = 10
    claim: str = "birthdate"


@dataclass(slots=True)
class Plan:
    """What the control API asked for.

    Attributes:
        id: Drawn when it was planned.
        strike: What happens.
        client_id: Only to this client, "" for any.
        login: Only to this person, "" for anybody.
        remaining: How many times more; None until it is taken back.
    """

    id: int
    strike: Strike
    client_id: str
    login: str
    remaining: int | None


class Faults:
    """Faults that are planned, each used up by the requests that it strikes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._plans: list[Plan] = []
        self._released = threading.Event()

    def plan(self, strike: Strike, *, client_id: str, login: str, count: int) -> Plan:
        """Let a fault happen `count` times, 0 for every time."""
        with self._lock:
            plan = Plan(next(self._ids), strike, client_id, login, count or None)
            self._plans.append(plan)
            return plan

    def load(self) -> list[Plan]:
        """Return what is planned, oldest first."""
        with self._lock:
            return list(self._plans)

    def clear(self) -> None:
        """Forget every plan, and let slow answers go at once."""
        with self._lock:
            self._plans.clear()
            released, self._released = self._released, threading.Event()
        released.set()

    def take(self, stage: str, *, client_id: str = "", login: str = "", own: Strike | None = None) -> Strike | None:
        """Return what strikes a request, the oldest plan first, then the person's own; None when it shall go well.

        Args:
            stage: Which request.
            client_id: Whose, "" when that cannot be known.
            login: About whom, "" when that cannot be known.
            own: The fault that the person was made with.
        """
        with self._lock:
            for plan in self._plans:
                if (
                    FAULTS[plan.strike.name].stage == stage
                    and plan.client_id in ("", client_id)
                    and plan.login in ("", login)
                ):
                    self._use(plan)
                    return plan.strike
        return own if own is not None and FAULTS[own.name].stage == stage else None

    def wait(self, seconds: float) -> None:
        """Be slow: real seconds, whatever the simulator's clock says; `clear` ends them."""
        self._released.wait(min(seconds, LONGEST_SECONDS))

    def _use(self, plan: Plan) -> None:
        if plan.remaining is not None:
            plan.remaining -= 1
            if plan.remaining == 0:
                self._plans.remove(plan)
