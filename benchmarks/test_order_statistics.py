"""Median, trimmed and nearest sum beside NumPy: its own median, and a sorting network over tiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from bcfl_ref import kernels

Q = 2**20 - 1
TILE = 8192


def exchanges(count: int) -> list[tuple[int, int]]:
    """The merge exchange network (Knuth 5.2.2 M)."""
    pairs, top = [], 1 << max(0, (count - 1).bit_length() - 1)
    p = top if count > 1 else 0
    while p:
        q, r, d = top, 0, p
        while True:
            pairs += [(i, i + d) for i in range(count - d) if i & p == r]
            if q == p:
                break
            d, q, r = q - p, q // 2, p
        p //= 2
    return pairs


def sorted_tiles(vectors: list[np.ndarray]) -> Iterator[tuple[int, list[np.ndarray]]]:
    """(start, rows sorted by coordinate) of each tile that stays in the cache."""
    network, size = exchanges(len(vectors)), vectors[0].size
    for start in range(0, size, TILE):
        rows = [vector[start : start + TILE].copy() for vector in vectors]
        low = np.empty_like(rows[0])
        for i, j in network:
            np.minimum(rows[i], rows[j], out=low)
            np.maximum(rows[i], rows[j], out=rows[j])
            rows[i], low = low, rows[i]
        yield start, rows


def median_by_network(vectors: list[np.ndarray]) -> np.ndarray:
    count, result = len(vectors), np.empty(vectors[0].size, dtype=np.int32)
    for start, rows in sorted_tiles(vectors):
        total = rows[(count - 1) // 2] + rows[count // 2]
        half = total >> 1
        result[start : start + TILE] = half + (total & half & 1)
    return result


def trimmed_by_network(vectors: list[np.ndarray], trim: int) -> np.ndarray:
    result = np.empty(vectors[0].size, dtype=np.int64)
    for start, rows in sorted_tiles(vectors):
        result[start : start + TILE] = sum(rows[trim : len(rows) - trim])
    return result


def vectors_of(count: int, size: int) -> list[np.ndarray]:
    random = np.random.default_rng(7)
    return [random.integers(-Q, Q, size, dtype=np.int32, endpoint=True) for _ in range(count)]


@pytest.mark.parametrize(("count", "size"), [(5, 10_000), (10, 1_000_000), (32, 1_000_000), (64, 1_000_000)])
def test_coordinate_median(contest, count: int, size: int) -> None:
    """The same medians, then the time, beside the network in tiles."""
    vectors = vectors_of(count, size)
    assert np.array_equal(median_by_network(vectors), kernels.coordinate_median(vectors))
    contest(
        f"coordinate_median n={count} d={size}",
        lambda: median_by_network(vectors),
        lambda: kernels.coordinate_median(vectors),
        4 * count * size,
    )


@pytest.mark.parametrize(("count", "size"), [(32, 1_000_000)])
def test_coordinate_median_beside_numpy_median(contest, count: int, size: int) -> None:
    """What most libraries call: `np.median` along the first axis of a matrix that is ready."""
    vectors = vectors_of(count, size)
    matrix = np.stack(vectors)
    contest(
        f"coordinate_median n={count} d={size} beside np.median",
        lambda: np.median(matrix, axis=0),
        lambda: kernels.coordinate_median(vectors),
        4 * count * size,
    )


@pytest.mark.parametrize(("count", "size"), [(10, 1_000_000), (32, 1_000_000), (64, 1_000_000)])
def test_trimmed_sum(contest, count: int, size: int) -> None:
    """The same sums, then the time, a fifth of the values off at each end."""
    vectors, trim = vectors_of(count, size), count // 5
    assert np.array_equal(trimmed_by_network(vectors, trim), kernels.trimmed_sum(vectors, trim))
    contest(
        f"trimmed_sum n={count} d={size}",
        lambda: trimmed_by_network(vectors, trim),
        lambda: kernels.trimmed_sum(vectors, trim),
        4 * count * size,
    )
