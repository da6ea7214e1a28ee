"""The cases of the application layer: seams of the streams, of rounding and ties, and every guard."""

from __future__ import annotations

import struct
from typing import Any

from .._base import Case, Json

WORD_MAX = 2**64 - 1
INT32_MAX = 2**31 - 1
#: So near the edge of int32 that nine steps at rate 1/2 cannot leave it, but one at rate 30000 does.
EDGE = INT32_MAX - 400_000


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _float(value: float) -> str:
    return _hex(struct.pack(">d", value))


def _case(operation: str, name: str, comment: str, data: dict[str, Json], **other: Any) -> Case:
    prefix = "app-" + operation.replace("_", "-")
    twin = other.pop("twin", None)
    return Case(
        operation=f"application.{operation}",
        id=f"{prefix}-{name}",
        comment=comment,
        input=data,
        clauses=other.pop("clauses", CLAUSES[operation]),
        twin=f"{prefix}-{twin}" if twin else None,
        **other,
    )


CLAUSES: dict[str, tuple[str, ...]] = {
    "draw": ("APP-001", "APP-002"),
    "shuffle": ("APP-003",),
    "training_seed": ("APP-004",),
    "content_digest": ("APP-005",),
    "split": ("APP-006",),
    "partition": ("APP-007",),
    "update": ("APP-010", "APP-011"),
    "initial_model": ("APP-012",),
    "apply_update": ("APP-013",),
    "exp2_negative": ("APP-030",),
    "probabilities": ("APP-031", "APP-032"),
    "softmax_step": ("APP-031", "APP-033"),
    "softmax_train": ("APP-033", "APP-034"),
    "softmax_evaluate": ("APP-031", "APP-035"),
}

# ---- streams

_DRAW: dict[str, Json] = {
    "purpose": _hex(b"test"),
    "numbers": ["1", "2"],
    "bounds": ["10", "10", "10", "10", "10"],
}
_SHUFFLE: dict[str, Json] = {"purpose": _hex(b"epoch"), "numbers": ["7", "0"], "length": "10"}

STREAM_CASES = (
    _case(
        "draw",
        "five",
        "five digits: the fifth word comes from the second block",
        _DRAW,
        bug="one word a digest",
    ),
    _case(
        "draw",
        "rejection",
        "a bound just above half of the range rejects nearly every second word",
        {**_DRAW, "bounds": [str(2**63 + 1)] * 6},
        bug="takes the remainder without rejecting, or rejects above the bound instead of its largest multiple",
    ),
    _case(
        "draw",
        "one",
        "below 1 there is only 0, and a word is used all the same",
        {**_DRAW, "bounds": ["1", "1000"]},
    ),
    _case("draw", "wide", "the largest bound of a word", {**_DRAW, "bounds": [str(WORD_MAX)] * 2}),
    _case("draw", "no-numbers", "a stream may have no numbers", {**_DRAW, "numbers": []}),
    _case(
        "draw",
        "other-order",
        "the order of the numbers matters",
        {**_DRAW, "numbers": ["2", "1"]},
        bug="sums the numbers into one seed",
    ),
    _case("draw", "large-number", "numbers have 64 bits", {**_DRAW, "numbers": [str(WORD_MAX), "2"]}),
    _case("draw", "no-purpose", "a purpose has a byte", {**_DRAW, "purpose": "0x"}, twin="five"),
    _case("draw", "long-purpose", "at most 32 bytes", {**_DRAW, "purpose": _hex(b"x" * 33)}, twin="five"),
    _case("draw", "blank", "a blank is not visible", {**_DRAW, "purpose": _hex(b"a b")}, twin="five"),
    _case("draw", "zero", "nothing is below 0", {**_DRAW, "bounds": ["10", "10", "0", "10", "10"]}, twin="five"),
    _case(
        "draw",
        "order-of-guards",
        "a bad purpose and a bad bound: the purpose is asked first",
        {**_DRAW, "purpose": "0x", "bounds": ["10", "10", "0", "10", "10"]},
        twin="five",
        two_fault=True,
    ),
    _case("shuffle", "ten", "ten numbers", _SHUFFLE, bug="shuffles from the front"),
    _case("shuffle", "empty", "nothing to shuffle", {**_SHUFFLE, "length": "0"}),
    _case("shuffle", "one", "one number draws nothing", {**_SHUFFLE, "length": "1"}),
    _case("shuffle", "two", "two numbers draw once", {**_SHUFFLE, "length": "2"}),
    _case("shuffle", "no-purpose", "a purpose has a byte", {**_SHUFFLE, "purpose": "0x"}, twin="ten"),
    _case("training_seed", "first", "first round, first trainer", {"seed": "1", "round": "1", "trainer": "0"}),
    _case(
        "training_seed",
        "swapped",
        "round and trainer are not the same",
        {"seed": "1", "round": "0", "trainer": "1"},
    ),
    _case(
        "training_seed",
        "centralised",
        "a number that no trainer has",
        {"seed": "1", "round": "1", "trainer": str(2**32)},
    ),
)

