"""The operations of `spec/contract.md`: every rule of a task's life, between canonical JSON and the functions.

Each takes a whole State and gives the next one: so a stranger sees in the difference of two states which field
went wrong, and no effect of a rule can stay unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from ..contract import attestation, claims, deadlines, rounds, tasks
from ..contract.rounds import Blobs
from ..encoding import commit_blob, from_json, hash_tree_root, to_json
from ..errors import Code, SpecError
from ..infrastructure.blobs import BlobData
from ..types import (
    Available,
    Blob,
    Bytes32,
    BytesUpTo,
    ClaimAggregate,
    CommitScores,
    CommitUpdate,
    Container,
    Join,
    Publish,
    RevealScores,
    RevealUpdate,
    State,
    Uint16,
    Uint32,
)
from ._base import Json, Operation
from ._reachable import check_whole
from ._shape import rows

BLOB_DATA = Annotated[bytes, BytesUpTo(2**20)]
"""Data of a blob inside a vector: vectors stay small, blobs on a ledger need not."""

# ---- JSON


def blob_from_json(data: Json) -> BlobData:
    """TYP-007: a blob from {kind, element, layout_root, data}; its commitment follows from these."""
    if not isinstance(data, dict) or set(data) != {"kind", "element", "layout_root", "data"}:
        raise SpecError(Code.ENCODING_INVALID, "a blob has kind, element, layout_root and data")
    named = {key: data[key] for key in ("kind", "element", "layout_root")}
    head: Blob = from_json(Blob, {**named, "byte_length": "0", "chunks": []})
    content = from_json(BLOB_DATA, data["data"])
    return BlobData(commit_blob(head.kind, head.element, head.layout_root, content), content)


def blob_to_json(blob: BlobData) -> Json:
    """TYP-007: the JSON from which `blob_from_json` makes this blob again."""
    head = to_json(blob.blob)
    return {**{key: head[key] for key in ("kind", "element", "layout_root")}, "data": "0x" + blob.data.hex()}


def blobs_from_json(data: Json) -> dict[bytes, BlobData]:
    """INF-009: blobs by root."""
    if not isinstance(data, list):
        raise SpecError(Code.ENCODING_INVALID, "blobs are an array")
    found = [blob_from_json(item) for item in data]
    return {hash_tree_root(blob.blob): blob for blob in found}


def blobs_to_json(blobs: Blobs) -> Json:
    """INF-009: blobs as an array, in the order of the mapping."""
    return [blob_to_json(blob) for blob in blobs.values()]


# ---- transactions


def transaction_run(
    rule: Callable[..., State], container: type[Container], *, blobs: bool = False
) -> Callable[[Json], Json]:
    """INF-004: {state, sender, payload} (and blobs) to {state}, by the rule of a kind of transaction."""

    def run(data: Json) -> Json:
        state, sender = from_json(State, data["state"]), from_json(Uint32, data["sender"])
        extra = (blobs_from_json(data["blobs"]),) if blobs else ()
        payload = from_json(container, data["payload"])
        if sender >= len(state.identities):
            raise SpecError(Code.ENCODING_INVALID, f"{sender} names none of {len(state.identities)} identities")
        check_whole(state)
        return {"state": to_json(rule(state, sender, payload, *extra))}

    return run


# ---- deadlines


def _deadline(rule: Callable[..., State], *, blobs: bool = False) -> Callable[[Json], Json]:
    def run(data: Json) -> Json:
        state, index = from_json(State, data["state"]), from_json(Uint32, data["task"])
        if index >= len(state.tasks):
            raise SpecError(Code.ENCODING_INVALID, f"{index} names none of {len(state.tasks)} tasks")
        extra = (blobs_from_json(data["blobs"]),) if blobs else ()
        check_whole(state)
        return {"state": to_json(rule(state, index, *extra))}

    return run


def _advance_tasks(data: Json) -> Json:
    state, blobs = from_json(State, data["state"]), blobs_from_json(data["blobs"])
    check_whole(state)
    return {"state": to_json(deadlines.advance_tasks(state, blobs))}


def _draw_members(data: Json) -> Json:
    members = [from_json(Uint32, member) for member in rows(data["members"])]
    count, seed = from_json(Uint16, data["count"]), from_json(Bytes32, data["seed"])
    return {"members": [str(member) for member in deadlines.draw_members(members, count, seed)]}


# ---- the table


def _operation(
    function: Any, clauses: tuple[str, ...], run: Callable[[Json], Json], *errors: Code, summary: str
) -> Operation:
    return Operation(
        name=f"contract.{function.__name__}",
        clauses=clauses,
        run=run,
        function=f"{function.__module__}.{function.__name__}",
        errors=errors,
        summary=summary,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        tasks.publish,
        ("CTR-003", "CTR-002", "CTR-001"),
        transaction_run(tasks.publish, Publish),
        Code.TASKS_OPEN_MAX,
        Code.TASK_SPEC_INVALID,
        Code.BALANCE_INSUFFICIENT,
        summary="open a task and escrow its rewards",
    ),
    _operation(
        tasks.join,
        ("CTR-004", "CTR-001"),
        transaction_run(tasks.join, Join),
        Code.TASK_UNKNOWN,
        Code.PHASE_MISMATCH,
        Code.ROLE_UNKNOWN,
        Code.TERMS_MISMATCH,
        Code.ALREADY_JOINED,
        Code.TASK_FULL,
        Code.BALANCE_INSUFFICIENT,
        summary="take a role in a task and leave the deposit",
    ),
    _operation(
        rounds.commit_update,
        ("CTR-006", "CTR-005"),
        transaction_run(rounds.commit_update, CommitUpdate),
        Code.TASK_UNKNOWN,
        Code.ROUND_MISMATCH,
        Code.PHASE_MISMATCH,
        Code.ROLE_MISSING,
        Code.ALREADY_COMMITTED,
        summary="bind a trainer to an update",
    ),
    _operation(
        rounds.reveal_update,
        ("CTR-007", "CTR-006", "CTR-005", "INC-009"),
        transaction_run(rounds.reveal_update, RevealUpdate),
        Code.TASK_UNKNOWN,
        Code.ROUND_MISMATCH,
        Code.PHASE_MISMATCH,
        Code.COMMITMENT_MISSING,
        Code.ALREADY_REVEALED,
        Code.SAMPLE_COUNT,
        summary="show what a trainer committed to, or lose the deposit",
    ),
    _operation(
        attestation.attest,
        ("CTR-008", "CTR-005"),
        transaction_run(attestation.attest, Available),
        Code.TASK_UNKNOWN,
        Code.PHASE_MISMATCH,
        Code.BLOB_UNKNOWN,
        Code.SEAT_MISSING,
        Code.ALREADY_ATTESTED,
        summary="say that a seat holds these blobs whole",
    ),
    _operation(
        rounds.commit_scores,
        ("CTR-009", "CTR-005"),
        transaction_run(rounds.commit_scores, CommitScores),
        Code.TASK_UNKNOWN,
        Code.ROUND_MISMATCH,
        Code.PHASE_MISMATCH,
        Code.ROLE_MISSING,
        Code.ALREADY_COMMITTED,
        summary="bind a scorer to a score sheet",
    ),
    _operation(
        rounds.reveal_scores,
        ("CTR-010", "CTR-009", "CTR-005", "INC-009"),
        transaction_run(rounds.reveal_scores, RevealScores),
        Code.TASK_UNKNOWN,
        Code.ROUND_MISMATCH,
        Code.PHASE_MISMATCH,
        Code.COMMITMENT_MISSING,
        Code.ALREADY_REVEALED,
        Code.TESTIMONY_COVERAGE,
        Code.TESTIMONY_INVALID,
        summary="show the testimony of a scorer, or lose the deposit",
    ),
    _operation(
        claims.claim_aggregate,
        ("CTR-012", "CTR-005", "INC-009"),
        transaction_run(claims.claim_aggregate, ClaimAggregate, blobs=True),
        Code.TASK_UNKNOWN,
        Code.ROUND_MISMATCH,
        Code.PHASE_MISMATCH,
        Code.AGGREGATOR_UNSELECTED,
        Code.ALREADY_CLAIMED,
        Code.NOTHING_ACCEPTED,
        Code.BLOB_MISSING,
        Code.MODEL_OVERFLOW,
        summary="claim the model of the round; every node recomputes it",
    ),
    _operation(
        deadlines.advance_tasks,
        ("CTR-005", "CTR-018"),
        _advance_tasks,
        Code.BLOB_MISSING,
        summary="what the begin of a height does to all tasks, in order",
    ),
    _operation(
        deadlines.close_registration,
        ("CTR-015", "CTR-014"),
        _deadline(deadlines.close_registration, blobs=True),
        Code.BLOB_MISSING,
        summary="start the first round, or abort with refunds",
    ),
    _operation(
        deadlines.close_attestation,
        ("CTR-016",),
        _deadline(deadlines.close_attestation, blobs=True),
        Code.BLOB_MISSING,
        summary="decide which revealed updates are eligible",
    ),
    _operation(
        deadlines.appoint_aggregators,
        ("CTR-017",),
        _deadline(deadlines.appoint_aggregators),
        summary="who may claim the aggregate of the round",
    ),
    _operation(
        deadlines.draw_members,
        ("CTR-017",),
        _draw_members,
        summary="some of the members, by hash under a seed",
    ),
    _operation(
        deadlines.decide,
        ("CTR-011",),
        _deadline(deadlines.decide),
        summary="scores and acceptance from the revealed testimony",
    ),
    _operation(
        deadlines.settle,
        ("CTR-013", "CTR-014", "INC-007", "INC-008"),
        _deadline(deadlines.settle),
        summary="end a round: reputations, model, pay, next round or completion",
    ),
)
