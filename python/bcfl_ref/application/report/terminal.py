"""The end of a run in the terminal: a table by participant under the headline."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from ..metrics import Metrics, tallies, works
from .verdict import headline, size


def summary_table(metrics: Metrics) -> Group:
    """Headline, one row for each participant, and the figures of the ledger, for `rich` to print."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("participant")
    table.add_column("roles")
    for heading in ("accepted", "earned", "slashed", "reputation"):
        table.add_column(heading, justify="right")
    for participant in metrics.participants:
        index = participant.index
        sent = [found for round_ in metrics.rounds for found, authors in works(round_) if index in authors]
        name = Text(participant.name)
        if participant.adversary:
            name.append(f" ({participant.adversary})", style="red")
        accepted = f"{sum(update.accepted for update in sent)} of {len(metrics.rounds)}" if sent else ""
        slashed = Text(str(participant.slashed), style="red" if participant.slashed else "dim")
        reputation = f"{participant.reputation_bps / 100:.0f} %" if participant.reputation_bps else ""
        table.add_row(name, ", ".join(participant.roles), accepted, str(participant.earned), slashed, reputation)
    return Group(Text(headline(metrics), style="bold"), "", table, "", _figures(metrics))


def _figures(metrics: Metrics) -> Text:
    counts = tallies(metrics)
    parts = []
    if metrics.rounds:
        last = metrics.rounds[-1].quality
        parts.append(
            f"accuracy {last.accuracy:.3f}, macro precision {last.macro_precision:.3f}, loss {last.loss:.3f}"
        )
    for name, curve in (
        ("centralised", metrics.baselines.centralised),
        ("local only", metrics.baselines.local_only),
    ):
        if curve:
            parts.append(f"{name} {curve[-1].accuracy:.3f}")
    if counts.honest_sent:
        what = "updates" if metrics.secure is None else "sums"
        parts.append(f"{counts.honest_rejected} of {counts.honest_sent} honest {what} rejected")
    lines = ["; ".join(parts)] if parts else []
    if metrics.blocks:
        total = sum(block.bytes for block in metrics.blocks)
        lines.append(f"{len(metrics.blocks)} blocks, {size(total)}; head {metrics.run.head_root}")
    return Text("\n".join(lines))
