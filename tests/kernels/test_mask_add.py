"""Every variant of `mask_add` gives the words of an independent ChaCha20 and of the pure twin (PRV-013)."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.outcome import outcome

NATIVE = [name for name in kernels.available_variants() if name != "python"]
KEY, STREAM = bytes(range(32)), bytes([1, *range(100, 111)])
RINGS = [np.uint32, np.uint64]
RANDOM = np.random.default_rng(11)


def by_library(vector: np.ndarray, subtract: bool) -> list[int]:
    cipher = Cipher(algorithms.ChaCha20(KEY, bytes(4) + STREAM), mode=None)
    mask = np.frombuffer(cipher.encryptor().update(bytes(vector.nbytes)), dtype=vector.dtype)
    return (vector - mask if subtract else vector + mask).tolist()


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("ring", RINGS)
@pytest.mark.parametrize("subtract", [False, True])
def test_seams(variant: str, ring: type, subtract: bool) -> None:
    """Blocks of 64 bytes, groups of 8, 16 and 32 of them, threads' parts of 64 KiB: at and around each."""
    width = np.dtype(ring).itemsize
    blocks = [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 2049]
    sizes = {max(1, block * 64 // width + more) for block in blocks for more in (-1, 0, 1)}
    for size in sorted(sizes):
        vector = RANDOM.integers(0, np.iinfo(ring).max, size, dtype=ring, endpoint=True)
        before = vector.copy()
        with kernels.use_variant(variant):
            result = kernels.mask_add(vector, KEY, STREAM, subtract)
        assert result.dtype == ring
        assert result.tolist() == by_library(vector, subtract)
        assert (vector == before).all()


@pytest.mark.parametrize("variant", NATIVE)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=12, max_size=12), st.integers(1, 40), st.booleans())
@settings(deadline=None, max_examples=25)
def test_any_key(variant: str, key: bytes, stream: bytes, size: int, subtract: bool) -> None:
    """Any key and stream id give what the twin gives, at both ends of both rings."""
    for ring in RINGS:
        vector = np.full(size, np.iinfo(ring).max, dtype=ring)
        vector[::2] = 0
        call = ("mask_add", vector, key, stream, subtract)
        assert outcome(variant, *call) == outcome("python", *call)


@pytest.mark.parametrize("variant", NATIVE)
def test_threads(variant: str) -> None:
    """Parts that begin at a later block continue the same stream."""
    for ring in RINGS:
        vector = RANDOM.integers(0, np.iinfo(ring).max, 50_001, dtype=ring)
        for threads in (2, 3, 7):
            with kernels.use_threads(threads), kernels.use_variant(variant):
                assert kernels.mask_add(vector, KEY, STREAM, True).tolist() == by_library(vector, True)


@pytest.mark.parametrize("variant", NATIVE)
def test_unaligned(variant: str) -> None:
    """A vector at an odd address is a vector like any other."""
    vector = RANDOM.integers(0, 2**32, 77, dtype=np.uint32)
    shifted = np.frombuffer(b"\0" + vector.tobytes(), dtype=np.uint32, offset=1)
    with kernels.use_variant(variant):
        assert kernels.mask_add(shifted, KEY, STREAM, False).tolist() == by_library(vector, False)


@pytest.mark.parametrize("variant", [*NATIVE, "python"])
@pytest.mark.parametrize("ring", RINGS)
def test_many(variant: str, ring: type) -> None:
    """Many masks are one after another, in any number of threads; none gives a copy of the vector."""
    for size in (1, 17, 300) if variant == "python" else (1, 4095, 4096, 4097, 40_001):
        vector = RANDOM.integers(0, np.iinfo(ring).max, size, dtype=ring, endpoint=True)
        masks = [(bytes([m]) * 32, bytes([m % 2]) + bytes(11), m % 3 == 0) for m in range(5)]
        wanted, before = vector, vector.copy()
        with kernels.use_variant(NATIVE[-1] if NATIVE else "python"):
            for mask in masks:
                wanted = kernels.mask_add(wanted, *mask)
        for threads in (1, 3):
            with kernels.use_threads(threads), kernels.use_variant(variant):
                assert (kernels.mask_add_many(vector, masks) == wanted).all()
                unmasked = kernels.mask_add_many(vector, [])
        assert (unmasked == vector).all() and unmasked is not vector
        assert (vector == before).all()


def test_refusals_of_many(variant: str) -> None:
    """Every variant refuses the same lists of masks with the same code."""
    word, good = np.ones(3, dtype=np.uint32), (KEY, STREAM, False)
    for call, code in (
        ((word[:0], []), Code.EMPTY),
        ((word, good), Code.KERNEL_ARGUMENT),
        ((word, [good, (KEY, STREAM)]), Code.KERNEL_ARGUMENT),
        ((word, [good, (KEY, STREAM, 1)]), Code.KERNEL_ARGUMENT),
        ((word, [good, (KEY[:31], STREAM, True)]), Code.KEY_LENGTH),
        ((word, [good, (KEY, STREAM[:11], True)]), Code.KEY_LENGTH),
    ):
        assert outcome(variant, "mask_add_many", *call)[0] is code


def test_refusals(variant: str) -> None:
    """Every variant refuses the same arguments with the same code."""
    word = np.ones(3, dtype=np.uint32)
    for call, code in (
        ((word[:0], KEY, STREAM, False), Code.EMPTY),
        ((word.astype(np.int32), KEY, STREAM, False), Code.KERNEL_ARGUMENT),
        ((word, KEY[:31], STREAM, False), Code.KEY_LENGTH),
        ((word, KEY, STREAM[:11], False), Code.KEY_LENGTH),
        ((word, KEY, STREAM, 1), Code.KERNEL_ARGUMENT),
    ):
        assert outcome(variant, "mask_add", *call)[0] is code


@pytest.mark.skipif(not NATIVE, reason="the compiled module is not installed")
def test_native_module_called_directly_never_crashes() -> None:
    """Past the facade, a key or a vector that does not fit is an exception too."""
    from bcfl_ref.kernels import _native

    context, word = _native.Context(NATIVE[-1]), np.ones(3, dtype=np.uint32)
    with pytest.raises(ValueError):
        context.mask_add(word, KEY[:31], STREAM, False)
    with pytest.raises(ValueError):
        context.mask_add(word, KEY, b"", False)
    with pytest.raises(TypeError):
        context.mask_add(word.astype(np.int32), KEY, STREAM, False)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        context.mask_add_many(word, [(KEY, STREAM)])  # type: ignore[list-item]
    with pytest.raises(ValueError):
        context.mask_add_many(word, [(KEY, STREAM[:1], True)])
