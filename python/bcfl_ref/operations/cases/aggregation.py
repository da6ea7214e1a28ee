"""The cases of the aggregation rules: each bug known from other implementations, each guard, their order."""

from __future__ import annotations

from typing import Any

from .._base import Case, Json
from .kernels import INT32_MAX, INT32_MIN, Q, decimals, pairs

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
_OWN: dict[str, dict[str, str]] = {
    "mean": {},
    "weighted_mean": {},
    "coordinate_median": {},
    "trimmed_mean": {"trim_bps": "2000"},
    "krum": {"byzantine": "1"},
    "multi_krum": {"byzantine": "1", "select": "2"},
    "norm_bounded_mean": {"norm_bound": "50"},
    "bulyan": {"byzantine": "0"},
}
#: Five updates of three coordinates; the fourth is hostile.
_UPDATES = [[10, -7, 3], [12, -6, 5], [4, -19, 4], [-900, 800, 700], [11, -8, 8]]
_BASE = [1000, -2000, 70]
_WEIGHTS = decimals(30, 10, 25, 60000, 1)


def _prefix(rule: str) -> str:
    return "agg-" + rule.replace("_", "-")


def _input(
    rule: str,
    updates: list[list[int]],
    weights: list[str] | None = None,
    base: list[int] | None = None,
    rate: tuple[int, int] = (1, 1),
    **own: str,
) -> dict[str, Json]:
    """The input of `aggregation.<rule>`; weights default to 1, the base model to zeros."""
    return {
        "base": base if base is not None else [0] * len(updates[0]),
        "updates": updates,
        "weights": weights if weights is not None else ["1"] * len(updates),
        "eta_numerator": str(rate[0]),
        "eta_denominator": str(rate[1]),
        **_OWN[rule],
        **own,
    }


def _case(
    rule: str,
    name: str,
    comment: str,
    updates: list[list[int]],
    weights: list[str] | None = None,
    base: list[int] | None = None,
    rate: tuple[int, int] = (1, 1),
    bug: str | None = None,
    flag: str = "Adversarial",
    **own: str,
) -> Case:
    data = _input(rule, updates, weights, base, rate, **own)
    return Case(
        f"aggregation.{rule}", f"{_prefix(rule)}-{name}", comment, data, bug=bug, flags=(flag,) if bug else ()
    )


# ---- what every rule shares: a typical case, the ends of the model, the guards and their order


def _typical(rule: str) -> dict[str, Json]:
    return _input(rule, _UPDATES, _WEIGHTS, _BASE, (3, 2))


_Change = dict[str, Json]


def _replaced(updates: list[list[int]], position: int, update: list[int]) -> list[list[int]]:
    return [*updates[:position], update, *updates[position + 1 :]]


_COUNT_0: _Change = {"updates": [], "weights": []}
_COUNT_2048: _Change = {"updates": [[1, 1, 1]] * 2048, "weights": ["1"] * 2048}
_LENGTH: _Change = {"updates": _replaced(_UPDATES, 4, [11, -8])}
_WEIGHT_0: _Change = {"weights": [*_WEIGHTS[:4], "0"]}
_WEIGHT_MISSING: _Change = {"weights": _WEIGHTS[:4]}
_OUTSIDE: _Change = {"updates": _replaced(_UPDATES, 2, [4, -19, -Q - 1])}
#: The third coordinate of every update is positive, and so is every aggregate of them.
_OVERFLOW: _Change = {"base": [1000, -2000, INT32_MAX]}

_PARAMETER_FAULTS: dict[str, list[tuple[str, str, _Change]]] = {
    "trimmed_mean": [
        ("trim-half", "half of the values from each end", {"trim_bps": "5000"}),
        ("trim-all", "more than all of them", {"trim_bps": "65535"}),
    ],
    "krum": [
        ("byzantine", "2f + 2 = 6 is not below 5", {"byzantine": "2"}),
        ("byzantine-wraps", "2f + 2 is 0 in 16 bits", {"byzantine": "32767"}),
    ],
    "multi_krum": [
        ("byzantine", "2f + 2 = 6 is not below 5", {"byzantine": "2"}),
        ("select-0", "no update to select", {"select": "0"}),
        ("select-all", "five of five with one hostile", {"select": "5"}),
    ],
    "norm_bounded_mean": [
        ("bound-0", "bound 0", {"norm_bound": "0"}),
        ("bound-33-bits", "bound 2^32", {"norm_bound": str(2**32)}),
    ],
    "bulyan": [
        ("byzantine", "4f + 3 = 7 is above 5", {"byzantine": "1"}),
        ("byzantine-wraps", "4f + 3 is 3 in 16 bits", {"byzantine": "16384"}),
    ],
}
_FAULTS: list[tuple[str, str, _Change]] = [
    ("rate-numerator", "a = 0", {"eta_numerator": "0"}),
    ("rate-denominator", "b = 0", {"eta_denominator": "0"}),
    ("no-updates", "no updates", _COUNT_0),
    ("too-many", "2048 updates", _COUNT_2048),
    ("weight-missing", "four weights for five updates", _WEIGHT_MISSING),
    ("weight-extra", "six weights for five updates", {"weights": [*_WEIGHTS, "1"]}),
    ("base-shorter", "a base model of two coordinates", {"base": _BASE[:2]}),
    ("base-empty", "a base model without coordinates", {"base": []}),
    ("length", "the last update is shorter", _LENGTH),
    ("update-empty", "an update without coordinates", {"updates": _replaced(_UPDATES, 0, [])}),
    ("weight-0", "a weight of 0", _WEIGHT_0),
    ("weight-65536", "a weight of 17 bits", {"weights": ["65536", *_WEIGHTS[1:]]}),
    ("domain", "a coordinate of -Q - 1", _OUTSIDE),
    ("domain-int32-min", "a coordinate of -2^31", {"updates": _replaced(_UPDATES, 0, [INT32_MIN, -7, 3])}),
]


