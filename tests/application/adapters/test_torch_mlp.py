"""The PyTorch adapter: the same interface, names and shapes; skipped by name where PyTorch is not installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from bcfl_ref.application.adapters.torch_mlp import TorchMlp
from bcfl_ref.application.datasets import load
from bcfl_ref.application.plugins import make_trainer
from bcfl_ref.application.samples import Samples
from bcfl_ref.application.splits import split
from bcfl_ref.application.trainers import evaluate, score_update
from bcfl_ref.errors import UsageError

INSTALLED = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not INSTALLED, reason="needs PyTorch (extra torch)")


@pytest.mark.skipif(INSTALLED, reason="PyTorch is installed")
def test_its_absence_is_told() -> None:
    """Without PyTorch there is one clear line that says how to get it."""
    with pytest.raises(UsageError, match=r"bcfl-ref\[torch\]"):
        make_trainer("torch-mlp")


@needs_torch
def test_a_round_of_training_helps_and_repeats() -> None:
    """One round improves the model, bit for bit the same the second time."""
    samples = load("digits").samples
    parts = split(samples.labels.tolist(), 1, trainers=5, scorers=4)
    own, test = samples.take(parts.trainers[0]), samples.take(parts.test)
    trainer = make_trainer("torch-mlp", {"local_epochs": 2})
    assert trainer.layout(64, 10) == make_trainer("sklearn-mlp").layout(64, 10)
    base = trainer.initial(64, 10, 1)
    update = trainer.train(base, own, 5)
    assert np.array_equal(update, trainer.train(base, own, 5))
    assert not np.array_equal(update, trainer.train(base, own, 6))
    assert score_update(trainer, base, update, test).correct > max(150, 3 * evaluate(trainer, base, test).correct)
    shares = trainer.probabilities(base + update, test)
    assert np.allclose(shares.sum(axis=1), 1)
    assert np.array_equal(shares.argmax(axis=1), trainer.predict(base + update, test))


@needs_torch
def test_it_computes_what_scikit_learn_computes() -> None:
    """On the same arrays both adapters predict the same, and one full-batch step agrees to float32."""
    from bcfl_ref.application.adapters.sklearn_mlp import SklearnMlp

    data = Samples(np.arange(40).reshape(10, 4) % 7, np.arange(10) % 3, scale=8, classes=3)
    settings = {"hidden": 5, "local_epochs": 1, "batch_size": 10, "learning_rate": "1/2", "l2": 0.0}
    ours, theirs = TorchMlp(**settings), SklearnMlp(**settings)  # type: ignore[arg-type]
    generator = np.random.Generator(np.random.PCG64(1))
    arrays = {name: generator.uniform(-0.3, 0.3, shape) for name, shape in ours.shapes(4, 3).items()}
    assert np.allclose(ours.probabilities(arrays, data), theirs.probabilities(arrays, data), atol=1e-6)
    stepped, other = ours.train(arrays, data, 1), theirs.train(arrays, data, 1)
    assert all(np.allclose(stepped[name], other[name], atol=1e-6) for name in arrays)
