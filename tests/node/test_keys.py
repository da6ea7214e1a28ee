"""Secrets stay private and are written once; a journal keeps every acknowledged record (INF-014)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bcfl_ref.errors import UsageError
from bcfl_ref.node.keys import FileJournal, PrivateDirectory

SECRET = b"the secret of this test, 32 long"
RECORDS = [b"", b"x", bytes(range(256)), b"last"]


@pytest.fixture
def private(tmp_path: Path) -> PrivateDirectory:
    """A new private directory."""
    return PrivateDirectory(tmp_path / "private")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with four records."""
    journal = FileJournal(tmp_path / "journal")
    for record in RECORDS:
        journal.append(record)
    journal.close()
    return tmp_path / "journal"


def reopened(path: Path) -> FileJournal:
    """The journal as a restarted node finds it."""
    journal = FileJournal(path)
    journal.close()
    return journal


def test_modes(private: PrivateDirectory) -> None:
    """Only the owner can enter the directory and read the files, whatever the mask says."""
    old = os.umask(0)
    try:
        other = PrivateDirectory(private.directory / "inner")
        other.store("salt", SECRET)
        other.journal("votes").close()
    finally:
        os.umask(old)
    assert private.directory.stat().st_mode & 0o777 == 0o700
    assert other.directory.stat().st_mode & 0o777 == 0o700
    for name in ("salt", "votes"):
        assert (other.directory / name).stat().st_mode & 0o777 == 0o600


def test_open_directory_is_refused(tmp_path: Path) -> None:
    """A directory that others may enter is refused, with the remedy."""
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match="chmod 700"):
        PrivateDirectory(tmp_path)


def test_unusable_directory(tmp_path: Path) -> None:
    """A path through a file is one clear line."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot use"):
        PrivateDirectory(tmp_path / "file" / "private")


def test_store_once(private: PrivateDirectory) -> None:
    """A secret can be stored again but never replaced, and the error does not show it."""
    assert private.load("salt-1") is None
    private.store("salt-1", SECRET)
    private.store("salt-1", SECRET)
    assert PrivateDirectory(private.directory).load("salt-1") == SECRET
    with pytest.raises(UsageError) as refused:
        private.store("salt-1", b"another")
    assert "another secret" in str(refused.value)
    assert SECRET.decode() not in str(refused.value)
    assert private.load("salt-1") == SECRET


def test_keys(private: PrivateDirectory) -> None:
    """A key is kept as 32 big-endian bytes; another length is an error."""
    assert private.load_key("key-0") is None
    private.store_key("key-0", 7)
    assert private.load_key("key-0") == 7
    assert private.load("key-0") == bytes(31) + b"\7"
    private.store("key-1", b"short")
    with pytest.raises(UsageError, match="holds 5 bytes"):
        private.load_key("key-1")
    assert private.names() == ("key-0", "key-1")
    assert private.names("salt") == ()


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "UPPER", "x" * 129])
def test_names(private: PrivateDirectory, name: str) -> None:
    """A name that could leave the directory is refused."""
    with pytest.raises(UsageError, match="no name"):
        private.store(name, SECRET)


def test_journal_round_trip(path: Path) -> None:
    """A restarted node reads what it appended, in order, and appends after it."""
    journal = FileJournal(path)
    assert journal.records() == tuple(RECORDS)
    journal.append(b"more")
    assert journal.records() == (*RECORDS, b"more")
    journal.close()
    assert reopened(path).records() == (*RECORDS, b"more")


def test_journal_takes_several_at_once(path: Path) -> None:
    """Records appended together share one synchronisation; a crash in between keeps the whole ones before it."""
    journal = FileJournal(path)
    start = path.stat().st_size
    journal.append(b"one", b"two", b"three")
    journal.append()
    journal.close()
    whole = path.read_bytes()
    assert reopened(path).records() == (*RECORDS, b"one", b"two", b"three")
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        kept = reopened(path).records()
        assert kept == (*RECORDS, b"one", b"two", b"three")[: len(kept)]
        assert len(kept) >= len(RECORDS)


def test_journal_forgets(path: Path) -> None:
    """A cleared journal is empty, also when it is opened again, and takes records after that."""
    journal = FileJournal(path)
    journal.clear()
    assert journal.records() == ()
    assert path.stat().st_size == 0
    journal.append(b"next height")
    journal.close()
    assert reopened(path).records() == (b"next height",)


def test_journal_synchronises(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An append synchronises after all its bytes were written."""
    journal = FileJournal(path)
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda fd: sizes.append(os.fstat(fd).st_size))
    journal.append(b"vote")
    monkeypatch.undo()
    journal.close()
    assert sizes == [path.stat().st_size]


def test_every_cut_of_the_last_record(path: Path) -> None:
    """A record that a crash cut short is dropped, all before it stay, and the journal goes on."""
    whole = path.read_bytes()
    start = len(whole) - (8 + len(RECORDS[-1]) + 16)
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        journal = FileJournal(path)
        assert journal.records() == tuple(RECORDS[:-1])
        assert journal.torn_bytes == end - start
        journal.append(RECORDS[-1])
        journal.close()
        assert path.read_bytes() == whole


def test_every_flipped_bit(path: Path) -> None:
    """A damaged journal is refused rather than shortened: a forgotten vote could be contradicted."""
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(UsageError, match="damaged"):
            FileJournal(path)
        assert path.read_bytes() == changed


def test_journal_limits(path: Path, tmp_path: Path) -> None:
    """A record beyond the limit and a path that cannot be written are refused."""
    journal = FileJournal(path)
    with pytest.raises(UsageError, match="record of"):
        journal.append(bytes(2**26 + 1))
    journal.close()
    with pytest.raises(UsageError, match="cannot write"):
        FileJournal(tmp_path)


def test_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An append that fails is undone."""
    journal = FileJournal(path)
    before = path.read_bytes()
    real = os.write
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(OSError, match="no space"):
        journal.append(b"vote")
    monkeypatch.undo()
    assert os.write is real
    assert path.read_bytes() == before
    assert journal.records() == tuple(RECORDS)
    journal.close()
