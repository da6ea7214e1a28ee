"""From testimony to acceptance: ratios, the weighted lower median and the bar (INC-001 to INC-004)."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Code, InvariantError, SpecError
from ..parameters import BASIS_POINTS
from ..types import Testimony

PPM = 1_000_000


def score_ppm(testimony: Testimony) -> int:
    """INC-001: ⌊10^6 · correct / total⌋. Errors: TESTIMONY_INVALID when total is 0 or correct exceeds it."""
    if testimony.total == 0 or testimony.correct > testimony.total:
        raise SpecError(Code.TESTIMONY_INVALID, f"{testimony.correct} of {testimony.total}")
    return PPM * testimony.correct // testimony.total


def is_scored(included: int, total: int) -> bool:
    """INC-002: A round is scored when 3·included > 2·total, in weight of scorers."""
    return 3 * included > 2 * total


def weighted_lower_median(values: Sequence[int], weights: Sequence[int]) -> int:
    """INC-003: The smallest value v whose weights at or below v reach half of all: 2·Σ_{v_i ≤ v} w_i ≥ Σ w_i.

    Errors: WEIGHTS_EMPTY when the weights sum to zero.
    """
    total = sum(weights)
    if total == 0:
        raise SpecError(Code.WEIGHTS_EMPTY, "no weight behind any value")
    reached = 0
    for value, weight in sorted(zip(values, weights, strict=True)):
        reached += weight
        if 2 * reached >= total:
            return value
    raise InvariantError("the weights reach their own sum")


def accepted(scores: Sequence[int], acceptance_bps: int) -> tuple[bool, ...]:
    """INC-004: Which updates pass: positive, and 10^4·score ≥ acceptance_bps · (lower median of all scores)."""
    if not scores:
        return ()
    reference = weighted_lower_median(scores, [1] * len(scores))
    return tuple(score > 0 and BASIS_POINTS * score >= acceptance_bps * reference for score in scores)
