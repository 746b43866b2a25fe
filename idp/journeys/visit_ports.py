"""Stores of what is under way in a browser. Contract suites as for `ports`."""

from datetime import datetime
from typing import Protocol

from idp.journeys.rows import (
    ActivationRow,
    InteractionRow,
)


class ActivationStore(Protocol):
    """Activations under way."""

    def load_activation(self, browser_hash: str) -> ActivationRow | None:
        """Return the activation whose present or former browser hash this is."""

    def add_activation(self, row: ActivationRow) -> None:
        """Keep a new activation."""

    def save_activation(self, row: ActivationRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""

    def erase_activation(self, activation_id: str) -> None:
        """Forget an activation and all that was typed in it."""

    def load_activations(self, now: datetime) -> list[ActivationRow]:
        """Return every activation that has not run out. For testers: no journey looks into another browser's."""


class InteractionStore(Protocol):
    """Requests waiting for a person."""

    def load_interaction(self, handle_hash: str) -> InteractionRow | None:
        """Return the interaction with this handle."""

    def load_interaction_by_id(self, interaction_id: str) -> InteractionRow | None:
        """Return the interaction with this id."""

    def add_interaction(self, row: InteractionRow) -> None:
        """Keep a new interaction."""

    def save_interaction(self, row: InteractionRow, *, expected_turn: int) -> bool:
        """Write every column but `id` where the turn is still `expected_turn`; False when another POST won."""


class PushedRequestStore(Protocol):
    """Authorization requests that clients pushed."""

    def add_request(self, key: str, client_id: str, request: bytes, expires_at: datetime) -> None:
        """Keep a request, under a key that was never used."""

    def take_request(self, key: str, client_id: str, now: datetime) -> bytes | None:
        """Return a request of this client that has not expired, and forget it: one winner of many."""
