"""Chance that is the same everywhere: a seed number and a household's number give the same draws on any machine."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

Drawn = TypeVar("Drawn")


class Draw:
    """Draws for one household after another.

    Only `Random.random()` is asked: it is the one method whose results Python promises to keep from version to version.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random()  # noqa: S311  fiction has no secret
        self.fraction = self._random.random

    def begin(self, household: int, purpose: str) -> None:
        """Begin the draws of a household; a purpose of its own keeps later draws from moving earlier ones."""
        digest = hashlib.sha256(f"{self._seed}/{household}/{purpose}".encode()).digest()
        self._random.seed(int.from_bytes(digest, "big"))

    def chance(self, probability: float) -> bool:
        """Return True that often."""
        return self.fraction() < probability

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1."""
        return int(self.fraction() * limit)

    def pick(self, choices: Sequence[Drawn]) -> Drawn:
        """Return one of these."""
        return choices[int(self.fraction() * len(choices))]

    def weigh(self, shares: Sequence[tuple[Drawn, float]]) -> Drawn:
        """Return one of these, as often as its share out of 100 says; the first when the shares do not reach 100."""
        point = self.fraction() * 100
        for choice, share in shares:
            point -= share
            if point < 0:
                return choice
        return shares[0][0]
