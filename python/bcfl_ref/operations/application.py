"""The operations of `spec/application.md`: seeded numbers, splits, packing and the integer trainer, as JSON."""

from __future__ import annotations

import math
import struct
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..application import datasets, integer, models, splits, streams, trainers
from ..application.samples import Samples
from ..encoding import from_json
from ..errors import Code, SpecError
from ..types import Layout, Uint8, Uint16, Uint32, Uint64
from ..types import TensorSpec as Tensor
from ._base import Json, Operation
from ._shape import objects, octets

T = TypeVar("T")
PURPOSE = Tensor.FIELD_TYPES["name"]
SHAPE = Tensor.FIELD_TYPES["shape"]
#: A model in JSON stays small; more than MODEL_MAX is no model at all, which a rule says (TYP-006).
COORDINATES_MAX, MODEL_MAX = 2**16, 2**32

# ---- JSON


def _integers(data: Json) -> list[int]:
    if not isinstance(data, list) or not all(type(item) is int and -(2**31) <= item < 2**31 for item in data):
        raise SpecError(Code.ENCODING_INVALID, "an int32 vector is an array of JSON integers")
    return data


def _vector(data: Json) -> NDArray[np.int32]:
    return np.array(_integers(data), dtype=np.int32)


def _numbers(hint: Any, data: Json) -> list[int]:
    return [from_json(hint, item) for item in _rows(data)]


def _rows(data: Json) -> list[Json]:
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, f"{data!r:.40} is no array")
    return data


def _samples(data: Json) -> Samples:
    rows = [_integers(row) for row in _rows(data["features"])]
    scale, classes = from_json(Uint32, data["scale"]), from_json(Uint32, data["classes"])
    return integer.as_samples(rows, _integers(data["labels"]), scale, classes)


def _rate(data: Json) -> tuple[int, int]:
    return from_json(Uint32, data["rate_numerator"]), from_json(Uint32, data["rate_denominator"])


# ---- seeded numbers and splits


def _draw(data: Json) -> Json:
    stream = streams.Stream(from_json(PURPOSE, data["purpose"]), *_numbers(Uint64, data["numbers"]))
    return {"values": [str(stream.below(bound)) for bound in _numbers(Uint64, data["bounds"])]}


def _shuffle(data: Json) -> Json:
    stream = streams.Stream(from_json(PURPOSE, data["purpose"]), *_numbers(Uint64, data["numbers"]))
    return {"order": stream.shuffled(from_json(Uint16, data["length"]))}


def _training_seed(data: Json) -> Json:
    numbers = (from_json(Uint64, data[name]) for name in ("seed", "round", "trainer"))
    return {"seed": str(streams.training_seed(*numbers))}


def _content_digest(data: Json) -> Json:
    return {"digest": "0x" + datasets.content_digest(_samples(data))}


def _partition(data: Json) -> Json:
    seed, alpha_ppm = from_json(Uint64, data["seed"]), from_json(Uint64, data["alpha_ppm"])
    trainers_, minimum = from_json(Uint32, data["trainers"]), from_json(Uint32, data["minimum"])
    shares = splits.partition(_integers(data["labels"]), seed, trainers_, alpha_ppm, minimum)
    return {"shares": [list(share) for share in shares]}


def _split(data: Json) -> Json:
    found = splits.split(
        _integers(data["labels"]),
        from_json(Uint64, data["seed"]),
        trainers=from_json(Uint32, data["trainers"]),
        scorers=from_json(Uint32, data["scorers"]),
        alpha_ppm=from_json(Uint64, data["alpha_ppm"]),
        test_ppm=from_json(Uint32, data["test_ppm"]),
        scorer_ppm=from_json(Uint32, data["scorer_ppm"]),
        trainer_minimum=from_json(Uint32, data["trainer_minimum"]),
    )
    return {
        "test": list(found.test),
        "scorers": [list(indices) for indices in found.scorers],
        "trainers": [list(indices) for indices in found.trainers],
    }


# ---- models


def _layout(data: Json) -> Layout:
    """A layout whose model is small enough to stand in JSON; others are a rule's to refuse, or nobody's."""
    layout: Layout = from_json(Layout, data)
    coordinates = sum(math.prod(tensor.shape) for tensor in layout.tensors)
    if COORDINATES_MAX < coordinates <= MODEL_MAX:
        raise SpecError(Code.ENCODING_INVALID, f"{coordinates} coordinates are too many for JSON")
    return layout


def _initial_model(data: Json) -> Json:
    layout = _layout(data["layout"])
    return {"model": trainers.initial_vector(layout, from_json(Uint64, data["seed"])).tolist()}


def _update(data: Json) -> Json:
    layout = _layout(data["layout"])
    arrays = {_text(item["name"]): _array(item) for item in objects(data["arrays"])}
    if len(arrays) != len(data["arrays"]):
        raise SpecError(Code.ENCODING_INVALID, "two arrays have one name")
    for tensor in layout.tensors:
        _utf8(tensor.name)
    return {"update": models.update_of(arrays, _vector(data["base"]), layout).tolist()}


def _text(data: Json) -> str:
    return _utf8(from_json(PURPOSE, data))


def _utf8(name: bytes) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(Code.ENCODING_INVALID, f"name: {error}") from None


def _array(data: Json) -> NDArray[np.float64]:
    shape = from_json(SHAPE, data["shape"])
    try:
        values = [struct.unpack(">d", octets(word))[0] for word in _rows(data["values"])]
        return np.array(values, dtype=np.float64).reshape(shape)
    except (ValueError, struct.error) as error:
        raise SpecError(Code.ENCODING_INVALID, f"array: {error}") from None


