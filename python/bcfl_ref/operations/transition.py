"""The operations of the state transition: one signed block, and a machine that plays whole tasks unsigned.

`transition.heights` is a ledger without signatures: what the begin of a height does, what transactions do, what
the end of a block does, step by step. The blobs at hand belong to the node, not to the ledger, so a step that
brings one leaves the digest as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import transition
from ..encoding import from_json, hash_tree_root, to_json
from ..errors import Code, SpecError
from ..infrastructure.blobs import BlobData
from ..types import Block, Bytes96, Header, State, Transaction
from ._base import Json, Machine, Operation, machine_operation
from ._reachable import check_whole
from ._shape import fields
from .contract import blob_from_json, blobs_from_json


@dataclass(frozen=True)
class Node:
    """INF-016: what a step needs: the state, and the blobs at hand."""

    state: State
    blobs: dict[bytes, BlobData]


def _init(data: Json) -> Node:
    state: State = from_json(State, fields(data)["state"])
    check_whole(state)
    return Node(state, blobs_from_json(data["blobs"]))


def _step(node: Node, action: str, data: Json) -> tuple[Node, Json]:
    state: State = node.state
    output: Any = {}
    match action:
        case "begin_height":
            state = transition.begin_height(state, node.blobs)
            output = {"height": str(state.height)}
        case "apply_transaction":
            state = transition.apply_transaction(state, from_json(Transaction, data), node.blobs)
        case "finish_height":
            header, reveal = from_json(Header, fields(data)["header"]), from_json(Bytes96, data["reveal"])
            state = transition.finish_height(state, header, reveal)
        case "put_blob":
            blob = blob_from_json(data)
            root = hash_tree_root(blob.blob)
            return Node(state, {**node.blobs, root: blob}), {"root": "0x" + root.hex()}
        case _:
            raise SpecError(Code.ENCODING_INVALID, f"no action is called {action!r}")
    return Node(state, node.blobs), output


def _digest(node: Node) -> str:
    return "0x" + hash_tree_root(node.state).hex()


def _view(node: Node) -> Json:
    return to_json(node.state)


def _state_transition(data: Json) -> Json:
    state, block = from_json(State, data["state"]), from_json(Block, data["block"])
    return {"state": to_json(transition.state_transition(state, block, blobs_from_json(data["blobs"])))}


MACHINE = Machine(init=_init, step=_step, digest=_digest, view=_view)
"""INF-016: a ledger without signatures."""

OPERATIONS: tuple[Operation, ...] = (
    machine_operation(
        "transition.heights",
        ("INF-016", "INF-004", "CTR-005", "CTR-014"),
        MACHINE,
        "bcfl_ref.transition.begin_height",
        (
            Code.SENDER_UNKNOWN,
            Code.NONCE_MISMATCH,
            Code.KIND_UNKNOWN,
            Code.ENCODING_INVALID,
            Code.AMOUNT_ZERO,
            Code.TASKS_OPEN_MAX,
            Code.TASK_SPEC_INVALID,
            Code.TASK_UNKNOWN,
            Code.ROUND_MISMATCH,
            Code.PHASE_MISMATCH,
            Code.ROLE_UNKNOWN,
            Code.TERMS_MISMATCH,
            Code.ALREADY_JOINED,
            Code.TASK_FULL,
            Code.BALANCE_INSUFFICIENT,
            Code.ROLE_MISSING,
            Code.ALREADY_COMMITTED,
            Code.COMMITMENT_MISSING,
            Code.ALREADY_REVEALED,
            Code.SAMPLE_COUNT,
            Code.BLOB_UNKNOWN,
            Code.SEAT_MISSING,
            Code.ALREADY_ATTESTED,
            Code.TESTIMONY_COVERAGE,
            Code.TESTIMONY_INVALID,
            Code.AGGREGATOR_UNSELECTED,
            Code.ALREADY_CLAIMED,
            Code.NOTHING_ACCEPTED,
            Code.BLOB_MISSING,
        ),
        summary="tasks from publication to their end, height by height, without signatures",
    ),
    Operation(
        name="transition.state_transition",
        clauses=("INF-016",),
        run=_state_transition,
        function="bcfl_ref.transition.state_transition",
        errors=(
            Code.CERTIFICATE_INVALID,
            Code.CERTIFICATE_HEIGHT,
            Code.CERTIFICATE_BLOCK,
            Code.VIEW_RANGE,
            Code.CERTIFICATE_LENGTH,
            Code.CERTIFICATE_QUORUM,
            Code.CERTIFICATE_SIGNATURE,
            Code.SENDER_UNKNOWN,
            Code.REVEAL_INVALID,
            Code.SIGNATURE_INVALID,
            Code.HEIGHT_MISMATCH,
            Code.PARENT_MISMATCH,
            Code.BODY_MISMATCH,
            Code.TRANSACTION_COUNT,
            Code.SENDER_CAP,
            Code.PROPOSER_MISMATCH,
            Code.NONCE_MISMATCH,
            Code.BALANCE_INSUFFICIENT,
            Code.STATE_ROOT_MISMATCH,
        ),
        summary="one signed block: authentication, limits, deadlines, transactions, state root",
        profile="bls",
    ),
)
