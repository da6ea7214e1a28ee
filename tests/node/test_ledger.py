"""INF-010, INF-018: a ledger directory that one node at a time extends."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from bcfl_ref.encoding import decode, encode
from bcfl_ref.errors import UsageError
from bcfl_ref.node.blobs import BlobStore
from bcfl_ref.node.ledger import Ledger
from bcfl_ref.node.log import HEADER, LOG_NAME, LedgerLog, read_log
from bcfl_ref.node.verify import GENESIS_NAME, Offence, verify
from bcfl_ref.types import Genesis
from engines.runs import copy_of_shared_run, shared_run


def genesis() -> Genesis:
    return decode(Genesis, (shared_run().directory / GENESIS_NAME).read_bytes())


def test_an_opened_ledger_is_where_it_was_left(tmp_path: Path) -> None:
    """Opening replays every block, shows each to the observer once, and ends in the recorded head."""
    directory, heights = copy_of_shared_run(tmp_path / "run"), []
    with Ledger(
        directory, genesis(), lambda before, record, after: heights.append((before.height, after.height))
    ) as led:
        assert led.last_root == shared_run().head and led.state.height == led.resumed_height
        assert heights == [(height, height + 1) for height in range(led.state.height)]
        assert led.record(led.state.height) is not None and led.record(1) is None


def test_a_new_ledger_is_its_genesis(tmp_path: Path) -> None:
    """A new directory holds a genesis, an empty log, no blobs, and its last name is the genesis root."""
    with Ledger(tmp_path / "new", genesis()) as ledger:
        assert ledger.last_root == ledger.genesis_root and ledger.record(0) is None and ledger.state.height == 0
    assert (tmp_path / "new" / LOG_NAME).read_bytes() == HEADER
    assert (tmp_path / "new" / GENESIS_NAME).read_bytes() == encode(genesis())


def test_only_one_process_extends_a_ledger(tmp_path: Path) -> None:
    """While a ledger is open nobody else can open it; whoever failed to open it holds nothing."""
    with Ledger(tmp_path, genesis()):
        for _ in range(2):
            with pytest.raises(UsageError, match="another process"):
                Ledger(tmp_path, genesis())
    Ledger(tmp_path, genesis()).close()


def test_two_makers_of_a_log_get_one_file(tmp_path: Path) -> None:
    """Of many that make one log at the same moment one gets it, and what it holds is the file of that name."""
    for attempt in range(5):
        path, gate = tmp_path / str(attempt) / LOG_NAME, Barrier(6)
        path.parent.mkdir()

        def make(path: Path = path, gate: Barrier = gate) -> LedgerLog | None:
            gate.wait()
            try:
                return LedgerLog(path)
            except UsageError:
                return None

        with ThreadPoolExecutor(6) as pool:
            makers = [future.result() for future in [pool.submit(make) for _ in range(6)]]
        (log,) = [maker for maker in makers if maker is not None]
        assert os.fstat(log._descriptor).st_ino == path.stat().st_ino
        log.close()


def test_another_genesis_is_refused_and_nothing_touched(tmp_path: Path) -> None:
    """A directory with another genesis is left as it is, even the torn end of its log."""
    directory = copy_of_shared_run(tmp_path / "run")
    log = directory / LOG_NAME
    log.write_bytes(log.read_bytes()[:-3])
    before = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    with pytest.raises(UsageError, match="another configuration"):
        Ledger(directory, replace(genesis(), seed=bytes(32)))
    assert {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()} == before


def test_an_impossible_genesis_writes_nothing(tmp_path: Path) -> None:
    """A genesis that the rules refuse is a mistake in one line, and no directory appears."""
    with pytest.raises(UsageError, match="GENESIS_INVALID"):
        Ledger(tmp_path / "run", replace(genesis(), identities=()))
    assert not (tmp_path / "run").exists()


def test_a_torn_end_is_cut_by_the_writer_only(tmp_path: Path) -> None:
    """Verification names the torn end of a crash and leaves it; opening keeps it aside and continues before it."""
    directory = copy_of_shared_run(tmp_path / "run")
    log = directory / LOG_NAME
    whole = log.read_bytes()
    last = list(read_log(log))[-1]
    log.write_bytes(whole[:-3])
    with pytest.raises(Offence, match="LOG_FRAME_TORN"):
        verify(directory)
    assert log.read_bytes() == whole[:-3]
    with Ledger(directory, genesis()) as ledger:
        assert ledger.state.height == shared_run().height - 1
    assert log.read_bytes() == whole[: last.offset]
    assert verify(directory).height == shared_run().height - 1


def test_a_lost_blob_stops_the_writer(tmp_path: Path) -> None:
    """A blob that the ledger needs and that is gone or damaged is named, nothing is continued on top of it."""
    directory = copy_of_shared_run(tmp_path / "run")
    store = BlobStore(directory / "blobs")
    for root in store.roots():
        content = store.path(root).read_bytes()
        for spoilt in (None, content[:-1] + bytes([content[-1] ^ 1])):
            store.path(root).unlink() if spoilt is None else store.path(root).write_bytes(spoilt)
            with pytest.raises(UsageError, match=root.hex()):
                Ledger(directory, genesis())
        store.path(root).write_bytes(content)
    Ledger(directory, genesis()).close()


def test_a_full_disk_loses_nothing_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that the disk refuses leaves log and state as they were; the same block can be appended later."""
    directory = Path(shutil.copytree(shared_run().directory, tmp_path / "run"))
    frames = list(read_log(directory / LOG_NAME))
    (directory / LOG_NAME).write_bytes((directory / LOG_NAME).read_bytes()[: frames[-1].offset])
    states = []
    with Ledger(shared_run().directory, genesis(), lambda before, record, after: states.append(after)):
        pass
    record, real = frames[-1].record, os.write

    def refuse(room: int) -> Callable[[int, bytes], int]:
        """A disk with room for so many bytes more."""
        left = [room]

        def write(descriptor: int, data: bytes) -> int:
            taken = real(descriptor, bytes(data)[: left[0]]) if left[0] else 0
            left[0] -= taken
            if not taken:
                raise OSError(errno.ENOSPC, "No space left on device")
            return taken

        return write

    with Ledger(directory, genesis()) as ledger:
        size = (directory / LOG_NAME).stat().st_size
        for room in (0, 3, 100):
            with monkeypatch.context() as patch:
                patch.setattr(os, "write", refuse(room))
                with pytest.raises(OSError, match="No space"):
                    ledger.append(record.block, record.certificate, states[-1])
            assert (directory / LOG_NAME).stat().st_size == size and ledger.state.height == len(frames) - 1
        ledger.append(record.block, record.certificate, states[-1])
        assert ledger.last_root == shared_run().head
    assert verify(directory).head == shared_run().head
