"""Charts of any number of curves."""

from __future__ import annotations

import re
from itertools import pairwise

from bcfl_ref.application.attacks.charts import LABEL_GAP, crowd_chart
from bcfl_ref.application.attacks.document import Chart, Curve


def chart(*ends: float, log_x: bool = True, chance: float | None = 0.5) -> Chart:
    curves = tuple(Curve(name=f"<curve {index}>", x=(1, 2, 96), y=(1.0, 0.7, end)) for index, end in enumerate(ends))
    return Chart(
        title="a < b", x_label="trainers", y_label="area", log_x=log_x, low=0.4, chance=chance, curves=curves
    )


def test_every_curve_is_named_and_every_value_shows() -> None:
    """Names and values stand at the ends and on hover, escaped."""
    text = crowd_chart(chart(0.5, 0.6))
    assert text.count('<path class="curve') == 2 and 'class="chance"' in text
    assert "0.60 &lt;curve 1&gt;" in text and "&lt;curve 0&gt;, 2: 0.700" in text and "<curve" not in text
    assert 'class="chance"' not in crowd_chart(chart(0.5, chance=None))


def test_end_labels_do_not_touch() -> None:
    """Curves that end at the same height are named one below the other."""
    text = crowd_chart(chart(0.5, 0.5, 0.5, 0.501))
    heights = sorted(float(found) for found in re.findall(r'class="end e\d" x="[\d.]+" y="([\d.]+)"', text))
    assert min(upper - lower for lower, upper in pairwise(heights)) > LABEL_GAP - 1


def test_the_axis_is_logarithmic_where_it_should_be() -> None:
    """From 1 to 96, 2 lies at 15 % of a logarithmic axis and at 1 % of a linear one."""

    def second(text: str) -> float:
        places = [float(found) for found in re.findall(r'<circle class="d0" cx="([\d.]+)"', text)]
        return (places[1] - places[0]) / (places[2] - places[0])

    assert 0.14 < second(crowd_chart(chart(0.5))) < 0.16
    assert second(crowd_chart(chart(0.5, log_x=False))) < 0.02


def test_the_axis_reaches_down_to_the_lowest_value() -> None:
    """A curve far below the usual axis is not cut off; one just below it runs along the edge."""
    assert ">0.0<" in crowd_chart(chart(0.05))
    assert ">0.0<" not in crowd_chart(chart(0.39))
