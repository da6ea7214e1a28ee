"""The page: verdict first, then quality, updates, money, chain, time, and what the run depended on."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from ..metrics import Metrics
from . import sections, secure
from .noise import noise
from .style import CSS
from .verdict import headline, tiles


def write_report(metrics: Metrics | Mapping[str, Any], path: Path) -> None:
    """Write the page for `metrics` to `path`; the same document gives the same bytes."""
    document = metrics if isinstance(metrics, Metrics) else Metrics.model_validate(metrics)
    path.write_text(render(document), encoding="utf-8", newline="\n")


def render(metrics: Metrics) -> str:
    """The page as text; it refers to nothing outside itself."""
    run = metrics.run
    title = f"{run.dataset} with {run.trainer}, seed {run.seed}"
    body = [
        f"<h1>{escape(headline(metrics))}</h1>",
        f'<p class="lead">{escape(_lead(metrics))}</p>',
        _extensions(metrics),
        tiles(metrics),
        sections.quality(metrics),
        *_work(metrics),
        noise(metrics),
        sections.money(metrics),
        sections.chain(metrics),
        '<div class="two">' + sections.timing(metrics) + sections.verification(metrics) + "</div>",
        sections.origin(metrics),
        f"<footer>Ledger head <code>{escape(run.head_root)}</code>, genesis "
        f"<code>{escape(run.genesis_root)}</code>. Everything about money, updates and blocks on this page can be "
        "recomputed from the ledger; quality on the test set and times cannot.</footer>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>BeFL run: {escape(title)}</title><style>{CSS}</style></head>\n"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _work(metrics: Metrics) -> list[str]:
    """What trainers sent: their updates, or in a secure mode the sums of groups."""
    if metrics.secure is None:
        return [sections.updates(metrics)]
    return [secure.groups(metrics), secure.shown(metrics), secure.cost(metrics.secure)]


def _lead(metrics: Metrics) -> str:
    run = metrics.run
    title = run.dataset_title[:1].upper() + run.dataset_title[1:]
    trainers = sum("trainer" in participant.roles for participant in metrics.participants)
    scorers = sum("scorer" in participant.roles for participant in metrics.participants)
    return (
        f"{title}. {trainers} trainers with a Dirichlet split (α = {run.alpha:g}), {scorers} scorers, "
        f"{run.trainer} with {run.parameters} parameters, aggregated by {run.rule}, {len(metrics.rounds)} rounds, "
        f"seed {run.seed}.{_hidden(metrics)}"
    )


def _hidden(metrics: Metrics) -> str:
    if metrics.secure is None:
        return ""
    found = metrics.secure
    unit = "" if found.sample_unit == 1 else f", weights in units of {found.sample_unit} samples"
    return (
        f" Updates are masked: {found.groups} group{'s' * (found.groups > 1)}, threshold {found.threshold}, "
        f"sums in a ring of {found.ring} bits{unit}."
    )


def _extensions(metrics: Metrics) -> str:
    if not metrics.run.extensions:
        return ""
    names = ", ".join(metrics.run.extensions)
    return (
        f'<div class="mark">This run used a rule outside the specification: {escape(names)}. '
        "Its ledger can be verified only where that rule is installed, and it proves nothing about BeFL.</div>"
    )
