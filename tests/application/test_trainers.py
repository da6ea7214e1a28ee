"""Trainers behind the one interface: repeatable, independent, and scored as specified (APP-011 to APP-013)."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.datasets import load
from bcfl_ref.application.plugins import make_trainer
from bcfl_ref.application.samples import Samples
from bcfl_ref.application.splits import split
from bcfl_ref.application.trainers import Tally, Trainer, evaluate, initial_vector, score_update
from bcfl_ref.encoding import layout_size
from bcfl_ref.kernels.limits import COORDINATE_MAX

SAMPLES = load("digits").samples
PARTS = split(SAMPLES.labels.tolist(), 1, trainers=5, scorers=4)
OWN, TEST = SAMPLES.take(PARTS.trainers[0]), SAMPLES.take(PARTS.test)


@pytest.fixture(params=["integer", "sklearn-mlp"])
def trainer(request: pytest.FixtureRequest) -> Trainer:
    return make_trainer(request.param, {"local_epochs": 2})


def test_a_round_of_training_helps(trainer: Trainer) -> None:
    """APP-011: One round on one trainer's data triples the accuracy of the initial model."""
    base = trainer.initial(64, 10, 1)
    update = trainer.train(base, OWN, 5)
    assert update.dtype == np.int32 and update.shape == (layout_size(trainer.layout(64, 10)),)
    assert np.abs(update).max() <= COORDINATE_MAX
    before = evaluate(trainer, base, TEST)
    assert score_update(trainer, base, update, TEST).correct > max(3 * before.correct, 150)


def test_training_depends_on_its_arguments_alone(trainer: Trainer) -> None:
    """Training twice gives the same bits, whatever was trained in between; another seed gives others."""
    base = trainer.initial(64, 10, 1)
    kept = base.copy()
    first = trainer.train(base, OWN, 5)
    other = trainer.train(base, OWN, 6)
    again = trainer.train(base, OWN, 5)
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert np.array_equal(base, kept)


def test_probabilities_agree_with_predictions(trainer: Trainer) -> None:
    """Probabilities sum to one and their largest is the prediction."""
    base = trainer.initial(64, 10, 1)
    model = base + trainer.train(base, OWN, 5)
    shares = trainer.probabilities(model, TEST)
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-3)
    predicted = trainer.predict(model, TEST)
    chosen = shares[np.arange(len(TEST)), predicted]
    assert (chosen >= shares.max(axis=1) - 1e-4).all()


def test_two_classes_are_trained(trainer: Trainer) -> None:
    """Binary data works as well: breast cancer is classified better than by the larger class."""
    samples = load("breast-cancer").samples
    base = trainer.initial(30, 2, 1)
    model = base + trainer.train(base, samples, 5)
    assert evaluate(trainer, model, samples).correct > 0.85 * len(samples)
    assert trainer.probabilities(model, samples).shape == (569, 2)


def test_few_samples_are_enough(trainer: Trainer) -> None:
    """A trainer with fewer samples than a batch, all of one class, still trains."""
    base = trainer.initial(64, 10, 1)
    assert trainer.train(base, OWN.take([0]), 1).any()


def test_a_model_that_cannot_be_scores_zero(trainer: Trainer) -> None:
    """APP-013: Where base plus update leaves int32 the scorer testifies 0 correct."""
    base = np.full(layout_size(trainer.layout(64, 10)), 2**31 - 1, dtype=np.int32)
    assert score_update(trainer, base, np.ones_like(base), TEST) == Tally(0, 359)


def test_the_initial_model_is_uniform_within_its_bound() -> None:
    """APP-012: Biases are zero, weights fill the interval of their layer."""
    trainer = make_trainer("sklearn-mlp")
    layout = trainer.layout(64, 10)
    vector = initial_vector(layout, 1)
    assert [tensor.name for tensor in layout.tensors] == [
        b"hidden.bias",
        b"hidden.weight",
        b"output.bias",
        b"output.weight",
    ]
    weights = vector[32 : 32 + 64 * 32]
    assert not vector[:32].any()
    bound = 65536 * (6 / 96) ** 0.5
    assert 0.98 * bound < np.abs(weights).max() <= bound and abs(weights.mean()) < 0.03 * bound
    assert not np.array_equal(vector, initial_vector(layout, 2))


def test_the_defence_sees_a_reversed_update(trainer: Trainer) -> None:
    """A threefold sign flip of a good update scores far below the update itself, also on a trained model."""
    base = trainer.initial(64, 10, 1)
    for seed in range(3):
        update = trainer.train(base, OWN, seed)
        base = base + update
    update = trainer.train(base, OWN, 9)
    held: Samples = SAMPLES.take(PARTS.scorers[0])
    good = score_update(trainer, base, update, held).correct
    assert score_update(trainer, base, -3 * update, held).correct < 0.85 * good
