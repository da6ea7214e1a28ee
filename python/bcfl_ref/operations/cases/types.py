"""Cases of the operations on types, encodings, commitments and signatures (TYP-001 ... TYP-018)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, get_args

from bcfl_ref import encoding, parameters, types
from bcfl_ref.crypto import bls
from bcfl_ref.encoding import to_json
from bcfl_ref.operations._base import Case, Json

# ---------------------------------------------------------------------------------------------------------
# Values that anybody can make again


def stream(label: str, length: int) -> bytes:
    """The first `length` bytes of SHA-256(label ‖ " 0") ‖ SHA-256(label ‖ " 1") ‖ ..."""
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def example(hint: Any, label: str, elements: int) -> Any:
    """A value of an annotated type whose lists have `elements` elements, at their limit if that is less."""
    if hint is bool:
        return elements > 0
    if isinstance(hint, type) and issubclass(hint, types.Container):
        return hint(*(example(f, f"{label}.{n}", elements) for n, f in hint.FIELD_TYPES.items()))
    match get_args(hint)[1]:
        case types.UintOf(bits):
            return int.from_bytes(stream(label, bits // 8), "little")
        case types.BytesOf(length):
            return stream(label, length)
        case types.BytesUpTo(limit):
            return stream(label, min(limit, 5 * elements))
        case types.BitsUpTo(limit):
            return tuple(bool(byte & 1) for byte in stream(label, min(limit, 9 * elements)))
        case types.ListUpTo(limit):
            inner = types.element_type(hint)
            return tuple(example(inner, f"{label}[{i}]", elements) for i in range(min(limit, elements)))
    raise TypeError(hint)


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _slug(name: str) -> str:
    return "".join("-" + letter.lower() if letter.isupper() else letter for letter in name).strip("-")


# ---------------------------------------------------------------------------------------------------------
# Encoding

_MAIN: tuple[type[types.Container], ...] = (
    types.Parameters,
    types.Layout,
    types.Blob,
    types.ChunkProof,
    types.Vote,
    types.Proposal,
    types.Certificate,
    types.Genesis,
    types.SignedTransaction,
    types.Header,
    types.LedgerRecord,
    types.RevealScores,
    types.TaskSpec,
    types.Round,
)


def _encode_cases() -> Iterator[Case]:
    operation = "types.encode"
    for container in _MAIN:
        for elements, what in ((0, "empty"), (2, "full")):
            value = example(container, container.__name__, elements)
            name = f"{_slug(container.__name__)}-{what}"
            data = {"container": container.__name__, "value": to_json(value)}
            if elements == 2 or not container.SCHEMA.is_fixed_sized:
                yield Case(operation, f"types-encode-{name}", f"{container.__name__}, lists {what}", data)
    plain: Json = {"container": "TensorSpec", "value": {"name": "0x77", "shape": ["3", "4"], "fraction_bits": "16"}}
    yield Case(operation, "types-encode-tensor-spec", "two variable-size fields in one container", plain)
    broken = {
        "uint8-256": ("fraction_bits", "256", "wraps to 0"),
        "shape-9": ("shape", ["1"] * 9, "writes more elements than the limit allows"),
        "shape-element": ("shape", ["3", "4294967296"], "checks the outer list only"),
        "name-65": ("name", "0x" + "61" * 65, "writes more bytes than the limit allows"),
    }
    for name, (field, value, bug) in broken.items():
        data = {"container": "TensorSpec", "value": {**plain["value"], field: value}}
        yield Case(
            operation,
            f"types-encode-{name}",
            f"{field} beyond its type",
            data,
            bug=bug,
            twin="types-encode-tensor-spec",
        )
    vote: Json = {"container": "Vote", "value": to_json(types.Vote(2, 2**64 - 1, 0, bytes(32)))}
    yield Case(operation, "types-encode-vote-max", "the largest uint64 is a string in JSON", vote)
    short = {"container": "Vote", "value": {**vote["value"], "block_root": "0x" + "00" * 31}}
    yield Case(
        operation,
        "types-encode-root-31",
        "a root of 31 bytes",
        short,
        bug="pads with a zero",
        twin="types-encode-vote-max",
    )


# A value whose encoding ends in a byte list (or a bitlist) is still one with a byte more (or less).
_ENDS_IN_BYTES = (types.Genesis, types.SignedTransaction)
_ENDS_IN_BITS = (types.Certificate, types.LedgerRecord)


def _damaged(container: type[types.Container], data: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Names, bug classes and bytes of what a strict decoder of this container must refuse."""
    if container not in _ENDS_IN_BYTES:
        yield "slack", "ignores what follows the value", data + b"\0"
        if container not in _ENDS_IN_BITS:
            yield "cut", "reads past the end", data[:-1]
    yield "nothing", "reads nothing as a value", b""
    if not container.SCHEMA.is_fixed_sized:
        position = first_offset(container)
        low = int.from_bytes(data[position : position + 4], "little")
        for name, value, bug in (
            ("offset-gap", low + 1, "skips bytes between the fixed part and the first list"),
            ("offset-overlap", low - 1, "reads a list out of the fixed part"),
            ("offset-zero", 0, "takes an offset into itself"),
            ("offset-huge", 2**32 - 1, "allocates what an offset asks for"),
        ):
            yield name, bug, data[:position] + value.to_bytes(4, "little") + data[position + 4 :]


