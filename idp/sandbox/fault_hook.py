"""Answers on their way out, handed to the faults that wait for them.

The one place where faults touch the provider: an `after_app_request` of the control API's own blueprint. Where the control API is not
mounted there is nothing of it; where nothing is armed, an answer that a fault could meet costs one read, and any other none.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog
from flask import Blueprint, Response, request

from idp.sandbox.fault_board import FaultBoard, is_of_flow
from idp.sandbox.fault_hints import HEADER, FaultHints, leads_on
from idp.sandbox.fault_requests import find_endpoint, find_whose, read_answer, write_answer

MOST_SLOW = 8
"""Answers that a process holds back at once: the others keep half of its threads."""


class FaultHook:
    """Strikes answers.

    Args:
        board: What waits.
        leave_gate: Entered while an answer is held back, so that others run meanwhile.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        board: FaultBoard,
        leave_gate: Callable[[], AbstractContextManager[None]],
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._board = board
        self._hints = FaultHints(board)
        self._leave_gate = leave_gate
        self._sleep = sleep
        self._places = threading.BoundedSemaphore(MOST_SLOW)
        self._log = structlog.get_logger("preau.sandbox")

    def install(self, blueprint: Blueprint) -> None:
        """See every answer of the application that the blueprint is registered with."""
        blueprint.after_app_request(self.strike)

    def strike(self, response: Response) -> Response:
        """Return the answer as it goes out."""
        endpoint = find_endpoint(request, response)
        if endpoint is None and not leads_on(response):
            return response
        response = self._hints.arm(response)
        waiting = self._board.load_waiting()
        if any(is_of_flow(one) for one in waiting):
            self._hints.follow(response)
        if not waiting or endpoint is None:
            return response
        answer = read_answer(response, endpoint)
        struck = self._board.strike(
            waiting, endpoint, answer, lambda: find_whose(self._board, request, endpoint, answer)
        )
        if struck is None:
            return response
        self._log.info("a fault struck", fault=struck.fault, endpoint=str(endpoint))
        write_answer(response, struck.answer, answer)
        response.headers[HEADER] = struck.fault
        response.headers["Cache-Control"] = "no-store"  # a stale document that is kept would outlive its fault
        if struck.answer.seconds:
            self._hold_back(struck.answer.seconds)
        return response

    def _hold_back(self, seconds: float) -> None:
        if not self._places.acquire(blocking=False):
            return
        try:
            with self._leave_gate():
                self._sleep(seconds)
        finally:
            self._places.release()
