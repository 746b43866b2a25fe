"""The outbound bulkhead: a slow service elsewhere takes a few threads of a process, and never all of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from idp.runtime.gate import RunGate
from idp.runtime.places import Places

OUTBOUND_CALLS = 12


class OutboundRefusedError(ConnectionError):
    """As many outbound calls as a process may have are under way.

    A `ConnectionError`, so that a caller that knows nothing of this room treats it as a service that does not answer.
    """


class Bulkhead:
    """Bounds the outbound calls of one process, and lets others run meanwhile.

    Args:
        gate: The run gate, released around each call.
        most: Calls at once.
    """

    def __init__(self, gate: RunGate, most: int = OUTBOUND_CALLS) -> None:
        self._gate = gate
        self.calls = Places(most)

    @contextmanager
    def around(self) -> Iterator[None]:
        """Make one outbound call inside: never with a transaction open.

        Raises:
            OutboundRefusedError: At once, when there are too many already.
        """
        if not self.calls.take():
            raise OutboundRefusedError(f"{self.calls.most} outbound calls are under way")
        try:
            with self._gate.left():
                yield
        finally:
            self.calls.give_back()
