"""What the deadlines of a secure round do: draw graphs, count who is left, open the sums (PRV-033 to PRV-039)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from .. import kernels
from ..encoding import BLOB_MASKED, BLOB_UPDATE, ELEMENT_I32, ELEMENT_U32, ELEMENT_U64, commit_blob, hash_tree_root
from ..errors import Code, SpecError
from ..incentive.rewards import Fact
from ..infrastructure.availability import is_available
from ..infrastructure.blobs import BlobData, blob_words
from ..kernels.limits import COORDINATE_MAX
from ..privacy.keys import PURPOSE_MASK, Scope, pair_key
from ..privacy.masks import Words, unmask_sum
from ..privacy.noise import noised_bound
from ..privacy.rings import from_ring, ring_width
from ..privacy.sharing import SECRET_KEY, Dealing, rebuild_secret
from ..types import ZERO_ROOT, Member, Round, State, Task, TaskSpec, Update
from .rounds import Blobs, UpdateStatus, record_fact, require_blob, with_round
from .secure import (
    group_members,
    group_trainers,
    neighbours,
    secret_of,
    set_group,
    set_member,
)
from .tasks import NO_NOISE, Role, Standing, Step, group_capacity, seize_deposit, survivors_min

LIVE = (Step.SHARED, Step.GIVEN, Step.SURVIVOR, Step.LOST)
"""PRV-034: the steps of a member that shared its keys."""


# ---------------------------------------------------------------------------------------------------------
# Who is left


def draw_graphs(state: State, index: int) -> State:
    """PRV-033: At the begin of SHARES: the graphs' seed is the mix of this height; a group too small fails."""
    secure = replace(state.tasks[index].round.secure, seed=state.mix)
    state = with_round(state, index, secure=secure)
    least = state.tasks[index].spec.privacy.threshold + 1
    for group in open_groups_of(state.tasks[index].round):
        if len(group_members(state.tasks[index].round, group)) < least:
            state = set_group(state, index, group, status=Standing.KEYS_MISSING)
    return state


def close_shares(state: State, index: int) -> State:
    """PRV-034: At the begin of INPUT: a group fails unless all who shared have t neighbours who did."""
    for group in open_groups_of(state.tasks[index].round):
        shared = {m.trainer for m in group_members(state.tasks[index].round, group, (Step.SHARED,))}
        if not enough_left(state.tasks[index], index, group, shared, shared):
            state = set_group(state, index, group, status=Standing.SHARES_MISSING)
    return state


def close_inputs(state: State, index: int, blobs: Blobs) -> State:
    """PRV-035: At the begin of UNMASK: who gave a valid input that is available survives; who is too few fails.

    Errors: BLOB_MISSING when an attested blob is not at hand.
    """
    task = state.tasks[index]
    base = require_blob(blobs, task.model_root)
    for member in task.round.secure.members:
        if member.step == Step.GIVEN:
            state = set_member(state, index, judged_input(member, state, task, base, blobs))
    for group in open_groups_of(task.round):
        round_ = state.tasks[index].round
        shared = {m.trainer for m in group_members(round_, group, LIVE)}
        survivors = {m.trainer for m in group_members(round_, group, (Step.SURVIVOR,))}
        if not enough_left(state.tasks[index], index, group, shared, survivors):
            state = set_group(state, index, group, status=Standing.INPUTS_MISSING)
    return state