def _two_faults(rule: str) -> list[tuple[str, str, _Change]]:
    faults: list[tuple[str, str, _Change]] = [
        ("length-and-weight", "a short update and a weight of 0", {**_LENGTH, **_WEIGHT_0}),
        ("count-and-length", "a weight missing and a short update", {**_WEIGHT_MISSING, **_LENGTH}),
        ("weight-and-domain", "a weight of 0 and a coordinate outside", {**_WEIGHT_0, **_OUTSIDE}),
        ("domain-and-overflow", "a coordinate outside and a model at its end", {**_OUTSIDE, **_OVERFLOW}),
    ]
    own = _PARAMETER_FAULTS.get(rule, [])
    if own:
        faults += [
            ("rate-and-parameter", "a = 0 and the rule's parameter", {"eta_numerator": "0", **own[0][2]}),
            ("parameter-and-count", "the rule's parameter and a weight missing", {**own[0][2], **_WEIGHT_MISSING}),
        ]
    if rule == "multi_krum":
        faults.append(("byzantine-and-select", "f too large and m = 0", {"byzantine": "2", "select": "0"}))
    return faults


def _shared(rule: str) -> list[Case]:
    """Typical, overflow on both sides, each guard, their order."""
    operation, prefix, twin, valid = f"aggregation.{rule}", _prefix(rule), f"{_prefix(rule)}-typical", _typical(rule)
    cases = [Case(operation, twin, "five updates, the fourth hostile, rate 3/2", valid)]
    for name, comment, change in [*_FAULTS, *_PARAMETER_FAULTS.get(rule, [])]:
        follows = ("/weights",) if name in ("no-updates", "too-many") else ()
        data = {**valid, **change}
        cases.append(Case(operation, f"{prefix}-{name}", comment, data, twin=twin, flags=("Guard",), follows=follows))
    cases += pairs(operation, prefix, twin, valid, _two_faults(rule))
    one, three = [[3, -3]], [[3, -3], [3, -3], [3, -3]]
    updates = three if "krum" in rule or rule == "bulyan" else one
    own: dict[str, Any] = {"byzantine": "0"} if "krum" in rule else {}
    edge = f"{prefix}-model-ends"
    ends = _input(rule, updates, None, [INT32_MAX - 3, INT32_MIN + 3], **own)
    cases.append(Case(operation, edge, "the new model reaches both ends of int32", ends, flags=("Boundary",)))
    for name, base in (("above", [INT32_MAX - 2, INT32_MIN + 3]), ("below", [INT32_MAX - 3, INT32_MIN + 2])):
        comment = f"one {name} the range of the model"
        data = {**ends, "base": base}
        cases.append(
            Case(
                operation,
                f"{prefix}-overflow-{name}",
                comment,
                data,
                twin=edge,
                flags=("Overflow",),
                bug="wraps or saturates",
            )
        )
    return cases


def _roundings(rule: str, columns: int = 6) -> list[Case]:
    """Ties and near ties of the one division, by a rate with an even denominator."""
    odd = [1, 3, 5, -1, -3, -5][:columns]
    same = [odd] * 3
    own: dict[str, Any] = {"byzantine": "0"} if "krum" in rule else {}
    return [
        _case(
            rule,
            "ties",
            "halves of odd numbers on both sides of zero, beside odd and even model coordinates",
            same,
            None,
            [7, 8, 7, 8, 7, 8],
            (1, 2),
            "rounds half up, half away from zero, or after adding the model",
            "Rounding",
            **own,
        ),
        _case(
            rule,
            "thirds",
            "k / 3 on both sides of zero",
            [[1, 2, 4, -1, -2, -4]] * 3,
            None,
            None,
            (1, 3),
            "truncates or floors",
            "Rounding",
            **own,
        ),
        _case(
            rule,
            "rate-as-double",
            "15 * 25/6 is the tie 62.5; the double nearest to 25/6 lies above it",
            [[15, -15]] * 3,
            None,
            None,
            (25, 6),
            "keeps the rate as a floating-point number",
            "Rounding",
            **own,
        ),
        _case(
            rule,
            "rate-largest",
            "the largest rate at the ends of the domain: 36 bits before the model is added",
            [[20000, -20000]] * 3,
            None,
            [-(2**30), 2**30],
            (65535, 1),
            "multiplies in 32 bits",
            "Overflow",
            **own,
        ),
    ]


