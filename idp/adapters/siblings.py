"""The other programs of a test instance, the simulator of FranceConnect and the sample ENT: they follow its clock and its resets.

Each has a control API of its own, at `/sandbox/v1`, and is told over HTTP.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from idp.adapters.address_guard import AddressGuard
from idp.adapters.clock import ClockState
from idp.adapters.cut_off import CutOffAdapter, open_session

TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SiblingAnswer:
    """What became of a call to a sibling. `trouble` is "" when it did what it was asked."""

    address: str
    trouble: str


class Siblings:
    """Tells the other programs, all at once.

    Args:
        addresses: Their origins.
        token: What their control APIs want as a bearer token, None for none.
        around: Entered for each round of calls: bounds how many there are at once, with a `ConnectionError`.
        timeout: Longest wait for a connection, and again for each part of the answer, in seconds. All of it may take twice as long.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        token: str | None,
        *,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._addresses = addresses
        self._headers = {"X-Preau-Sandbox": "1"} | ({} if token is None else {"Authorization": f"Bearer {token}"})
        self._around = around
        self._timeout = timeout
        self._anywhere = AddressGuard(is_free_host=lambda _: True)  # the operator names them

    def follow_clock(self, state: ClockState) -> Sequence[SiblingAnswer]:
        """Let every sibling show this time.

        A clock that runs is told by how far it is ahead of the machine's: how long the call takes makes no difference then.
        """
        body: Mapping[str, Any] = (
            {"now": state.now.isoformat(), "frozen": True}
            if state.frozen
            else {"offset_seconds": state.offset.total_seconds(), "frozen": False}
        )
        return self._tell("PUT", "/sandbox/v1/clock", body)

    def reset(self) -> Sequence[SiblingAnswer]:
        """Let every sibling begin again."""
        return self._tell("POST", "/sandbox/v1/reset", None)

    def _tell(self, method: str, path: str, body: Mapping[str, Any] | None) -> Sequence[SiblingAnswer]:
        if not self._addresses:
            return ()

        def tell(address: str) -> SiblingAnswer:
            return SiblingAnswer(address, self._call(method, address + path, body))

        try:
            with self._around(), ThreadPoolExecutor(len(self._addresses)) as pool:
                return list(pool.map(tell, self._addresses))
        except ConnectionError:
            return [SiblingAnswer(address, "no place for the call") for address in self._addresses]

    def _call(self, method: str, url: str, body: Mapping[str, Any] | None) -> str:
        """Return what went wrong, "" for nothing. The body of the answer is not read."""
        try:
            with (
                open_session(CutOffAdapter(self._anywhere)) as session,
                session.request(
                    method,
                    url,
                    json=body,
                    headers=self._headers,
                    timeout=self._timeout,
                    allow_redirects=False,  # the token is for this place alone
                    stream=True,
                ) as answer,
            ):
                return "" if answer.ok and not answer.is_redirect else f"answered with status {answer.status_code}"
        except (requests.RequestException, HTTPError, UnicodeError) as failure:
            return f"did not answer ({type(failure).__name__})"
