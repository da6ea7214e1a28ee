"""Named arrays and vectors (APP-010, APP-011, APP-013)."""

from __future__ import annotations

import numpy as np
import pytest
from bcfl_ref.application.models import apply_update, make_layout, pack, unpack, update_of
from bcfl_ref.errors import Code, SpecError
from hypothesis import given, settings
from hypothesis import strategies as st

LAYOUT = make_layout({"b": (2,), "a.weight": (2, 3), "a.bias": (3,)})


def test_tensors_are_ordered_by_name_and_rows() -> None:
    """APP-010: Names ascend bytewise, and within a tensor the last index runs fastest."""
    assert [tensor.name for tensor in LAYOUT.tensors] == [b"a.bias", b"a.weight", b"b"]
    vector = np.arange(11, dtype=np.int32)
    arrays = unpack(vector, LAYOUT)
    assert arrays["a.weight"].tolist() == [
        [3 / 65536, 4 / 65536, 5 / 65536],
        [6 / 65536, 7 / 65536, 8 / 65536],
    ]
    assert pack(dict(reversed(arrays.items())), LAYOUT).tolist() == list(range(11))


@given(st.lists(st.integers(-(2**20) + 1, 2**20 - 1), min_size=11, max_size=11))
@settings(deadline=None, max_examples=50)
def test_unpacking_and_packing_is_exact(values: list[int]) -> None:
    """APP-010: A vector within ±Q survives the way through floats unchanged."""
    vector = np.array(values, dtype=np.int32)
    assert np.array_equal(pack(unpack(vector, LAYOUT), LAYOUT), vector)


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=11, max_size=11),
    st.lists(st.integers(-(2**20) + 1, 2**20 - 1), min_size=11, max_size=11),
)
@settings(deadline=None, max_examples=50)
def test_an_update_leads_back_to_the_local_model(base: list[int], update: list[int]) -> None:
    """APP-011, APP-013: Base plus update is the local model when the step is within ±Q."""
    start = np.array(base, dtype=np.int32)
    moved = np.array(base, dtype=np.int64) + np.array(update)
    if not -(2**31) <= moved.min() <= moved.max() < 2**31:
        return
    local = unpack(moved.astype(np.int32), LAYOUT)
    found = update_of(local, start, LAYOUT)
    assert found.tolist() == update
    assert np.array_equal(apply_update(start, found), moved)


def test_a_wild_step_is_clamped() -> None:
    """APP-011: Whatever training does, every coordinate of the update is within ±Q."""
    zeros = np.zeros(11, dtype=np.int32)
    local = {name: array + 1e9 for name, array in unpack(zeros, LAYOUT).items()}
    assert set(update_of(local, zeros, LAYOUT).tolist()) == {2**20 - 1}


@pytest.mark.parametrize("name", ["missing", "renamed", "transposed", "extra"])
def test_arrays_that_do_not_fit_are_refused(name: str) -> None:
    """APP-010: Names and shapes are exactly those of the layout."""
    zeros = np.zeros(11, dtype=np.int32)
    arrays = unpack(zeros, LAYOUT)
    broken = {
        "missing": {key: array for key, array in arrays.items() if key != "b"},
        "renamed": {("c" if key == "b" else key): array for key, array in arrays.items()},
        "transposed": {key: array.T for key, array in arrays.items()},
        "extra": {**arrays, "c": np.zeros(1)},
    }[name]
    for attempt in (lambda: pack(broken, LAYOUT), lambda: update_of(broken, zeros, LAYOUT)):
        with pytest.raises(SpecError) as refusal:
            attempt()
        assert refusal.value.code is Code.MODEL_SHAPE


def test_models_of_another_length_or_beyond_int32_are_refused() -> None:
    """APP-013: There is no model beyond int32, nor one of two lengths."""
    top = np.array([2**31 - 1], dtype=np.int32)
    assert apply_update(top, np.array([0], dtype=np.int32)).tolist() == [2**31 - 1]
    with pytest.raises(SpecError) as refusal:
        apply_update(top, np.array([1], dtype=np.int32))
    assert refusal.value.code is Code.MODEL_OVERFLOW
    with pytest.raises(SpecError) as refusal:
        apply_update(top, np.array([0, 0], dtype=np.int32))
    assert refusal.value.code is Code.MODEL_SHAPE
    with pytest.raises(SpecError) as refusal:
        unpack(top, LAYOUT)
    assert refusal.value.code is Code.MODEL_SHAPE


def test_a_diverged_model_is_refused() -> None:
    """APP-011: NaN and infinity never become integers."""
    zeros = np.zeros(11, dtype=np.int32)
    for bad in (float("nan"), float("inf")):
        with pytest.raises(SpecError) as refusal:
            update_of({**unpack(zeros, LAYOUT), "b": np.array([bad, 0.0])}, zeros, LAYOUT)
        assert refusal.value.code is Code.NOT_FINITE