def first_offset(container: type[types.Container]) -> int:
    """Where the first offset of a container stands: after the fixed-size fields before the first list."""
    position = 0
    for sedes in container.SCHEMA.field_sedes:
        if not sedes.is_fixed_sized:
            return position
        position += sedes.get_fixed_size()
    raise TypeError(f"{container.__name__} has no offset")


def _decode_cases() -> Iterator[Case]:
    operation = "types.decode"
    for container in _MAIN:
        data = encoding.encode(example(container, container.__name__, 2))
        name = _slug(container.__name__)
        twin = f"types-decode-{name}"
        yield Case(operation, twin, f"a {container.__name__}", _encoded(container, data))
        for what, bug, damaged in _damaged(container, data):
            comment = f"a {container.__name__} with this damage: {what}"
            given = _encoded(container, damaged)
            yield Case(operation, f"{twin}-{what}", comment, given, bug=bug, twin=twin)
    yield from _decode_limit_cases()
    yield from _decode_bit_cases()


def _encoded(container: type[types.Container], data: bytes) -> dict[str, Json]:
    return {"container": container.__name__, "encoding": _hex(data)}


def _decode_limit_cases() -> Iterator[Case]:
    """Lists at their limit and one beyond; the containers are small enough to write by hand."""
    operation = "types.decode"

    def tensor(name: bytes, shape: int) -> dict[str, Json]:
        offsets = (9).to_bytes(4, "little") + (9 + len(name)).to_bytes(4, "little")
        return _encoded(types.TensorSpec, offsets + b"\x10" + name + b"\1\0\0\0" * shape)

    yield Case(operation, "types-decode-shape-8", "a list of its limit", tensor(b"w", 8))
    yield Case(
        operation,
        "types-decode-shape-9",
        "one element too many",
        tensor(b"w", 9),
        bug="checks no limit when decoding",
        twin="types-decode-shape-8",
    )
    yield Case(operation, "types-decode-name-64", "a byte list of its limit", tensor(b"n" * 64, 1))
    yield Case(
        operation,
        "types-decode-name-65",
        "one byte too many",
        tensor(b"n" * 65, 1),
        bug="checks no limit when decoding",
        twin="types-decode-name-64",
    )
    yield Case(
        operation,
        "types-decode-shape-fraction",
        "half an element at the end of a list",
        _encoded(types.TensorSpec, bytes.fromhex(tensor(b"w", 1)["encoding"][2:-4])),
        bug="rounds the number of elements",
        twin="types-decode-shape-8",
    )


