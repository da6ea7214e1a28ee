"""`weighted_sum` beside a NumPy loop, whole for small vectors and in tiles for large ones."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels

Q = 2**20 - 1
TILE = 8192


def by_numpy(vectors: list[np.ndarray], weights: list[int]) -> np.ndarray:
    """The faster of the two obvious ways at each size, without a check of the domain."""
    size = vectors[0].size
    total = np.zeros(size, dtype=np.int64)
    tile = size if size <= 1_000_000 else TILE
    product = np.empty(tile, dtype=np.int64)
    for start in range(0, size, tile):
        part = total[start : start + tile]
        scratch = product[: part.size]
        for vector, weight in zip(vectors, weights, strict=True):
            part += np.multiply(vector[start : start + tile], weight, out=scratch, dtype=np.int64)
    return total


@pytest.mark.parametrize(
    ("count", "size"), [(5, 10_000), (10, 1_000_000), (32, 1_000_000), (64, 1_000_000), (32, 10_000_000)]
)
def test_weighted_sum(contest, count: int, size: int) -> None:
    """The same sums, then the time."""
    random = np.random.default_rng(7)
    vectors = [random.integers(-Q, Q, size, dtype=np.int32, endpoint=True) for _ in range(count)]
    weights = [int(weight) for weight in random.integers(0, 65536, count)]
    assert np.array_equal(by_numpy(vectors, weights), kernels.weighted_sum(vectors, weights))
    group = f"weighted_sum n={count} d={size}"
    contest(
        group,
        lambda: by_numpy(vectors, weights),
        lambda: kernels.weighted_sum(vectors, weights),
        4 * count * size,
    )
