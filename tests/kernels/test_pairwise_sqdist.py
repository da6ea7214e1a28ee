"""Every variant of `pairwise_sqdist` gives the exact distances and the refusals of the pure twin."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref import kernels
from bcfl_ref.errors import Code, SpecError
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.outcome import outcome

Q = 2**20 - 1
VARIANTS = kernels.available_variants()
NATIVE = [name for name in VARIANTS if name != "python"]


def pattern(count: int, size: int) -> list[np.ndarray]:
    random = np.random.default_rng([count, size])
    rows = random.integers(-Q, Q, (count, size), dtype=np.int32, endpoint=True)
    rows[random.random((count, size)) < 0.2] = Q
    rows[random.random((count, size)) < 0.2] = -Q
    return list(rows)


def by_numpy(vectors: list[np.ndarray]) -> list[list[int]]:
    """Exact as long as size * (2Q)^2 < 2^63."""
    wide = [vector.astype(np.int64) for vector in vectors]
    return [[int(((a - b) ** 2).sum()) for b in wide] for a in wide]


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 9, 31, 32, 33, 63, 64, 65, 70])  # blocks of 4, groups of 32
def test_numbers_of_vectors(variant: str, count: int) -> None:
    """Whole and broken blocks and groups of vectors give the distances by definition."""
    vectors = pattern(count, 45)
    with kernels.use_variant(variant):
        assert kernels.pairwise_sqdist(vectors) == by_numpy(vectors)


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 15, 16, 17, 127, 128, 129, 16383, 16384, 16385, 40000])
def test_sizes(variant: str, size: int) -> None:
    """Every remainder of lanes, of pieces of 128 and of tiles of 16384 coordinates counts once."""
    vectors = pattern(3, size)
    with kernels.use_variant(variant):
        assert kernels.pairwise_sqdist(vectors) == by_numpy(vectors)


@pytest.mark.parametrize("variant", NATIVE)
def test_beyond_64_bits(variant: str) -> None:
    """The widest distances over 2^22 + 2^14 + 3 coordinates need a 65th bit, and the products of the largest too."""
    size = 2**22 + 2**14 + 3
    vectors = [np.full(size, value, dtype=np.int32) for value in (Q, -Q, Q)]
    far = size * (2 * Q) ** 2
    assert far > 2**64
    with kernels.use_variant(variant):
        assert kernels.pairwise_sqdist(vectors) == [[0, far, 0], [far, 0, far], [0, far, 0]]


@pytest.mark.parametrize("variant", NATIVE)
def test_near_vectors(variant: str) -> None:
    """Large vectors one unit apart have the distance 1, where floating-point products cancel."""
    vectors = [np.full(1000, Q, dtype=np.int32) for _ in range(6)]
    for position, vector in enumerate(vectors):
        vector[position] -= 1
    with kernels.use_variant(variant):
        distances = kernels.pairwise_sqdist(vectors)
    assert distances == [[0 if i == j else 2 for j in range(6)] for i in range(6)]


@pytest.mark.parametrize("outside", [Q + 1, -Q - 1, 2**31 - 1, -(2**31)])
def test_domain(variant: str, outside: int) -> None:
    """A coordinate outside +-Q in any vector and place is refused and named."""
    for position, place in ((0, 0), (1, 16), (39, 20), (33, 19)):
        vectors = pattern(40, 21)
        vectors[position][place] = outside
        with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
            kernels.pairwise_sqdist(vectors)
        assert refusal.value.code is Code.DOMAIN_COORDINATE
        assert refusal.value.detail.startswith(f"coordinate {place} is {outside}")


@pytest.mark.parametrize("variant", NATIVE)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_any_input(variant: str, data: st.DataObject) -> None:
    """Any vectors give the same distances, or the same refusal in the same words, as the twin."""
    count, size = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 20))
    row = st.lists(st.integers(-Q, Q) | st.sampled_from([Q, -Q]), min_size=size, max_size=size)
    vectors = [np.array(data.draw(row), dtype=np.int32) for _ in range(count)]
    if data.draw(st.integers(0, 4)) == 0:
        vectors[data.draw(st.integers(0, count - 1))][data.draw(st.integers(0, size - 1))] = Q + 1
    assert outcome(variant, "pairwise_sqdist", vectors) == outcome("python", "pairwise_sqdist", vectors)


def test_input_layouts(variant: str) -> None:
    """Vectors that are not aligned or repeated are vectors like any other."""
    first, second = pattern(2, 37)
    shifted = np.frombuffer(b"\0" + first.tobytes(), dtype=np.int32, offset=1)
    wanted = by_numpy([first, second, first])
    with kernels.use_variant(variant):
        assert kernels.pairwise_sqdist((shifted, second, first)) == wanted


def test_hostile_environment(variant: str, hostile) -> None:
    """Rounding mode and flush-to-zero flags of the caller's thread change nothing."""
    vectors = pattern(5, 37)

    def compute() -> list[list[int]]:
        with kernels.use_variant(variant):
            return kernels.pairwise_sqdist(vectors)

    assert hostile(compute) == by_numpy(vectors)
