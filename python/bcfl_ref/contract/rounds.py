"""What trainers and scorers send in a round: commitments, reveals, testimony (CTR-006, 007, 009, 010)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from typing import Any

from ..encoding import hash_tree_root
from ..errors import Code, SpecError
from ..incentive.rewards import Fact, next_reputation
from ..incentive.scores import score_ppm
from ..infrastructure.accounts import with_identity
from ..infrastructure.blobs import BlobData
from ..types import (
    ZERO_ROOT,
    CommitScores,
    CommitUpdate,
    RevealScores,
    RevealUpdate,
    Round,
    ScoreSheet,
    Sheet,
    State,
    Task,
    Testimony,
    Update,
    UpdateCommitment,
)
from .tasks import Phase, Role, Step, Window, require_role, seize_deposit, task_at, window_at, with_task

Blobs = Mapping[bytes, BlobData]


class UpdateStatus(IntEnum):
    """CTR-006: What became of an update; only ELIGIBLE ones are scored and aggregated."""

    COMMITTED = 0
    REVEALED = 1
    MISMATCHED = 2
    DUPLICATE = 3
    INVALID = 4
    ELIGIBLE = 5
    UNAVAILABLE = 6


class SheetStatus(IntEnum):
    """CTR-009: What became of a score sheet; only REVEALED ones count."""

    COMMITTED = 0
    REVEALED = 1
    MISMATCHED = 2


def current_round(state: State, index: int, number: int, window: Window) -> tuple[Task, Round]:
    """CTR-005: The task and its round, when round `number` is in `window` at this height.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH.
    """
    task = task_at(state, index)
    if task.phase != Phase.RUNNING or task.round.number != number:
        raise SpecError(Code.ROUND_MISMATCH, f"task {index} is not in round {number}")
    found = window_at(task, state.height)
    if found != window:
        raise SpecError(Code.PHASE_MISMATCH, f"{window.name} is asked, {found.name} is open at height {state.height}")
    return task, task.round


def with_round(state: State, index: int, **changes: Any) -> State:
    """CTR-005: The state in which the current round of task `index` has the given fields."""
    return with_task(state, index, round=replace(state.tasks[index].round, **changes))


def record_fact(state: State, identity: int, fact: Fact) -> State:
    """INC-008: The state after `fact` moved the reputation of `identity`."""
    before = state.identities[identity].reputation_bps
    return with_identity(state, identity, reputation_bps=next_reputation(before, fact, state.parameters))


def commit_update(state: State, sender: int, payload: CommitUpdate) -> State:
    """CTR-006: A trainer binds itself to an update without showing it.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, ROLE_MISSING, ALREADY_COMMITTED.
    """
    task, round_ = current_round(state, payload.task, payload.round, Window.COMMIT)
    require_role(task, sender, Role.TRAINER)
    if any(update.trainer == sender for update in round_.updates):
        raise SpecError(Code.ALREADY_COMMITTED, f"trainer {sender}")
    new = Update(sender, len(round_.updates), payload.commitment, UpdateStatus.COMMITTED, ZERO_ROOT, 0, (), 0, False)
    return with_round(state, payload.task, updates=tuple(sorted((*round_.updates, new), key=lambda u: u.trainer)))


def reveal_update(state: State, sender: int, payload: RevealUpdate) -> State:
    """CTR-007: A trainer shows what it committed to; a mismatch costs the deposit, a copy counts for nothing.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, COMMITMENT_MISSING, ALREADY_REVEALED,
    SAMPLE_COUNT.
    """
    task, round_ = current_round(state, payload.task, payload.round, Window.REVEAL)
    update = next((u for u in round_.updates if u.trainer == sender), None)
    if update is None:
        raise SpecError(Code.COMMITMENT_MISSING, f"trainer {sender}")
    if update.status != UpdateStatus.COMMITTED:
        raise SpecError(Code.ALREADY_REVEALED, f"trainer {sender}")
    if not 1 <= payload.sample_count <= task.spec.sample_count_max:
        raise SpecError(Code.SAMPLE_COUNT, f"{payload.sample_count}, at most {task.spec.sample_count_max}")
    opened = UpdateCommitment(
        state.genesis_root,
        payload.task,
        payload.round,
        sender,
        task.model_root,
        payload.blob_root,
        payload.sample_count,
        payload.salt,
    )
    if hash_tree_root(opened) != update.commitment:
        state = set_update(state, payload.task, replace(update, status=UpdateStatus.MISMATCHED))
        state = seize_deposit(state, payload.task, sender, Role.TRAINER)
        return record_fact(state, sender, Fact.FAULT_PROVED)
    revealed = replace(
        update,
        status=UpdateStatus.REVEALED,
        blob_root=payload.blob_root,
        sample_count=payload.sample_count,
    )
    return mark_duplicates(set_update(state, payload.task, revealed), payload.task, payload.blob_root)


def set_update(state: State, index: int, changed: Update) -> State:
    """CTR-006: The state in which the trainer's update is `changed`."""
    updates = state.tasks[index].round.updates
    return with_round(state, index, updates=tuple(changed if u.trainer == changed.trainer else u for u in updates))


