"""The cases of the kernels: seams of the domain, ties, word sizes, and one refusal per guard."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable

from .._base import Case, Json

Q = 2**20 - 1
INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def f32(value: float) -> str:
    """The bits of a binary32 number."""
    return "0x" + struct.pack(">f", value).hex()


def f64(value: float) -> str:
    """The bits of a binary64 number."""
    return "0x" + struct.pack(">d", value).hex()


def word(value: int) -> str:
    """A signed 64-bit integer as the decimal string of its two's complement word."""
    return str(value % 2**64)


def words(*values: int) -> list[str]:
    """Several of them."""
    return [word(value) for value in values]


def decimals(*values: int) -> list[str]:
    """Unsigned integers as decimal strings."""
    return [str(value) for value in values]


def with_period(length: int) -> str:
    """Bytes with the period 251, so that exchanged chunks cannot look alike."""
    return "0x" + bytes(index % 251 for index in range(length)).hex()


def refusals(
    operation: str, prefix: str, twin: str, valid: Json, faults: Iterable[tuple[str, str, Json]]
) -> list[Case]:
    """One case per fault (id, comment, the fields that replace those of the twin)."""
    return [
        Case(operation, f"{prefix}-{name}", comment, {**valid, **change}, twin=twin, flags=("Guard",))
        for name, comment, change in faults
    ]


def pairs(operation: str, prefix: str, twin: str, valid: Json, faults: Iterable[tuple[str, str, Json]]) -> list[Case]:
    """Cases with two faults at two paths; the earlier guard must answer."""
    return [
        Case(
            operation,
            f"{prefix}-{name}",
            comment,
            {**valid, **change},
            twin=twin,
            flags=("GuardOrder",),
            two_fault=True,
        )
        for name, comment, change in faults
    ]


# ---- quantize


def _quantize(
    name: str, comment: str, element: str, values: list[float], fraction_bits: int, bug: str | None
) -> Case:
    form = {"f32": f32, "f64": f64}[element]
    data = {"element": element, "values": [form(value) for value in values], "fraction_bits": str(fraction_bits)}
    return Case("kernels.quantize", f"quantize-{name}", comment, data, bug=bug, flags=("Rounding",) if bug else ())


_TIES = [0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5]
_BESIDE_TIES = [math.nextafter(tie, side) for tie in (0.5, 1.5, 2.5, -0.5, -2.5) for side in (-9.0, 9.0)]
_QUANTIZE_TWIN = {"element": "f64", "values": [f64(1.0), f64(-0.25), f64(3.0)], "fraction_bits": "8"}
_NAN_BITS = {
    "nan": "0x7ff8000000000000",
    "signalling-nan": "0x7ff0000000000001",
    "negative-nan": "0xffffffffffffffff",
}
_INFINITY_BITS = {"infinity": "0x7ff0000000000000", "negative-infinity": "0xfff0000000000000"}

