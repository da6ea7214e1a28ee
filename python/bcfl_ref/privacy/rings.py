"""The ring in which masked sums live, chosen so that a sum never wraps (PRV-022, PRV-023)."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Code, SpecError
from ..kernels.limits import COORDINATE_MAX, WEIGHT_MAX

RINGS = (32, 64)
SUMMANDS_MAX = 2**32


def sum_bound(summands: int, weight_max: int) -> int:
    """PRV-022: The largest magnitude of a sum of `summands` quantised coordinates with weights up to `weight_max`.

    Errors, in order: SUMMANDS_RANGE unless 1 <= summands <= 2^32; WEIGHT_RANGE unless 1 <= weight_max < 2^16.
    """
    if not 1 <= summands <= SUMMANDS_MAX:
        raise SpecError(Code.SUMMANDS_RANGE, f"{summands} summands")
    if not 1 <= weight_max <= WEIGHT_MAX:
        raise SpecError(Code.WEIGHT_RANGE, f"weights up to {weight_max}")
    return summands * weight_max * COORDINATE_MAX


def ring_width(summands: int, weight_max: int) -> int:
    """PRV-022: The bits of the smallest ring in which no such sum wraps: 2·bound + 1 <= 2^bits.

    Errors, in order: those of sum_bound, then RING_OVERFLOW.
    """
    bound = sum_bound(summands, weight_max)
    for bits in RINGS:
        if 2 * bound + 1 <= 1 << bits:
            return bits
    raise SpecError(Code.RING_OVERFLOW, f"a sum can reach {bound}")


def to_ring(values: Sequence[int], ring: int) -> list[int]:
    """PRV-023: Signed integers as words of the ring. Errors: RING_WIDTH; VALUE_RANGE outside the signed range."""
    half = 1 << check_ring(ring) - 1
    for value in values:
        if not -half <= value < half:
            raise SpecError(Code.VALUE_RANGE, f"{value} has no word of {ring} bits")
    return [value % (2 * half) for value in values]


def from_ring(words: Sequence[int], ring: int, bound: int) -> list[int]:
    """PRV-023: The signed sums that words stand for.

    Errors, in order: RING_WIDTH; RING_OVERFLOW unless 2·bound + 1 <= 2^ring; RING_SUM_RANGE for the first sum
    beyond the bound: a member added what it must not, and the whole sum is worth nothing.
    """
    modulus = 1 << check_ring(ring)
    if 2 * bound + 1 > modulus:
        raise SpecError(Code.RING_OVERFLOW, f"bound {bound} in a ring of {ring} bits")
    sums = [word - modulus if 2 * word >= modulus else word for word in words]
    for index, value in enumerate(sums):
        if abs(value) > bound:
            raise SpecError(Code.RING_SUM_RANGE, f"sum {index} is beyond {bound}")
    return sums


def check_ring(ring: int) -> int:
    """PRV-023: 32 or 64. Errors: RING_WIDTH."""
    if ring not in RINGS:
        raise SpecError(Code.RING_WIDTH, f"a ring of {ring} bits")
    return ring
