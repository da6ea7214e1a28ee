"""scikit-learn's multi-layer perceptron behind the adapter interface: one hidden layer, plain gradient descent.

Without momentum the optimiser keeps nothing between calls, so a model is its arrays and nothing else. Plain
descent at a constant rate also keeps the updates of late rounds large enough to be judged by their scores.
"""

from __future__ import annotations

import numpy as np

from ..models import Arrays
from ..samples import Integers, Reals, Samples
from ..settings import check_whole, read_settings

SEED_BITS = 32


class SklearnMlp:
    """width → hidden (ReLU) → classes (softmax), trained by `sklearn.neural_network.MLPClassifier`."""

    name = "sklearn-mlp"

    def __init__(
        self,
        hidden: int = 32,
        local_epochs: int = 5,
        batch_size: int = 8,
        learning_rate: float | str = "2/5",
        l2: float = 1e-4,
    ) -> None:
        """Errors: UsageError for a setting out of range."""
        check_whole("hidden", hidden, 1, 65_536)
        self.hidden = hidden
        self.l2 = float(l2)
        self.settings = read_settings(local_epochs, batch_size, learning_rate)

    def shapes(self, width: int, classes: int) -> dict[str, tuple[int, ...]]:
        """Two layers of weights (inputs × outputs) and biases; two classes share one logistic output."""
        outputs = 1 if classes == 2 else classes
        return {
            "hidden.bias": (self.hidden,),
            "hidden.weight": (width, self.hidden),
            "output.bias": (outputs,),
            "output.weight": (self.hidden, outputs),
        }

    def train(self, arrays: Arrays, data: Samples, seed: int) -> Arrays:
        """`local_epochs` passes of `partial_fit`; the order of the samples comes from `seed`."""
        from sklearn.neural_network import MLPClassifier

        features = data.reals()
        classifier = MLPClassifier(
            hidden_layer_sizes=(self.hidden,),
            solver="sgd",
            momentum=0.0,
            nesterovs_momentum=False,
            learning_rate_init=float(self.settings.learning_rate),
            batch_size=1,
            alpha=self.l2,
            random_state=seed % 2**SEED_BITS,
        )
        # The first call only makes the arrays; what it learnt is then written over.
        classifier.partial_fit(features[:1], data.labels[:1], classes=np.arange(data.classes))
        classifier.set_params(batch_size=min(self.settings.batch_size, len(data)))
        _write(classifier.coefs_, arrays["hidden.weight"], arrays["output.weight"])
        _write(classifier.intercepts_, arrays["hidden.bias"], arrays["output.bias"])
        for _ in range(self.settings.local_epochs):
            classifier.partial_fit(features, data.labels)
        return {
            "hidden.bias": classifier.intercepts_[0],
            "hidden.weight": classifier.coefs_[0],
            "output.bias": classifier.intercepts_[1],
            "output.weight": classifier.coefs_[1],
        }

    def _logits(self, arrays: Arrays, data: Samples) -> Reals:
        hidden = np.maximum(data.reals() @ arrays["hidden.weight"] + arrays["hidden.bias"], 0.0)
        logits: Reals = hidden @ arrays["output.weight"] + arrays["output.bias"]
        if data.classes == 2:
            return np.hstack([np.zeros_like(logits), logits])
        return logits

    def probabilities(self, arrays: Arrays, data: Samples) -> Reals:
        """The softmax of the logits."""
        return softmax(self._logits(arrays, data))

    def predict(self, arrays: Arrays, data: Samples) -> Integers:
        """The class with the largest logit, the lowest one on ties."""
        predicted: Integers = self._logits(arrays, data).argmax(axis=1)
        return predicted


def softmax(logits: Reals) -> Reals:
    """Row by row, shifted by the largest logit so that nothing overflows."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Reals = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _write(targets: list[Reals], *values: Reals) -> None:
    for target, value in zip(targets, values, strict=True):
        target[...] = value
