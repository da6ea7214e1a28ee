"""Softmax regression without floats: the same model, bit for bit, on every machine (APP-030 to APP-035).

Weights are fixed point with 16 fraction bits; probabilities are powers of two of the logits, so one table of
sixteen constants is all the analysis there is. NumPy's int64 carries the arithmetic; the guards keep every
intermediate value inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..errors import Code, SpecError
from .models import INT32_MAX, INT32_MIN, Vector, clamped
from .samples import Integers, Samples
from .streams import Stream

FRACTION_BITS: Final = 16
ONE: Final = 1 << FRACTION_BITS
SCALE_MAX: Final = 2**12
BATCH_MAX: Final = 2**12
WIDTH_MAX: Final = 2**16 - 1
CLASSES_MAX: Final = 2**8
RATE_MAX: Final = 2**16 - 1
EXPONENT_MAX: Final = 2**62

#: APP-030: round(2^30 · 2^(−2^(−i))) for i = 1 … 16.
EXP2_TABLE: Final = (
    759250125,
    902905651,
    984625594,
    1028218693,
    1050733751,
    1062175491,
    1067942999,
    1070838486,
    1072289173,
    1073015252,
    1073378477,
    1073560135,
    1073650976,
    1073696399,
    1073719111,
    1073730468,
)

Rate = tuple[int, int]


def div_round(numerators: Integers, divisor: int | Integers) -> Integers:
    """AGG-001: div_round_half_even by element; |numerator| < 2^61, 0 < divisor < 2^61."""
    quotients = numerators // divisor
    twice = 2 * (numerators - quotients * divisor)
    up = (twice > divisor) | ((twice == divisor) & (quotients % 2 == 1))
    rounded: Integers = quotients + up
    return rounded


def exp2_negative(exponents: Integers) -> Integers:
    """APP-030: 2^30 · 2^(−t / 2^16) in integers, for each t in 0 … 2^62. Errors: EXPONENT_RANGE."""
    if exponents.size and not (int(exponents.min()) >= 0 and int(exponents.max()) <= EXPONENT_MAX):
        raise SpecError(Code.EXPONENT_RANGE, f"exponents lie in 0 to {EXPONENT_MAX}")
    fractions = exponents & (ONE - 1)
    values = np.full(exponents.shape, 1 << 30, dtype=np.int64)
    for index, factor in enumerate(EXP2_TABLE):
        taken = (fractions >> (FRACTION_BITS - 1 - index)) & 1 == 1
        values = np.where(taken, (values * factor) >> 30, values)
    powers: Integers = values >> np.minimum(exponents >> FRACTION_BITS, 31)
    return powers


def check_inputs(model: Vector, data: Samples) -> None:
    """APP-031: Errors, in order: EMPTY, SCALE_RANGE, MODEL_SHAPE, FEATURE_RANGE, LABEL_RANGE."""
    if len(data) == 0:
        raise SpecError(Code.EMPTY, "no samples")
    if not 1 <= data.scale <= SCALE_MAX:
        raise SpecError(Code.SCALE_RANGE, f"scale {data.scale}, must lie in 1 to {SCALE_MAX}")
    size = data.classes * (1 + data.width)
    if not (1 <= data.width <= WIDTH_MAX and 2 <= data.classes <= CLASSES_MAX) or model.shape != (size,):
        shape = f"{data.classes} classes and {data.width} features"
        raise SpecError(Code.MODEL_SHAPE, f"{model.size} coordinates for {shape}")
    if int(np.abs(data.features).max()) > data.scale:
        raise SpecError(Code.FEATURE_RANGE, f"a feature is outside ±{data.scale}")
    if not (int(data.labels.min()) >= 0 and int(data.labels.max()) < data.classes):
        raise SpecError(Code.LABEL_RANGE, f"a label is outside 0 to {data.classes - 1}")


def check_rate(rate: Rate) -> None:
    """APP-033: The learning rate a/b has 1 ≤ a, b ≤ 65535. Errors: RATE_RANGE."""
    if not all(1 <= part <= RATE_MAX for part in rate):
        raise SpecError(Code.RATE_RANGE, f"learning rate {rate[0]}/{rate[1]}: parts lie in 1 to {RATE_MAX}")


def check_batch_size(size: int) -> None:
    """APP-033: A batch has at most 4096 samples. Errors: BATCH_RANGE."""
    if not 0 <= size <= BATCH_MAX:
        raise SpecError(Code.BATCH_RANGE, f"a batch of {size} samples, at most {BATCH_MAX}")


def logits(model: Vector, data: Samples) -> Integers:
    """APP-031: Z = scale·bias + weights · features, an n × classes array in units of 2^−16 / scale."""
    wide = model.astype(np.int64)
    bias, weights = wide[: data.classes], wide[data.classes :].reshape(data.classes, -1)
    return data.features @ weights.T + bias * data.scale


def probabilities(model: Vector, data: Samples) -> Integers:
    """APP-032: 2^16 times the base-2 softmax of the logits, n × classes."""
    scores = logits(model, data)
    powers = exp2_negative(div_round(scores.max(axis=1, keepdims=True) - scores, data.scale))
    return div_round(powers << FRACTION_BITS, powers.sum(axis=1, keepdims=True))


def softmax_step(model: Vector, batch: Samples, rate: Rate) -> Vector:
    """APP-033: The model after one gradient step on `batch` with learning rate a/b.

    Errors, in order: BATCH_RANGE above 4096 samples, those of `check_inputs`, RATE_RANGE, MODEL_OVERFLOW.
    """
    check_batch_size(len(batch))
    check_inputs(model, batch)
    check_rate(rate)
    return _step(model, batch, rate)


def _step(model: Vector, batch: Samples, rate: Rate) -> Vector:
    errors = probabilities(model, batch)
    errors[np.arange(len(batch)), batch.labels] -= ONE
    gradient = np.concatenate([errors.sum(axis=0) * batch.scale, (errors.T @ batch.features).reshape(-1)])
    numerator, denominator = rate
    moved = model - div_round(numerator * gradient, denominator * len(batch) * batch.scale)
    if int(moved.min()) < INT32_MIN or int(moved.max()) > INT32_MAX:
        raise SpecError(Code.MODEL_OVERFLOW, "a weight leaves the range of int32")
    return moved.astype(np.int32)


def softmax_train(
    base: Vector, data: Samples, seed: int, *, local_epochs: int, batch_size: int, rate: Rate
) -> Vector:
    """APP-034: The update of one trainer: `local_epochs` passes in shuffled batches, then local − base within ±Q.

    Errors, in order: BATCH_RANGE for a batch size of 0 or above 4096, those of `check_inputs`, RATE_RANGE,
    MODEL_OVERFLOW.
    """
    check_batch_size(batch_size or -1)
    check_inputs(base, data)
    check_rate(rate)
    model = base
    for epoch in range(local_epochs):
        order = Stream(b"epoch", seed, epoch).shuffled(len(data))
        for start in range(0, len(order), batch_size):
            model = _step(model, data.take(order[start : start + batch_size]), rate)
    return clamped(model.astype(np.int64) - base)


def softmax_predict(model: Vector, data: Samples) -> Integers:
    """APP-035: For each sample the class with the largest logit, the lowest one on ties."""
    predicted: Integers = logits(model, data).argmax(axis=1)
    return predicted


def softmax_evaluate(model: Vector, data: Samples) -> tuple[int, int]:
    """APP-035: (correct, total) on all samples. Errors: those of `check_inputs`."""
    check_inputs(model, data)
    return int((softmax_predict(model, data) == data.labels).sum()), len(data)


def as_samples(features: Sequence[Sequence[int]], labels: Sequence[int], scale: int, classes: int) -> Samples:
    """APP-031: Samples from plain lists. Errors: BATCH_SHAPE when rows are unequal or labels do not match them."""
    widths = {len(row) for row in features}
    if len(widths) > 1 or len(labels) != len(features):
        raise SpecError(Code.BATCH_SHAPE, f"{len(features)} rows of widths {sorted(widths)}, {len(labels)} labels")
    table: NDArray[np.int64] = np.array(features, dtype=np.int64).reshape(len(features), max(widths, default=0))
    return Samples(table, np.array(labels, dtype=np.int64), scale, classes)
