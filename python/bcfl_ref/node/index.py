"""A database over a ledger for quick questions, built from the ledger alone (INF-015).

It proves nothing: `verify` never opens it, no node decides anything by it, and deleting it loses nothing. It is
written anew under a temporary name and then renamed, so it is never half built.
"""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..encoding import decode, hash_tree_root
from ..errors import SpecError, UsageError
from ..infrastructure.blocks import block_root
from ..infrastructure.transactions import PAYLOADS, Kind
from ..types import (
    ClaimAggregate,
    Container,
    Genesis,
    GenesisIdentity,
    Register,
    RevealScores,
    RevealUpdate,
    SignedTransaction,
)
from .blobs import DIRECTORY_NAME, BlobStore
from .durable import TEMPORARY_PREFIX, sync_directory
from .log import LOG_NAME, Frame, read_log
from .verify import GENESIS_NAME

INDEX_NAME = "index.sqlite"
Row = tuple[object, ...]

SCHEMA = """
CREATE TABLE ledger (genesis_root TEXT, head_root TEXT, height INTEGER, log_bytes INTEGER);
CREATE TABLE identities (identity INTEGER PRIMARY KEY, public_key TEXT, height INTEGER);
CREATE TABLE blocks (height INTEGER PRIMARY KEY, root TEXT, view, proposer INTEGER, parent_root TEXT,
    state_root TEXT, transactions INTEGER, seats INTEGER, log_offset INTEGER, byte_length INTEGER);
CREATE TABLE transactions (height INTEGER, position INTEGER, kind TEXT, sender INTEGER, nonce,
    task INTEGER, round INTEGER, byte_length INTEGER, PRIMARY KEY (height, position));
CREATE TABLE updates (task INTEGER, round INTEGER, trainer INTEGER, height INTEGER, blob_root TEXT,
    sample_count INTEGER);
CREATE TABLE testimony (task INTEGER, round INTEGER, scorer INTEGER, height INTEGER, update_root TEXT,
    correct INTEGER, total INTEGER);
CREATE TABLE claims (task INTEGER, round INTEGER, aggregator INTEGER, height INTEGER, model_root TEXT);
CREATE TABLE blobs (root TEXT PRIMARY KEY, kind INTEGER, element INTEGER, byte_length INTEGER, chunks INTEGER);
CREATE INDEX transactions_by_sender ON transactions (sender, height);
"""


@dataclasses.dataclass
class _Counts:
    """What the pass over the log carries from block to block."""

    identities: int = 0
    height: int = 0
    head: str = ""
    end: int = 0


def rebuild(directory: Path) -> Path:
    """INF-015: Build the index of the ledger in `directory` anew; gives its path.

    The ledger is read strictly but not replayed. Errors: UsageError when a file cannot be read or is damaged.
    """
    path = directory / INDEX_NAME
    temporary = directory / f"{TEMPORARY_PREFIX}{os.getpid()}-{INDEX_NAME}"
    temporary.unlink(missing_ok=True)
    try:
        connection = sqlite3.connect(temporary)
        try:
            with connection:
                connection.executescript(SCHEMA)
                _fill(connection, directory)
        finally:
            connection.close()
        os.replace(temporary, path)
        sync_directory(directory)
    except SpecError as error:
        raise UsageError(f"{directory} cannot be indexed: {error}") from None
    except (OSError, sqlite3.Error, OverflowError) as error:
        raise UsageError(f"cannot write {path}: {error}") from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def query(directory: Path, statement: str, values: Sequence[object] = ()) -> list[Row]:
    """INF-015: The rows of one SELECT over the index, which is opened for reading only.

    Errors: UsageError when there is no index or the statement is wrong.
    """
    return table(directory, statement, values)[1]


