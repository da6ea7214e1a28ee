"""The examples of docs/extending.md work as printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bcfl_ref.aggregation import aggregate
from bcfl_ref.application.splits import split
from bcfl_ref.application.trainers import ArrayTrainer, evaluate
from bcfl_ref.types import AggregationRule

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """Everything that the Python blocks of the page define."""
    names: dict[str, Any] = {"__name__": "my_package"}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "docs/extending.md", "exec"), names)
    return names


def test_the_entry_points_name_what_the_examples_define(example: dict[str, Any]) -> None:
    """Each name in the pyproject snippet exists in the code below it."""
    named = re.findall(r'= "my_package:(\w+)"', PAGE)
    assert len(named) == 4 and set(named) <= set(example)


def test_the_trainer_learns_the_dataset(example: dict[str, Any]) -> None:
    """The adapter of the page classifies the crescents of the page, and leaves its inputs alone."""
    samples = example["moons"]().samples
    trainer = ArrayTrainer(example["Centroid"](local_epochs=3))
    parts = split(samples.labels.tolist(), 1, trainers=2, scorers=1)
    base = trainer.initial(samples.width, samples.classes, 1)
    kept = base.copy()
    update = trainer.train(base, samples.take(parts.trainers[0]), 1)
    assert np.array_equal(base, kept) and np.array_equal(
        update, trainer.train(base, samples.take(parts.trainers[0]), 2)
    )
    test = samples.take(parts.test)
    assert evaluate(trainer, base + update, test).correct > 0.7 * len(test)
    assert np.allclose(trainer.probabilities(base + update, test).sum(axis=1), 1)


def test_the_adversary_stays_in_the_domain(example: dict[str, Any]) -> None:
    """The noise of the page changes an update within ±Q."""
    update = np.full(50, 2**20 - 1, dtype=np.int32)
    found = example["Noise"]().update(update, 1, 1)
    assert found.dtype == np.int32 and 0 < found.min() < found.max() == 2**20 - 1


def test_the_rule_aggregates(example: dict[str, Any]) -> None:
    """The rule of the page runs under its number beside the others."""
    plugin = example["FIRST_ONLY"]
    rule = AggregationRule(plugin.number, 1, 1, 0, 0, 0, 0)
    base = np.array([5, 6], dtype=np.int32)
    updates = [np.array([1, 2], dtype=np.int32), np.array([7, 8], dtype=np.int32)]
    found = aggregate(rule, base, updates, [1, 1], {plugin.number: plugin.extension})
    assert found.dtype == np.int32 and found.tolist() == [6, 8]
