"""A PyTorch network behind the adapter interface: the template for one's own (`docs/extending.md`).

The network of `sklearn-mlp` with the same names and shapes (but one output for each of two classes); float32 inside.
PyTorch is imported when a model is first built.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from ...errors import UsageError
from ..models import Arrays
from ..samples import Integers, Reals, Samples
from ..settings import check_whole, read_settings
from ..streams import Stream


class TorchMlp:
    """width → hidden (ReLU) → classes (softmax), trained by plain stochastic gradient descent."""

    name = "torch-mlp"

    def __init__(
        self,
        hidden: int = 32,
        local_epochs: int = 5,
        batch_size: int = 8,
        learning_rate: float | str = "2/5",
        l2: float = 1e-4,
    ) -> None:
        """Errors: UsageError for a setting out of range or when PyTorch is not installed."""
        check_whole("hidden", hidden, 1, 65_536)
        self.hidden = hidden
        self.l2 = float(l2)
        self.settings = read_settings(local_epochs, batch_size, learning_rate)
        self._torch = _import_torch()

    def shapes(self, width: int, classes: int) -> dict[str, tuple[int, ...]]:
        """Two layers of weights (inputs × outputs) and biases."""
        return {
            "hidden.bias": (self.hidden,),
            "hidden.weight": (width, self.hidden),
            "output.bias": (classes,),
            "output.weight": (self.hidden, classes),
        }

    def _network(self, arrays: Arrays) -> Any:
        nn = self._torch.nn
        width, classes = arrays["hidden.weight"].shape[0], arrays["output.bias"].shape[0]
        network = nn.Sequential(nn.Linear(width, self.hidden), nn.ReLU(), nn.Linear(self.hidden, classes))
        with self._torch.no_grad():
            for name, parameter in _parameters(network).items():
                # PyTorch keeps weights as outputs × inputs.
                parameter.copy_(self._tensor(arrays[name].T))
        return network

    def _tensor(self, values: Reals) -> Any:
        return self._torch.tensor(np.ascontiguousarray(values), dtype=self._torch.float32)

    def train(self, arrays: Arrays, data: Samples, seed: int) -> Arrays:
        """`local_epochs` passes in batches whose order comes from `seed`."""
        torch = self._torch
        network = self._network(arrays)
        features, labels = self._tensor(data.reals()), torch.tensor(data.labels)
        rate, size = float(self.settings.learning_rate), self.settings.batch_size
        optimiser = torch.optim.SGD(network.parameters(), lr=rate, weight_decay=self.l2)
        for epoch in range(self.settings.local_epochs):
            order = Stream(b"epoch", seed, epoch).shuffled(len(data))
            for start in range(0, len(order), size):
                batch = torch.tensor(order[start : start + size])
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(network(features[batch]), labels[batch]).backward()
                optimiser.step()
        return {
            name: parameter.detach().numpy().T.astype(np.float64) for name, parameter in _parameters(network).items()
        }

    def probabilities(self, arrays: Arrays, data: Samples) -> Reals:
        """The softmax of the logits."""
        with self._torch.no_grad():
            logits = self._network(arrays)(self._tensor(data.reals())).to(self._torch.float64)
            shares: Reals = self._torch.softmax(logits, dim=1).numpy()
        return shares

    def predict(self, arrays: Arrays, data: Samples) -> Integers:
        """The class with the largest logit, the lowest one on ties."""
        with self._torch.no_grad():
            logits = self._network(arrays)(self._tensor(data.reals())).numpy()
        predicted: Integers = logits.argmax(axis=1)
        return predicted


def _parameters(network: Any) -> dict[str, Any]:
    hidden, _, output = network
    return {
        "hidden.bias": hidden.bias,
        "hidden.weight": hidden.weight,
        "output.bias": output.bias,
        "output.weight": output.weight,
    }


def _import_torch() -> Any:
    try:
        torch = importlib.import_module("torch")
    except ModuleNotFoundError:
        raise UsageError("trainer 'torch-mlp' needs PyTorch: pip install 'bcfl-ref[torch]'") from None
    torch.set_num_threads(1)
    return torch
