"""The application of one run: its data, trainer and adversaries behind the interface that participants use."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..errors import SpecError, UsageError
from ..parameters import BASIS_POINTS
from ..types import Layout
from .adversaries import Adversary, Honest
from .config import Dropouts, RunConfig, Task
from .datasets import Dataset
from .evaluation import Quality, centralised, local_only, measure
from .models import Vector
from .plugins import load_dataset, make_adversary, make_trainer
from .samples import Samples
from .splits import PPM, split
from .streams import Stream, training_seed
from .trainers import Trainer, score_update

SECURE_STEPS = ("keys", "shares", "input", "unmask")


@dataclass(frozen=True)
class RunWorkload:
    """What every participant of a run has on its own machine. Errors of its methods: those of its trainer."""

    seed: int
    dataset: Dataset
    trainer: Trainer
    adversaries: dict[int, Adversary]
    test: Samples
    scorers: tuple[Samples, ...]
    trainers: tuple[Samples, ...]
    sample_unit: int
    dropouts: Dropouts

    @property
    def layout(self) -> Layout:
        """The tensors of the model."""
        return self.trainer.layout(self.test.width, self.test.classes)

    def initial(self) -> Vector:
        """The model before the first round."""
        return self.trainer.initial(self.test.width, self.test.classes, self.seed)

    def train(self, trainer: int, round_number: int, base: Vector) -> tuple[Vector, int] | None:
        """APP-011: The update that trainer number `trainer` sends and its sample count; None when it sends none.

        Samples are counted in units of the task, a part of a unit as a whole one.
        """
        adversary = self.adversaries.get(trainer, Honest())
        own = self.trainers[trainer]
        trained = self.trainer.train(base, adversary.data(own), training_seed(self.seed, round_number, trainer))
        update = adversary.update(np.ascontiguousarray(trained, dtype=np.int32), self.seed, round_number)
        return None if update is None else (update, -(-len(own) // self.sample_unit))

    def last_step(self, trainer: int, round_number: int) -> int:
        """After which step of a secure round trainer number `trainer` disappears: 0 before the first, 4 never."""
        stream = Stream(b"dropout", self.seed, round_number, trainer)
        if stream.below(BASIS_POINTS) >= self.dropouts.share_bps:
            return len(SECURE_STEPS)
        if self.dropouts.step == "any":
            return stream.below(len(SECURE_STEPS))
        return SECURE_STEPS.index(self.dropouts.step)

    def score(self, scorer: int, round_number: int, base: Vector, update: Vector) -> tuple[int, int]:
        """APP-013: How many of its samples scorer number `scorer` sees classified correctly, and of how many."""
        tally = score_update(self.trainer, base, update, self.scorers[scorer])
        return tally.correct, tally.total

    def quality(self, model: Vector) -> Quality:
        """A model on the test set, which nobody trains or scores on."""
        return measure(self.trainer, model, self.test)

    def baselines(self, rounds: int) -> dict[str, list[Quality]]:
        """Centralised and local-only training with the same number of passes, on clean data."""
        parts, start = list(self.trainers), self.initial()
        return {
            "centralised": centralised(self.trainer, start, parts, self.test, rounds, self.seed),
            "local": local_only(self.trainer, start, parts, self.test, rounds, self.seed),
        }


def make_workload(config: RunConfig) -> RunWorkload:
    """The application of a configuration. Errors: UsageError, one line."""
    dataset = load_dataset(config.data.dataset)
    trainer = make_trainer(config.trainer.name, config.trainer.settings)
    samples = dataset.samples
    try:
        parts = split(
            [int(label) for label in samples.labels],
            config.seed,
            trainers=config.task.trainers,
            scorers=config.ledger.validators,
            alpha_ppm=int(Fraction(str(config.data.alpha)) * PPM),
        )
    except SpecError as error:
        raise UsageError(f"the data cannot be split this way: {error}") from None
    if not all((*parts.trainers, *parts.scorers)):
        raise UsageError("the data cannot be split this way: some trainer or scorer would get no sample at all")
    return RunWorkload(
        seed=config.seed,
        dataset=dataset,
        trainer=trainer,
        adversaries={entry.trainer: make_adversary(entry.kind, entry.settings) for entry in config.adversaries},
        test=samples.take(parts.test),
        scorers=tuple(samples.take(indices) for indices in parts.scorers),
        trainers=tuple(samples.take(indices) for indices in parts.trainers),
        sample_unit=sample_unit(config.task, max(map(len, parts.trainers))),
        dropouts=config.dropouts,
    )


def sample_unit(task: Task, largest: int) -> int:
    """How many samples weigh one: so many that the trainer with most of them is within the task's limit.

    In plain mode a sample is a sample, and who has more than the task allows is refused.
    """
    return 1 if task.privacy == "plain" else -(-largest // task.weight_max)
