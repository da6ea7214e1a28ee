"""Splits, pools and reputation: INC-005, INC-006, INC-008."""

from __future__ import annotations

from fractions import Fraction

import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.incentive.rewards import Fact, largest_remainder, next_reputation, round_pools
from builders import make_parameters
from hypothesis import given
from hypothesis import strategies as st

AMOUNTS = st.integers(0, 2**48)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(sum)


@given(AMOUNTS, WEIGHTS)
def test_split_loses_and_makes_nothing(amount: int, weights: list[int]) -> None:
    """The parts sum to the amount, each within one token of its exact share; no weight, no token."""
    parts = largest_remainder(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert weight or not part


@given(AMOUNTS, WEIGHTS)
def test_split_is_monotone_in_the_weight(amount: int, weights: list[int]) -> None:
    """Within one split more weight never gets less, and of equal weights the earlier never gets less."""
    parts = largest_remainder(amount, weights)
    by_weight = sorted(range(len(weights)), key=lambda i: (weights[i], -i))
    ordered = [parts[i] for i in by_weight]
    assert ordered == sorted(ordered)


@given(AMOUNTS, WEIGHTS)
def test_split_needs_no_wider_words(amount: int, weights: list[int]) -> None:
    """The 64-bit way of the specification, with amount = k·W + r, gives the same parts."""
    total = sum(weights)
    k, r = divmod(amount, total)
    assert all(r * weight < 2**64 for weight in weights)
    parts = [k * weight + r * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(r * weights[i] % total), i))
    for index in order[: amount - sum(parts)]:
        parts[index] += 1
    assert tuple(parts) == largest_remainder(amount, weights)


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_split_among_nobody_is_refused(weights: list[int]) -> None:
    """Without weight nothing can be split, not even nothing."""
    for amount in (0, 7):
        with pytest.raises(SpecError) as found:
            largest_remainder(amount, weights)
        assert found.value.code == Code.WEIGHTS_EMPTY


@given(AMOUNTS, st.integers(0, 10**4), st.integers(0, 10**4))
def test_pools_are_the_reward(reward: int, first: int, second: int) -> None:
    """The three pools sum to the reward when the shares are ten thousand, and are refused otherwise."""
    trainers, scorers = min(first, second), abs(first - second)
    aggregators = 10**4 - trainers - scorers
    assert sum(round_pools(reward, trainers, scorers, aggregators)) == reward
    with pytest.raises(SpecError) as found:
        round_pools(reward, trainers, scorers, aggregators + 1)
    assert found.value.code == Code.SHARES_SUM


@given(st.integers(1, 10**4), st.lists(st.sampled_from(Fact), max_size=30))
def test_reputation_keeps_its_bounds(start: int, facts: list[Fact]) -> None:
    """Whatever happens, a reputation stays within the ledger's bounds, and a proved fault takes it to the floor."""
    parameters = make_parameters(reputation_min_bps=400)
    reputation = start
    for fact in facts:
        before, reputation = reputation, next_reputation(reputation, fact, parameters)
        assert 400 <= reputation <= 10**4
        if fact == Fact.FAULT_PROVED:
            assert reputation == 400
        elif fact in (Fact.UPDATE_REJECTED, Fact.WORK_MISSING):
            assert reputation <= max(before, 400)
        else:
            assert reputation >= before
