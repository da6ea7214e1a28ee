"""Which states the operations on tasks answer for: those that are whole, as every state of a ledger is.

The rules never meet another state, so the specification says nothing about one; a testee skips the question.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.opening import LIVE
from ..contract.rounds import UpdateStatus
from ..contract.secure import group_members, group_trainers, neighbours
from ..contract.tasks import (
    Averaging,
    Phase,
    Role,
    Standing,
    Step,
    is_secure,
    privacy_bounds,
    windows_of,
)
from ..errors import InvariantError
from ..incentive.conservation import total_tokens
from ..types import ZERO_ROOT, Parameters, State, Task

#: No constant of a genesis comes near it (TYP-018), no ledger lives so long.
NUMBER_LIMIT = 2**60


def check_whole(state: State) -> None:
    """CTR-001: every name a state mentions exists, nobody is listed twice. InvariantError otherwise."""
    for complaint in _complaints(state):
        raise InvariantError(f"no ledger has such a state: {complaint}")


def check_task(task: Task) -> None:
    """CTR-001: As `check_whole`, of a task without its ledger. InvariantError otherwise."""
    for complaint in _faults(task, 0):
        raise InvariantError(f"no ledger has such a task: {complaint}")


def _complaints(state: State) -> Iterator[str]:
    count = len(state.identities)
    if state.parameters.epoch_heights == 0:
        yield "epoch_heights is 0"
    if max(state.height, *(getattr(state.parameters, name) for name in Parameters.FIELD_TYPES)) >= NUMBER_LIMIT:
        yield "a height or a constant that no genesis admits"
    if total_tokens(state) >= NUMBER_LIMIT:
        yield "more tokens than any genesis admits"
    committees = (state.committee, state.next_committee)
    if any(seat.identity >= count for committee in committees for seat in committee.seats):
        yield f"a seat of a committee names one of {count} identities that is none"
    for index, task in enumerate(state.tasks):
        if any(name >= count for name in _names(task)):
            yield f"task {index} names one of {count} identities that is none"
        yield from (f"task {index} {fault}" for fault in _faults(task, index))
        if task.phase == Phase.RUNNING:
            passed = state.height - task.round.start_height
            if passed > len(windows_of(task.spec)) * task.spec.window_heights:
                yield f"task {index} has a round that should have been settled"


def _faults(task: Task, index: int) -> Iterator[str]:
    if task.spec.averaging not in tuple(Averaging):
        yield "averages in no known mode"
    if 0 in (task.spec.window_heights, task.spec.registration_heights):
        yield "has a window without a height"
    for title, listed in _listings(task):
        if len(set(listed)) != len(listed):
            yield f"lists twice: {title}"
    running = is_secure(task.spec) and task.phase != Phase.REGISTRATION
    if task.group_seed != ZERO_ROOT and not running:
        yield "drew groups that it has not"
    if bool(task.round.secure.groups) != (is_secure(task.spec) and task.phase == Phase.RUNNING):
        yield "has a secure round and should not, or has none and should"
    if not all(holds for _, holds in privacy_bounds(task.spec)):
        yield "hides what no specification may"
    elif any(not _is_whole(task, index) for _ in task.round.secure.groups[:1]):
        yield "has a secure round that no rule leads to"
    shares = task.spec.trainers_bps + task.spec.scorers_bps + task.spec.aggregators_bps
    if shares != 10_000:
        yield f"shares {shares} of 10000"
    for sheet in task.round.sheets:
        if any(entry.correct > entry.total for entry in sheet.entries):
            yield "has a sheet with more correct than there are"


def _is_whole(task: Task, index: int) -> bool:
    """PRV-030 … PRV-037: groups and edges are as many as the specification and the graph say."""
    secure, groups = task.round.secure, len(task.round.secure.groups)
    if not is_secure(task.spec) or groups != task.spec.privacy.groups:
        return False
    if any(update.trainer >= groups or update.status != UpdateStatus.ELIGIBLE for update in task.round.updates):
        return False
    trainers = {p.identity for p in task.participants if p.role == Role.TRAINER}
    if any(m.group >= groups or m.trainer not in trainers or m.step > max(Step) for m in secure.members):
        return False
    if not task.round.scored and any(update.accepted or update.score_ppm for update in task.round.updates):
        return False
    steps = {member.step for member in secure.members}
    if Step.GIVEN in steps and steps & {Step.SURVIVOR, Step.LOST}:  # one deadline judges every input
        return False
    if any(group.status > max(Standing) for group in secure.groups):
        return False
    if any(member.trainer not in group_trainers(task)[member.group] for member in secure.members):
        return False
    return all(_edges_fit(task, index, group) for group in range(groups))


def _edges_fit(task: Task, index: int, group: int) -> bool:
    """PRV-033, PRV-034: whoever dealt has an edge for each neighbour, and only neighbours opened shares."""
    dealers = group_members(task.round, group, LIVE)
    if not dealers:
        return True
    if len(group_members(task.round, group)) <= task.spec.privacy.threshold:
        return False
    graph = neighbours(task, index, group)
    return all(
        len(dealer.edges) == len(graph[dealer.trainer])
        and {opened.member for opened in dealer.opened} <= set(graph[dealer.trainer])
        for dealer in dealers
    )


def _names(task: Task) -> Iterator[int]:
    yield task.issuer
    yield from (participant.identity for participant in task.participants)
    yield from (update.trainer for update in task.round.updates)
    yield from (sheet.scorer for sheet in task.round.sheets)
    yield from (claim.aggregator for claim in task.round.claims)


def _listings(task: Task) -> Iterator[tuple[str, list[object]]]:
    yield "participants", [(participant.identity, participant.role) for participant in task.participants]
    yield "updates", [update.trainer for update in task.round.updates]
    if not is_secure(task.spec):
        yield "orders", [update.order for update in task.round.updates]
    yield "sheets", [sheet.scorer for sheet in task.round.sheets]
    yield "members", [member.trainer for member in task.round.secure.members]
    yield "claims", [claim.aggregator for claim in task.round.claims]