# ---- samples and splits

_LABELS = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 2, 1, 0, 1, 2, 0, 1, 2, 0, 1, 2, 2, 1, 0]
_PARTITION: dict[str, Json] = {
    "labels": _LABELS,
    "seed": "1",
    "trainers": "3",
    "alpha_ppm": "1000000",
    "minimum": "2",
}
_SPLIT: dict[str, Json] = {
    "labels": _LABELS,
    "seed": "1",
    "trainers": "3",
    "scorers": "2",
    "alpha_ppm": "1000000",
    "test_ppm": "200000",
    "scorer_ppm": "100000",
    "trainer_minimum": "1",
}
_SAMPLES: dict[str, Json] = {
    "features": [[4, 0, -1], [0, 3, 2], [1, 4, 0], [2, 2, 2], [0, 0, 0]],
    "labels": [0, 1, 1, 0, 1],
    "scale": "4",
    "classes": "2",
}

SPLIT_CASES = (
    _case("content_digest", "small", "five samples", _SAMPLES),
    _case("content_digest", "none", "no samples: width 0", {**_SAMPLES, "features": [], "labels": []}),
    _case(
        "content_digest",
        "ragged",
        "rows of unequal width",
        {**_SAMPLES, "features": [[4, 0, -1], [0, 3]]},
        twin="small",
    ),
    _case("partition", "even", "concentration 1", _PARTITION),
    _case(
        "partition",
        "skewed",
        "a small concentration gives a class to few",
        {**_PARTITION, "alpha_ppm": "50000"},
    ),
    _case(
        "partition",
        "flat",
        "a large concentration is nearly an even split",
        {**_PARTITION, "alpha_ppm": str(10**12)},
    ),
    _case(
        "partition",
        "retries",
        "the first attempts leave somebody with too little",
        {**_PARTITION, "alpha_ppm": "300000", "minimum": "8"},
        bug="goes on with the same stream instead of the stream of the next attempt",
    ),
    _case("partition", "alone", "one trainer gets everything", {**_PARTITION, "trainers": "1"}),
    _case(
        "partition",
        "far-label",
        "the largest label: urns are for labels that occur",
        {**_PARTITION, "labels": [0, 1, 2**31 - 1, 0], "trainers": "1"},
        bug="one urn for every number up to the largest label",
    ),
    _case("partition", "no-labels", "nothing to spread", {**_PARTITION, "labels": []}, twin="even"),
    _case(
        "partition",
        "negative-label",
        "classes count from 0",
        {**_PARTITION, "labels": [-1, *_LABELS[1:]]},
        twin="even",
    ),
    _case("partition", "no-trainers", "nobody to give to", {**_PARTITION, "trainers": "0"}, twin="even"),
    _case("partition", "no-alpha", "a concentration is positive", {**_PARTITION, "alpha_ppm": "0"}, twin="even"),
    _case(
        "partition",
        "alpha-above",
        "a concentration is at most 10^12 ppm",
        {**_PARTITION, "alpha_ppm": str(10**12 + 1)},
        twin="even",
    ),
    _case("partition", "too-few", "3 times 11 is more than 30", {**_PARTITION, "minimum": "11"}, twin="even"),
    _case(
        "partition",
        "one-class-each",
        "with next to no concentration each class goes to one trainer as a whole",
        {**_PARTITION, "alpha_ppm": "1", "minimum": "7"},
    ),
    _case(
        "partition",
        "hopeless",
        "enough samples for four, but three whole classes never reach them in 1000 attempts",
        {**_PARTITION, "alpha_ppm": "1", "minimum": "7", "trainers": "4"},
        twin="one-class-each",
    ),
    _case("split", "small", "30 samples: 6 for the test, 3 for each scorer", _SPLIT),
    _case(
        "split",
        "uneven",
        "shares that do not divide: remainders decide the quotas",
        {**_SPLIT, "labels": [*_LABELS[:25], 0, 0, 0, 0, 0], "test_ppm": "233334", "scorer_ppm": "133334"},
        bug="rounds each quota by itself",
    ),
    _case(
        "split",
        "missing-class",
        "a class without samples",
        {**_SPLIT, "labels": [3 * (x > 0) for x in _LABELS]},
    ),
    _case("split", "no-scorers", "no scorers", {**_SPLIT, "scorers": "0"}),
    _case("split", "no-labels", "nothing to split", {**_SPLIT, "labels": []}, twin="small"),
    _case(
        "split",
        "too-much",
        "test and scorers take everything",
        {**_SPLIT, "test_ppm": "800000"},
        twin="small",
    ),
    _case("split", "no-trainers", "nobody to give to", {**_SPLIT, "trainers": "0"}, twin="small"),
    _case(
        "split",
        "too-few",
        "3 times 7 is more than the 18 left",
        {**_SPLIT, "trainer_minimum": "7"},
        twin="small",
    ),
)

