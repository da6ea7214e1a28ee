"""The ledger log: durable appends, strict reading, and no bit without a meaning (INF-010)."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from bcfl_ref.crypto import bls
from bcfl_ref.encoding import encode, hash_tree_root
from bcfl_ref.errors import Code, InvariantError, SpecError, UsageError
from bcfl_ref.node.log import FRAME_BYTES_MAX, HEADER, Frame, LedgerLog, LogError, read_log
from bcfl_ref.types import (
    EMPTY_SIGNATURE,
    ZERO_ROOT,
    Block,
    Body,
    Certificate,
    Header,
    LedgerRecord,
    SignedTransaction,
    Transaction,
    Vote,
)

SECRETS = [bls.keygen(bytes([seat]) * 32) for seat in range(3)]
KEYS = [bls.public_key(secret) for secret in SECRETS]
EMPTY_CERTIFICATE = Certificate(0, 0, ZERO_ROOT, (), EMPTY_SIGNATURE)


def vote_root(certificate: Certificate) -> bytes:
    """What the seats of a toy certificate signed."""
    return hash_tree_root(Vote(2, certificate.height, certificate.view, certificate.block_root))


def certified(header: Header) -> Certificate:
    """A certificate of two of the three seats."""
    blank = Certificate(header.height, header.view, hash_tree_root(header), (True, False, True), EMPTY_SIGNATURE)
    signature = bls.aggregate([bls.sign(SECRETS[seat], vote_root(blank)) for seat in (0, 2)])
    return Certificate(blank.height, blank.view, blank.block_root, blank.seats, signature)


def toy_chain(length: int) -> list[LedgerRecord]:
    """Blocks that hang together, with certificates that verify and one transaction each."""
    records: list[LedgerRecord] = []
    parent, certificate = ZERO_ROOT, EMPTY_CERTIFICATE
    for height in range(1, length + 1):
        transaction = Transaction(2, 0, height, bytes([height]) * 5)
        body = Body(certificate, EMPTY_SIGNATURE, (SignedTransaction(transaction, EMPTY_SIGNATURE),))
        header = Header(height, 0, 1, parent, bytes([height]) * 32, hash_tree_root(body))
        parent, certificate = hash_tree_root(header), certified(header)
        records.append(LedgerRecord(Block(header, body), certificate))
    return records


RECORDS = toy_chain(2)


def check_chain(frames: Iterator[Frame]) -> int:
    """Replay in small: parent, body, certificate. ValueError where the chain breaks; gives its length."""
    parent, certificate, height = ZERO_ROOT, EMPTY_CERTIFICATE, 0
    for height, frame in enumerate(frames, start=1):
        block, own = frame.record.block, frame.record.certificate
        if block.header.parent_root != parent or block.header.height != height:
            raise ValueError(f"frame {frame.number}: parent")
        if block.body.certificate != certificate or block.header.body_root != hash_tree_root(block.body):
            raise ValueError(f"frame {frame.number}: body")
        parent, certificate = hash_tree_root(block.header), own
        signers = [key for key, sits in zip(KEYS, own.seats, strict=False) if sits]
        facts = (own.height, own.view, own.block_root, len(own.seats))
        if facts != (height, block.header.view, parent, len(KEYS)):
            raise ValueError(f"frame {frame.number}: certificate")
        if not bls.fast_aggregate_verify(signers, vote_root(own), own.signature):
            raise ValueError(f"frame {frame.number}: signature")
    return height


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log with two records."""
    with LedgerLog(tmp_path / "ledger.log") as log:
        for record in RECORDS:
            log.append(record)
    return tmp_path / "ledger.log"


def refusal(path: Path) -> LogError:
    """How a strict reader refuses the file."""
    with pytest.raises(LogError) as refused:
        list(read_log(path))
    return refused.value


