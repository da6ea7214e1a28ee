"""The section on differential privacy: there when there is noise, with the numbers of the budget (PRV-069)."""

from __future__ import annotations

import re

from bcfl_ref.application.accounting import epsilon, epsilons
from bcfl_ref.application.metrics import Metrics, Noise
from bcfl_ref.application.report import render

COST, BUDGET = 3 * 2**34, 2**40


def with_noise(metrics: Metrics, rounds: int) -> Metrics:
    spent = tuple(COST * (index + 1) for index in range(rounds))
    noise = Noise(
        clip_bound=30_000, sigma=96_000.0, survivors_min=12, colluders=2, delta=1e-5, budget=BUDGET, spent=spent
    )
    return metrics.model_copy(update={"noise": noise})


def test_no_noise_no_section(metrics: Metrics) -> None:
    """A page without noise says nothing of it, so that nobody takes it for a promise."""
    assert "Differential privacy" not in render(metrics)


def test_epsilon_of_every_round_is_on_the_page(metrics: Metrics) -> None:
    """Each point of the curve carries the epsilon of what was spent until then, and the limit that of the budget."""
    page = render(with_noise(metrics, len(metrics.rounds)))
    points = re.findall(r"<title>spent, round (\d+): ([\d.]+)</title>", page)
    wanted = epsilons([COST * (index + 1) for index in range(len(metrics.rounds))], 1e-5)
    assert points == [(str(index + 1), f"{value:.2f}") for index, value in enumerate(wanted)]
    assert f"<title>budget, round 1: {epsilon(1.0, 1e-5):.2f}</title>" in page
    left = (BUDGET - COST * len(metrics.rounds)) // COST
    assert f"<td>{left}</td>" in page and left > 0


def test_nothing_spent_is_said(metrics: Metrics) -> None:
    """A task that was aborted before its first round has no curve."""
    assert "nothing was spent" in render(with_noise(metrics, 0))