QUANTIZE = [
    _quantize("typical-f64", "a few weights with 16 fraction bits", "f64", [0.1, -0.25, 1.5, -3.14159], 16, None),
    _quantize(
        "typical-f32", "the same in single precision: 0.1 is another number", "f32", [0.1, -0.25, 1.5], 24, None
    ),
    _quantize("ties-f64", "halves on both sides of zero", "f64", _TIES, 0, "rounds halves up or away from zero"),
    _quantize(
        "ties-f32", "halves in single precision, scaled", "f32", [tie / 8 for tie in _TIES], 3, "rounds halves up"
    ),
    _quantize(
        "beside-ties",
        "one unit in the last place below and above a half",
        "f64",
        _BESIDE_TIES,
        0,
        "adds one half and takes the floor, which rounds 0.49999999999999994 to 1",
    ),
    _quantize(
        "narrowing",
        "halves plus or minus 2^-30, which single precision cannot hold",
        "f64",
        [0.5 + 2**-30, 1.5 - 2**-30, -0.5 - 2**-30],
        0,
        "narrows doubles to single precision first",
    ),
    _quantize(
        "clamp-seam",
        "around Q: Q is odd, so Q + 1/2 rounds to 2^20 and is clamped",
        "f64",
        [Q - 0.5, Q, Q + 0.5, Q + 1.0, -Q + 0.5, -Q, -Q - 0.5, -Q - 1.0],
        0,
        "clamps to the asymmetric range of a two's complement word",
    ),
    _quantize(
        "clamp-beyond-int32",
        "values that fit no integer register",
        "f64",
        [2.0**31, -(2.0**31), 2.0**63, -(2.0**64), 1.7976931348623157e308, -1.7976931348623157e308],
        30,
        "converts to an integer before clamping, so that large values wrap or become INT_MIN",
    ),
    _quantize(
        "clamp-f32-max",
        "the largest single, whose scaled value overflows single precision",
        "f32",
        [3.4028234663852886e38, -3.4028234663852886e38],
        30,
        "scales in single precision and then refuses the infinity it made",
    ),
    _quantize("tiny", "negative zero and subnormal numbers", "f64", [-0.0, 5e-324, -5e-324, 2.0**-1022], 30, None),
    _quantize("tiny-f32", "negative zero and subnormal singles", "f32", [-0.0, 2.0**-149, -(2.0**-149)], 30, None),
    _quantize(
        "fraction-bits-30",
        "the largest F: 2^-31 is a tie, its neighbours are not",
        "f64",
        [2.0**-31, 3 * 2.0**-31, math.nextafter(2.0**-31, 1), Q * 2.0**-30, -Q * 2.0**-30],
        30,
        "shifts a 32-bit one by the number of fraction bits",
    ),
    Case("kernels.quantize", "quantize-three", "the twin of the refusals", _QUANTIZE_TWIN),
    *refusals(
        "kernels.quantize",
        "quantize",
        "quantize-three",
        _QUANTIZE_TWIN,
        [
            ("empty", "no values", {"values": []}),
            ("fraction-bits-31", "one bit too many", {"fraction_bits": "31"}),
            *[
                (name, f"{name} last", {"values": [*_QUANTIZE_TWIN["values"][:2], bits]})
                for name, bits in {**_NAN_BITS, **_INFINITY_BITS}.items()
            ],
        ],
    ),
    *pairs(
        "kernels.quantize",
        "quantize",
        "quantize-three",
        _QUANTIZE_TWIN,
        [
            ("empty-and-bits", "no values and too many bits", {"values": [], "fraction_bits": "31"}),
            (
                "bits-and-nan",
                "too many bits and a value that is no number",
                {"values": [_NAN_BITS["nan"], *_QUANTIZE_TWIN["values"][1:]], "fraction_bits": "255"},
            ),
        ],
    ),
]

# ---- dequantize

_DEQUANTIZE_TWIN = {"values": [1, -3, Q], "fraction_bits": "16"}
DEQUANTIZE = [
    Case(
        "kernels.dequantize", "dequantize-typical", "one, minus three and Q with 16 fraction bits", _DEQUANTIZE_TWIN
    ),
    Case(
        "kernels.dequantize",
        "dequantize-extremes",
        "models hold any int32; 31 significant bits need double precision",
        {"values": [INT32_MIN, INT32_MAX, 2**24 + 1, -(2**24) - 1, 0], "fraction_bits": "30"},
        bug="passes through single precision",
        flags=("Boundary",),
    ),
    Case(
        "kernels.dequantize",
        "dequantize-integers",
        "no fraction bits",
        {"values": [INT32_MIN, -1, 0, 1, INT32_MAX], "fraction_bits": "0"},
        flags=("Boundary",),
    ),
    *refusals(
        "kernels.dequantize",
        "dequantize",
        "dequantize-typical",
        _DEQUANTIZE_TWIN,
        [("empty", "no values", {"values": []}), ("fraction-bits-31", "one bit too many", {"fraction_bits": "31"})],
    ),
    *pairs(
        "kernels.dequantize",
        "dequantize",
        "dequantize-typical",
        _DEQUANTIZE_TWIN,
        [("empty-and-bits", "no values and too many bits", {"values": [], "fraction_bits": "31"})],
    ),
]

# ---- domain_check


def _domain(name: str, comment: str, vector: list[int], bug: str | None = None) -> Case:
    flags = ("Domain",) if bug else ()
    return Case("kernels.domain_check", f"domain-check-{name}", comment, {"vector": vector}, bug=bug, flags=flags)


