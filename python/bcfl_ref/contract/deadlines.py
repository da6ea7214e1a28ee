"""What deadlines do by themselves: open or abort, close attestation, decide, settle (CTR-005, CTR-011 to CTR-017)."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from ..encoding import BLOB_MODEL, BLOB_UPDATE, ELEMENT_I32, hash_bytes
from ..errors import SpecError
from ..incentive.rewards import Fact, largest_remainder, round_pools
from ..incentive.scores import accepted, is_scored, score_ppm, weighted_lower_median
from ..infrastructure.accounts import credit
from ..infrastructure.availability import is_available
from ..infrastructure.blobs import BlobData, blob_vector
from ..kernels import domain_check
from ..privacy.budget import charge
from ..types import ZERO_ROOT, Member, Round, RoundResult, State, Task, Update
from .claims import is_aggregable
from .opening import close_inputs, close_shares, draw_graphs, open_groups
from .rounds import (
    Blobs,
    SheetStatus,
    UpdateStatus,
    authors,
    eligible,
    is_revealed,
    record_fact,
    require_blob,
    with_round,
)
from .secure import fresh_groups
from .tasks import (
    EMPTY_ROUND,
    EMPTY_SECURE,
    Averaging,
    Payment,
    Phase,
    Role,
    Standing,
    Step,
    Window,
    close_task,
    is_secure,
    participants,
    registration_end,
    round_charge,
    windows_of,
    with_task,
)

AGGREGATOR_DOMAIN = b"bcfl aggregators"


class Outcome(IntEnum):
    """CTR-013: How a round ended."""

    AGGREGATED = 1
    UNSCORED = 2
    NOTHING_ACCEPTED = 3
    UNAGGREGATED = 4


def advance_tasks(state: State, blobs: Blobs) -> State:
    """CTR-005: At the begin of a height, every task whose deadline this is moves on, in ascending index."""
    for index in range(len(state.tasks)):
        state = advance_task(state, index, blobs)
    return state


def advance_task(state: State, index: int, blobs: Blobs) -> State:
    """CTR-005: One task at the begin of a height. Errors: BLOB_MISSING when an attested blob is not at hand."""
    task = state.tasks[index]
    if task.phase == Phase.REGISTRATION and state.height == registration_end(task):
        return close_registration(state, index, blobs)
    if task.phase != Phase.RUNNING:
        return state
    offset, rest = divmod(state.height - task.round.start_height, task.spec.window_heights)
    windows = windows_of(task.spec)
    if rest or offset < 0:
        return state
    if offset == len(windows):
        return settle(state, index)
    return begin_window(state, index, windows[offset], blobs)


def begin_window(state: State, index: int, window: Window, blobs: Blobs) -> State:
    """CTR-005, PRV-031: What happens to a running task at the begin of a window. Errors: BLOB_MISSING."""
    secure = is_secure(state.tasks[index].spec)
    match window:
        case Window.SHARES:
            return draw_graphs(state, index)
        case Window.INPUT:
            return close_shares(state, index)
        case Window.UNMASK:
            return close_inputs(state, index, blobs)
        case Window.SCORE_COMMIT:
            return open_groups(state, index, blobs) if secure else close_attestation(state, index, blobs)
        case Window.AGGREGATE:
            return decide(appoint_aggregators(state, index), index)
    return state


def close_registration(state: State, index: int, blobs: Blobs) -> State:
    """CTR-015: Start round 1 when enough have joined and the initial model is available and valid, else abort."""
    task = state.tasks[index]
    enough = (
        len(participants(task, Role.TRAINER)) >= task.spec.trainers_min
        and len(participants(task, Role.SCORER)) >= task.spec.scorers_min
    )
    if not enough or not is_available(task.attesters, state.committee):
        return close_task(state, index, Phase.ABORTED)
    if not is_model(require_blob(blobs, task.spec.model_root), task):
        return close_task(state, index, Phase.ABORTED)
    group_seed = state.mix if is_secure(task.spec) else ZERO_ROOT
    return start_round(with_task(state, index, phase=Phase.RUNNING, group_seed=group_seed), index, 1)


def is_model(blob: BlobData, task: Task) -> bool:
    """CTR-015: The blob holds int32 coordinates of a model with the task's layout."""
    commitment = blob.blob
    return (commitment.kind, commitment.element, commitment.layout_root) == (
        BLOB_MODEL,
        ELEMENT_I32,
        task.spec.layout_root,
    )


