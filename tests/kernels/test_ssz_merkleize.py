"""Every variant of `ssz_merkleize` gives the roots and refusals of the pure twin."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code
from kernels.outcome import outcome

NATIVE = [name for name in kernels.available_variants() if name != "python"]
DATA = np.random.default_rng(5).bytes(32 * 1100)


@pytest.mark.parametrize("variant", NATIVE)
def test_every_number_of_chunks(variant: str) -> None:
    """Up to 70 chunks, every level full or not, in trees that are just large enough and much larger."""
    for count in range(71):
        data = DATA[: 32 * count]
        for limit in {max(1, count), count + 1, 64 + count, 2**10, 2**40}:
            assert outcome(variant, "ssz_merkleize", data, limit) == outcome("python", "ssz_merkleize", data, limit)


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("count", [127, 128, 129, 255, 256, 257, 511, 513, 1023, 1024, 1025, 1099])
def test_groups(variant: str, count: int) -> None:
    """Groups of 16 nodes with 0, 1, 15 or 14 left over at some level."""
    data = DATA[: 32 * count]
    for limit in (count, 2**20):
        assert outcome(variant, "ssz_merkleize", data, limit) == outcome("python", "ssz_merkleize", data, limit)


def test_input_is_left_alone_and_repeats(variant: str) -> None:
    """The tree is built beside the chunks: the same bytes give the same root again, that of a plain tree."""
    data = DATA[: 32 * 32]
    level = [data[i : i + 32] for i in range(0, len(data), 32)]
    while len(level) > 1:
        level = [hashlib.sha256(level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
    assert outcome(variant, "ssz_merkleize", data, 32) == level[0]
    assert outcome(variant, "ssz_merkleize", data, 32) == level[0]


def test_refusals(variant: str) -> None:
    """Each guard in its order, whatever the variant."""
    for data, limit, code in (
        (bytes(33), 2, Code.MERKLE_LENGTH),
        (bytes(33), 0, Code.MERKLE_LENGTH),
        (bytes(32), 0, Code.MERKLE_LIMIT),
        (bytes(32), 2**40 + 1, Code.MERKLE_LIMIT),
        (bytes(96), 2, Code.MERKLE_LIMIT),
        (bytearray(32), 1, Code.KERNEL_ARGUMENT),
    ):
        assert outcome(variant, "ssz_merkleize", data, limit)[0] is code
