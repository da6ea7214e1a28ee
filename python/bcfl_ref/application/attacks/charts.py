"""Charts of attacks as SVG text: any number of named curves over numbers of rounds or trainers."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import pairwise
from math import log

from ..report.charts import decimals_of, number, ticks
from .document import Chart

PLOT_WIDTH, HEIGHT = 430, 300
LEFT, TOP, BOTTOM = 44, 14, 46
LABEL_GAP, LETTER = 15, 6.4
MARK_GAP = 26
COLOURS = 8
SLACK = 0.05
"""How far below its axis a curve may run along the edge."""


def crowd_chart(chart: Chart) -> str:
    """The curves with their names and last values at their right ends; single values show on hover."""
    places = sorted({x for curve in chart.curves for x in curve.x})
    longest = max(len(curve.name) for curve in chart.curves)
    width = LEFT + PLOT_WIDTH + 50 + round(LETTER * longest)
    across = _axis(chart, places)
    lowest = min(value for curve in chart.curves for value in curve.y)
    marks = ticks(chart.low if lowest > chart.low - SLACK else lowest, chart.high)
    low, high = marks[0], marks[-1]

    def down(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (min(max(value, low), high) - low) / (high - low))

    parts = [f'<svg viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="{escape(chart.title)}">']
    decimals = decimals_of(marks[1] - marks[0])
    for mark in marks:
        parts.append(_grid_line(down(mark)))
        place = f'x="{LEFT - 8}" y="{number(down(mark) + 4)}" text-anchor="end"'
        parts.append(f"<text {place}>{mark:.{decimals}f}</text>")
    parts += _axis_labels(places, across, chart.x_label)
    if chart.chance is not None:
        parts.append(f'<path class="chance" d="M{LEFT} {number(down(chart.chance))}H{LEFT + PLOT_WIDTH}"/>')
    for index, curve in enumerate(chart.curves):
        points = [(across(x), down(y)) for x, y in zip(curve.x, curve.y, strict=True)]
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
        dashes = ' stroke-dasharray="7 4"' if index >= COLOURS else ""
        parts.append(f'<path class="curve k{index % COLOURS}" d="{path}"{dashes}/>')
        for (x, y), place_x, value in zip(points, curve.x, curve.y, strict=True):
            parts.append(
                f'<circle class="d{index % COLOURS}" cx="{number(x)}" cy="{number(y)}" r="3">'
                f"<title>{escape(curve.name)}, {place_x:g}: {value:.3f}</title></circle>"
            )
    return "".join(parts + _end_labels(chart, across, down)) + "</svg>"


def _grid_line(height: float) -> str:
    place = number(height)
    return f'<line class="grid" x1="{LEFT}" x2="{LEFT + PLOT_WIDTH}" y1="{place}" y2="{place}"/>'


def _axis(chart: Chart, places: list[float]) -> Callable[[float], float]:
    """Where a number of rounds or trainers lies: at even steps of its logarithm, or of itself."""
    bent: Callable[[float], float] = log if chart.log_x else float
    first, last = bent(places[0]), bent(places[-1])
    span = (last - first) or 1.0
    return lambda value: LEFT + 8 + (PLOT_WIDTH - 16) * (bent(value) - first) / span


def _axis_labels(places: list[float], across: Callable[[float], float], label: str) -> list[str]:
    """The places that there is room for, from the right, and below them what they count."""
    kept: list[float] = []
    for place in reversed(places):
        if not kept or across(kept[-1]) - across(place) >= MARK_GAP:
            kept.append(place)
    parts = [
        f'<text x="{number(across(place))}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{place:g}</text>'
        for place in kept
    ]
    middle = number(LEFT + PLOT_WIDTH / 2)
    parts.append(f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(label)}</text>')
    return parts


def _end_labels(chart: Chart, across: Callable[[float], float], down: Callable[[float], float]) -> list[str]:
    """Value and name at the end of each curve, moved apart where they would touch."""
    placed = sorted((down(curve.y[-1]), index) for index, curve in enumerate(chart.curves))
    heights = [height for height, _ in placed]
    for _ in range(200):
        for upper, lower in pairwise(range(len(heights))):
            overlap = LABEL_GAP - (heights[lower] - heights[upper])
            if overlap > 0:
                heights[upper] -= overlap / 2
                heights[lower] += overlap / 2
    parts = []
    for height, (_, index) in zip(heights, placed, strict=True):
        curve = chart.curves[index]
        place = f'x="{number(across(curve.x[-1]) + 12)}" y="{number(height + 4)}"'
        value = f"{curve.y[-1]:.2f}".replace("-", "−")
        parts.append(f'<text class="end e{index % COLOURS}" {place}>{value} {escape(curve.name)}</text>')
    return parts
