"""Canonical bytes, roots, JSON and signing roots of containers, and the commitments of blobs (TYP-002 ...).

SSZ itself is a library's work; what is ours is strictness: a decoder that accepts two encodings of one value
lets two nodes hash different bytes for the same thing, so every decoding is checked by encoding again.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Annotated, Any, TypeVar, get_args, get_origin

import ssz
from ssz.exceptions import SSZException

from . import kernels
from .errors import Code, SpecError
from .types import (
    BitsUpTo,
    Blob,
    BytesOf,
    BytesUpTo,
    ChunkProof,
    Container,
    DomainData,
    Layout,
    ListUpTo,
    SigningData,
    UintOf,
    element_type,
    schema_of,
)

C = TypeVar("C", bound=Container)
Json = Any

ROOT_BYTES = 32
_ROOT = "_root"
_schema = functools.cache(schema_of)

CHUNK_BYTES = 4096
CHUNKS_MAX = 2**22
CHUNK_TREE_DEPTH = 22
# Blob has five fields, so its tree has eight leaves; `chunks` is leaf 4, and a list's data hangs left of its length.
CHUNKS_GINDEX = (8 + 4) * 2

ELEMENT_I32, ELEMENT_U32, ELEMENT_U64, ELEMENT_F61 = 0, 1, 2, 3
ELEMENT_BYTES = {ELEMENT_I32: 4, ELEMENT_U32: 4, ELEMENT_U64: 8, ELEMENT_F61: 8}
BLOB_MODEL, BLOB_UPDATE, BLOB_MASKED = 1, 2, 3
"""TYP-007, PRV-003: kinds of blob known to this version; kinds 3 to 15 are reserved for masked input and traces."""

DOMAIN_TRANSACTION = bytes.fromhex("01000000")
DOMAIN_PROPOSAL = bytes.fromhex("02000000")
DOMAIN_PREVOTE = bytes.fromhex("03000000")
DOMAIN_PRECOMMIT = bytes.fromhex("04000000")
DOMAIN_REVEAL = bytes.fromhex("05000000")
"""TYP-005: one domain type per kind of signed message."""


# ---------------------------------------------------------------------------------------------------------
# Bytes and roots


def _plain(value: Any) -> Any:
    """The nested tuples that the SSZ library takes for a container."""
    if isinstance(value, Container):
        return tuple(_plain(getattr(value, name)) for name in value.FIELD_TYPES)
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value


def _built(hint: Any, plain: Any) -> Any:
    """The container (or field value) of type `hint` from what the SSZ library decoded."""
    if isinstance(hint, type) and issubclass(hint, Container):
        return hint(*(_built(field, item) for field, item in zip(hint.FIELD_TYPES.values(), plain, strict=True)))
    if get_origin(hint) is not None:
        marker = get_args(hint)[1]
        if isinstance(marker, ListUpTo):
            return tuple(_built(element_type(hint), item) for item in plain)
        if isinstance(marker, BitsUpTo):
            return tuple(bool(bit) for bit in plain)
        if isinstance(marker, BytesOf | BytesUpTo):
            return bytes(plain)
    return plain


def encode(value: Container) -> bytes:
    """TYP-002: The canonical bytes of a container. Errors: VALUE_RANGE when a field is outside its type."""
    check_ranges(value)
    return bytes(ssz.encode(_plain(value), value.SCHEMA))


def decode(container: type[C], data: bytes) -> C:
    """TYP-003: The container whose canonical bytes are `data`.

    Errors: ENCODING_INVALID for every other byte string, whatever is wrong with it (a slack byte, an offset with
    a gap, a bitlist without its end bit, a list beyond its limit, a cut). One code, because libraries differ in
    what they call malformed and what they only notice when they encode again.
    """
    try:
        value: C = _built(container, ssz.decode(data, container.SCHEMA))
        again = bytes(ssz.encode(_plain(value), container.SCHEMA))
    except (SSZException, ValueError, IndexError, TypeError, OverflowError, AttributeError) as error:
        # AttributeError: the library (0.6.0) trips over its own message when a byte list exceeds its limit.
        raise SpecError(Code.ENCODING_INVALID, f"{container.__name__}: {error}") from None
    if again != data:
        raise SpecError(Code.ENCODING_INVALID, f"{container.__name__}: {len(data)} bytes, not canonical")
    return value


def hash_tree_root(value: Container) -> bytes:
    """TYP-004: The 32-byte SSZ root of a container, remembered by it: containers never change.

    A block changes few parts of a state, and everything else in it is the same object as before.
    """
    known: bytes | None = value.__dict__.get(_ROOT)
    if known is None:
        fields = [_field_root(hint, getattr(value, name)) for name, hint in value.FIELD_TYPES.items()]
        known = value.__dict__[_ROOT] = _merkle_root(fields, len(fields))
    return known


def _field_root(hint: Any, value: Any) -> bytes:
    """TYP-004: The root of one field; what is not spelled out here is left to the library."""
    if isinstance(value, Container):
        return hash_tree_root(value)
    marker = get_args(hint)[1] if get_origin(hint) is Annotated else None
    match marker:
        case UintOf(bits) if isinstance(value, int) and 0 <= value < 1 << bits:
            return value.to_bytes(ROOT_BYTES, "little")
        case BytesOf(length) if length == ROOT_BYTES == len(value):
            return bytes(value)
        case ListUpTo(limit) if value and isinstance(value[0], Container) and len(value) <= limit:
            root = _merkle_root([hash_tree_root(item) for item in value], limit)
            return hash_bytes(root, len(value).to_bytes(ROOT_BYTES, "little"))
    return bytes(ssz.get_hash_tree_root(_plain(value), _schema(hint)))


def _merkle_root(chunks: list[bytes], limit: int) -> bytes:
    """TYP-004: The root over chunks, filled up with zero chunks to the power of two that holds `limit`."""
    return kernels.ssz_merkleize(b"".join(chunks), limit)


def check_ranges(value: Any, hint: Any = None) -> None:
    """TYP-002: Every integer, byte string and list of `value` fits its declared type. Errors: VALUE_RANGE."""
    if isinstance(value, Container):
        for name, field_hint in value.FIELD_TYPES.items():
            check_ranges(getattr(value, name), field_hint)
        return
    marker = get_args(hint)[1] if get_origin(hint) is not None else None
    match marker:
        case UintOf(bits):
            valid = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << bits
        case BytesOf(length):
            valid = isinstance(value, bytes) and len(value) == length
        case BytesUpTo(limit):
            valid = isinstance(value, bytes) and len(value) <= limit
        case ListUpTo(limit) | BitsUpTo(limit):
            valid = isinstance(value, tuple) and len(value) <= limit
        case _:
            valid = isinstance(value, bool)
    if not valid:
        raise SpecError(Code.VALUE_RANGE, f"{value!r:.80} does not fit {marker}")
    if isinstance(marker, ListUpTo):
        for item in value:
            check_ranges(item, element_type(hint))


def int64_to_word(value: int) -> int:
    """TYP-009: A signed 64-bit integer as the unsigned word that carries it. Errors: VALUE_RANGE."""
    if not -(1 << 63) <= value < 1 << 63:
        raise SpecError(Code.VALUE_RANGE, f"{value} is no signed 64-bit integer")
    return value & (1 << 64) - 1


def word_to_int64(word: int) -> int:
    """TYP-009: The signed integer that an unsigned 64-bit word carries in two's complement."""
    return word - (1 << 64) if word >> 63 else word


