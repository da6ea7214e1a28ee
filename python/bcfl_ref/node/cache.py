"""A mapping that remembers blobs after their first, checked reading (INF-013)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..infrastructure.blobs import BlobData
from .blobs import BlobStore


class BlobCache(Mapping[bytes, BlobData]):
    """INF-013: The blobs of a store, each read and checked once; blobs are named by content, so none goes stale."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._known: dict[bytes, BlobData] = {}

    def __getitem__(self, root: bytes) -> BlobData:
        if root not in self._known:
            self._known[root] = self._store[root]
        return self._known[root]

    def __contains__(self, root: object) -> bool:
        return root in self._known or root in self._store

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._store)

    def __len__(self) -> int:
        return len(self._store)