def test_layout(path: Path) -> None:
    """The file is magic, version and, for each record, its length and canonical bytes; nothing else."""
    expected = b"BeFL-log" + (1).to_bytes(4, "little")
    for record in RECORDS:
        expected += len(encode(record)).to_bytes(4, "little") + encode(record)
    assert path.read_bytes() == expected


def test_read(path: Path) -> None:
    """What was appended is read, with its place."""
    frames = list(read_log(path))
    assert [frame.record for frame in frames] == RECORDS
    assert [frame.number for frame in frames] == [0, 1]
    assert frames[0].offset == len(HEADER)
    assert frames[0].end == frames[1].offset
    assert frames[1].end == path.stat().st_size
    assert check_chain(read_log(path)) == 2


def test_empty_log(tmp_path: Path) -> None:
    """A new log has a header and no frame, and can be opened again."""
    with LedgerLog(tmp_path / "ledger.log") as log:
        assert log.count == 0
    assert list(read_log(tmp_path / "ledger.log")) == []
    with LedgerLog(tmp_path / "ledger.log") as log:
        assert log.frames == ()


def test_append_is_synchronised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every append synchronises the file before it returns, after all its bytes were written."""
    with LedgerLog(tmp_path / "ledger.log") as log:
        sizes = []
        real = os.fsync
        monkeypatch.setattr(os, "fsync", lambda fd: (sizes.append(os.fstat(fd).st_size), real(fd)))
        ends = [log.append(record).end for record in RECORDS]
        monkeypatch.undo()
    assert sizes == ends


def test_append_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes seven bytes at a time still writes everything."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:7]))
    with LedgerLog(tmp_path / "ledger.log") as log:
        for record in RECORDS:
            log.append(record)
    monkeypatch.undo()
    assert check_chain(read_log(tmp_path / "ledger.log")) == 2


def test_full_disk_leaves_no_fragment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An append that fails half-way is undone, and the log goes on afterwards."""
    before = path.read_bytes()
    real = os.write
    room = [100]

    def write(fd: int, data: bytes) -> int:
        part = bytes(data)[: room[0]]
        if not part:
            raise OSError(28, "no space left")
        room[0] -= len(part)
        return real(fd, part)

    record = toy_chain(3)[2]
    with LedgerLog(path) as log:
        monkeypatch.setattr(os, "write", write)
        with pytest.raises(OSError, match="no space"):
            log.append(record)
        monkeypatch.undo()
        assert path.read_bytes() == before
        log.append(record)
    assert check_chain(read_log(path)) == 3


def test_torn_frame_is_cut_off_for_the_writer_only(path: Path) -> None:
    """At every length of a cut-off last frame the reader refuses and the writer goes on after the first."""
    whole = path.read_bytes()
    start = list(read_log(path))[1].offset
    for end in [*range(start + 1, start + 9), start + 100, len(whole) - 1]:
        path.write_bytes(whole[:end])
        error = refusal(path)
        assert (error.code, error.frame, error.offset) == (Code.LOG_FRAME_TORN, 1, start)
        assert path.read_bytes() == whole[:end]
        with LedgerLog(path) as log:
            assert log.torn_bytes == end - start
            assert [frame.record for frame in log.frames] == RECORDS[:1]
            log.append(RECORDS[1])
        assert path.read_bytes() == whole
        assert path.with_name(f"ledger.log.torn-{start}").read_bytes() == whole[start:end]


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (b"\0", Code.LOG_FRAME_TORN),
        (b"\0\0\0\0", Code.LOG_FRAME_LENGTH),
        (b"\0" * 64, Code.LOG_FRAME_LENGTH),
        ((FRAME_BYTES_MAX + 1).to_bytes(4, "little"), Code.LOG_FRAME_LENGTH),
        (FRAME_BYTES_MAX.to_bytes(4, "little"), Code.LOG_FRAME_TORN),
        (b"\1\0\0\0", Code.LOG_FRAME_TORN),
        (b"\1\0\0\0\0", Code.LOG_FRAME_INVALID),
        (len(encode(RECORDS[0]) + b"\0").to_bytes(4, "little") + encode(RECORDS[0]) + b"\0", None),
    ],
)
def test_trailing_bytes(path: Path, tail: bytes, code: Code | None) -> None:
    """Whatever follows the last frame is refused, where it begins, and a whole but wrong frame also by the writer."""
    end = path.stat().st_size
    with path.open("ab") as file:
        file.write(tail)
    error = refusal(path)
    assert (error.code, error.frame, error.offset) == (code or Code.LOG_FRAME_INVALID, 2, end)
    if error.code is not Code.LOG_FRAME_TORN:
        with pytest.raises(LogError):
            LedgerLog(path)
        assert path.stat().st_size == end + len(tail)


