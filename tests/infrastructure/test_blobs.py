"""Blobs as the rules take them: named by their root, of the layout the rule expects (INF-009)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bcfl_ref.encoding import BLOB_MODEL, BLOB_UPDATE, commit_blob, hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.blobs import BlobData, blob_vector, check_blob_layout, checked_blob
from bcfl_ref.types import Layout, TensorSpec

LAYOUT = Layout((TensorSpec(b"w", (2, 2), 16),))
VALUES = [0, -1, 2**31 - 1, -(2**31)]
DATA = b"".join(value.to_bytes(4, "little", signed=True) for value in VALUES)
BLOB = commit_blob(BLOB_UPDATE, 0, hash_tree_root(LAYOUT), DATA)


def code_of(function: Any, *arguments: Any) -> Code:
    """The code with which a call is refused."""
    with pytest.raises(SpecError) as refused:
        function(*arguments)
    return refused.value.code


def test_checked_blob() -> None:
    """INF-009: a commitment with this root and data with these digests are a blob, anything else is not."""
    root = hash_tree_root(BLOB)
    assert checked_blob(root, BLOB, DATA) == BlobData(BLOB, DATA)
    assert code_of(checked_blob, bytes(32), BLOB, DATA) is Code.BLOB_MISMATCH
    assert code_of(checked_blob, root, replace(BLOB, kind=1), DATA) is Code.BLOB_MISMATCH
    assert code_of(checked_blob, root, BLOB, DATA[:-4]) is Code.BLOB_MISMATCH
    assert code_of(checked_blob, root, BLOB, b"") is Code.BLOB_EMPTY
    assert code_of(checked_blob, bytes(32), BLOB, b"") is Code.BLOB_MISMATCH


def test_vector() -> None:
    """INF-009: coordinates are little-endian two's complement, and the array is one's own and native."""
    vector = blob_vector(BlobData(BLOB, DATA))
    assert vector.tolist() == VALUES
    assert vector.dtype == np.dtype(np.int32)
    assert vector.dtype.isnative
    assert vector.flags.writeable
    unsigned = commit_blob(BLOB_UPDATE, 1, hash_tree_root(LAYOUT), DATA)
    assert code_of(blob_vector, BlobData(unsigned, DATA)) is Code.BLOB_LAYOUT


@pytest.mark.parametrize(
    "change",
    [{"kind": BLOB_MODEL}, {"element": 1}, {"layout_root": bytes(32)}, {"byte_length": 12}, {"byte_length": 20}],
)
def test_layout(change: dict[str, Any]) -> None:
    """INF-009: kind, element type, layout and length of a commitment are those that the rule expects."""
    check_blob_layout(BLOB, BLOB_UPDATE, LAYOUT)
    wrong = replace(BLOB, **change)
    assert code_of(check_blob_layout, wrong, BLOB_UPDATE, LAYOUT) is Code.BLOB_LAYOUT


def test_layout_must_be_one() -> None:
    """INF-009: a layout that is none has its own code, before anything is compared."""
    assert code_of(check_blob_layout, BLOB, BLOB_UPDATE, Layout(())) is Code.LAYOUT_INVALID
