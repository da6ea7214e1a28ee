"""Trainers: from a model vector and local samples to an update vector, and what a scorer counts (APP-011, APP-013).

An engine knows only this interface. `ArrayTrainer` puts any `ModelAdapter` behind it and is the one door through
which floats become integers; `IntegerTrainer` has no floats at all, so its runs are the same everywhere.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isqrt
from typing import Any, Protocol

import numpy as np

from ..encoding import layout_size
from ..errors import Code, SpecError
from ..types import Layout
from . import integer
from .adapters import ModelAdapter
from .models import FRACTION_BITS, Arrays, Vector, apply_update, make_layout, pack, pieces, unpack, update_of
from .samples import Integers, Reals, Samples
from .settings import read_settings
from .streams import Stream


@dataclass(frozen=True)
class Tally:
    """APP-013: A scorer's count: `correct` of `total` samples."""

    correct: int
    total: int


class Trainer(Protocol):
    """What an engine asks of a trainer. Models and updates are int32 vectors of `layout`."""

    @property
    def name(self) -> str:
        """The name in configurations and reports."""
        ...

    @property
    def portable(self) -> bool:
        """Whether the same inputs give the same update on every machine."""
        ...

    @property
    def local_epochs(self) -> int:
        """Passes over the local data in one round."""
        ...

    def layout(self, width: int, classes: int) -> Layout:
        """The tensors of a model for samples of `width` features and `classes` classes."""
        ...

    def initial(self, width: int, classes: int, seed: int) -> Vector:
        """The model before the first round."""
        ...

    def train(self, base: Vector, data: Samples, seed: int) -> Vector:
        """APP-011: The update of one round of local training, every coordinate within ±Q."""
        ...

    def predict(self, model: Vector, data: Samples) -> Integers:
        """For each sample the predicted class, the lowest one on ties."""
        ...

    def probabilities(self, model: Vector, data: Samples) -> Reals:
        """For each sample the probability of each class; for reports only."""
        ...


def evaluate(trainer: Trainer, model: Vector, data: Samples) -> Tally:
    """APP-013: How many of the samples the model classifies correctly."""
    return Tally(int((trainer.predict(model, data) == data.labels).sum()), len(data))


def score_update(trainer: Trainer, base: Vector, update: Vector, data: Samples) -> Tally:
    """APP-013: The tally of base + update; none correct where that is no model."""
    try:
        return evaluate(trainer, apply_update(base, update), data)
    except SpecError as error:
        if error.code is not Code.MODEL_OVERFLOW:
            raise
        return Tally(0, len(data))


class ArrayTrainer:
    """A trainer made of a `ModelAdapter`: float training between two exact conversions."""

    portable = False

    def __init__(self, adapter: ModelAdapter) -> None:
        self.adapter = adapter
        self.name = adapter.name
        self.local_epochs = adapter.settings.local_epochs

    def layout(self, width: int, classes: int) -> Layout:
        """The adapter's tensors with 16 fraction bits each."""
        return make_layout(self.adapter.shapes(width, classes))

    def initial(self, width: int, classes: int, seed: int) -> Vector:
        """APP-012: Weights uniform within ±√(6 / (inputs + outputs)), biases zero; the same on every machine."""
        return initial_vector(self.layout(width, classes), seed)

    def train(self, base: Vector, data: Samples, seed: int) -> Vector:
        """APP-011: The quantised difference between the locally trained and the base model."""
        layout = self.layout(data.width, data.classes)
        with one_blas_thread():
            local = self.adapter.train(unpack(base, layout), data, seed)
        return update_of(local, base, layout)

    def predict(self, model: Vector, data: Samples) -> Integers:
        """The adapter's prediction."""
        with one_blas_thread():
            return self.adapter.predict(self._arrays(model, data), data)

    def probabilities(self, model: Vector, data: Samples) -> Reals:
        """The adapter's probabilities."""
        with one_blas_thread():
            return self.adapter.probabilities(self._arrays(model, data), data)

    def _arrays(self, model: Vector, data: Samples) -> Arrays:
        return unpack(model, self.layout(data.width, data.classes))


class IntegerTrainer:
    """Softmax regression in fixed point: APP-030 to APP-035."""

    name = "integer"
    portable = True

    def __init__(self, local_epochs: int = 5, batch_size: int = 32, learning_rate: float | str = "4/1") -> None:
        """Errors: UsageError for a setting out of range."""
        self.settings = read_settings(local_epochs, batch_size, learning_rate)
        self.local_epochs = local_epochs

    def layout(self, width: int, classes: int) -> Layout:
        """APP-031: bias, then weights with one row for each class."""
        return make_layout({"bias": (classes,), "weights": (classes, width)}, integer.FRACTION_BITS)

    def initial(self, width: int, classes: int, seed: int) -> Vector:
        """APP-031: All zeros: this model has no symmetry to break."""
        return np.zeros(classes * (1 + width), dtype=np.int32)

    def train(self, base: Vector, data: Samples, seed: int) -> Vector:
        """APP-034: The update of one round."""
        rate = self.settings.learning_rate
        return integer.softmax_train(
            base,
            data,
            seed,
            local_epochs=self.settings.local_epochs,
            batch_size=self.settings.batch_size,
            rate=(rate.numerator, rate.denominator),
        )

    def predict(self, model: Vector, data: Samples) -> Integers:
        """APP-035: The class with the largest logit."""
        return integer.softmax_predict(model, data)

    def probabilities(self, model: Vector, data: Samples) -> Reals:
        """APP-032: The integer probabilities as fractions of 2^16."""
        return integer.probabilities(model, data) / float(integer.ONE)


def initial_vector(layout: Layout, seed: int) -> Vector:
    """APP-012: Tensors of rank below 2 zero, others uniform in integers, from streams named `initial`.

    Errors: LAYOUT_INVALID.
    """
    vector = np.zeros(layout_size(layout), dtype=np.int32)
    for index, (tensor, place) in enumerate(pieces(layout)):
        if len(tensor.shape) < 2:
            continue
        inputs, outputs = tensor.shape[0], int(np.prod(tensor.shape[1:], dtype=np.int64))
        bound = isqrt((6 << (2 * tensor.fraction_bits)) // (inputs + outputs))
        stream = Stream(b"initial", seed, index)
        vector[place] = [stream.below(2 * bound + 1) - bound for _ in range(place.stop - place.start)]
    return vector


@functools.cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Linear algebra on one thread: the order of float additions must not depend on the number of cores."""
    with _blas().limit(limits=1):
        yield


__all__ = [
    "FRACTION_BITS",
    "ArrayTrainer",
    "IntegerTrainer",
    "Tally",
    "Trainer",
    "evaluate",
    "initial_vector",
    "one_blas_thread",
    "pack",
    "score_update",
]
