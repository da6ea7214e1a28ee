"""Operations on types, encodings, commitments and signatures (TYP-001 ... TYP-018).

A secret key in JSON is its 32 bytes, big-endian; byte strings that an operation judges itself (a key, a
signature) may have any length.
"""

from __future__ import annotations

import re

from bcfl_ref import encoding, types
from bcfl_ref.crypto import bls
from bcfl_ref.encoding import from_json, to_json
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations._base import Json, Operation
from bcfl_ref.operations._shape import octets, rows
from bcfl_ref.parameters import check_parameters

#: A decimal string with a sign where the number is negative; longer ones are no number anybody means.
SIGNED = re.compile(r"0|-?[1-9][0-9]{0,99}")


def container_named(name: str) -> type[types.Container]:
    """TYP-017: The container called `name`. Errors: ENCODING_INVALID."""
    found = getattr(types, name, None) if isinstance(name, str) else None
    if isinstance(found, type) and issubclass(found, types.Container) and found is not types.Container:
        return found
    raise SpecError(Code.ENCODING_INVALID, f"no container is called {name!r}")


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _secret(data: Json) -> int:
    return int.from_bytes(octets(data["secret_key"]), "big")


def _signed(text: Json) -> int:
    if not isinstance(text, str) or not SIGNED.fullmatch(text):
        raise SpecError(Code.ENCODING_INVALID, f"{text!r:.40} is no decimal string")
    return int(text)


def _value(data: Json) -> types.Container:
    value: types.Container = from_json(container_named(data["container"]), data["value"])
    return value


def _decode(data: Json) -> Json:
    return to_json(encoding.decode(container_named(data["container"]), octets(data["encoding"])))


def _encode(data: Json) -> Json:
    return _hex(encoding.encode(_value(data)))


def _hash_tree_root(data: Json) -> Json:
    return _hex(encoding.hash_tree_root(_value(data)))


def _compute_domain(data: Json) -> Json:
    fields = from_json(
        types.DomainData,
        {"genesis_root": data["genesis_root"], "protocol_version": data["protocol_version"]},
    )
    domain_type = octets(data["domain_type"])
    return _hex(encoding.compute_domain(domain_type, fields.genesis_root, fields.protocol_version))


def _signing_root(data: Json) -> Json:
    return _hex(encoding.signing_root(_value(data), from_json(types.Bytes32, data["domain"])))


def _int64_to_word(data: Json) -> Json:
    return str(encoding.int64_to_word(_signed(data["value"])))


def _word_to_int64(data: Json) -> Json:
    return str(encoding.word_to_int64(from_json(types.Uint64, data["word"])))


def _layout_size(data: Json) -> Json:
    return str(encoding.layout_size(from_json(types.Layout, data["layout"])))


def _commit_blob(data: Json) -> Json:
    blob = encoding.commit_blob(
        from_json(types.Uint8, data["kind"]),
        from_json(types.Uint8, data["element"]),
        from_json(types.Root, data["layout_root"]),
        octets(data["data"]),
    )
    return {"blob": to_json(blob), "root": _hex(encoding.hash_tree_root(blob))}


def _check_blob(data: Json) -> Json:
    encoding.check_blob(from_json(types.Blob, data["blob"]), octets(data["data"]))
    return True


def _prove_chunk(data: Json) -> Json:
    index = from_json(types.Uint64, data["index"])
    return to_json(encoding.prove_chunk(from_json(types.Blob, data["blob"]), index))


def _verify_chunk(data: Json) -> Json:
    encoding.verify_chunk(from_json(types.ChunkProof, data["proof"]), octets(data["chunk"]))
    return True


def _check_parameters(data: Json) -> Json:
    check_parameters(from_json(types.Parameters, data["parameters"]))
    return True


def _bls_keygen(data: Json) -> Json:
    return _hex(bls.keygen(octets(data["seed"])).to_bytes(32, "big"))


def _bls_public_key(data: Json) -> Json:
    return _hex(bls.public_key(_secret(data)))


def _bls_key_validate(data: Json) -> Json:
    return bls.key_validate(octets(data["public_key"]))


def _bls_sign(data: Json) -> Json:
    return _hex(bls.sign(_secret(data), octets(data["message"])))


def _bls_verify(data: Json) -> Json:
    key, message = octets(data["public_key"]), octets(data["message"])
    return bls.verify(key, message, octets(data["signature"]))


def _bls_prove_possession(data: Json) -> Json:
    return _hex(bls.prove_possession(_secret(data)))


def _bls_verify_possession(data: Json) -> Json:
    return bls.verify_possession(octets(data["public_key"]), octets(data["proof"]))


def _bls_aggregate(data: Json) -> Json:
    return _hex(bls.aggregate([octets(signature) for signature in rows(data["signatures"])]))


def _bls_fast_aggregate_verify(data: Json) -> Json:
    keys = [octets(key) for key in rows(data["public_keys"])]
    return bls.fast_aggregate_verify(keys, octets(data["message"]), octets(data["signature"]))