def start_round(state: State, index: int, number: int) -> State:
    """CTR-005: Round `number` begins at this height; when the privacy budget does not hold it, the task is over.

    PRV-068: the round is charged here, before anybody sends anything.
    """
    task = state.tasks[index]
    try:
        spent = charge(task.spent, round_charge(task.spec), task.spec.privacy.noise.budget)
    except SpecError:
        return close_task(state, index, Phase.COMPLETED)
    secure = replace(EMPTY_SECURE, groups=fresh_groups(task)) if is_secure(task.spec) else EMPTY_SECURE
    fresh = replace(EMPTY_ROUND, number=number, start_height=state.height, secure=secure)
    return with_task(state, index, round=fresh, spent=spent)


def appoint_aggregators(state: State, index: int) -> State:
    """CTR-017: Who may claim in this round: every participant that has its deposit, or some of them drawn.

    The seed is the mix of this height. All who can be drawn joined before the reveals that made it, and nobody
    knows who will aggregate before it is time to.
    """
    task = state.tasks[index]
    members = sorted({p.identity for p in task.participants if p.deposit})
    if task.spec.averaging == Averaging.SELECTED:
        number = task.round.number
        seed = hash_bytes(AGGREGATOR_DOMAIN, state.mix, index.to_bytes(4, "little"), number.to_bytes(2, "little"))
        members = draw_members(members, task.spec.aggregators, seed)
    return with_round(state, index, aggregators=tuple(members))


def draw_members(members: list[int], count: int, seed: bytes) -> list[int]:
    """CTR-017: `count` of the members, or all: those with the smallest SHA-256(seed ‖ index in 4 bytes)."""
    ranked = sorted(members, key=lambda member: hash_bytes(seed, member.to_bytes(4, "little")))
    return sorted(ranked[:count])


def close_attestation(state: State, index: int, blobs: Blobs) -> State:
    """CTR-016: Each revealed update becomes ELIGIBLE, UNAVAILABLE or INVALID."""
    task = state.tasks[index]
    base = require_blob(blobs, task.model_root)
    updates = tuple(
        judged(update, state, task, base, blobs) if is_revealed(update) else update for update in task.round.updates
    )
    return with_round(state, index, updates=updates)


def judged(update: Update, state: State, task: Task, base: BlobData, blobs: Blobs) -> Update:
    """CTR-016, PRV-003: The update with its status after the attestation deadline."""
    if not is_available(update.attesters, state.committee):
        return replace(update, status=UpdateStatus.UNAVAILABLE)
    found = require_blob(blobs, update.blob_root)
    shape = (found.blob.kind, found.blob.element, found.blob.layout_root, found.blob.byte_length)
    wanted = (BLOB_UPDATE, ELEMENT_I32, task.spec.layout_root, base.blob.byte_length)
    valid = shape == wanted and domain_check(blob_vector(found)) == -1
    return replace(update, status=UpdateStatus.ELIGIBLE if valid else UpdateStatus.INVALID)


def decide(state: State, index: int) -> State:
    """CTR-011: Score the round from the revealed testimony and accept or reject each eligible update.

    An eligible update of which no counted sheet speaks stays without a score and is not accepted.
    """
    task = state.tasks[index]
    round_ = task.round
    weight = {p.identity: state.identities[p.identity].reputation_bps for p in participants(task, Role.SCORER)}
    revealed = [sheet for sheet in round_.sheets if sheet.status == SheetStatus.REVEALED and sheet.scorer in weight]
    included = sum(weight[sheet.scorer] for sheet in revealed)
    if not is_scored(included, sum(weight.values())):
        return state
    said: dict[bytes, list[tuple[int, int]]] = {}
    for sheet in revealed:
        for entry in sheet.entries:
            said.setdefault(entry.update_root, []).append((score_ppm(entry), weight[sheet.scorer]))
    scores: dict[int, int] = {}
    for update in eligible(round_):
        if update.blob_root in said:
            values, weights = zip(*said[update.blob_root], strict=True)
            scores[update.trainer] = weighted_lower_median(values, weights)
    verdicts = dict(zip(scores, accepted(list(scores.values()), task.spec.acceptance_bps), strict=True))
    updates = tuple(
        replace(update, score_ppm=scores[update.trainer], accepted=verdicts[update.trainer])
        if update.trainer in scores
        else update
        for update in round_.updates
    )
    return with_round(state, index, updates=updates, scored=True)


def outcome_of(task: Task) -> Outcome:
    """CTR-013: How the current round ends, from what the ledger holds at its deadline."""
    round_ = task.round
    if not round_.scored:
        return Outcome.UNSCORED
    if not is_aggregable(task):
        return Outcome.NOTHING_ACCEPTED
    confirmed = sum(claim.correct for claim in round_.claims)
    needs_most = task.spec.averaging == Averaging.ALL
    enough = 3 * confirmed > 2 * len(round_.aggregators) if needs_most else confirmed >= 1
    return Outcome.AGGREGATED if enough else Outcome.UNAGGREGATED


