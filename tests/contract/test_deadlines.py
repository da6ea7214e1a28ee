"""What deadlines do by themselves: CTR-005, CTR-011, CTR-013 to CTR-017, INC-007."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from bcfl_ref.contract import deadlines
from bcfl_ref.contract.rounds import UpdateStatus
from bcfl_ref.contract.tasks import Phase
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.types import AggregationRule, State
from builders import tokens
from hypothesis import given, settings
from hypothesis import strategies as st


def outcome(state: State) -> int:
    return state.tasks[0].results[-1].outcome


def test_nothing_happens_between_deadlines() -> None:
    """CTR-005: From commitment to settlement only four heights change a task by themselves."""
    changing = []
    state = scene.joined()
    for height in range(3, 28):
        after = scene.to_height(state, height)
        if after.tasks != state.tasks:
            changing.append(height)
        state = after
    assert changing == [3, 13, 15, 25, 27]
    assert state.tasks[0].phase == Phase.COMPLETED


@pytest.mark.parametrize(("attesters", "phase"), [((0, 1), Phase.ABORTED), ((0, 1, 3), Phase.RUNNING)])
def test_registration_needs_more_than_two_thirds_of_the_seats(attesters: tuple[int, ...], phase: Phase) -> None:
    """CTR-015: Two of four seats abort the task and return every token, three start it."""
    state = scene.joined()
    state = replace(state, tasks=(replace(state.tasks[0], attesters=attesters),))
    after = scene.to_height(state, 3)
    assert after.tasks[0].phase == phase and tokens(after) == after.supply
    if phase == Phase.ABORTED:
        assert [identity.balance for identity in after.identities] == [1000] * 4


def test_missing_blob_refuses_the_height_and_not_the_task() -> None:
    """CTR-016: A node without an attested blob has no verdict; with the blob it goes on as if nothing had been."""
    state = scene.attested()
    with pytest.raises(SpecError) as found:
        scene.to_height(state, 9, scene.pool(scene.MODEL, scene.UPDATES[1]))
    assert found.value.code == Code.BLOB_MISSING
    assert {u.status for u in scene.to_height(state, 9).tasks[0].round.updates} == {UpdateStatus.ELIGIBLE}


def test_base_model_is_no_update() -> None:
    """CTR-016: Whoever reveals the model everybody has is heard, and found invalid."""
    state = scene.eligible({1: scene.MODEL, 2: scene.UPDATES[2]})
    assert [u.status for u in state.tasks[0].round.updates] == [UpdateStatus.INVALID, UpdateStatus.ELIGIBLE]


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 2**32 - 1), max_size=12), st.integers(0, 14), st.binary(min_size=32, max_size=32))
def test_draw_takes_the_smallest_hashes(members: set[int], count: int, seed: bytes) -> None:
    """CTR-017: The drawn have hashes below all others, ascend, and are as many as there can be."""
    drawn = deadlines.draw_members(sorted(members), count, seed)
    rank = {member: sha256(seed + member.to_bytes(4, "little")).digest() for member in members}
    assert drawn == sorted(drawn) and len(drawn) == min(count, len(members))
    assert all(rank[a] < rank[b] for a in drawn for b in members - set(drawn))


def test_slashed_participant_is_not_drawn() -> None:
    """CTR-017: Aggregators are appointed when they are needed, from those who still have a deposit."""
    state = scene.at_deadline(scene.scored(averaging=0, aggregators=3))
    task = state.tasks[0]
    lost = tuple(replace(p, deposit=0) if p.identity == 1 else p for p in task.participants)
    after = deadlines.appoint_aggregators(replace(state, tasks=(replace(task, participants=lost),)), 0)
    assert after.tasks[0].round.aggregators == (2, 3)


def test_update_that_nobody_judged_is_not_accepted() -> None:
    """CTR-011: The only sheet that counts is the trainer's own, which cannot speak of it."""
    state = scene.scored({2: scene.CORRECT[2]})
    light = replace(state.identities[3], reputation_bps=1000)
    state = scene.to_height(replace(state, identities=(*state.identities[:3], light)), 13)
    round_ = state.tasks[0].round
    assert round_.scored and [(u.score_ppm, u.accepted) for u in round_.updates] == [(900000, True), (0, False)]