# ---- means

MEAN = [
    _case("mean", "one", "a single update at rate 1", [[5, -5]], None, [1, 1]),
    _case(
        "mean",
        "algorithm-1",
        "w + (eta / N) * sum of the differences, eta = 1/2, N = 3",
        [[10, 20], [30, 40], [50, 61]],
        None,
        [100, 200],
        (1, 2),
    ),
    _case(
        "mean",
        "one-division",
        "the mean 1/2 would round to 0 before the rate 3 is applied",
        [[1, -1], [0, 0]],
        None,
        None,
        (3, 1),
        "rounds the mean, then the rate",
        "Rounding",
    ),
    _case(
        "mean",
        "rate-first",
        "6/8 rounds to 1; with the rate 1/2 applied to each update it would be 2/4",
        [[1, -1], [1, -1], [1, -1], [3, -3]],
        None,
        None,
        (1, 2),
        "applies the rate to each update",
        "Rounding",
    ),
    _case(
        "mean", "unweighted", "sample counts are not used", [[10], [0]], decimals(1, 3), bug="weights by sample count"
    ),
    _case(
        "mean",
        "reduced-rate",
        "10/4 is 5/2: the rate need not be in lowest terms",
        [[3, -3], [4, -4]],
        None,
        None,
        (10, 4),
    ),
]

WEIGHTED_MEAN = [
    _case(
        "weighted_mean",
        "three-to-one",
        "sample counts 1 and 3",
        [[10], [0]],
        decimals(1, 3),
        bug="ignores the counts",
    ),
    _case(
        "weighted_mean",
        "equal-weights",
        "equal sample counts give the mean",
        [[10, -7], [12, -6], [9, -9]],
        decimals(500, 500, 500),
    ),
    _case(
        "weighted_mean",
        "one-division",
        "c/sum(c) * q would round each term to 0",
        [[1, -1], [1, -1], [1, -1]],
        decimals(1, 1, 1),
        None,
        (1, 1),
        "rounds every weighted term",
        "Rounding",
    ),
    _case(
        "weighted_mean",
        "mean-then-rate",
        "5/2 would round to 2 before the rate 3",
        [[2], [3]],
        decimals(7, 7),
        None,
        (3, 1),
        "rounds the mean, then the rate",
        "Rounding",
    ),
    _case(
        "weighted_mean",
        "rate-first",
        "6/8 rounds to 1; with the rate 1/2 applied to each update it would be 2/4",
        [[1, -1], [3, -3]],
        decimals(3, 1),
        None,
        (1, 2),
        "applies the rate to each update",
        "Rounding",
    ),
    _case(
        "weighted_mean",
        "wide-sum",
        "three updates at Q with the largest count: the sum has 38 bits",
        [[Q, -Q], [Q, -Q], [Q - 1, 1 - Q]],
        decimals(65535, 65535, 65535),
        None,
        (1, 1),
        "sums in 32 bits",
        "Overflow",
    ),
    _case(
        "weighted_mean",
        "beside-tie-double",
        "the numerator has 54 bits and the quotient is so near to a tie that double precision takes it for one",
        [[1048556], [1048564], [1048572], [1048549]],
        decimals(65532, 65535, 65534, 65535),
        [INT32_MIN],
        (65535, 32),
        "divides in double precision",
        "Rounding",
    ),
]

# ---- order statistics

MEDIAN = [
    _case("coordinate_median", "odd", "each coordinate has its own middle update", [[9, -1], [1, 5], [5, -9]]),
    _case(
        "coordinate_median",
        "even-ties",
        "middle pairs that add up to odd numbers",
        [[0, 1, 2, -1, -2, -3], [1, 2, 3, 0, -1, -2]],
        None,
        None,
        (1, 1),
        "averages the middle values with floor, truncation or half up",
        "Rounding",
    ),
    _case(
        "coordinate_median",
        "even-one-division",
        "the middle sum 1 at rate 3 is 3/2, not 3 times the rounded half",
        [[0, -1], [1, 0]],
        None,
        None,
        (3, 1),
        "rounds the median, then the rate",
        "Rounding",
    ),
    _case(
        "coordinate_median",
        "even-far",
        "middle values far apart",
        [[-100, 3], [-10, 4], [11, -900], [100, 900]],
        bug="takes the lower or the upper middle value",
    ),
    _case(
        "coordinate_median",
        "weights-unused",
        "a large sample count does not pull the median",
        [[0], [1], [50]],
        decimals(1, 1, 65535),
        bug="takes a weighted median",
    ),
    _case(
        "coordinate_median",
        "equal-rate",
        "rate 7/7 is rate 1",
        [[0, 3], [1, 4], [1, 9], [2, -5]],
        None,
        None,
        (7, 7),
    ),
]

