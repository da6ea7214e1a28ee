"""Who holds what in the evaluation: trainers, outsiders and the attacker's own samples, all from one real dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ... import kernels
from ..models import Vector, apply_update, clamped
from ..samples import Samples
from ..streams import Stream, training_seed
from ..trainers import Trainer
from .views import total


@dataclass(frozen=True)
class Population:
    """Disjoint parts: what trainers hold, what nobody trains on, and what the attacker has of the same kind."""

    private: Samples
    outsiders: Samples
    public: Samples


def populate(samples: Samples, seed: int, private: int, outsiders: int) -> Population:
    """The samples in an order drawn by `seed`: `private`, then `outsiders`, the rest public."""
    order = Stream(b"attack-split", seed).shuffled(len(samples))
    return Population(
        private=samples.take(order[:private]),
        outsiders=samples.take(order[private : private + outsiders]),
        public=samples.take(order[private + outsiders :]),
    )


def even_parts(samples: Samples, count: int, size: int) -> list[Samples]:
    """`count` trainers with `size` samples each, in the order there is."""
    return [samples.take(range(number * size, (number + 1) * size)) for number in range(count)]


def train_all(trainer: Trainer, base: Vector, parts: Sequence[Samples], seed: int, round_number: int) -> list[Vector]:
    """The quantised updates of one round, as they are committed to."""
    return [
        np.ascontiguousarray(trainer.train(base, part, training_seed(seed, round_number, number)), dtype=np.int32)
        for number, part in enumerate(parts)
    ]


def averaged(base: Vector, updates: Sequence[Vector]) -> Vector:
    """The model after a round with equal weights: one division, half to even."""
    return stepped(base, total(updates), len(updates))


def stepped(base: Vector, added: np.ndarray[tuple[int, ...], np.dtype[np.int64]], count: int) -> Vector:
    """The model after a round whose updates add up to `added`."""
    return apply_update(base, clamped(kernels.div_round(np.ascontiguousarray(added), 1, count)))


def warmed_up(trainer: Trainer, data: Samples, seed: int, rounds: int, parts: int = 8) -> Vector:
    """The model after some rounds of training by `parts` trainers that share `data`: a base as in mid-task."""
    model = trainer.initial(data.width, data.classes, seed)
    shares = even_parts(data, parts, len(data) // parts)
    for round_number in range(1, rounds + 1):
        model = averaged(model, train_all(trainer, model, shares, seed, round_number))
    return model