def _decode_bit_cases() -> Iterator[Case]:
    """Bitlists end in one set bit, in the last byte; booleans are 0 or 1."""
    operation = "types.decode"
    certificate = types.Certificate(1, 2, stream("root", 32), (), bytes(96))
    fixed = encoding.encode(certificate)[:-1]
    accepted = {
        "bits-0": (b"\x01", "no bit"),
        "bits-7": (b"\xff", "seven bits and the end in one byte"),
        "bits-8": (b"\xff\x01", "eight bits, the end in a byte of its own"),
        "bits-1024": (b"\xff" * 128 + b"\x01", "as many bits as there can be"),
    }
    for name, (bits, comment) in accepted.items():
        yield Case(operation, f"types-decode-{name}", comment, _encoded(types.Certificate, fixed + bits))
    refused = {
        "bits-absent": (b"", "no byte at all", "reads it as no bits"),
        "bits-endless": (b"\xff\x00", "the last byte is zero", "trims zero bytes"),
        "bits-1025": (b"\xff" * 128 + b"\x02", "one bit too many", "checks bytes instead of bits"),
    }
    for name, (bits, comment, bug) in refused.items():
        data = _encoded(types.Certificate, fixed + bits)
        yield Case(operation, f"types-decode-{name}", comment, data, bug=bug, twin="types-decode-bits-8")
    update = encoding.encode(types.Claim(1, stream("model", 32), True))
    yield Case(operation, "types-decode-true", "a boolean is one byte", _encoded(types.Claim, update))
    yield Case(
        operation,
        "types-decode-boolean-2",
        "a boolean of two",
        _encoded(types.Claim, update[:-1] + b"\2"),
        bug="takes every non-zero byte for true",
        twin="types-decode-true",
    )


def _root_cases() -> Iterator[Case]:
    operation = "types.hash_tree_root"
    containers: tuple[type[types.Container], ...] = (*_MAIN, types.State)
    for container in containers:
        for elements, what in ((0, "empty"), (1, "one"), (3, "three")):
            if elements != 1 and container.SCHEMA.is_fixed_sized:
                continue
            value = example(container, container.__name__, elements)
            yield Case(
                operation,
                f"types-root-{_slug(container.__name__)}-{what}",
                f"{container.__name__}, lists with {elements} elements",
                {"container": container.__name__, "value": to_json(value)},
                bug="forgets to mix in the length of a list" if elements == 0 else None,
            )
    for bits in (1, 255, 256, 257, 1024):
        value = types.Certificate(1, 2, bytes(32), (True,) * bits, bytes(96))
        yield Case(
            operation,
            f"types-root-bits-{bits}",
            f"{bits} bits: the end bit is not part of the hashed bits, 256 fill a chunk",
            {"container": "Certificate", "value": to_json(value)},
            bug="hashes the end bit",
        )


def _signing_cases() -> Iterator[Case]:
    vote = to_json(types.Vote(2, 7, 1, stream("block", 32)))
    genesis = _hex(stream("genesis", 32))
    kinds = {
        "transaction": encoding.DOMAIN_TRANSACTION,
        "proposal": encoding.DOMAIN_PROPOSAL,
        "prevote": encoding.DOMAIN_PREVOTE,
        "precommit": encoding.DOMAIN_PRECOMMIT,
        "reveal": encoding.DOMAIN_REVEAL,
    }
    for name, domain_type in kinds.items():
        yield Case(
            "types.compute_domain",
            f"types-domain-{name}",
            f"domain of a {name}",
            {"domain_type": _hex(domain_type), "genesis_root": genesis, "protocol_version": "1"},
            bug="uses one domain for all messages",
        )
    yield Case(
        "types.compute_domain",
        "types-domain-version",
        "another protocol version is another domain",
        {"domain_type": "0x03000000", "genesis_root": genesis, "protocol_version": "4294967295"},
        bug="leaves the version out",
    )
    for name in ("prevote", "precommit"):
        domain = encoding.compute_domain(kinds[name], stream("genesis", 32), 1)
        yield Case(
            "types.signing_root",
            f"types-signing-root-{name}",
            f"a vote under the {name} domain",
            {"container": "Vote", "value": vote, "domain": _hex(domain)},
            bug="signs the object's root without its domain",
        )


