"""Claims of the aggregate: every node recomputes the model of the round (CTR-012)."""

from __future__ import annotations

import numpy as np

from ..aggregation import aggregate
from ..encoding import BLOB_MODEL, ELEMENT_I32, commit_blob, hash_tree_root
from ..errors import Code, SpecError
from ..incentive.rewards import Fact
from ..infrastructure.blobs import BlobData, blob_vector
from ..types import Claim, ClaimAggregate, State, Task
from .opening import update_blob
from .rounds import Blobs, current_round, record_fact, require_blob, with_round
from .tasks import Role, Window, rule_works, seize_deposit


def claim_aggregate(state: State, sender: int, payload: ClaimAggregate, blobs: Blobs) -> State:
    """CTR-012: An aggregator says which model the round gives; a false claim costs the deposit.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, AGGREGATOR_UNSELECTED, ALREADY_CLAIMED,
    NOTHING_ACCEPTED, then those of `recompute`.
    """
    task, round_ = current_round(state, payload.task, payload.round, Window.AGGREGATE)
    if sender not in round_.aggregators:
        raise SpecError(Code.AGGREGATOR_UNSELECTED, f"identity {sender} in round {round_.number}")
    if any(claim.aggregator == sender for claim in round_.claims):
        raise SpecError(Code.ALREADY_CLAIMED, f"aggregator {sender}")
    if not is_aggregable(task):
        raise SpecError(Code.NOTHING_ACCEPTED, f"round {round_.number}")
    correct = model_root_of(state, payload.task, blobs) == payload.model_root
    claims = (*round_.claims, Claim(sender, payload.model_root, correct))
    state = with_round(state, payload.task, claims=tuple(sorted(claims, key=lambda c: c.aggregator)))
    if correct:
        return state
    for role in Role:
        state = seize_deposit(state, payload.task, sender, role)
    return record_fact(state, sender, Fact.FAULT_PROVED)


def is_aggregable(task: Task) -> bool:
    """CTR-012: The round is scored and the task's rule works with the number of accepted updates."""
    count = sum(update.accepted for update in task.round.updates)
    return task.round.scored and count > 0 and rule_works(task.spec, count)


def model_root_of(state: State, index: int, blobs: Blobs) -> bytes:
    """CTR-012: The root of the round's model: that of a claim already confirmed, else recomputed."""
    confirmed = (claim.model_root for claim in state.tasks[index].round.claims if claim.correct)
    return next(confirmed, None) or hash_tree_root(recompute(state, index, blobs).blob)


def recompute(state: State, index: int, blobs: Blobs) -> BlobData:
    """CTR-012: The model that the round's accepted updates give, with its commitment.

    Errors, in order: BLOB_MISSING for the base model, then for each update; then those of `aggregate`.
    """
    task = state.tasks[index]
    base = require_blob(blobs, task.model_root)
    accepted = [update for update in task.round.updates if update.accepted]
    vectors = [blob_vector(update_blob(state, index, update, blobs)) for update in accepted]
    weights = [update.sample_count for update in accepted]
    model = aggregate(task.spec.rule, blob_vector(base), vectors, weights)
    data = np.ascontiguousarray(model, dtype="<i4").tobytes()
    return BlobData(commit_blob(BLOB_MODEL, ELEMENT_I32, task.spec.layout_root, data), data)
