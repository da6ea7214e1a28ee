"""Blobs as the rules see them: a commitment together with the bytes that it commits to (INF-009)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ..encoding import ELEMENT_I32, ELEMENT_U32, ELEMENT_U64, check_blob, hash_tree_root, layout_size
from ..errors import Code, SpecError
from ..types import Blob, Layout


@dataclasses.dataclass(frozen=True)
class BlobData:
    """INF-009: A commitment and its bytes; whoever makes one has checked that they belong together."""

    blob: Blob
    data: bytes


def checked_blob(root: bytes, blob: Blob, data: bytes) -> BlobData:
    """INF-009: The blob named `root`. Errors, in order: BLOB_MISMATCH, then those of TYP-007."""
    found = hash_tree_root(blob)
    if found != root:
        raise SpecError(Code.BLOB_MISMATCH, f"the commitment has root {found.hex()}, its name is {root.hex()}")
    check_blob(blob, data)
    return BlobData(blob, data)


def check_blob_layout(blob: Blob, kind: int, layout: Layout) -> None:
    """INF-009: The blob is of `kind` and holds exactly the coordinates of `layout` as signed 32-bit words.

    Only the commitment is read, so this can be asked before the bytes are there. Errors: BLOB_LAYOUT when, in
    order, the kind, the element type, the root of the layout or the byte length differs.
    """
    expected = {
        "kind": kind,
        "element": ELEMENT_I32,
        "layout_root": hash_tree_root(layout),
        "byte_length": 4 * layout_size(layout),
    }
    for name, wanted in expected.items():
        found = getattr(blob, name)
        if found != wanted:
            raise SpecError(Code.BLOB_LAYOUT, f"{name} is {found!r}, expected {wanted!r}")


def blob_vector(blob: BlobData) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """INF-009: The coordinates of a blob of signed 32-bit words, native byte order. Errors: BLOB_LAYOUT."""
    if blob.blob.element != ELEMENT_I32:
        raise SpecError(Code.BLOB_LAYOUT, f"element is {blob.blob.element}, expected {ELEMENT_I32}")
    return np.frombuffer(blob.data, dtype="<i4").astype(np.int32)


def blob_words(blob: BlobData) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """INF-009: The words of a blob of unsigned words of 32 or 64 bits, native byte order. Errors: BLOB_LAYOUT."""
    words = {ELEMENT_U32: ("<u4", np.uint32), ELEMENT_U64: ("<u8", np.uint64)}.get(blob.blob.element)
    if words is None:
        raise SpecError(Code.BLOB_LAYOUT, f"element is {blob.blob.element}, expected {ELEMENT_U32} or {ELEMENT_U64}")
    return np.frombuffer(blob.data, dtype=words[0]).astype(words[1])