DOMAIN_CHECK = [
    _domain("inside", "both ends of the domain are inside", [0, Q, -Q, 1]),
    _domain("first", "two offenders: the first is named", [0, 5, Q + 1, -Q - 1], "names the last offender"),
    _domain("below", "one below the domain", [Q, -Q - 1], "takes -2^20 as inside, the range of a 21-bit word"),
    _domain("int32-max", "the largest int32", [INT32_MAX]),
    _domain(
        "int32-min", "the smallest int32 has no absolute value in 32 bits", [0, INT32_MIN], "takes |-2^31| in 32 bits"
    ),
    _domain(
        "lanes",
        "the offender stands in the tail behind sixteen whole lanes",
        [0] * 16 + [INT32_MIN],
        "skips the elements behind the last whole register",
    ),
    *refusals(
        "kernels.domain_check",
        "domain-check",
        "domain-check-inside",
        {"vector": [0, Q, -Q, 1]},
        [("empty", "no elements", {"vector": []})],
    ),
]

# ---- vectors: the guards that five kernels share

_ROWS = [[1, -2, 30], [4, 5, -60], [7, -8, 90], [-1, 2, 3]]


def _vector_faults() -> list[tuple[str, str, Json]]:
    return [
        ("no-vectors", "no vectors", {"vectors": []}),
        ("no-elements", "a vector without elements", {"vectors": [*_ROWS[:3], []]}),
        ("lengths", "the last vector is shorter", {"vectors": [*_ROWS[:3], [1, 2]]}),
        ("too-many", "2048 vectors", {"vectors": [[1]] * 2048}),
        ("domain-above", "a coordinate of Q + 1", {"vectors": [*_ROWS[:3], [-1, Q + 1, 3]]}),
        ("domain-below", "a coordinate of -Q - 1", {"vectors": [[1, -Q - 1, 30], *_ROWS[1:]]}),
        ("domain-int32-min", "a coordinate of -2^31", {"vectors": [*_ROWS[:2], [INT32_MIN, -8, 90], _ROWS[3]]}),
    ]


def _vector_refusals(name: str, prefix: str, twin: str, valid: Json) -> list[Case]:
    follows = ("/weights",) if "weights" in valid else ()
    cases = []
    for fault, comment, change in _vector_faults():
        counted = (
            {"weights": ["1"] * len(change["vectors"])} if follows and fault in ("no-vectors", "too-many") else {}
        )
        data = {**valid, **change, **counted}
        cases.append(
            Case(
                name,
                f"{prefix}-{fault}",
                comment,
                data,
                twin=twin,
                flags=("Guard",),
                follows=follows if counted else (),
            )
        )
    return cases


# ---- weighted_sum

_SUM_TWIN = {"vectors": _ROWS, "weights": decimals(3, 1, 65535, 0)}
WEIGHTED_SUM = [
    Case(
        "kernels.weighted_sum", "weighted-sum-typical", "three coordinates, a weight of 0 and the largest", _SUM_TWIN
    ),
    Case(
        "kernels.weighted_sum",
        "weighted-sum-cancel",
        "large terms of both signs leave a small sum",
        {"vectors": [[Q, -Q], [-Q, Q], [1, -1]], "weights": decimals(65535, 65534, 7)},
        bug="accumulates in single precision or in 32 bits",
        flags=("Overflow",),
    ),
    Case(
        "kernels.weighted_sum",
        "weighted-sum-33-bits",
        "weight times coordinate leaves 32 bits at once",
        {"vectors": [[Q, -Q, 2**15]], "weights": decimals(65535)},
        bug="multiplies 32 by 32 bits into 32",
        flags=("Overflow",),
    ),
    Case(
        "kernels.weighted_sum",
        "weighted-sum-bound",
        "2047 vectors at the ends of the domain with the largest weight: just below 2^47",
        {"vectors": [[Q, -Q]] * 2047, "weights": ["65535"] * 2047},
        clauses=("AGG-006", "AGG-002"),
        bug="accumulates in 32 bits",
        flags=("Boundary", "Overflow"),
    ),
    Case(
        "kernels.weighted_sum",
        "weighted-sum-lanes",
        "seventeen coordinates: sixteen whole lanes and a tail",
        {"vectors": [list(range(-8, 9)), list(range(17))], "weights": decimals(2, 3)},
        bug="skips the elements behind the last whole register",
        flags=("Boundary",),
    ),
    *_vector_refusals("kernels.weighted_sum", "weighted-sum", "weighted-sum-typical", _SUM_TWIN),
    *refusals(
        "kernels.weighted_sum",
        "weighted-sum",
        "weighted-sum-typical",
        _SUM_TWIN,
        [
            ("weight-missing", "three weights for four vectors", {"weights": decimals(3, 1, 65535)}),
            ("weight-extra", "five weights for four vectors", {"weights": decimals(3, 1, 65535, 0, 1)}),
            ("weight-65536", "a weight of 17 bits", {"weights": decimals(3, 1, 65536, 0)}),
            (
                "domain-weight-0",
                "the coordinate outside the domain has weight 0",
                {"vectors": [*_ROWS[:3], [INT32_MAX, 2, 3]]},
            ),
        ],
    ),
    *pairs(
        "kernels.weighted_sum",
        "weighted-sum",
        "weighted-sum-typical",
        _SUM_TWIN,
        [
            (
                "lengths-and-weights",
                "unequal lengths and a weight missing",
                {"vectors": [*_ROWS[:3], [1, 2]], "weights": decimals(3, 1, 65535)},
            ),
            (
                "count-and-weight",
                "a weight missing and a coordinate outside",
                {"vectors": [[1, -2, Q + 1], *_ROWS[1:]], "weights": decimals(3, 1, 65535)},
            ),
            (
                "weight-and-domain",
                "a weight of 17 bits and a coordinate outside the domain",
                {"vectors": [[1, -2, Q + 1], *_ROWS[1:]], "weights": decimals(3, 1, 65536, 0)},
            ),
        ],
    ),
]

