"""Who is paid what: pools, largest-remainder splits and reputation (INC-005 to INC-008)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from ..errors import Code, SpecError
from ..parameters import BASIS_POINTS
from ..types import Parameters


class Fact(IntEnum):
    """INC-008: The facts on the ledger that move a reputation."""

    UPDATE_ACCEPTED = 1
    UPDATE_REJECTED = 2
    SCORES_REVEALED = 3
    AGGREGATE_CONFIRMED = 4
    WORK_MISSING = 5
    FAULT_PROVED = 6


def largest_remainder(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """INC-005: Split `amount` in proportion to `weights`; the parts always sum to `amount`.

    Each part is first ⌊amount·w/W⌋; the tokens left go one each to the largest remainders of amount·w mod W,
    ties to the lowest index. Errors: WEIGHTS_EMPTY when the weights sum to zero.
    """
    total = sum(weights)
    if total == 0:
        raise SpecError(Code.WEIGHTS_EMPTY, f"{len(weights)} weights sum to zero")
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return tuple(parts)


def round_pools(reward: int, trainers_bps: int, scorers_bps: int, aggregators_bps: int) -> tuple[int, int, int]:
    """INC-006: The round's reward split into the three pools. Errors: SHARES_SUM unless they sum to 10^4."""
    shares = (trainers_bps, scorers_bps, aggregators_bps)
    if sum(shares) != BASIS_POINTS:
        raise SpecError(Code.SHARES_SUM, f"{shares} sum to {sum(shares)} basis points")
    trainers, scorers, aggregators = largest_remainder(reward, shares)
    return trainers, scorers, aggregators


def next_reputation(reputation_bps: int, fact: Fact, parameters: Parameters) -> int:
    """INC-008: The reputation after one fact, within the ledger's bounds; a proved fault takes it to the floor."""
    change = {
        Fact.UPDATE_ACCEPTED: parameters.reputation_gain_bps,
        Fact.SCORES_REVEALED: parameters.reputation_gain_bps,
        Fact.AGGREGATE_CONFIRMED: parameters.reputation_gain_bps,
        Fact.UPDATE_REJECTED: -parameters.reputation_loss_bps,
        Fact.WORK_MISSING: -parameters.reputation_loss_bps,
        Fact.FAULT_PROVED: -BASIS_POINTS,
    }[fact]
    bounded = max(parameters.reputation_min_bps, reputation_bps + change)
    return min(parameters.reputation_max_bps, bounded)
