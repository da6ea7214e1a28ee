"""What a node keeps to itself: secret keys, salts and the journal of what it said (INF-014).

All of it lives in one directory that only its owner can enter. A copy of the ledger never needs it. Nothing
here is ever printed: an error names the file, not its content.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from ..errors import UsageError
from .durable import make_directory, sync_directory, write_all, write_atomic

DIRECTORY_NAME = "private"
DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")

JOURNAL_HEADER_BYTES = 8
"""The length of a record in four bytes, and the first four bytes of the SHA-256 of those."""
JOURNAL_DIGEST_BYTES = 16
JOURNAL_RECORD_BYTES_MAX = 2**26


class PrivateDirectory:
    """INF-014: Named secrets of one node, each written once.

    Errors when opening: UsageError when it cannot be made or others than its owner may enter it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            make_directory(directory, DIRECTORY_MODE)
            mode = directory.stat().st_mode & 0o777
        except OSError as error:
            raise UsageError(f"cannot use {directory}: {error.strerror}") from None
        if mode & 0o077:
            raise UsageError(f"{directory} has mode {mode:04o}; others must have no access (chmod 700)")

    def store(self, name: str, secret: bytes) -> None:
        """INF-014: Keep `secret` under `name`; durable when this returns.

        A secret is never replaced: storing the same again is fine, another one is an error, because what was
        committed to under the first could then never be revealed. Errors: UsageError.
        """
        known = self.load(name)
        if known is None:
            write_atomic(self._path(name), secret, FILE_MODE)
        elif known != secret:
            raise UsageError(f"{self._path(name)} already holds another secret")

    def load(self, name: str) -> bytes | None:
        """INF-014: The secret kept under `name`, or None."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def names(self, prefix: str = "") -> tuple[str, ...]:
        """INF-014: The names under which secrets are kept, ascending."""
        found = (entry.name for entry in self.directory.iterdir() if entry.is_file())
        return tuple(sorted(name for name in found if _NAME.fullmatch(name) and name.startswith(prefix)))

    def store_key(self, name: str, secret_key: int) -> None:
        """INF-014: Keep a BLS secret key, as 32 bytes big-endian. Errors: UsageError."""
        self.store(name, secret_key.to_bytes(32, "big"))

    def load_key(self, name: str) -> int | None:
        """INF-014: The BLS secret key kept under `name`, or None. Errors: UsageError when it is not 32 bytes."""
        secret = self.load(name)
        if secret is not None and len(secret) != 32:
            raise UsageError(f"{self._path(name)} holds {len(secret)} bytes, a secret key has 32")
        return None if secret is None else int.from_bytes(secret, "big")

    def journal(self, name: str) -> FileJournal:
        """INF-014: The journal kept under `name`, made when there is none. Errors: UsageError."""
        return FileJournal(self._path(name))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name for a secret")
        return self.directory / name


class FileJournal:
    """INF-014: An append-only list of byte strings that survives a crash: what a validator said, before it says it.

    A record that a crash cut short was never acknowledged and is dropped when the journal is opened. Anything
    else that is wrong is refused: to forget a vote is to risk contradicting it. So the length has a check of
    its own, which tells a cut-off record from a damaged length. Errors when opening: UsageError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            created = not path.exists()
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
            if created:
                sync_directory(path.parent)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from None
        try:
            content = path.read_bytes()
            self._records, self._end = _journal_records(path, content)
            self.torn_bytes = len(content) - self._end
            if self.torn_bytes:
                os.ftruncate(self._descriptor, self._end)
                os.fsync(self._descriptor)
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, *records: bytes) -> None:
        """INF-014: Add records; they are durable when this returns. Errors: UsageError, OSError."""
        for record in records:
            if len(record) > JOURNAL_RECORD_BYTES_MAX:
                raise UsageError(f"{self.path}: a record of {len(record)} bytes")
        framed = b"".join(_journal_header(len(record)) + record + _journal_digest(record) for record in records)
        try:
            write_all(self._descriptor, framed)
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._end += len(framed)
        self._records += [bytes(record) for record in records]

    def clear(self) -> None:
        """INF-014: Forget all records; should a crash undo this, their owner sees that they are old."""
        os.ftruncate(self._descriptor, 0)
        self._end = 0
        self._records.clear()

    def records(self) -> tuple[bytes, ...]:
        """INF-014: All records in the order in which they were appended."""
        return tuple(self._records)

    def close(self) -> None:
        """INF-014: Let go of the file; nothing is pending, since every append was durable."""
        os.close(self._descriptor)


def _journal_header(length: int) -> bytes:
    prefix = length.to_bytes(4, "little")
    return prefix + hashlib.sha256(prefix).digest()[:4]


def _journal_digest(record: bytes) -> bytes:
    return hashlib.sha256(record).digest()[:JOURNAL_DIGEST_BYTES]


def _journal_records(path: Path, content: bytes) -> tuple[list[bytes], int]:
    """The whole records of a journal and the offset at which a cut-off one begins (or the end)."""
    records: list[bytes] = []
    offset = 0
    while len(content) - offset >= JOURNAL_HEADER_BYTES:
        header = content[offset : offset + JOURNAL_HEADER_BYTES]
        length = int.from_bytes(header[:4], "little")
        if header != _journal_header(length):
            raise UsageError(f"{path} is damaged at byte {offset}: the length of record {len(records)}")
        start = offset + JOURNAL_HEADER_BYTES
        end = start + length + JOURNAL_DIGEST_BYTES
        if end > len(content):
            break
        record = content[start : start + length]
        if content[start + length : end] != _journal_digest(record):
            raise UsageError(f"{path} is damaged: record {len(records)} at byte {offset} fails its check")
        records.append(record)
        offset = end
    return records, offset