def _int64_cases() -> Iterator[Case]:
    for value in (0, 1, -1, 2**63 - 1, -(2**63)):
        name = f"{'minus-' if value < 0 else ''}{abs(value)}"
        yield Case("types.int64_to_word", f"types-int64-{name}", f"{value}", {"value": str(value)})
    for value, twin in ((2**63, 2**63 - 1), (-(2**63) - 1, 0)):
        name = f"{'minus-' if value < 0 else ''}{abs(value)}"
        yield Case(
            "types.int64_to_word",
            f"types-int64-{name}",
            "just outside",
            {"value": str(value)},
            bug="wraps around",
            twin=f"types-int64-{twin}",
        )
    for word in (0, 1, 2**63 - 1, 2**63, 2**64 - 1):
        comment = "the upper half of the words is negative"
        yield Case("types.word_to_int64", f"types-word-{word}", comment, {"word": str(word)})


# ---------------------------------------------------------------------------------------------------------
# Layouts, blobs, chunks


def _tensor(name: str, shape: tuple[int, ...], fraction_bits: int = 16) -> Json:
    return to_json(types.TensorSpec(name.encode(), shape, fraction_bits))


def _layout_cases() -> Iterator[Case]:
    operation = "types.layout_size"

    def layout(*tensors: Json) -> Json:
        return {"layout": {"tensors": list(tensors)}}

    two = (_tensor("layer0.bias", (10,)), _tensor("layer0.weight", (64, 10)))
    yield Case(operation, "types-layout-two", "10 and 64·10 coordinates", layout(*two))
    yield Case(operation, "types-layout-scalar", "no dimension is one coordinate", layout(_tensor("s", ())))
    yield Case(operation, "types-layout-f30", "the most fraction bits", layout(_tensor("w", (3,), 30)))
    yield Case(operation, "types-layout-max", "2^32 coordinates", layout(_tensor("w", (2**16, 2**16))))
    broken = {
        "none": ([], "no tensor", "accepts a model of nothing", "two"),
        "order": ((_tensor("layer1.bias", (10,)), two[1]), "names not ascending", "sorts for itself", "two"),
        "twice": ((two[0], _tensor("layer0.bias", (64, 10))), "one name twice", "keeps the last", "two"),
        "unnamed": ([_tensor("", (3,), 30)], "an empty name", "compares with the empty name", "f30"),
        "zero": ([_tensor("w", (0,), 30)], "an empty tensor", "accepts a dimension of zero", "f30"),
        "zero-of-two": (
            [two[0], _tensor("layer0.weight", (0, 10))],
            "an empty tensor beside another one",
            "asks only whether there is a coordinate at all",
            "two",
        ),
        "f31": ([_tensor("w", (3,), 31)], "one fraction bit too many", "does not bound F", "f30"),
        "large": (
            [_tensor("w", (2**16, 2**16 + 1))],
            "more coordinates than a blob holds",
            "multiplies in 32 bits",
            "max",
        ),
        "wraps": (
            [_tensor("w", (2**16, 2**16, 2**16, 2**16, 2))],
            "2^65 coordinates",
            "multiplies in 64 bits",
            "max",
        ),
    }
    for name, (tensors, comment, bug, twin) in broken.items():
        yield Case(
            operation,
            f"types-layout-{name}",
            comment,
            layout(*tensors),
            bug=bug,
            twin=f"types-layout-{twin}",
        )


_LAYOUT_ROOT = stream("layout", 32)


def _blob_input(data: bytes, element: int = 0) -> dict[str, Json]:
    return {"kind": "2", "element": str(element), "layout_root": _hex(_LAYOUT_ROOT), "data": _hex(data)}


def _blob_cases() -> Iterator[Case]:
    operation = "types.commit_blob"
    for length in (4, 4092, 4096, 4100, 8192):
        comment = f"{length} bytes: the last chunk is hashed as it is, without padding"
        yield Case(
            operation,
            f"types-blob-{length}",
            comment,
            _blob_input(stream("data", length)),
            bug="pads the last chunk",
        )
    for element in (1, 2, 3):
        comment = "the element type is part of the commitment"
        yield Case(operation, f"types-blob-element-{element}", comment, _blob_input(stream("data", 8), element))
    refused = (
        ("empty", _blob_input(b""), "no data", "commits to nothing", "types-blob-4"),
        ("length-5", _blob_input(stream("data", 5)), "no whole element", "rounds down", "types-blob-4"),
        (
            "u64-length-4",
            _blob_input(stream("data", 4), 2),
            "half an element",
            "takes all elements to have four bytes",
            "types-blob-4",
        ),
        ("element-4", _blob_input(stream("data", 8), 4), "unknown element", "guesses", "types-blob-element-1"),
    )
    for name, given, comment, bug, twin in refused:
        yield Case(operation, f"types-blob-{name}", comment, given, bug=bug, twin=twin)
    yield Case(
        operation,
        "types-blob-empty-element-4",
        "no data and an unknown element: empty first",
        _blob_input(b"", 4),
        bug="asks for the element first",
        flags=("GuardOrder",),
        twin="types-blob-4",
        two_fault=True,
    )
    yield from _check_blob_cases()