# ---- div_round

_DIVISOR_MAX = 65535 * 2047 * 65535
_DIV_TWIN = {"numerators": words(10, -10, 7), "multiplier": "3", "divisor": "4"}


def _div(name: str, comment: str, numerators: list[int], multiplier: int, divisor: int, bug: str | None) -> Case:
    data = {"numerators": words(*numerators), "multiplier": str(multiplier), "divisor": str(divisor)}
    return Case("kernels.div_round", f"div-round-{name}", comment, data, bug=bug, flags=("Rounding",))


DIV_ROUND = [
    Case("kernels.div_round", "div-round-typical", "7.5, -7.5 and 5.25", _DIV_TWIN),
    _div("halves", "k + 1/2 for k from -4 to 3", [2 * k + 1 for k in range(-4, 4)], 1, 2, "rounds halves up"),
    _div(
        "thirds",
        "k / 3 around zero",
        list(range(-5, 6)),
        1,
        3,
        "truncates towards zero, or floors, before correcting",
    ),
    _div(
        "odd-divisor",
        "an odd divisor has no ties: 2/5, 3/5 and their negatives",
        [2, 3, -2, -3],
        1,
        5,
        "compares a rounded half of the divisor",
    ),
    _div("one-division", "3 * 1 / 2 is 2, not 3 * (1 / 2) = 0", [1, -1, 5], 3, 2, "divides before it multiplies"),
    _div(
        "63-bits",
        "the largest numerator and multiplier: below 2^63",
        [2**47 - 1, 1 - 2**47],
        65535,
        1,
        "multiplies in double precision",
    ),
    _div(
        "beside-tie-63-bits",
        "the product is a tie plus or minus one in 62 bits, too close for double precision",
        [2**46 + (2**19 + off) * pow(65535, -1, 2**20) % 2**20 for off in (-1, 0, 1)],
        65535,
        2**20,
        "divides in double precision",
    ),
    _div("largest-divisor", "the largest divisor", [2**47 - 1, -(2**47) + 1, 1], 65535, _DIVISOR_MAX, None),
    *refusals(
        "kernels.div_round",
        "div-round",
        "div-round-typical",
        _DIV_TWIN,
        [
            ("empty", "no numerators", {"numerators": []}),
            ("multiplier-0", "multiplier 0", {"multiplier": "0"}),
            ("multiplier-65536", "a multiplier of 17 bits", {"multiplier": "65536"}),
            ("divisor-0", "divisor 0", {"divisor": "0"}),
            ("divisor-large", "one more than the largest divisor", {"divisor": str(_DIVISOR_MAX + 1)}),
            ("sum-range", "a numerator of 2^47", {"numerators": words(10, 2**47, 7)}),
            ("sum-range-negative", "a numerator of -2^47", {"numerators": words(10, -10, -(2**47))}),
            ("sum-range-int64-min", "the smallest int64", {"numerators": words(-(2**63), -10, 7)}),
        ],
    ),
    *pairs(
        "kernels.div_round",
        "div-round",
        "div-round-typical",
        _DIV_TWIN,
        [
            ("empty-and-multiplier", "no numerators, multiplier 0", {"numerators": [], "multiplier": "0"}),
            ("multiplier-and-divisor", "multiplier 0, divisor 0", {"multiplier": "0", "divisor": "0"}),
            ("divisor-and-sum", "divisor 0, numerator 2^47", {"divisor": "0", "numerators": words(10, 2**47, 7)}),
        ],
    ),
]

