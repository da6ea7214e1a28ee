"""The section on differential privacy: epsilon after each round, against what the budget allows (PRV-069)."""

from __future__ import annotations

from html import escape
from math import exp

from ..accounting import epsilon, epsilons
from ..metrics import Metrics, Noise
from .charts import Line, line_chart
from .sections import section

_RHO = 2.0**40


def noise(metrics: Metrics) -> str:
    """What somebody who sees every sum learns about one trainer, by round; nothing for a task without noise."""
    found = metrics.noise
    if found is None:
        return ""
    if not found.spent:
        return section("Differential privacy", "No round began, so nothing was spent.")
    curve = epsilons(found.spent, found.delta)
    limit = epsilon(found.budget / _RHO, found.delta)
    lines = [Line("spent", "own", curve), Line("budget", "ref", (limit,) * len(curve))]
    chart = line_chart("Epsilon", lines, 0.0, max(limit, *curve), digits=2)
    legend = (
        '<div class="legend"><span><i style="background:var(--own)"></i>spent</span>'
        '<span><i style="background:var(--ref)"></i>the whole budget</span></div>'
    )
    return section(
        "Differential privacy",
        f"Epsilon after each round at delta = {found.delta:g}, for a client whose updates are there or are zeros.",
        f'{legend}<div class="charts"><div><h3>Epsilon</h3>{chart}</div><div>{_facts(found, curve)}</div></div>',
    )


def _facts(found: Noise, curve: tuple[float, ...]) -> str:
    spent, left = found.spent[-1], found.budget - found.spent[-1]
    cost = found.spent[0]
    guess = (exp(min(curve[-1], 700.0)) + found.delta) / (1 + exp(min(curve[-1], 700.0)))
    rows = [
        ("updates clipped to", f"{found.clip_bound} steps"),
        ("deviation of a sum", f"{found.sigma:.6g} steps, at least"),
        ("in groups of at least", f"{found.survivors_min} survivors, {found.colluders} colluding"),
        ("rho of a round", f"{cost / _RHO:.4g}"),
        ("rho spent", f"{spent / _RHO:.4g} of {found.budget / _RHO:.4g}"),
        ("rounds that are left", f"{left // cost}" if cost else "any number"),
        ("best guess, data or zeros", f"{100 * guess:.2f} %"),
    ]
    cells = "".join(f'<tr><td class="t">{escape(name)}</td><td>{escape(value)}</td></tr>' for name, value in rows)
    return (
        f'<table>{cells}</table><p class="note">The guess is that of somebody who knows everything else and had no '
        "opinion before. Epsilon comes from rho in floating point and binds nobody; rules compare rho.</p>"
    )
