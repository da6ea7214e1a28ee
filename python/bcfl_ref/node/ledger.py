"""A ledger directory held open by the node that extends it (INF-010, INF-018).

Opening replays everything: a node never trusts its own disk further than a stranger would. What `append`
returned from is durable, so a node killed at any point continues from the last block it acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from ..encoding import encode, hash_tree_root
from ..errors import SpecError, UsageError
from ..infrastructure.blocks import block_root
from ..transition import apply_record, check_extensions, genesis_state
from ..types import Block, Certificate, Genesis, LedgerRecord, State
from .blobs import DIRECTORY_NAME, BlobStore
from .cache import BlobCache
from .durable import make_directory, write_atomic
from .log import LOG_NAME, LedgerLog
from .verify import GENESIS_NAME

Observer = Callable[[State, LedgerRecord, State], None]


def _ignore(before: State, record: LedgerRecord, after: State) -> None:
    """The observer of those who only want the state."""


class Ledger:
    """INF-018: Genesis, log, blobs and the state they lead to.

    `observer(before, record, after)` sees every block once, replayed or new. Errors when opening: UsageError when
    the directory cannot be used, holds another ledger, or its log does not replay.
    """

    def __init__(self, directory: Path, genesis: Genesis, observer: Observer = _ignore) -> None:
        self.directory = directory
        self._observer = observer
        try:
            make_directory(directory)
            make_directory(directory / DIRECTORY_NAME)
            self._write_genesis(encode(genesis))
        except OSError as error:
            raise UsageError(f"cannot write {directory}: {error.strerror}") from None
        self.store = BlobStore(directory / DIRECTORY_NAME)
        self.blobs = BlobCache(self.store)
        self.genesis = genesis
        self.genesis_root = hash_tree_root(genesis)
        check_extensions(genesis)
        self.state = genesis_state(genesis)
        self._last: LedgerRecord | None = None
        try:
            self._log = LedgerLog(directory / LOG_NAME)
            for frame in self._log.frames:
                self._accept(frame.record, apply_record(self.state, frame.record, self.blobs))
        except SpecError as error:
            raise UsageError(f"{directory} cannot be continued after block {self.state.height}: {error}") from None
        self.resumed_height = self.state.height

    def _write_genesis(self, data: bytes) -> None:
        path = self.directory / GENESIS_NAME
        if not path.exists():
            write_atomic(path, data)
        elif path.read_bytes() != data:
            raise UsageError(f"{self.directory} holds the ledger of another configuration; choose another directory")

    def append(self, block: Block, certificate: Certificate, after: State) -> None:
        """INF-010: Add a decided block whose post-state is `after`; durable when this returns."""
        record = LedgerRecord(block, certificate)
        self._log.append(record)
        self._accept(record, after)

    def _accept(self, record: LedgerRecord, after: State) -> None:
        before, self.state, self._last = self.state, after, record
        self._observer(before, record, after)

    def record(self, height: int) -> LedgerRecord | None:
        """INF-010: The record of the last block, when that is its height; older ones are in the log only."""
        return self._last if self._last is not None and height == self.state.height else None

    @property
    def last_root(self) -> bytes:
        """INF-006: The name of the last block, or the genesis root."""
        return self.genesis_root if self._last is None else block_root(self._last.block.header)

    def close(self) -> None:
        """INF-018: Let go of the log."""
        self._log.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
