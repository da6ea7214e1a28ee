"""Encodings, roots, JSON, domains, layouts, blobs and chunk proofs (TYP-002 ... TYP-009, TYP-011)."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from bcfl_ref import encoding, kernels, types
from bcfl_ref.encoding import decode, encode, from_json, hash_tree_root, to_json
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.types import OPERATIONS, container_named
from hypothesis import given, settings
from hypothesis import strategies as st
from test_types import containers

HERE = Path(__file__).parent
VECTORS = json.loads((HERE / "data" / "ssz_roots.json").read_text(encoding="utf-8"))["vectors"]
SPEC = (HERE.parent / "spec" / "types.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", SPEC, re.DOTALL)]
ZEROES = [bytes(32)]
for _ in range(22):
    ZEROES.append(hashlib.sha256(ZEROES[-1] * 2).digest())


def code_of(function: Any, *arguments: Any) -> Code:
    """The code with which a call is refused."""
    with pytest.raises(SpecError) as refused:
        function(*arguments)
    return refused.value.code


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Every value of an annotated type, with short lists."""
    if hint is bool:
        return st.booleans()
    if isinstance(hint, type):
        return container_values(hint)
    match get_args(hint)[1]:
        case types.UintOf(bits):
            return st.integers(0, 2**bits - 1)
        case types.BytesOf(length):
            return st.binary(min_size=length, max_size=length)
        case types.BytesUpTo(limit):
            return st.binary(max_size=min(limit, 70))
        case types.BitsUpTo(limit):
            return st.lists(st.booleans(), max_size=min(limit, 20)).map(tuple)
        case types.ListUpTo(limit):
            return st.lists(values(types.element_type(hint)), max_size=min(limit, 3)).map(tuple)
    raise AssertionError(hint)


@functools.cache
def container_values(container: type[types.Container]) -> st.SearchStrategy[types.Container]:
    """Every value of a container."""
    return st.builds(container, *(st.deferred(lambda h=h: values(h)) for h in container.FIELD_TYPES.values()))


# ---------------------------------------------------------------------------------------------------------
# Encoding and roots


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['container']}-{len(v['encoding'])}")
def test_another_implementation_agrees(vector: dict[str, str]) -> None:
    """TYP-002, TYP-003, TYP-004: bytes and roots are those of an independent SSZ implementation."""
    data = bytes.fromhex(vector["encoding"][2:])
    value = decode(container_named(vector["container"]), data)
    assert encode(value) == data
    assert "0x" + hash_tree_root(value).hex() == vector["root"]


def test_another_implementation_saw_every_container() -> None:
    """TYP-004: no container is without a cross-check (tests/data/make_ssz_roots.py makes them)."""
    assert {vector["container"] for vector in VECTORS} == {container.__name__ for container in containers()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["operation"])
def test_examples_of_the_specification(example: dict[str, Any]) -> None:
    """TYP-001 ... TYP-017: each worked example in the specification is what the operation answers."""
    operation = {operation.name: operation for operation in OPERATIONS}[example["operation"]]
    try:
        answer = {"ok": operation.run(example["input"])}
    except SpecError as refusal:
        answer = {"error": refusal.code.value}
    assert answer == example["expect"]


def test_the_specification_explains_the_root_of_its_blob() -> None:
    """TYP-004, TYP-007: the root of the example follows from the formula beside it."""
    example = next(e for e in EXAMPLES if e["operation"] == "types.commit_blob")["expect"]["ok"]

    def pair(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(left + right).digest()

    def word(x: int) -> bytes:
        return x.to_bytes(32, "little")

    node = bytes.fromhex(example["blob"]["chunks"][0][2:])
    for level in range(22):
        node = pair(node, ZEROES[level])
    zero = bytes(32)
    left = pair(pair(word(2), word(0)), pair(zero, word(8)))
    right = pair(pair(pair(node, word(1)), zero), pair(zero, zero))
    assert "0x" + pair(left, right).hex() == example["root"]


@pytest.mark.parametrize("container", containers(), ids=lambda c: c.__name__)
@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_round_trip(container: type[types.Container], data: st.DataObject) -> None:
    """TYP-002, TYP-003, TYP-011: bytes and JSON give back every value, and JSON is made of strings."""
    value = data.draw(container_values(container))
    assert decode(container, encode(value)) == value
    form = to_json(value)
    assert from_json(container, json.loads(json.dumps(form))) == value


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(containers()), st.data())
def test_one_value_one_encoding(container: type[types.Container], data: st.DataObject) -> None:
    """TYP-003: damaged bytes are refused, or are exactly the encoding of what they decode to."""
    damaged = bytearray(encode(data.draw(container_values(container))))
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "offset"]))
    place = data.draw(st.integers(0, max(len(damaged) - 1, 0)))
    if kind == "flip" and damaged:
        damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    elif kind == "cut":
        del damaged[place:]
    elif kind == "insert":
        damaged[place:place] = data.draw(st.binary(min_size=1, max_size=5))
    else:
        damaged[place : place + 4] = data.draw(st.binary(min_size=4, max_size=4))
    try:
        value = decode(container, bytes(damaged))
    except SpecError as refusal:
        assert refusal.code is Code.ENCODING_INVALID
    else:
        assert encode(value) == bytes(damaged)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(containers()), st.binary(max_size=80))