# ---- models

_TENSORS: list[Json] = [
    {"name": _hex(b"bias"), "shape": ["2"], "fraction_bits": "16"},
    {"name": _hex(b"weight"), "shape": ["2", "3"], "fraction_bits": "8"},
]
_LAYOUT: dict[str, Json] = {"tensors": _TENSORS}
_BASE = [65536, -32768, 256, 0, -256, 512, 3, -3]
_ARRAYS: list[Json] = [
    {
        "name": _hex(b"weight"),
        "shape": ["2", "3"],
        "values": [_float(x) for x in (1.5, 0.255859375, -1.0, 1.998046875, 0.013671875, -0.009765625)],
    },
    {"name": _hex(b"bias"), "shape": ["2"], "values": [_float(1.25), _float(20.0)]},
]
_UPDATE: dict[str, Json] = {"layout": _LAYOUT, "base": _BASE, "arrays": _ARRAYS}


def _arrays(index: int, **changed: Json) -> list[Json]:
    return [{**array, **changed} if position == index else array for position, array in enumerate(_ARRAYS)]


MODEL_CASES = (
    _case(
        "update",
        "two-tensors",
        "arrays in any order; rows one after the other; each tensor with its own fraction bits; a tie and a clamp",
        _UPDATE,
        bug="packs in the order given, or by columns, or with one number of fraction bits for all",
    ),
    _case(
        "update",
        "nothing",
        "a model that did not move",
        {
            **_UPDATE,
            "base": [0] * 8,
            "arrays": [
                {"name": _hex(b"bias"), "shape": ["2"], "values": [_float(0.0)] * 2},
                {"name": _hex(b"weight"), "shape": ["2", "3"], "values": [_float(-0.0)] * 6},
            ],
        },
    ),
    _case(
        "update",
        "layout-order",
        "the tensors of a layout ascend",
        {**_UPDATE, "layout": {"tensors": [_TENSORS[1], _TENSORS[0]]}},
        twin="two-tensors",
        follows=("/layout/tensors/0", "/layout/tensors/1"),
    ),
    _case(
        "update",
        "short-base",
        "seven coordinates of eight",
        {**_UPDATE, "base": _BASE[:7]},
        twin="two-tensors",
    ),
    _case("update", "missing-array", "one array of two", {**_UPDATE, "arrays": _ARRAYS[:1]}, twin="two-tensors"),
    _case(
        "update",
        "other-name",
        "no such tensor",
        {**_UPDATE, "arrays": _arrays(1, name=_hex(b"bios"))},
        twin="two-tensors",
    ),
    _case(
        "update",
        "transposed",
        "three rows of two",
        {**_UPDATE, "arrays": _arrays(0, shape=["3", "2"])},
        twin="two-tensors",
        follows=("/arrays/0/shape/1",),
    ),
    _case(
        "update",
        "not-a-number",
        "training diverged",
        {**_UPDATE, "arrays": _arrays(1, values=[_float(float("nan")), _float(20.0)])},
        twin="two-tensors",
    ),
    _case(
        "initial_model",
        "two-tensors",
        "biases zero, weights uniform within the bound",
        {"layout": _LAYOUT, "seed": "1"},
    ),
    _case(
        "initial_model",
        "rank-three",
        "the first extent counts the inputs, the others together the outputs",
        {
            "layout": {"tensors": [{"name": _hex(b"k"), "shape": ["2", "2", "3"], "fraction_bits": "16"}]},
            "seed": "9",
        },
        bug="takes the last extent for the outputs",
    ),
    _case(
        "initial_model",
        "bad-layout",
        "at most 30 fraction bits",
        {"layout": {"tensors": [_TENSORS[0], {**_TENSORS[1], "fraction_bits": "31"}]}, "seed": "1"},
        twin="two-tensors",
    ),
    _case("apply_update", "plain", "base plus update", {"base": [1, -2, INT32_MAX - 5], "update": [10, -20, 5]}),
    _case(
        "apply_update",
        "lengths",
        "an update of another length",
        {"base": [1, -2, INT32_MAX - 5], "update": [10, -20]},
        twin="plain",
    ),
    _case(
        "apply_update",
        "overflow",
        "one more than the largest int32",
        {"base": [1, -2, INT32_MAX - 5], "update": [10, -20, 6]},
        twin="plain",
        bug="wraps around to a negative weight",
    ),
)