# ---------------------------------------------------------------------------------------------------------
# JSON (SSZ's own mapping)


def to_json(value: Any, hint: Any = None) -> Json:
    """TYP-011: SSZ's JSON mapping: integers as decimal strings, bytes and bitlists as 0x-hex, lists as arrays."""
    if isinstance(value, Container):
        return {name: to_json(getattr(value, name), field) for name, field in value.FIELD_TYPES.items()}
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(get_args(hint)[1], BitsUpTo):
        return "0x" + bytes(ssz.encode(value, schema_of(hint))).hex()
    return [to_json(item, element_type(hint)) for item in value]


def from_json(hint: Any, json: Json) -> Any:
    """TYP-011: The value of type `hint` (a container class or a field annotation). Errors: ENCODING_INVALID."""
    try:
        value = _from_json(hint, json)
    except (KeyError, ValueError, TypeError, AttributeError, SSZException) as error:
        raise SpecError(Code.ENCODING_INVALID, f"JSON for {getattr(hint, '__name__', hint)}: {error}") from None
    if isinstance(value, Container):
        check_ranges(value)
    else:
        check_ranges(value, hint)
    return value


def _from_json(hint: Any, json: Json) -> Any:
    if isinstance(hint, type) and issubclass(hint, Container):
        if not isinstance(json, dict) or set(json) != set(hint.FIELD_TYPES):
            raise ValueError(f"{hint.__name__} needs exactly the fields {sorted(hint.FIELD_TYPES)}")
        return hint(**{name: _from_json(field, json[name]) for name, field in hint.FIELD_TYPES.items()})
    if hint is bool:
        if not isinstance(json, bool):
            raise ValueError(f"{json!r} is no boolean")
        return json
    match get_args(hint)[1]:
        case UintOf():
            if not isinstance(json, str) or not json.isascii() or not json.isdigit() or str(int(json)) != json:
                raise ValueError(f"{json!r} is no decimal string")
            return int(json)
        case BytesOf() | BytesUpTo():
            return bytes_from_hex(json)
        case BitsUpTo():
            return tuple(bool(bit) for bit in ssz.decode(bytes_from_hex(json), schema_of(hint)))
    if not isinstance(json, list):
        raise ValueError(f"{json!r:.40} is no array")
    return tuple(_from_json(element_type(hint), item) for item in json)


