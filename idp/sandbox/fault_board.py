"""Which armed fault meets an answer, and whose answer it is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from idp.adapters.armed_faults import ArmedFault, ArmedFaults
from idp.journeys.ports import ClientRegistry, Clock, Secrets, SigningKeys
from idp.sandbox.faults.catalogue import CATALOGUE
from idp.sandbox.faults.entry import Answer, Endpoint, Surroundings
from idp.sandbox.faults.transport import DEFAULT_SECONDS

FLOW_PURPOSE = "fault-flow"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose answer it is, as far as anybody can tell.

    Attributes:
        client_id: "" for nobody's.
        identifiant: The same, of a person.
        flows: What may tie it to one sign-in: keys of `adapters.armed_faults`.
    """

    client_id: str = ""
    identifiant: str = ""
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Struck:
    """An answer as a fault made it."""

    fault: str
    answer: Answer


class FaultWorld(Protocol):
    """What faults work on."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def keys(self) -> SigningKeys:
        """What signs."""

    @property
    def clients(self) -> ClientRegistry:
        """Who may be told something."""

    @property
    def secrets(self) -> Secrets:
        """What codes and tokens are hashed with."""


class FaultBoard:
    """Lets armed faults meet answers.

    Args:
        armed: What waits.
        world: What faults work on.
    """

    def __init__(self, armed: ArmedFaults, world: FaultWorld) -> None:
        self.armed = armed
        self.world = world

    def load_waiting(self) -> Sequence[ArmedFault]:
        """Return what may strike now: the one statement that an answer costs where nothing does."""
        return self.armed.load_waiting()

    def strike(
        self, waiting: Sequence[ArmedFault], endpoint: Endpoint, answer: Answer, find_whose: Callable[[], Whose]
    ) -> Struck | None:
        """Return the answer as the first fault that meets it makes it; None where none does.

        A fault that cannot apply to this answer is not used up by it.

        Args:
            waiting: As `load_waiting` gave it.
            endpoint: Whose answer it is.
            answer: It.
            find_whose: Says whose it is; asked once, and only where it matters.
        """
        biting = [one for one in waiting if _bites(one, endpoint)]
        for one in self._of_this(biting, find_whose):
            seconds = float(one.options.get("seconds", DEFAULT_SECONDS))
            here = Surroundings(self.world.clock.now(), self.world.keys, endpoint, seconds)
            changed = CATALOGUE[one.fault].change(answer, here)
            if changed is not None and self.armed.strike(one.id):
                return Struck(one.fault, changed)
        return None

    def _of_this(self, waiting: Sequence[ArmedFault], find_whose: Callable[[], Whose]) -> Iterable[ArmedFault]:
        """Yield those that are not somebody else's."""
        if not any(one.client_id or one.identifiant or is_of_flow(one) for one in waiting):
            yield from waiting
            return
        whose, now = find_whose(), self.world.clock.now()
        has_flows = whose.flows and any(is_of_flow(one) for one in waiting)
        tied = self.armed.follow(whose.flows) if has_flows else frozenset()
        for one in waiting:
            is_own = one.client_id in {None, whose.client_id} and one.identifiant in {None, whose.identifiant}
            if is_own and (one.expires_at is None or (one.id in tied and now < one.expires_at)):
                yield one

    def flow(self, kind: str, value: str) -> str:
        """Return the key of what names a sign-in: ``handle``, ``request-uri``, ``family`` or ``session``."""
        return self.world.secrets.keyed_hash(FLOW_PURPOSE, f"{kind}\n{value}")

    def flow_of_session(self, session_id: str, client_id: str) -> str:
        """Return the key of a session at one client: what its logout token names."""
        return self.flow("session", f"{session_id}\n{client_id}")


def is_of_flow(armed: ArmedFault) -> bool:
    """Tell whether a fault was armed by `login_hint`, for one sign-in."""
    return armed.expires_at is not None


def _bites(armed: ArmedFault, endpoint: Endpoint) -> bool:
    fault = CATALOGUE.get(armed.fault)  # None: armed by another version
    return fault is not None and fault.bites(endpoint, armed.endpoint)