# ---- integer softmax regression

_MODEL = [0, 1000, 65536, -32768, 16384, -65536, 32768, 0]
_EVALUATE: dict[str, Json] = {**_SAMPLES, "model": _MODEL}
_STEP: dict[str, Json] = {**_EVALUATE, "rate_numerator": "1", "rate_denominator": "2"}
_TRAIN: dict[str, Json] = {**_STEP, "seed": "5", "local_epochs": "3", "batch_size": "2"}
_FEATURES: list[list[int]] = [[4, 0, -1], [0, 3, 2], [1, 4, 0], [2, 2, 2], [0, 0, 0]]


def _guards(operation: str, good: dict[str, Json]) -> tuple[Case, ...]:
    """The refusals that evaluation, probabilities, a step and training share."""
    model: Any = good["model"]
    return (
        _case(
            operation,
            "ragged",
            "a row is short",
            {**good, "features": [*_FEATURES[:4], [0, 0]]},
            twin="plain",
        ),
        _case(
            operation,
            "labels-short",
            "four labels for five rows",
            {**good, "labels": [0, 1, 1, 0]},
            twin="plain",
        ),
        _case(
            operation,
            "empty",
            "no samples",
            {**good, "features": [], "labels": []},
            twin="plain",
            follows=("/labels",),
        ),
        _case(operation, "scale-zero", "a scale divides", {**good, "scale": "0"}, twin="plain"),
        _case(operation, "scale-above", "a scale is at most 4096", {**good, "scale": "4097"}, twin="plain"),
        _case(operation, "model-short", "seven weights of eight", {**good, "model": model[:7]}, twin="plain"),
        _case(operation, "one-class", "one class is no choice", {**good, "classes": "1"}, twin="plain"),
        _case(
            operation,
            "feature-above",
            "a feature beyond the scale",
            {**good, "features": [[5, 0, -1], *_FEATURES[1:]]},
            twin="plain",
        ),
        _case(operation, "label-above", "class 2 of 2", {**good, "labels": [0, 1, 1, 0, 2]}, twin="plain"),
        _case(operation, "label-negative", "class −1", {**good, "labels": [0, 1, 1, 0, -1]}, twin="plain"),
        _case(
            operation,
            "order-of-guards",
            "a label and a feature out of range: the feature is asked first",
            {**good, "features": [[5, 0, -1], *_FEATURES[1:]], "labels": [0, 1, 1, 0, 2]},
            twin="plain",
            two_fault=True,
        ),
    )


def _rates(operation: str, good: dict[str, Json]) -> tuple[Case, ...]:
    """The refusals of training besides those."""
    pushed = [INT32_MAX, *_MODEL[1:]]
    return (
        _case(operation, "rate-zero", "a rate is positive", {**good, "rate_numerator": "0"}, twin="plain"),
        _case(operation, "rate-above", "at most 65535", {**good, "rate_denominator": "65536"}, twin="plain"),
        _case(
            operation,
            "overflow",
            "biases at the edge of int32 and a huge rate push one of them out",
            {**good, "model": [EDGE, EDGE, *_MODEL[2:]], "rate_numerator": "60000"},
            twin="edge",
            bug="saturates or wraps around",
        ),
        _case(
            operation,
            "edge",
            "at the edge of int32, but the step is too small to leave it",
            {
                **good,
                "model": [EDGE, EDGE, *_MODEL[2:]],
                "rate_numerator": "1",
                "rate_denominator": "2",
            },
        ),
        _case(
            operation,
            "one-sided",
            "one class is out of reach, its probability is exactly 0",
            {**good, "model": pushed},
        ),
    )


