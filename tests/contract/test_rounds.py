"""What participants send in a round: CTR-006 to CTR-010, CTR-012."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from bcfl_ref.contract import attestation, claims, rounds
from bcfl_ref.contract.rounds import UpdateStatus
from bcfl_ref.contract.tasks import PLAIN_WINDOWS, window_at
from bcfl_ref.encoding import hash_tree_root
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.types import ZERO_ROOT, Available, ClaimAggregate, CommitUpdate, State
from builders import tokens

TRAINERS = (0, 1, 2)


def refusal(call: Callable[..., Any], *arguments: Any) -> Code:
    with pytest.raises(SpecError) as found:
        call(*arguments)
    return found.value.code


def statuses(state: State) -> dict[int, int]:
    return {update.trainer: update.status for update in state.tasks[0].round.updates}


def three_commit(updates: dict[int, scene.BlobData], order: tuple[int, ...] = TRAINERS) -> State:
    """Three trainers (0 is one as well) have committed in this order; window REVEAL."""
    state = scene.joined()
    state = rounds.with_task(
        state,
        0,
        participants=tuple(
            sorted(
                (*state.tasks[0].participants, replace(state.tasks[0].participants[0], identity=0)),
                key=lambda p: (p.role, p.identity),
            )
        ),
    )
    state = scene.to_height(state, 3)
    for sender in order:
        opened = scene.opening(state, sender, updates[sender], 10)
        state = rounds.commit_update(state, sender, CommitUpdate(0, 1, hash_tree_root(opened)))
    return scene.to_height(state, 5)


def test_windows_cover_the_round_without_gap() -> None:
    """CTR-005: Each of the twelve heights of a round lies in one window, the thirteenth in none."""
    task = scene.running().tasks[0]
    assert [window_at(task, height) for height in range(3, 15)] == sorted([*PLAIN_WINDOWS, *PLAIN_WINDOWS])
    assert refusal(window_at, task, 15) == refusal(window_at, task, 2) == Code.PHASE_MISMATCH


@pytest.mark.parametrize("order", list(permutations(TRAINERS)))
def test_commitments_stand_by_index_and_remember_their_order(order: tuple[int, ...]) -> None:
    """CTR-006: Updates ascend by trainer; `order` says who was first."""
    updates = {sender: scene.blob((sender, 1)) for sender in TRAINERS}
    round_ = three_commit(updates, order).tasks[0].round
    assert [update.trainer for update in round_.updates] == [0, 1, 2]
    assert [order.index(update.trainer) for update in round_.updates] == [update.order for update in round_.updates]


@pytest.mark.parametrize("reveals", list(permutations(TRAINERS)))
def test_earliest_commitment_of_equal_blobs_stands(reveals: tuple[int, ...]) -> None:
    """CTR-007: Whatever the order of the reveals, of three equal blobs the one committed first stands."""
    same = dict.fromkeys(TRAINERS, scene.UPDATES[1])
    state = three_commit(same, (2, 0, 1))
    for sender in reveals:
        state = rounds.reveal_update(state, sender, scene.reveal_of(scene.opening(state, sender, same[sender], 10)))
    assert statuses(state) == {0: UpdateStatus.DUPLICATE, 1: UpdateStatus.DUPLICATE, 2: UpdateStatus.REVEALED}


def test_attesters_of_a_copy_pass_to_the_original() -> None:
    """CTR-007: The blob was attested; it does not matter under whose name."""
    same = dict.fromkeys(TRAINERS, scene.UPDATES[1])
    state = three_commit(same, (2, 0, 1))
    for sender in (1, 2):
        state = rounds.reveal_update(state, sender, scene.reveal_of(scene.opening(state, sender, same[sender], 10)))
        if sender == 1:
            state = attestation.attest(state, 3, Available(0, (scene.root_of(scene.UPDATES[1]),)))
    assert [update.attesters for update in state.tasks[0].round.updates] == [(), (), (3,)]


def test_reveal_of_the_zero_root_touches_nobody_else() -> None:
    """CTR-007: Unrevealed updates carry the zero root and are no copies of a revealed one."""
    updates = {sender: scene.blob((sender, 1)) for sender in TRAINERS}
    state = three_commit(updates)
    zero = replace(scene.opening(state, 0, updates[0], 10), blob_root=ZERO_ROOT)
    first = replace(state.tasks[0].round.updates[0], commitment=hash_tree_root(zero))
    state = rounds.set_update(state, 0, first)
    state = rounds.reveal_update(state, 0, scene.reveal_of(zero))
    assert statuses(state) == {0: UpdateStatus.REVEALED, 1: UpdateStatus.COMMITTED, 2: UpdateStatus.COMMITTED}
    for sender in (1, 2):
        state = rounds.reveal_update(
            state, sender, scene.reveal_of(scene.opening(state, sender, updates[sender], 10))
        )
    assert set(statuses(state).values()) == {UpdateStatus.REVEALED}


def test_mismatch_costs_the_deposit_and_cannot_be_mended() -> None:
    """CTR-007: A reveal that does not match is accepted, slashes, and the true reveal comes too late."""
    state = scene.committed()
    right = scene.reveal_of(scene.opening(state, 1, scene.UPDATES[1], 30))
    after = rounds.reveal_update(state, 1, replace(right, salt=ZERO_ROOT))
    assert statuses(after)[1] == UpdateStatus.MISMATCHED and after.treasury == 10
    assert after.identities[1].reputation_bps == after.parameters.reputation_min_bps
    assert refusal(rounds.reveal_update, after, 1, right) == Code.ALREADY_REVEALED
    assert tokens(after) == after.supply


def test_attestation_drops_those_who_lost_their_seat() -> None:
    """CTR-008: The list of attesters never outgrows the committee, however many committees come and go."""
    state = scene.revealed()
    root = scene.root_of(scene.UPDATES[1])
    for seat in range(4):
        committee = replace(state.committee, seats=(replace(state.committee.seats[0], identity=seat),))
        state = attestation.attest(replace(state, committee=committee), seat, Available(0, (root,)))
        assert state.tasks[0].round.updates[0].attesters == (seat,)


def test_own_update_is_left_out_of_a_sheet() -> None:
    """CTR-010: Scorer 2 trains too: its sheet has one entry, the sheet of scorer 3 has two."""
    state = scene.scored()
    assert [len(sheet.entries) for sheet in state.tasks[0].round.sheets] == [1, 2]


def test_false_claim_costs_every_role_and_changes_no_model() -> None:
    """CTR-012: Recomputation disagrees: identity 2 loses both deposits, the model stays open to a right claim."""
    state = scene.decided()
    false = claims.claim_aggregate(state, 2, ClaimAggregate(0, 1, ZERO_ROOT), scene.BLOBS)
    assert false.treasury == 20 and tokens(false) == false.supply
    right = claims.claim_aggregate(false, 1, ClaimAggregate(0, 1, scene.aggregate_root(state)), scene.BLOBS)
    assert [claim.correct for claim in right.tasks[0].round.claims] == [True, False]


def test_confirmed_claim_makes_recomputation_needless() -> None:
    """CTR-012: After one confirmed claim no blob is needed, and a false one is still found out."""
    state = scene.claimed([1])
    root = scene.aggregate_root(state)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "recompute", lambda state, index, blobs: pytest.fail("recomputed"))
        again = claims.claim_aggregate(state, 2, ClaimAggregate(0, 1, root), {})
        false = claims.claim_aggregate(again, 3, ClaimAggregate(0, 1, ZERO_ROOT), {})
    assert [claim.correct for claim in false.tasks[0].round.claims] == [True, True, False]


def test_overflow_refuses_the_claim_and_slashes_nobody() -> None:
    """CTR-012: A model that leaves int32 is nobody's false claim; the round ends without one."""
    high = scene.blob((2**31 - 1, 0), 1)
    state = scene.decided()
    state = rounds.with_task(state, 0, model_root=scene.root_of(high))
    blobs = {**scene.BLOBS, **scene.pool(high)}
    claim = ClaimAggregate(0, 1, ZERO_ROOT)
    assert refusal(claims.claim_aggregate, state, 1, claim, blobs) == Code.MODEL_OVERFLOW
    settled = scene.to_height(state, 15, blobs)
    assert settled.tasks[0].results[0].outcome == 4 and settled.treasury == 0