def _check_blob_cases() -> Iterator[Case]:
    operation = "types.check_blob"
    data = stream("data", 4096 + 8)
    blob = to_json(encoding.commit_blob(2, 0, _LAYOUT_ROOT, data))

    def given(changed: bytes = data, **fields: Json) -> Json:
        return {"blob": {**blob, **fields}, "data": _hex(changed)}

    yield Case(operation, "types-check-blob", "two chunks", given())
    flipped = data[:-1] + bytes([data[-1] ^ 0x80])
    cases = (
        ("flip", given(flipped), "the last bit of the last chunk", "checks the first chunk only"),
        ("short", given(data[:-4]), "a coordinate less", "compares what is there"),
        ("long", given(data + bytes(4)), "a coordinate more", "ignores what follows"),
        ("chunk-missing", given(chunks=blob["chunks"][:1]), "a digest less", "compares pairs only"),
        ("length", given(byte_length="4100"), "the length is wrong", "does not compare the length"),
        ("empty", given(b""), "no data", "compares nothing"),
        ("odd", given(data[:-1]), "no whole element", "compares before it checks"),
        ("element", given(element="9"), "unknown element", "does not look at the element"),
    )
    for name, value, comment, bug in cases:
        yield Case(operation, f"types-check-blob-{name}", comment, value, bug=bug, twin="types-check-blob")
    yield Case(
        operation,
        "types-check-blob-empty-element",
        "no data and an unknown element: empty first",
        given(b"", element="9"),
        flags=("GuardOrder",),
        twin="types-check-blob",
        two_fault=True,
    )


def _chunk_cases() -> Iterator[Case]:
    for chunks in (1, 2, 3, 5):
        blob = encoding.commit_blob(2, 0, _LAYOUT_ROOT, stream("data", 4096 * (chunks - 1) + 4))
        for index in sorted({0, chunks - 1}):
            yield Case(
                "types.prove_chunk",
                f"types-prove-{chunks}-{index}",
                f"chunk {index} of {chunks}; the sibling of the last may be padding",
                {"blob": to_json(blob), "index": str(index)},
            )
        yield Case(
            "types.prove_chunk",
            f"types-prove-{chunks}-{chunks}",
            "the padding behind the last chunk is no chunk",
            {"blob": to_json(blob), "index": str(chunks)},
            bug="proves the zero padding",
            twin=f"types-prove-{chunks}-0",
        )
    yield from _verify_chunk_cases()