def _apply_update(data: Json) -> Json:
    return {"model": models.apply_update(_vector(data["base"]), _vector(data["update"])).tolist()}


# ---- the integer trainer


def _exp2_negative(data: Json) -> Json:
    # From 2^63 on a number turns negative here, and the rule refuses it as it would refuse the number itself.
    exponents = np.array(_numbers(Uint64, data["exponents"]), dtype=np.uint64).astype(np.int64)
    return {"powers": [str(power) for power in integer.exp2_negative(exponents).tolist()]}


def _probabilities(data: Json) -> Json:
    samples, model = _samples(data), _vector(data["model"])
    integer.check_inputs(model, samples)
    return {"probabilities": integer.probabilities(model, samples).tolist()}


def _softmax_step(data: Json) -> Json:
    samples = _samples(data)
    return {"model": integer.softmax_step(_vector(data["model"]), samples, _rate(data)).tolist()}


def _softmax_train(data: Json) -> Json:
    samples = _samples(data)
    update = integer.softmax_train(
        _vector(data["model"]),
        samples,
        from_json(Uint64, data["seed"]),
        local_epochs=from_json(Uint8, data["local_epochs"]),
        batch_size=from_json(Uint32, data["batch_size"]),
        rate=_rate(data),
    )
    return {"update": update.tolist()}


def _softmax_evaluate(data: Json) -> Json:
    samples = _samples(data)
    correct, total = integer.softmax_evaluate(_vector(data["model"]), samples)
    return {"correct": str(correct), "total": str(total)}


# ---- the table

_INPUTS = (
    Code.BATCH_SHAPE,
    Code.EMPTY,
    Code.SCALE_RANGE,
    Code.MODEL_SHAPE,
    Code.FEATURE_RANGE,
    Code.LABEL_RANGE,
)
_TRAINING = (Code.BATCH_SHAPE, Code.BATCH_RANGE, *_INPUTS[1:], Code.RATE_RANGE, Code.MODEL_OVERFLOW)


def _operation(
    name: str, clauses: tuple[str, ...], run: Any, function: str, errors: tuple[Code, ...], summary: str
) -> Operation:
    return Operation(
        name=f"application.{name}",
        clauses=clauses,
        run=run,
        function=f"bcfl_ref.application.{function}",
        errors=errors,
        summary=summary,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "draw",
        ("APP-002", "APP-001"),
        _draw,
        "streams.Stream.below",
        (Code.STREAM_PURPOSE, Code.BOUND_RANGE),
        "Numbers below given bounds from a seeded stream",
    ),
    _operation(
        "shuffle",
        ("APP-003", "APP-001", "APP-002"),
        _shuffle,
        "streams.Stream.shuffled",
        (Code.STREAM_PURPOSE,),
        "The numbers below a length in a seeded order",
    ),
    _operation(
        "training_seed",
        ("APP-004", "APP-001"),
        _training_seed,
        "streams.training_seed",
        (),
        "The seed of one trainer in one round",
    ),
    _operation(
        "content_digest",
        ("APP-005",),
        _content_digest,
        "datasets.content_digest",
        (Code.BATCH_SHAPE,),
        "The digest by which samples are recognised",
    ),
    _operation(
        "partition",
        ("APP-007", "APP-001", "APP-002"),
        _partition,
        "splits.partition",
        (Code.DATASET_LABELS, Code.PARTITION_RANGE, Code.PARTITION_IMPOSSIBLE),
        "Samples spread unevenly over trainers",
    ),
    _operation(
        "split",
        ("APP-006", "APP-003", "APP-007"),
        _split,
        "splits.split",
        (Code.DATASET_LABELS, Code.SHARE_RANGE, Code.PARTITION_RANGE, Code.PARTITION_IMPOSSIBLE),
        "Disjoint samples for the test, the scorers and the trainers",
    ),
    _operation(
        "initial_model",
        ("APP-012", "APP-001", "APP-002"),
        _initial_model,
        "trainers.initial_vector",
        (Code.LAYOUT_INVALID,),
        "The model before the first round",
    ),
    _operation(
        "update",
        ("APP-011", "APP-010"),
        _update,
        "models.update_of",
        (Code.LAYOUT_INVALID, Code.MODEL_SHAPE, Code.NOT_FINITE),
        "Named arrays minus the base model as one quantised vector",
    ),
    _operation(
        "apply_update",
        ("APP-013",),
        _apply_update,
        "models.apply_update",
        (Code.MODEL_SHAPE, Code.MODEL_OVERFLOW),
        "The model that a scorer evaluates",
    ),
    _operation(
        "exp2_negative",
        ("APP-030",),
        _exp2_negative,
        "integer.exp2_negative",
        (Code.EXPONENT_RANGE,),
        "Powers of two with negative fixed-point exponents",
    ),
    _operation(
        "probabilities",
        ("APP-032", "APP-030", "APP-031"),
        _probabilities,
        "integer.probabilities",
        _INPUTS,
        "The base-2 softmax of a linear model in integers",
    ),
    _operation(
        "softmax_step",
        ("APP-033", "APP-031", "APP-032"),
        _softmax_step,
        "integer.softmax_step",
        _TRAINING,
        "One gradient step of integer softmax regression",
    ),
    _operation(
        "softmax_train",
        ("APP-034", "APP-033", "APP-003"),
        _softmax_train,
        "integer.softmax_train",
        _TRAINING,
        "The update of one trainer of integer softmax regression",
    ),
    _operation(
        "softmax_evaluate",
        ("APP-035", "APP-031"),
        _softmax_evaluate,
        "integer.softmax_evaluate",
        _INPUTS,
        "How many samples integer softmax regression classifies correctly",
    ),
)
