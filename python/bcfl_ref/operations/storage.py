"""Operations on the files of a ledger, as byte strings: its log and its blob files (INF-010, INF-013)."""

from __future__ import annotations

import io

from bcfl_ref.encoding import from_json, hash_tree_root, to_json
from bcfl_ref.errors import Code
from bcfl_ref.node.blobs import parse_blob_file
from bcfl_ref.node.log import frames_of
from bcfl_ref.operations._base import Json, Operation
from bcfl_ref.operations._shape import octets
from bcfl_ref.types import Root


def _read_log(data: Json) -> Json:
    log = octets(data["log"])
    frames = frames_of(io.BytesIO(log), len(log))
    return {"block_roots": ["0x" + hash_tree_root(frame.record.block.header).hex() for frame in frames]}


def _read_blob_file(data: Json) -> Json:
    blob = parse_blob_file(from_json(Root, data["root"]), octets(data["content"]))
    return {"blob": to_json(blob.blob), "data": "0x" + blob.data.hex()}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="infrastructure.read_log",
        clauses=("INF-010",),
        run=_read_log,
        function="bcfl_ref.node.log.frames_of",
        errors=(Code.LOG_MAGIC, Code.LOG_FRAME_TORN, Code.LOG_FRAME_LENGTH, Code.LOG_FRAME_INVALID),
        summary="the blocks of a log, read strictly",
    ),
    Operation(
        name="infrastructure.read_blob_file",
        clauses=("INF-013",),
        run=_read_blob_file,
        function="bcfl_ref.node.blobs.parse_blob_file",
        errors=(Code.BLOB_FILE_INVALID, Code.BLOB_EMPTY, Code.BLOB_LENGTH, Code.BLOB_MISMATCH),
        kernel="sha256_chunks",
        summary="the blob in a file, checked to the last bit",
    ),
)