def settle(state: State, index: int) -> State:
    """CTR-013: Pay the round, move reputations, take over the model, then the next round or completion."""
    task = state.tasks[index]
    outcome = outcome_of(task)
    state = settle_reputations(state, index, outcome)
    paid = 0
    model_root = task.model_root
    if outcome == Outcome.AGGREGATED:
        model_root = next(claim.model_root for claim in task.round.claims if claim.correct)
        payouts = round_payouts(task)
        for identity, amount in payouts:
            state = credit(state, identity, amount)
        paid = sum(amount for _, amount in payouts)
    result = RoundResult(task.round.number, outcome, model_root, paid)
    state = with_task(state, index, model_root=model_root, escrow=task.escrow - paid, results=(*task.results, result))
    if task.round.number < task.spec.rounds:
        return start_round(state, index, task.round.number + 1)
    return close_task(state, index, Phase.COMPLETED)


def round_payouts(task: Task) -> list[tuple[int, int]]:
    """INC-007: (identity, amount) for an aggregated round; each pool is split among those who did its work.

    Who had an update rejected in this round is paid from no pool; a pool without anybody to pay stays in escrow.
    """
    spec, round_ = task.spec, task.round
    pools = round_pools(spec.reward_round, spec.trainers_bps, spec.scorers_bps, spec.aggregators_bps)
    by_score = spec.payment == Payment.SCORE
    rejected = {author for u in eligible(round_) if not u.accepted for author in liable(round_, u)}
    work = (
        [
            (author, u.score_ppm if by_score else u.sample_count)
            for u in round_.updates
            if u.accepted
            for author in paid_authors(round_, u)
        ],
        [(sheet.scorer, 1) for sheet in round_.sheets if sheet.status == SheetStatus.REVEALED],
        [(claim.aggregator, 1) for claim in round_.claims if claim.correct],
    )
    payouts: list[tuple[int, int]] = []
    for pool, done in zip(pools, work, strict=True):
        paid = [(identity, weight) for identity, weight in done if identity not in rejected]
        if paid:
            amounts = largest_remainder(pool, [weight for _, weight in paid])
            payouts += [(identity, amount) for (identity, _), amount in zip(paid, amounts, strict=True)]
    return payouts


def liable(round_: Round, update: Update) -> tuple[int, ...]:
    """INC-007, PRV-039: Who is held to a rejected update: its trainer; for the sum of a group nobody."""
    return () if round_.secure.groups else (update.trainer,)


def paid_authors(round_: Round, update: Update) -> tuple[int, ...]:
    """INC-007, PRV-039: Who is paid for an accepted update: its trainer, or the survivors that answered the list."""
    answered = {member.trainer for member in round_.secure.members if member.answered}
    return tuple(author for author in authors(round_, update) if not round_.secure.groups or author in answered)


def owes_work(round_: Round, member: Member) -> bool:
    """INC-008, PRV-039: The member left out a step of the round while its group still stood."""
    standing = round_.secure.groups[member.group].status
    if member.step == Step.ADVERTISED:
        return standing != Standing.KEYS_MISSING
    if standing in (Standing.KEYS_MISSING, Standing.SHARES_MISSING):
        return False
    if member.step != Step.SURVIVOR:
        return True
    return not member.answered and standing != Standing.INPUTS_MISSING


def settle_reputations(state: State, index: int, outcome: Outcome) -> State:
    """INC-008: The facts of one round, in order: updates, score sheets, claims; a proved fault counted already."""
    task = state.tasks[index]
    round_: Round = task.round
    for update in round_.updates:
        if update.status == UpdateStatus.ELIGIBLE and round_.scored:
            earned = paid_authors(round_, update) if update.accepted else liable(round_, update)
            for author in earned:
                fact = Fact.UPDATE_ACCEPTED if update.accepted else Fact.UPDATE_REJECTED
                state = record_fact(state, author, fact)
        elif update.status not in (UpdateStatus.ELIGIBLE, UpdateStatus.MISMATCHED):
            state = record_fact(state, update.trainer, Fact.WORK_MISSING)
    for member in round_.secure.members:
        if owes_work(round_, member):
            state = record_fact(state, member.trainer, Fact.WORK_MISSING)
    revealed = {sheet.scorer: sheet.status for sheet in round_.sheets}
    for participant in participants(task, Role.SCORER):
        status = revealed.get(participant.identity)
        fact = Fact.SCORES_REVEALED if status == SheetStatus.REVEALED else Fact.WORK_MISSING
        state = record_fact(state, participant.identity, fact)
    for claim in round_.claims:
        if claim.correct and outcome == Outcome.AGGREGATED:
            state = record_fact(state, claim.aggregator, Fact.AGGREGATE_CONFIRMED)
    return state
