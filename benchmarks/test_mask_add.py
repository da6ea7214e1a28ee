"""`mask_add` beside a library's ChaCha20 into a buffer that stays near, added by NumPy: the best that Python has."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels

TILE = 16384
KEY, STREAM = bytes(range(32)), bytes([1, *range(100, 111)])


def by_library(vector: np.ndarray, result: np.ndarray) -> np.ndarray:
    ciphers = pytest.importorskip("cryptography.hazmat.primitives.ciphers")
    encryptor = ciphers.Cipher(ciphers.algorithms.ChaCha20(KEY, bytes(4) + STREAM), mode=None).encryptor()
    zeros, buffer = bytes(TILE * vector.itemsize), bytearray(TILE * vector.itemsize)
    mask = np.frombuffer(buffer, dtype=vector.dtype)
    for start in range(0, vector.size, TILE):
        tile = vector[start : start + TILE]
        encryptor.update_into(zeros[: tile.nbytes], buffer)
        np.add(tile, mask[: tile.size], out=result[start : start + TILE])
    return result


@pytest.mark.parametrize("ring", [np.uint32, np.uint64])
@pytest.mark.parametrize("size", [1000, 1_000_000])
def test_mask_add(contest, size: int, ring: type) -> None:
    """The same words, then the time."""
    vector = np.random.default_rng(7).integers(0, 2**31, size, dtype=ring)
    result = np.empty_like(vector)
    assert np.array_equal(by_library(vector, result), kernels.mask_add(vector, KEY, STREAM, False))
    contest(
        f"mask_add {np.dtype(ring).name} d={size}",
        lambda: by_library(vector, result),
        lambda: kernels.mask_add(vector, KEY, STREAM, False),
        vector.nbytes,
    )
