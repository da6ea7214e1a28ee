"""How many seats a committee needs (CON-008)."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from math import comb
from pathlib import Path

import pytest
from bcfl_ref.consensus.seats import (
    bias_bits,
    failure_probability,
    seat_count_table,
    seats_needed,
    security_bits,
)
from bcfl_ref.errors import InvariantError

SPEC = Path(__file__).parents[2] / "spec" / "consensus.md"


@pytest.mark.parametrize("share", [Fraction(1, 5), Fraction(1, 3), Fraction(3, 10)])
def test_failure_probability_is_the_binomial_tail(share: Fraction) -> None:
    """It equals the sum of binomial terms and, for few seats, the count over all outcomes."""
    for seats in (1, 2, 3, 4, 7, 30):
        terms = (comb(seats, k) * share**k * (1 - share) ** (seats - k) for k in range(seats + 1) if 3 * k >= seats)
        assert failure_probability(seats, share) == sum(terms)
    outcomes = [
        share ** sum(seats) * (1 - share) ** (4 - sum(seats))
        for seats in product((0, 1), repeat=4)
        if 3 * sum(seats) >= 4
    ]
    assert failure_probability(4, share) == sum(outcomes)


def test_security_bits_is_an_exact_floor() -> None:
    """The largest b with p <= 2^-b."""
    assert [security_bits(Fraction(1, n)) for n in (1, 2, 3, 4, 5, 8, 9)] == [0, 1, 1, 2, 2, 3, 3]
    assert security_bits(Fraction(3, 8)) == 1


def test_bias_bits_bounds_the_run() -> None:
    """k_max is the least run as rare as the bound."""
    for share, sigma in ((Fraction(1, 5), 20), (Fraction(1, 4), 40)):
        run = bias_bits(sigma, share)
        assert share**run <= Fraction(1, 2**sigma) < share ** (run - 1)


def test_seats_needed_is_least_and_enough() -> None:
    """One step fewer seats misses the bound, and a hopeless share is an error, not a loop."""
    seats, share = seats_needed(20, Fraction(1, 5)), Fraction(1, 5)
    wanted = 20 + bias_bits(20, share)
    assert security_bits(failure_probability(seats, share)) >= wanted
    assert security_bits(failure_probability(seats - 3, share)) < wanted
    with pytest.raises(InvariantError):
        seats_needed(10, Fraction(1, 2))


def test_the_table_of_the_specification_is_computed() -> None:
    """CON-008's table is what the function gives."""
    rows = re.findall(r"^\| (\d+)/(\d+) \| (\d+) \| (\d+) \| (\d+) \|$", SPEC.read_text(encoding="utf-8"), re.M)
    written = [(Fraction(int(a), int(b)), int(sigma), int(run), int(seats)) for a, b, sigma, run, seats in rows]
    assert written == seat_count_table()