def mark_duplicates(state: State, index: int, blob_root: bytes) -> State:
    """CTR-007: Of several reveals of one blob only the one committed first stands, with all its attesters.

    Only revealed updates are compared: one that nobody has revealed carries the zero root, which is no blob's.
    """
    shown = (UpdateStatus.REVEALED, UpdateStatus.DUPLICATE)
    same = [u for u in state.tasks[index].round.updates if u.status in shown and u.blob_root == blob_root]
    first = min(update.order for update in same)
    attesters = tuple(sorted({attester for update in same for attester in update.attesters}))
    for update in same:
        if update.order == first:
            changed = replace(update, status=UpdateStatus.REVEALED, attesters=attesters)
        else:
            changed = replace(update, status=UpdateStatus.DUPLICATE, attesters=())
        state = set_update(state, index, changed)
    return state


def is_revealed(update: Update) -> bool:
    """CTR-007: The update was revealed, matched and is no copy."""
    return update.status == UpdateStatus.REVEALED


def commit_scores(state: State, sender: int, payload: CommitScores) -> State:
    """CTR-009: A scorer binds itself to a score sheet without showing it.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, ROLE_MISSING, ALREADY_COMMITTED.
    """
    task, round_ = current_round(state, payload.task, payload.round, Window.SCORE_COMMIT)
    require_role(task, sender, Role.SCORER)
    if any(sheet.scorer == sender for sheet in round_.sheets):
        raise SpecError(Code.ALREADY_COMMITTED, f"scorer {sender}")
    sheets = (*round_.sheets, Sheet(sender, payload.commitment, SheetStatus.COMMITTED, ()))
    return with_round(state, payload.task, sheets=tuple(sorted(sheets, key=lambda s: s.scorer)))


def reveal_scores(state: State, sender: int, payload: RevealScores) -> State:
    """CTR-010: A scorer shows its testimony on every eligible update but its own; a mismatch costs the deposit.

    Errors, in order: TASK_UNKNOWN, ROUND_MISMATCH, PHASE_MISMATCH, COMMITMENT_MISSING, ALREADY_REVEALED,
    TESTIMONY_COVERAGE, TESTIMONY_INVALID.
    """
    _, round_ = current_round(state, payload.task, payload.round, Window.SCORE_REVEAL)
    sheet = next((s for s in round_.sheets if s.scorer == sender), None)
    if sheet is None:
        raise SpecError(Code.COMMITMENT_MISSING, f"scorer {sender}")
    if sheet.status != SheetStatus.COMMITTED:
        raise SpecError(Code.ALREADY_REVEALED, f"scorer {sender}")
    check_testimony(round_, sender, payload.entries)
    opened = ScoreSheet(state.genesis_root, payload.task, payload.round, sender, payload.entries, payload.salt)
    if hash_tree_root(opened) != sheet.commitment:
        state = set_sheet(state, payload.task, replace(sheet, status=SheetStatus.MISMATCHED))
        state = seize_deposit(state, payload.task, sender, Role.SCORER)
        return record_fact(state, sender, Fact.FAULT_PROVED)
    return set_sheet(state, payload.task, replace(sheet, status=SheetStatus.REVEALED, entries=payload.entries))


def check_testimony(round_: Round, scorer: int, entries: tuple[Testimony, ...]) -> None:
    """CTR-010: One entry for each eligible update that is not the scorer's own, in the order of the round.

    Errors, in order: TESTIMONY_COVERAGE, TESTIMONY_INVALID.
    """
    expected = [update.blob_root for update in eligible(round_) if scorer not in authors(round_, update)]
    if [entry.update_root for entry in entries] != expected:
        raise SpecError(
            Code.TESTIMONY_COVERAGE, f"scorer {scorer}: {len(entries)} of {len(expected)} updates in order"
        )
    for entry in entries:
        score_ppm(entry)


def authors(round_: Round, update: Update) -> tuple[int, ...]:
    """CTR-016, PRV-039: Whose work an update is: its trainer's, in a secure round that of its group's survivors."""
    if not round_.secure.groups:
        return (update.trainer,)
    return tuple(m.trainer for m in round_.secure.members if m.group == update.trainer and m.step == Step.SURVIVOR)


def set_sheet(state: State, index: int, changed: Sheet) -> State:
    """CTR-009: The state in which the scorer's sheet is `changed`."""
    sheets = state.tasks[index].round.sheets
    return with_round(state, index, sheets=tuple(changed if s.scorer == changed.scorer else s for s in sheets))


def eligible(round_: Round) -> tuple[Update, ...]:
    """CTR-016: The updates that were revealed, available and valid, in ascending registration index."""
    return tuple(u for u in round_.updates if u.status == UpdateStatus.ELIGIBLE)


def require_blob(blobs: Blobs, root: bytes) -> BlobData:
    """INF-009: The blob with this root. Errors: BLOB_MISSING."""
    if root not in blobs:
        raise SpecError(Code.BLOB_MISSING, root.hex())
    return blobs[root]
