"""Who holds which samples (APP-006, APP-007)."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Any

import pytest
from bcfl_ref.application.datasets import load
from bcfl_ref.application.splits import PPM, partition, split
from bcfl_ref.errors import Code, SpecError
from hypothesis import given, settings
from hypothesis import strategies as st

LABELS = st.lists(st.integers(0, 4), min_size=20, max_size=120)


@given(
    LABELS,
    st.integers(0, 1000),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from([PPM // 10, PPM, 10**9]),
)
@settings(deadline=None, max_examples=60)
def test_all_sets_are_disjoint_and_complete(
    labels: list[int], seed: int, trainers: int, scorers: int, alpha_ppm: int
) -> None:
    """APP-006: Every index belongs to exactly one of test, scorers and trainers."""
    found = split(labels, seed, trainers=trainers, scorers=scorers, alpha_ppm=alpha_ppm, trainer_minimum=0)
    parts = [found.test, *found.scorers, *found.trainers]
    assert sorted(chain(*parts)) == list(range(len(labels)))
    assert all(list(part) == sorted(part) for part in parts)
    assert len(found.test) == len(labels) // 5 and {len(part) for part in found.scorers} <= {len(labels) // 20}


def test_digits_are_split_in_proportion() -> None:
    """APP-006: Each class has its share, up to one sample, of the test set and of each scorer's set."""
    labels = load("digits").samples.labels.tolist()
    found = split(labels, 1, trainers=5, scorers=4)
    assert len(found.test) == 359 and [len(part) for part in found.scorers] == [89] * 4
    sizes = Counter(labels)
    for part, share in ((found.test, 359 / 1797), *((part, 89 / 1797) for part in found.scorers)):
        held = Counter(labels[index] for index in part)
        assert all(abs(held[label] - size * share) <= 1.5 for label, size in sizes.items())
    assert min(len(part) for part in found.trainers) >= 1082 // 15


def test_concentration_rules_the_skew() -> None:
    """APP-007: The smaller the concentration, the more of a class one trainer holds."""
    labels = [index % 5 for index in range(1000)]

    def largest(alpha_ppm: int) -> float:
        shares = partition(labels, 3, 5, alpha_ppm, 0)
        held = [Counter(labels[index] for index in share) for share in shares]
        return sum(max(one[label] for one in held) for label in range(5)) / 1000

    assert 0.2 <= largest(10**12) < 0.3 < largest(PPM) < largest(PPM // 20)


def test_shares_follow_the_dirichlet_distribution() -> None:
    """APP-007: With concentration 1 and two trainers a class's share is uniform: its mean and variance fit."""
    shares = [len(partition([0] * 60, seed, 2, PPM, 0)[0]) / 60 for seed in range(600)]
    mean = sum(shares) / len(shares)
    variance = sum((share - mean) ** 2 for share in shares) / len(shares)
    # Beta-binomial(60, 1, 1) / 60 has mean 1/2 and variance (1/12)·(62/60).
    assert abs(mean - 0.5) < 0.04 and abs(variance - 62 / 720) < 0.012


GOOD: dict[str, Any] = {"trainers": 3, "scorers": 2, "trainer_minimum": 1}


@pytest.mark.parametrize(
    ("labels", "changed", "code"),
    [
        ([], {}, Code.DATASET_LABELS),
        ([0, 1, -1] * 10, {}, Code.DATASET_LABELS),
        ([0, 1, 2] * 10, {"test_ppm": 950_000}, Code.SHARE_RANGE),
        ([0, 1, 2] * 10, {"trainers": 0}, Code.PARTITION_RANGE),
        ([0, 1, 2] * 10, {"alpha_ppm": 0}, Code.PARTITION_RANGE),
        ([0, 1, 2] * 10, {"trainer_minimum": 8}, Code.PARTITION_IMPOSSIBLE),
        ([0, 1] * 15, {"alpha_ppm": 1, "trainer_minimum": 5}, Code.PARTITION_IMPOSSIBLE),
    ],
)
def test_impossible_splits_are_refused(labels: list[int], changed: dict[str, Any], code: Code) -> None:
    """APP-006, APP-007: Each guard gives its code."""
    assert split([0, 1, 2] * 10, 1, **GOOD).test
    with pytest.raises(SpecError) as refusal:
        split(labels, 1, **{**GOOD, **changed})
    assert refusal.value.code is code
