"""`quantize` beside NumPy in tiles that stay in the cache (rounding, clamping and converting, no check for NaN)."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels

Q = 2**20 - 1
TILE = 16384


def by_numpy(values: np.ndarray, fraction_bits: int) -> np.ndarray:
    result = np.empty(values.size, dtype=np.int32)
    buffer = np.empty(TILE, dtype=values.dtype)
    for start in range(0, values.size, TILE):
        tile = values[start : start + TILE]
        scaled = np.multiply(tile, values.dtype.type(2**fraction_bits), out=buffer[: tile.size])
        np.rint(scaled, out=scaled)
        np.clip(scaled, -Q, Q, out=scaled)
        result[start : start + TILE] = scaled
    return result


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [10_000, 1_000_000, 10_000_000])
def test_quantize(contest, size: int, dtype: type) -> None:
    """The same coordinates, then the time."""
    values = np.random.default_rng(7).normal(size=size).astype(dtype)
    assert np.array_equal(by_numpy(values, 16), kernels.quantize(values, 16))
    group = f"quantize {np.dtype(dtype).name} d={size}"
    moved = values.nbytes + 4 * size
    contest(group, lambda: by_numpy(values, 16), lambda: kernels.quantize(values, 16), moved)
