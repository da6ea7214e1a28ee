"""The ledger log: one append-only file of framed canonical records, without a byte to spare (INF-010).

The file is a header of 12 bytes, then frames. A frame is the length of its record in four bytes, then the
record's canonical encoding. Nothing else may stand in the file, so every bit of it means something: a changed
bit changes the magic, a length, or a record, and a record is bound by the hash chain and its certificate.

Two doors lead here and they are deliberately different. `read_log` is for verification: it repairs nothing and
names the first byte that is wrong. `LedgerLog` is for the node that writes: it removes a frame that a crash cut
short, which can only be the last one and was never acknowledged, and keeps what it removed in a file beside it.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ..encoding import decode, encode
from ..errors import Code, InvariantError, SpecError, UsageError
from ..types import LedgerRecord
from .durable import sync_directory, write_all, write_atomic

LOG_NAME = "ledger.log"
MAGIC = b"BeFL-log"
FORMAT_VERSION = 1
HEADER = MAGIC + FORMAT_VERSION.to_bytes(4, "little")
LENGTH_BYTES = 4
FRAME_BYTES_MAX = 2**30
"""Above the largest record that the limits of its container allow."""


class LogError(SpecError):
    """INF-010: A refusal of the log that says where: `frame` counts from 0, `offset` is in bytes from the start."""

    def __init__(self, code: Code, frame: int, offset: int, detail: str) -> None:
        super().__init__(code, f"frame {frame} at byte {offset}: {detail}")
        self.frame = frame
        self.offset = offset


@dataclasses.dataclass(frozen=True)
class Frame:
    """INF-010: One record and where its frame stands; `byte_length` counts the record without its length."""

    number: int
    offset: int
    byte_length: int
    record: LedgerRecord

    @property
    def end(self) -> int:
        """INF-010: The offset of the first byte after the frame."""
        return self.offset + LENGTH_BYTES + self.byte_length


# ---------------------------------------------------------------------------------------------------------
# Reading, strictly


def read_log(path: Path) -> Iterator[Frame]:
    """INF-010: Every frame in order; repairs nothing.

    Errors, in order of reading: UsageError when the file cannot be opened; LOG_MAGIC when it does not begin with
    the magic and the known format version; then for each frame LOG_FRAME_LENGTH when its length is zero or more
    than 2^30, LOG_FRAME_TORN when the file ends before the length or the record does, LOG_FRAME_INVALID when the
    record is not canonical.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    with file:
        yield from frames_of(file, os.fstat(file.fileno()).st_size)


def frames_of(file: BinaryIO, size: int) -> Iterator[Frame]:
    """INF-010: Every frame of a log of `size` bytes, the file standing at its begin. Errors: as `read_log`."""
    _check_header(file.read(len(HEADER)))
    number, offset = 0, len(HEADER)
    while offset < size:
        data = _read_frame(file, number, offset, size)
        frame = Frame(number, offset, len(data), _record(data, number, offset))
        yield frame
        number, offset = number + 1, frame.end


def _check_header(header: bytes) -> None:
    if header != HEADER:
        raise LogError(Code.LOG_MAGIC, 0, 0, f"the file begins with {header.hex()}, expected {HEADER.hex()}")


def _read_frame(file: BinaryIO, number: int, offset: int, size: int) -> bytes:
    """The record's bytes of the frame at `offset` of a file of `size` bytes, the file standing there."""
    prefix = file.read(LENGTH_BYTES)
    if len(prefix) < LENGTH_BYTES:
        raise LogError(Code.LOG_FRAME_TORN, number, offset, f"{len(prefix)} of {LENGTH_BYTES} length bytes")
    length = int.from_bytes(prefix, "little")
    if not 0 < length <= FRAME_BYTES_MAX:
        raise LogError(Code.LOG_FRAME_LENGTH, number, offset, f"{length} bytes, allowed 1..{FRAME_BYTES_MAX}")
    left = size - offset - LENGTH_BYTES
    if length > left:
        raise LogError(Code.LOG_FRAME_TORN, number, offset, f"{length} bytes announced, {left} left")
    data = file.read(length)
    if len(data) < length:
        raise LogError(Code.LOG_FRAME_TORN, number, offset, f"{length} bytes announced, {len(data)} read")
    return data


def _record(data: bytes, number: int, offset: int) -> LedgerRecord:
    try:
        return decode(LedgerRecord, data)
    except SpecError as error:
        raise LogError(Code.LOG_FRAME_INVALID, number, offset, str(error)) from None


# ---------------------------------------------------------------------------------------------------------
# Writing, durably


def _open_or_create(path: Path) -> int:
    """A descriptor of the log, made when there is none; of two processes that make it, both get the same file."""
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        if not path.exists():
            write_atomic(path, HEADER)
        return os.open(path, os.O_RDWR | os.O_APPEND)
    finally:
        os.close(directory)


class LedgerLog:
    """INF-010: The log of a running node, held open by one process at a time.

    `frames` are the frames found when it was opened, `torn_bytes` how many bytes of a cut-off frame it removed.
    Errors when opening: UsageError when another process holds it or it cannot be written; otherwise those of
    `read_log`, with the exception of LOG_FRAME_TORN.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = _open_or_create(path)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.frames, self.torn_bytes = self._open()
        except BlockingIOError:
            os.close(self._descriptor)
            raise UsageError(f"{path} is being written by another process") from None
        except BaseException:
            os.close(self._descriptor)
            raise
        self._count = len(self.frames)
        self._end = self.frames[-1].end if self.frames else len(HEADER)

    def _open(self) -> tuple[tuple[Frame, ...], int]:
        """The whole frames; a torn last one is moved to a file of its own before it is cut off."""
        frames: list[Frame] = []
        try:
            for frame in read_log(self.path):
                frames.append(frame)
        except LogError as error:
            if error.code is not Code.LOG_FRAME_TORN:
                raise
            torn = self.path.read_bytes()[error.offset :]
            write_atomic(self.path.with_name(f"{self.path.name}.torn-{error.offset}"), torn)
            os.ftruncate(self._descriptor, error.offset)
            os.fsync(self._descriptor)
            return tuple(frames), len(torn)
        return tuple(frames), 0

    def append(self, record: LedgerRecord) -> Frame:
        """INF-010: Add a record; it is durable when this returns.

        A write that fails half-way is undone before the error goes on. Errors: VALUE_RANGE, LOG_FRAME_LENGTH,
        OSError.
        """
        data = encode(record)
        if len(data) > FRAME_BYTES_MAX:
            raise LogError(Code.LOG_FRAME_LENGTH, self._count, self._end, f"{len(data)} bytes")
        frame = Frame(self._count, self._end, len(data), record)
        if os.fstat(self._descriptor).st_size != self._end:
            raise InvariantError(f"{self.path} changed under its writer")
        try:
            write_all(self._descriptor, len(data).to_bytes(LENGTH_BYTES, "little") + data)
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._count, self._end = self._count + 1, frame.end
        return frame

    @property
    def count(self) -> int:
        """INF-010: How many frames the log holds now."""
        return self._count

    def close(self) -> None:
        """INF-010: Let go of the file; nothing is pending, since every append was durable."""
        os.close(self._descriptor)
        sync_directory(self.path.parent)

    def __enter__(self) -> LedgerLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
