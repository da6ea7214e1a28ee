"""The sections about a secure task: groups by round, what was shown to whom, what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ..metrics import Cost, Group, Metrics, Secure, attackers
from .sections import heat_score, odd_rounds, section
from .verdict import size

STANDINGS = {
    "open": ("–", "was not opened"),
    "keys-missing": ("k", "too few keys were advertised"),
    "shares-missing": ("s", "too few dealt shares"),
    "inputs-missing": ("i", "too few masked inputs"),
    "answers-missing": ("a", "too few answers to rebuild a secret"),
    "dealer-inconsistent": ("!", "a dealer's shares do not belong together"),
    "sum-range": ("∅", "the sum is out of range"),
    "opened": ("·", "opened, not scored"),
}
PARTS = {
    "keys": "two public keys",
    "shares": "sealed shares, their commitments, and the answer",
    "input": "the masked update",
}
COST_NOTE = (
    "Mean over the trainers that took every step of a round in which their group was opened. The formula is that of "
    "Bonawitz et al. 2017 for a group of this size: everything sent and received, keys and shares of 32 bytes, "
    "inputs of 16 bits. What makes the difference: each of the four transactions carries a signature of 96 bytes "
    "and its framing; every share stands beside a commitment of 32 bytes and weighs 40 bytes in its field; the "
    "update has coordinates of 21 bits, weighted by samples, in words of {ring} bits, and a commitment to "
    "every chunk of it."
)


def groups(metrics: Metrics) -> str:
    """Every group: a row for each, a column for each round; below, who was lost at which step."""
    if not metrics.rounds:
        return section("Groups by round", "No round was settled.")
    names = {participant.index: participant.name for participant in metrics.participants}
    hostile = {participant.index: participant.adversary for participant in attackers(metrics)}
    head = "".join(f"<th>{round_.number}</th>" for round_ in metrics.rounds)
    rows = "".join(
        _heat_row([(round_.number, round_.groups[number]) for round_ in metrics.rounds], names, hostile)
        for number in range(len(metrics.rounds[0].groups))
    )
    marks = ", ".join(f"{mark} {escape(meaning)}" for mark, meaning in STANDINGS.values())
    legend = f'<div class="legend"><span>outlined: rejected</span><span>{marks}</span></div>'
    note = (
        "The score of the mean of each group in percent, as scorers testified. Groups were drawn by the beacon when "
        "the registration closed, and stay for the whole task."
    )
    table = (
        f'<div class="scroll"><table class="heat"><tr><th class="t"></th>{head}<th class="sum">accepted</th></tr>'
        f"{rows}</table></div>"
    )
    return section("Groups by round", note, legend, table, odd_rounds(metrics.rounds), _details(metrics, names))


def _heat_row(cells: Sequence[tuple[int, Group]], names: dict[int, str], hostile: dict[int, str]) -> str:
    group = cells[0][1]
    tags = "".join(
        f'<span class="tag">{escape(kind)}</span>' for index, kind in hostile.items() if index in group.trainers
    )
    accepted = sum(found.accepted for _, found in cells)
    scored = sum(found.score_ppm is not None for _, found in cells)
    title = escape(", ".join(names.get(index, str(index)) for index in group.trainers))
    row = "".join(_heat_cell(number, found) for number, found in cells)
    return (
        f'<tr><td class="t" title="{title}">group {group.number}{tags}</td>{row}'
        f'<td class="sum">{accepted} of {scored}</td></tr>'
    )


def _heat_cell(number: int, group: Group) -> str:
    if group.score_ppm is None:
        mark, meaning = STANDINGS[group.standing]
        return f'<td class="none" title="round {number}: {meaning}">{mark}</td>'
    return heat_score(number, group.score_ppm, group.accepted, f"{len(group.survivors)} survivors")


def _details(metrics: Metrics, names: dict[int, str]) -> str:
    head = "".join(
        f'<th class="t">{text}</th>' for text in ("round", "group", "standing", "survivors", "lost at", "named")
    )
    rows = "".join(
        f'<tr><td class="t">{round_.number}</td><td class="t">{group.number}</td>'
        f'<td class="t">{escape(STANDINGS[group.standing][1] if group.standing != "opened" else "opened")}</td>'
        f'<td class="t">{_short(group.survivors, names)}</td>'
        f'<td class="t">{"; ".join(f"{step}: {_short(who, names)}" for step, who in group.lost.items()) or "–"}</td>'
        f'<td class="t">{_short(group.named, names)}</td></tr>'
        for round_ in metrics.rounds
        for group in round_.groups
    )
    return (
        "<details><summary>Every group in every round</summary>"
        f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div></details>'
    )


def _short(trainers: Iterable[int], names: dict[int, str]) -> str:
    """Trainers by the numbers that the configuration gives them."""
    return escape(", ".join(names.get(index, str(index)).removeprefix("trainer ") for index in trainers)) or "–"


def shown(metrics: Metrics) -> str:
    """What was revealed to whom, with how often."""
    found = [group for round_ in metrics.rounds for group in round_.groups]
    opened = [group for group in found if group.standing == "opened"]
    summed = sum(len(group.survivors) for group in opened)
    lost = sum(len(who) for group in opened for step, who in group.lost.items() if step == "input")
    fewest = min((len(group.survivors) for group in opened), default=0)
    rows = (
        ("the mean of the updates of a group's survivors, and the sum of their weights", "everybody", len(opened)),
        ("the update of a single trainer", "nobody, unless all other survivors of its group pool theirs", 0),
        ("the seed of the own mask of a trainer whose input is in a sum", "everybody", summed),
        ("the secret key for masks of a trainer that dealt and gave no input", "everybody", lost),
        ("one share of two secrets of each neighbour, sealed", "that neighbour alone", "each round"),
        ("who takes part, in which group, and at which step who drops out", "everybody", "each round"),
        ("sample counts and quality of a single trainer's data", "nobody", 0),
    )
    table = "".join(
        f'<tr><td class="t">{escape(what)}</td><td class="t">{escape(whom)}</td><td>{count}</td></tr>'
        for what, whom, count in rows
    )
    head = '<th class="t">what</th><th class="t">to whom</th><th>how often</th>'
    note = (
        f"Read off the ledger: {len(opened)} of {len(found)} sums were opened, the smallest over {fewest} trainers. "
        "Sums over the same group with other survivors can be subtracted from each other; only noise helps against "
        "that."
    )
    return section("What was shown to whom", note, f'<div class="scroll"><table><tr>{head}</tr>{table}</table></div>')


def cost(secure: Secure) -> str:
    """Counted bytes beside the formula."""
    if not secure.trainers:
        return section("Bytes of the protocol", "No group was opened.")
    whole = Cost(
        part="all",
        sent=sum(part.sent for part in secure.costs),
        read=sum(part.read for part in secure.costs),
        formula=sum(part.formula for part in secure.costs),
    )
    rows = "".join(
        f'<tr><td class="t">{escape(found.part)}</td><td class="t soft">{escape(PARTS.get(found.part, ""))}</td>'
        f"<td>{size(found.sent)}</td><td>{size(found.read)}</td><td>{size(found.sent + found.read)}</td>"
        f"<td>{size(found.formula)}</td><td>{(found.sent + found.read) / max(found.formula, 1):.2f}</td></tr>"
        for found in (*secure.costs, whole)
    )
    headings = ("sent", "read of others", "together", "formula", "ratio")
    head = '<th class="t">part</th><th class="t"></th>' + "".join(f"<th>{text}</th>" for text in headings)
    whole_ledger = f"Whoever verifies the ledger itself reads {size(secure.ledger)} a round."
    note = f"{COST_NOTE.format(ring=secure.ring)} {whole_ledger}"
    return section("Bytes of the protocol", note, f'<div class="scroll"><table><tr>{head}</tr>{rows}</table></div>')
