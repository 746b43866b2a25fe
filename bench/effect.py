"""How much two paired series of measures differ, whatever their distribution: medians and signs, with bootstrap intervals."""

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RESAMPLES = 1000
_SPREAD = 0.975  # of a 95 % interval


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def is_within(self, limit: float) -> bool:
        """Tell whether the whole interval lies between -limit and limit."""
        return -limit <= self.low and self.high <= limit

    def is_beyond(self, limit: float) -> bool:
        """Tell whether no value of the interval lies between -limit and limit."""
        return self.low > limit or self.high < -limit


def estimate_median(differences: Sequence[float], draw: random.Random) -> Estimate:
    """Estimate the median of paired differences."""
    return _bootstrap(differences, statistics.median, draw)


def estimate_dominance(differences: Sequence[float], draw: random.Random) -> Estimate:
    """Estimate how much more often the first of a pair is the greater: Cliff's delta within pairs, from -1 to 1, 0 for no difference.

    Within pairs, because both of a pair were measured in the same moment of a busy machine.
    """
    signs = [float((one > 0) - (one < 0)) for one in differences]
    return _bootstrap(signs, statistics.fmean, draw)


def _bootstrap(values: Sequence[float], measure: Callable[[Sequence[float]], float], draw: random.Random) -> Estimate:
    """Return the percentile interval (Efron, 1979)."""
    resampled = sorted(measure(draw.choices(values, k=len(values))) for _ in range(RESAMPLES))
    last = len(resampled) - 1
    return Estimate(measure(values), resampled[round((1 - _SPREAD) * last)], resampled[round(_SPREAD * last)])