INTEGER_CASES = (
    _case(
        "exp2_negative",
        "seams",
        "0, single bits of the fraction, the last fraction, whole steps, the last that is not 0, and beyond",
        {
            "exponents": [
                str(x)
                for x in (
                    0,
                    1,
                    2,
                    1 << 15,
                    3 << 14,
                    65535,
                    65536,
                    65537,
                    98304,
                    30 << 16,
                    (31 << 16) - 1,
                    31 << 16,
                    2**62,
                )
            ]
        },
        bug="rounds the products instead of cutting them, or shifts by a distance modulo the word size",
    ),
    _case("exp2_negative", "none", "nothing to raise", {"exponents": []}),
    _case("exp2_negative", "largest", "the largest exponent", {"exponents": [str(2**62)]}),
    _case("exp2_negative", "above", "one more", {"exponents": [str(2**62 + 1)]}, twin="largest"),
    _case(
        "exp2_negative",
        "word",
        "the largest word, which is no −1",
        {"exponents": [str(WORD_MAX)]},
        twin="largest",
        bug="reads the word as a signed number and compares it with the largest exponent only",
    ),
    _case("probabilities", "plain", "five samples, two classes", _EVALUATE, bug="uses e instead of 2"),
    _case("probabilities", "even", "a model of zeros: all classes alike", {**_EVALUATE, "model": [0] * 8}),
    _case(
        "probabilities",
        "three-classes",
        "thirds: they need not sum to 2^16",
        {**_SAMPLES, "labels": [0, 1, 2, 0, 1], "classes": "3", "model": [0] * 12},
        bug="normalises the rest into the last class",
    ),
    *_guards("probabilities", _EVALUATE),
    _case(
        "softmax_step",
        "plain",
        "one step on five samples with rate 1/2",
        _STEP,
        bug="divides the sum of the gradients before multiplying by the rate",
    ),
    _case(
        "softmax_step",
        "rate-three",
        "a rate above 1 multiplies before the one division",
        {**_STEP, "rate_numerator": "3", "rate_denominator": "1"},
        bug="rounds the mean gradient, then multiplies the error with the rate",
    ),
    _case(
        "softmax_step",
        "half-to-even",
        "gradients that divide to halves of both signs",
        {
            **_STEP,
            "features": [[1, 0, -1]],
            "labels": [0],
            "model": [0] * 8,
            "scale": "1",
            "rate_denominator": "65535",
        },
        bug="rounds halves away from zero",
    ),
    *_guards("softmax_step", _STEP),
    *_rates("softmax_step", _STEP),
    _case(
        "softmax_step",
        "batch-above",
        "4097 samples in one batch",
        {**_STEP, "features": [[0, 0, 0]] * 4097, "labels": [0] * 4097},
        twin="plain",
        follows=("/labels",),
    ),
    _case(
        "softmax_train",
        "plain",
        "three passes in batches of two, two and one",
        _TRAIN,
        bug="drops the last short batch, or shuffles once for all passes",
    ),
    _case("softmax_train", "no-epochs", "no pass: an update of zeros", {**_TRAIN, "local_epochs": "0"}),
    _case("softmax_train", "whole", "one batch holds all", {**_TRAIN, "batch_size": "4096"}),
    _case(
        "softmax_train",
        "clamped",
        "a huge rate: coordinates of the update are clamped to ±Q",
        {**_TRAIN, "rate_numerator": "400", "rate_denominator": "1"},
        bug="sends an update that every validator refuses",
    ),
    *_guards("softmax_train", _TRAIN),
    *_rates("softmax_train", _TRAIN),
    _case("softmax_train", "batch-zero", "a batch has a sample", {**_TRAIN, "batch_size": "0"}, twin="plain"),
    _case("softmax_train", "batch-above", "at most 4096", {**_TRAIN, "batch_size": "4097"}, twin="plain"),
    _case("softmax_evaluate", "plain", "five samples", _EVALUATE),
    _case(
        "softmax_evaluate",
        "ties",
        "a model of zeros says class 0 to everything",
        {**_EVALUATE, "model": [0] * 8},
        bug="takes the last of the largest",
    ),
    _case(
        "softmax_evaluate",
        "wide",
        "logits beyond 32 bits",
        {**_EVALUATE, "model": [0, 0, INT32_MAX, INT32_MAX, INT32_MAX, -INT32_MAX, 1, -INT32_MAX - 1]},
        bug="adds products in 32 bits",
    ),
    *_guards("softmax_evaluate", _EVALUATE),
)

CASES: tuple[Case, ...] = (*STREAM_CASES, *SPLIT_CASES, *MODEL_CASES, *INTEGER_CASES)
