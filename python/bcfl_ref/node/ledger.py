"""A ledger directory held open by the node that extends it (INF-010, INF-018).

Opening replays everything: a node never trusts its own disk further than a stranger would. What `append`
returned from is durable, so a node killed at any point continues from the last block it acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from ..contract.rounds import require_blob
from ..contract.tasks import Phase
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
        self.genesis = genesis
        self.genesis_root = hash_tree_root(genesis)
        try:
            check_extensions(genesis)
            self.state = genesis_state(genesis)
        except SpecError as error:
            raise UsageError(f"no ledger can begin like this: {error}") from None
        self._last: LedgerRecord | None = None
        self.store = BlobStore(directory / DIRECTORY_NAME)
        self.blobs = BlobCache(self.store)
        self._log = self._open(encode(genesis))
        try:
            self._replay()
        except BaseException:
            self._log.close()
            raise
        self.resumed_height = self.state.height

    def _open(self, genesis: bytes) -> LedgerLog:
        """The log, which is this process's alone from here on; nothing of another ledger is touched."""
        try:
            self._holds(genesis)
            make_directory(self.directory / DIRECTORY_NAME)
            log = LedgerLog(self.directory / LOG_NAME)
        except OSError as error:
            raise UsageError(f"cannot write {self.directory}: {error.strerror}") from None
        except SpecError as error:
            raise self._unusable(error) from None
        try:
            if not self._holds(genesis):
                write_atomic(self.directory / GENESIS_NAME, genesis)
        except OSError as error:
            log.close()
            raise UsageError(f"cannot write {self.directory}: {error.strerror}") from None
        except UsageError:
            log.close()
            raise
        return log

    def _holds(self, genesis: bytes) -> bool:
        """Whether the directory has this genesis; False when it has none. Errors: UsageError when it has another."""
        path = self.directory / GENESIS_NAME
        if not path.exists():
            return False
        if path.read_bytes() != genesis:
            raise UsageError(f"{self.directory} holds the ledger of another configuration; choose another directory")
        return True

    def _replay(self) -> None:
        """Execute what the log holds; the models that running and completed tasks stand on must be there whole."""
        try:
            for frame in self._log.frames:
                self._accept(frame.record, apply_record(self.state, frame.record, self.blobs))
            for task in self.state.tasks:
                if task.phase == Phase.RUNNING or task.results:
                    require_blob(self.blobs, task.model_root)
        except SpecError as error:
            raise self._unusable(error) from None
        except OSError as error:
            raise UsageError(f"cannot read {error.filename}: {error.strerror}") from None

    def _unusable(self, error: SpecError) -> UsageError:
        return UsageError(f"{self.directory} cannot be continued after block {self.state.height}: {error}")

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
