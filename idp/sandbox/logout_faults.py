"""Logout tokens on their way out, handed to the faults that wait for them: in the outbox process, of a test instance alone."""

from typing import Any

from idp.adapters.logout_sender import LogoutSender
from idp.protocol.client import Client
from idp.sandbox.fault_board import FaultBoard, Whose
from idp.sandbox.faults.entry import Answer, Endpoint
from idp.sandbox.faults.forging import open_jwt


class FaultyLogoutSender(LogoutSender):
    """Sends what a fault made of the token.

    Args:
        board: What waits.
        surroundings: Those of `LogoutSender`.
    """

    def __init__(self, board: FaultBoard, **surroundings: Any) -> None:
        super().__init__(**surroundings)
        self._board = board

    def post(self, client: Client, token: str) -> int:
        """Post the token as a fault made it, and return the status of the last answer.

        Raises:
            NotSentYet: As `LogoutSender` says.
        """
        waiting = self._board.load_waiting()
        answer = Answer(content_type="application/logout+jwt", body=token.encode())
        struck = (
            self._board.strike(waiting, Endpoint.LOGOUT_TOKEN, answer, lambda: self._find_whose(client, token))
            if waiting
            else None
        )
        sent = answer if struck is None else struck.answer
        for _ in range(sent.repeats - 1):
            super().post(client, sent.body.decode())
        return super().post(client, sent.body.decode())

    def _find_whose(self, client: Client, token: str) -> Whose:
        opened = open_jwt(token)
        sid = str(opened.claims["sid"]) if opened else ""
        person = self._board.armed.find_person_of(sid) or ""
        return Whose(client.client_id, person, (self._board.flow_of_session(sid, client.client_id),))
