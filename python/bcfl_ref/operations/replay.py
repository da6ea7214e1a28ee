"""The operation that everything else serves: a recorded ledger, replayed from genesis to its head."""

from __future__ import annotations

from .. import transition
from ..encoding import decode
from ..errors import Code
from ..infrastructure.blobs import BlobData, checked_blob
from ..infrastructure.blocks import head_root
from ..types import Blob, Genesis, LedgerRecord
from ._base import Json, Operation
from ._shape import fields, octets, rows


def _replay(data: Json) -> Json:
    genesis = decode(Genesis, octets(data["genesis"]))
    blobs: dict[bytes, BlobData] = {}
    for name, blob in fields(data["blobs"]).items():
        root = octets(name)
        blobs[root] = checked_blob(root, decode(Blob, octets(fields(blob)["blob"])), octets(blob["data"]))
    records = [decode(LedgerRecord, octets(record)) for record in rows(data["records"])]
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