def _verify_chunk_cases() -> Iterator[Case]:
    operation = "types.verify_chunk"
    data = stream("data", 4096 * 2 + 8)
    blob = encoding.commit_blob(2, 0, _LAYOUT_ROOT, data)
    for index in range(3):
        chunk = data[4096 * index :][:4096]
        proof = to_json(encoding.prove_chunk(blob, index))
        comment = f"chunk {index} of 3"
        yield Case(operation, f"types-verify-chunk-{index}", comment, {"proof": proof, "chunk": _hex(chunk)})
    # `proof` and `chunk` are those of the last one, which is shorter than the others.
    branch = proof["branch"]
    swapped = [branch[1], branch[0], *branch[2:]]
    changes: tuple[tuple[str, dict[str, Json], bytes, str, str], ...] = (
        ("flip", {}, chunk[:-1] + b"\0", "another chunk", "checks the branch only"),
        ("padded", {}, chunk.ljust(4096, b"\0"), "the last chunk with padding", "pads before hashing"),
        ("index", {"index": "1"}, chunk, "another position", "does not bind the position"),
        ("index-large", {"index": "4194304"}, chunk, "beyond the tree", "wraps into the length"),
        ("root", {"blob_root": _hex(bytes(32))}, chunk, "another blob", "recomputes no root"),
        ("digest", {"digest": _hex(bytes(32))}, chunk, "another digest", "trusts the digest"),
        ("short", {"branch": branch[:-1]}, chunk, "a branch of 25", "stops when the branch ends"),
        ("long", {"branch": [*branch, _hex(bytes(32))]}, chunk, "a branch of 27", "ignores what follows"),
        ("sibling", {"branch": [_hex(b"\1" * 32), *branch[1:]]}, chunk, "a wrong sibling", "skips padding"),
    )
    for name, fields, bytes_, comment, bug in changes:
        yield Case(
            operation,
            f"types-verify-chunk-{name}",
            comment,
            {"proof": {**proof, **fields}, "chunk": _hex(bytes_)},
            bug=bug,
            twin="types-verify-chunk-2",
        )
    yield Case(
        operation,
        "types-verify-chunk-swapped",
        "two siblings change places",
        {"proof": {**proof, "branch": swapped}, "chunk": _hex(chunk)},
        bug="hashes a branch as a set",
        twin="types-verify-chunk-2",
        follows=("/proof/branch/1",),
    )
    yield Case(
        operation,
        "types-verify-chunk-index-and-root",
        "beyond the tree, and another blob: index first",
        {"proof": {**proof, "index": "4194304", "blob_root": _hex(bytes(32))}, "chunk": _hex(chunk)},
        flags=("GuardOrder",),
        twin="types-verify-chunk-2",
        two_fault=True,
    )


# ---------------------------------------------------------------------------------------------------------
# Parameters


def _parameter_cases() -> Iterator[Case]:
    operation = "types.check_parameters"
    for preset in parameters.PRESETS:
        value = to_json(parameters.load_preset(preset))
        yield Case(operation, f"types-parameters-{preset}", f"the {preset} preset", {"parameters": value})
    base = to_json(parameters.load_preset("minimal"))
    for name, (smallest, largest) in parameters.BOUNDS.items():
        for wrong, side in ((smallest - 1, "low"), (largest + 1, "high")):
            if wrong >= 0:
                yield Case(
                    operation,
                    f"types-parameters-{name.replace('_', '-')}-{side}",
                    f"{name} lies in {smallest} .. {largest}",
                    {"parameters": {**base, name: str(wrong)}},
                    bug="does not check this bound",
                    twin="types-parameters-minimal",
                )
    edge = {"parameters": {**base, "unbonding_heights": "57"}}
    yield Case(operation, "types-parameters-edge", "32 + 3·8 + 1: one more than evidence may take", edge)
    among = {
        "initial-low": ("reputation_initial_bps", "999", "below the smallest reputation"),
        "initial-high": ("reputation_max_bps", "4999", "the largest below the initial reputation"),
        "unbonding": ("unbonding_heights", "56", "unbonded when evidence may still come"),
    }
    for case, (name, text, comment) in among.items():
        yield Case(
            operation,
            f"types-parameters-{case}",
            comment,
            {"parameters": {**base, name: text}},
            bug="checks each parameter by itself only",
            twin="types-parameters-minimal",
        )


# ---------------------------------------------------------------------------------------------------------
# Signatures

_SEED = stream("seed", 32)
_SECRET = bls.keygen(_SEED)
_KEY = bls.public_key(_SECRET)
_MESSAGE = stream("message", 32)
_SIGNATURE = bls.sign(_SECRET, _MESSAGE)
_FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB

