"""The first things to know about a run: a sentence and a row of numbers."""

from __future__ import annotations

from html import escape

from ..metrics import Metrics, attackers, tallies


def headline(metrics: Metrics) -> str:
    """One sentence: how good the model became and what happened to the adversaries."""
    rounds = len(metrics.rounds)
    if not rounds:
        return "The task was aborted before its first round; escrow and deposits went back"
    reached = f"Accuracy {metrics.rounds[-1].quality.accuracy:.3f} after {rounds} round{'s' * (rounds > 1)}"
    hostile = attackers(metrics)
    if not hostile:
        return f"{reached}, every trainer honest"
    counts = tallies(metrics)
    if metrics.secure is not None:
        return f"{reached}; {counts.poison_accepted} of {counts.poison_sent} sums with an adversary were accepted"
    kinds = " and ".join(sorted({participant.adversary for participant in hostile}))
    who = f"the {kinds} trainer" if len(hostile) == 1 else f"{len(hostile)} {kinds} trainers"
    if counts.poison_sent == 0:
        return f"{reached}; {who} sent nothing that was scored"
    if counts.poison_accepted == 0:
        always = "in its only round" if rounds == 1 else "in every round"
        nothing = " and earned nothing" if counts.poison_paid == 0 else ""
        return f"{reached}; {who} {'was' if len(hostile) == 1 else 'were'} rejected {always}{nothing}"
    return f"{reached}; {who} got {counts.poison_accepted} of {counts.poison_sent} updates accepted"


def tiles(metrics: Metrics) -> str:
    """The row of key numbers."""
    counts = tallies(metrics)
    what = "updates" if metrics.secure is None else "sums"
    found = []
    if metrics.rounds:
        last = metrics.rounds[-1].quality
        found.append((f"{last.accuracy:.3f}", "test accuracy, last round", ""))
        if metrics.baselines.centralised:
            gap = last.accuracy - metrics.baselines.centralised[-1].accuracy
            found.append((f"{gap:+.3f}".replace("-", "−"), "against centralised training", ""))
    if counts.poison_sent:
        style = "bad" if counts.poison_accepted else "good"
        found.append((f"{counts.poison_accepted} of {counts.poison_sent}", f"poisoned {what} accepted", style))
    if counts.honest_sent:
        share = counts.honest_rejected / counts.honest_sent
        style = "bad" if share > 0.05 else ""
        found.append((f"{counts.honest_rejected} of {counts.honest_sent}", f"honest {what} rejected", style))
    if metrics.blocks:
        total = sum(block.bytes for block in metrics.blocks)
        found.append((f"{len(metrics.blocks)}", f"blocks, {size(total)} of ledger", ""))
    tile = '<div class="tile"><b class="{}">{}</b><span>{}</span></div>'
    return '<div class="tiles">' + "".join(tile.format(c, escape(b), escape(t)) for b, t, c in found) + "</div>"


def size(count: int) -> str:
    """Bytes for people."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.1f} kB"
    return f"{count / 1_000_000:.2f} MB"
