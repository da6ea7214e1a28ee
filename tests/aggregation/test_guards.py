"""The guards one by one at their seams; their order within a rule is pinned by the two-fault vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bcfl_ref.aggregation import guards
from bcfl_ref.errors import Code, SpecError

Q = 2**20 - 1
ONE = np.array([1], dtype=np.int32)
TWO = np.array([1, 2], dtype=np.int32)

SEAMS: list[tuple[Callable[..., None], tuple[Any, ...], Code | None]] = [
    (guards.check_rate, ((1, 65535),), None),
    (guards.check_rate, ((65535, 1),), None),
    (guards.check_rate, ((0, 1),), Code.RATE_RANGE),
    (guards.check_rate, ((1, 0),), Code.RATE_RANGE),
    (guards.check_rate, ((65536, 1),), Code.RATE_RANGE),
    (guards.check_count, (1,), None),
    (guards.check_count, (2047,), None),
    (guards.check_count, (0,), Code.EMPTY),
    (guards.check_count, (2048,), Code.VECTOR_COUNT),
    (guards.check_trim, (0,), None),
    (guards.check_trim, (4999,), None),
    (guards.check_trim, (5000,), Code.TRIM_RANGE),
    (guards.check_byzantine, (0, 3), None),
    (guards.check_byzantine, (0, 2), Code.BYZANTINE_RANGE),
    (guards.check_byzantine, (1022, 2047), None),
    (guards.check_byzantine, (1023, 2047), Code.BYZANTINE_RANGE),
    (guards.check_byzantine, (-1, 5), Code.BYZANTINE_RANGE),
    (guards.check_bulyan, (0, 3), None),
    (guards.check_bulyan, (0, 2), Code.BYZANTINE_RANGE),
    (guards.check_bulyan, (1, 7), None),
    (guards.check_bulyan, (1, 6), Code.BYZANTINE_RANGE),
    (guards.check_bulyan, (-1, 7), Code.BYZANTINE_RANGE),
    (guards.check_select, (1, 1, 5), None),
    (guards.check_select, (4, 1, 5), None),
    (guards.check_select, (0, 1, 5), Code.SELECT_RANGE),
    (guards.check_select, (5, 1, 5), Code.SELECT_RANGE),
    (guards.check_norm_bound, (1,), None),
    (guards.check_norm_bound, (2**32 - 1,), None),
    (guards.check_norm_bound, (0,), Code.NORM_BOUND_RANGE),
    (guards.check_norm_bound, (2**32,), Code.NORM_BOUND_RANGE),
    (guards.check_inputs, (ONE, [ONE], [65535]), None),
    (guards.check_inputs, (ONE, [ONE], []), Code.WEIGHT_COUNT),
    (guards.check_inputs, ([1], [ONE], [1]), Code.KERNEL_ARGUMENT),
    (guards.check_inputs, (ONE, [ONE.astype(np.int64)], [1]), Code.KERNEL_ARGUMENT),
    (guards.check_inputs, (ONE[:0], [ONE[:0]], [1]), Code.EMPTY),
    (guards.check_inputs, (ONE, [TWO], [1]), Code.VECTOR_LENGTH),
    (guards.check_inputs, (ONE, [ONE], [0]), Code.WEIGHT_RANGE),
    (guards.check_inputs, (ONE, [ONE], [65536]), Code.WEIGHT_RANGE),
    (guards.check_inputs, (ONE, [ONE * (Q + 1)], [1]), Code.DOMAIN_COORDINATE),
    (guards.check_inputs, (ONE * (Q + 1), [ONE * Q], [1]), None),
]


@pytest.mark.parametrize(("check", "args", "code"), SEAMS)
def test_seams(check: Callable[..., None], args: tuple[Any, ...], code: Code | None) -> None:
    """Each guard accepts up to its bound and refuses one beyond it, with its own code."""
    if code is None:
        check(*args)
        return
    with pytest.raises(SpecError) as refusal:
        check(*args)
    assert refusal.value.code is code


def test_trim_below_half_always_leaves_something() -> None:
    """With beta below one half, 2k < n holds for every n, so no rule needs a guard of its own for it."""
    for count in range(1, 2048):
        assert 2 * (guards.TRIM_BPS_MAX * count // guards.BASIS_POINTS) < count
