"""The kernels on one vector beside NumPy: exact quotients, domain, clipping."""

from __future__ import annotations

import math

import numpy as np
from bcfl_ref import kernels

Q = 2**20 - 1
SIZE = 1_000_000


def vector() -> np.ndarray:
    return np.random.default_rng(7).integers(-Q, Q, SIZE, dtype=np.int32, endpoint=True)


def test_dequantize(contest) -> None:
    """Multiply by a power of two."""
    values = vector()
    contest(
        f"dequantize d={SIZE}",
        lambda: values * 2.0**-16,
        lambda: kernels.dequantize(values, 16),
        12 * SIZE,
    )


def test_domain_check(contest) -> None:
    """Two passes of NumPy (largest, smallest) against one."""
    values = vector()
    contest(
        f"domain_check d={SIZE}",
        lambda: values.max() <= Q and values.min() >= -Q,
        lambda: kernels.domain_check(values),
        4 * SIZE,
    )


def div_round_by_numpy(numerators: np.ndarray, multiplier: int, divisor: int) -> np.ndarray:
    product = numerators * multiplier
    quotient, remainder = np.divmod(product, divisor)
    twice = 2 * remainder
    quotient += (twice > divisor) | ((twice == divisor) & (quotient & 1 == 1))
    return quotient


def test_div_round(contest) -> None:
    """The same quotients, then the time."""
    numerators = np.random.default_rng(7).integers(-(2**46), 2**46, SIZE)
    multiplier, divisor = 3, 2 * 12345
    wanted = div_round_by_numpy(numerators, multiplier, divisor)
    assert np.array_equal(wanted, kernels.div_round(numerators, multiplier, divisor))
    contest(
        f"div_round d={SIZE}",
        lambda: div_round_by_numpy(numerators, multiplier, divisor),
        lambda: kernels.div_round(numerators, multiplier, divisor),
        16 * SIZE,
    )


def clip_by_numpy(values: np.ndarray, bound: int) -> np.ndarray:
    wide = values.astype(np.int64)
    squares = int(wide @ wide)
    if squares <= bound * bound:
        return values.copy()
    norm = math.isqrt(squares - 1) + 1
    return (np.sign(wide) * (np.abs(wide) * bound // norm)).astype(np.int32)


def test_clip_l2(contest) -> None:
    """The same coordinates, then the time."""
    values, bound = vector(), 10**8
    assert np.array_equal(clip_by_numpy(values, bound), kernels.clip_l2(values, bound))
    contest(
        f"clip_l2 d={SIZE}",
        lambda: clip_by_numpy(values, bound),
        lambda: kernels.clip_l2(values, bound),
        8 * SIZE,
    )
