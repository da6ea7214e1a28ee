"""Epsilon from rho, beside another accountant and against the guess that it bounds (PRV-069)."""

from __future__ import annotations

import json
from itertools import pairwise
from math import inf, log
from pathlib import Path

import pytest
from bcfl_ref.application.accounting import epsilon, epsilons
from bcfl_ref.errors import UsageError
from bcfl_ref.privacy.budget import round_cost
from bcfl_ref.types import Noise
from hypothesis import given
from hypothesis import strategies as st

ORACLE = json.loads((Path(__file__).parents[1] / "data" / "dp_accounting.json").read_text())


@pytest.mark.parametrize(("rho", "delta", "renyi", "exact"), ORACLE["zcdp"])
def test_epsilon_is_that_of_another_accountant(rho: float, delta: float, renyi: float, exact: float) -> None:
    """Its Rényi accountant, over a fine grid of orders, comes to the same; the exact loss is never above ours."""
    own = epsilon(rho, delta)
    assert own == pytest.approx(renyi, rel=1e-4) and own <= renyi * (1 + 1e-9)
    assert exact <= own


@pytest.mark.parametrize(("sensitivity", "sigma", "delta", "exact"), ORACLE["discrete"])
def test_a_round_of_one_honest_member_is_covered(sensitivity: int, sigma: int, delta: float, exact: float) -> None:
    """The exact privacy loss of a discrete Gaussian in one coordinate is below the epsilon of what it costs."""
    noise = Noise(sensitivity, sigma * sigma, 1, 0, 0)
    charged = epsilons([round_cost(noise, 1, 1)], delta)[0]
    assert exact <= charged < 1.25 * exact


@given(st.floats(1e-6, 50), st.floats(1e-12, 0.5))
def test_no_order_gives_a_smaller_epsilon(rho: float, delta: float) -> None:
    """The order that is found is the best one of a grid."""
    orders = (1 + 10 ** (exponent / 10) for exponent in range(-40, 60))
    grid = min(rho * a + log(1 / (a * delta)) / (a - 1) + log(1 - 1 / a) for a in orders)
    assert epsilon(rho, delta) <= max(grid, 0.0) + 1e-9


def test_epsilon_grows_with_rounds() -> None:
    """Rounds add up: the curve starts at the first round's epsilon and never falls; nothing spent is nothing lost."""
    curve = epsilons([unit * 2**30 for unit in range(50)], 1e-5)
    assert curve[0] == 0.0
    assert all(before < after for before, after in pairwise(curve))


@pytest.mark.parametrize(("rho", "delta"), [(1.0, 0.0), (1.0, 1.0), (-1.0, 1e-5), (1.0, inf)])
def test_nonsense_is_refused(rho: float, delta: float) -> None:
    """A delta outside (0, 1) or a negative rho is a mistake of whoever asks."""
    with pytest.raises(UsageError):
        epsilon(rho, delta)
