"""Passwords: argon2id with its work bounded, and what a list and an estimate say of a new one."""

import base64
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import Protocol

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type

_LONGEST_ESTIMATED = (
    72  # the estimate's work grows fast with the length; what follows can only make a password stronger
)
_LEVELS = (1, 1, 2, 2, 3)  # zxcvbn's scores 0 to 4: faible below 10**6 guesses, fort from 10**10


class HashWatch(Protocol):
    """Is told who waits and who works, to count them."""

    def waiting(self) -> AbstractContextManager[None]:
        """Last as long as the wait for a place."""

    def running(self) -> AbstractContextManager[None]:
        """Last as long as the work."""


class Unwatched:
    """Implements `HashWatch` by looking away."""

    def waiting(self) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()

    def running(self) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()


class Argon2Hasher:
    """Implements `journeys.ports.PasswordHasher` by argon2id (RFC 9106).

    Args:
        memory_kib: Memory of one hash, in KiB.
        time_cost: Passes over that memory.
        parallelism: Lanes.
        at_once: Hashes at the same time in this process; others wait, so that sign-ins cannot exhaust memory (guarantee 5).
        around: Gives a context in which the process may run other requests.
        watch: Is told who waits and who works.
    """

    def __init__(
        self,
        *,
        memory_kib: int,
        time_cost: int,
        parallelism: int,
        at_once: int,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        watch: HashWatch | None = None,
    ) -> None:
        self._argon2 = Argon2(time_cost=time_cost, memory_cost=memory_kib, parallelism=parallelism, type=Type.ID)
        self._room = threading.BoundedSemaphore(at_once)
        self._around = around
        # Made without argon2: a hash to be compared with, and no password that gives it. Were it made by the first unknown person, she
        # would wait twice as long as somebody known.
        self._nobodys = f"$argon2id$v=19$m={memory_kib},t={time_cost},p={parallelism}${_random(16)}${_random(32)}"
        self._watch: HashWatch = watch or Unwatched()

    def hash(self, password: str) -> str:
        """Return the encoded hash of `password`, with its parameters and its own salt."""
        with self._place():
            return self._argon2.hash(password)

    def verify(self, encoded: str | None, password: str) -> bool:
        """Tell whether `password` matches; with None, spend the same work and answer False (guarantee 1).

        Raises:
            argon2.exceptions.InvalidHashError: `encoded` (a ValueError) is no argon2 hash.
        """
        matches = self._matches(self._nobodys if encoded is None else encoded, password)
        return matches and encoded is not None

    def _matches(self, encoded: str, password: str) -> bool:
        with self._place():
            try:
                return self._argon2.verify(encoded, password)
            except VerifyMismatchError:
                return False

    @contextmanager
    def _place(self) -> Iterator[None]:
        # The gate is given back first and taken back last: nobody who waits for a place here keeps others from running.
        with self._around():
            with self._watch.waiting():
                self._room.acquire()
            try:
                with self._watch.running():
                    yield
            finally:
                self._room.release()


def _random(size: int) -> str:
    """Return random bytes as argon2 writes them: base64 without padding."""
    return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")


class ZxcvbnJudge:
    """Implements `journeys.ports.PasswordJudge` by zxcvbn and the 30,000 common passwords that it carries.

    It is imported at the first question: its lists take time and memory that a process without activations never needs.
    """

    def is_common(self, password: str) -> bool:
        """Tell whether `password` is among the 30,000 most used, capitals or not."""
        return password.lower() in self._common

    def strength(self, password: str, own_words: Sequence[str]) -> int:
        """Return 1 (faible), 2 (moyen) or 3 (fort).

        Args:
            password: The password; its first 72 characters count.
            own_words: Names and other words that somebody who knows the person would try.
        """
        from zxcvbn.matching import RANKED_DICTIONARIES, build_ranked_dict, omnimatch
        from zxcvbn.scoring import most_guessable_match_sequence
        from zxcvbn.time_estimates import estimate_attack_times

        considered = password[:_LONGEST_ESTIMATED]
        # Not `zxcvbn.zxcvbn`: it leaves the words in a dictionary that all threads share, and so mixes up two persons.
        words = build_ranked_dict([word.lower() for word in own_words if word])
        matches = omnimatch(considered, {**RANKED_DICTIONARIES, "user_inputs": words})
        guesses = most_guessable_match_sequence(considered, matches)["guesses"]
        return _LEVELS[estimate_attack_times(guesses)["score"]]

    @cached_property
    def _common(self) -> frozenset[str]:
        from zxcvbn.frequency_lists import FREQUENCY_LISTS

        return frozenset(FREQUENCY_LISTS["passwords"])
