"""Integer softmax regression, against a second implementation with Python's own integers (APP-030 to APP-035)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from bcfl_ref.application import integer
from bcfl_ref.application.datasets import load
from bcfl_ref.application.splits import split
from bcfl_ref.application.streams import Stream
from bcfl_ref.errors import Code, SpecError
from hypothesis import given, settings
from hypothesis import strategies as st

TABLE = [round(Fraction(2**30) * Fraction(2 ** (-(2.0**-i)))) for i in range(1, 17)]


def exp2(t: int) -> int:
    """APP-030 word for word."""
    k, f = divmod(t, 2**16)
    v = 2**30
    for i in range(1, 17):
        if f >> (16 - i) & 1:
            v = v * TABLE[i - 1] // 2**30
    return v // 2**k if k < 100 else 0


def half_even(x: int, y: int) -> int:
    return round(Fraction(x, y))


def step(
    model: list[int], rows: list[list[int]], labels: list[int], scale: int, classes: int, a: int, b: int
) -> list[int]:
    """APP-031 to APP-033 word for word."""
    width = len(rows[0])
    bias, weights = (
        model[:classes],
        [model[classes + c * width : classes + (c + 1) * width] for c in range(classes)],
    )
    errors = []
    for row, label in zip(rows, labels, strict=True):
        z = [scale * bias[c] + sum(w * x for w, x in zip(weights[c], row, strict=True)) for c in range(classes)]
        e = [exp2(half_even(max(z) - value, scale)) for value in z]
        errors.append([half_even(2**16 * e[c], sum(e)) - 2**16 * (c == label) for c in range(classes)])
    divisor = b * len(rows) * scale
    new = [bias[c] - half_even(a * sum(d[c] for d in errors) * scale, divisor) for c in range(classes)]
    for c in range(classes):
        for j in range(width):
            gradient = sum(d[c] * row[j] for d, row in zip(errors, rows, strict=True))
            new.append(weights[c][j] - half_even(a * gradient, divisor))
    return new


@given(st.integers(0, 2**62) | st.integers(0, 40 << 16))
@settings(deadline=None, max_examples=200)
def test_powers_of_two_follow_the_table(t: int) -> None:
    """APP-030: The vectorised powers equal the definition and lie near the real ones."""
    found = int(integer.exp2_negative(np.array([t]))[0])
    assert found == exp2(t)
    if t < 25 << 16:
        assert abs(found - 2**30 * 2.0 ** (-t / 65536)) <= 17


def test_the_table_is_the_rounded_powers() -> None:
    """APP-030: The sixteen constants are what they are said to be."""
    assert list(integer.EXP2_TABLE) == TABLE


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[int], list[list[int]], list[int], int, int]:
    width, classes, scale = (
        draw(st.integers(1, 4)),
        draw(st.integers(2, 4)),
        draw(st.sampled_from([1, 3, 16, 4096])),
    )
    count = draw(st.integers(1, 6))
    coordinate = st.integers(-(2**18), 2**18) | st.integers(-(2**30), 2**30)
    model = draw(st.lists(coordinate, min_size=classes * (1 + width), max_size=classes * (1 + width)))
    row = st.lists(st.integers(-scale, scale), min_size=width, max_size=width)
    rows = draw(st.lists(row, min_size=count, max_size=count))
    labels = draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count))
    return model, rows, labels, scale, classes


@given(problems(), st.integers(1, 65535), st.integers(1, 65535))
@settings(deadline=None, max_examples=150)
def test_a_step_is_that_of_the_specification(
    problem: tuple[list[int], list[list[int]], list[int], int, int], a: int, b: int
) -> None:
    """APP-033: One step equals the definition with unbounded integers, or both leave int32."""
    model, rows, labels, scale, classes = problem
    batch = integer.as_samples(rows, labels, scale, classes)
    expected = step(model, rows, labels, scale, classes, a, b)
    try:
        found = integer.softmax_step(np.array(model, dtype=np.int32), batch, (a, b)).tolist()
    except SpecError as refusal:
        assert refusal.code is Code.MODEL_OVERFLOW
        assert not -(2**31) <= min(expected) <= max(expected) < 2**31
    else:
        assert found == expected


@given(problems(), st.integers(0, 99), st.integers(0, 3), st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_training_is_steps_in_shuffled_batches(
    problem: tuple[list[int], list[list[int]], list[int], int, int], seed: int, epochs: int, size: int
) -> None:
    """APP-034: Training equals its definition, step by step, with the update clamped to ±Q."""
    model, rows, labels, scale, classes = problem
    model = [value // 2**10 for value in model]
    expected = model
    for epoch in range(epochs):
        order = Stream(b"epoch", seed, epoch).shuffled(len(rows))
        for start in range(0, len(order), size):
            part = order[start : start + size]
            expected = step(expected, [rows[i] for i in part], [labels[i] for i in part], scale, classes, 3, 2)
    found = integer.softmax_train(
        np.array(model, dtype=np.int32),
        integer.as_samples(rows, labels, scale, classes),
        seed,
        local_epochs=epochs,
        batch_size=size,
        rate=(3, 2),
    )
    limit = 2**20 - 1
    assert found.tolist() == [max(-limit, min(limit, y - x)) for x, y in zip(model, expected, strict=True)]


def test_extreme_models_stay_inside_64_bits() -> None:
    """APP-031: At the corners of every range the logits still equal those of unbounded integers."""
    width, scale = 300, 4096
    model = np.full(2 * (1 + width), 2**31 - 1, dtype=np.int32)
    model[1::2] = -(2**31)
    rows = [[scale * (-1) ** j for j in range(width)], [scale] * width]
    found = integer.logits(model, integer.as_samples(rows, [0, 1], scale, 2)).tolist()
    flat = model.tolist()
    for row, values in zip(rows, found, strict=True):
        for c in range(2):
            weights = flat[2 + c * width : 2 + (c + 1) * width]
            assert values[c] == scale * flat[c] + sum(w * x for w, x in zip(weights, row, strict=True))


def test_it_learns_digits() -> None:
    """Two epochs of centralised training classify more than 85 percent of the test images."""
    samples = load("digits").samples
    parts = split(samples.labels.tolist(), 1, trainers=1, scorers=0)
    data, test = samples.take(parts.trainers[0]), samples.take(parts.test)
    update = integer.softmax_train(np.zeros(650, dtype=np.int32), data, 1, local_epochs=2, batch_size=32, rate=(4, 1))
    correct, total = integer.softmax_evaluate(update, test)
    assert total == 359 and correct > 0.85 * total


def test_ties_go_to_the_lowest_class() -> None:
    """APP-035: A model of zeros answers class 0."""
    batch = integer.as_samples([[1], [1], [1]], [0, 1, 0], 1, 2)
    assert integer.softmax_evaluate(np.zeros(4, dtype=np.int32), batch) == (2, 3)


@pytest.mark.parametrize(
    ("rows", "labels", "scale", "classes", "size", "code"),
    [
        ([], [], 4, 2, 6, Code.EMPTY),
        ([[1, 1], [1]], [0, 1], 4, 2, 6, Code.BATCH_SHAPE),
        ([[1, 1]], [0, 1], 4, 2, 6, Code.BATCH_SHAPE),
        ([[1, 1]], [0], 0, 2, 6, Code.SCALE_RANGE),
        ([[1, 1]], [0], 4097, 2, 6, Code.SCALE_RANGE),
        ([[1, 1]], [0], 4, 2, 5, Code.MODEL_SHAPE),
        ([[1, 1]], [0], 4, 1, 3, Code.MODEL_SHAPE),
        ([[1, 5]], [0], 4, 2, 6, Code.FEATURE_RANGE),
        ([[1, -5]], [0], 4, 2, 6, Code.FEATURE_RANGE),
        ([[1, 1]], [2], 4, 2, 6, Code.LABEL_RANGE),
        ([[1, 1]], [-1], 4, 2, 6, Code.LABEL_RANGE),
    ],
)
def test_bad_inputs_are_refused(
    rows: list[list[int]], labels: list[int], scale: int, classes: int, size: int, code: Code
) -> None:
    """APP-031: Each guard gives its code, for evaluation and training alike."""
    model = np.zeros(size, dtype=np.int32)
    for attempt in (
        lambda data: integer.softmax_evaluate(model, data),
        lambda data: integer.softmax_step(model, data, (1, 1)),
        lambda data: integer.softmax_train(model, data, 0, local_epochs=1, batch_size=1, rate=(1, 1)),
    ):
        with pytest.raises(SpecError) as refusal:
            attempt(integer.as_samples(rows, labels, scale, classes))
        assert refusal.value.code is code