def bytes_from_hex(text: str) -> bytes:
    """TYP-011: The bytes of a 0x-prefixed lower-case hexadecimal string; ValueError otherwise."""
    if not isinstance(text, str) or not text.startswith("0x") or text != text.lower():
        raise ValueError(f"{text!r:.40} is no 0x-prefixed lower-case hex string")
    data = bytes.fromhex(text[2:])
    if len(text) != 2 + 2 * len(data):
        raise ValueError(f"{text!r:.40} holds more than hex digits")
    return data


# ---------------------------------------------------------------------------------------------------------
# Domains


def compute_domain(domain_type: bytes, genesis_root: bytes, protocol_version: int) -> bytes:
    """TYP-005: `domain_type` followed by 28 bytes of the root of {genesis_root, protocol_version}."""
    return domain_type + hash_tree_root(DomainData(genesis_root, protocol_version))[:28]


def signing_root(value: Container, domain: bytes) -> bytes:
    """TYP-005: The 32 bytes that are signed for `value` under `domain`."""
    return hash_tree_root(SigningData(hash_tree_root(value), domain))


def hash_bytes(*parts: bytes) -> bytes:
    """TYP-004: SHA-256 of the concatenation; callers give parts of fixed length so that nothing is ambiguous."""
    return hashlib.sha256(b"".join(parts)).digest()


# ---------------------------------------------------------------------------------------------------------
# Layouts and blobs


def layout_size(layout: Layout) -> int:
    """TYP-006: The number of coordinates of a model with this layout.

    Errors, in order: LAYOUT_INVALID when there is no tensor, a name is empty or not greater than the one before
    it (bytewise), a shape holds a zero, fraction_bits exceeds 30, or the sum exceeds 2^32 coordinates.
    """
    total, previous = 0, b""
    for tensor in layout.tensors:
        size = 1
        for extent in tensor.shape:
            size *= extent
        if tensor.name <= previous or size == 0 or tensor.fraction_bits > 30:
            raise SpecError(Code.LAYOUT_INVALID, f"tensor {tensor.name!r} of shape {tensor.shape}")
        total, previous = total + size, tensor.name
    if not 0 < total <= CHUNKS_MAX * CHUNK_BYTES // 4:
        raise SpecError(Code.LAYOUT_INVALID, f"{total} coordinates")
    return total