def test_two_tasks_at_one_height_act_in_order() -> None:
    """CTR-005: Task 1 decides with the reputations that the settlement of task 0 left at the same height."""
    state = scene.at_deadline(scene.claimed())
    other = scene.scored().tasks[0]
    other = replace(other, round=replace(other.round, start_height=state.height - 10))
    together = deadlines.advance_tasks(replace(state, tasks=(*state.tasks, other)), scene.BLOBS)
    alone = deadlines.advance_tasks(replace(state, tasks=(other,)), scene.BLOBS)
    assert together.tasks[1].round.updates[0].score_ppm == 900000
    assert alone.tasks[0].round.updates[0].score_ppm == 700000


def test_aggregated_round_pays_exactly_its_reward() -> None:
    """CTR-013, INC-007: What leaves escrow is what balances gain, and the model is the confirmed one."""
    before = scene.claimed()
    after = scene.to_height(before, 15)
    gained = sum(i.balance for i in after.identities) - sum(i.balance for i in before.identities)
    assert (outcome(after), gained, after.tasks[0].escrow) == (1, 100, 100)
    assert after.tasks[0].model_root == scene.aggregate_root(before)
    assert after.tasks[0].round.number == 2 and after.tasks[0].round.start_height == 15


@pytest.mark.parametrize(("claimants", "expected"), [((1, 2, 3), 1), ((1, 2), 4), ((), 4)])
def test_all_mode_needs_more_than_two_thirds_of_the_aggregators(claimants: tuple[int, ...], expected: int) -> None:
    """CTR-013: Two of three aggregators are exactly two thirds, and that is not enough."""
    assert outcome(scene.to_height(scene.claimed(claimants), 15)) == expected


def test_rule_that_no_longer_works_ends_as_nothing_accepted() -> None:
    """CTR-013: Two of three needed updates are accepted: Krum cannot aggregate, and nobody is paid."""
    state = scene.scored()
    spec = replace(state.tasks[0].spec, rule=AggregationRule(4, 1, 1, 0, 0, 0, 0))
    state = scene.to_height(replace(state, tasks=(replace(state.tasks[0], spec=spec),)), 15)
    assert outcome(state) == 3 and state.tasks[0].escrow == 200


def test_last_round_returns_what_was_not_paid() -> None:
    """CTR-014: One paid round of two: the issuer gets the other reward back, everybody else the deposit."""
    state = scene.to_height(scene.claimed(), 15)
    model = scene.blob((1006, -1001), 1)
    assert scene.root_of(model) == state.tasks[0].model_root
    done = scene.to_height(state, 27, {**scene.BLOBS, **scene.pool(model)})
    assert done.tasks[0].phase == Phase.COMPLETED and tokens(done) == done.supply
    assert [identity.balance for identity in done.identities] == [900, 1036, 1046, 1018]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 2**48), st.integers(0, 10**4), st.integers(0, 10**4), st.integers(0, 1), st.data())
def test_no_pool_pays_more_than_it_holds(
    reward: int, first: int, second: int, payment: int, data: st.DataObject
) -> None:
    """INC-007: Payouts sum to the reward when every pool has someone to pay; nobody is paid twice from one pool."""
    low, high = sorted((first, second))
    shares = {"trainers_bps": low, "scorers_bps": high - low, "aggregators_bps": 10**4 - high}
    task = scene.claimed().tasks[0]
    updates = tuple(replace(u, score_ppm=data.draw(st.integers(1, 10**6))) for u in task.round.updates)
    spec = replace(task.spec, reward_round=reward, payment=payment, **shares)
    payouts = deadlines.round_payouts(replace(task, spec=spec, round=replace(task.round, updates=updates)))
    assert sum(amount for _, amount in payouts) == reward and all(amount >= 0 for _, amount in payouts)
    assert [identity for identity, _ in payouts] == [1, 2, 2, 3, 1, 2, 3]