# ---- order statistics


def _median(
    name: str, comment: str, vectors: list[list[int]], bug: str | None = None, flag: str = "Rounding"
) -> Case:
    flags = (flag,) if bug else ()
    return Case(
        "kernels.coordinate_median", f"median-kernel-{name}", comment, {"vectors": vectors}, bug=bug, flags=flags
    )


MEDIAN = [
    _median("four", "four vectors, three coordinates", _ROWS),
    _median("odd", "odd n takes the middle value, not that of the middle vector", [[9, -1], [1, 5], [5, -9]]),
    _median("one", "one vector is its own median", [[Q, -Q, 0]], "indexes before the start", "Boundary"),
    _median(
        "even-ties",
        "the middle values add up to 1, 3, 5, -1, -3, -5: halves go to even",
        [[0, 1, 2, -1, -2, -3], [1, 2, 3, 0, -1, -2]],
        "averages the two middle values with floor, truncation or half up",
    ),
    _median(
        "even-far",
        "the two middle values are far apart",
        [[-Q, 10], [Q, 1000], [Q - 1, -1000], [-Q, 13]],
        "takes the lower or the upper middle value",
    ),
    _median("equal", "equal values on both sides", [[3, 3], [3, -3], [3, 3], [-3, -3]], None),
    _median("extremes", "only the ends of the domain", [[Q, -Q], [Q, -Q], [-Q, Q]], None),
    _median(
        "unsigned",
        "negative values are smaller than positive ones",
        [[-1, 1], [0, -2], [1, 0]],
        "compares the words as unsigned numbers",
        "Adversarial",
    ),
    *_vector_refusals("kernels.coordinate_median", "median-kernel", "median-kernel-four", {"vectors": _ROWS}),
]

_TRIM_TWIN = {"vectors": _ROWS, "trim": "1"}


def _trimmed(name: str, comment: str, vectors: list[list[int]], trim: int, bug: str | None) -> Case:
    data = {"vectors": vectors, "trim": str(trim)}
    return Case("kernels.trimmed_sum", f"trimmed-sum-{name}", comment, data, bug=bug, flags=("Order",) if bug else ())


TRIMMED = [
    Case("kernels.trimmed_sum", "trimmed-sum-typical", "two of four values remain", _TRIM_TWIN),
    _trimmed("none", "nothing is trimmed", _ROWS, 0, None),
    _trimmed("most", "one of five values remains: the median", [[5], [-9], [1], [7], [1]], 2, None),
    _trimmed(
        "magnitude", "the far values are all negative", [[-9], [-8], [1], [2], [3]], 1, "trims by absolute value"
    ),
    _trimmed("one-side", "one far value above", [[100], [1], [2], [3], [5]], 1, "trims only the largest values"),
    _trimmed(
        "equal", "equal values at the cut", [[4], [4], [4], [1], [4], [9]], 2, "drops every copy of the smallest"
    ),
    _trimmed(
        "per-coordinate", "another vector is extreme in each coordinate", [[9, 1], [1, 9], [2, 2]], 1, "drops vectors"
    ),
    _trimmed("ends", "64 vectors at the ends of the domain", [[Q, -Q]] * 64, 0, None),
    *_vector_refusals("kernels.trimmed_sum", "trimmed-sum", "trimmed-sum-typical", _TRIM_TWIN),
    *refusals(
        "kernels.trimmed_sum",
        "trimmed-sum",
        "trimmed-sum-typical",
        _TRIM_TWIN,
        [
            ("trim-half", "two from each end of four", {"trim": "2"}),
            ("trim-65535", "far too much", {"trim": "65535"}),
        ],
    ),
    *pairs(
        "kernels.trimmed_sum",
        "trimmed-sum",
        "trimmed-sum-typical",
        _TRIM_TWIN,
        [
            ("lengths-and-trim", "unequal lengths, nothing left", {"vectors": [*_ROWS[:3], [1, 2]], "trim": "2"}),
            ("trim-and-domain", "nothing left, outside", {"vectors": [*_ROWS[:3], [-1, 2, Q + 1]], "trim": "2"}),
        ],
    ),
]

