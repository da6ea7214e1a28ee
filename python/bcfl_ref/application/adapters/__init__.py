"""Model adapters: named float arrays in, named float arrays out, one file for each training library."""

from __future__ import annotations

from typing import Protocol

from ..models import Arrays
from ..samples import Integers, Reals, Samples
from ..settings import TrainSettings


class ModelAdapter(Protocol):
    """What a training library must offer; `trainers.ArrayTrainer` makes a trainer of it.

    Arrays are binary64 in row-major order under the names of `shapes`. `train` must be a function of its
    arguments alone: nothing may be kept from one call to the next, and all randomness comes from `seed`.
    """

    @property
    def name(self) -> str:
        """The name in configurations and reports."""
        ...

    @property
    def settings(self) -> TrainSettings:
        """Local epochs, batch size and learning rate."""
        ...

    def shapes(self, width: int, classes: int) -> dict[str, tuple[int, ...]]:
        """The named tensors of a model for samples with `width` features and `classes` classes."""
        ...

    def train(self, arrays: Arrays, data: Samples, seed: int) -> Arrays:
        """The model after the local epochs on `data`, starting from `arrays`, which stay untouched."""
        ...

    def probabilities(self, arrays: Arrays, data: Samples) -> Reals:
        """For each sample the probability of each class, n × classes."""
        ...

    def predict(self, arrays: Arrays, data: Samples) -> Integers:
        """For each sample the most probable class, the lowest one on ties."""
        ...