_ENCODING = "bcfl_ref.encoding."
_BLS = "bcfl_ref.crypto.bls."

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="types.encode",
        clauses=("TYP-001", "TYP-002", "TYP-011", "TYP-017"),
        run=_encode,
        function=_ENCODING + "encode",
        errors=(Code.VALUE_RANGE,),
        summary="canonical bytes of a container",
    ),
    Operation(
        name="types.decode",
        clauses=("TYP-001", "TYP-003", "TYP-011", "TYP-017"),
        run=_decode,
        function=_ENCODING + "decode",
        errors=(Code.ENCODING_INVALID,),
        summary="the container whose canonical bytes these are",
    ),
    Operation(
        name="types.hash_tree_root",
        clauses=("TYP-004", "TYP-010", "TYP-017"),
        run=_hash_tree_root,
        function=_ENCODING + "hash_tree_root",
        errors=(),
        summary="SSZ root of a container",
    ),
    Operation(
        name="types.compute_domain",
        clauses=("TYP-005",),
        run=_compute_domain,
        function=_ENCODING + "compute_domain",
        errors=(),
        summary="domain of one kind of message on one ledger",
    ),
    Operation(
        name="types.signing_root",
        clauses=("TYP-005",),
        run=_signing_root,
        function=_ENCODING + "signing_root",
        errors=(),
        summary="the 32 bytes that are signed",
    ),
    Operation(
        name="types.int64_to_word",
        clauses=("TYP-009",),
        run=_int64_to_word,
        function=_ENCODING + "int64_to_word",
        errors=(Code.VALUE_RANGE,),
        summary="signed number to two's complement word",
    ),
    Operation(
        name="types.word_to_int64",
        clauses=("TYP-009",),
        run=_word_to_int64,
        function=_ENCODING + "word_to_int64",
        errors=(),
        summary="two's complement word to signed number",
    ),
    Operation(
        name="types.layout_size",
        clauses=("TYP-006",),
        run=_layout_size,
        function=_ENCODING + "layout_size",
        errors=(Code.LAYOUT_INVALID,),
        summary="number of coordinates of a model",
    ),
    Operation(
        name="types.commit_blob",
        clauses=("TYP-007",),
        run=_commit_blob,
        function=_ENCODING + "commit_blob",
        errors=(Code.BLOB_EMPTY, Code.BLOB_LENGTH),
        kernel="sha256_chunks",
        summary="commitment to bulk data and its root",
    ),
    Operation(
        name="types.check_blob",
        clauses=("TYP-007",),
        run=_check_blob,
        function=_ENCODING + "check_blob",
        errors=(Code.BLOB_EMPTY, Code.BLOB_LENGTH, Code.BLOB_MISMATCH),
        kernel="sha256_chunks",
        summary="data is what a commitment says",
    ),
    Operation(
        name="types.prove_chunk",
        clauses=("TYP-008",),
        run=_prove_chunk,
        function=_ENCODING + "prove_chunk",
        errors=(Code.CHUNK_INDEX,),
        summary="branch from a chunk to the root of its blob",
    ),
    Operation(
        name="types.verify_chunk",
        clauses=("TYP-008",),
        run=_verify_chunk,
        function=_ENCODING + "verify_chunk",
        errors=(Code.CHUNK_INDEX, Code.CHUNK_PROOF),
        summary="a chunk belongs to a blob",
    ),
    Operation(
        name="types.check_parameters",
        clauses=("TYP-018", "TYP-010"),
        run=_check_parameters,
        function="bcfl_ref.parameters.check_parameters",
        errors=(Code.PARAMETER_RANGE,),
        summary="the constants of a ledger are within their bounds",
    ),
    Operation(
        name="types.bls_keygen",
        clauses=("TYP-012",),
        run=_bls_keygen,
        function=_BLS + "keygen",
        errors=(Code.SEED_LENGTH,),
        summary="secret key from a secret seed",
        profile="bls",
    ),
    Operation(
        name="types.bls_public_key",
        clauses=("TYP-012",),
        run=_bls_public_key,
        function=_BLS + "public_key",
        errors=(Code.SECRET_KEY_RANGE,),
        summary="public key of a secret key",
        profile="bls",
    ),
    Operation(
        name="types.bls_key_validate",
        clauses=("TYP-013",),
        run=_bls_key_validate,
        function=_BLS + "key_validate",
        errors=(),
        summary="whether bytes are a public key",
        profile="bls",
    ),
    Operation(
        name="types.bls_sign",
        clauses=("TYP-014",),
        run=_bls_sign,
        function=_BLS + "sign",
        errors=(Code.SECRET_KEY_RANGE,),
        summary="signature over a message",
        profile="bls",
    ),
    Operation(
        name="types.bls_verify",
        clauses=("TYP-013", "TYP-014"),
        run=_bls_verify,
        function=_BLS + "verify",
        errors=(),
        summary="whether a signature is by the holder of a key",
        profile="bls",
    ),
    Operation(
        name="types.bls_prove_possession",
        clauses=("TYP-015",),
        run=_bls_prove_possession,
        function=_BLS + "prove_possession",
        errors=(Code.SECRET_KEY_RANGE,),
        summary="proof that one holds a secret key",
        profile="bls",
    ),
    Operation(
        name="types.bls_verify_possession",
        clauses=("TYP-013", "TYP-015"),
        run=_bls_verify_possession,
        function=_BLS + "verify_possession",
        errors=(),
        summary="whether a proof of possession holds",
        profile="bls",
    ),
    Operation(
        name="types.bls_aggregate",
        clauses=("TYP-013", "TYP-016"),
        run=_bls_aggregate,
        function=_BLS + "aggregate",
        errors=(Code.SIGNATURE_COUNT, Code.SIGNATURE_INVALID),
        summary="many signatures as one",
        profile="bls",
    ),
    Operation(
        name="types.bls_fast_aggregate_verify",
        clauses=("TYP-013", "TYP-016"),
        run=_bls_fast_aggregate_verify,
        function=_BLS + "fast_aggregate_verify",
        errors=(),
        summary="whether all holders signed the same message",
        profile="bls",
    ),
)