_TEN = [[1], [2], [3], [5], [7], [11], [13], [29], [400], [-300]]
TRIMMED = [
    _case("trimmed_mean", "tenth", "one of ten from each end", _TEN, trim_bps="1000", bug="trims the largest only"),
    _case(
        "trimmed_mean",
        "floor",
        "19.99 percent of ten is one, not two",
        _TEN,
        trim_bps="1999",
        bug="rounds the trim count to nearest or up",
        flag="Boundary",
    ),
    _case("trimmed_mean", "seam", "20 percent of ten is two exactly", _TEN, trim_bps="2000", flag="Boundary"),
    _case("trimmed_mean", "nothing", "trim 0 is the mean", _TEN, trim_bps="0"),
    _case(
        "trimmed_mean",
        "few",
        "10 percent of five is none",
        [[1], [2], [3], [4], [500]],
        trim_bps="1000",
        bug="trims at least one",
        flag="Boundary",
    ),
    _case("trimmed_mean", "largest", "49.99 percent of ten leaves the middle two", _TEN, trim_bps="4999"),
    _case(
        "trimmed_mean",
        "divisor",
        "the divisor is what remains, not n",
        [[0], [30], [31], [32], [1000]],
        trim_bps="2000",
        bug="divides by n",
    ),
    _case(
        "trimmed_mean",
        "magnitude",
        "both far values are negative",
        [[-90], [-80], [1], [2], [3]],
        trim_bps="2000",
        bug="trims by absolute value",
    ),
    _case(
        "trimmed_mean",
        "weights-unused",
        "sample counts are not used",
        [[0], [10], [20], [40], [99]],
        decimals(1, 1, 1, 500, 1),
        trim_bps="2000",
        bug="weights what remains",
    ),
    _case(
        "trimmed_mean",
        "one-division",
        "10/3 at rate 2 is 20/3",
        [[0], [3], [3], [4], [9]],
        None,
        None,
        (2, 1),
        "rounds the mean, then the rate",
        "Rounding",
        trim_bps="2000",
    ),
]

# ---- Krum: one input for each rule that is called Krum elsewhere

_KRUM_INPUTS: list[tuple[str, str, list[list[int]], str, str]] = [
    (
        "neighbours-more",
        "n - f - 1 = 3 neighbours would prefer another update",
        [[-5], [17], [14], [-12], [3]],
        "1",
        "sums over n - f - 1 neighbours",
    ),
    (
        "neighbours-less",
        "n - f - 3 = 1 neighbour would prefer another update",
        [[18], [-20], [10], [-4], [15]],
        "1",
        "sums over n - f - 3 neighbours",
    ),
    (
        "self",
        "counting itself, an update needs one neighbour less",
        [[20], [-11], [13], [4], [-20]],
        "1",
        "counts the update as its own neighbour",
    ),
    (
        "unsquared",
        "plain distances rank otherwise",
        [[-18], [13], [-8], [0], [16]],
        "1",
        "does not square the distance",
    ),
    (
        "medoid",
        "the medoid is another update",
        [[13], [-3], [9], [2], [20]],
        "1",
        "sums plain distances to all others",
    ),
    (
        "medoid-squared",
        "the nearest to all others in squares is another update",
        [[-18], [6], [-11], [-8], [-20]],
        "1",
        "sums squared distances to all others",
    ),
    (
        "manhattan",
        "summed absolute differences rank otherwise",
        [[0, 0], [6, 6], [-9, 1], [1, -10], [7, -3]],
        "1",
        "uses the L1 distance",
    ),
    (
        "near-and-large",
        "large updates that differ in the last digits",
        [
            [Q - 9, Q - 1, 1 - Q],
            [Q - 7, Q - 1, 1 - Q],
            [Q - 4, Q - 2, 1 - Q],
            [Q - 5, Q - 2, 2 - Q],
            [Q, Q, -Q],
        ],
        "1",
        "computes |x|^2 + |y|^2 - 2xy in single precision",
    ),
    (
        "wide-distance",
        "squared distances of 42 bits",
        [[741636, 177365], [177521, 1014506], [-488272, 816651], [-592225, -404273], [-1000079, -486342]],
        "1",
        "squares in 32 bits",
    ),
    (
        "tie-pair",
        "n = 3, f = 0: the nearest two always tie, the first of them wins",
        [[100], [3], [5]],
        "0",
        "takes the last of equal scores",
    ),
    (
        "tie-all",
        "the corners of a square all tie",
        [[1, 1], [1, -1], [-1, 1], [-1, -1]],
        "0",
        "takes the last of equal scores, or the first to arrive",
    ),
    (
        "identical",
        "identical hostile updates win when there are too many",
        [[9], [1], [2], [9], [9]],
        "1",
        "removes equals",
    ),
    (
        "eleven",
        "eleven updates, four hostile and close together",
        [[v, 10 - v] for v in (1, 2, 4, 7, 11, 16, 22)] + [[90, 90], [91, 90], [90, 92], [93, 90]],
        "4",
        "assumes a fixed share of hostile updates",
    ),
]


