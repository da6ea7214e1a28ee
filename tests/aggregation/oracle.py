"""Another formulation of every rule, over lists and fractions, with switches that break it in known ways.

Without a fault it is the brute force that the reference is compared with. With one it is a mutant: the wrong
implementation that some vector must catch.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

RULES = (
    "mean",
    "weighted_mean",
    "coordinate_median",
    "trimmed_mean",
    "krum",
    "multi_krum",
    "norm_bounded_mean",
    "bulyan",
)

ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "half_up": lambda x: math.floor(x + Fraction(1, 2)),
    "half_down": lambda x: math.ceil(x - Fraction(1, 2)),
    "half_away": lambda x: int(math.copysign(math.floor(abs(x) + Fraction(1, 2)), x)),
    "truncate": math.trunc,
    "floor": math.floor,
}

COMMON_FAULTS = (*ROUNDINGS, "float_rate", "rate_upside_down", "base_ignored", "rate_ignored")
FAULTS: dict[str, tuple[str, ...]] = {
    "mean": (*COMMON_FAULTS, "mean_then_rate", "rate_then_mean", "int32_product", "weights_used"),
    "weighted_mean": (*COMMON_FAULTS, "mean_then_rate", "rate_then_mean", "int32_sum", "float64", "weights_ignored"),
    "coordinate_median": (*COMMON_FAULTS, "mean_then_rate", "median_lower", "median_upper", "median_floor"),
    "trimmed_mean": (
        *COMMON_FAULTS,
        "mean_then_rate",
        "trim_largest_only",
        "trim_nearest",
        "trim_ceil",
        "trim_by_magnitude",
        "divide_by_n",
        "weights_used",
    ),
    "krum": (
        *COMMON_FAULTS,
        "neighbours_one_more",
        "neighbours_one_less",
        "neighbour_self",
        "unsquared",
        "medoid",
        "medoid_squared",
        "manhattan",
        "ties_highest",
        "distance_32_bits",
        "float32_gram",
        "worst",
    ),
    "multi_krum": (
        *COMMON_FAULTS,
        "mean_then_rate",
        "neighbours_one_more",
        "neighbour_self",
        "unsquared",
        "medoid",
        "ties_highest",
        "rescore",
        "weights_used",
        "worst",
    ),
    "norm_bounded_mean": (
        *COMMON_FAULTS,
        "mean_then_rate",
        "clip_nearest",
        "clip_floor",
        "clip_root_nearest",
        "clip_root_floor",
        "clip_root_exact",
        "clip_largest_coordinate",
        "clip_always",
        "clip_after_mean",
        "clip_ignored",
        "weights_ignored",
    ),
    "bulyan": (
        *COMMON_FAULTS,
        "mean_then_rate",
        "weights_used",
        "select_at_once",
        "select_one_more",
        "neighbours_constant",
        "neighbours_one_more",
        "neighbour_self",
        "unsquared",
        "medoid",
        "ties_highest",
        "worst",
        "keep_selected",
        "keep_middle",
        "keep_one_less",
        "keep_near_mean",
        "keep_near_lower",
        "keep_near_rounded",
        "keep_larger",
        "select_nothing",
    ),
}


def aggregate(rule: str, given: dict[str, object], fault: str | None = None) -> list[int]:
    """The new model for the JSON input `given` of `aggregation.<rule>`, computed with `fault`."""
    base: list[int] = given["base"]  # type: ignore[assignment]
    updates: list[list[int]] = given["updates"]  # type: ignore[assignment]
    weights = [int(weight) for weight in given["weights"]]  # type: ignore[attr-defined]
    names = ("trim_bps", "byzantine", "select", "norm_bound")
    trim_bps, byzantine, select, bound = (int(given.get(name, "0")) for name in names)  # type: ignore[call-overload]
    a, b = int(given["eta_numerator"]), int(given["eta_denominator"])  # type: ignore[call-overload]

    if rule in ("mean", "weighted_mean", "norm_bounded_mean"):
        weighted = fault == "weights_used" if rule == "mean" else fault != "weights_ignored"
        counts = weights if weighted else [1] * len(updates)
        if rule == "norm_bounded_mean" and fault not in ("clip_after_mean", "clip_ignored"):
            updates = [clip(update, bound, fault) for update in updates]
        sums, count = weighted_sum(updates, counts), sum(counts)
        if fault == "clip_after_mean":
            sums, count = clip([nearest(Fraction(total, count)) for total in sums], bound, None), 1
    elif rule in ("coordinate_median", "trimmed_mean"):
        pairs = [middle(rule, column, weights, trim_bps, fault) for column in zip(*updates, strict=True)]
        sums, count = [total for total, _ in pairs], pairs[0][1]
    elif rule == "bulyan":
        pairs = bulyan(updates, weights, byzantine, fault)
        sums, count = [total for total, _ in pairs], pairs[0][1]
    else:
        chosen = choose(updates, byzantine, select if rule == "multi_krum" else 1, fault)
        counts = [weights[i] if fault == "weights_used" else 1 for i in chosen]
        sums, count = weighted_sum([updates[i] for i in chosen], counts), sum(counts)
    if fault == "rate_then_mean":
        scaled = [[nearest(Fraction(a * value, b)) for value in update] for update in updates]
        sums, a, b = weighted_sum(scaled, counts), 1, 1
    return [moved(w, total, count, a, b, fault) for w, total in zip(base, sums, strict=True)]


def nearest(value: Fraction) -> int:
    return round(value)


def weighted_sum(vectors: list[list[int]], weights: list[int]) -> list[int]:
    return [sum(c * q for c, q in zip(weights, column, strict=True)) for column in zip(*vectors, strict=True)]


def moved(base: int, total: int, count: int, a: int, b: int, fault: str | None) -> int:
    """One coordinate of the new model."""
    if fault == "int32_sum":
        total = (total + 2**31) % 2**32 - 2**31
    if fault == "int32_product":
        total, a = (a * total + 2**31) % 2**32 - 2**31, 1
    if fault == "base_ignored":
        base = 0
    if fault == "rate_ignored":
        a = b = 1
    if fault == "rate_upside_down":
        a, b = b, a
    if fault == "mean_then_rate":
        return base + nearest(Fraction(a * nearest(Fraction(total, count)), b))
    if fault == "float64":
        return base + round(float(a) * float(total) / (float(b) * float(count)))
    if fault == "float_rate":
        return base + round((a / b) * (total / count))
    return base + ROUNDINGS.get(fault or "", nearest)(Fraction(a * total, b * count))


def middle(
    rule: str, column: tuple[int, ...], weights: list[int], trim_bps: int, fault: str | None
) -> tuple[int, int]:
    """Sum and count of what remains of one coordinate."""
    n = len(column)
    if rule == "coordinate_median":
        ordered = sorted(column)
        low, high = ordered[(n - 1) // 2], ordered[n // 2]
        replaced = {"median_lower": low, "median_upper": high, "median_floor": (low + high) // 2}
        return (replaced[fault], 1) if fault in replaced else (low + high, 2)
    trim = {"trim_nearest": round, "trim_ceil": math.ceil}.get(fault or "", math.floor)(Fraction(trim_bps * n, 10000))
    order = sorted(range(n), key=lambda i: (abs(column[i]), i) if fault == "trim_by_magnitude" else (column[i], i))
    kept = order[: n - trim] if fault == "trim_largest_only" else order[trim : n - trim]
    counts = [weights[i] if fault == "weights_used" else 1 for i in kept]
    total = sum(c * column[i] for c, i in zip(counts, kept, strict=True))
    return total, n if fault == "divide_by_n" else sum(counts)


def clip(update: list[int], bound: int, fault: str | None) -> list[int]:
    squared = sum(value * value for value in update)
    if squared <= bound * bound and (fault != "clip_always" or squared == 0):
        return update
    if fault == "clip_largest_coordinate":
        return [max(-bound, min(value, bound)) for value in update]
    floor_root = math.isqrt(squared)
    root = Fraction(floor_root if floor_root * floor_root == squared else floor_root + 1)
    if fault == "clip_root_floor":
        root = Fraction(floor_root)
    if fault == "clip_root_nearest":
        root = Fraction(floor_root if squared - floor_root * floor_root <= floor_root else floor_root + 1)
    if fault == "clip_root_exact":
        root = Fraction(math.sqrt(squared))
    rounding = {"clip_nearest": nearest, "clip_floor": math.floor}.get(fault or "", math.trunc)
    return [rounding(Fraction(value * bound) / root) for value in update]


def distance(x: list[int], y: list[int], fault: str | None) -> float | int:
    squared = sum((a - b) ** 2 for a, b in zip(x, y, strict=True))
    if fault in ("unsquared", "medoid"):
        return math.sqrt(squared)
    if fault == "manhattan":
        return sum(abs(a - b) for a, b in zip(x, y, strict=True))
    if fault == "distance_32_bits":
        return squared % 2**32
    if fault == "float32_gram":
        import numpy as np

        p, q = np.array(x, dtype=np.float32), np.array(y, dtype=np.float32)
        return float(p @ p + q @ q - np.float32(2) * (p @ q))
    return squared


def choose(updates: list[list[int]], byzantine: int, select: int, fault: str | None) -> list[int]:
    """The positions that Krum or Multi-Krum selects: for each one the best set of neighbours is *searched*."""
    if fault == "rescore":
        left, chosen = list(range(len(updates))), []
        while len(chosen) < select:
            best = order_of([updates[i] for i in left], byzantine, None)[0]
            chosen.append(left.pop(best))
        return chosen
    order = order_of(updates, byzantine, fault)
    return (order[::-1] if fault == "worst" else order)[:select]


def bulyan(updates: list[list[int]], weights: list[int], byzantine: int, fault: str | None) -> list[tuple[int, int]]:
    """Sum and count of what is kept of each coordinate."""
    left, chosen = list(range(len(updates))), []
    theta = len(updates) - 2 * byzantine + (1 if fault == "select_one_more" and byzantine else 0)
    constant = len(updates) - byzantine - 2 if fault in ("neighbours_constant", "select_at_once") else None
    while len(chosen) < theta:
        order = order_of([updates[i] for i in left], byzantine, fault, constant)
        best = order[-1] if fault == "worst" else order[0]
        if fault == "select_at_once":
            chosen = order[:theta]
        else:
            chosen.append(left.pop(best))
    if fault == "select_nothing":
        chosen = list(range(len(updates)))
    keep = len(updates) - 4 * byzantine - (1 if fault == "keep_one_less" and byzantine else 0)
    columns = zip(*[updates[i] for i in chosen], strict=True)
    return [kept(column, [weights[i] for i in chosen], keep, fault) for column in columns]


def kept(column: tuple[int, ...], weights: list[int], keep: int, fault: str | None) -> tuple[int, int]:
    n = len(column)
    ordered = sorted(column)
    low, high = ordered[(n - 1) // 2], ordered[n // 2]
    middle = Fraction(low + high, 2)
    middle = {
        "keep_near_mean": Fraction(sum(column), n),
        "keep_near_lower": Fraction(low),
        "keep_near_rounded": Fraction(round(middle)),
    }.get(fault or "", middle)
    if fault == "keep_selected":
        return sum(column), n
    if fault == "keep_middle":
        start = (n - keep) // 2
        return sum(ordered[start : start + keep]), keep
    sign = -1 if fault == "keep_larger" else 1
    order = sorted(range(n), key=lambda i: (abs(column[i] - middle), sign * column[i]))[:keep]
    counts = [weights[i] if fault == "weights_used" else 1 for i in order]
    return sum(c * column[i] for c, i in zip(counts, order, strict=True)), sum(counts)


def order_of(updates: list[list[int]], byzantine: int, fault: str | None, neighbours: int | None = None) -> list[int]:
    n = len(updates)
    neighbours = n - byzantine - 2 if neighbours is None else neighbours
    neighbours += {"neighbours_one_more": 1, "neighbours_one_less": -1}.get(fault or "", 0)
    if fault in ("medoid", "medoid_squared"):
        neighbours = n - 1
    scores = []
    for i in range(n):
        others = [j for j in range(n) if j != i or fault == "neighbour_self"]
        sets = itertools.combinations(others, max(1, min(neighbours, len(others))))
        scores.append(
            min((sum(distance(updates[i], updates[j], fault) for j in chosen) for chosen in sets), default=0)
        )
    return sorted(range(n), key=lambda i: (scores[i], -i if fault == "ties_highest" else i))
