"""Faults that families documents arm: what the store keeps of each."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class StandingFault:
    """A fault that comes back with the seed.

    Attributes:
        key: Its name among those of documents.
        fault: Its name in the catalogue.
        client_id: Whose answers alone; None for everybody's.
        identifiant: The same, of a person.
        endpoint: Where alone; None for everywhere that the fault knows.
        times: How many answers it strikes; None for each.
        seconds: How long a slow one takes; None where nobody said.
    """

    key: str
    fault: str
    client_id: str | None
    identifiant: str | None
    endpoint: str | None
    times: int | None
    seconds: float | None

    def to_json(self) -> dict[str, Any]:
        """Return what the constructor takes."""
        return asdict(self)


class StandingFaults(Protocol):
    """Faults that were armed by their key."""

    def arm(self, fault: StandingFault, at: datetime) -> None:
        """Arm a fault with all its times, in place of what is armed under its key."""

    def disarm(self, key: str) -> None:
        """Forget what is armed under a key, if anything is."""
