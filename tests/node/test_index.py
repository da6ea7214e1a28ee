"""The index answers from the ledger, proves nothing, and can be thrown away (INF-015)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from bcfl_ref import types
from bcfl_ref.encoding import encode, hash_tree_root
from bcfl_ref.errors import UsageError
from bcfl_ref.infrastructure.transactions import Kind
from bcfl_ref.node.blobs import BlobStore
from bcfl_ref.node.index import INDEX_NAME, is_current, query, rebuild
from bcfl_ref.node.log import LedgerLog
from bcfl_ref.parameters import load_preset

EMPTY = types.Certificate(0, 0, bytes(32), (), bytes(96))
TESTIMONY = (types.Testimony(b"\1" * 32, 3, 4), types.Testimony(b"\2" * 32, 2**32 - 1, 2**32 - 1))
PAYLOADS: Sequence[tuple[Kind, types.Container]] = (
    (Kind.REGISTER, types.Register(b"\3" * 48, bytes(96), 5)),
    (Kind.REVEAL_UPDATE, types.RevealUpdate(0, 2, b"\1" * 32, 77, bytes(32))),
    (Kind.REVEAL_SCORES, types.RevealScores(0, 2, TESTIMONY, bytes(32))),
    (Kind.CLAIM_AGGREGATE, types.ClaimAggregate(0, 2, b"\4" * 32)),
)


def block(height: int, payloads: Sequence[tuple[Kind, types.Container]]) -> types.LedgerRecord:
    """A record that looks like one; the index asks for no more."""
    transactions = tuple(
        types.SignedTransaction(types.Transaction(int(kind), 1, 2**64 - 1, encode(payload)), bytes(96))
        for kind, payload in payloads
    )
    body = types.Body(EMPTY, bytes(96), transactions)
    header = types.Header(height, 1, 0, bytes(32), bytes(32), hash_tree_root(body))
    certificate = types.Certificate(height, 1, hash_tree_root(header), (True, False, True), bytes(96))
    return types.LedgerRecord(types.Block(header, body), certificate)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A directory with a genesis of two identities, two blocks and a blob."""
    identities = tuple(types.GenesisIdentity(bytes([i]) * 48, bytes(96), 1, 1) for i in range(2))
    genesis = types.Genesis(1, bytes(32), load_preset("minimal"), identities, ())
    (tmp_path / "genesis.ssz").write_bytes(encode(genesis))
    with LedgerLog(tmp_path / "ledger.log") as log:
        log.append(block(1, PAYLOADS))
        log.append(block(2, ()))
    BlobStore(tmp_path / "blobs").put(2, 0, bytes(32), bytes(8))
    return tmp_path


def test_blocks(ledger: Path) -> None:
    """Every block is there with its root, its place in the log and the number of seats that signed it."""
    assert rebuild(ledger) == ledger / INDEX_NAME
    rows = query(ledger, "SELECT height, root, view, transactions, seats, log_offset FROM blocks ORDER BY height")
    roots = [hash_tree_root(block(1, PAYLOADS).block.header).hex(), hash_tree_root(block(2, ()).block.header).hex()]
    assert [row[:5] for row in rows] == [(1, roots[0], 1, 4, 2), (2, roots[1], 1, 0, 2)]
    assert rows[0][5] == 12
    assert query(ledger, "SELECT height, head_root FROM ledger") == [(2, roots[1])]


def test_facts(ledger: Path) -> None:
    """Transactions, identities, updates, testimony, claims and blobs can be asked for."""
    rebuild(ledger)
    kinds = query(ledger, "SELECT kind, task, round, nonce FROM transactions WHERE sender = ? ORDER BY position", [1])
    assert [row[0] for row in kinds] == [kind.name for kind, _ in PAYLOADS]
    assert kinds[1][1:] == (0, 2, str(2**64 - 1))
    identities = query(ledger, "SELECT * FROM identities ORDER BY identity")
    assert identities == [(0, "00" * 48, 0), (1, "01" * 48, 0), (2, "03" * 48, 1)]
    assert query(ledger, "SELECT * FROM updates") == [(0, 2, 1, 1, "01" * 32, 77)]
    assert query(ledger, "SELECT correct, total FROM testimony") == [(3, 4), (2**32 - 1, 2**32 - 1)]
    assert query(ledger, "SELECT task, round, aggregator, model_root FROM claims") == [(0, 2, 1, "04" * 32)]
    assert query(ledger, "SELECT kind, element, byte_length, chunks FROM blobs") == [(2, 0, 8, 1)]


def test_it_can_be_thrown_away(ledger: Path) -> None:
    """Built again after it was deleted or damaged, the index says the same."""
    rebuild(ledger)
    before = [query(ledger, f"SELECT * FROM {table}") for table in ("blocks", "transactions", "ledger")]
    (ledger / INDEX_NAME).write_bytes(b"damaged")
    assert not is_current(ledger)
    rebuild(ledger)
    after = [query(ledger, f"SELECT * FROM {table}") for table in ("blocks", "transactions", "ledger")]
    assert after == before
    assert sorted(p.name for p in ledger.iterdir()) == ["blobs", "genesis.ssz", "index.sqlite", "ledger.log"]


def test_it_knows_when_it_is_old(ledger: Path) -> None:
    """After another block the index is no longer current."""
    assert not is_current(ledger)
    rebuild(ledger)
    assert is_current(ledger)
    with LedgerLog(ledger / "ledger.log") as log:
        log.append(block(3, ()))
    assert not is_current(ledger)


def test_an_empty_ledger(ledger: Path) -> None:
    """A ledger without blocks has genesis as its head."""
    (ledger / "ledger.log").unlink()
    LedgerLog(ledger / "ledger.log").close()
    rebuild(ledger)
    assert query(ledger, "SELECT height, head_root = genesis_root FROM ledger") == [(0, 1)]
    assert is_current(ledger)


def test_it_is_read_only(ledger: Path) -> None:
    """A question cannot change the index, and a wrong one is one clear line."""
    rebuild(ledger)
    for statement in ("DELETE FROM blocks", "SELECT nothing FROM nowhere", "no SQL"):
        with pytest.raises(UsageError, match=re_escape(ledger)):
            query(ledger, statement)
    assert len(query(ledger, "SELECT * FROM blocks")) == 2


def re_escape(path: Path) -> str:
    """A pattern that finds the path of the index."""
    return str(path).replace(".", "[.]")


def test_an_absurd_height_is_told(ledger: Path) -> None:
    """A height that no ledger reaches is refused: the index reads records without replaying them."""
    with LedgerLog(ledger / "ledger.log") as log:
        log.append(block(2**64 - 1, ()))
    with pytest.raises(UsageError, match="cannot write"):
        rebuild(ledger)


def test_damage_is_told(ledger: Path) -> None:
    """A damaged ledger is not indexed, and the old index stays."""
    with pytest.raises(UsageError, match="does not exist"):
        query(ledger, "SELECT 1")
    rebuild(ledger)
    log = ledger / "ledger.log"
    log.write_bytes(log.read_bytes()[:-1])
    with pytest.raises(UsageError, match="LOG_FRAME_TORN"):
        rebuild(ledger)
    assert len(query(ledger, "SELECT * FROM blocks")) == 2
    (ledger / "genesis.ssz").unlink()
    with pytest.raises(UsageError, match="cannot"):
        rebuild(ledger)
