"""Bulyan end to end beside the algorithm of the best-known framework, written with NumPy as it is published there.

The peer computes all distances again for every selection and looks for the selected model among the models; its
float32 updates are stacked, median and partition are NumPy's. Ours includes the guards and the one division.
"""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.aggregation import rules

Q = 2**20 - 1


def krum_choice(models: list[np.ndarray], byzantine: int) -> np.ndarray:
    """The model with the lowest score; every distance is computed, both halves of the matrix."""
    distances = np.zeros((len(models), len(models)), dtype=np.float32)
    for i, left in enumerate(models):
        for j, right in enumerate(models):
            distances[i, j] = np.linalg.norm(left - right) ** 2
    closest = max(1, len(models) - byzantine - 2)
    scores = [np.sum(np.sort(row)[1 : closest + 1]) for row in distances]
    return models[int(np.argmin(scores))]


def by_framework(models: list[np.ndarray], byzantine: int) -> np.ndarray:
    theta, selected, left = len(models) - 2 * byzantine, [], list(models)
    for _ in range(theta):
        best = krum_choice(left, byzantine)
        selected.append(best)
        left = [model for model in left if not np.array_equal(model, best)]
    stacked = np.stack(selected)
    beta = theta - 2 * byzantine
    nearest = np.argpartition(np.abs(stacked - np.median(stacked, axis=0)), kth=beta, axis=0)[:beta]
    return np.take_along_axis(stacked, nearest, axis=0).mean(axis=0)


@pytest.mark.parametrize(("count", "byzantine", "size"), [(10, 1, 1_000_000), (32, 7, 1_000_000)])
def test_bulyan(contest, count: int, byzantine: int, size: int) -> None:
    """The same model up to rounding, then the time."""
    random = np.random.default_rng(7)
    updates = [random.integers(-Q, Q, size, dtype=np.int32, endpoint=True) for _ in range(count)]
    models = [update.astype(np.float32) for update in updates]
    base, weights = np.zeros(size, dtype=np.int32), [1] * count
    if count == 10:
        near = np.abs(by_framework(models, byzantine) - rules.bulyan(base, updates, weights, (1, 1), byzantine))
        assert np.median(near) <= 1
    contest(
        f"bulyan n={count} f={byzantine} d={size}",
        lambda: by_framework(models, byzantine),
        lambda: rules.bulyan(base, updates, weights, (1, 1), byzantine),
        4 * count * size,
    )


@pytest.mark.parametrize(("count", "keep", "size"), [(18, 4, 1_000_000)])
def test_nearest_sum(contest, count: int, keep: int, size: int) -> None:
    """The second half of it alone: the n - 4f nearest of n - 2f values."""
    random = np.random.default_rng(7)
    updates = [random.integers(-Q, Q, size, dtype=np.int32, endpoint=True) for _ in range(count)]

    def by_numpy() -> np.ndarray:
        stacked = np.stack(updates)
        nearest = np.argpartition(np.abs(stacked - np.median(stacked, axis=0)), kth=keep, axis=0)[:keep]
        return np.take_along_axis(stacked, nearest, axis=0).sum(axis=0)

    contest(
        f"nearest_sum n={count} keep={keep} d={size}",
        by_numpy,
        lambda: kernels.nearest_sum(updates, keep),
        4 * count * size,
    )