def _krum_cases() -> list[Case]:
    cases = []
    for name, comment, updates, byzantine, bug in _KRUM_INPUTS:
        cases.append(_case("krum", name, comment, updates, byzantine=byzantine, bug=bug, flag="Variant"))
        cases.append(
            Case(
                "aggregation.krum_scores",
                f"agg-krum-scores-{name}",
                comment,
                {"updates": updates, "byzantine": byzantine},
                bug=bug,
                flags=("Variant",),
            )
        )
    return cases


_SCORES_TWIN: dict[str, Json] = {"updates": _UPDATES, "byzantine": "1"}


def _score_refusals() -> list[Case]:
    faults: list[tuple[str, str, _Change]] = [
        ("no-updates", "no updates", {"updates": []}),
        ("too-many", "2048 updates", {"updates": [[1]] * 2048}),
        ("byzantine", "2f + 2 = 6 is not below 5", {"byzantine": "2"}),
        ("empty", "the first update has no coordinates", {"updates": _replaced(_UPDATES, 0, [])}),
        ("length", "the last update is shorter", _LENGTH),
        ("domain", "a coordinate of -Q - 1", _OUTSIDE),
    ]
    name, twin = "aggregation.krum_scores", "agg-krum-scores-typical"
    order: list[tuple[str, str, _Change]] = [
        ("none-and-byzantine", "no updates and f too large", {"updates": [], "byzantine": "2"}),
        ("byzantine-and-length", "f too large and a short update", {**_LENGTH, "byzantine": "2"}),
        ("byzantine-and-domain", "f too large and a coordinate outside", {**_OUTSIDE, "byzantine": "2"}),
    ]
    return [
        Case(name, twin, "the fourth update is hostile", _SCORES_TWIN),
        *[
            Case(name, f"agg-krum-scores-{fault}", comment, {**_SCORES_TWIN, **change}, twin=twin, flags=("Guard",))
            for fault, comment, change in faults
        ],
        *pairs(name, "agg-krum-scores", twin, _SCORES_TWIN, order),
    ]


MULTI_KRUM = [
    _case(
        "multi_krum",
        "rescore",
        "scored again after the first choice, another second would be chosen",
        [[0], [2], [9], [11], [30]],
        byzantine="1",
        select="2",
        bug="removes the chosen update and scores the rest again",
        flag="Variant",
    ),
    _case(
        "multi_krum",
        "unweighted",
        "the chosen updates count alike whatever their sample counts",
        _UPDATES,
        decimals(1, 1000, 1, 1, 1),
        byzantine="1",
        select="3",
        bug="weights the chosen updates by sample count",
        flag="Variant",
    ),
    _case(
        "multi_krum",
        "tie-at-the-cut",
        "equal scores at the m-th place: the lower positions are chosen",
        [[1, 1], [1, -1], [-1, 1], [-1, -1]],
        byzantine="0",
        select="2",
        bug="chooses the later of equal scores",
        flag="Order",
    ),
    _case(
        "multi_krum",
        "unsquared-second",
        "plain distances agree on the first update and not on the second",
        [[-14], [16], [-5], [-20], [-7]],
        byzantine="1",
        select="2",
        bug="does not square the distance",
        flag="Variant",
    ),
    _case("multi_krum", "one", "m = 1 is Krum", [[13], [-3], [9], [2], [20]], byzantine="1", select="1"),
    _case("multi_krum", "all-but-f", "m = n - f, the most that is allowed", _UPDATES, byzantine="1", select="4"),
    _case("multi_krum", "all", "f = 0 and m = n is the mean", _UPDATES, byzantine="0", select="5"),
    _case(
        "multi_krum",
        "one-division",
        "the two chosen add up to 3: 3/2 at rate 3 is 9/2",
        [[1], [2], [50], [90]],
        None,
        None,
        (3, 1),
        "rounds the mean, then the rate",
        "Rounding",
        byzantine="0",
        select="2",
    ),
    *[
        _case("multi_krum", name, comment, updates, byzantine=byzantine, select="2", bug=bug, flag="Variant")
        for name, comment, updates, byzantine, bug in _KRUM_INPUTS
        if name in ("neighbours-more", "self", "unsquared", "medoid", "near-and-large")
    ],
]

# ---- norm bound


