"""What can be made to go wrong on purpose: with every sign-in of a person, or with the next requests of a client."""

import threading
from dataclasses import dataclass, field
from types import MappingProxyType

from franceconnect_bridge.simulator.errors import CALLBACK_ERRORS, PAGES

DEFAULT_SLOW_SECONDS = 30.0  # longer than any relying party should wait
LONGEST_SLOW_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: As testers ask for it.
        stage: Where it is looked for: ``verify``, ``callback``, ``token``, ``id_token``, ``userinfo``, ``userinfo_jwt``, ``jwks``,
            ``discovery``, ``logout``.
        about: What happens, in English.
    """

    name: str
    stage: str
    about: str


def _broken(endpoint: str) -> list[Fault]:
    stage = endpoint
    return [
        Fault(f"{endpoint}-slow", stage, "answers after `seconds`, 30 unless told"),
        *(Fault(f"{endpoint}-{status}", stage, f"answers HTTP {status}") for status in (500, 502, 503)),
        Fault(f"{endpoint}-html", stage, "answers 200 with an HTML page"),
        Fault(f"{endpoint}-truncated", stage, "answers the first half of its body"),
        Fault(f"{endpoint}-cut", stage, "announces its whole body, sends half of it, and ends the connection"),
        Fault(f"{endpoint}-redirect", stage, "answers 302 to another path"),
        Fault(f"{endpoint}-huge", stage, "answers 2 MB"),
    ]


def _signed(token: str, stage: str) -> list[Fault]:
    return [
        Fault(f"{token}-unsigned", stage, "has the algorithm none, and no signature (RFC 7515 appendix A.5)"),
        Fault(f"{token}-wrong-signature", stage, "is signed by a key that nobody publishes, under a published kid"),
        Fault(f"{token}-unknown-kid", stage, "names a key that nobody publishes"),
        Fault(f"{token}-other-alg", stage, "is signed with the other of ES256 and RS256"),
        Fault(f"{token}-wrong-iss", stage, "names another issuer"),
        Fault(f"{token}-wrong-aud", stage, "is for another client"),
        Fault(f"{token}-expired", stage, "ran out an hour ago"),
        Fault(f"{token}-wrong-sub", stage, "has another subject"),
    ]


_ALL = [
    *(Fault(code, "verify", f"ends at the error page {code}: {page.meaning}") for code, page in PAGES.items()),
    *(Fault(error, "callback", f"comes back with error={error}") for error in CALLBACK_ERRORS),
    Fault("refused", "callback", "comes back with access_denied, as after a refusal of the civil register"),
    Fault("callback-without-iss", "callback", "comes back without iss (RFC 9207)"),
    Fault("callback-wrong-iss", "callback", "comes back with another issuer's iss"),
    Fault("callback-wrong-state", "callback", "comes back with another state"),
    Fault("callback-without-state", "callback", "comes back without state"),
    Fault("callback-without-code", "callback", "comes back without a code"),
    *_broken("token"),
    Fault("token-invalid-grant", "token", "says that the code is not known"),
    Fault("token-invalid-client", "token", "says that the client is not who it says"),
    *_signed("id-token", "id_token"),
    Fault("id-token-wrong-nonce", "id_token", "has another nonce"),
    Fault("id-token-without-nonce", "id_token", "has no nonce"),
    Fault("id-token-low-acr", "id_token", "has a lower level than was asked: eidas0"),
    Fault("id-token-without-acr", "id_token", "has no acr"),
    *_broken("userinfo"),
    Fault("userinfo-invalid-token", "userinfo", "says that the access token is not known"),
    Fault("userinfo-json", "userinfo", "is plain JSON, as of FranceConnect v1"),
    *_signed("userinfo", "userinfo_jwt"),
    Fault("userinfo-without-claim", "userinfo_jwt", "lacks the claim that `claim` names, family_name unless told"),
    Fault(
        "userinfo-odd-claim", "userinfo_jwt", "has a number in the claim that `claim` names, family_name unless told"
    ),
    *_broken("jwks"),
    Fault("jwks-empty", "jwks", "publishes no key"),
    *_broken("discovery"),
    Fault("discovery-wrong-issuer", "discovery", "is another issuer's"),
    Fault("logout-without-state", "logout", "comes back without state"),
    Fault("logout-wrong-state", "logout", "comes back with another state"),
    Fault("logout-stays", "logout", "ends on FranceConnect's own page"),
    Fault("logout-500", "logout", "answers HTTP 500"),
]
FAULTS = MappingProxyType({fault.name: fault for fault in _ALL})
"""By name."""


@dataclass(slots=True)
class Armed:
    """A fault that waits for its requests.

    Attributes:
        name: One of `FAULTS`.
        count: How many requests still meet it.
        client_id: Whose, "" for everybody's.
        seconds: How long a slow one takes.
        claim: Which claim a fault of claims is about.
    """

    name: str
    count: int = 1
    client_id: str = ""
    seconds: float = DEFAULT_SLOW_SECONDS
    claim: str = "family_name"


@dataclass(slots=True)
class FaultBoard:
    """What waits to go wrong, in the order in which it was asked for."""

    _armed: list[Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, fault: Armed) -> None:
        """Let the next `count` requests meet a fault."""
        with self._lock:
            self._armed.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._armed.clear()

    def waiting(self) -> list[Armed]:
        """Return what still waits."""
        with self._lock:
            return list(self._armed)

    def meet(self, stage: str, client_id: str = "", of_person: tuple[str, ...] = ()) -> Armed | None:
        """Return the fault that a request meets at a stage, if any; one that was armed is used up before a person's own.

        Args:
            stage: Of `Fault.stage`.
            client_id: Who asks, "" when that is not known.
            of_person: Names of the faults of whose sign-in it is.
        """
        with self._lock:
            for armed in self._armed:
                if FAULTS[armed.name].stage == stage and armed.client_id in {"", client_id}:
                    armed.count -= 1
                    if armed.count <= 0:
                        self._armed.remove(armed)
                    return armed
        own = next((name for name in of_person if name in FAULTS and FAULTS[name].stage == stage), None)
        return Armed(own) if own else None
