"""Charts as SVG text, drawn by hand so that one document gives one file, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10

WIDTH, HEIGHT = 372, 236
LEFT, RIGHT, TOP, BOTTOM = 40, 52, 10, 30
LABEL_GAP = 14


@dataclass(frozen=True)
class Line:
    """A named series of one value for each round; `style` is `own`, `ref` or `alone`."""

    name: str
    style: str
    values: tuple[float, ...]


def number(value: float) -> str:
    """A coordinate with at most two decimals and no needless zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values from at or below `low` to at or above `high`, about `count` steps."""
    span = max(high - low, 1e-9)
    raw = span / count
    magnitude = 10.0 ** floor(log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def line_chart(title: str, lines: Sequence[Line], low: float, high: float, digits: int = 3) -> str:
    """A chart of some lines over the rounds, each labelled with its last value; titles appear on hover."""
    marks = ticks(low, high)
    low, high = marks[0], marks[-1]
    rounds = max(len(line.values) for line in lines)

    def x(index: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (index / max(rounds - 1, 1))

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (min(max(value, low), high) - low) / (high - low))

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)} by round">']
    decimals = decimals_of(marks[1] - marks[0])
    for mark in marks:
        height = number(y(mark))
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height}" y2="{height}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{number(y(mark) + 4)}" text-anchor="end">{mark:.{decimals}f}</text>')
    for index in round_marks(rounds):
        place = f'x="{number(x(index))}" y="{HEIGHT - 10}" text-anchor="middle"'
        parts.append(f"<text {place}>{index + 1}</text>")
    for line in reversed(lines):
        parts.append(_curve(line, x, y, digits))
    parts += _end_labels(lines, x(rounds - 1) + 8, y, digits)
    return "".join(parts) + "</svg>"


def decimals_of(step: float) -> int:
    """How many decimals the labels need for ticks `step` apart to read true."""
    return next(count for count in range(10) if abs(step * 10**count - round(step * 10**count)) < 1e-6)


def round_marks(rounds: int) -> list[int]:
    """The rounds, counted from 0, that get a number under the axis: at most eight, at multiples of a round step."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000, 10_000, 100_000) if rounds / step <= 8)
    return list(range(step - 1, rounds, step))


def _curve(line: Line, x, y, digits: int) -> str:  # type: ignore[no-untyped-def]
    points = [(x(index), y(value)) for index, value in enumerate(line.values)]
    path = "M" + "L".join(f"{number(across)} {number(down)}" for across, down in points)
    dots = "".join(
        f'<circle class="dot-{line.style}" cx="{number(across)}" cy="{number(down)}" r="2.6">'
        f"<title>{escape(line.name)}, round {index + 1}: {line.values[index]:.{digits}f}</title></circle>"
        for index, (across, down) in enumerate(points)
    )
    return f'<path class="curve {line.style}" d="{path}"/>{dots}'


def _end_labels(lines: Sequence[Line], across: float, y, digits: int) -> list[str]:  # type: ignore[no-untyped-def]
    """The last values beside the ends of the lines, moved apart where they would touch."""
    placed = sorted((y(line.values[-1]), index) for index, line in enumerate(lines))
    heights = [height for height, _ in placed]
    for _ in range(20):
        for lower, upper in pairwise(range(len(heights))):
            overlap = LABEL_GAP - (heights[upper] - heights[lower])
            if overlap > 0:
                heights[lower] -= overlap / 2
                heights[upper] += overlap / 2
    return [
        f'<text class="end end-{lines[index].style}" x="{number(across)}" y="{number(height + 4)}">'
        f"{lines[index].values[-1]:.{digits}f}</text>"
        for height, (_, index) in zip(heights, placed, strict=True)
    ]


@dataclass(frozen=True)
class Bar:
    """One bar of a bar chart; `group` decides its shade, `label` shows on hover, `flagged` marks it."""

    value: int
    group: int
    label: str
    flagged: bool = False


def bar_chart(title: str, bars: Sequence[Bar]) -> str:
    """Bytes as bars from 0, shaded in turns by group (0 is grey), flagged ones with a dot above, in full width."""
    width, height, left, top, bottom = 1130, 190, 56, 14, 26
    marks = ticks(0, max(1, *(bar.value for bar in bars)), 4)
    step = (width - left) / len(bars)
    parts = [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">']
    for mark in marks:
        down = number(top + (height - top - bottom) * (1 - mark / marks[-1]))
        parts.append(f'<line class="grid" x1="{left}" x2="{width}" y1="{down}" y2="{down}"/>')
        parts.append(
            f'<text x="{left - 8}" y="{number(float(down) + 4)}" text-anchor="end">{mark / 1000:g} kB</text>'
        )
    for index, bar in enumerate(bars):
        tall = (height - top - bottom) * bar.value / marks[-1]
        shade = "n" if bar.group == 0 else "ab"[bar.group % 2]
        across = left + index * step
        parts.append(
            f'<rect class="bar-{shade}" x="{number(across + step * 0.08)}" y="{number(height - bottom - tall)}" '
            f'width="{number(max(step * 0.84, 0.6))}" height="{number(tall)}">'
            f"<title>{escape(bar.label)}</title></rect>"
        )
        if bar.flagged:
            centre = number(across + step / 2)
            parts.append(f'<circle class="late" cx="{centre}" cy="{number(height - bottom - tall - 6)}" r="3"/>')
    for index, bar in enumerate(bars):
        if bar.group and (index == 0 or bars[index - 1].group != bar.group):
            place = f'x="{number(left + index * step)}" y="{height - 8}"'
            parts.append(f"<text {place}>{bar.group}</text>")
    return "".join(parts) + "</svg>"
