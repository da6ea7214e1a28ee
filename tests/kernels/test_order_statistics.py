"""Every variant of the median, the trimmed sum and the nearest sum gives the twin's numbers and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
KINDS = ["few values", "whole domain", "ends of the domain"]

Call = tuple[str, tuple[int, ...]]


def rows(kind: str, count: int, size: int) -> np.ndarray:
    random = np.random.default_rng([KINDS.index(kind), count, size])
    if kind == "few values":  # ties everywhere
        return random.integers(-2, 3, (count, size), dtype=np.int32)
    if kind == "whole domain":
        return random.integers(-Q, Q, (count, size), dtype=np.int32, endpoint=True)
    return random.choice(np.array([-Q, -Q + 1, Q - 1, Q], dtype=np.int32), (count, size))


def calls(count: int) -> list[Call]:
    """The median, and the sums at the ends and in the middle of their parameter."""
    trims = sorted({0, 1, count // 5, (count - 1) // 2} & set(range((count + 1) // 2)))
    keeps = sorted({1, 2, (count + 1) // 3, count - 1, count} & set(range(1, count + 1)))
    return [
        ("coordinate_median", ()),
        *[("trimmed_sum", (trim,)) for trim in trims],
        *[("nearest_sum", (keep,)) for keep in keeps],
    ]


def by_numpy(call: Call, values: np.ndarray) -> list[int]:
    """The same in another way: whole columns sorted, masks instead of windows."""
    name, parameters = call
    count = len(values)
    ordered = np.sort(values.astype(np.int64), axis=0)
    middle = ordered[(count - 1) // 2] + ordered[count // 2]
    if name == "coordinate_median":
        return np.rint(middle / 2).astype(np.int64).tolist()  # half to even, and exact: 22 bits
    if name == "trimmed_sum":
        return ordered[parameters[0] : count - parameters[0]].sum(axis=0).tolist()
    distance = 4 * np.abs(2 * ordered - middle) + (2 * ordered > middle)  # of equally near values the smaller first
    nearest = np.argsort(distance, axis=0, kind="stable")[: parameters[0]]
    return np.take_along_axis(ordered, nearest, axis=0).sum(axis=0).tolist()


def run(call: Call, vectors: list[np.ndarray]) -> np.ndarray:
    name, parameters = call
    return getattr(kernels, name)(vectors, *parameters)


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_vectors(variant: str, kind: str) -> None:
    """Each number of vectors up to 70 has a network of its own, one run, two or more: all sort."""
    for count in range(1, 71):
        values = rows(kind, count, 37)
        vectors = list(values)
        with kernels.use_variant(variant):
            for call in calls(count):
                assert run(call, vectors).tolist() == by_numpy(call, values), (count, call)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 16, 17, 33])
def test_small_sizes(variant: str, count: int) -> None:
    """Every remainder of lanes (8, 16) and every alignment of the first vector gives what the loops give."""
    for size in (1, 2, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33):
        values = rows("whole domain", count, size + 3)
        for shift in (0, 1, 3):
            vectors = [row[shift : shift + size] for row in values]
            for call in calls(count):
                name, parameters = call
                with kernels.use_variant(variant):
                    result = run(call, vectors)
                assert result.dtype == (np.int32 if name == "coordinate_median" else np.int64)
                assert result.tolist() == getattr(twin, name)(vectors, *parameters).tolist()


@pytest.mark.parametrize("variant", NATIVE)
@pytest.mark.parametrize("count", [127, 128, 129, 1000, 2046, 2047])  # runs of many lengths, merged in memory
def test_many_vectors(variant: str, count: int) -> None:
    """More vectors than registers are merged in memory, up to the largest legal number."""
    for kind in KINDS:
        values = rows(kind, count, 19)
        vectors = list(values)
        with kernels.use_variant(variant):
            for call in calls(count):
                assert run(call, vectors).tolist() == by_numpy(call, values), call


@pytest.mark.parametrize("extreme", [Q, -Q])
def test_largest_sums(variant: str, extreme: int) -> None:
    """2047 values at one end of the domain, the largest sum there is, fit the lanes."""
    vectors = [np.full(17, extreme, dtype=np.int32)] * 2047
    with kernels.use_variant(variant):
        assert set(kernels.trimmed_sum(vectors, 0).tolist()) == {2047 * extreme}
        assert set(kernels.nearest_sum(vectors, 2047).tolist()) == {2047 * extreme}
        assert set(kernels.coordinate_median(vectors).tolist()) == {extreme}


@pytest.mark.parametrize("variant", NATIVE)
def test_tiles(variant: str) -> None:
    """Coordinates around the seam between two tiles of 16384 are right, in every alignment."""
    values = rows("whole domain", 5, 2 * 16384 + 41)
    for start, stop in ((0, 16384 + 1), (1, 2 * 16384 + 18), (7, 16384 + 7), (16, 2 * 16384 + 41)):
        vectors = [row[start:stop] for row in values]
        with kernels.use_variant(variant):
            for call in calls(5):
                assert run(call, vectors).tolist() == by_numpy(call, values[:, start:stop]), call


@pytest.mark.parametrize("outside", [Q + 1, -Q - 1, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("count", [1, 2, 6, 33, 40])
def test_domain(variant: str, count: int, outside: int) -> None:
    """One coordinate outside +-Q, in any vector and at any place, is refused and named, even where it is trimmed."""
    values = rows("ends of the domain", count, 21)
    for call in calls(count)[:: max(1, count // 8)]:
        for place in (0, 4, 15, 16, 20):
            vectors = [row.copy() for row in values]
            vectors[place % count][place] = outside
            with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
                run(call, vectors)
            assert refusal.value.code is Code.DOMAIN_COORDINATE
            assert refusal.value.detail.startswith(f"coordinate {place} is {outside}")


@pytest.mark.parametrize("variant", VARIANTS)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_any_input(variant: str, data: st.DataObject) -> None:
    """Any vectors give the same numbers, or the same refusal in the same words, as the twin."""
    count, size = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    coordinates = st.integers(-Q, Q) | st.integers(-3, 3) | st.sampled_from([Q, -Q])
    row = st.lists(coordinates, min_size=size, max_size=size)
    vectors = [np.array(data.draw(row), dtype=np.int32) for _ in range(count)]
    if data.draw(st.integers(0, 4)) == 0:
        vectors[data.draw(st.integers(0, count - 1))][data.draw(st.integers(0, size - 1))] = -Q - 1
    call = data.draw(st.sampled_from(calls(count)))
    outcome = []
    for name in ("python", variant):
        with kernels.use_variant(name):
            try:
                outcome.append(run(call, vectors).tolist())
            except SpecError as error:
                outcome.append((error.code, error.detail))
    assert outcome[0] == outcome[1]


def test_nearest_by_hand(variant: str) -> None:
    """Distances count from the unrounded median, and of two equally near values the smaller is kept."""
    column = [np.array([value], dtype=np.int32) for value in (0, 10, 4, 6, -30)]  # median 4
    pair = [np.array([value], dtype=np.int32) for value in (1, 2, 5, 0)]  # median 3/2
    with kernels.use_variant(variant):
        assert [int(kernels.nearest_sum(column, keep)[0]) for keep in range(1, 6)] == [4, 10, 10, 20, -10]
        assert [int(kernels.nearest_sum(pair, keep)[0]) for keep in range(1, 5)] == [1, 3, 3, 8]


def test_input_layouts(variant: str) -> None:
    """Vectors that are not aligned, read-only, repeated or given as a tuple are vectors like any other."""
    vector = rows("whole domain", 1, 37)[0]
    shifted = np.frombuffer(b"\0" + vector.tobytes(), dtype=np.int32, offset=1)
    with kernels.use_variant(variant):
        for vectors in ((shifted, vector, vector), (vector, shifted, shifted)):
            assert kernels.coordinate_median(vectors).tolist() == vector.tolist()
            assert kernels.trimmed_sum(vectors, 1).tolist() == vector.tolist()
            assert kernels.nearest_sum(vectors, 2).tolist() == (2 * vector).tolist()


def test_hostile_environment(variant: str, hostile: Callable[[Callable[[], Any]], Any]) -> None:
    """Rounding mode and flush-to-zero flags of the caller's thread change nothing."""
    values = rows("whole domain", 6, 37)
    for call in calls(6):

        def compute(call: Call = call) -> list[int]:
            with kernels.use_variant(variant):
                return run(call, list(values)).tolist()

        assert hostile(compute) == by_numpy(call, values)


