"""`sha256_chunks` beside a loop over the standard library's SHA-256, which is OpenSSL's."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from bcfl_ref import kernels


def by_hashlib(data: memoryview) -> bytes:
    return b"".join([hashlib.sha256(data[start : start + 4096]).digest() for start in range(0, len(data), 4096)])


@pytest.mark.parametrize("size", [4096, 65_536, 4_000_000, 40 * 2**20])
def test_sha256_chunks(contest, size: int) -> None:
    """The same digests, then the time."""
    data = np.random.default_rng(7).bytes(size)
    view = memoryview(data)
    assert by_hashlib(view) == kernels.sha256_chunks(data)
    contest(f"sha256_chunks bytes={size}", lambda: by_hashlib(view), lambda: kernels.sha256_chunks(data), size)
