"""Every variant of `sha256_chunks` gives the digests of the standard library."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError
from hypothesis import given, settings
from hypothesis import strategies as st

VARIANTS = kernels.available_variants()
# 251 is prime, so no two chunks or blocks are equal and none can stand in for another.
DATA = bytes(i % 251 for i in range(40 * 4096))


def wanted(data: bytes, chunk_bytes: int) -> bytes:
    chunks = (data[start : start + chunk_bytes] for start in range(0, len(data), chunk_bytes))
    return b"".join(hashlib.sha256(chunk).digest() for chunk in chunks)


# Pairs, and groups of sixteen.
@pytest.mark.parametrize("chunks", [1, 2, 3, 8, 9, 10, 15, 16, 17, 24, 25, 31, 32, 33])
def test_chunk_seams(variant: str, chunks: int) -> None:
    """Whole chunks, one byte less and one byte more give the digests of each chunk."""
    with kernels.use_variant(variant):
        for size in (chunks * 4096 - 1, chunks * 4096, chunks * 4096 + 1):
            assert kernels.sha256_chunks(DATA[:size]) == wanted(DATA[:size], 4096)


@pytest.mark.parametrize("chunk_bytes", [1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 4095, 4097])
def test_padding_seams(variant: str, chunk_bytes: int) -> None:
    """The lengths at which padding takes one block or two are right for whole and for last chunks."""
    with kernels.use_variant(variant):
        for size in (1, chunk_bytes, 16 * chunk_bytes, 33 * chunk_bytes + min(56, chunk_bytes - 1)):
            assert kernels.sha256_chunks(DATA[:size], chunk_bytes) == wanted(DATA[:size], chunk_bytes)


@pytest.mark.parametrize("variant", VARIANTS)
@given(data=st.binary(min_size=1, max_size=3000), chunk_bytes=st.integers(1, 400))
@settings(deadline=None, max_examples=40)
def test_any_data(variant: str, data: bytes, chunk_bytes: int) -> None:
    """Any bytes in any chunks give the digests of the standard library."""
    with kernels.use_variant(variant):
        assert kernels.sha256_chunks(data, chunk_bytes=chunk_bytes) == wanted(data, chunk_bytes)


def test_buffers(variant: str) -> None:
    """Bytes, byte arrays, views, views of arrays and views that start anywhere are all read in place."""
    numbers = np.arange(5000, dtype=np.int32)
    with kernels.use_variant(variant):
        for data in (bytearray(DATA), memoryview(DATA), memoryview(DATA)[3:40000], memoryview(numbers)):
            assert kernels.sha256_chunks(data) == wanted(bytes(data), 4096)


@pytest.mark.parametrize(
    ("data", "chunk_bytes", "code"),
    [
        ("text", 4096, Code.KERNEL_ARGUMENT),
        (memoryview(DATA)[::2], 4096, Code.KERNEL_ARGUMENT),
        (b"", 4096, Code.EMPTY),
        (b"", 0, Code.EMPTY),
        (b"x", 0, Code.CHUNK_BYTES),
        (b"x", 2**31, Code.CHUNK_BYTES),
        (b"x", 1.0, Code.KERNEL_ARGUMENT),
    ],
)
def test_arguments(variant: str, data: object, chunk_bytes: int, code: Code) -> None:
    """Every variant refuses the same arguments with the same code, the first guard that fails."""
    with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
        kernels.sha256_chunks(data, chunk_bytes)  # type: ignore[arg-type]
    assert refusal.value.code is code