def commit_blob(kind: int, element: int, layout_root: bytes, data: bytes) -> Blob:
    """TYP-007: The commitment to `data`.

    Errors, in order: BLOB_EMPTY; BLOB_LENGTH when longer than 2^22 chunks, of an unknown element type, or not a
    whole number of elements.
    """
    if not data:
        raise SpecError(Code.BLOB_EMPTY, "a blob holds at least one byte")
    width = ELEMENT_BYTES.get(element)
    if width is None or len(data) % width or len(data) > CHUNKS_MAX * CHUNK_BYTES:
        raise SpecError(Code.BLOB_LENGTH, f"{len(data)} bytes of element type {element}")
    digests = kernels.sha256_chunks(data, CHUNK_BYTES)
    chunks = tuple(digests[start : start + 32] for start in range(0, len(digests), 32))
    return Blob(kind, element, layout_root, len(data), chunks)


def check_blob(blob: Blob, data: bytes) -> None:
    """TYP-007: `data` is what `blob` commits to. Errors, in order: those of commit_blob, then BLOB_MISMATCH."""
    found = commit_blob(blob.kind, blob.element, blob.layout_root, data)
    if found != blob:
        wrong = next(
            (i for i, pair in enumerate(zip(found.chunks, blob.chunks, strict=False)) if pair[0] != pair[1]),
            None,
        )
        where = "the length" if wrong is None else f"chunk {wrong}"
        raise SpecError(Code.BLOB_MISMATCH, f"{where} differs from the commitment")


def prove_chunk(blob: Blob, index: int) -> ChunkProof:
    """TYP-008: The proof that chunk `index` belongs to the blob. Errors: CHUNK_INDEX."""
    if not 0 <= index < len(blob.chunks):
        raise SpecError(Code.CHUNK_INDEX, f"chunk {index} of {len(blob.chunks)}")
    branch, layer, position = [], list(blob.chunks), index
    zero = bytes(32)
    for _ in range(CHUNK_TREE_DEPTH):
        sibling = position ^ 1
        branch.append(layer[sibling] if sibling < len(layer) else zero)
        if len(layer) % 2:
            layer.append(zero)
        layer = [hash_bytes(layer[i], layer[i + 1]) for i in range(0, len(layer), 2)]
        zero, position = hash_bytes(zero, zero), position // 2
    branch.append(len(blob.chunks).to_bytes(32, "little"))
    fields = [
        bytes([blob.kind]).ljust(32, b"\0"),
        bytes([blob.element]).ljust(32, b"\0"),
        blob.layout_root,
        blob.byte_length.to_bytes(32, "little"),
    ]
    # `chunks` is leaf 4 of 8: its siblings are the zero leaf 5, the zero pair (6, 7) and the pair of pairs (0..3).
    pair = hash_bytes(zero := bytes(32), zero)
    left = hash_bytes(hash_bytes(fields[0], fields[1]), hash_bytes(fields[2], fields[3]))
    branch += [bytes(32), pair, left]
    return ChunkProof(hash_tree_root(blob), index, blob.chunks[index], tuple(branch))


def verify_chunk(proof: ChunkProof, chunk: bytes) -> None:
    """TYP-008: `chunk` is chunk number `proof.index` of the blob `proof.blob_root`.

    The generalised index is fixed: ((8 + 4) * 2) * 2^22 + index. Errors, in order: CHUNK_INDEX when the index is
    2^22 or more; CHUNK_PROOF when the digest is not that of the chunk, the branch has the wrong length, or it
    does not lead to the root.
    """
    if proof.index >= CHUNKS_MAX:
        raise SpecError(Code.CHUNK_INDEX, f"{proof.index}")
    if hash_bytes(chunk) != proof.digest or len(proof.branch) != CHUNK_TREE_DEPTH + 4:
        raise SpecError(Code.CHUNK_PROOF, f"chunk {proof.index}: digest or length of the branch")
    node, gindex = proof.digest, (CHUNKS_GINDEX << CHUNK_TREE_DEPTH) + proof.index
    for sibling in proof.branch:
        node = hash_bytes(sibling, node) if gindex & 1 else hash_bytes(node, sibling)
        gindex >>= 1
    if node != proof.blob_root:
        raise SpecError(Code.CHUNK_PROOF, f"chunk {proof.index} does not lead to the root")
