"""The scikit-learn adapter: named arrays in, named arrays out."""

from __future__ import annotations

import numpy as np
from bcfl_ref.application.adapters.sklearn_mlp import SklearnMlp, softmax
from bcfl_ref.application.models import Arrays
from bcfl_ref.application.samples import Samples


def start(adapter: SklearnMlp, width: int, classes: int) -> Arrays:
    generator = np.random.Generator(np.random.PCG64(1))
    return {name: generator.uniform(-0.3, 0.3, shape) for name, shape in adapter.shapes(width, classes).items()}


DATA = Samples(np.arange(40).reshape(10, 4) % 7, np.arange(10) % 3, scale=8, classes=3)


def test_the_inputs_stay_untouched() -> None:
    """Training does not write into the arrays that it is given."""
    adapter = SklearnMlp(hidden=5)
    arrays = start(adapter, 4, 3)
    kept = {name: array.copy() for name, array in arrays.items()}
    trained = adapter.train(arrays, DATA, 1)
    assert all(np.array_equal(arrays[name], kept[name]) for name in kept)
    assert {name: array.shape for name, array in trained.items()} == adapter.shapes(4, 3)


def test_one_step_is_gradient_descent() -> None:
    """One epoch with one batch and no regularisation is one exact step against the gradient."""
    adapter = SklearnMlp(hidden=5, local_epochs=1, batch_size=10, learning_rate="1/2", l2=0.0)
    arrays = start(adapter, 4, 3)
    trained = adapter.train(arrays, DATA, 1)
    inputs = DATA.reals()
    hidden = np.maximum(inputs @ arrays["hidden.weight"] + arrays["hidden.bias"], 0)
    errors = (adapter.probabilities(arrays, DATA) - np.eye(3)[DATA.labels]) / len(DATA)
    expected = arrays["output.weight"] - 0.5 * hidden.T @ errors
    assert np.allclose(trained["output.weight"], expected, atol=1e-12)
    back = (errors @ arrays["output.weight"].T) * (hidden > 0)
    assert np.allclose(trained["hidden.weight"], arrays["hidden.weight"] - 0.5 * inputs.T @ back, atol=1e-12)


def test_two_classes_share_one_output() -> None:
    """Binary probabilities come from one logistic output and sum to one."""
    adapter = SklearnMlp(hidden=5)
    data = Samples(DATA.features, DATA.labels % 2, scale=8, classes=2)
    arrays = adapter.train(start(adapter, 4, 2), data, 1)
    assert arrays["output.bias"].shape == (1,)
    shares = adapter.probabilities(arrays, data)
    assert shares.shape == (10, 2) and np.allclose(shares.sum(axis=1), 1)


def test_softmax_does_not_overflow() -> None:
    """Huge logits give certainty, not NaN."""
    assert softmax(np.array([[1e6, 0.0, -1e6]])).tolist() == [[1.0, 0.0, 0.0]]
