"""The guards of aggregation, one function each, called by every rule in the same order (AGG-020, AGG-021)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..errors import Code, SpecError
from ..kernels.limits import COORDINATE_MAX, MULTIPLIER_MAX, NORM_BOUND_MAX, VECTORS_MAX, WEIGHT_MAX

BASIS_POINTS = 10_000
TRIM_BPS_MAX = BASIS_POINTS // 2 - 1

Model = NDArray[np.int32]
Rate = tuple[int, int]


def check_rate(rate: Rate) -> None:
    """AGG-020: the server rate a/b has 1 <= a, b <= 65535. Errors: RATE_RANGE."""
    if not all(1 <= part <= MULTIPLIER_MAX for part in rate):
        raise SpecError(Code.RATE_RANGE, f"server rate {rate[0]}/{rate[1]}: both parts are 1..{MULTIPLIER_MAX}")


def check_count(count: int) -> None:
    """AGG-020: 1 <= n <= 2047 updates. Errors: EMPTY, VECTOR_COUNT."""
    if count == 0:
        raise SpecError(Code.EMPTY, "no updates")
    if count > VECTORS_MAX:
        raise SpecError(Code.VECTOR_COUNT, f"{count} updates, at most {VECTORS_MAX}")


def check_trim(trim_bps: int) -> None:
    """AGG-020: 0 <= beta < 1/2 in basis points, so that 2 * floor(beta * n) < n. Errors: TRIM_RANGE."""
    if not 0 <= trim_bps <= TRIM_BPS_MAX:
        raise SpecError(Code.TRIM_RANGE, f"trim_bps {trim_bps} is outside 0..{TRIM_BPS_MAX}")


def check_byzantine(byzantine: int, count: int) -> None:
    """AGG-020: Krum tolerates f among n only if 2f + 2 < n. Errors: BYZANTINE_RANGE."""
    if byzantine < 0 or 2 * byzantine + 2 >= count:
        raise SpecError(
            Code.BYZANTINE_RANGE,
            f"f = {byzantine} needs at least {2 * byzantine + 3} updates, there are {count}",
        )


def check_bulyan(byzantine: int, count: int) -> None:
    """AGG-020: Bulyan tolerates f among n only if n >= 4f + 3. Errors: BYZANTINE_RANGE."""
    if byzantine < 0 or 4 * byzantine + 3 > count:
        raise SpecError(
            Code.BYZANTINE_RANGE,
            f"f = {byzantine} needs at least {4 * byzantine + 3} updates, there are {count}",
        )


def check_select(select: int, byzantine: int, count: int) -> None:
    """AGG-020: Multi-Krum averages 1 <= m <= n - f updates. Errors: SELECT_RANGE."""
    if not 1 <= select <= count - byzantine:
        raise SpecError(
            Code.SELECT_RANGE,
            f"m = {select} is outside 1..{count - byzantine} (n = {count}, f = {byzantine})",
        )


def check_norm_bound(norm_bound: int) -> None:
    """AGG-020: 1 <= B < 2^32. Errors: NORM_BOUND_RANGE."""
    if not 1 <= norm_bound <= NORM_BOUND_MAX:
        raise SpecError(Code.NORM_BOUND_RANGE, f"norm_bound {norm_bound} is outside 1..{NORM_BOUND_MAX}")


def check_vectors(base: Model, updates: Sequence[Model]) -> None:
    """AGG-021: int32 vectors, the base not empty, every update as long as it.

    Errors, in order: KERNEL_ARGUMENT (not an int32 vector at all), EMPTY, VECTOR_LENGTH.
    """
    for vector in (base, *updates):
        if not isinstance(vector, np.ndarray) or vector.dtype != np.int32 or vector.ndim != 1:
            raise SpecError(Code.KERNEL_ARGUMENT, f"a model or update must be an int32 vector, not {type(vector)}")
    if base.size == 0:
        raise SpecError(Code.EMPTY, "the base model has no coordinates")
    for position, update in enumerate(updates):
        if update.size != base.size:
            raise SpecError(
                Code.VECTOR_LENGTH,
                f"update {position} has {update.size} coordinates, the model has {base.size}",
            )


def check_domain(updates: Sequence[Model]) -> None:
    """AGG-021: every coordinate of every update is within +-Q. Errors: DOMAIN_COORDINATE."""
    for position, update in enumerate(updates):
        index = kernels.domain_check(update)
        if index >= 0:
            raise SpecError(
                Code.DOMAIN_COORDINATE,
                f"update {position}, coordinate {index} is {update[index]}, outside +-{COORDINATE_MAX}",
            )


def check_inputs(base: Model, updates: Sequence[Model], weights: Sequence[int]) -> None:
    """AGG-021: what every rule asks of its inputs, after its parameters.

    Errors, in order: WEIGHT_COUNT, KERNEL_ARGUMENT, EMPTY, VECTOR_LENGTH, WEIGHT_RANGE, DOMAIN_COORDINATE.
    """
    if len(weights) != len(updates):
        raise SpecError(Code.WEIGHT_COUNT, f"{len(weights)} weights for {len(updates)} updates")
    check_vectors(base, updates)
    for position, weight in enumerate(weights):
        if not 1 <= weight <= WEIGHT_MAX:
            raise SpecError(Code.WEIGHT_RANGE, f"weight {position} is {weight}, outside 1..{WEIGHT_MAX}")
    check_domain(updates)
