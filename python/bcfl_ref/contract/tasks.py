"""Tasks: phases, windows, publication and registration (CTR-001 to CTR-005)."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import Any

from ..aggregation import check_rule
from ..aggregation.dispatch import EXTENSION_FIRST
from ..errors import Code, SpecError
from ..infrastructure.accounts import credit, debit
from ..parameters import BASIS_POINTS
from ..privacy.budget import charge, round_cost
from ..privacy.noise import noised_bound
from ..types import (
    ZERO_ROOT,
    Join,
    Noise,
    Parameters,
    Participant,
    Privacy,
    Publish,
    Round,
    SecureRound,
    State,
    Task,
    TaskSpec,
)

SAMPLE_COUNT_LIMIT = 2**16 - 1
MODEL_LIMIT = 2**32
"""PRV-068: no model has more coordinates; a round is charged as if it had them all."""
DEGREE_MAX = 512
"""PRV-030: more neighbours would not fit into the payload of a transaction."""
TASKS_LIMIT = 2**20
"""CTR-003, CTR-018: as many tasks as a state can hold, ended ones included."""


class Phase(IntEnum):
    """CTR-001: The phases of a task."""

    REGISTRATION = 1
    RUNNING = 2
    COMPLETED = 3
    ABORTED = 4


class Role(IntEnum):
    """CTR-004: What a participant does in a task; one identity may hold both roles."""

    TRAINER = 1
    SCORER = 2


class Window(IntEnum):
    """CTR-005, PRV-031: The windows that rounds are made of; each lasts `window_heights` heights."""

    COMMIT = 0
    REVEAL = 1
    ATTEST = 2
    SCORE_COMMIT = 3
    SCORE_REVEAL = 4
    AGGREGATE = 5
    KEYS = 6
    SHARES = 7
    INPUT = 8
    UNMASK = 9


PLAIN_WINDOWS = (
    Window.COMMIT,
    Window.REVEAL,
    Window.ATTEST,
    Window.SCORE_COMMIT,
    Window.SCORE_REVEAL,
    Window.AGGREGATE,
)
SECURE_WINDOWS = (
    Window.KEYS,
    Window.SHARES,
    Window.INPUT,
    Window.ATTEST,
    Window.UNMASK,
    Window.SCORE_COMMIT,
    Window.SCORE_REVEAL,
    Window.AGGREGATE,
)
EMPTY_SECURE = SecureRound(ZERO_ROOT, (), ())
EMPTY_ROUND = Round(0, 0, (), (), (), (), False, EMPTY_SECURE)
NO_NOISE = Noise(0, 0, 0, 0, 0)
PLAIN = Privacy(0, 0, 0, 0, NO_NOISE)
"""PRV-030: what a task that hides nothing says."""


class Mode(IntEnum):
    """PRV-001, PRV-030: What everybody may see of an update: all of it, or only the sum of a group."""

    PLAIN = 0
    SECURE = 1


class Step(IntEnum):
    """PRV-032: How far a member came in a secure round."""

    ADVERTISED = 0
    SHARED = 1
    GIVEN = 2
    SURVIVOR = 3
    LOST = 4


class Standing(IntEnum):
    """PRV-033: How a group stands, and why it failed."""

    OPEN = 0
    KEYS_MISSING = 1
    SHARES_MISSING = 2
    INPUTS_MISSING = 3
    ANSWERS_MISSING = 4
    DEALER_INCONSISTENT = 5
    SUM_RANGE = 6
    OPENED = 7


class Averaging(IntEnum):
    """CTR-017: Who aggregates: some nodes drawn by the beacon, or every participant."""

    SELECTED = 0
    ALL = 1


class Payment(IntEnum):
    """INC-007: By what accepted trainers are paid."""

    SCORE = 0
    SIZE = 1


def task_at(state: State, index: int) -> Task:
    """CTR-001: The task with this index. Errors: TASK_UNKNOWN."""
    if index >= len(state.tasks):
        raise SpecError(Code.TASK_UNKNOWN, f"task {index} of {len(state.tasks)}")
    return state.tasks[index]


def with_task(state: State, index: int, **changes: Any) -> State:
    """CTR-001: The state in which task `index` has the given fields."""
    changed = replace(state.tasks[index], **changes)
    return replace(state, tasks=(*state.tasks[:index], changed, *state.tasks[index + 1 :]))


def registration_end(task: Task) -> int:
    """CTR-004: The first height at which nobody can join any more."""
    return task.published_height + task.spec.registration_heights


def is_secure(spec: TaskSpec) -> bool:
    """PRV-030: Whether only sums of the updates of a group are ever seen."""
    return spec.privacy.mode == Mode.SECURE


def windows_of(spec: TaskSpec) -> tuple[Window, ...]:
    """CTR-005, PRV-031: The windows of a round of this task, in order."""
    return SECURE_WINDOWS if is_secure(spec) else PLAIN_WINDOWS


def window_at(task: Task, height: int) -> Window:
    """CTR-005: The window of the current round that `height` lies in. Errors: PHASE_MISMATCH outside a round."""
    windows = windows_of(task.spec)
    offset = (height - task.round.start_height) // task.spec.window_heights
    if task.phase != Phase.RUNNING or not 0 <= offset < len(windows):
        raise SpecError(Code.PHASE_MISMATCH, f"height {height} lies in no window of the task")
    return windows[offset]


def check_task_spec(spec: TaskSpec, parameters: Parameters, extensions: tuple[int, ...]) -> None:
    """CTR-002: What may be published. Errors: TASK_SPEC_INVALID at the first bound that is not kept."""
    bounds = (
        ("rounds", spec.rounds >= 1),
        ("window_heights", spec.window_heights >= parameters.window_heights_min),
        ("registration_heights", spec.registration_heights >= parameters.window_heights_min),
        ("trainers", 1 <= spec.trainers_min <= spec.trainers_max <= parameters.participants_max),
        ("scorers", 1 <= spec.scorers_min <= spec.scorers_max <= parameters.participants_max),
        ("averaging", spec.averaging in tuple(Averaging)),
        ("aggregators", spec.averaging == Averaging.ALL or spec.aggregators >= 1),
        ("payment", spec.payment in tuple(Payment)),
        ("reward_round", spec.reward_round >= 1),
        ("shares", spec.trainers_bps + spec.scorers_bps + spec.aggregators_bps == BASIS_POINTS),
        ("deposit", spec.deposit >= 1),
        ("sample_count_max", 1 <= spec.sample_count_max <= SAMPLE_COUNT_LIMIT),
        ("acceptance_bps", spec.acceptance_bps <= BASIS_POINTS),
        ("extension", spec.rule.name < EXTENSION_FIRST or spec.rule.name in extensions),
        ("rule", all(rule_works(spec, updates) for updates in update_counts(spec))),
        *privacy_bounds(spec),
    )
    for name, holds in bounds:
        if not holds:
            raise SpecError(Code.TASK_SPEC_INVALID, name)


def update_counts(spec: TaskSpec) -> tuple[int, ...]:
    """CTR-002, PRV-030: The numbers of updates with which the task's rule has to work when nobody is missing."""
    return (spec.privacy.groups,) if is_secure(spec) else (spec.trainers_min, spec.trainers_max)