def test_arbitrary_bytes(container: type[types.Container], data: bytes) -> None:
    """TYP-003: whatever comes from outside is decoded strictly or refused by name."""
    try:
        assert encode(decode(container, data)) == data
    except SpecError as refusal:
        assert refusal.code is Code.ENCODING_INVALID


def test_overlong_byte_list() -> None:
    """TYP-003: a byte list beyond its limit is refused (the SSZ library's own message fails on it)."""
    spec = encode(types.TensorSpec(b"n" * 64, (), 0))
    longer = spec[:4] + (9 + 65).to_bytes(4, "little") + spec[8:] + b"n"
    assert code_of(decode, types.TensorSpec, longer) is Code.ENCODING_INVALID


@pytest.mark.parametrize(
    "value",
    [
        types.TensorSpec(b"w", (1,), 256),
        types.TensorSpec(b"w", (1,), -1),
        types.TensorSpec(b"w", (1,), True),
        types.TensorSpec(b"w", (2**32,), 1),
        types.TensorSpec(b"w", (1,) * 9, 1),
        types.TensorSpec(b"w", [1], 1),  # type: ignore[arg-type]
        types.TensorSpec(b"w" * 65, (1,), 1),
        types.TensorSpec("w", (1,), 1),  # type: ignore[arg-type]
        types.Vote(1, 2**64, 0, bytes(32)),
        types.Vote(1, 1, 0, bytes(31)),
        types.Claim(1, bytes(32), 1),  # type: ignore[arg-type]
        types.Layout((types.TensorSpec(b"w", (-1,), 1),)),
    ],
)
def test_values_outside_their_type(value: types.Container) -> None:
    """TYP-001, TYP-002: a value that does not fit its type is refused, also deep inside."""
    assert code_of(encode, value) is Code.VALUE_RANGE


# ---------------------------------------------------------------------------------------------------------
# JSON

VOTE = to_json(types.Vote(2, 7, 0, bytes(32)))


@pytest.mark.parametrize(
    "change",
    [
        {"height": 7},
        {"height": "07"},
        {"height": "+7"},
        {"height": "-7"},
        {"height": " 7"},
        {"height": "7_0"},
        {"height": "0x7"},
        {"height": ""},
        {"height": "٧"},
        {"height": "1" * 5000},
        {"height": None},
        {"block_root": "00" * 32},
        {"block_root": "0x" + "AA" * 32},
        {"block_root": "0X" + "aa" * 32},
        {"block_root": "0x" + "aa" * 31 + "a"},
        {"block_root": "0x" + "aa " * 32},
        {"block_root": "0x" + "gg" * 32},
        {"block_root": 0},
        {"more": "1"},
    ],
)
def test_json_is_strict(change: dict[str, Any]) -> None:
    """TYP-011: there is one JSON form of a value; anything else is refused by name."""
    assert code_of(from_json, types.Vote, {**VOTE, **change}) is Code.ENCODING_INVALID


@pytest.mark.parametrize("given_json", [None, [], "x", 1, {}, {"height": "1"}])
def test_json_of_the_wrong_shape(given_json: Any) -> None:
    """TYP-011: a container is an object with exactly its fields."""
    assert code_of(from_json, types.Vote, given_json) is Code.ENCODING_INVALID


def test_json_out_of_range() -> None:
    """TYP-011: numbers and lengths of the right form but outside their type have the other code."""
    assert code_of(from_json, types.Vote, {**VOTE, "kind": "256"}) is Code.VALUE_RANGE
    assert code_of(from_json, types.Vote, {**VOTE, "block_root": "0x00"}) is Code.VALUE_RANGE
    assert code_of(from_json, types.Uint8, "256") is Code.VALUE_RANGE


def test_json_booleans_and_lists() -> None:
    """TYP-011: a boolean is no string and a list no object."""
    claim = to_json(types.Claim(1, bytes(32), True))
    assert claim["correct"] is True
    assert code_of(from_json, types.Claim, {**claim, "correct": "true"}) is Code.ENCODING_INVALID
    assert code_of(from_json, types.Claim, {**claim, "correct": 1}) is Code.ENCODING_INVALID
    assert code_of(from_json, types.Layout, {"tensors": {}}) is Code.ENCODING_INVALID