def table(directory: Path, statement: str, values: Sequence[object] = ()) -> tuple[tuple[str, ...], list[Row]]:
    """INF-015: The names of the columns, and the rows, of one SELECT. Errors as for `query`."""
    path = directory / INDEX_NAME
    if not path.is_file():
        raise UsageError(f"{path} does not exist; build it first")
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            found = connection.execute(statement, tuple(values))
            if found.description is None:
                raise UsageError(f"{statement.strip()!r} is no question; write a SELECT")
            return tuple(column[0] for column in found.description), [tuple(row) for row in found]
        finally:
            connection.close()
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise UsageError(f"{path}: {error}") from None


def is_current(directory: Path) -> bool:
    """INF-015: The index was built from a log of the present length."""
    try:
        found = query(directory, "SELECT log_bytes FROM ledger")
        return found == [((directory / LOG_NAME).stat().st_size,)]
    except (UsageError, OSError):
        return False


def _fill(connection: sqlite3.Connection, directory: Path) -> None:
    genesis = decode(Genesis, (directory / GENESIS_NAME).read_bytes())
    root = hash_tree_root(genesis).hex()
    counts = _Counts(head=root)
    _identities(connection, counts, genesis.identities)
    for frame in read_log(directory / LOG_NAME):
        _block(connection, counts, frame)
    _insert(connection, "blobs", _blobs(directory))
    end = counts.end or (directory / LOG_NAME).stat().st_size
    _insert(connection, "ledger", [(root, counts.head, counts.height, end)])


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    for row in rows:
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _word(value: int) -> int | str:
    """A uint64 as SQLite takes it: its integers are signed, so the upper half is text in a column without type."""
    return value if value < 1 << 63 else str(value)


def _identities(connection: sqlite3.Connection, counts: _Counts, added: Iterable[GenesisIdentity | Register]) -> None:
    """Identities are numbered in the order in which they appear; a block holds no refused registration."""
    for identity in added:
        row = (counts.identities, identity.public_key.hex(), counts.height)
        _insert(connection, "identities", [row])
        counts.identities += 1


def _block(connection: sqlite3.Connection, counts: _Counts, frame: Frame) -> None:
    header, body = frame.record.block.header, frame.record.block.body
    counts.height, counts.head, counts.end = header.height, block_root(header).hex(), frame.end
    row: Row = (
        header.height,
        counts.head,
        _word(header.view),
        header.proposer,
        header.parent_root.hex(),
        header.state_root.hex(),
        len(body.transactions),
        sum(frame.record.certificate.seats),
        frame.offset,
        frame.byte_length,
    )
    _insert(connection, "blocks", [row])
    for position, signed in enumerate(body.transactions):
        _transaction(connection, counts, position, signed)


def _transaction(connection: sqlite3.Connection, counts: _Counts, position: int, signed: SignedTransaction) -> None:
    transaction = signed.transaction
    container = PAYLOADS.get(transaction.kind)
    payload = decode(container, transaction.payload) if container else None
    place = (getattr(payload, "task", None), getattr(payload, "round", None))
    name = Kind(transaction.kind).name if container else str(transaction.kind)
    nonce, length = _word(transaction.nonce), len(transaction.payload)
    _insert(
        connection,
        "transactions",
        [(counts.height, position, name, transaction.sender, nonce, *place, length)],
    )
    if isinstance(payload, Register):
        _identities(connection, counts, [payload])
    for table, row in _facts(payload, (*place, transaction.sender, counts.height)):
        _insert(connection, table, [row])


def _facts(payload: Container | None, who: Row) -> Iterator[tuple[str, Row]]:
    """The rows that a payload adds: what was revealed, testified or claimed, by whom, when."""
    match payload:
        case RevealUpdate():
            yield "updates", (*who, payload.blob_root.hex(), payload.sample_count)
        case RevealScores():
            for entry in payload.entries:
                yield "testimony", (*who, entry.update_root.hex(), entry.correct, entry.total)
        case ClaimAggregate():
            yield "claims", (*who, payload.model_root.hex())


def _blobs(directory: Path) -> Iterator[Row]:
    store = BlobStore(directory / DIRECTORY_NAME)
    for root in store.roots():
        blob = store.read(root).blob
        yield root.hex(), blob.kind, blob.element, blob.byte_length, len(blob.chunks)
