"""Every variant of `weighted_sum` gives the bytes and the refusals of the pure twin."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.kernels import _python as twin
from hypothesis import given, settings
from hypothesis import strategies as st

Q = 2**20 - 1
VARIANTS = kernels.available_variants()
NATIVE = [name for name in VARIANTS if name != "python"]
TILE = 16384  # coordinates that the native core takes of each vector in turn


def pattern(count: int, size: int) -> list[np.ndarray]:
    """Vectors over the whole domain without period, so that exchanged coordinates cannot cancel."""
    places = np.arange(size, dtype=np.int64)
    return [((places * 104729 + n * 7919) * 40503 % (2 * Q + 1) - Q).astype(np.int32) for n in range(count)]


def by_numpy(vectors: list[np.ndarray], weights: list[int]) -> list[int]:
    total = np.zeros(vectors[0].size, dtype=np.int64)
    for vector, weight in zip(vectors, weights, strict=True):
        total += vector.astype(np.int64) * weight
    return total.tolist()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9])  # vectors go through the registers by four
def test_small_sizes(variant: str, count: int) -> None:
    """Every number of vectors and every remainder of lanes (8, 16) gives the sum of the loops."""
    weights = [65535, 0, 1, 3, 65534, 17, 256, 2, 9][:count]
    for size in (1, 2, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33):
        vectors = pattern(count, size)
        with kernels.use_variant(variant):
            result = kernels.weighted_sum(vectors, weights)
        assert result.dtype == np.int64
        assert result.tolist() == twin.weighted_sum(vectors, weights).tolist()


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("size", [TILE - 1, TILE, TILE + 1, 2 * TILE, 2 * TILE + 17])
def test_tiles(variant: str, size: int) -> None:
    """Sums over the seam between two tiles are right, and a fault in any tile is found and named."""
    vectors, weights = pattern(6, size), [5, 0, 65535, 1, 2, 3]
    with kernels.use_variant(variant):
        assert kernels.weighted_sum(vectors, weights).tolist() == by_numpy(vectors, weights)
        vectors[3][size - 1] = Q + 1
        with pytest.raises(SpecError, match=f"coordinate {size - 1} is {Q + 1}"):
            kernels.weighted_sum(vectors, weights)


def test_largest_sum(variant: str) -> None:
    """2047 vectors of +-Q with weight 65535 are summed exactly."""
    column = np.array([Q, -Q], dtype=np.int32)
    with kernels.use_variant(variant):
        result = kernels.weighted_sum([column] * 2047, [65535] * 2047)
    assert result.tolist() == [2047 * 65535 * Q, -2047 * 65535 * Q]


@pytest.mark.parametrize("outside", [Q + 1, -Q - 1, 2**31 - 1, -(2**31), -(2**31) + 1])
def test_domain(variant: str, outside: int) -> None:
    """A coordinate outside +-Q is refused at every place, with weight 0 too; +-Q themselves are not."""
    for place in range(20):
        vectors = [np.full(20, Q, dtype=np.int32), np.full(20, -Q, dtype=np.int32)]
        vectors[1][place] = outside
        with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
            kernels.weighted_sum(vectors, [1, 0])
        assert refusal.value.code is Code.DOMAIN_COORDINATE
        assert refusal.value.detail.startswith(f"coordinate {place} is {outside}")


@pytest.mark.parametrize("variant", VARIANTS)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_any_input(variant: str, data: st.DataObject) -> None:
    """Any vectors and weights give the same sums, or the same refusal in the same words, as the twin."""
    count, size = data.draw(st.integers(1, 10)), data.draw(st.integers(1, 35))
    inside = st.integers(-Q, Q)
    rows = st.lists(inside | st.sampled_from([Q, -Q]), min_size=size, max_size=size)
    vectors = [np.array(data.draw(rows), dtype=np.int32) for _ in range(count)]
    if data.draw(st.integers(0, 3)) == 0:
        vectors[data.draw(st.integers(0, count - 1))][data.draw(st.integers(0, size - 1))] = Q + 1
    weights = data.draw(st.lists(st.integers(0, 65535), min_size=count, max_size=count))
    outcome = []
    for name in ("python", variant):
        with kernels.use_variant(name):
            try:
                outcome.append(kernels.weighted_sum(vectors, weights).tolist())
            except SpecError as error:
                outcome.append((error.code, error.detail))
    assert outcome[0] == outcome[1]


def test_input_layouts(variant: str) -> None:
    """Vectors that are not aligned, read-only, repeated or given as a tuple are sums like any other."""
    vector = pattern(1, 37)[0]
    shifted = np.frombuffer(b"\0" + vector.tobytes(), dtype=np.int32, offset=1)
    with kernels.use_variant(variant):
        result = kernels.weighted_sum((vector, shifted, vector), (1, 2, 3))
    assert result.tolist() == (vector.astype(np.int64) * 6).tolist()


def test_hostile_environment(variant: str, hostile) -> None:
    """Rounding mode and flush-to-zero flags of the caller's thread change nothing."""
    vectors, weights = pattern(3, 37), [65535, 1, 3]
    wanted = by_numpy(vectors, weights)

    def call() -> np.ndarray:
        with kernels.use_variant(variant):
            return kernels.weighted_sum(vectors, weights)

    assert hostile(call).tolist() == wanted


ONE = np.ones(3, dtype=np.int32)


@pytest.mark.parametrize(
    ("vectors", "weights", "code"),
    [
        (np.ones((2, 3), dtype=np.int32), [1, 1], Code.KERNEL_ARGUMENT),
        ([], [], Code.EMPTY),
        ([ONE] * 2048, [1] * 2048, Code.VECTOR_COUNT),
        ([ONE.astype(np.int64)], [1], Code.KERNEL_ARGUMENT),
        ([ONE[:0]], [1], Code.EMPTY),
        ([np.ones(6, dtype=np.int32)[::2]], [1], Code.KERNEL_ARGUMENT),
        ([ONE, ONE[:2]], [1, 1], Code.VECTOR_LENGTH),
        ([ONE, ONE], [1], Code.WEIGHT_COUNT),
        ([ONE], [65536], Code.WEIGHT_RANGE),
        ([ONE], [-1], Code.WEIGHT_RANGE),
        ([ONE], [1.0], Code.KERNEL_ARGUMENT),
        ([ONE * (Q + 1)], [65536], Code.WEIGHT_RANGE),
    ],
)
def test_arguments(variant: str, vectors: object, weights: object, code: Code) -> None:
    """Every variant refuses the same arguments with the same code, the first guard that fails."""
    with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
        kernels.weighted_sum(vectors, weights)  # type: ignore[arg-type]
    assert refusal.value.code is code