ONE = np.ones(3, dtype=np.int32)


@pytest.mark.parametrize(
    ("call", "vectors", "code"),
    [
        (("coordinate_median", ()), np.ones((2, 3), dtype=np.int32), Code.KERNEL_ARGUMENT),
        (("coordinate_median", ()), [], Code.EMPTY),
        (("coordinate_median", ()), [ONE] * 2048, Code.VECTOR_COUNT),
        (("coordinate_median", ()), [ONE, ONE[:2]], Code.VECTOR_LENGTH),
        (("trimmed_sum", (1,)), [ONE, ONE], Code.TRIM_RANGE),
        (("trimmed_sum", (-1,)), [ONE, ONE], Code.TRIM_RANGE),
        (("trimmed_sum", (0.0,)), [ONE, ONE], Code.KERNEL_ARGUMENT),
        (("trimmed_sum", (1,)), [ONE * (Q + 1), ONE], Code.TRIM_RANGE),
        (("nearest_sum", (0,)), [ONE, ONE], Code.SELECT_RANGE),
        (("nearest_sum", (3,)), [ONE, ONE], Code.SELECT_RANGE),
        (("nearest_sum", (1,)), [ONE[:0]], Code.EMPTY),
        (("nearest_sum", (3,)), [ONE, ONE * (Q + 1)], Code.SELECT_RANGE),
    ],
)
def test_arguments(variant: str, call: Call, vectors: Any, code: Code) -> None:
    """Every variant refuses the same arguments with the same code, the first guard that fails."""
    with kernels.use_variant(variant), pytest.raises(SpecError) as refusal:
        run(call, vectors)
    assert refusal.value.code is code
