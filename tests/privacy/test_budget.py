"""The cost of a round is never below what it spends, and a budget is never exceeded (PRV-067, PRV-068)."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log

import pytest
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.privacy import budget, noise
from bcfl_ref.types import Noise
from hypothesis import given, settings
from hypothesis import strategies as st


def promise(clip_bound: int, numerator: int, denominator: int = 1, colluders: int = 0) -> Noise:
    return Noise(clip_bound, numerator, denominator, colluders, 0)


def law_of_sum(variance: float, members: int, reach: int) -> dict[int, float]:
    """The probabilities of a sum of independent discrete Gaussians, by convolution."""
    single = {x: exp(-x * x / (2 * variance)) for x in range(-reach, reach + 1)}
    total = sum(single.values())
    law = {0: 1.0}
    for _ in range(members):
        grown: dict[int, float] = {}
        for x, p in law.items():
            for y, q in single.items():
                grown[x + y] = grown.get(x + y, 0.0) + p * q / total
        law = {x: p for x, p in grown.items() if abs(x) <= 3 * reach}
    return law


def divergence(law: dict[int, float], shift: int, order: float) -> float:
    """The Rényi divergence of a law from itself, shifted."""
    terms = (
        p * (p / law[x + shift]) ** (order - 1) for x, p in law.items() if p > 1e-200 and law.get(x + shift, 0) > 0
    )
    return log(sum(terms)) / (order - 1)


@pytest.mark.parametrize(
    ("numerator", "denominator", "members"), [(1, 2, 2), (1, 2, 5), (1, 1, 4), (2, 1, 3), (8, 1, 2)]
)
def test_a_round_costs_at_least_what_its_sum_spends(numerator: int, denominator: int, members: int) -> None:
    """For sums of discrete Gaussians of small variance, every order and shift stays below the rho that is charged."""
    share = Fraction(numerator, denominator)
    law = law_of_sum(float(share), members, 30)
    total = share * members
    for shift in (1, 2, 3):
        group = promise(shift, total.numerator, total.denominator)
        assert Fraction(*noise.noise_share(group, members)) == share
        rho = budget.round_cost(group, members, 1) / 2**budget.UNIT_BITS
        for order in (1.01, 1.5, 2.0, 4.0, 8.0):
            assert divergence(law, shift, order) <= order * rho * (1 + 1e-9) + 1e-12


def test_a_sum_of_discrete_gaussians_is_none() -> None:
    """What the second term pays for is there: with shares of 1/2 a sum spends more than a Gaussian would."""
    law = law_of_sum(0.5, 5, 30)
    excess = max(divergence(law, 1, order) - order / (2 * 2.5) for order in (1.01, 1.5, 2.0))
    assert excess > 0
    units = budget.round_cost(promise(1, 5, 2), 5, 1) - budget.round_cost(promise(1, 5, 2, 4), 5, 1)
    assert excess < units / 2**budget.UNIT_BITS


@settings(deadline=None, max_examples=200)
@given(
    st.integers(1, 2**32 - 1),
    st.integers(1, 2**54 - 1),
    st.integers(1, 2**30),
    st.integers(1, 100),
    st.integers(1, 2**32),
)
def test_costs_are_rounded_up(
    clip_bound: int, numerator: int, denominator: int, members: int, dimension: int
) -> None:
    """A cost is not below B^2 / 2 sigma^2, by less than two units above it where noise is ample, and never 0."""
    group = promise(clip_bound, numerator, denominator)
    try:
        cost = budget.round_cost(group, members, dimension)
    except SpecError as refusal:
        assert refusal.code in (Code.VARIANCE_RANGE, Code.BUDGET_EXCEEDED)
        return
    exact = Fraction(clip_bound**2 * denominator << budget.UNIT_BITS, 2 * numerator)
    assert cost >= max(exact, 1)
    if Fraction(*noise.noise_share(group, members)) >= 8:
        assert cost < exact + 2


@given(st.integers(1, 2**10), st.integers(2, 60), st.integers(1, 2**16), st.integers(1, 2**10))
def test_more_of_anything_bad_costs_no_less(clip_bound: int, members: int, variance: int, more: int) -> None:
    """A larger bound, less noise or more coordinates never make a round cheaper; more colluders do not either."""

    def cost(clip_bound: int = clip_bound, variance: int = variance, colluders: int = 0, dimension: int = 10) -> int:
        return budget.round_cost(promise(clip_bound, variance * 120, 1, colluders), members, dimension)

    assert cost() <= cost(clip_bound=clip_bound + more)
    assert cost(variance=variance + more) <= cost()
    assert cost() <= cost(dimension=10 + more)
    assert cost(colluders=1) <= cost()


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), max_size=30), st.integers(0, 400))
def test_a_budget_is_never_exceeded(costs: list[int], limit: int) -> None:
    """Whatever rounds are asked for, what is spent stays within the budget, and a refused one spends nothing."""
    spent = 0
    for cost in costs:
        try:
            after = budget.charge(spent, cost, limit)
        except SpecError as refusal:
            assert refusal.code is Code.BUDGET_EXCEEDED and spent + cost > limit
            continue
        assert after == spent + cost <= limit
        spent = after
