"""Verification: replay everything a directory claims, repair nothing, say what was proved (INF-019)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..contract.deadlines import Outcome
from ..encoding import decode, hash_tree_root
from ..errors import Code, InvariantError, SpecError, UsageError
from ..infrastructure.blocks import head_root
from ..transition import apply_record, check_extensions, genesis_state
from ..types import ZERO_ROOT, Genesis, State
from .blobs import DIRECTORY_NAME, BlobError, BlobStore
from .cache import BlobCache
from .log import LOG_NAME, LogError, read_log

GENESIS_NAME = "genesis.ssz"

PROVED = (
    "every block continues the one before it and carries its author's beacon reveal",
    "every transaction is signed by its sender and in the order of its nonces",
    "every block has a certificate of more than two thirds of the seats of its committee",
    "every state root is what the rules give, block by block",
    "every blob file has the content that its name commits to",
    "every aggregate was recomputed bit for bit from the blobs that the ledger names",
    "no token was made or lost at any height",
)
NOT_PROVED = (
    "that a trainer trained honestly, or on the data it says it has",
    "that a score is true of the scorer's private data",
    "that declared sample counts are true",
    "that this ledger is the one you mean, unless --genesis and --head pin it",
)


class Offence(Exception):
    """INF-019: The first thing that is wrong, and where."""

    def __init__(self, where: str, error: Exception) -> None:
        super().__init__(f"{where}: {error}")
        self.where = where
        self.error = error


@dataclass
class Verification:
    """INF-019: What was replayed."""

    genesis_root: bytes
    head: bytes
    height: int
    transactions: int = 0
    aggregates: int = 0
    blobs: int = 0
    unnamed_blobs: tuple[bytes, ...] = ()
    extensions: tuple[str, ...] = ()
    proved: tuple[str, ...] = PROVED
    not_proved: tuple[str, ...] = NOT_PROVED
    named: set[bytes] = field(default_factory=set)


Progress = Callable[[int, int], None]


def verify(
    directory: Path,
    expected_genesis: bytes | None = None,
    expected_head: bytes | None = None,
    progress: Progress = lambda done, total: None,
) -> Verification:
    """INF-019: Replay the ledger in `directory` from its genesis.

    `progress(done, total)` counts bytes of the log. Raises Offence for the first thing that is wrong,
    UsageError when there is nothing to verify.
    """
    genesis, result = _read_genesis(directory, expected_genesis)
    store = BlobStore(directory / DIRECTORY_NAME)
    blobs = _check_blobs(store, result)
    state = _replay(directory, genesis, blobs, result, progress)
    result.head, result.height = head_root(state), state.height
    if expected_head is not None and result.head != expected_head:
        raise Offence("head", SpecError(Code.PARENT_MISMATCH, f"{result.head.hex()}, expected {expected_head.hex()}"))
    result.unnamed_blobs = tuple(sorted(set(store.roots()) - result.named))
    return result


def _read_genesis(directory: Path, expected: bytes | None) -> tuple[Genesis, Verification]:
    path = directory / GENESIS_NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    try:
        genesis = decode(Genesis, data)
    except SpecError as error:
        raise Offence(GENESIS_NAME, error) from None
    root = hash_tree_root(genesis)
    if expected is not None and root != expected:
        raise Offence(GENESIS_NAME, SpecError(Code.GENESIS_INVALID, f"root {root.hex()}, expected {expected.hex()}"))
    try:
        check_extensions(genesis)
    except SpecError as error:
        raise UsageError(f"{directory} cannot be verified here: {error}") from None
    extensions = tuple(extension.title.decode("utf-8", "replace") for extension in genesis.extensions)
    return genesis, Verification(root, root, 0, extensions=extensions)


def _check_blobs(store: BlobStore, result: Verification) -> BlobCache:
    """Read every file of the blob directory once; damage is found whether the ledger names the blob or not."""
    strays = store.strays()
    if strays:
        raise Offence(f"{DIRECTORY_NAME}/{strays[0]}", SpecError(Code.BLOB_FILE_INVALID, "no blob has this name"))
    cache = BlobCache(store)
    for root in store.roots():
        try:
            cache[root]
        except BlobError as error:
            raise Offence(DIRECTORY_NAME, error) from None
        result.blobs += 1
    return cache


def _replay(directory: Path, genesis: Genesis, blobs: BlobCache, result: Verification, progress: Progress) -> State:
    path = directory / LOG_NAME
    if not path.is_file():
        raise UsageError(f"{directory} holds no {LOG_NAME}")
    total = path.stat().st_size
    try:
        state = genesis_state(genesis)
    except SpecError as error:
        raise Offence(GENESIS_NAME, error) from None
    try:
        for frame in read_log(path):
            state = _apply(state, frame.record, blobs)
            result.transactions += len(frame.record.block.body.transactions)
            _collect(state, result)
            progress(frame.end, total)
    except LogError as error:
        raise Offence(f"{LOG_NAME} after block {state.height}", error) from None
    if state.height == 0:
        raise Offence(LOG_NAME, SpecError(Code.HEIGHT_MISMATCH, "the log holds no block"))
    for task in state.tasks:
        if task.results and task.model_root not in blobs:
            raise Offence("result", SpecError(Code.BLOB_MISSING, f"model {task.model_root.hex()}"))
    return state


def _apply(state: State, record: object, blobs: BlobCache) -> State:
    try:
        return apply_record(state, record, blobs)  # type: ignore[arg-type]
    except (SpecError, InvariantError) as error:
        raise Offence(f"block {state.height + 1}", error) from None


def _collect(state: State, result: Verification) -> None:
    """Remember the blobs that the ledger names, and count the aggregates."""
    for task in state.tasks:
        result.named.update(update.blob_root for update in task.round.updates)
        result.named.update(member.blob_root for member in task.round.secure.members)
        result.named.update({task.spec.model_root, task.model_root})
    result.named.discard(ZERO_ROOT)
    result.aggregates = sum(entry.outcome == Outcome.AGGREGATED for task in state.tasks for entry in task.results)
