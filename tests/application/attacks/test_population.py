"""Disjoint parts and the model that a round gives."""

from __future__ import annotations

import numpy as np
from bcfl_ref.application.attacks.population import averaged, even_parts, populate, stepped, train_all, warmed_up
from bcfl_ref.application.datasets import load
from bcfl_ref.application.trainers import IntegerTrainer, evaluate

SAMPLES = load("digits").samples


def test_the_parts_are_disjoint_and_complete() -> None:
    """Private, outsiders and public are all samples once, in an order drawn by the seed."""
    found = populate(SAMPLES, 1, 480, 400)
    sizes = [len(part) for part in (found.private, found.outsiders, found.public)]
    assert sizes == [480, 400, len(SAMPLES) - 880]
    rows = np.concatenate([part.features for part in (found.private, found.outsiders, found.public)])
    assert sorted(map(bytes, rows)) == sorted(map(bytes, SAMPLES.features))
    assert (populate(SAMPLES, 1, 480, 400).private.features == found.private.features).all()
    assert (populate(SAMPLES, 2, 480, 400).private.features != found.private.features).any()


def test_even_parts_follow_each_other() -> None:
    """Each trainer has as many samples as the others, none twice."""
    parts = even_parts(SAMPLES, 3, 5)
    assert (np.concatenate([part.labels for part in parts]) == SAMPLES.labels[:15]).all()


def test_a_round_divides_once_and_half_to_even() -> None:
    """The step is the sum divided by the number, rounded half to even."""
    base = np.zeros(3, dtype=np.int32)
    updates = [np.array([1, 3, -1], dtype=np.int32), np.array([0, 0, 0], dtype=np.int32)]
    assert averaged(base, updates).tolist() == [0, 2, 0]
    assert stepped(base, np.array([5, 7, -9]), 2).tolist() == [2, 4, -4]


def test_warming_up_teaches() -> None:
    """A base as in mid-task classifies; the same seed gives the same one."""
    trainer = IntegerTrainer()
    base = warmed_up(trainer, SAMPLES, 1, 2)
    tally = evaluate(trainer, base, SAMPLES)
    assert tally.correct / tally.total > 0.85
    assert (warmed_up(trainer, SAMPLES, 1, 2) == base).all()


def test_updates_are_int32_in_the_order_of_the_trainers() -> None:
    """Each trainer has seeds of its own."""
    trainer, part = IntegerTrainer(), SAMPLES.take(range(40))
    base = trainer.initial(part.width, part.classes, 1)
    first, second = train_all(trainer, base, [part, part], 1, 1)
    assert first.dtype == np.int32 and (first != second).any()
