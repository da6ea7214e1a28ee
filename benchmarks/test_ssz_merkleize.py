"""`ssz_merkleize` beside a loop over the standard library's SHA-256, which is OpenSSL's."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from bcfl_ref import kernels


def by_hashlib(data: bytes, limit: int) -> bytes:
    """Levels in one buffer each; the depth beyond the data with zero subtrees."""
    level, zero, sha256 = data, bytes(32), hashlib.sha256
    for _ in range((limit - 1).bit_length()):
        if len(level) % 64 == 32:
            level += zero
        level = b"".join([sha256(level[start : start + 64]).digest() for start in range(0, len(level), 64)])
        zero = sha256(zero + zero).digest()
    return level


@pytest.mark.parametrize("size", [32 * 16, 32 * 1000, 4_000_000])
def test_ssz_merkleize(contest, size: int) -> None:
    """The root of List[uint32, 2^30] with a million elements, and of small trees; the same roots, then the time."""
    data, limit = np.random.default_rng(7).bytes(size), 2**27
    assert by_hashlib(data, limit) == kernels.ssz_merkleize(data, limit)
    contest(
        f"ssz_merkleize bytes={size}",
        lambda: by_hashlib(data, limit),
        lambda: kernels.ssz_merkleize(data, limit),
        size,
    )