_BAD_KEYS: dict[str, tuple[bytes, str]] = {
    "infinity": (b"\xc0" + bytes(47), "accepts the point at infinity"),
    "infinity-dirty": (b"\xc0" + bytes(46) + b"\1", "ignores the bytes behind the infinity flag"),
    "ones": (b"\xff" * 48, "ignores the bytes behind the infinity flag"),
    "uncompressed": (bytes([_KEY[0] & 0x7F]) + _KEY[1:], "ignores the compression flag"),
    "zero": (bytes(48), "takes zero for infinity"),
    "short": (_KEY[:-1], "pads"),
    "long": (_KEY + b"\0", "ignores what follows"),
    "field": ((_FIELD | 1 << 383).to_bytes(48, "big"), "reduces the coordinate"),
    "off-curve": ((1 | 1 << 383).to_bytes(48, "big"), "does not ask whether there is such a point"),
    "off-subgroup": ((4 | 1 << 383).to_bytes(48, "big"), "checks the curve but not the subgroup"),
}
# x = 2 + 0·u with the smaller y is on the curve of the signatures and outside the subgroup, as nearly all of it is.
_BAD_SIGNATURES: dict[str, tuple[bytes, str]] = {
    "infinity": (b"\xc0" + bytes(95), "accepts the point at infinity"),
    "infinity-dirty": (b"\xc0" + bytes(94) + b"\1", "ignores the bytes behind the infinity flag"),
    "uncompressed": (bytes([_SIGNATURE[0] & 0x7F]) + _SIGNATURE[1:], "ignores the compression flag"),
    "zero": (bytes(96), "takes zero for infinity"),
    "short": (_SIGNATURE[:-1], "pads"),
    "long": (_SIGNATURE + b"\0", "ignores what follows"),
    "negated": (bytes([_SIGNATURE[0] ^ 0x20]) + _SIGNATURE[1:], "ignores the sign flag"),
    "off-subgroup": (b"\x80" + bytes(94) + b"\2", "checks the curve but not the subgroup"),
}


def _bls_key_cases() -> Iterator[Case]:
    for length in (32, 48, 100):
        given = {"seed": _hex(stream("seed", length))}
        yield Case("types.bls_keygen", f"types-bls-keygen-{length}", f"a seed of {length} bytes", given)
    yield Case(
        "types.bls_keygen",
        "types-bls-keygen-31",
        "a seed too short to be secret",
        {"seed": _hex(stream("seed", 31))},
        bug="pads the seed",
        twin="types-bls-keygen-32",
    )
    yield Case(
        "types.bls_key_validate", "types-bls-key", "a key", {"public_key": _hex(_KEY)}, bug="refuses everything"
    )
    for name, (key, bug) in _BAD_KEYS.items():
        yield Case("types.bls_key_validate", f"types-bls-key-{name}", "no key", {"public_key": _hex(key)}, bug=bug)
    operations: tuple[tuple[str, str, dict[str, Json]], ...] = (
        ("public_key", "types.bls_public_key", {}),
        ("sign", "types.bls_sign", {"message": _hex(_MESSAGE)}),
        ("possession", "types.bls_prove_possession", {}),
    )
    for name, operation, more in operations:
        slug = f"types-bls-{name.replace('_', '-')}"
        for secret, what in ((_SECRET, "usual"), (1, "one"), (bls.ORDER - 1, "largest")):
            given = {"secret_key": _hex(secret.to_bytes(32, "big")), **more}
            yield Case(operation, f"{slug}-{what}", f"{what} secret key", given)
        for secret, what in ((0, "zero"), (bls.ORDER, "order"), (2**256 - 1, "ones")):
            given = {"secret_key": _hex(secret.to_bytes(32, "big")), **more}
            bug = "reduces the secret key"
            yield Case(operation, f"{slug}-{what}", "no secret key", given, bug=bug, twin=f"{slug}-usual")