def privacy_bounds(spec: TaskSpec) -> tuple[tuple[str, bool], ...]:
    """PRV-030: The conditions on what a task hides, each with the field it is about."""
    privacy = spec.privacy
    if privacy.mode != Mode.SECURE or not privacy.groups:
        return (("privacy", privacy == PLAIN),)
    smallest, largest = spec.trainers_min // privacy.groups, group_capacity(spec)
    neighbours = min(smallest - 1, privacy.degree or smallest - 1)
    return (
        ("degree", privacy.degree % 2 == 0 and privacy.degree <= DEGREE_MAX),
        ("group size", privacy.degree > 0 or largest - 1 <= DEGREE_MAX),
        ("threshold", 2 <= privacy.threshold <= neighbours),
        ("payment in secure mode", spec.payment == Payment.SCORE),
        ("samples of a group", largest * spec.sample_count_max <= SAMPLE_COUNT_LIMIT),
        ("noise", privacy.noise == NO_NOISE or noise_works(spec)),
    )


def survivors_min(spec: TaskSpec) -> int:
    """PRV-036: No sum is opened over fewer survivors than this: t + 1."""
    return spec.privacy.threshold + 1


def round_charge(spec: TaskSpec) -> int:
    """PRV-068: What a round of the task spends, whatever its model. Errors: those of round_cost."""
    return 0 if spec.privacy.noise == NO_NOISE else round_cost(spec.privacy.noise, survivors_min(spec), MODEL_LIMIT)


def noise_works(spec: TaskSpec) -> bool:
    """PRV-030: Everybody weighs the same, the budget holds a round, and a sum with its noise fits the ring."""
    noise = spec.privacy.noise
    try:
        charge(0, round_charge(spec), noise.budget)
        noised_bound(noise, survivors_min(spec), group_capacity(spec))
    except SpecError:
        return False
    return spec.sample_count_max == 1


