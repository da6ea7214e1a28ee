"""What a spent privacy budget means as epsilon and delta, for reports alone: floating point (PRV-069)."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, log1p, sqrt

from ..errors import UsageError
from ..privacy.budget import UNIT_BITS

DELTA = 1e-5
"""The delta of a report that names none."""
_BISECTIONS = 200


def epsilon(rho: float, delta: float) -> float:
    """PRV-069: The least epsilon that rho-zCDP gives for this delta, after Canonne, Kamath and Steinke 2020.

    That is the least of rho·a + ln(1 / (a·delta)) / (a - 1) + ln(1 - 1/a) over a > 1. Its derivative is 0 where
    rho·(a - 1)^2 = ln(1 / (a·delta)), which happens once; any other a would give a larger epsilon, never a wrong one.
    """
    if not 0 < delta < 1:
        raise UsageError(f"delta {delta:g} is not between 0 and 1")
    if rho < 0:
        raise UsageError(f"rho {rho:g} is below 0")
    if rho == 0:
        return 0.0
    low, high = 0.0, sqrt(-log(delta) / rho)
    for _ in range(_BISECTIONS):
        over = (low + high) / 2  # a - 1
        if rho * over * over < -log(delta) - log1p(over):
            low = over
        else:
            high = over
    over = high
    return max(0.0, rho * (1 + over) - (log(delta) + log1p(over)) / over + log(over) - log1p(over))


def epsilons(spent: Sequence[int], delta: float) -> tuple[float, ...]:
    """PRV-069: The epsilon after each round, from what was spent until then in units of PRV-067."""
    return tuple(epsilon(units / 2**UNIT_BITS, delta) for units in spent)
