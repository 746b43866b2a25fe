"""Requests that wait for something to happen: a few of each process, and never at the gate."""

import time
from collections.abc import Callable
from typing import TypeVar

from idp.runtime.gate import RunGate
from idp.runtime.places import Places

WAITS = 16
_EACH_SECONDS = 0.05

T = TypeVar("T")


class Waits:
    """Bounds the requests of one process that wait, and lets others run meanwhile.

    Args:
        gate: The run gate, left between two looks.
        most: Waits at once.
    """

    def __init__(self, gate: RunGate, most: int = WAITS) -> None:
        self._gate = gate
        self.places = Places(most)

    def until(self, look: Callable[[], T], seconds: float) -> T | None:
        """Look until something is found, or the time is over, and return what was seen last; None when too many wait already.

        Args:
            look: Returns something true once there is something. Leaves no transaction open.
            seconds: How long to wait, by the machine's clock.
        """
        if not self.places.take():
            return None
        ends = time.monotonic() + seconds
        try:
            while not (seen := look()) and (left := ends - time.monotonic()) > 0:
                with self._gate.left():
                    time.sleep(min(_EACH_SECONDS, left))
            return seen
        finally:
            self.places.give_back()
