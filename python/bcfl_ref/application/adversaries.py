"""Trainers that misbehave, to show what the rules do about it. Each attack changes local data or the update."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .models import Vector, clamped
from .samples import Samples
from .settings import check_whole
from .streams import Stream


class Adversary(Protocol):
    """What a misbehaving trainer does instead; both hooks see only what an honest trainer would see."""

    @property
    def name(self) -> str:
        """The name in configurations and reports."""
        ...

    def data(self, samples: Samples) -> Samples:
        """The samples that it trains on."""
        ...

    def update(self, update: Vector, seed: int, round_number: int) -> Vector | None:
        """What it sends in place of its trained update in a run with `seed`; None for nothing."""
        ...


class Honest:
    """Changes nothing: the base of the others."""

    name = "honest"

    def data(self, samples: Samples) -> Samples:
        """The samples as they are."""
        return samples

    def update(self, update: Vector, seed: int, round_number: int) -> Vector | None:
        """The update as it is."""
        return update


class LabelFlip(Honest):
    """Trains on wrong labels: class y becomes classes − 1 − y, or y + shift modulo the classes."""

    name = "label-flip"

    def __init__(self, shift: int = 0) -> None:
        """A shift of 0 mirrors the classes. Errors: UsageError."""
        check_whole("shift", shift, 0, 65_535)
        self.shift = shift

    def data(self, samples: Samples) -> Samples:
        """The same features under wrong labels."""
        if self.shift:
            return samples.with_labels((samples.labels + self.shift) % samples.classes)
        return samples.with_labels(samples.classes - 1 - samples.labels)


class SignFlip(Honest):
    """Sends −factor times its honest update."""

    name = "sign-flip"

    def __init__(self, factor: int = 3) -> None:
        """Errors: UsageError."""
        check_whole("factor", factor, 1, 1000)
        self.factor = factor

    def update(self, update: Vector, seed: int, round_number: int) -> Vector | None:
        """The reversed update, clamped to ±Q."""
        return clamped(-self.factor * update.astype(np.int64))


class SmallBias(Honest):
    """Adds a small vector that all colluders share: each coordinate ±magnitude, the same signs every round."""

    name = "small-bias"

    def __init__(self, magnitude: int = 1300) -> None:
        """`magnitude` in units of 2^−F (1300 is about 0.02 with F = 16). Errors: UsageError."""
        check_whole("magnitude", magnitude, 1, 2**20 - 1)
        self.magnitude = magnitude

    def update(self, update: Vector, seed: int, round_number: int) -> Vector | None:
        """The honest update pushed along the common direction."""
        stream = Stream(b"bias", seed)
        signs = np.array([2 * stream.below(2) - 1 for _ in range(update.size)], dtype=np.int64)
        return clamped(update.astype(np.int64) + self.magnitude * signs)


class Absent(Honest):
    """Sends nothing from round `from_round` on (rounds count from 1): a crash."""

    name = "absent"

    def __init__(self, from_round: int = 1) -> None:
        """Errors: UsageError."""
        check_whole("from_round", from_round, 1, 65_535)
        self.from_round = from_round

    def update(self, update: Vector, seed: int, round_number: int) -> Vector | None:
        """Nothing once the crash has happened."""
        return None if round_number >= self.from_round else update
