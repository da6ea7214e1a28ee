"""The operation that everything else serves: a recorded ledger, replayed from genesis to its head."""

from __future__ import annotations

from typing import Any

from .. import transition
from ..encoding import bytes_from_hex, decode
from ..errors import Code, SpecError
from ..infrastructure.blobs import BlobData, checked_blob
from ..infrastructure.blocks import head_root
from ..types import Blob, Genesis, LedgerRecord
from ._base import Json, Operation


def _bytes(text: Any) -> bytes:
    try:
        return bytes_from_hex(text)
    except ValueError as error:
        raise SpecError(Code.ENCODING_INVALID, str(error)) from None


def _replay(data: Json) -> Json:
    genesis = decode(Genesis, _bytes(data["genesis"]))
    blobs: dict[bytes, BlobData] = {}
    for name, blob in data["blobs"].items():
        root = _bytes(name)
        blobs[root] = checked_blob(root, decode(Blob, _bytes(blob["blob"])), _bytes(blob["data"]))
    records = [decode(LedgerRecord, _bytes(record)) for record in data["records"]]
    state = transition.replay(genesis, records, blobs)
    return {
        "genesis_root": "0x" + state.genesis_root.hex(),
        "head": "0x" + head_root(state).hex(),
        "height": str(state.height),
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="transition.replay",
        clauses=("INF-017", "INF-016", "INF-002"),
        run=_replay,
        function="bcfl_ref.transition.replay",
        errors=(
            Code.ENCODING_INVALID,
            Code.BLOB_MISMATCH,
            Code.CERTIFICATE_HEIGHT,
            Code.REVEAL_INVALID,
            Code.SIGNATURE_INVALID,
            Code.PARENT_MISMATCH,
            Code.BODY_MISMATCH,
            Code.BLOB_MISSING,
            Code.STATE_ROOT_MISMATCH,
            Code.CERTIFICATE_SIGNATURE,
        ),
        summary="a whole recorded ledger, from genesis to its head; blocks and blobs as canonical bytes",
        profile="bls",
    ),
)
