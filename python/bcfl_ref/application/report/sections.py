"""The sections of the page, each a function from the document to HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from ..metrics import Block, Metrics, Participant, Quality, Round, Update
from .charts import Bar, Line, bar_chart, line_chart
from .verdict import size

OUTCOMES = {
    "unscored": "too little testimony: model unchanged, pool refunded",
    "nothing-accepted": "no update accepted: model unchanged",
    "unaggregated": "no confirmed aggregate: model unchanged",
}
STATUSES = {
    "absent": ("–", "sent nothing"),
    "mismatched": ("≠", "the reveal did not match the commitment"),
    "duplicate": ("=", "a copy of an earlier blob"),
    "unavailable": ("∅", "the blob was not available in time"),
    "invalid": ("!", "the blob was out of range or of another layout"),
    "eligible": ("·", "not scored"),
}


def section(title: str, note: str, *content: str) -> str:
    """A titled box with one line of explanation."""
    explained = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(title)}</h2>{explained}{''.join(content)}</section>"


# ---- quality


def quality(metrics: Metrics) -> str:
    """Accuracy, macro precision and loss by round, beside the baselines."""
    series = [("federated", "own", [round_.quality for round_ in metrics.rounds])] if metrics.rounds else []
    if metrics.baselines.centralised:
        series.append(("centralised", "ref", list(metrics.baselines.centralised)))
    if metrics.baselines.local_only:
        series.append(("local only, mean", "alone", list(metrics.baselines.local_only)))
    if not series:
        return section("Quality by round", "No round was settled.")
    shares = [share for _, _, curve in series for found in curve for share in (found.accuracy, found.macro_precision)]
    # The interesting part is near the top: a poor first round may leave the frame at the bottom.
    low = max(0.0, min(sorted(shares)[len(shares) // 12], 0.9) - 0.02)
    high = min(max(found.loss for _, _, curve in series for found in curve), 2.5)
    accuracy = _quality_chart("Accuracy", series, lambda found: found.accuracy, low, 1.0)
    precision = _quality_chart("Macro precision", series, lambda found: found.macro_precision, low, 1.0)
    loss = _quality_chart("Loss (cross-entropy)", series, lambda found: found.loss, 0.0, high)
    legend = "".join(f"<span>{_stroke(style)}{escape(name)}</span>" for name, style, _ in series)
    note = "On the test set, which no trainer and no scorer holds. Both baselines make as many passes over the data."
    return section(
        "Quality by round",
        note,
        f'<div class="legend">{legend}</div><div class="charts">{accuracy}{precision}{loss}</div>',
    )


def _stroke(style: str) -> str:
    return (
        '<svg viewBox="0 0 30 10" style="display:inline-block;width:30px;vertical-align:middle;margin-right:8px">'
        f'<path class="curve {style}" d="M1 5H29"/></svg>'
    )


def _quality_chart(
    title: str,
    series: Sequence[tuple[str, str, list[Quality]]],
    pick: Callable[[Quality], float],
    low: float,
    high: float,
) -> str:
    lines = [Line(name, style, tuple(pick(found) for found in values)) for name, style, values in series]
    return f"<div><h3>{escape(title)}</h3>{line_chart(title, lines, low, high)}</div>"


# ---- updates


def updates(metrics: Metrics) -> str:
    """Every update: a row for each trainer, a column for each round."""
    if not metrics.rounds:
        return section("Updates by round", "No round was settled.")
    names = {participant.index: participant for participant in metrics.participants}
    trainers = sorted({update.trainer for round_ in metrics.rounds for update in round_.updates})
    head = "".join(f"<th>{round_.number}</th>" for round_ in metrics.rounds)
    rows = "".join(_heat_row(index, names.get(index), metrics.rounds) for index in trainers)
    legend = (
        '<div class="legend"><span><i style="background:rgba(var(--score),.5)"></i>'
        "accepted, stronger is better</span>"
        '<span><i style="outline:1.5px solid rgb(var(--fail))"></i>rejected</span>'
        "<span>– sent nothing, or not scored</span></div>"
    )
    note = (
        "The score of each update in percent: the weighted lower median over the scorers of what base + update "
        "classifies correctly on their own data."
    )
    table = (
        f'<div class="scroll"><table class="heat"><tr><th class="t"></th>{head}'
        f'<th class="sum">accepted</th></tr>{rows}</table></div>'
    )
    return section("Updates by round", note, legend, table, odd_rounds(metrics.rounds))


def _heat_row(index: int, participant: Participant | None, rounds: Sequence[Round]) -> str:
    cells, accepted, sent = [], 0, 0
    for round_ in rounds:
        update = next((found for found in round_.updates if found.trainer == index), None)
        cells.append(_heat_cell(round_.number, update))
        accepted += update is not None and update.accepted
        sent += update is not None and update.score_ppm is not None
    tag = f'<span class="tag">{escape(participant.adversary)}</span>' if participant and participant.adversary else ""
    name = escape(participant.name) if participant else f"identity {index}"
    return f'<tr><td class="t">{name}{tag}</td>{"".join(cells)}<td class="sum">{accepted} of {sent}</td></tr>'


def _heat_cell(number: int, update: Update | None) -> str:
    if update is None or update.score_ppm is None:
        mark, meaning = STATUSES[update.status if update else "absent"]
        return f'<td class="none" title="round {number}: {meaning}">{mark}</td>'
    return heat_score(number, update.score_ppm, update.accepted, f"paid {update.paid}")


def heat_score(number: int, score_ppm: int, accepted: bool, more: str) -> str:
    """The cell of something that was scored."""
    percent = score_ppm / 10_000
    fate = "accepted" if accepted else "rejected"
    title = f"round {number}: {percent:.2f} %, {fate}, {more}"
    if not accepted:
        return f'<td class="no" title="{title}">{percent:.0f}</td>'
    strength = 0.06 + 0.5 * min(max((percent - 60) / 40, 0.0), 1.0) ** 1.5
    return f'<td style="background:rgba(var(--score),{strength:.3f})" title="{title}">{percent:.0f}</td>'


def odd_rounds(rounds: Iterable[Round]) -> str:
    """What has to be said of rounds that changed nothing."""
    odd = [
        f"<li>Round {found.number}: {OUTCOMES[found.outcome]}.</li>" for found in rounds if found.outcome in OUTCOMES
    ]
    return f"<ul>{''.join(odd)}</ul>" if odd else ""


# ---- money


def money(metrics: Metrics) -> str:
    """Payouts, deposits and slashing for each participant."""
    top = max((participant.earned for participant in metrics.participants), default=0)
    rows = "".join(_money_row(participant, top) for participant in metrics.participants)
    headings = ("earned", "deposit", "given back", "slashed", "net change", "reputation", "samples")
    head = '<th class="t">participant</th><th class="t">roles</th>' + "".join(f"<th>{text}</th>" for text in headings)
    total = sum(round_.paid for round_ in metrics.rounds)
    kept = "Tokens are conserved" if metrics.money.conserved else "TOKENS ARE NOT CONSERVED"
    note = (
        f"In tokens. {total} were paid out over {len(metrics.rounds)} rounds. {kept}: supply {metrics.money.supply}, "
        f"of which {metrics.money.treasury} in the treasury and {metrics.money.escrow} in escrow at the end."
    )
    return section("Money", note, f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div>')


def _money_row(participant: Participant, top: int) -> str:
    tag = f'<span class="tag">{escape(participant.adversary)}</span>' if participant.adversary else ""
    meter = ""
    if participant.earned and top:
        meter = f'<span class="meter" style="width:{max(70 * participant.earned // top, 1)}px"></span>'
    slashed = f'<span class="bad">{participant.slashed}</span>' if participant.slashed else _amount(0)
    change = f"{participant.balance_change:+d}".replace("-", "−") if participant.balance_change else _amount(0)
    cells = [
        f"{meter}{_amount(participant.earned)}",
        _amount(participant.deposit),
        _amount(participant.deposit_left),
        slashed,
        change,
        f"{participant.reputation_bps / 100:.0f} %" if participant.reputation_bps else _amount(0),
        _amount(participant.sample_count),
    ]
    return (
        f'<tr><td class="t">{escape(participant.name)}{tag}</td>'
        f'<td class="t soft">{escape(", ".join(participant.roles))}</td>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def _amount(value: int) -> str:
    return str(value) if value else '<span class="faint">0</span>'


# ---- chain


def chain(metrics: Metrics) -> str:
    """The blocks with their sizes, and in a table who proposed and how many signed."""
    blocks = metrics.blocks
    if not blocks:
        return section("Chain", "No blocks were recorded.")
    bars = [Bar(block.bytes, block.round, _block_label(block), flagged=block.view > 0) for block in blocks]
    late = sum(block.view > 0 for block in blocks)
    short = sum(block.signers < block.seats for block in blocks)
    note = (
        f"Size of each of {len(blocks)} blocks, shaded in turns by training round (numbers below; grey is before the "
        f"first or after the last round). {late or 'No'} block{'s' * (late != 1)} needed more than one view"
        f"{' (marked)' if late else ''}; {short or 'no'} certificate{' lacks' if short == 1 else 's lack'} "
        "a signature; all have more than two thirds."
    )
    head = "<th>height</th><th>round</th><th>view</th><th>proposer</th><th>transactions</th><th>size</th>"
    head += '<th>signers</th><th class="t">root</th>'
    table = f'<div class="scroll"><table><tr>{head}</tr>{"".join(map(_block_row, blocks))}</table></div>'
    details = f"<details><summary>All {len(blocks)} blocks</summary>{table}</details>"
    return section("Chain", note, bar_chart("Block sizes by height", bars), details)


def _block_label(block: Block) -> str:
    return (
        f"height {block.height}, view {block.view}: {size(block.bytes)}, {block.transactions} transactions, "
        f"{block.signers} of {block.seats} signed"
    )


def _block_row(block: Block) -> str:
    cells = (
        block.height,
        block.round or "–",
        block.view,
        block.proposer,
        block.transactions,
        size(block.bytes),
    )
    signers = f"{block.signers} of {block.seats}"
    root = f'<td class="t"><code>{escape(block.root)}</code></td>'
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, signers)) + root + "</tr>"


# ---- time, proof, origin


COLOURS = ("c1", "c2", "c3", "c4", "c5", "c7", "c6")


def timing(metrics: Metrics) -> str:
    """Where the time went, as one stacked bar and a table."""
    parts = sorted(((seconds, name) for name, seconds in metrics.timing.items() if seconds > 0), reverse=True)
    total = sum(seconds for seconds, _ in parts)
    if not total:
        return section("Time", "No times were recorded.")
    # Six activities have a colour of their own, the small rest shares grey.
    colours = [f"var(--{COLOURS[min(index, len(COLOURS) - 1)]})" for index in range(len(parts))]
    stack = "".join(
        f'<div style="width:{100 * seconds / total:.2f}%;background:{colour}" title="{escape(name)}"></div>'
        for (seconds, name), colour in zip(parts, colours, strict=True)
    )
    swatch = '<i class="swatch" style="background:{}"></i>'
    rows = "".join(
        f'<tr><td class="t">{swatch.format(colour)}{escape(name)}</td><td>{seconds:.2f} s</td>'
        f"<td>{100 * seconds / total:.0f} %</td></tr>"
        for (seconds, name), colour in zip(parts, colours, strict=True)
    )
    note = f"{total:.1f} s in all, on the machine described below."
    return section("Time", note, f'<div class="stack">{stack}</div><table>{rows}</table>')


def verification(metrics: Metrics) -> str:
    """What replaying the ledger proved, and what no replay can prove."""
    found = metrics.verification
    note = "" if found.replayed else "Not replayed for this report: run bcfl verify on the folder of the ledger."
    proved = "".join(f"<li>{escape(line)}</li>" for line in found.proved)
    unproved = "".join(f"<li>{escape(line)}</li>" for line in found.not_proved)
    content = ""
    if proved and found.replayed:
        content += f'<h3 class="good">Proved by replay</h3><ul>{proved}</ul>'
    elif proved:
        content += f"<h3>A replay proves</h3><ul>{proved}</ul>"
    if unproved:
        content += f'<h3 style="margin-top:14px">Not provable from a ledger</h3><ul class="soft">{unproved}</ul>'
    return section("Verification", note, content)


def origin(metrics: Metrics) -> str:
    """The configuration and the fingerprint."""
    entries = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in metrics.fingerprint.items())
    note = "The same configuration gives the same ledger again under the same fingerprint."
    config = f"<div><h3>Configuration</h3><pre>{escape(metrics.config)}</pre></div>" if metrics.config else ""
    fingerprint = f"<div><h3>Fingerprint</h3><dl>{entries}</dl></div>" if entries else ""
    return section("Configuration and fingerprint", note, f'<div class="two">{config}{fingerprint}</div>')
