"""How good a model is, and what it is compared with: centralised and local-only training.

These numbers go into reports. They are not on the ledger and nothing there depends on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .models import Vector, apply_update
from .samples import Integers, Samples, joined
from .streams import training_seed
from .trainers import Trainer

CENTRALISED = 2**32
"""The trainer number whose seeds the centralised baseline uses; no trainer has it."""


@dataclass(frozen=True)
class Quality:
    """A model on test data: share of correct answers, mean precision over the classes, mean cross-entropy."""

    accuracy: float
    macro_precision: float
    loss: float


def measure(trainer: Trainer, model: Vector, data: Samples) -> Quality:
    """The quality of `model` on `data`."""
    predicted = trainer.predict(model, data)
    shares = trainer.probabilities(model, data)
    own = np.maximum(shares[np.arange(len(data)), data.labels], 2.0**-16)
    return Quality(
        accuracy=float((predicted == data.labels).mean()),
        macro_precision=macro_precision(predicted, data.labels, data.classes),
        loss=float(-np.log(own).mean()),
    )


def macro_precision(predicted: Integers, labels: Integers, classes: int) -> float:
    """The mean over all classes of the precision, which is 0 for a class that is never predicted."""
    total = np.bincount(predicted, minlength=classes)
    right = np.bincount(predicted[predicted == labels], minlength=classes)
    return float((right / np.maximum(total, 1)).mean())


def centralised(
    trainer: Trainer, initial: Vector, parts: Sequence[Samples], test: Samples, rounds: int, seed: int
) -> list[Quality]:
    """One model trained on all the trainers' clean data together, with as many passes; its quality by round."""
    return _curve(trainer, initial, joined(parts), test, rounds, seed, CENTRALISED)


def local_only(
    trainer: Trainer, initial: Vector, parts: Sequence[Samples], test: Samples, rounds: int, seed: int
) -> list[Quality]:
    """Each trainer alone, with as many passes over its own clean data; the mean quality by round."""
    curves = [_curve(trainer, initial, part, test, rounds, seed, number) for number, part in enumerate(parts)]
    return [_mean([curve[index] for curve in curves]) for index in range(rounds)]


def _curve(
    trainer: Trainer, initial: Vector, data: Samples, test: Samples, rounds: int, seed: int, number: int
) -> list[Quality]:
    model, curve = initial, []
    for round_number in range(1, rounds + 1):
        update = trainer.train(model, data, training_seed(seed, round_number, number))
        model = apply_update(model, update)
        curve.append(measure(trainer, model, test))
    return curve


def _mean(qualities: Sequence[Quality]) -> Quality:
    count = len(qualities)
    return Quality(
        accuracy=sum(quality.accuracy for quality in qualities) / count,
        macro_precision=sum(quality.macro_precision for quality in qualities) / count,
        loss=sum(quality.loss for quality in qualities) / count,
    )