@pytest.mark.parametrize("header", [b"", HEADER[:-1], b"befl-log\1\0\0\0", b"BeFL-log\2\0\0\0"])
def test_foreign_file(tmp_path: Path, header: bytes) -> None:
    """A file with another beginning is no ledger log, neither for the reader nor for the writer."""
    path = tmp_path / "ledger.log"
    path.write_bytes(header)
    assert refusal(path).code is Code.LOG_MAGIC
    with pytest.raises(LogError):
        LedgerLog(path)
    assert path.read_bytes() == header


def test_missing_file(tmp_path: Path) -> None:
    """A log that does not exist or is a directory is one clear line."""
    with pytest.raises(UsageError, match="cannot read"):
        list(read_log(tmp_path / "none"))
    with pytest.raises(UsageError, match="cannot write"):
        LedgerLog(tmp_path)


def test_one_writer(path: Path) -> None:
    """A second writer is turned away, and welcome when the first has gone."""
    with LedgerLog(path), pytest.raises(UsageError, match="another process"):
        LedgerLog(path)
    LedgerLog(path).close()


def test_a_changed_file_stops_its_writer(path: Path) -> None:
    """A writer notices that somebody else made the file longer."""
    with LedgerLog(path) as log:
        with path.open("ab") as file:
            file.write(b"x")
        with pytest.raises(InvariantError):
            log.append(RECORDS[1])


def first_fault(path: Path) -> str | None:
    """What a replay says about the file, or None when it accepts two records."""
    try:
        return None if check_chain(read_log(path)) == 2 else "length"
    except (SpecError, ValueError) as error:
        return str(error)


def test_every_flipped_bit_is_found(path: Path) -> None:
    """No bit of the file can change unnoticed, and what is named is never a frame before the changed one."""
    whole = path.read_bytes()
    second = list(read_log(path))[1].offset
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        fault = first_fault(path)
        assert fault is not None, f"bit {bit}"
        if bit // 8 >= second:
            assert "frame 1" in fault, f"bit {bit}: {fault}"


def test_every_cut_is_found(path: Path) -> None:
    """A file that ends anywhere but after a frame is refused; one that ends after a frame is a shorter ledger."""
    whole = path.read_bytes()
    second = list(read_log(path))[1].offset
    whole_frames = {len(HEADER): 0, second: 1, len(whole): 2}
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        if end in whole_frames:
            assert check_chain(read_log(path)) == whole_frames[end]
        else:
            assert refusal(path).code in (Code.LOG_MAGIC, Code.LOG_FRAME_TORN)


def test_random_damage_is_found(path: Path) -> None:
    """Random insertions, removals and swaps of bytes are found too."""
    whole = path.read_bytes()
    source = random.Random(20)
    for _ in range(300):
        start, length = source.randrange(len(whole)), source.randrange(1, 40)
        changed = whole[:start] + source.choice([b"", source.randbytes(length)]) + whole[start + length :]
        if changed in (whole, whole[: list(read_log_bytes(path, whole))[1].offset], HEADER):
            continue
        path.write_bytes(changed)
        assert first_fault(path) is not None


def read_log_bytes(path: Path, data: bytes) -> Iterator[Frame]:
    """The frames of a file with this content."""
    path.write_bytes(data)
    return read_log(path)
