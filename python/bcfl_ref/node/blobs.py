"""The blob store: bulk data in one file per commitment, named by the commitment's root (INF-013).

A file is the length of the encoded commitment in four bytes, the commitment, and the data. Nothing is believed
when a file is read: the commitment must have the root that the name says and every chunk the digest that the
commitment says, so each bit of the file is covered and damage is found where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..encoding import CHUNK_BYTES, CHUNKS_MAX, commit_blob, decode, encode, hash_tree_root
from ..errors import Code, SpecError
from ..infrastructure.blobs import BlobData, checked_blob
from ..types import Blob
from .durable import TEMPORARY_PREFIX, make_directory, write_atomic

DIRECTORY_NAME = "blobs"
SUFFIX = ".blob"
LENGTH_BYTES = 4
COMMITMENT_BYTES_MAX = 2**8 + 32 * CHUNKS_MAX
_NAME = re.compile(r"[0-9a-f]{64}\.blob")


class BlobError(SpecError):
    """INF-013: A refusal that names the blob and, where one can be named, its first wrong chunk."""

    def __init__(self, code: Code, root: bytes, detail: str, chunk: int | None = None) -> None:
        where = f"blob {root.hex()}" if chunk is None else f"blob {root.hex()} chunk {chunk}"
        super().__init__(code, f"{where}: {detail}")
        self.root = root
        self.chunk = chunk


class BlobStore(Mapping[bytes, BlobData]):
    """INF-013: The blobs in one directory, by root; as a mapping it reads and checks at every access."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, root: bytes) -> Path:
        """INF-013: Where the blob named `root` is or would be."""
        return self.directory / f"{root.hex()}{SUFFIX}"

    def put(self, kind: int, element: int, layout_root: bytes, data: bytes) -> bytes:
        """INF-013: Store `data` and give the root of its commitment; durable when this returns.

        Storing the same blob again changes nothing, except that a damaged file becomes whole.
        Errors: those of TYP-007, OSError.
        """
        return self.put_blob(BlobData(commit_blob(kind, element, layout_root, data), data))

    def put_blob(self, blob: BlobData) -> bytes:
        """INF-013: Store a blob that was checked when it was made. Errors: OSError."""
        root = hash_tree_root(blob.blob)
        commitment = encode(blob.blob)
        content = len(commitment).to_bytes(LENGTH_BYTES, "little") + commitment + blob.data
        path = self.path(root)
        if not path.is_file() or path.read_bytes() != content:
            make_directory(self.directory)
            write_atomic(path, content)
        return root

    def read(self, root: bytes) -> BlobData:
        """INF-013: The blob named `root`, checked bit by bit.

        Errors, in order: BLOB_ABSENT when there is no such file; BLOB_FILE_INVALID when its beginning is no
        commitment with that root; then those of TYP-007 for the data, naming the first wrong chunk.
        """
        try:
            content = self.path(root).read_bytes()
        except FileNotFoundError:
            raise BlobError(Code.BLOB_ABSENT, root, "no such file") from None
        return parse_blob_file(root, content)

    def roots(self) -> tuple[bytes, ...]:
        """INF-013: The roots that files are named by, ascending; the files are not read."""
        return tuple(bytes.fromhex(name[:64]) for name in self._names() if _NAME.fullmatch(name))

    def strays(self) -> tuple[str, ...]:
        """INF-013: The names in the directory that no blob has, leftovers of a crash excepted."""
        return tuple(
            name for name in self._names() if not _NAME.fullmatch(name) and not name.startswith(TEMPORARY_PREFIX)
        )

    def _names(self) -> list[str]:
        return sorted(entry.name for entry in self.directory.iterdir()) if self.directory.is_dir() else []

    def __getitem__(self, root: bytes) -> BlobData:
        """INF-013: As `read`, but KeyError for an absent blob, as mappings do."""
        try:
            return self.read(root)
        except BlobError as error:
            if error.code is Code.BLOB_ABSENT:
                raise KeyError(root.hex()) from None
            raise

    def __contains__(self, root: object) -> bool:
        """INF-013: A file has this name; it may still be damaged."""
        return isinstance(root, bytes) and self.path(root).is_file()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.roots())

    def __len__(self) -> int:
        return len(self.roots())


def parse_blob_file(root: bytes, content: bytes) -> BlobData:
    """INF-013: The blob that a file of the name `root` with this content holds.

    Errors, in order: BLOB_FILE_INVALID; then those of TYP-007 for the data, naming the first wrong chunk.
    """
    blob, data = _commitment(root, content)
    try:
        return checked_blob(root, blob, data)
    except SpecError as error:
        raise BlobError(error.code, root, error.detail, wrong_chunk(blob, data)) from None


def _commitment(root: bytes, content: bytes) -> tuple[Blob, bytes]:
    """The commitment at the beginning of a file and the bytes after it."""
    length = int.from_bytes(content[:LENGTH_BYTES], "little")
    end = LENGTH_BYTES + length
    if len(content) < LENGTH_BYTES or length > COMMITMENT_BYTES_MAX or end > len(content):
        raise BlobError(Code.BLOB_FILE_INVALID, root, f"commitment of {length} bytes in {len(content)}")
    try:
        blob = decode(Blob, content[LENGTH_BYTES:end])
    except SpecError as error:
        raise BlobError(Code.BLOB_FILE_INVALID, root, f"commitment: {error}") from None
    found = hash_tree_root(blob)
    if found != root:
        raise BlobError(Code.BLOB_FILE_INVALID, root, f"the commitment has root {found.hex()}")
    return blob, content[end:]


def wrong_chunk(blob: Blob, data: bytes) -> int | None:
    """INF-013: The first chunk of `data` that is not what the commitment says, or None when all are.

    A missing chunk is wrong, and so is the first one too many.
    """
    try:
        found = commit_blob(blob.kind, blob.element, blob.layout_root, data).chunks if data else ()
    except SpecError:
        return len(data) // CHUNK_BYTES
    for index, (ours, theirs) in enumerate(zip(found, blob.chunks, strict=False)):
        if ours != theirs:
            return index
    if len(found) != len(blob.chunks):
        return min(len(found), len(blob.chunks))
    return None if len(data) == blob.byte_length else len(found) - 1
