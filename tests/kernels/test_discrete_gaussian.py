"""Every variant of `discrete_gaussian` gives the samples of the pure twin, spread as they should be (PRV-063)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.kernels.limits import VARIANCE_MAX
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm

SEED = bytes(range(32))
ALPHA = 1e-6
"""The chance that a right sampler had of failing; the seeds are fixed, so it never will."""
NATIVE = kernels.kernel_table()["discrete_gaussian"] != "python"
VARIANCES = [
    (1, 2),
    (3, 1),
    (10000, 7),
    (2**45, 3),
    (VARIANCE_MAX, 1),
    (VARIANCE_MAX, 2**53 - 111),
    (1, VARIANCE_MAX),
]


def by_twin(count: int, numerator: int, denominator: int, seed: bytes) -> list[int]:
    with kernels.use_variant("python"):
        samples: list[int] = kernels.discrete_gaussian(count, numerator, denominator, seed).tolist()
    return samples


# One below, at and above a whole number of streams of 256.
@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 513])
@pytest.mark.parametrize(("numerator", "denominator"), VARIANCES)
def test_samples_are_those_of_the_twin(variant: str, count: int, numerator: int, denominator: int) -> None:
    """The same bytes whatever runs, at the seams of streams and at the ends of the range of variances."""
    with kernels.use_variant(variant):
        found = kernels.discrete_gaussian(count, numerator, denominator, SEED)
    assert found.dtype == np.int64 and found.tolist() == by_twin(count, numerator, denominator, SEED)


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 40),
    st.integers(1, VARIANCE_MAX) | st.integers(1, 2**20),
    st.integers(1, VARIANCE_MAX) | st.integers(1, 2**10),
    st.binary(min_size=32, max_size=32),
)
def test_any_variance_gives_the_samples_of_the_twin(
    count: int, numerator: int, denominator: int, seed: bytes
) -> None:
    """The same for variances and seeds of all sizes."""
    found = kernels.discrete_gaussian(count, numerator, denominator, seed).tolist()
    assert found == by_twin(count, numerator, denominator, seed)


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_threads_give_the_same_samples() -> None:
    """Streams are shared among threads, samples are not changed by it."""
    alone = kernels.discrete_gaussian(100_001, 50, 7, SEED)
    for threads in (2, 3, 8):
        with kernels.use_threads(threads):
            assert np.array_equal(kernels.discrete_gaussian(100_001, 50, 7, SEED), alone)


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
@pytest.mark.parametrize("numerator", [10**8, 2**45, VARIANCE_MAX])
def test_a_million_samples_pass_a_chi_square(numerator: int) -> None:
    """Where sigma is large the discrete Gaussian is a normal one to 10^-8: two hundred equal cells, level 10^-6."""
    size, cells = 1_000_000, 200
    samples = kernels.discrete_gaussian(size, numerator, 1, SEED)
    edges = norm.ppf(np.arange(1, cells) / cells) * numerator**0.5
    # A sample stands for the numbers that are rounded to it.
    counts = np.bincount(np.searchsorted(np.floor(edges + 0.5), samples, side="right"), minlength=cells)
    bounds = np.concatenate([[-np.inf], (np.floor(edges + 0.5) - 0.5) / numerator**0.5, [np.inf]])
    wanted = np.diff(norm.cdf(bounds)) * size
    statistic = float(((counts - wanted) ** 2 / wanted).sum())
    assert statistic < chi2.isf(ALPHA, cells - 1)
    assert chi2.isf(1 - ALPHA, cells - 1) < statistic, "nor are they spread more evenly than chance would"


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_samples_do_not_hang_together() -> None:
    """Neighbours, signs and the samples of two streams are uncorrelated, within five standard deviations."""
    samples = kernels.discrete_gaussian(1_000_000, 10**6, 1, SEED).astype(np.float64)
    for lag in (1, 2, 255, 256, 257):
        correlation = float((samples[lag:] * samples[:-lag]).mean() / samples.var())
        assert abs(correlation) < 5 / len(samples) ** 0.5, lag
    assert abs(float(np.sign(samples).mean())) < 5 / len(samples) ** 0.5
    assert Fraction(int(samples.sum())) ** 2 < 25 * 10**6 * len(samples)


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_direct_callers_get_an_exception() -> None:
    """The compiled module itself checks what memory safety and the specification ask for."""
    from bcfl_ref.errors import Code, SpecError
    from bcfl_ref.kernels import _native

    context = _native.Context("portable")
    with pytest.raises(ValueError):
        context.discrete_gaussian(1, 1, 1, SEED[:31])
    for arguments, code in (
        ((0, 1, 1, SEED), Code.EMPTY),
        ((2**31 + 1, 1, 1, SEED), Code.VECTOR_LENGTH),
        ((1, 0, 1, SEED), Code.VARIANCE_RANGE),
        ((1, 1, 2**54, SEED), Code.VARIANCE_RANGE),
    ):
        with pytest.raises(SpecError) as refusal:
            context.discrete_gaussian(*arguments)
        assert refusal.value.code is code
