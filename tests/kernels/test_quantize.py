"""Every variant of `quantize` gives the bytes and the refusals of the pure twin."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels import _python as twin
from hypothesis import given, settings
from hypothesis import strategies as st

Q = 2**20 - 1
VARIANTS = kernels.available_variants()
# 1, lanes of AVX2 and AVX-512 (8 and 16 floats, 4 and 8 doubles) and their neighbours, two vectors and a tail.
SIZES = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47]
BITS = {np.float32: np.uint32, np.float64: np.uint64}


def from_bits(bits: list[int], dtype: type) -> np.ndarray:
    return np.array(bits, dtype=BITS[dtype]).view(dtype)


def edges(dtype: type, fraction_bits: int) -> np.ndarray:
    """Ties and their neighbours, both ends of the clamp, subnormals, zeros and the largest floats."""
    halves = [0.5, 1.5, 2.5, 3.5, 1048574.5, 1048575.5, 1048575.0, 1048576.0, 0.25, 0.75, 1.0, 1024.5]
    values = np.array(halves, dtype=dtype) / dtype(2**fraction_bits)
    near = [np.nextafter(values, dtype(0)), values, np.nextafter(values, dtype(np.inf))]
    info = np.finfo(dtype)
    extreme = np.array([0, info.smallest_subnormal, info.tiny, info.max, info.eps], dtype=dtype)
    positive = np.concatenate([*near, extreme])
    return np.concatenate([positive, -positive])


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize("fraction_bits", [0, 1, 10, 16, 29, 30])
def test_edges(variant: str, dtype: type, fraction_bits: int) -> None:
    """On ties, clamps, subnormals and extremes all variants agree with exact fractions."""
    values = edges(dtype, fraction_bits)
    with kernels.use_variant(variant):
        result = kernels.quantize(values, fraction_bits)
    assert result.dtype == np.int32
    assert result.tolist() == twin.quantize(values, fraction_bits).tolist()


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize("size", SIZES)
def test_sizes(variant: str, dtype: type, size: int) -> None:
    """Every size on a seam gives every coordinate, also when the buffer is not aligned to its elements."""
    values = (np.arange(size) * 37 % 101 - 50).astype(dtype) / dtype(32)
    wanted = twin.quantize(values, 4).tolist()
    shifted = np.frombuffer(b"\0" + values.tobytes(), dtype=dtype, offset=1)
    with kernels.use_variant(variant):
        assert kernels.quantize(values, 4).tolist() == wanted
        assert kernels.quantize(shifted, 4).tolist() == wanted


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", BITS)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_any_bits(variant: str, dtype: type, data: st.DataObject) -> None:
    """Any bit pattern that is a finite float quantises alike everywhere; any other one is refused alike."""
    top = 2 ** (8 * dtype(0).itemsize) - 1
    values = from_bits(data.draw(st.lists(st.integers(0, top), min_size=1, max_size=40)), dtype)
    fraction_bits = data.draw(st.integers(0, 30))
    outcome = []
    for name in ("python", variant):
        with kernels.use_variant(name):
            try:
                outcome.append(kernels.quantize(values, fraction_bits).tolist())
            except SpecError as error:
                outcome.append((error.code, error.detail))
    assert outcome[0] == outcome[1]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("dtype", BITS)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_values_in_range(variant: str, dtype: type, data: st.DataObject) -> None:
    """Values whose integer part and fraction both matter quantise as the fraction says."""
    fraction_bits = data.draw(st.integers(0, 30))
    quarters = data.draw(st.lists(st.integers(-(2**22) - 9, 2**22 + 9), min_size=1, max_size=40))
    values = (np.array(quarters, dtype=np.float64) / 4 / 2**fraction_bits).astype(dtype)
    with kernels.use_variant(variant):
        assert kernels.quantize(values, fraction_bits).tolist() == twin.quantize(values, fraction_bits).tolist()


@pytest.mark.parametrize("dtype", BITS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite(variant: str, dtype: type, bad: float) -> None:
    """The first NaN or infinity is named, at whatever place of a vector register it lies."""
    for place in range(40):
        values = np.zeros(40, dtype=dtype)
        values[place] = bad
        values[39] = np.nan
        with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
            kernels.quantize(values, 10)
        assert refusal.value.code is Code.NOT_FINITE
        assert refusal.value.detail.startswith(f"value {place} is ")


@pytest.mark.parametrize("dtype", BITS)
def test_hostile_environment(variant: str, dtype: type, hostile) -> None:
    """Rounding mode and flush-to-zero flags of the caller's thread change nothing."""
    values = edges(dtype, 30)
    wanted = twin.quantize(values, 30).tolist()

    def call() -> np.ndarray:
        with kernels.use_variant(variant):
            return kernels.quantize(values, 30)

    assert hostile(call).tolist() == wanted


def test_environment_is_hostile(hostile, request: pytest.FixtureRequest) -> None:
    """The hostile thread really rounds as it says and really flushes subnormals: the test above can fail."""
    rounding, _, flushed = request.node.callspec.params["hostile"].partition(", ")
    pairs = [(1.0, 3.0), (1.0, 10.0), (-1.0, 3.0), (-1.0, 10.0)]
    quotients, product = hostile(lambda: ([a / b for a, b in pairs], 5e-324 * float(len(pairs))))
    errors = [Fraction(q) - Fraction(int(a), int(b)) for q, (a, b) in zip(quotients, pairs, strict=True)]
    assert {
        "nearest": len({error > 0 for error in errors}) == 2,
        "down": all(error < 0 for error in errors),
        "up": all(error > 0 for error in errors),
        "zero": [error < 0 for error in errors] == [True, True, False, False],
    }[rounding]
    assert (product == 0) == bool(flushed)


@pytest.mark.parametrize(
    ("values", "fraction_bits", "code"),
    [
        ([1.0], 0, Code.KERNEL_ARGUMENT),
        (np.zeros(3, dtype=np.int32), 0, Code.KERNEL_ARGUMENT),
        (np.zeros(3, dtype=np.float16), 0, Code.KERNEL_ARGUMENT),
        (np.zeros(3, dtype=">f4"), 0, Code.KERNEL_ARGUMENT),
        (np.zeros((2, 2), dtype=np.float32), 0, Code.KERNEL_ARGUMENT),
        (np.zeros(6, dtype=np.float32)[::2], 0, Code.KERNEL_ARGUMENT),
        (np.zeros(0, dtype=np.float32), 0, Code.EMPTY),
        (np.zeros(0, dtype=np.float32), 31, Code.EMPTY),
        (np.zeros(3, dtype=np.float32), 31, Code.FRACTION_BITS),
        (np.zeros(3, dtype=np.float32), -1, Code.FRACTION_BITS),
        (np.full(3, np.nan, dtype=np.float32), 31, Code.FRACTION_BITS),
    ],
)
def test_arguments(variant: str, values: object, fraction_bits: int, code: Code) -> None:
    """Every variant refuses the same arguments with the same code, the first guard that fails."""
    with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
        kernels.quantize(values, fraction_bits)  # type: ignore[arg-type]
    assert refusal.value.code is code