def _norm(name: str, comment: str, updates: list[list[int]], bound: int, bug: str | None, *weights: int) -> Case:
    counts = decimals(*weights) if weights else None
    flag = "Rounding" if bug else "Boundary"
    return _case("norm_bounded_mean", name, comment, updates, counts, bug=bug, flag=flag, norm_bound=str(bound))


NORM_BOUNDED = [
    _norm("at-bound", "the norm equals the bound: nothing changes", [[3, -4], [-3, 4], [4, 3]], 5, None),
    _norm("above-bound", "N = 26 is above 25", [[3, -4, 1]], 5, "compares rounded norms"),
    _norm("each", "each update is clipped before the mean", [[900, 0], [-30, 40]], 50, "clips the mean"),
    _norm("weighted", "clipped updates are weighted", [[900, 0], [0, 30]], 50, "ignores the counts", 1, 9),
    _norm("truncate", "the quotients 6.9 and 7.14 are cut off", [[-29, 30]], 10, "rounds or floors the quotients"),
    _norm("nearest", "halves are cut off", [[11, 11, 11, 11]], 7, "rounds to nearest, which exceeds the bound"),
    _norm("root-up", "N = 2: the root is taken as 2", [[1, 1]], 1, "takes the floor of the root or the nearest"),
    _norm("root-real", "N = 128, s = 12: 80/12 is 6, 80/11.3 would be 7", [[8, -8]], 10, "keeps the root as a real"),
    _norm("spread", "no coordinate above the bound, but the norm", [[6] * 16], 7, "clips each coordinate"),
    _norm(
        "inside",
        "updates within the bound keep their length",
        [[3, 4], [0, 1]],
        100,
        "scales every update to the bound",
    ),
    _norm("largest-bound", "the largest bound", [[Q] * 9, [-Q] * 9, [Q] * 9], 2**32 - 1, None),
    _case(
        "norm_bounded_mean",
        "one-division",
        "5/2 at rate 3 is 15/2",
        [[2], [3]],
        decimals(7, 7),
        None,
        (3, 1),
        "rounds the mean, then the rate",
        "Rounding",
    ),
]

# ---- Bulyan

_BULYAN_INPUTS: list[tuple[str, str, list[int], str]] = [
    ("rescored", "the second choice depends on the first", [-6, -5, 4, -8, -3, -9, -8], "scores once, as Multi-Krum"),
    ("theta", "n - 2f are selected", [9, -2, -9, -3, 4, -1, -4], "selects n - f"),
    ("neighbours", "fewer neighbours as fewer are left", [3, 1, -2, 2, -4, 4, 1], "keeps n - f - 2, or all updates"),
    ("neighbours-more", "n' - f - 2 neighbours", [1, 0, 9, -9, 1, -7, 0], "takes n' - f - 1"),
    ("self", "squared distances to others", [-4, -4, 0, 1, -3, 8, -3], "counts the update itself; takes the root"),
    ("tie", "equal scores: the lowest position is selected", [0, 3, -1, 6, 1, -5, -3], "takes the last of equals"),
    ("lowest", "the lowest score is selected", [-1, -1, -9, -1, 3, -4, -2, -1], "selects the highest"),
    ("keep", "n - 4f of the selected are kept", [1, 8, 4, 3, -9, 3, 3], "averages all that are selected"),
    ("uneven", "the kept values lie above the median", [-7, -8, 6, 7, 6, -3, 5], "trims both ends alike"),
    ("beta", "n - 4f = 3", [-19, -4, -29, -21, -23, -12, 6], "keeps one less"),
    ("near-mean", "nearest to the median", [-5, 0, 5, -5, -4, -4, 4, -4], "measures from the mean"),
    ("near-lower", "the median lies between two values", [3, -8, -3, 7, -1, 1, 7, -4], "measures from the lower one"),
    ("near-rounded", "the median is no integer", [0, -5, -3, -4, -6, 9, 6, -2], "rounds the median first"),
    ("near-tie", "two values are equally near", [-1, -4, 0, -2, -8, 6, -8], "keeps the larger one"),
]

BULYAN = [
    *[
        _case("bulyan", name, comment, [[value] for value in values], byzantine="1", bug=bug, flag="Variant")
        for name, comment, values, bug in _BULYAN_INPUTS
    ],
    _case("bulyan", "three", "f = 0 is the mean; the last one selected has no neighbours", [[1], [2], [9]]),
    _case(
        "bulyan",
        "seven",
        "f = 1 among the fewest: five are selected, three kept, others in each coordinate",
        [[10, -7, 3], [12, -6, 5], [4, -19, 4], [-900, 800, 700], [11, -8, 8], [9, -9, 30], [13, -5, 1]],
        byzantine="1",
        bug="keeps whole updates",
        flag="Variant",
    ),
    _case(
        "bulyan",
        "eleven",
        "f = 2 among the fewest",
        [[v, v * v - 40] for v in range(-4, 5)] + [[Q, -Q], [1 - Q, Q]],
        byzantine="2",
        bug="squares in 32 bits",
        flag="Overflow",
    ),
    _case(
        "bulyan",
        "weights-unused",
        "a large sample count does not pull",
        [[0], [1], [50], [2], [3], [5], [9]],
        decimals(1, 1, 65535, 1, 1, 1, 1),
        byzantine="1",
        bug="weights by sample count",
        flag="Variant",
    ),
    _case(
        "bulyan",
        "one-division",
        "three kept add up to 4: 4/3 at rate 3 is 4",
        [[1], [1], [2], [1], [2], [90], [-90]],
        None,
        None,
        (3, 1),
        "rounds the mean, then the rate",
        "Rounding",
        byzantine="1",
    ),
]

