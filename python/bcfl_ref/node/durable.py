"""Writing so that a crash at any moment leaves the old content or the new, never a mixture (INF-020).

A file appears under its name only after its bytes are on the medium, and a name is durable only after its
directory is; both need their own synchronisation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY_PREFIX = ".tmp-"


def write_all(descriptor: int, data: bytes) -> None:
    """INF-020: Write all of `data`; the system may take it in parts. Errors: OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_directory(directory: Path) -> None:
    """INF-020: Make the names in `directory` durable. Errors: OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(directory: Path, mode: int = 0o755) -> None:
    """INF-020: Create `directory` (and its parents) durably if it does not exist. Errors: OSError."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(mode=mode, exist_ok=True)
    directory.chmod(mode)
    sync_directory(directory.parent)


@contextmanager
def _temporary(path: Path, mode: int) -> Iterator[tuple[int, Path]]:
    """A descriptor and path in the directory of `path`; the file is gone afterwards unless it was moved."""
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{os.getpid()}-{path.name}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.fchmod(descriptor, mode)
        yield descriptor, temporary
    finally:
        os.close(descriptor)
        temporary.unlink(missing_ok=True)


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """INF-020: `path` holds `data` durably when this returns, and its old content until then. Errors: OSError."""
    with _temporary(path, mode) as (descriptor, temporary):
        write_all(descriptor, data)
        os.fsync(descriptor)
        os.replace(temporary, path)
    sync_directory(path.parent)
