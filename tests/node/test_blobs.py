"""The blob store: atomic, idempotent, and every bit of a file is checked when it is read (INF-013)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bcfl_ref.encoding import commit_blob, encode, hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.infrastructure.blobs import BlobData
from bcfl_ref.node.blobs import BlobError, BlobStore, wrong_chunk

LAYOUT = bytes(range(32))
DATA = bytes(i * 7 % 251 for i in range(2 * 4096 + 8))


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    """An empty store in a directory that does not exist yet."""
    return BlobStore(tmp_path / "ledger" / "blobs")


def put(store: BlobStore, data: bytes = DATA) -> bytes:
    """Store an update of int32 coordinates."""
    return store.put(2, 0, LAYOUT, data)


def refusal(store: BlobStore, root: bytes) -> BlobError:
    """How the store refuses to read a blob."""
    with pytest.raises(BlobError) as refused:
        store.read(root)
    assert refused.value.root == root
    return refused.value


def test_round_trip(store: BlobStore) -> None:
    """What was put is read under the root of its commitment."""
    root = put(store)
    blob = commit_blob(2, 0, LAYOUT, DATA)
    assert root == hash_tree_root(blob)
    assert store.read(root) == BlobData(blob, DATA)


def test_file_layout(store: BlobStore) -> None:
    """A file is the commitment's length, the commitment and the data, under the root in hexadecimal."""
    root = put(store)
    commitment = encode(commit_blob(2, 0, LAYOUT, DATA))
    expected = len(commitment).to_bytes(4, "little") + commitment + DATA
    assert (store.directory / f"{root.hex()}.blob").read_bytes() == expected


def test_put_twice(store: BlobStore) -> None:
    """Putting a blob again changes nothing; putting it over a damaged file heals it."""
    root = put(store)
    path = store.path(root)
    before = path.stat()
    assert put(store) == root
    assert path.stat().st_ino == before.st_ino
    path.write_bytes(b"damaged")
    assert put(store) == root
    assert store.read(root).data == DATA


@pytest.mark.parametrize(
    ("element", "data", "code"),
    [(0, b"", Code.BLOB_EMPTY), (0, b"12345", Code.BLOB_LENGTH), (9, b"1234", Code.BLOB_LENGTH)],
)
def test_put_refuses(store: BlobStore, element: int, data: bytes, code: Code) -> None:
    """What cannot be committed to is not stored."""
    with pytest.raises(SpecError) as refused:
        store.put(2, element, LAYOUT, data)
    assert refused.value.code is code
    assert store.roots() == ()


def test_mapping(store: BlobStore) -> None:
    """The store is a mapping from roots to checked blobs."""
    roots = sorted(put(store, bytes([i]) * 4) for i in range(3))
    assert list(store) == roots
    assert len(store) == 3
    assert roots[0] in store
    assert bytes(32) not in store
    assert "text" not in store
    assert store.get(bytes(32)) is None
    assert store[roots[0]] == store.read(roots[0])
    assert refusal(store, bytes(32)).code is Code.BLOB_ABSENT
    store.path(roots[0]).write_bytes(b"")
    with pytest.raises(BlobError):
        store.get(roots[0])


def test_names(store: BlobStore) -> None:
    """Names that no blob has are strays; what a crash left behind is ignored; no directory, no blobs."""
    assert (store.roots(), store.strays()) == ((), ())
    root = put(store)
    for name in (".tmp-1-x", "notes.txt", root.hex().upper() + ".blob", root.hex()):
        (store.directory / name).write_bytes(b"")
    assert store.roots() == (root,)
    assert set(store.strays()) == {"notes.txt", root.hex().upper() + ".blob", root.hex()}


def test_every_flipped_bit_is_found(store: BlobStore) -> None:
    """No bit can change unnoticed, and damage in the data names the chunk that it is in."""
    data = DATA[: 4096 + 32]
    root = put(store, data)
    path = store.path(root)
    whole = path.read_bytes()
    begin = len(whole) - len(data)
    for bit in [*range(8 * (begin + 4)), *range(8 * begin, 8 * len(whole), 61), 8 * len(whole) - 1]:
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        error = refusal(store, root)
        if bit // 8 < begin:
            assert (error.code, error.chunk) == (Code.BLOB_FILE_INVALID, None)
        else:
            assert (error.code, error.chunk) == (Code.BLOB_MISMATCH, (bit // 8 - begin) // 4096)
            assert f"chunk {error.chunk}" in str(error)


def test_every_cut_and_slack_is_found(store: BlobStore) -> None:
    """A file that is shorter or longer is refused, and the first missing or extra chunk is named."""
    root = put(store)
    path = store.path(root)
    whole = path.read_bytes()
    begin = len(whole) - len(DATA)
    for end in [*range(begin + 9), begin + 4096, begin + 4096 * 2, len(whole) - 4, len(whole) - 1]:
        path.write_bytes(whole[:end])
        error = refusal(store, root)
        if end >= begin:
            assert error.chunk == (end - begin) // 4096
    for slack, chunk in ((b"\0", 2), (bytes(4), 2), (bytes(4096), 2), (bytes(8192), 2)):
        path.write_bytes(whole + slack)
        assert refusal(store, root).chunk == chunk
    whole_chunks = put(store, DATA[:8192])
    path = store.path(whole_chunks)
    path.write_bytes(path.read_bytes() + bytes(4))
    assert refusal(store, whole_chunks).chunk == 2


def test_a_file_under_another_name_is_found(store: BlobStore) -> None:
    """A whole and valid blob is refused under the name of another."""
    first, second = put(store), put(store, DATA[:4096])
    store.path(first).write_bytes(store.path(second).read_bytes())
    error = refusal(store, first)
    assert error.code is Code.BLOB_FILE_INVALID
    assert second.hex() in str(error)


def test_wrong_chunk_of_the_right_data() -> None:
    """Data that fits its commitment has no wrong chunk."""
    assert wrong_chunk(commit_blob(2, 0, LAYOUT, DATA), DATA) is None
    assert wrong_chunk(commit_blob(2, 0, LAYOUT, DATA), b"") == 0
