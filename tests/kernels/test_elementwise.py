"""Every variant of the kernels on one vector: `dequantize`, `domain_check`, `div_round`, `clip_l2`."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code
from bcfl_ref.kernels import limits
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.outcome import outcome

Q = 2**20 - 1
SUM = 2**47 - 1
VARIANTS = kernels.available_variants()
NATIVE = [name for name in VARIANTS if name != "python"]
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100]


def same(variant: str, kernel: str, *arguments: Any) -> None:
    assert outcome(variant, kernel, *arguments) == outcome("python", kernel, *arguments)


@pytest.mark.parametrize("variant", NATIVE)
def test_dequantize(variant: str) -> None:
    """Every size and every F gives the exact quotient, zero and both ends of int32 included."""
    values = np.random.default_rng(1).integers(-(2**31), 2**31, 100, dtype=np.int32)
    values[:4] = [0, -1, 2**31 - 1, -(2**31)]
    for size in SIZES:
        same(variant, "dequantize", values[:size], 16)
    for bits in range(31):
        same(variant, "dequantize", values, bits)


@pytest.mark.parametrize("variant", NATIVE)
def test_dequantize_in_a_hostile_environment(variant: str, hostile) -> None:
    """The smallest results are far from subnormal and nothing is rounded, whatever the mode."""
    values = np.array([1, -1, 2**31 - 1, 3, -(2**31), 0, 5, 7, 9], dtype=np.int32)
    result = hostile(lambda: outcome(variant, "dequantize", values, 30))
    assert result[1] == [math.ldexp(value, -30) for value in values.tolist()]


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("outside", [Q + 1, -Q - 1, 2**31 - 1, -(2**31)])
def test_domain_check(variant: str, outside: int) -> None:
    """The first of two offenders is found at every place; +-Q are inside."""
    for size in (*SIZES, 1023, 1024, 1025, 2100):
        vector = np.full(size, Q, dtype=np.int32)
        vector[1::2] = -Q
        with kernels.use_variant(variant):
            assert kernels.domain_check(vector) == -1
            for place in {0, 1, size // 2, size - 1} & set(range(size)):
                broken = vector.copy()
                broken[[place, -1]] = outside
                assert kernels.domain_check(broken) == place


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize(
    ("multiplier", "divisor"),
    [
        (1, 1),
        (1, 2),
        (3, 2),
        (1, 3),
        (7, 10),
        (65535, 1),
        (65535, 65536),
        (65535, limits.DIVISOR_MAX),
        (65534, limits.DIVISOR_MAX - 1),
        (1, 2**32),
        (65535, 2**42 + 1),
    ],
)
def test_div_round_at_the_seams(variant: str, multiplier: int, divisor: int) -> None:
    """Ties, multiples, their neighbours and the largest numerators have the exact half-even quotient."""
    near = [k * divisor * 2 // (2 * multiplier) + d for k in (0, 1, 2, 3, 1000) for d in (-1, 0, 1)]
    ties = [(2 * k + 1) * divisor // (2 * multiplier) + d for k in range(6) for d in (-1, 0, 1)]
    values = sorted({v for v in (*near, *ties, SUM, SUM - 1, 2**46) if abs(v) <= SUM})
    numerators = np.array([*values, *[-v for v in values]], dtype=np.int64)
    with kernels.use_variant(variant):
        result = kernels.div_round(numerators, multiplier, divisor).tolist()
    assert result == [round(Fraction(multiplier * x, divisor)) for x in numerators.tolist()]


@pytest.mark.parametrize("variant", NATIVE)
@given(
    st.lists(st.integers(-SUM, SUM) | st.integers(-50, 50), min_size=1, max_size=20),
    st.integers(1, 65535) | st.integers(1, 9),
    st.integers(1, limits.DIVISOR_MAX) | st.integers(1, 100),
)
@settings(deadline=None, max_examples=60)
def test_div_round(variant: str, numerators: list[int], multiplier: int, divisor: int) -> None:
    """Any numerators, multiplier and divisor give the quotients of the twin."""
    same(variant, "div_round", np.array(numerators, dtype=np.int64), multiplier, divisor)


@pytest.mark.parametrize("outside", [SUM + 1, -SUM - 1, 2**63 - 1, -(2**63)])
def test_div_round_range(variant: str, outside: int) -> None:
    """The first numerator of 48 bits is refused and named."""
    for place in range(9):
        numerators = np.full(9, -SUM, dtype=np.int64)
        numerators[[place, -1]] = outside
        code, detail = outcome(variant, "div_round", numerators, 65535, 1)
        assert (code, detail) == (Code.SUM_RANGE, f"numerator {place} is {outside}, outside +-{SUM}")


@pytest.mark.parametrize("variant", NATIVE)
def test_clip_l2_sizes(variant: str) -> None:
    """Every remainder of lanes, inside the bound, just at it and far beyond."""
    values = np.random.default_rng(3).integers(-Q, Q, 100, dtype=np.int32, endpoint=True)
    values[:3] = [0, Q, -Q]
    for size in SIZES:
        vector = values[:size].copy()
        norm = math.isqrt(sum(v * v for v in vector.tolist()))
        for bound in {1, 2, max(1, norm - 1), max(1, norm), norm + 1, 1000, 2**32 - 1}:
            same(variant, "clip_l2", vector, bound)


@pytest.mark.parametrize("variant", NATIVE)
def test_clip_l2_largest(variant: str) -> None:
    """Squares beyond 64 bits are summed exactly, and the quotients next to the largest product are right."""
    size = 2**24 + 2**20
    vector = np.full(size, Q, dtype=np.int32)
    vector[::2] = -Q
    assert size * Q * Q > 2**64
    norm = math.isqrt(size * Q * Q - 1) + 1
    for bound in (2**32 - 1, 2**31 + 1):
        wanted = Q * bound // norm if size * Q * Q > bound * bound else Q
        with kernels.use_variant(variant):
            result = kernels.clip_l2(vector, bound)
        assert (result[1::2] == wanted).all()
        assert (result[::2] == -wanted).all()


@pytest.mark.parametrize("variant", NATIVE)
@given(
    st.lists(st.integers(-Q, Q) | st.integers(-9, 9) | st.sampled_from([Q, -Q, Q + 1]), min_size=1, max_size=40),
    st.integers(1, 2**32 - 1) | st.integers(1, 5000),
)
@settings(deadline=None, max_examples=60)
def test_clip_l2(variant: str, values: list[int], bound: int) -> None:
    """Any vector and bound give the coordinates, or the refusal in the same words, of the twin."""
    same(variant, "clip_l2", np.array(values, dtype=np.int32), bound)


def test_clip_l2_gives_another_array(variant: str) -> None:
    """A vector within the bound is copied: writing into the result leaves the input alone."""
    vector = np.array([3, 4], dtype=np.int32)
    with kernels.use_variant(variant):
        result = kernels.clip_l2(vector, 5)
    result[0] = 9
    assert vector.tolist() == [3, 4]


@pytest.mark.parametrize("variant", NATIVE)
def test_unaligned(variant: str) -> None:
    """Vectors at odd addresses are vectors like any other."""
    vector = np.random.default_rng(4).integers(-Q, Q, 77, dtype=np.int32)
    shifted = np.frombuffer(b"\0" + vector.tobytes(), dtype=np.int32, offset=1)
    wide = np.frombuffer(b"\0" + vector.astype(np.int64).tobytes(), dtype=np.int64, offset=1)
    same(variant, "dequantize", shifted, 9)
    same(variant, "domain_check", shifted)
    same(variant, "clip_l2", shifted, 12345)
    same(variant, "div_round", wide, 3, 7)
