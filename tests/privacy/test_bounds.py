"""Degree and threshold: exact tails, the table of the specification, the numbers known before (PRV-025)."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from bcfl_ref.privacy import bounds
from bcfl_ref.privacy.bounds import Conditions, GraphSize

SPEC = Path(__file__).parents[2] / "spec" / "privacy.md"
ROW = re.compile(r"^\| 10\^(\d) \| (\d+) % \| (\d+) % \| (\d+), (\d+) \| (\d+), (\d+) \|$", re.MULTILINE)


@pytest.mark.parametrize(("population", "marked", "draws"), [(6, 2, 3), (7, 5, 4), (5, 0, 2), (5, 5, 5), (6, 3, 0)])
def test_tails_count_the_draws(population: int, marked: int, draws: int) -> None:
    """The tails are those of a count over all draws."""
    drawn = [sum(item < marked for item in chosen) for chosen in combinations(range(population), draws)]
    found, ways = bounds.tails(population, marked, draws)
    assert ways == len(drawn)
    assert found == [sum(count >= least for count in drawn) for least in range(draws + 2)]


def table() -> list[list[int]]:
    text = SPEC.read_text(encoding="utf-8")
    return [[int(number) for number in row] for row in ROW.findall(text)]


def test_the_table_is_computed_again() -> None:
    """Every row of the table meets the conditions with its threshold, and the next smaller degree does not."""
    rows = table()
    assert len(rows) == len(bounds.TABLE_MEMBERS) * len(bounds.TABLE_FRACTIONS)
    for power, corrupt, dropout, *sizes in rows:
        for committee, bias in ((False, 0), (True, bounds.TABLE_BIAS)):
            degree, threshold = sizes[2:] if committee else sizes[:2]
            wanted = Conditions(
                10**power, 100 * corrupt, 100 * dropout, bounds.TABLE_SIGMA, bounds.TABLE_ETA, bias, committee
            )
            found = bounds._threshold(wanted, degree)
            assert found is not None and (found.degree, found.threshold) == (degree, threshold)
            smaller = degree - 2 if degree % 2 == 0 else degree - 1
            assert bounds._threshold(wanted, smaller) is None, (power, corrupt, committee)
            if committee:
                assert 2 * threshold > degree + found.corrupt_max


@pytest.mark.parametrize(
    ("members", "bps", "degree", "threshold"),
    [(10**4, 500, 38, 21), (10**6, 2000, 158, 82), (10**8, 2000, 178, 92)],
)
def test_numbers_known_before(members: int, bps: int, degree: int, threshold: int) -> None:
    """The honest column repeats three pairs that were computed independently with sigma 40 and eta 30."""
    found = bounds.graph_size(Conditions(members, bps, bps, 40, 30, 0, False))
    assert (found.degree, found.threshold) == (degree, threshold)


def test_a_small_group_by_brute_force() -> None:
    """Seven members, one corrupt, one gone: the conditions are checked against a direct count."""
    found = bounds.graph_size(Conditions(7, 1500, 1500, 1, 1, 0, False))
    assert found == GraphSize(6, 2, 1)
    cut = Fraction(2, 7) ** 2 * 7  # degree 4
    assert cut > Fraction(1, 2)
