"""INF-013: remembered blobs are the checked ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from bcfl_ref.node.blobs import BlobError, BlobStore
from bcfl_ref.node.cache import BlobCache
from builders import make_blob, root_of

BLOB = make_blob([1, 2, 3, 4])


def test_a_blob_is_read_and_checked_once(tmp_path: Path) -> None:
    """After its first reading a blob needs its file no more; before it, damage is found."""
    store = BlobStore(tmp_path)
    cache, root = BlobCache(store), store.put_blob(BLOB)
    assert root in cache and list(cache) == [root] and len(cache) == 1
    content = store.path(root).read_bytes()
    store.path(root).write_bytes(content[:-1] + b"\xff")
    with pytest.raises(BlobError):
        cache[root]
    store.path(root).write_bytes(content)
    assert cache[root] == BLOB
    store.path(root).unlink()
    assert cache[root] == BLOB and root in cache and root not in store


def test_what_appears_later_is_seen(tmp_path: Path) -> None:
    """That a blob is absent is never remembered."""
    store = BlobStore(tmp_path / "blobs")
    cache = BlobCache(store)
    with pytest.raises(KeyError):
        cache[root_of(BLOB)]
    assert root_of(BLOB) not in cache and "no root" not in cache and len(cache) == 0
    store.put_blob(BLOB)
    assert cache[root_of(BLOB)] == BLOB
