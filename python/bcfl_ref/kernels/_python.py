"""The pure twins: every kernel as a readable loop over Python integers, the meaning the fast ones must match.

Arguments have passed the check of the same name in `_arguments`; what remains here is to refuse what only the
numbers show, and to compute. NumPy serves as container only. Nothing here runs in constant time.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from math import isfinite, isqrt, ldexp

import numpy as np
from numpy.typing import NDArray

from ..errors import Code, SpecError
from .limits import COORDINATE_MAX, SUM_MAX

Vector = NDArray[np.int32]


def _round_half_even(numerator: int, divisor: int) -> int:
    """AGG-001: the integer nearest to numerator / divisor (divisor > 0); of two equally near, the even one."""
    quotient, remainder = divmod(numerator, divisor)  # floor division: 0 <= remainder < divisor
    if 2 * remainder > divisor or (2 * remainder == divisor and quotient % 2 == 1):
        quotient += 1
    return quotient


def _coordinates(vector: Vector) -> list[int]:
    """The vector as Python integers, each within +-Q."""
    offender = domain_check(vector)
    if offender >= 0:
        raise SpecError(
            Code.DOMAIN_COORDINATE, f"coordinate {offender} is {vector[offender]}, outside +-{COORDINATE_MAX}"
        )
    coordinates: list[int] = vector.tolist()
    return coordinates


def quantize(values: NDArray[np.float32] | NDArray[np.float64], fraction_bits: int) -> Vector:
    """AGG-003: clamp(round_half_even(x * 2^F), -Q, Q), exact for every finite x; NaN or infinity is refused.

    A finite binary float is a ratio of two integers, so no float is ever rounded on the way.
    """
    result = []
    for index, value in enumerate(values.tolist()):
        if not isfinite(value):
            raise SpecError(Code.NOT_FINITE, f"value {index} is {value}")
        numerator, denominator = value.as_integer_ratio()
        rounded = _round_half_even(numerator << fraction_bits, denominator)
        result.append(max(-COORDINATE_MAX, min(rounded, COORDINATE_MAX)))
    return np.array(result, dtype=np.int32)


def dequantize(values: Vector, fraction_bits: int) -> NDArray[np.float64]:
    """AGG-004: q / 2^F, exact: 31 significant bits fit a double and the exponent is tiny."""
    return np.array([ldexp(value, -fraction_bits) for value in values.tolist()], dtype=np.float64)


def domain_check(vector: Vector) -> int:
    """AGG-005: the first index whose coordinate lies outside +-Q, or -1 when there is none."""
    for index, value in enumerate(vector.tolist()):
        if not -COORDINATE_MAX <= value <= COORDINATE_MAX:
            return index
    return -1


def weighted_sum(vectors: Sequence[Vector], weights: Sequence[int]) -> NDArray[np.int64]:
    """AGG-006: sum over n of weights[n] * vectors[n], by coordinate; |sum| < 2^47."""
    columns = zip(*[_coordinates(vector) for vector in vectors], strict=True)
    sums = [sum(weight * value for weight, value in zip(weights, column, strict=True)) for column in columns]
    return np.array(sums, dtype=np.int64)


def div_round(numerators: NDArray[np.int64], multiplier: int, divisor: int) -> NDArray[np.int64]:
    """AGG-007: round_half_even(multiplier * x / divisor) for each x, |x| < 2^47 or refused."""
    result = []
    for index, numerator in enumerate(numerators.tolist()):
        if not -SUM_MAX <= numerator <= SUM_MAX:
            raise SpecError(Code.SUM_RANGE, f"numerator {index} is {numerator}, outside +-{SUM_MAX}")
        result.append(_round_half_even(multiplier * numerator, divisor))
    return np.array(result, dtype=np.int64)


def coordinate_median(vectors: Sequence[Vector]) -> Vector:
    """AGG-008: by coordinate, the middle value; for even n, round_half_even((lower + upper) / 2)."""
    lower, upper = (len(vectors) - 1) // 2, len(vectors) // 2
    medians = []
    for column in zip(*[_coordinates(vector) for vector in vectors], strict=True):
        ordered = sorted(column)
        medians.append(_round_half_even(ordered[lower] + ordered[upper], 2))
    return np.array(medians, dtype=np.int32)


def trimmed_sum(vectors: Sequence[Vector], trim: int) -> NDArray[np.int64]:
    """AGG-009: by coordinate, the sum without the `trim` smallest and the `trim` largest values."""
    stop = len(vectors) - trim
    columns = zip(*[_coordinates(vector) for vector in vectors], strict=True)
    return np.array([sum(sorted(column)[trim:stop]) for column in columns], dtype=np.int64)


def nearest_sum(vectors: Sequence[Vector], keep: int) -> NDArray[np.int64]:
    """AGG-015: by coordinate, the sum of the `keep` values nearest to the median; of two equally near the smaller.

    Twice the median is an integer, so twice the distances are compared.
    """
    lower, upper = (len(vectors) - 1) // 2, len(vectors) // 2
    sums = []
    for column in zip(*[_coordinates(vector) for vector in vectors], strict=True):
        ordered = sorted(column)
        middle = ordered[lower] + ordered[upper]
        nearest = sorted(ordered, key=lambda value: (abs(2 * value - middle), value))
        sums.append(sum(nearest[:keep]))
    return np.array(sums, dtype=np.int64)


def pairwise_sqdist(vectors: Sequence[Vector]) -> list[list[int]]:
    """AGG-014: the symmetric matrix of squared Euclidean distances, exact, zero on the diagonal."""
    points = [_coordinates(vector) for vector in vectors]
    distances = [[0] * len(points) for _ in points]
    for i, left in enumerate(points):
        for j in range(i):
            squared = sum((a - b) * (a - b) for a, b in zip(left, points[j], strict=True))
            distances[i][j] = distances[j][i] = squared
    return distances


def clip_l2(vector: Vector, bound: int) -> Vector:
    """AGG-011: the vector shortened, towards zero, to a Euclidean norm of at most `bound`.

    N = sum of q^2. If N <= bound^2 it is returned as it is; else s = ceil(sqrt(N)) and every coordinate
    becomes sign(q) * floor(|q| * bound / s). Truncation and the rounded-up root make the bound hold always.
    """
    coordinates = _coordinates(vector)
    squared_norm = sum(value * value for value in coordinates)
    if squared_norm <= bound * bound:
        return vector.copy()
    norm = isqrt(squared_norm - 1) + 1  # ceil of the root, since squared_norm > 0 here
    clipped = [abs(value) * bound // norm * (-1 if value < 0 else 1) for value in coordinates]
    return np.array(clipped, dtype=np.int32)


def sha256_chunks(data: bytes | bytearray | memoryview, chunk_bytes: int = 4096) -> bytes:
    """AGG-012: the SHA-256 digests of successive chunks, concatenated; the last chunk is not padded."""
    view = memoryview(data).cast("B")
    return b"".join(sha256(view[start : start + chunk_bytes]).digest() for start in range(0, len(view), chunk_bytes))


def ssz_merkleize(chunks: bytes, limit: int) -> bytes:
    """AGG-013: the root of the binary SHA-256 tree over the chunks, padded with zero chunks to `limit`.

    The number of leaves is the next power of two >= limit; subtrees of padding are never built.
    """
    level = [chunks[start : start + 32] for start in range(0, len(chunks), 32)]
    zero = bytes(32)
    for _ in range((limit - 1).bit_length()):
        if len(level) % 2 == 1:
            level.append(zero)
        level = [sha256(level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
        zero = sha256(zero + zero).digest()
    return level[0] if level else zero