@pytest.mark.parametrize("bits", ["0x", "0x00", "0xff00", "0x" + "ff" * 129])
def test_json_bitlists(bits: str) -> None:
    """TYP-011: a bitlist carries its end bit, in the last byte."""
    certificate = to_json(types.Certificate(1, 0, bytes(32), (), bytes(96)))
    assert certificate["seats"] == "0x01"
    assert code_of(from_json, types.Certificate, {**certificate, "seats": bits}) is Code.ENCODING_INVALID


# ---------------------------------------------------------------------------------------------------------
# Signed scalars and domains


@given(st.integers(-(2**63), 2**63 - 1))
def test_int64(value: int) -> None:
    """TYP-009: the word is the value modulo 2^64, and gives it back."""
    word = encoding.int64_to_word(value)
    assert word == value % 2**64
    assert encoding.word_to_int64(word) == value


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_int64_range(value: int) -> None:
    """TYP-009: what 64 bits cannot hold is refused."""
    assert code_of(encoding.int64_to_word, value) is Code.VALUE_RANGE


def test_domains_differ() -> None:
    """TYP-005: each kind of message, ledger and version has a domain of its own that begins with its type."""
    kinds = [
        encoding.DOMAIN_TRANSACTION,
        encoding.DOMAIN_PROPOSAL,
        encoding.DOMAIN_PREVOTE,
        encoding.DOMAIN_PRECOMMIT,
        encoding.DOMAIN_REVEAL,
    ]
    assert [f"`0x{kind.hex()}`" in SPEC for kind in kinds] == [True] * 5
    places = [(kind, bytes([root]) * 32, version) for kind in kinds for root in (1, 2) for version in (1, 2)]
    domains = [encoding.compute_domain(*place) for place in places]
    assert len(set(domains)) == len(places)
    assert all(domain[:4] == place[0] and len(domain) == 32 for domain, place in zip(domains, places, strict=True))


def test_signing_root_is_a_root() -> None:
    """TYP-005: a signing root hashes the object's root and the domain."""
    vote, domain = types.Vote(1, 2, 3, bytes(32)), bytes(range(32))
    expected = hashlib.sha256(hash_tree_root(vote) + domain).digest()
    assert encoding.signing_root(vote, domain) == expected
    assert encoding.hash_bytes(b"ab", b"c") == hashlib.sha256(b"abc").digest()


# ---------------------------------------------------------------------------------------------------------
# Layouts


def layout(*tensors: tuple[bytes, tuple[int, ...], int]) -> types.Layout:
    """A layout of (name, shape, fraction bits)."""
    return types.Layout(tuple(types.TensorSpec(*tensor) for tensor in tensors))


def test_layout_size() -> None:
    """TYP-006: a layout has the coordinates of all its tensors; a scalar has one."""
    assert encoding.layout_size(layout((b"a", (), 0), (b"b", (3,), 30), (b"b2", (4, 5), 16))) == 24
    assert encoding.layout_size(layout((b"a", (2**31, 2), 0))) == 2**32


@pytest.mark.parametrize(
    "bad",
    [
        layout(),
        layout((b"", (1,), 0)),
        layout((b"b", (1,), 0), (b"a", (1,), 0)),
        layout((b"a", (1,), 0), (b"a", (1,), 0)),
        layout((b"a", (0,), 0)),
        layout((b"a", (2**32 - 1, 0), 0)),
        layout((b"a", (1,), 31)),
        layout((b"a", (2**31, 2), 0), (b"b", (), 0)),
        layout((b"a", (2**32 - 1,) * 8, 0)),
    ],
)
def test_bad_layouts(bad: types.Layout) -> None:
    """TYP-006: tensors are named in ascending order, not empty, and fit into a blob."""
    assert code_of(encoding.layout_size, bad) is Code.LAYOUT_INVALID


# ---------------------------------------------------------------------------------------------------------
# Blobs and chunks

ROOT = bytes(range(32))


@pytest.mark.parametrize("length", [4, 4092, 4096, 4100, 8192, 12288 + 4])
def test_commit_blob(length: int) -> None:
    """TYP-007: one digest for each 4096 bytes, the last one of what is left, at and around the seams."""
    data = bytes(i * 7 % 251 for i in range(length))
    blob = encoding.commit_blob(2, 0, ROOT, data)
    digests = [hashlib.sha256(data[start : start + 4096]).digest() for start in range(0, length, 4096)]
    assert blob == types.Blob(2, 0, ROOT, length, tuple(digests))
    encoding.check_blob(blob, data)


def test_commit_blob_on_every_kernel() -> None:
    """TYP-007: the commitment does not depend on the kernel variant that hashes."""
    data = np.arange(5000, dtype="<i4").tobytes()
    expected = encoding.commit_blob(1, 0, ROOT, data)
    for variant in kernels.available_variants():
        with kernels.use_variant(variant):
            assert encoding.commit_blob(1, 0, ROOT, data) == expected


