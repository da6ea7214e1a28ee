"""INF-019: what verification accepts, and that no changed bit escapes it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bcfl_ref.consensus.certificate import assemble_certificate
from bcfl_ref.consensus.proposer import proposer_at
from bcfl_ref.consensus.scheme import PRECOMMIT, domains_of, vote_message
from bcfl_ref.crypto import bls
from bcfl_ref.errors import UsageError
from bcfl_ref.infrastructure.blocks import block_root
from bcfl_ref.node.assembly import assemble_block
from bcfl_ref.node.ledger import Ledger
from bcfl_ref.node.verify import Offence, verify
from bcfl_ref.parameters import PROTOCOL_VERSION, load_preset
from bcfl_ref.transition import state_transition, upcoming_committee
from bcfl_ref.types import Genesis, GenesisIdentity, SignedVote, Vote
from engines.runs import copy_of_shared_run, shared_run

FLIPS = 120


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A finished small run without its private directory, and its head."""
    directory = copy_of_shared_run(tmp_path_factory.mktemp("recorded") / "run")
    shutil.rmtree(directory / "private")
    return directory, shared_run().head


@pytest.fixture
def copy(recorded: tuple[Path, bytes], tmp_path: Path) -> Path:
    """A copy that may be spoilt."""
    return Path(shutil.copytree(recorded[0], tmp_path / "copy"))


def test_a_copy_without_private_verifies(recorded: tuple[Path, bytes]) -> None:
    """A copy without private/ verifies, with and without pins, and says what it proved and what it cannot prove."""
    directory, head = recorded
    free = verify(directory)
    assert free.head == head and free.unnamed_blobs == () and free.proved and free.not_proved
    pinned = verify(directory, expected_genesis=free.genesis_root, expected_head=head)
    assert pinned.height == free.height > 0


def test_pins_are_kept(recorded: tuple[Path, bytes]) -> None:
    """Another genesis or head than the pinned one is an offence."""
    directory, _ = recorded
    with pytest.raises(Offence, match=r"genesis\.ssz"):
        verify(directory, expected_genesis=bytes(32))
    with pytest.raises(Offence, match="head"):
        verify(directory, expected_head=bytes(32))


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["genesis.ssz", "ledger.log", "blobs"])
def test_any_flipped_bit_is_an_offence(copy: Path, name: str) -> None:
    """A single flipped bit anywhere in a real run's files is an offence that says where."""
    files = sorted((copy / name).iterdir()) if name == "blobs" else [copy / name]
    chance = random.Random(name)
    for _ in range(FLIPS):
        path = chance.choice(files)
        bit = chance.randrange(8 * path.stat().st_size)
        flip(path, bit)
        with pytest.raises(Offence) as offence:
            verify(copy)
        assert any(word in str(offence.value) for word in ("block", "blob", "genesis", "frame"))
        flip(path, bit)
    verify(copy)


def tiny_ledger(directory: Path) -> None:
    """One validator, one empty block."""
    key = bls.keygen(bytes(range(32)))
    identity = GenesisIdentity(bls.public_key(key), bls.prove_possession(key), 5, 1000)
    genesis = Genesis(PROTOCOL_VERSION, bytes(32), load_preset("minimal"), (identity,), ())
    with Ledger(directory, genesis) as ledger:
        committee = upcoming_committee(ledger.state)
        author = proposer_at(committee, 1, 0, genesis.parameters.epoch_heights)
        from bcfl_ref.consensus.certificate import NO_CERTIFICATE

        block = assemble_block(ledger.state, ledger.blobs, author, key, 0, NO_CERTIFICATE, ())
        vote = Vote(PRECOMMIT, 1, 0, block_root(block.header))
        message = vote_message(vote, domains_of(ledger.genesis_root, PROTOCOL_VERSION))
        certificate = assemble_certificate([SignedVote(vote, 0, bls.sign(key, message))], vote, committee)
        ledger.append(block, certificate, state_transition(ledger.state, block, ledger.blobs))


def each_bit(path: Path) -> Iterator[int]:
    return iter(range(8 * path.stat().st_size))


@pytest.mark.parametrize("name", ["genesis.ssz", "ledger.log"])
def test_every_bit_of_a_small_ledger_matters(tmp_path: Path, name: str) -> None:
    """Every single bit of a small ledger's genesis and log, flipped, is an offence."""
    tiny_ledger(tmp_path)
    assert verify(tmp_path).height == 1
    path = tmp_path / name
    survivors = []
    for bit in each_bit(path):
        flip(path, bit)
        try:
            verify(tmp_path)
            survivors.append(bit)
        except Offence:
            pass
        flip(path, bit)
    assert not survivors
    assert verify(tmp_path).height == 1


def test_a_shortened_or_lengthened_log_is_an_offence(copy: Path) -> None:
    """A cut-off last frame is not repaired by verification, and slack after the last frame is refused."""
    log = copy / "ledger.log"
    whole = log.read_bytes()
    for spoilt in (whole[:-1], whole + b"\0", whole[: len(whole) // 2], whole[:12]):
        log.write_bytes(spoilt)
        with pytest.raises(Offence):
            verify(copy)
        assert log.read_bytes() == spoilt


def test_a_missing_blob_is_an_offence(copy: Path) -> None:
    """Any blob file taken away is an offence."""
    for path in sorted((copy / "blobs").iterdir()):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(Offence):
            verify(copy)
        path.write_bytes(content)


def test_a_foreign_file_among_the_blobs_is_an_offence(copy: Path) -> None:
    """A file that is no blob does not hide among the blobs."""
    (copy / "blobs" / "notes.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(Offence, match=r"notes\.txt"):
        verify(copy)


def test_nothing_to_verify_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    """A directory without a ledger is a usage error, not an offence."""
    with pytest.raises(UsageError):
        verify(tmp_path)
    tiny_ledger(tmp_path / "run")
    (tmp_path / "run" / "ledger.log").unlink()
    with pytest.raises(UsageError):
        verify(tmp_path / "run")
