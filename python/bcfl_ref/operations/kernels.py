"""The operations of the kernels (`spec/aggregation.md`), between canonical JSON and the facade."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..encoding import from_json, int64_to_word, word_to_int64
from ..errors import Code, SpecError
from ..types import Uint8, Uint16, Uint32, Uint64
from ._base import Json, Operation
from ._shape import rows

Vector = NDArray[np.int32]
FLOAT_FORMATS: dict[str, tuple[str, type[np.generic]]] = {"f32": (">f", np.float32), "f64": (">d", np.float64)}


# ---- JSON


def vector(data: Json) -> Vector:
    if not isinstance(data, list) or not all(type(item) is int and -(2**31) <= item < 2**31 for item in data):
        raise SpecError(Code.ENCODING_INVALID, "an int32 vector is an array of JSON integers")
    return np.array(data, dtype=np.int32)


def vectors(data: Json) -> list[Vector]:
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, "vectors are an array of int32 vectors")
    return [vector(item) for item in data]


def numbers(hint: Any, data: Json) -> list[int]:
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


def decimals(values: Sequence[int]) -> list[str]:
    return [str(value) for value in values]


# ---- kernels


def _quantize(data: Json) -> Json:
    if not isinstance(data["element"], str) or data["element"] not in FLOAT_FORMATS:
        raise SpecError(Code.ENCODING_INVALID, f"element {data['element']!r} is neither f32 nor f64")
    form, dtype = FLOAT_FORMATS[data["element"]]
    items = [_bytes(item) for item in rows(data["values"])]
    if any(len(item) != struct.calcsize(form) for item in items):
        raise SpecError(Code.ENCODING_INVALID, f"a value has not the {struct.calcsize(form)} bytes of its element")
    values = np.frombuffer(b"".join(items), dtype=form).astype(dtype)
    return {"values": kernels.quantize(values, from_json(Uint8, data["fraction_bits"])).tolist()}


def _dequantize(data: Json) -> Json:
    values = kernels.dequantize(vector(data["values"]), from_json(Uint8, data["fraction_bits"]))
    return {"values": ["0x" + struct.pack(">d", value).hex() for value in values.tolist()]}


def _domain_check(data: Json) -> Json:
    return {"index": str(int64_to_word(kernels.domain_check(vector(data["vector"]))))}


def _weighted_sum(data: Json) -> Json:
    sums = kernels.weighted_sum(vectors(data["vectors"]), numbers(Uint32, data["weights"]))
    return {"sums": _words(sums)}


def _div_round(data: Json) -> Json:
    numerators = np.array([word_to_int64(word) for word in numbers(Uint64, data["numerators"])], dtype=np.int64)
    multiplier, divisor = from_json(Uint32, data["multiplier"]), from_json(Uint64, data["divisor"])
    return {"quotients": _words(kernels.div_round(numerators, multiplier, divisor))}


def _median_kernel(data: Json) -> Json:
    return {"values": kernels.coordinate_median(vectors(data["vectors"])).tolist()}


def _trimmed_sum(data: Json) -> Json:
    return {"sums": _words(kernels.trimmed_sum(vectors(data["vectors"]), from_json(Uint16, data["trim"])))}


def _nearest_sum(data: Json) -> Json:
    return {"sums": _words(kernels.nearest_sum(vectors(data["vectors"]), from_json(Uint16, data["keep"])))}


def _pairwise_sqdist(data: Json) -> Json:
    return {"distances": [decimals(row) for row in kernels.pairwise_sqdist(vectors(data["vectors"]))]}


def _clip_l2(data: Json) -> Json:
    return {"vector": kernels.clip_l2(vector(data["vector"]), from_json(Uint64, data["bound"])).tolist()}


def _sha256_chunks(data: Json) -> Json:
    digests = kernels.sha256_chunks(_bytes(data["data"]), from_json(Uint32, data["chunk_bytes"]))
    return {"digests": ["0x" + digests[start : start + 32].hex() for start in range(0, len(digests), 32)]}


def _ssz_merkleize(data: Json) -> Json:
    return {"root": "0x" + kernels.ssz_merkleize(_bytes(data["chunks"]), from_json(Uint64, data["limit"])).hex()}


# ---- the table

_VECTORS = (Code.EMPTY, Code.VECTOR_COUNT, Code.VECTOR_LENGTH)


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


OPERATIONS: tuple[Operation, ...] = (
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
        "nearest_sum",
        ("AGG-015",),
        _nearest_sum,
        (*_VECTORS, Code.SELECT_RANGE, Code.DOMAIN_COORDINATE),
        "The sum by coordinate of the values nearest to the median",
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
