"""What a round spends of a task's privacy budget, in integers that every node computes alike (PRV-067, PRV-068)."""

from __future__ import annotations

from ..errors import Code, SpecError
from ..types import Noise
from .cost import COORDINATES_MAX
from .noise import noise_share

UNIT_BITS = 40
"""PRV-067: costs and budgets count 2^-40 of rho."""
COST_MAX = 2**64 - 1
_DECAY_MAX = 128


def round_cost(noise: Noise, survivors_min: int, dimension: int) -> int:
    """PRV-067: The rho of one sum with noise, in units of 2^-40, every part rounded up.

    Errors, in order: those of noise_share; EMPTY unless there is a coordinate; VECTOR_LENGTH beyond 2^32 of them;
    BUDGET_EXCEEDED for a cost that no budget holds.
    """
    share, honest = noise_share(noise, survivors_min), survivors_min - noise.colluders
    if dimension < 1:
        raise SpecError(Code.EMPTY, "no coordinates")
    if dimension > COORDINATES_MAX:
        raise SpecError(Code.VECTOR_LENGTH, f"{dimension} coordinates")
    squared_bound = noise.clip_bound * noise.clip_bound
    gaussian = _ceil((squared_bound * noise.variance_denominator) << UNIT_BITS, 2 * noise.variance_numerator)
    decay = min(14 * share[0] // share[1], _DECAY_MAX)
    lattice = _ceil((5 * (honest - 1) * dimension) << UNIT_BITS, 1 << decay)
    if gaussian + lattice > COST_MAX:
        raise SpecError(Code.BUDGET_EXCEEDED, "a round costs more than any budget holds")
    return gaussian + lattice


def charge(spent: int, cost: int, budget: int) -> int:
    """PRV-068: What is spent after a round of this cost. Errors: BUDGET_EXCEEDED where that is above the budget."""
    if spent + cost > budget:
        raise SpecError(Code.BUDGET_EXCEEDED, f"{spent} spent, the round costs {cost}, the budget is {budget}")
    return spent + cost


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
