"""Areas, advantages and correlations against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.attacks.measures import (
    advantage,
    area_under_curve,
    best_threshold,
    correlation,
    mean_correlation,
)
from bcfl_ref.errors import InvariantError
from hypothesis import given
from hypothesis import strategies as st

numbers = st.lists(st.integers(0, 6), min_size=1, max_size=12)


@given(numbers, numbers)
def test_the_area_counts_pairs(positives: list[int], negatives: list[int]) -> None:
    """It is the share of pairs in which the positive scores higher, ties half."""
    pairs = [(a > b) + (a == b) / 2 for a in positives for b in negatives]
    assert area_under_curve(np.array(positives), np.array(negatives)) == pytest.approx(np.mean(pairs))


def test_the_area_needs_both_classes() -> None:
    """One class alone has no area."""
    with pytest.raises(InvariantError):
        area_under_curve(np.array([1.0]), np.array([]))


def test_the_advantage_of_certainty_is_one_and_of_ignorance_none() -> None:
    """Separated scores give 1; the same scores 0; random ones about 0 however small the sample, on the mean."""
    low, high = np.arange(10.0), np.arange(20.0, 30.0)
    assert advantage(high, low) == pytest.approx(1.0, abs=0.1)
    assert advantage(np.full(10, 2.0), np.ones(10)) == 1.0
    assert advantage(np.ones(10), np.ones(10)) == 0.0
    coins = np.random.default_rng(1)
    gains = [advantage(coins.normal(size=20), coins.normal(size=20)) for _ in range(400)]
    assert abs(np.mean(gains)) < 0.03


@given(numbers, numbers)
def test_the_threshold_is_the_best_there_is(positives: list[int], negatives: list[int]) -> None:
    """No other score separates better, and no lower one as well."""

    def gain(threshold: float) -> float:
        return float((np.array(positives) >= threshold).mean() - (np.array(negatives) >= threshold).mean())

    found = best_threshold(np.array(positives), np.array(negatives))
    others = sorted({*positives, *negatives})
    assert gain(found) == pytest.approx(max(map(gain, others)))


def test_correlation_is_pearsons() -> None:
    """It agrees with the library, ignores shift and scale, and a constant correlates with nothing."""
    left, right = np.array([1.0, 2.0, 4.0, 3.0]), np.array([2.0, 1.0, 5.0, 5.0])
    assert correlation(left, right) == pytest.approx(np.corrcoef(left, right)[0, 1])
    assert correlation(left, 7 - 3 * left) == pytest.approx(-1)
    assert correlation(left, np.ones(4)) == 0
    assert mean_correlation(np.stack([left, left]), np.stack([left, -left])) == pytest.approx(0)