@pytest.mark.parametrize(
    ("element", "data", "code"),
    [
        (0, b"", Code.BLOB_EMPTY),
        (9, b"", Code.BLOB_EMPTY),
        (9, b"1234", Code.BLOB_LENGTH),
        (0, b"12345", Code.BLOB_LENGTH),
        (1, b"12", Code.BLOB_LENGTH),
        (2, b"1234", Code.BLOB_LENGTH),
        (3, b"123456781234", Code.BLOB_LENGTH),
    ],
)
def test_commit_blob_refuses(element: int, data: bytes, code: Code) -> None:
    """TYP-007: empty before anything else, then element type and length."""
    assert code_of(encoding.commit_blob, 2, element, ROOT, data) is code


def test_commit_blob_of_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """TYP-007: a blob beyond the limit of chunks is refused before it is hashed (the limit is made small here)."""
    monkeypatch.setattr(encoding, "CHUNKS_MAX", 2)
    encoding.commit_blob(2, 0, ROOT, bytes(8192))
    assert code_of(encoding.commit_blob, 2, 0, ROOT, bytes(8196)) is Code.BLOB_LENGTH


def test_check_blob_names_the_chunk() -> None:
    """TYP-007: data that differs is refused, and the detail names the first chunk that does."""
    data = bytes(4096 * 3)
    blob = encoding.commit_blob(2, 0, ROOT, data)
    with pytest.raises(SpecError, match="chunk 1"):
        encoding.check_blob(blob, data[:4097] + b"\1" + data[4098:])
    assert code_of(encoding.check_blob, blob, data + bytes(4)) is Code.BLOB_MISMATCH
    assert code_of(encoding.check_blob, blob, data[:-4]) is Code.BLOB_MISMATCH
    assert code_of(encoding.check_blob, blob, b"") is Code.BLOB_EMPTY
    assert code_of(encoding.check_blob, blob, data[:-1]) is Code.BLOB_LENGTH


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.data())
def test_chunk_proofs(count: int, data: st.DataObject) -> None:
    """TYP-008: the proof of every chunk leads to the root that the SSZ library computes for the blob."""
    digests = tuple(hashlib.sha256(bytes([i])).digest() for i in range(count))
    blob = types.Blob(2, 0, ROOT, 4 * count, digests)
    index = data.draw(st.integers(0, count - 1))
    proof = encoding.prove_chunk(blob, index)
    assert proof.blob_root == hash_tree_root(blob)
    assert len(proof.branch) == 26
    encoding.verify_chunk(proof, bytes([index]))
    assert decode(types.ChunkProof, encode(proof)) == proof


def proof_of_three() -> types.ChunkProof:
    """The proof of the middle one of three chunks."""
    digests = tuple(hashlib.sha256(bytes([i])).digest() for i in range(3))
    return encoding.prove_chunk(types.Blob(2, 0, ROOT, 12, digests), 1)


def changed(**fields: Any) -> types.ChunkProof:
    """That proof with other fields."""
    return types.ChunkProof(**{**{n: getattr(proof_of_three(), n) for n in types.ChunkProof.FIELD_TYPES}, **fields})


def test_chunk_proofs_are_bound() -> None:
    """TYP-008: position, digest, chunk, root and every sibling are bound, and the branch has one length."""
    proof = proof_of_three()
    encoding.verify_chunk(proof, b"\1")
    assert code_of(encoding.verify_chunk, proof, b"\2") is Code.CHUNK_PROOF
    for index in (0, 2, 3, 1 + 2**21):
        assert code_of(encoding.verify_chunk, changed(index=index), b"\1") is Code.CHUNK_PROOF
    for index in (2**22, 1 + 2**22, 2**64 - 1):
        assert code_of(encoding.verify_chunk, changed(index=index), b"\1") is Code.CHUNK_INDEX
    assert code_of(encoding.verify_chunk, changed(blob_root=bytes(32)), b"\1") is Code.CHUNK_PROOF
    for place in range(26):
        branch = list(proof.branch)
        branch[place] = bytes([branch[place][0] ^ 1]) + branch[place][1:]
        assert code_of(encoding.verify_chunk, changed(branch=tuple(branch)), b"\1") is Code.CHUNK_PROOF
    for branch in (proof.branch[:-1], (*proof.branch, bytes(32)), ()):
        assert code_of(encoding.verify_chunk, changed(branch=branch), b"\1") is Code.CHUNK_PROOF


def test_no_proof_of_padding() -> None:
    """TYP-008: positions behind the last chunk have no proof."""
    blob = types.Blob(2, 0, ROOT, 4, (bytes(32),))
    for index in (1, -1, 2**22):
        assert code_of(encoding.prove_chunk, blob, index) is Code.CHUNK_INDEX
