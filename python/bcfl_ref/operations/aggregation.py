"""The operations of `spec/aggregation.md`: the kernels and the rules, between canonical JSON and the functions."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..aggregation import aggregate, check_rule, rules
from ..aggregation import krum as krum_module
from ..encoding import from_json, int64_to_word, word_to_int64
from ..errors import Code, SpecError
from ..types import AggregationRule, Uint8, Uint16, Uint32, Uint64
from ._base import Json, Operation

Vector = NDArray[np.int32]
FLOAT_FORMATS: dict[str, tuple[str, type[np.generic]]] = {"f32": (">f", np.float32), "f64": (">d", np.float64)}


# ---- JSON


def _vector(data: Json) -> Vector:
    if not isinstance(data, list) or not all(type(item) is int and -(2**31) <= item < 2**31 for item in data):
        raise SpecError(Code.ENCODING_INVALID, "an int32 vector is an array of JSON integers")
    return np.array(data, dtype=np.int32)


def _vectors(data: Json) -> list[Vector]:
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, "vectors are an array of int32 vectors")
    return [_vector(item) for item in data]


def _numbers(hint: Any, data: Json) -> list[int]:
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, "numbers are an array of decimal strings")
    return [from_json(hint, item) for item in data]


def _bytes(data: Json) -> bytes:
    try:
        if isinstance(data, str) and data.startswith("0x") and data == data.lower():
            return bytes.fromhex(data[2:])
    except ValueError:
        pass
    raise SpecError(Code.ENCODING_INVALID, f"{data!r:.40} is no 0x-prefixed lower-case hex string")


def _words(values: NDArray[np.int64]) -> list[str]:
    return [str(int64_to_word(value)) for value in values.tolist()]


def _decimals(values: Sequence[int]) -> list[str]:
    return [str(value) for value in values]


# ---- kernels


def _quantize(data: Json) -> Json:
    if data["element"] not in FLOAT_FORMATS:
        raise SpecError(Code.ENCODING_INVALID, f"element {data['element']!r} is neither f32 nor f64")
    form, dtype = FLOAT_FORMATS[data["element"]]
    values = np.frombuffer(b"".join(_bytes(item) for item in data["values"]), dtype=form).astype(dtype)
    return {"values": kernels.quantize(values, from_json(Uint8, data["fraction_bits"])).tolist()}


def _dequantize(data: Json) -> Json:
    values = kernels.dequantize(_vector(data["values"]), from_json(Uint8, data["fraction_bits"]))
    return {"values": ["0x" + struct.pack(">d", value).hex() for value in values.tolist()]}


def _domain_check(data: Json) -> Json:
    return {"index": str(int64_to_word(kernels.domain_check(_vector(data["vector"]))))}


def _weighted_sum(data: Json) -> Json:
    sums = kernels.weighted_sum(_vectors(data["vectors"]), _numbers(Uint32, data["weights"]))
    return {"sums": _words(sums)}


def _div_round(data: Json) -> Json:
    numerators = np.array([word_to_int64(word) for word in _numbers(Uint64, data["numerators"])], dtype=np.int64)
    multiplier, divisor = from_json(Uint32, data["multiplier"]), from_json(Uint64, data["divisor"])
    return {"quotients": _words(kernels.div_round(numerators, multiplier, divisor))}


def _median_kernel(data: Json) -> Json:
    return {"values": kernels.coordinate_median(_vectors(data["vectors"])).tolist()}


def _trimmed_sum(data: Json) -> Json:
    return {"sums": _words(kernels.trimmed_sum(_vectors(data["vectors"]), from_json(Uint16, data["trim"])))}


def _pairwise_sqdist(data: Json) -> Json:
    return {"distances": [_decimals(row) for row in kernels.pairwise_sqdist(_vectors(data["vectors"]))]}


def _clip_l2(data: Json) -> Json:
    return {"vector": kernels.clip_l2(_vector(data["vector"]), from_json(Uint64, data["bound"])).tolist()}


def _sha256_chunks(data: Json) -> Json:
    digests = kernels.sha256_chunks(_bytes(data["data"]), from_json(Uint32, data["chunk_bytes"]))
    return {"digests": ["0x" + digests[start : start + 32].hex() for start in range(0, len(digests), 32)]}


def _ssz_merkleize(data: Json) -> Json:
    return {"root": "0x" + kernels.ssz_merkleize(_bytes(data["chunks"]), from_json(Uint64, data["limit"])).hex()}


# ---- rules


def _rule(function: Callable[..., Vector], **parameters: Any) -> Callable[[Json], Json]:
    """The `run` of a rule whose parameters besides the rate are `parameters` (field name to type)."""

    def run(data: Json) -> Json:
        rate = from_json(Uint16, data["eta_numerator"]), from_json(Uint16, data["eta_denominator"])
        base, updates = _vector(data["base"]), _vectors(data["updates"])
        own = {name: from_json(hint, data[name]) for name, hint in parameters.items()}
        return {"model": function(base, updates, _numbers(Uint32, data["weights"]), rate, **own).tolist()}

    return run


def _krum_scores(data: Json) -> Json:
    scores = krum_module.krum_scores(_vectors(data["updates"]), from_json(Uint16, data["byzantine"]))
    return {"scores": _decimals(scores), "order": _decimals(krum_module.krum_order(scores))}


def _check_rule(data: Json) -> Json:
    check_rule(from_json(AggregationRule, data["rule"]), from_json(Uint32, data["count"]))
    return {}


def _aggregate(data: Json) -> Json:
    rule = from_json(AggregationRule, data["rule"])
    base, updates = _vector(data["base"]), _vectors(data["updates"])
    return {"model": aggregate(rule, base, updates, _numbers(Uint32, data["weights"])).tolist()}


# ---- the table

_VECTORS = (Code.EMPTY, Code.VECTOR_COUNT, Code.VECTOR_LENGTH)
_START = (Code.RATE_RANGE, Code.EMPTY, Code.VECTOR_COUNT)
_INPUTS = (Code.WEIGHT_COUNT, Code.VECTOR_LENGTH, Code.WEIGHT_RANGE, Code.DOMAIN_COORDINATE, Code.MODEL_OVERFLOW)
_FORM = (Code.RULE_UNKNOWN, Code.PARAMETER_UNUSED)
_PARAMETERS = (Code.TRIM_RANGE, Code.BYZANTINE_RANGE, Code.SELECT_RANGE, Code.NORM_BOUND_RANGE)


def _kernel(
    name: str, clauses: tuple[str, ...], run: Callable[[Json], Json], errors: tuple[Code, ...], summary: str
) -> Operation:
    return Operation(
        name=f"kernels.{name}",
        clauses=clauses,
        run=run,
        function=f"bcfl_ref.kernels.{name}",
        errors=errors,
        kernel=name,
        summary=summary,
    )


def _rule_operation(
    name: str, clauses: tuple[str, ...], run: Callable[[Json], Json], own: tuple[Code, ...], kernel: str, summary: str
) -> Operation:
    return Operation(
        name=f"aggregation.{name}",
        clauses=(*clauses, "AGG-020", "AGG-021", "AGG-022"),
        run=run,
        function=f"bcfl_ref.aggregation.rules.{name}",
        errors=(*_START, *own, *_INPUTS),
        kernel=kernel,
        summary=summary,
    )


KERNEL_OPERATIONS: tuple[Operation, ...] = (
    _kernel(
        "quantize",
        ("AGG-003", "AGG-001"),
        _quantize,
        (Code.EMPTY, Code.FRACTION_BITS, Code.NOT_FINITE),
        "Real numbers to fixed point: exact scaling, half-even, clamped to the domain",
    ),
    _kernel(
        "dequantize",
        ("AGG-004",),
        _dequantize,
        (Code.EMPTY, Code.FRACTION_BITS),
        "Fixed point to real numbers, exactly",
    ),
    _kernel("domain_check", ("AGG-005",), _domain_check, (Code.EMPTY,), "The first coordinate outside the domain"),
    _kernel(
        "weighted_sum",
        ("AGG-006", "AGG-002"),
        _weighted_sum,
        (*_VECTORS, Code.WEIGHT_COUNT, Code.WEIGHT_RANGE, Code.DOMAIN_COORDINATE),
        "The weighted sum of vectors by coordinate",
    ),
    _kernel(
        "div_round",
        ("AGG-007", "AGG-001"),
        _div_round,
        (Code.EMPTY, Code.MULTIPLIER_RANGE, Code.DIVISOR_RANGE, Code.SUM_RANGE),
        "Multiply, divide once, round half to even",
    ),
    _kernel(
        "coordinate_median",
        ("AGG-008", "AGG-001"),
        _median_kernel,
        (*_VECTORS, Code.DOMAIN_COORDINATE),
        "The median by coordinate",
    ),
    _kernel(
        "trimmed_sum",
        ("AGG-009",),
        _trimmed_sum,
        (*_VECTORS, Code.TRIM_RANGE, Code.DOMAIN_COORDINATE),
        "The sum by coordinate without the smallest and largest values",
    ),
    _kernel(
        "pairwise_sqdist",
        ("AGG-014",),
        _pairwise_sqdist,
        (*_VECTORS, Code.DOMAIN_COORDINATE),
        "The exact squared distance of every two vectors",
    ),
    _kernel(
        "clip_l2",
        ("AGG-011",),
        _clip_l2,
        (Code.EMPTY, Code.NORM_BOUND_RANGE, Code.DOMAIN_COORDINATE),
        "A vector shortened to a Euclidean norm that is never exceeded",
    ),
    _kernel(
        "sha256_chunks", ("AGG-012",), _sha256_chunks, (Code.EMPTY, Code.CHUNK_BYTES), "The digest of each chunk"
    ),
    _kernel(
        "ssz_merkleize",
        ("AGG-013",),
        _ssz_merkleize,
        (Code.MERKLE_LENGTH, Code.MERKLE_LIMIT),
        "The root of a binary SHA-256 tree with virtual zero leaves",
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    *KERNEL_OPERATIONS,
    _rule_operation(
        "mean", ("AGG-023",), _rule(rules.mean), (), "weighted_sum", "The mean of the updates with a server rate"
    ),
    _rule_operation(
        "weighted_mean",
        ("AGG-024",),
        _rule(rules.weighted_mean),
        (),
        "weighted_sum",
        "The mean of the updates weighted by sample count",
    ),
    _rule_operation(
        "coordinate_median",
        ("AGG-025",),
        _rule(rules.coordinate_median),
        (),
        "coordinate_median",
        "The median of the updates by coordinate",
    ),
    _rule_operation(
        "trimmed_mean",
        ("AGG-026",),
        _rule(rules.trimmed_mean, trim_bps=Uint16),
        (Code.TRIM_RANGE,),
        "trimmed_sum",
        "The mean by coordinate without the extreme values",
    ),
    Operation(
        name="aggregation.krum_scores",
        clauses=("AGG-027",),
        run=_krum_scores,
        function="bcfl_ref.aggregation.krum.krum_scores",
        errors=(
            Code.EMPTY,
            Code.VECTOR_COUNT,
            Code.BYZANTINE_RANGE,
            Code.VECTOR_LENGTH,
            Code.DOMAIN_COORDINATE,
        ),
        kernel="pairwise_sqdist",
        summary="Krum's score of each update and the order that it gives",
    ),
    _rule_operation(
        "krum",
        ("AGG-028", "AGG-027"),
        _rule(rules.krum, byzantine=Uint16),
        (Code.BYZANTINE_RANGE,),
        "pairwise_sqdist",
        "The update nearest to its neighbours",
    ),
    _rule_operation(
        "multi_krum",
        ("AGG-029", "AGG-027"),
        _rule(rules.multi_krum, byzantine=Uint16, select=Uint16),
        (Code.BYZANTINE_RANGE, Code.SELECT_RANGE),
        "pairwise_sqdist",
        "The mean of the updates nearest to their neighbours",
    ),
    _rule_operation(
        "norm_bounded_mean",
        ("AGG-030", "AGG-011"),
        _rule(rules.norm_bounded_mean, norm_bound=Uint64),
        (Code.NORM_BOUND_RANGE,),
        "clip_l2",
        "The weighted mean of the updates after clipping each",
    ),
    Operation(
        name="aggregation.check_rule",
        clauses=("AGG-020", "AGG-010", "AGG-032"),
        run=_check_rule,
        function="bcfl_ref.aggregation.dispatch.check_rule",
        errors=(*_FORM, *_START, *_PARAMETERS),
        summary="Whether a rule is well formed and can aggregate so many updates",
    ),
    Operation(
        name="aggregation.aggregate",
        clauses=("AGG-031", "AGG-010", "AGG-020", "AGG-021", "AGG-022"),
        run=_aggregate,
        function="bcfl_ref.aggregation.dispatch.aggregate",
        errors=(*_FORM, *_START, *_PARAMETERS, *_INPUTS),
        summary="The next model by the rule that the ledger names",
    ),
)
