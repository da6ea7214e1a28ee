"""The drawing: ticks that read true, bars and lines for everything."""

from __future__ import annotations

from itertools import pairwise

import pytest
from bcfl_ref.application.report.charts import (
    Bar,
    Line,
    bar_chart,
    decimals_of,
    line_chart,
    round_marks,
    ticks,
)
from hypothesis import given, settings
from hypothesis import strategies as st


@given(st.floats(0, 1e6), st.floats(1e-3, 1e6))
@settings(deadline=None, max_examples=100)
def test_ticks_embrace_the_data(low: float, span: float) -> None:
    """Ticks are evenly spaced, few, and reach from below the lowest to above the highest value."""
    found = ticks(low, low + span)
    step = found[1] - found[0]
    assert 2 <= len(found) <= 9
    assert found[0] <= low + 1e-6 * step and found[-1] >= low + span - 1e-6 * max(step, low)


@pytest.mark.parametrize(("step", "decimals"), [(1, 0), (0.5, 1), (0.25, 2), (0.2, 1), (0.1, 1), (0.05, 2), (20, 0)])
def test_labels_have_the_decimals_they_need(step: float, decimals: int) -> None:
    """A quarter needs two decimals, a fifth one."""
    assert decimals_of(step) == decimals


@pytest.mark.parametrize("rounds", [1, 2, 8, 9, 14, 100, 4096, 65535])
def test_few_rounds_are_numbered(rounds: int) -> None:
    """Between one and eight marks, all of them rounds."""
    found = round_marks(rounds)
    assert 1 <= len(found) <= 8 and all(0 <= mark < rounds for mark in found)


def test_lines_have_a_point_for_each_round() -> None:
    """Every value can be read on hover; a single round draws as well."""
    chart = line_chart("t", [Line("a", "own", (0.5, 0.75)), Line("b", "ref", (0.5, 0.7))], 0.4, 1.0)
    assert chart.count("<circle") == 4 and "a, round 2: 0.750" in chart
    assert "nan" not in line_chart("t", [Line("a", "own", (0.5,))], 0.0, 1.0)


def test_end_labels_do_not_touch() -> None:
    """Lines that end at one value get labels at least 13 units apart."""
    lines = [Line(str(index), "own", (0.5, 0.5)) for index in range(3)]
    chart = line_chart("t", lines, 0.0, 1.0)
    heights = sorted(float(part.split('y="')[1].split('"')[0]) for part in chart.split('class="end')[1:])
    assert all(upper - lower > 13 for lower, upper in pairwise(heights))


def test_bars_are_drawn_and_flagged() -> None:
    """A bar for each block, a dot above each flagged one, also when all are empty."""
    chart = bar_chart("t", [Bar(10, 0, "x"), Bar(2000, 1, "<y>", flagged=True)])
    assert chart.count("<rect") == 2 and chart.count("<circle") == 1 and "&lt;y&gt;" in chart
    assert bar_chart("t", [Bar(0, 1, "x")]).count("<rect") == 1
