"""Attestations: which blobs of a task a seat says it holds (CTR-008, PRV-035)."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Code, SpecError
from ..infrastructure.availability import add_attester
from ..types import Available, State
from .rounds import is_revealed, set_update
from .secure import set_member
from .tasks import Phase, Step, Window, task_at, window_at, with_task

ATTESTING = (Window.REVEAL, Window.INPUT, Window.ATTEST)
"""CTR-008: the windows in which blobs of a round are attested."""


def attest(state: State, sender: int, payload: Available) -> State:
    """CTR-008: A seat holder has these blobs whole; before round 1 the only such blob is the initial model.

    Errors, in order: TASK_UNKNOWN, PHASE_MISMATCH, then for each root in turn BLOB_UNKNOWN, SEAT_MISSING,
    ALREADY_ATTESTED.
    """
    task = task_at(state, payload.task)
    registering = task.phase == Phase.REGISTRATION
    if not registering and window_at(task, state.height) not in ATTESTING:
        raise SpecError(Code.PHASE_MISMATCH, f"no attestation at height {state.height}")
    for root in payload.blob_roots:
        attested = attest_model if registering else attest_input if task.round.secure.groups else attest_update
        state = attested(state, sender, payload.task, root)
    return state


def attest_model(state: State, sender: int, index: int, root: bytes) -> State:
    """CTR-008: In registration. Errors, in order: BLOB_UNKNOWN, SEAT_MISSING, ALREADY_ATTESTED."""
    task = state.tasks[index]
    if root != task.spec.model_root:
        raise SpecError(Code.BLOB_UNKNOWN, f"{root.hex()} is not asked for")
    return with_task(state, index, attesters=add_attester(task.attesters, sender, state.committee))


def attest_update(state: State, sender: int, index: int, root: bytes) -> State:
    """CTR-008: In a round that hides nothing. Errors, in order: BLOB_UNKNOWN, SEAT_MISSING, ALREADY_ATTESTED."""
    updates = state.tasks[index].round.updates
    update = next((u for u in updates if u.blob_root == root and is_revealed(u)), None)
    if update is None:
        raise SpecError(Code.BLOB_UNKNOWN, f"{root.hex()} is not asked for")
    attesters = add_attester(update.attesters, sender, state.committee)
    return set_update(state, index, replace(update, attesters=attesters))


def attest_input(state: State, sender: int, index: int, root: bytes) -> State:
    """PRV-035: In a secure round: counts for every member that named this blob and lacks the sender's attestation.

    Errors, in order: BLOB_UNKNOWN, SEAT_MISSING, ALREADY_ATTESTED.
    """
    members = [m for m in state.tasks[index].round.secure.members if m.step == Step.GIVEN and m.blob_root == root]
    if not members:
        raise SpecError(Code.BLOB_UNKNOWN, f"{root.hex()} is not asked for")
    for member in [m for m in members if sender not in m.attesters] or members:
        attesters = add_attester(member.attesters, sender, state.committee)
        state = set_member(state, index, replace(member, attesters=attesters))
    return state