# ---- nearest_sum

_NEAREST_TWIN = {"vectors": _ROWS, "keep": "2"}


def _nearest(name: str, comment: str, values: list[int], keep: int, bug: str | None) -> Case:
    """One coordinate."""
    data = {"vectors": [[value] for value in values], "keep": str(keep)}
    return Case("kernels.nearest_sum", f"nearest-sum-{name}", comment, data, bug=bug, flags=("Order",) if bug else ())


NEAREST = [
    Case("kernels.nearest_sum", "nearest-sum-typical", "two of four values are kept", _NEAREST_TWIN),
    _nearest("all", "everything is kept", [5, -9, 1, 7, 1], 5, None),
    _nearest("one-odd", "the median itself", [5, -9, 1, 7, 2], 1, None),
    _nearest("one-even", "both middle values are equally near", [8, 3, 4, -9], 1, "takes the larger of equals"),
    _nearest("tie", "2 and 6 are equally near to 4", [2, 4, 6, 90, -90], 2, "takes the larger or the first to come"),
    _nearest("tie-reversed", "the same from the other end", [6, 90, 4, -90, 2], 2, "takes the first to come"),
    _nearest("half", "the median is 3/2: 0 and 3 are equally near", [0, 1, 2, 3], 3, "rounds the median up"),
    _nearest("half-below", "the median is -3/2: 0 and -3 are equally near", [0, -1, -2, -3], 3, "rounds to even"),
    _nearest("near-mean", "the mean is 100, the median 1", [0, 1, 2, 1, 496], 3, "measures from the mean"),
    _nearest("near-zero", "the values around 50, not around 0", [49, 50, 52, 0, 99], 3, "measures from zero"),
    _nearest("above", "all that is near lies above the median", [-900, -800, 5, 6, 7], 3, "trims both ends alike"),
    _nearest("below", "all that is near lies below the median", [900, 800, 5, 6, 7], 3, "trims both ends alike"),
    Case(
        "kernels.nearest_sum",
        "nearest-sum-per-coordinate",
        "other vectors are kept in each coordinate",
        {"vectors": [[9, 1, 4], [1, 9, 5], [2, 2, -6], [3, 8, 7], [4, 3, 6]], "keep": "3"},
        bug="keeps whole vectors",
        flags=("Order",),
    ),
    Case(
        "kernels.nearest_sum",
        "nearest-sum-ends",
        "64 vectors at the ends of the domain",
        {"vectors": [[Q, -Q]] * 33 + [[-Q, Q]] * 31, "keep": "40"},
    ),
    *_vector_refusals("kernels.nearest_sum", "nearest-sum", "nearest-sum-typical", _NEAREST_TWIN),
    *refusals(
        "kernels.nearest_sum",
        "nearest-sum",
        "nearest-sum-typical",
        _NEAREST_TWIN,
        [
            ("keep-0", "nothing is kept", {"keep": "0"}),
            ("keep-5", "five of four", {"keep": "5"}),
            ("keep-65535", "far too many", {"keep": "65535"}),
        ],
    ),
    *pairs(
        "kernels.nearest_sum",
        "nearest-sum",
        "nearest-sum-typical",
        _NEAREST_TWIN,
        [
            ("lengths-and-keep", "unequal lengths, nothing kept", {"vectors": [*_ROWS[:3], [1, 2]], "keep": "0"}),
            ("keep-and-domain", "nothing kept, outside", {"vectors": [*_ROWS[:3], [-1, 2, Q + 1]], "keep": "0"}),
        ],
    ),
]

# ---- pairwise_sqdist


def _distances(name: str, comment: str, vectors: list[list[int]], bug: str | None = None) -> Case:
    flags = ("Overflow",) if bug else ()
    data = {"vectors": vectors}
    return Case("kernels.pairwise_sqdist", f"pairwise-sqdist-{name}", comment, data, bug=bug, flags=flags)


