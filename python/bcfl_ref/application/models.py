"""Between named arrays and the flat fixed-point vector that the ledger knows (APP-010 to APP-013).

A model is a set of named tensors. Its layout lists them in ascending order of their names; a vector is their
coordinates one after the other, each tensor in row-major order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..encoding import layout_size
from ..errors import Code, SpecError
from ..kernels.limits import COORDINATE_MAX
from ..types import Layout, TensorSpec
from .samples import Reals

Vector = NDArray[np.int32]
Arrays = dict[str, Reals]

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
FRACTION_BITS = 16


def make_layout(shapes: Mapping[str, Sequence[int]], fraction_bits: int = FRACTION_BITS) -> Layout:
    """APP-010: The layout of tensors with these names and shapes. Errors: those of `layout_size`."""
    names = sorted(shapes, key=lambda name: name.encode("utf-8"))
    layout = Layout(
        tuple(TensorSpec(name.encode("utf-8"), tuple(map(int, shapes[name])), fraction_bits) for name in names)
    )
    layout_size(layout)
    return layout


def pieces(layout: Layout) -> Iterator[tuple[TensorSpec, slice]]:
    """APP-010: Each tensor of the layout with its place in the vector."""
    start = 0
    for tensor in layout.tensors:
        stop = start + int(np.prod(tensor.shape, dtype=np.int64))
        yield tensor, slice(start, stop)
        start = stop


def pack(arrays: Mapping[str, NDArray[np.floating]], layout: Layout) -> Vector:
    """APP-010: Named arrays as one vector, each coordinate quantised with its tensor's fraction bits (AGG-003).

    Errors, in order: MODEL_SHAPE when names or shapes differ from the layout, then those of `quantize`.
    """
    found = {name.encode("utf-8"): tuple(array.shape) for name, array in arrays.items()}
    if found != {tensor.name: tensor.shape for tensor in layout.tensors}:
        raise SpecError(Code.MODEL_SHAPE, f"arrays {sorted(found.items())} do not fit the layout")
    parts = [
        kernels.quantize(np.ascontiguousarray(arrays[tensor.name.decode("utf-8")]).reshape(-1), tensor.fraction_bits)
        for tensor in layout.tensors
    ]
    return np.concatenate(parts).astype(np.int32, copy=False)


def unpack(vector: Vector, layout: Layout) -> Arrays:
    """APP-010: The named arrays, exact binary64, that a vector stands for. Errors: MODEL_SHAPE."""
    check_length(vector, layout)
    return {
        tensor.name.decode("utf-8"): kernels.dequantize(
            np.ascontiguousarray(vector[place]), tensor.fraction_bits
        ).reshape(tensor.shape)
        for tensor, place in pieces(layout)
    }


def check_length(vector: Vector, layout: Layout) -> None:
    """APP-010: The vector has exactly the layout's coordinates. Errors: MODEL_SHAPE."""
    expected = layout_size(layout)
    if vector.shape != (expected,):
        raise SpecError(Code.MODEL_SHAPE, f"vector of shape {vector.shape}, the layout has {expected} coordinates")


def update_of(arrays: Mapping[str, NDArray[np.floating]], base: Vector, layout: Layout) -> Vector:
    """APP-011: The update quantize(local − dequantize(base)) by tensor. Errors: those of `pack` and `unpack`."""
    start = unpack(base, layout)
    found = {name: np.asarray(array, dtype=np.float64) for name, array in arrays.items()}
    shapes = {name: array.shape for name, array in start.items()}
    if {name: array.shape for name, array in found.items()} != shapes:
        raise SpecError(Code.MODEL_SHAPE, f"local arrays {sorted(found)} do not fit the layout")
    return pack({name: found[name] - start[name] for name in start}, layout)


def clamped(values: NDArray[np.int64]) -> Vector:
    """APP-011: Each coordinate moved to the nearest one within ±Q."""
    return np.clip(values, -COORDINATE_MAX, COORDINATE_MAX).astype(np.int32)


def apply_update(base: Vector, update: Vector) -> Vector:
    """APP-013: The model base + update that a scorer evaluates. Errors: MODEL_SHAPE, MODEL_OVERFLOW."""
    if base.shape != update.shape:
        raise SpecError(Code.MODEL_SHAPE, f"update of shape {update.shape} for a model of shape {base.shape}")
    model = base.astype(np.int64) + update.astype(np.int64)
    if model.size and not (int(model.min()) >= INT32_MIN and int(model.max()) <= INT32_MAX):
        raise SpecError(Code.MODEL_OVERFLOW, "base plus update leaves the range of int32")
    return model.astype(np.int32)