# ---- the rule on the ledger

_FIELDS = ("trim_bps", "byzantine", "select", "norm_bound")


def _ledger_rule(number: int, rate: tuple[int, int] = (1, 1), **own: str) -> dict[str, str]:
    fields = {field: own.get(field, "0") for field in _FIELDS}
    return {"name": str(number), "eta_numerator": str(rate[0]), "eta_denominator": str(rate[1]), **fields}


def _check(name: str, comment: str, rule: dict[str, str], count: int, twin: str | None = None, **more: bool) -> Case:
    data = {"rule": rule, "count": str(count)}
    flags = ("GuardOrder",) if more else ("Guard",) if twin else ("Boundary",)
    two = more.get("two_fault", False)
    return Case(
        "aggregation.check_rule", f"agg-check-rule-{name}", comment, data, twin=twin, flags=flags, two_fault=two
    )


def _check_cases() -> list[Case]:
    mean, krum = _ledger_rule(0), _ledger_rule(4, byzantine="1")
    multi = _ledger_rule(5, byzantine="1", select="2")
    trimmed, bounded = _ledger_rule(3, trim_bps="4999"), _ledger_rule(6, norm_bound="1")
    bulyan = _ledger_rule(7, byzantine="1")
    twin = {
        rule: f"agg-check-rule-{rule}"
        for rule in ("mean", "krum", "multi-krum", "trimmed-mean", "norm-bounded-mean", "bulyan")
    }
    cases = [
        _check("mean", "the mean of one update", mean, 1),
        _check("weighted-mean", "the weighted mean of the most updates", _ledger_rule(1, (65535, 65535)), 2047),
        _check("coordinate-median", "the median of two updates", _ledger_rule(2), 2),
        _check("trimmed-mean", "the largest trim", trimmed, 2),
        _check("krum", "f = 1 needs five updates", krum, 5),
        _check("krum-0", "f = 0 needs three updates", _ledger_rule(4), 3),
        _check("multi-krum", "f = 1, m = 2", multi, 5),
        _check("multi-krum-most", "m = n - f", _ledger_rule(5, byzantine="1", select="4"), 5),
        _check("norm-bounded-mean", "the smallest bound", bounded, 1),
        _check("bulyan", "f = 1 needs seven updates", bulyan, 7),
        _check("bulyan-0", "f = 0 needs three updates", _ledger_rule(7), 3),
        _check("bulyan-most", "f = 511 among the most updates", _ledger_rule(7, byzantine="511"), 2047),
        _check("norm-bounded-mean-most", "the largest bound", _ledger_rule(6, norm_bound=str(2**32 - 1)), 1),
    ]
    for number, comment in (
        (8, "not assigned"),
        (127, "the last reserved"),
        (128, "an extension not installed"),
        (255, "too"),
    ):
        cases.append(_check(f"unknown-{number}", comment, {**mean, "name": str(number)}, 1, twin["mean"]))
    for field in _FIELDS:
        comment = f"the mean does not use {field}"
        cases.append(_check(f"unused-{field.replace('_', '-')}", comment, {**mean, field: "1"}, 1, twin["mean"]))
    cases += [
        _check("krum-unused-select", "Krum does not use select", {**krum, "select": "1"}, 5, twin["krum"]),
        _check("rate-0", "a = 0", {**mean, "eta_numerator": "0"}, 1, twin["mean"]),
        _check("rate-denominator-0", "b = 0", {**mean, "eta_denominator": "0"}, 1, twin["mean"]),
        _check("none", "no updates", mean, 0, twin["mean"]),
        _check("too-many", "2048 updates", mean, 2048, twin["mean"]),
        _check("trim-half", "half from each end", {**trimmed, "trim_bps": "5000"}, 2, twin["trimmed-mean"]),
        _check("krum-few", "four updates for f = 1", krum, 4, twin["krum"]),
        _check("bulyan-few", "six updates for f = 1", bulyan, 6, twin["bulyan"]),
        _check("bulyan-large", "f = 2 among seven", {**bulyan, "byzantine": "2"}, 7, twin["bulyan"]),
        _check("bulyan-wraps", "4f + 3 is 3 in 16 bits", {**bulyan, "byzantine": "16384"}, 7, twin["bulyan"]),
        _check("bulyan-unused-select", "Bulyan does not use select", {**bulyan, "select": "1"}, 7, twin["bulyan"]),
        _check("krum-large", "f = 2 among five", {**krum, "byzantine": "2"}, 5, twin["krum"]),
        _check("select-0", "m = 0", {**multi, "select": "0"}, 5, twin["multi-krum"]),
        _check("select-large", "m = n - f + 1", {**multi, "select": "5"}, 5, twin["multi-krum"]),
        _check("bound-0", "B = 0", {**bounded, "norm_bound": "0"}, 1, twin["norm-bounded-mean"]),
        _check("bound-large", "B = 2^32", {**bounded, "norm_bound": str(2**32)}, 1, twin["norm-bounded-mean"]),
    ]
    two: list[tuple[str, str, dict[str, str], int, str]] = [
        ("unknown-and-rate", "no such rule, a = 0", {**mean, "name": "8", "eta_numerator": "0"}, 1, "mean"),
        ("unused-and-rate", "an unused parameter, a = 0", {**mean, "select": "1", "eta_numerator": "0"}, 1, "mean"),
        ("rate-and-none", "a = 0, no updates", {**mean, "eta_numerator": "0"}, 0, "mean"),
        ("none-and-byzantine", "no updates, f too large", {**krum, "byzantine": "9"}, 0, "krum"),
        ("many-and-bound", "2048 updates, B = 0", {**bounded, "norm_bound": "0"}, 2048, "norm-bounded-mean"),
        ("byzantine-and-select", "f too large, m = 0", {**multi, "byzantine": "2", "select": "0"}, 5, "multi-krum"),
    ]
    cases += [
        _check(name, comment, rule, count, twin[base], two_fault=True) for name, comment, rule, count, base in two
    ]
    return cases