DISTANCES = [
    _distances("four", "four vectors, three coordinates", _ROWS),
    _distances("one", "a single vector has the distance 0 to itself", [[5, -5]]),
    _distances(
        "three-four-five", "squared, so 25 and 100 and not 5 and 10", [[0, 0], [3, 4], [6, 8]], "takes the root"
    ),
    _distances("widest", "the widest difference: (2Q)^2 is just below 2^42", [[Q] * 3, [-Q] * 3], "sums in 32 bits"),
    _distances(
        "near-and-large",
        "large vectors one unit apart",
        [[Q, Q - 1, -Q], [Q - 1, Q - 1, -Q], [Q - 1, Q - 2, -Q]],
        "computes |x|^2 + |y|^2 - 2xy in single precision",
    ),
    *_vector_refusals("kernels.pairwise_sqdist", "pairwise-sqdist", "pairwise-sqdist-four", {"vectors": _ROWS}),
]

# ---- clip_l2

_CLIP_TWIN = {"vector": [-30, 41, 7], "bound": "25"}


def _clip(name: str, comment: str, vector: list[int], bound: int, bug: str | None) -> Case:
    data = {"vector": vector, "bound": str(bound)}
    return Case("kernels.clip_l2", f"clip-l2-{name}", comment, data, bug=bug, flags=("Rounding",) if bug else ())


CLIP = [
    Case("kernels.clip_l2", "clip-l2-typical", "N = 2630, so s = 52", _CLIP_TWIN),
    _clip("equal", "the norm equals the bound: unchanged", [3, -4], 5, None),
    _clip("one-more", "N = B^2 + 1", [3, -4, 1], 5, "compares rounded norms"),
    _clip("exact-root", "N is a square: s = 50 exactly", [-30, 40], 25, "adds one to every root"),
    _clip("root-up", "N = 2: s = 2, not 1", [1, 1], 1, "takes the floor of the root or the nearest integer"),
    _clip("negative", "-29 * 10 / 42 = -6.9 becomes -6", [-29, 30], 10, "floors negative quotients"),
    _clip(
        "nearest", "halves and more are cut off", [11, 11, 11, 11], 7, "rounds to nearest, which exceeds the bound"
    ),
    _clip("bound-1", "the smallest bound", [Q, -Q, 0, 1], 1, None),
    _clip(
        "bound-max", "the largest bound changes nothing", [Q] * 17, 2**32 - 1, "squares the bound in 64 signed bits"
    ),
    _clip("one-coordinate", "one coordinate alone keeps the whole bound", [-Q], 1000, None),
    _clip(
        "spread", "every coordinate is within the bound, the norm is not", [6] * 16, 7, "clips each coordinate alone"
    ),
    _clip("zero", "the zero vector", [0, 0, 0], 1, "divides by a root of zero"),
    *refusals(
        "kernels.clip_l2",
        "clip-l2",
        "clip-l2-typical",
        _CLIP_TWIN,
        [
            ("empty", "no elements", {"vector": []}),
            ("bound-0", "bound 0", {"bound": "0"}),
            ("bound-33-bits", "bound 2^32", {"bound": str(2**32)}),
            ("domain", "a coordinate of Q + 1", {"vector": [-30, Q + 1, 7]}),
            ("domain-int32-min", "a coordinate of -2^31", {"vector": [INT32_MIN, 41, 7]}),
        ],
    ),
    *pairs(
        "kernels.clip_l2",
        "clip-l2",
        "clip-l2-typical",
        _CLIP_TWIN,
        [
            ("empty-and-bound", "no elements, bound 0", {"vector": [], "bound": "0"}),
            ("bound-and-domain", "bound 0, a coordinate outside", {"vector": [-30, Q + 1, 7], "bound": "0"}),
        ],
    ),
]

# ---- hashing

_CHUNKS_TWIN = {"data": "0x616263", "chunk_bytes": "4096"}


def _chunks(name: str, comment: str, length: int, chunk_bytes: int, bug: str | None = None) -> Case:
    data = {"data": with_period(length), "chunk_bytes": str(chunk_bytes)}
    return Case("kernels.sha256_chunks", f"sha256-chunks-{name}", comment, data, bug=bug, flags=("Boundary",))


