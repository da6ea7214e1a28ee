"""What each setting shows, and how much noise an ε asks for."""

from __future__ import annotations

from math import erf, log, sqrt

import numpy as np
import pytest
from bcfl_ref.application.attacks.views import (
    DELTA,
    GROUPED,
    NOISY,
    PLAIN,
    SECURE,
    SIGMA_MIN,
    advantage_bound,
    clipped,
    generator,
    median_norm,
    noise,
    noise_scale,
    total,
)
from bcfl_ref.errors import InvariantError
from hypothesis import given
from hypothesis import strategies as st


def test_views_take_in_one_a_group_or_all() -> None:
    """The number of updates in a sum is that of the mode, and never more than there are."""
    assert [view.size(24) for view in (PLAIN, GROUPED, SECURE, *NOISY)] == [1, 4, 24, 4, 24, 24, 24]
    assert GROUPED.size(3) == 3


@given(st.floats(0.1, 100), st.integers(1, 100), st.integers(1, 10**6))
def test_noise_keeps_its_promise(epsilon: float, rounds: int, bound: int) -> None:
    """ρ = rounds·bound² / 2σ² gives back ε = ρ + 2·√(ρ·ln 1/δ)."""
    rho = rounds * bound**2 / (2 * noise_scale(bound, epsilon, rounds) ** 2)
    assert rho + 2 * sqrt(rho * log(1 / DELTA)) == pytest.approx(epsilon)


def test_noise_without_a_meaning_is_refused() -> None:
    """No ε, no rounds and no bound give no noise."""
    for bound, epsilon, rounds in ((1, 0.0, 1), (1, 1.0, 0), (0, 1.0, 1)):
        with pytest.raises(InvariantError):
            noise_scale(bound, epsilon, rounds)


def test_noise_has_the_spread_it_should_have() -> None:
    """Whole numbers with mean 0 and the asked deviation, and other coins give other noise."""
    drawn = noise(1e5, 100_000, generator(1, 2))
    assert drawn.dtype == np.int64
    assert abs(drawn.mean()) < 2000 and drawn.std() == pytest.approx(1e5, rel=0.02)
    assert (noise(1e5, 10, generator(1, 2)) == drawn[:10]).all()
    assert (noise(1e5, 10, generator(1, 3)) != drawn[:10]).any()


def test_rounded_noise_is_as_good_as_discrete_noise() -> None:
    """At the least σ in use the two distributions differ by less than 10^-7 in all; below it noise is refused."""
    points = np.arange(-8 * int(SIGMA_MIN), 8 * int(SIGMA_MIN) + 1)
    weights = np.exp(-(points.astype(float) ** 2) / (2 * SIGMA_MIN**2))
    edges = np.array([0.5 * erf(edge / (SIGMA_MIN * sqrt(2))) for edge in np.append(points - 0.5, points[-1] + 0.5)])
    assert np.abs(weights / weights.sum() - np.diff(edges)).sum() / 2 < 1e-7
    with pytest.raises(InvariantError):
        noise(SIGMA_MIN / 2, 1, generator(1))


def test_the_bound_on_advantages_is_that_of_the_definition() -> None:
    """TPR ≤ e^ε·FPR + δ, both ways, leaves at most (e^ε − 1 + 2δ) / (e^ε + 1)."""
    assert advantage_bound(0.0) == pytest.approx(DELTA)
    assert advantage_bound(1.0) == pytest.approx((np.e - 1 + 2 * DELTA) / (np.e + 1))


def test_clipping_and_sums_are_those_of_the_ledger() -> None:
    """Clipped updates are within the bound in whole numbers, sums do not wrap."""
    updates = [np.array([3000, 4000], dtype=np.int32), np.array([1, 0], dtype=np.int32)]
    assert median_norm(updates) == 2500
    short = clipped(updates, 2500)
    assert [list(map(int, update)) for update in short] == [[1500, 2000], [1, 0]]
    high = [np.full(2, 2**31 - 1, dtype=np.int32)] * 3
    assert total(high).tolist() == [3 * (2**31 - 1)] * 2
