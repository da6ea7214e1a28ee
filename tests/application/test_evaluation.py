"""Quality measures and the two baselines."""

from __future__ import annotations

import numpy as np
from bcfl_ref.application.datasets import load
from bcfl_ref.application.evaluation import centralised, local_only, macro_precision, measure
from bcfl_ref.application.plugins import make_trainer
from bcfl_ref.application.splits import split


def test_macro_precision_is_the_mean_over_classes() -> None:
    """A class that is never predicted counts as 0; the others as right / predicted."""
    predicted, labels = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])
    assert macro_precision(predicted, labels, 3) == (0.5 + 0.5 + 0.0) / 3


def test_quality_of_a_model_of_zeros() -> None:
    """Ten equally likely classes: accuracy that of class 0, loss the logarithm of ten."""
    samples = load("digits").samples
    trainer = make_trainer("integer")
    found = measure(trainer, trainer.initial(64, 10, 1), samples)
    assert found.accuracy == 178 / 1797 and abs(found.loss - np.log(10)) < 1e-3


def test_baselines_rank_as_expected() -> None:
    """With equal passes, training on all data beats training on one's own; both have a value for each round."""
    samples = load("digits").samples
    parts = split(samples.labels.tolist(), 1, trainers=5, scorers=4)
    trainer = make_trainer("integer", {"local_epochs": 2})
    own, test = [samples.take(share) for share in parts.trainers], samples.take(parts.test)
    initial = trainer.initial(64, 10, 1)
    whole = centralised(trainer, initial, own, test, 3, 1)
    alone = local_only(trainer, initial, own, test, 3, 1)
    assert len(whole) == len(alone) == 3
    assert whole[-1].accuracy > 0.9 > alone[-1].accuracy and whole[-1].loss < alone[-1].loss