def judged_input(member: Member, state: State, task: Task, base: BlobData, blobs: Blobs) -> Member:
    """PRV-035: The member as SURVIVOR when its masked input is available and has the right shape, else as LOST."""
    if not is_available(member.attesters, state.committee):
        return replace(member, step=Step.LOST)
    found = require_blob(blobs, member.blob_root).blob
    ring = task_ring(task.spec)
    words = base.blob.byte_length // 4 + 1
    element = ELEMENT_U32 if ring == 32 else ELEMENT_U64
    wanted = (BLOB_MASKED, element, task.spec.layout_root, words * ring // 8)
    valid = (found.kind, found.element, found.layout_root, found.byte_length) == wanted
    return replace(member, step=Step.SURVIVOR if valid else Step.LOST)


def open_groups_of(round_: Round) -> list[int]:
    """PRV-033: The numbers of the groups that have not failed."""
    return [at for at, group in enumerate(round_.secure.groups) if group.status == Standing.OPEN]


def enough_left(task: Task, index: int, group: int, shared: Collection[int], left: Collection[int]) -> bool:
    """PRV-034, PRV-035: Somebody is left, and all who shared have t neighbours or more among who is.

    So at least t + 1 are left: a group opens with no fewer than three survivors, since t is at least 2.
    """
    graph = neighbours(task, index, group)
    return bool(left) and all(
        sum(holder in left for holder in graph[own]) >= task.spec.privacy.threshold for own in shared
    )


def task_ring(spec: TaskSpec) -> int:
    """PRV-035: The ring of the task's sums: that of PRV-022 for the largest group, of 64 bits when there is noise."""
    if spec.privacy.noise != NO_NOISE:
        return 64
    return ring_width(group_capacity(spec), spec.sample_count_max)


# ---------------------------------------------------------------------------------------------------------
# Opening


@dataclass(frozen=True)
class Opening:
    """PRV-038: How the opening of a group ended: standing, who is named, the mean's blob, the samples in it."""

    standing: Standing
    named: tuple[int, ...] = ()
    blob: BlobData | None = None
    samples: int = 0


def open_groups(state: State, index: int, blobs: Blobs) -> State:
    """PRV-038: At the begin of SCORE_COMMIT: every group is opened or has failed; what was opened becomes an update.

    An inconsistent dealer is named and loses its deposit (INC-009). Errors: BLOB_MISSING.
    """
    for group in open_groups_of(state.tasks[index].round):
        opening = open_group(state, index, group, blobs)
        state = set_group(state, index, group, status=opening.standing, named=opening.named)
        for dealer in opening.named:
            state = seize_deposit(state, index, dealer, Role.TRAINER)
            state = record_fact(state, dealer, Fact.FAULT_PROVED)
        if opening.blob is not None:
            root = hash_tree_root(opening.blob.blob)
            update = Update(group, 0, ZERO_ROOT, UpdateStatus.ELIGIBLE, root, opening.samples, (), 0, False)
            updates = state.tasks[index].round.updates
            state = with_round(state, index, updates=(*updates, update))
    return state


def open_group(state: State, index: int, group: int, blobs: Blobs) -> Opening:
    """PRV-038: Rebuild the secrets, take the masks off the sum, judge the sum. Errors: BLOB_MISSING."""
    task = state.tasks[index]
    graph = neighbours(task, index, group)
    survivors = group_members(task.round, group, (Step.SURVIVOR,))
    dropped = [
        member
        for member in group_members(task.round, group, (Step.SHARED, Step.LOST))
        if any(survivor.trainer in graph[member.trainer] for survivor in survivors)
    ]
    secrets: dict[int, bytes] = {}
    named: list[int] = []
    for dealer in sorted((*survivors, *dropped), key=lambda m: m.trainer):
        try:
            secrets[dealer.trainer] = rebuilt(state, index, dealer, graph[dealer.trainer])
        except SpecError as error:
            if error.code == Code.DEALER_INCONSISTENT:
                named.append(dealer.trainer)
    if named:
        return Opening(Standing.DEALER_INCONSISTENT, tuple(named))
    if len(secrets) < len(survivors) + len(dropped):
        return Opening(Standing.ANSWERS_MISSING)
    scope = Scope(state.genesis_root, index, task.round.number, group, PURPOSE_MASK)
    broken = [
        (survivor.trainer, gone.trainer, pair_key(scope, (gone.trainer, secrets[gone.trainer]), peer(survivor)))
        for survivor in survivors
        for gone in dropped
        if gone.trainer in graph[survivor.trainer]
    ]
    total = sum_of_inputs(task, survivors, blobs)
    words = unmask_sum(total, [(member.trainer, secrets[member.trainer]) for member in survivors], broken)
    return judged_sum(task, group, len(survivors), words)


def peer(member: Member) -> tuple[int, bytes]:
    """PRV-038: A member as the other side of a pair key for masks."""
    return member.trainer, member.mask_key


def rebuilt(state: State, index: int, dealer: Member, holders: tuple[int, ...]) -> bytes:
    """PRV-038: A dealer's one secret from what its holders opened. Errors: SHARES_MISSING, DEALER_INCONSISTENT."""
    kind, task = secret_of(dealer), state.tasks[index]
    of_key = kind == SECRET_KEY
    dealing = Dealing(
        genesis_root=state.genesis_root,
        task=index,
        round=task.round.number,
        group=dealer.group,
        dealer=dealer.trainer,
        secret=kind,
        holders=holders,
        commitments=tuple(edge.key_commitment if of_key else edge.seed_commitment for edge in dealer.edges),
        mark=dealer.mask_key if of_key else dealer.seed_mark,
    )
    opened = [(holders.index(share.member), share.share) for share in dealer.opened]
    return rebuild_secret(dealing, task.spec.privacy.threshold, opened)


def sum_of_inputs(task: Task, survivors: Collection[Member], blobs: Blobs) -> Words:
    """PRV-038: The sum of the survivors' masked inputs in the task's ring. Errors: BLOB_MISSING."""
    inputs = [blob_words(require_blob(blobs, member.blob_root)) for member in survivors]
    total = np.zeros_like(inputs[0])
    for vector in inputs:
        total += vector
    return total


def judged_sum(task: Task, group: int, survivors: int, words: Words) -> Opening:
    """PRV-038, PRV-039: The mean of a group as an update, unless its sum or its samples are out of range.

    The divisor is the number of samples in the sum; with noise it is the size of the group, whoever survived.
    """
    ring = task_ring(task.spec)
    noise = task.spec.privacy.noise
    noisy = noise != NO_NOISE
    bound = noised_bound(noise, survivors_min(task.spec), group_capacity(task.spec)) if noisy else 2 ** (ring - 1) - 1
    try:
        *sums, samples = from_ring(words.tolist(), ring, bound)
    except SpecError:
        return Opening(Standing.SUM_RANGE)
    divisor = len(group_trainers(task)[group]) if noisy else samples
    if not survivors <= samples <= survivors * task.spec.sample_count_max:
        return Opening(Standing.SUM_RANGE)
    if any(abs(value) > divisor * COORDINATE_MAX for value in sums):
        return Opening(Standing.SUM_RANGE)
    mean = kernels.div_round(np.array(sums, dtype=np.int64), 1, divisor).astype("<i4").tobytes()
    blob = commit_blob(BLOB_UPDATE, ELEMENT_I32, task.spec.layout_root, mean)
    return Opening(Standing.OPENED, (), BlobData(blob, mean), divisor)


# ---------------------------------------------------------------------------------------------------------
# After the opening


def update_blob(state: State, index: int, update: Update, blobs: Blobs) -> BlobData:
    """PRV-038: The blob of an update: of a trainer's as it was published, of a group's as everybody can compute it.

    Errors: BLOB_MISSING.
    """
    if not state.tasks[index].round.secure.groups:
        return require_blob(blobs, update.blob_root)
    opened = open_group(state, index, update.trainer, blobs).blob
    if opened is None:
        raise SpecError(Code.BLOB_MISSING, update.blob_root.hex())
    return opened
