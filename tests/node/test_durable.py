"""A file holds its old content or its new one, whatever happens in between (INF-020)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bcfl_ref.node.durable import make_directory, write_atomic


def test_write(tmp_path: Path) -> None:
    """The content is replaced, the mode set, and nothing is left behind."""
    path = tmp_path / "file"
    write_atomic(path, b"old")
    write_atomic(path, b"new", 0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Content is synchronised before the name, and the name before returning."""
    events: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (events.append("sync"), fsync(fd)))
    monkeypatch.setattr(os, "replace", lambda a, b: (events.append("rename"), replace(a, b)))
    write_atomic(tmp_path / "file", b"x")
    assert events == ["sync", "rename", "sync"]


def test_failure_keeps_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the medium fails, the old content stands and no temporary file stays."""
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def fail(descriptor: int) -> None:
        raise OSError(5, "medium")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="medium"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_make_directory(tmp_path: Path) -> None:
    """Directories appear with their parents and the mode asked for, and once."""
    make_directory(tmp_path / "a" / "b", 0o700)
    make_directory(tmp_path / "a" / "b", 0o755)
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
