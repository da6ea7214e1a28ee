"""What is trained and evaluated on: integer features with one common scale, and class labels (APP-005)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InvariantError

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """APP-005: n samples of d features; feature value = integer / scale; labels are 0 .. classes - 1."""

    features: Integers
    labels: Integers
    scale: int
    classes: int

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.labels.shape != (len(self.features),):
            raise InvariantError(f"features {self.features.shape} do not go with labels {self.labels.shape}")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def width(self) -> int:
        """The number of features d."""
        return int(self.features.shape[1])

    def take(self, indices: Sequence[int] | Integers) -> Samples:
        """The samples at `indices`, in that order."""
        chosen = np.asarray(indices, dtype=np.int64)
        return replace(self, features=self.features[chosen], labels=self.labels[chosen])

    def with_labels(self, labels: Integers) -> Samples:
        """The same features under other labels."""
        return replace(self, labels=labels)

    def reals(self) -> Reals:
        """The features as binary64 numbers; exact when the scale is a power of two."""
        return self.features.astype(np.float64) / self.scale


def joined(parts: Sequence[Samples]) -> Samples:
    """All samples of `parts`, one part after the other."""
    features = np.concatenate([part.features for part in parts])
    return replace(parts[0], features=features, labels=np.concatenate([part.labels for part in parts]))
