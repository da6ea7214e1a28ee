"""The text suffices: scores, splits and payouts written from `spec/incentive.md` alone give the vectors' answers.

Nothing of the reference is imported.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parent.parent.parent / "conformance" / "vectors" / "incentive"
ELIGIBLE, REVEALED = "5", "1"


class Refused(Exception):
    """A guard was false."""


def guard(condition: bool, code: str) -> None:
    if not condition:
        raise Refused(code)


def score_ppm(data: Any) -> Any:
    """INC-001."""
    correct, total = int(data["testimony"]["correct"]), int(data["testimony"]["total"])
    guard(total > 0 and correct <= total, "TESTIMONY_INVALID")
    return {"score_ppm": str(10**6 * correct // total)}


def is_scored(data: Any) -> Any:
    """INC-002."""
    return {"scored": 3 * int(data["included"]) > 2 * int(data["total"])}


def median(pairs: list[tuple[int, int]]) -> int:
    """INC-003, word for word: the smallest value whose weight, with all below, is half of everything."""
    total = sum(weight for _, weight in pairs)
    guard(total > 0, "WEIGHTS_EMPTY")
    return min(v for v, _ in pairs if 2 * sum(weight for value, weight in pairs if value <= v) >= total)


def weighted_lower_median(data: Any) -> Any:
    """INC-003."""
    return {"median": str(median([(int(e["value"]), int(e["weight"])) for e in data["entries"]]))}


def accepted(data: Any) -> Any:
    """INC-004."""
    scores = [int(score) for score in data["scores"]]
    if not scores:
        return {"accepted": []}
    bar = int(data["acceptance_bps"]) * median([(score, 1) for score in scores])
    return {"accepted": [score > 0 and 10**4 * score >= bar for score in scores]}


def split(amount: int, weights: list[int]) -> list[int]:
    """INC-005: one token after the other to the largest remainder that had none."""
    total = sum(weights)
    guard(total != 0, "WEIGHTS_EMPTY")
    parts = [amount * weight // total for weight in weights]
    waiting = [amount * weight % total for weight in weights]
    while sum(parts) < amount:
        lucky = waiting.index(max(waiting))
        parts[lucky] += 1
        waiting[lucky] = -1
    return parts


def largest_remainder(data: Any) -> Any:
    """INC-005."""
    return {"parts": [str(part) for part in split(int(data["amount"]), [int(w) for w in data["weights"]])]}


def pools(reward: str, shares: list[int]) -> list[int]:
    """INC-006."""
    guard(sum(shares) == 10**4, "SHARES_SUM")
    return split(int(reward), shares)


def round_pools(data: Any) -> Any:
    """INC-006."""
    names = ("trainers", "scorers", "aggregators")
    parts = pools(data["reward"], [int(data[f"{name}_bps"]) for name in names])
    return {name: str(part) for name, part in zip(names, parts, strict=True)}


def round_payouts(data: Any) -> Any:
    """INC-007."""
    spec, this = data["task"]["spec"], data["task"]["round"]
    shares = [int(spec[f"{name}_bps"]) for name in ("trainers", "scorers", "aggregators")]
    rejected = {u["trainer"] for u in this["updates"] if u["status"] == ELIGIBLE and not u["accepted"]}
    weight = "score_ppm" if spec["payment"] == "0" else "sample_count"
    work = (
        [(u["trainer"], int(u[weight])) for u in this["updates"] if u["accepted"]],
        [(s["scorer"], 1) for s in this["sheets"] if s["status"] == REVEALED],
        [(c["aggregator"], 1) for c in this["claims"] if c["correct"]],
    )
    payouts = []
    for pool, done in zip(pools(spec["reward_round"], shares), work, strict=True):
        paid = [(identity, w) for identity, w in done if identity not in rejected]
        if paid:
            parts = split(pool, [w for _, w in paid])
            payouts += [{"identity": i, "amount": str(a)} for (i, _), a in zip(paid, parts, strict=True)]
    return {"payouts": payouts}


def next_reputation(data: Any) -> Any:
    """INC-008."""
    parameters = {name: int(value) for name, value in data["parameters"].items()}
    gain, loss = parameters["reputation_gain_bps"], parameters["reputation_loss_bps"]
    change = {"1": gain, "2": -loss, "3": gain, "4": gain, "5": -loss, "6": -(10**4)}[data["fact"]]
    moved = max(parameters["reputation_min_bps"], int(data["reputation_bps"]) + change)
    return {"reputation_bps": str(min(parameters["reputation_max_bps"], moved))}


def total_tokens(data: Any) -> Any:
    """INC-010."""
    state = data["state"]
    held = [state["treasury"]]
    held += [person[field] for person in state["identities"] for field in ("balance", "stake", "unbonding")]
    for task in state["tasks"]:
        held += [task["escrow"], *(participant["deposit"] for participant in task["participants"])]
    return {"tokens": str(sum(map(int, held)))}


RULES: tuple[Callable[[Any], Any], ...] = (
    score_ppm,
    is_scored,
    weighted_lower_median,
    accepted,
    largest_remainder,
    round_pools,
    round_payouts,
    next_reputation,
    total_tokens,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_text_gives_the_vectors(rule: Callable[[Any], Any]) -> None:
    """Every case of the operation has the answer that the text gives."""
    cases = json.loads((VECTORS / f"{rule.__name__}.json").read_text(encoding="ascii"))["cases"]
    for case in cases:
        try:
            answer = {"ok": rule(case["input"])}
        except Refused as refusal:
            answer = {"error": str(refusal)}
        assert answer == case["expect"], case["id"]