def _ledger(rule: str, **fields: str) -> dict[str, Json]:
    """The input of `aggregation.aggregate` that means the typical case of `rule`."""
    own = {**_ledger_rule(RULES.index(rule), (3, 2), **_OWN[rule]), **fields}
    return {"rule": own, "base": _BASE, "updates": _UPDATES, "weights": _WEIGHTS}


def _aggregate_cases() -> list[Case]:
    name, cases = "aggregation.aggregate", []
    for rule in RULES:
        comment = f"the number of {rule} leads to the same model as the rule alone"
        cases.append(
            Case(name, f"agg-aggregate-{rule.replace('_', '-')}", comment, _ledger(rule), flags=("Dispatch",))
        )
    twin, valid = "agg-aggregate-mean", _ledger("mean")
    faults: list[tuple[str, str, str, dict[str, Json]]] = [
        ("unknown", "not assigned", "mean", _ledger("mean", name="8")),
        ("extension", "an extension not installed", "mean", _ledger("mean", name="128")),
        ("unused", "the mean does not use f", "mean", _ledger("mean", byzantine="1")),
        ("rate", "b = 0", "mean", _ledger("mean", eta_denominator="0")),
        ("trim", "half from each end", "trimmed_mean", _ledger("trimmed_mean", trim_bps="5000")),
        ("byzantine", "f = 2 among five", "krum", _ledger("krum", byzantine="2")),
        ("select", "m = 0", "multi_krum", _ledger("multi_krum", select="0")),
        ("bound", "B = 0", "norm_bounded_mean", _ledger("norm_bounded_mean", norm_bound="0")),
        *[(fault, comment, "mean", {**valid, **change}) for fault, comment, change in _FAULTS if fault[:4] != "rate"],
        ("overflow", "the model at its upper end", "mean", {**valid, **_OVERFLOW}),
    ]
    for fault, comment, rule, data in faults:
        own = f"agg-aggregate-{rule.replace('_', '-')}"
        follows = ("/weights",) if fault in ("no-updates", "too-many") else ()
        cases.append(Case(name, f"agg-aggregate-{fault}", comment, data, twin=own, flags=("Guard",), follows=follows))
    cases += pairs(
        name,
        "agg-aggregate",
        twin,
        valid,
        [
            (
                "unknown-and-count",
                "no such rule and a weight missing",
                {**_ledger("mean", name="8"), **_WEIGHT_MISSING},
            ),
            (
                "rate-and-domain",
                "b = 0 and a coordinate outside",
                {**_ledger("mean", eta_denominator="0"), **_OUTSIDE},
            ),
            *_two_faults("mean"),
        ],
    )
    return cases


CASES: tuple[Case, ...] = (
    *[case for rule in RULES for case in _shared(rule)],
    *[case for rule in RULES for case in _roundings(rule)],
    *MEAN,
    *WEIGHTED_MEAN,
    *MEDIAN,
    *TRIMMED,
    *_krum_cases(),
    *_score_refusals(),
    *MULTI_KRUM,
    *NORM_BOUNDED,
    *BULYAN,
    *_check_cases(),
    *_aggregate_cases(),
)