SHA256_CHUNKS = [
    Case(
        "kernels.sha256_chunks",
        "sha256-chunks-abc",
        "the example of FIPS 180-4, one short chunk",
        _CHUNKS_TWIN,
        bug="pads the last chunk with zeros",
    ),
    _chunks("4095", "one byte less than a chunk", 4095, 4096, "pads the last chunk with zeros"),
    _chunks("4096", "exactly one chunk", 4096, 4096, "adds the digest of an empty chunk"),
    _chunks("4097", "a chunk and one byte", 4097, 4096, "drops the last byte"),
    _chunks(
        "period",
        "three chunks that differ by their place only",
        3 * 1024 + 5,
        1024,
        "exchanges chunks hashed side by side",
    ),
    *[
        _chunks(f"block-{size}", f"chunks of {size} bytes, around SHA-256's own padding", 2 * size, size, None)
        for size in (55, 56, 63, 64, 65)
    ],
    _chunks("bytes", "chunks of one byte", 5, 1),
    _chunks("chunk-max", "the largest chunk size, a small chunk", 5, 2**31 - 1),
    *refusals(
        "kernels.sha256_chunks",
        "sha256-chunks",
        "sha256-chunks-abc",
        _CHUNKS_TWIN,
        [
            ("empty", "no bytes", {"data": "0x"}),
            ("size-0", "chunks of 0 bytes", {"chunk_bytes": "0"}),
            ("size-32-bits", "chunks of 2^31 bytes", {"chunk_bytes": str(2**31)}),
        ],
    ),
    *pairs(
        "kernels.sha256_chunks",
        "sha256-chunks",
        "sha256-chunks-abc",
        _CHUNKS_TWIN,
        [("empty-and-size", "no bytes, chunks of 0 bytes", {"data": "0x", "chunk_bytes": "0"})],
    ),
]

_MERKLE_TWIN = {"chunks": with_period(96), "limit": "4"}


def _merkle(name: str, comment: str, count: int, limit: int, bug: str | None = None) -> Case:
    data = {"chunks": with_period(32 * count), "limit": str(limit)}
    return Case("kernels.ssz_merkleize", f"ssz-merkleize-{name}", comment, data, bug=bug, flags=("Boundary",))


SSZ_MERKLEIZE = [
    Case("kernels.ssz_merkleize", "ssz-merkleize-three", "three leaves of four", _MERKLE_TWIN),
    _merkle("one-of-one", "a single leaf is the root", 1, 1, "hashes a single leaf"),
    _merkle("none-of-one", "no chunk: the zero leaf", 0, 1, "hashes nothing"),
    _merkle("none-of-five", "no chunk under a limit of five: a zero tree of eight leaves", 0, 5, None),
    _merkle("one-of-two", "one leaf and a zero leaf", 1, 2, "lifts a lonely node without hashing"),
    _merkle("three-of-five", "the limit and not the count sets the depth", 3, 5, "pads to the number of chunks"),
    _merkle("four-of-four", "a full tree", 4, 4, "doubles a full tree"),
    _merkle("five-of-eight", "lonely nodes on two levels", 5, 8, "pads inner levels with zero leaves"),
    _merkle("seven-of-nine", "limit nine makes sixteen leaves", 7, 9, "rounds the limit down"),
    _merkle("limit-max", "the largest limit costs forty hashes", 2, 2**40, "builds the padding"),
    *refusals(
        "kernels.ssz_merkleize",
        "ssz-merkleize",
        "ssz-merkleize-three",
        _MERKLE_TWIN,
        [
            ("length", "97 bytes", {"chunks": with_period(97)}),
            ("limit-0", "limit 0", {"limit": "0"}),
            ("limit-large", "limit 2^40 + 1", {"limit": str(2**40 + 1)}),
            ("limit-less", "three chunks, limit 2", {"limit": "2"}),
        ],
    ),
    *pairs(
        "kernels.ssz_merkleize",
        "ssz-merkleize",
        "ssz-merkleize-three",
        _MERKLE_TWIN,
        [("length-and-limit", "95 bytes, limit 0", {"chunks": with_period(95), "limit": "0"})],
    ),
]

CASES: tuple[Case, ...] = (
    *QUANTIZE,
    *DEQUANTIZE,
    *DOMAIN_CHECK,
    *WEIGHTED_SUM,
    *DIV_ROUND,
    *MEDIAN,
    *TRIMMED,
    *NEAREST,
    *DISTANCES,
    *CLIP,
    *SHA256_CHUNKS,
    *SSZ_MERKLEIZE,
)