def _bls_verify_cases() -> Iterator[Case]:
    operation = "types.bls_verify"

    def given(key: bytes = _KEY, message: bytes = _MESSAGE, signature: bytes = _SIGNATURE) -> Json:
        return {"public_key": _hex(key), "message": _hex(message), "signature": _hex(signature)}

    yield Case(operation, "types-bls-verify", "a signature", given())
    yield Case(operation, "types-bls-verify-message", "another message", given(message=bytes(32)))
    yield Case(
        operation,
        "types-bls-verify-pop",
        "a proof of possession is no signature over the key",
        given(message=_KEY, signature=bls.prove_possession(_SECRET)),
        bug="uses one suite for both",
    )
    yield Case(
        operation,
        "types-bls-verify-infinities",
        "key and signature at infinity satisfy the equation for every message",
        given(key=_BAD_KEYS["infinity"][0], signature=_BAD_SIGNATURES["infinity"][0]),
        bug="accepts the point at infinity",
    )
    for name, (key, bug) in _BAD_KEYS.items():
        yield Case(operation, f"types-bls-verify-key-{name}", "no key", given(key=key), bug=bug)
    for name, (signature, bug) in _BAD_SIGNATURES.items():
        case = f"types-bls-verify-signature-{name}"
        yield Case(operation, case, "not this key's signature", given(signature=signature), bug=bug)
    operation = "types.bls_verify_possession"
    proof = bls.prove_possession(_SECRET)
    other = bls.public_key(_SECRET + 1)
    for name, key, value in (
        ("good", _KEY, proof),
        ("other-key", other, proof),
        ("signature", _KEY, bls.sign(_SECRET, _KEY)),
        ("infinity", _BAD_KEYS["infinity"][0], _BAD_SIGNATURES["infinity"][0]),
    ):
        inputs = {"public_key": _hex(key), "proof": _hex(value)}
        yield Case(operation, f"types-bls-verify-possession-{name}", name.replace("-", " "), inputs)


def _bls_aggregate_cases() -> Iterator[Case]:
    operation = "types.bls_aggregate"
    secrets = [bls.keygen(stream(f"seed {i}", 32)) for i in range(3)]
    keys = [bls.public_key(secret) for secret in secrets]
    signatures = [bls.sign(secret, _MESSAGE) for secret in secrets]
    twin = "types-bls-aggregate-3"

    def members(*values: bytes) -> Json:
        return {"signatures": [_hex(value) for value in values]}

    yield Case(operation, "types-bls-aggregate-1", "one is itself", members(signatures[0]))
    yield Case(operation, twin, "three", members(*signatures))
    twice = members(signatures[0], signatures[0])
    yield Case(operation, "types-bls-aggregate-twice", "one twice counts twice", twice, bug="adds equal points")
    yield Case(operation, "types-bls-aggregate-none", "nothing", members(), bug="gives infinity", twin=twin)
    for name in ("infinity", "off-subgroup", "short"):
        value, bug = _BAD_SIGNATURES[name]
        given = members(*signatures[:2], value)
        yield Case(operation, f"types-bls-aggregate-{name}", "no signature", given, bug=bug, twin=twin)
    opposite = bytes([signatures[1][0] ^ 0x20]) + signatures[1][1:]
    yield Case(
        operation,
        "types-bls-aggregate-cancel",
        "two that cancel sum to infinity",
        members(opposite, signatures[1]),
        bug="gives infinity",
        twin="types-bls-aggregate-twice",
        follows=("/signatures/1",),
    )
    operation = "types.bls_fast_aggregate_verify"
    whole = bls.aggregate(signatures)
    infinity = _BAD_SIGNATURES["infinity"][0]
    for name, signers, signature, comment in (
        ("3", keys, whole, "three signers"),
        ("order", keys[::-1], whole, "in any order"),
        ("2", keys[:2], whole, "one signer missing"),
        ("4", [*keys, keys[0]], whole, "one signer twice"),
        ("none", [], whole, "no signer"),
        ("none-infinity", [], infinity, "no signer and nothing signed"),
        ("bad-key", [*keys[:2], _BAD_KEYS["infinity"][0]], whole, "one key at infinity"),
    ):
        inputs = {
            "public_keys": [_hex(key) for key in signers],
            "message": _hex(_MESSAGE),
            "signature": _hex(signature),
        }
        yield Case(operation, f"types-bls-fast-{name}", comment, inputs)


CASES: tuple[Case, ...] = (
    *_encode_cases(),
    *_decode_cases(),
    *_root_cases(),
    *_signing_cases(),
    *_int64_cases(),
    *_layout_cases(),
    *_blob_cases(),
    *_chunk_cases(),
    *_parameter_cases(),
    *_bls_key_cases(),
    *_bls_verify_cases(),
    *_bls_aggregate_cases(),
)