def group_capacity(spec: TaskSpec) -> int:
    """PRV-031: The most trainers that a group can have."""
    return -(-spec.trainers_max // spec.privacy.groups)


def rule_works(spec: TaskSpec, updates: int) -> bool:
    """CTR-002: Whether the task's aggregation rule accepts this number of updates."""
    try:
        check_rule(spec.rule, updates)
    except SpecError:
        return False
    return True


def publish(state: State, sender: int, payload: Publish) -> State:
    """CTR-003: Open a task and move rounds · reward_round tokens from its issuer into escrow.

    Errors, in order: TASKS_OPEN_MAX, TASK_SPEC_INVALID, BALANCE_INSUFFICIENT.
    """
    spec = payload.spec
    unfinished = sum(task.phase in (Phase.REGISTRATION, Phase.RUNNING) for task in state.tasks)
    if unfinished >= state.parameters.tasks_open_max or len(state.tasks) >= TASKS_LIMIT:
        raise SpecError(Code.TASKS_OPEN_MAX, f"{unfinished} tasks are open, {len(state.tasks)} were published")
    check_task_spec(spec, state.parameters, state.extensions)
    escrow = spec.rounds * spec.reward_round
    paid = debit(state, sender, escrow)
    task = Task(
        sender, spec, Phase.REGISTRATION, state.height, escrow, (), (), spec.model_root, EMPTY_ROUND, (), ZERO_ROOT, 0
    )
    return replace(paid, tasks=(*paid.tasks, task))


def join(state: State, sender: int, payload: Join) -> State:
    """CTR-004: Take a role, consent to the task's terms, leave the deposit.

    Errors, in order: TASK_UNKNOWN, PHASE_MISMATCH, ROLE_UNKNOWN, TERMS_MISMATCH, ALREADY_JOINED, TASK_FULL,
    BALANCE_INSUFFICIENT.
    """
    task = task_at(state, payload.task)
    if task.phase != Phase.REGISTRATION:
        raise SpecError(Code.PHASE_MISMATCH, f"task {payload.task} is past its registration")
    if payload.role not in tuple(Role):
        raise SpecError(Code.ROLE_UNKNOWN, f"role {payload.role}")
    if payload.terms_root != task.spec.terms_root:
        raise SpecError(Code.TERMS_MISMATCH, "consent to other terms than the task's")
    if find_participant(task, sender, Role(payload.role)) is not None:
        raise SpecError(Code.ALREADY_JOINED, f"identity {sender} as {Role(payload.role).name}")
    limit = task.spec.trainers_max if payload.role == Role.TRAINER else task.spec.scorers_max
    if len(participants(task, Role(payload.role))) >= limit:
        raise SpecError(Code.TASK_FULL, f"{limit} in role {Role(payload.role).name}")
    paid = debit(state, sender, task.spec.deposit)
    joined = (*task.participants, Participant(sender, payload.role, task.spec.deposit))
    return with_task(paid, payload.task, participants=tuple(sorted(joined, key=lambda p: (p.role, p.identity))))


def participants(task: Task, role: Role) -> tuple[Participant, ...]:
    """CTR-004: Those who hold `role`, in ascending registration index; who lost the deposit is out."""
    return tuple(p for p in task.participants if p.role == role and p.deposit)


def find_participant(task: Task, identity: int, role: Role) -> Participant | None:
    """CTR-004: The entry of `identity` in `role`, deposit lost or not."""
    return next((p for p in task.participants if p.identity == identity and p.role == role), None)


def require_role(task: Task, identity: int, role: Role) -> None:
    """CTR-004: Errors: ROLE_MISSING unless `identity` holds `role` and still has its deposit."""
    participant = find_participant(task, identity, role)
    if participant is None or not participant.deposit:
        raise SpecError(Code.ROLE_MISSING, f"identity {identity} is no {role.name} of the task")


def seize_deposit(state: State, index: int, identity: int, role: Role) -> State:
    """INC-009: Move the whole deposit of a participant to the treasury; it takes no further part in this role."""
    task = state.tasks[index]
    entry = find_participant(task, identity, role)
    if entry is None:
        return state
    rest = tuple(replace(p, deposit=0) if p == entry else p for p in task.participants)
    return with_task(replace(state, treasury=state.treasury + entry.deposit), index, participants=rest)


def close_task(state: State, index: int, phase: Phase) -> State:
    """CTR-014: End a task: what is left in escrow returns to the issuer, each deposit to its participant."""
    task = state.tasks[index]
    state = credit(state, task.issuer, task.escrow)
    for participant in task.participants:
        state = credit(state, participant.identity, participant.deposit)
    returned = tuple(replace(p, deposit=0) for p in task.participants)
    return with_task(state, index, phase=phase, escrow=0, participants=returned, round=EMPTY_ROUND)
