"""Tasks, publication, registration and their end: CTR-001 to CTR-004, CTR-014."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bcfl_ref.contract import tasks
from bcfl_ref.contract.tasks import Phase, Role
from bcfl_ref.errors import Code, SpecError
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.types import AggregationRule, Join, Publish
from builders import tokens
from hypothesis import given, settings
from hypothesis import strategies as st


def refusal(call: Callable[..., Any], *arguments: Any) -> Code:
    with pytest.raises(SpecError) as found:
        call(*arguments)
    return found.value.code


def test_publish_moves_the_rewards_of_all_rounds_into_escrow() -> None:
    """CTR-003: What the issuer loses is what the task holds, to the token."""
    before = scene.empty_state()
    after = tasks.publish(before, 0, Publish(scene.SPEC))
    assert after.tasks[0].escrow == 200 == before.identities[0].balance - after.identities[0].balance
    assert tokens(after) == tokens(before)


def test_publish_refuses_when_the_list_of_tasks_is_full() -> None:
    """CTR-003: 2^20 ended tasks leave no room, whatever tasks_open_max says; one fewer does."""
    ended = replace(scene.published().tasks[0], phase=Phase.ABORTED)
    full = replace(scene.empty_state(), tasks=(ended,) * tasks.TASKS_LIMIT)
    assert refusal(tasks.publish, full, 0, Publish(scene.SPEC)) == Code.TASKS_OPEN_MAX
    assert len(tasks.publish(replace(full, tasks=full.tasks[1:]), 0, Publish(scene.SPEC)).tasks) == tasks.TASKS_LIMIT


@pytest.mark.parametrize("minimum", [2, 3])
def test_rule_must_work_with_the_smallest_number_of_trainers(minimum: int) -> None:
    """CTR-002: Krum with f = 0 needs three updates, so three trainers must be called the least."""
    krum = AggregationRule(4, 1, 1, 0, 0, 0, 0)
    spec = replace(scene.SPEC, rule=krum, trainers_min=minimum, trainers_max=8)
    if minimum == 3:
        tasks.check_task_spec(spec, scene.PARAMETERS, ())
    else:
        assert refusal(tasks.check_task_spec, spec, scene.PARAMETERS, ()) == Code.TASK_SPEC_INVALID


def test_join_keeps_participants_by_role_then_index() -> None:
    """CTR-004: The order of arrival leaves no trace."""
    state = scene.published()
    for sender, role in ((3, 2), (2, 1), (2, 2), (1, 1)):
        state = tasks.join(state, sender, Join(0, role, scene.TERMS_ROOT))
    assert [(p.role, p.identity) for p in state.tasks[0].participants] == [(1, 1), (1, 2), (2, 2), (2, 3)]
    assert tokens(state) == state.supply


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
def test_join_never_exceeds_places_nor_takes_a_role_twice(arrivals: list[tuple[int, int]]) -> None:
    """CTR-004: Whoever arrives in whatever order, places and roles are kept and no token is lost."""
    state = scene.published(trainers_max=2, scorers_max=2)
    for sender, role in arrivals:
        try:
            state = tasks.join(state, sender, Join(0, role, scene.TERMS_ROOT))
        except SpecError as error:
            assert error.code in (Code.ROLE_UNKNOWN, Code.ALREADY_JOINED, Code.TASK_FULL)
    members = [(p.role, p.identity) for p in state.tasks[0].participants]
    assert members == sorted(set(members))
    assert all(len(tasks.participants(state.tasks[0], role)) <= 2 for role in Role)
    assert tokens(state) == state.supply


def test_lost_deposit_ends_one_role_and_goes_to_the_treasury() -> None:
    """INC-009: Identity 2 loses its deposit as trainer and still scores."""
    state = tasks.seize_deposit(scene.joined(), 0, 2, Role.TRAINER)
    assert state.treasury == 10
    assert refusal(tasks.require_role, state.tasks[0], 2, Role.TRAINER) == Code.ROLE_MISSING
    tasks.require_role(state.tasks[0], 2, Role.SCORER)
    assert tasks.seize_deposit(state, 0, 2, Role.TRAINER) == state
    assert tasks.seize_deposit(state, 0, 0, Role.TRAINER) == state


@pytest.mark.parametrize("phase", [Phase.COMPLETED, Phase.ABORTED])
def test_close_task_returns_everything_that_is_left(phase: Phase) -> None:
    """CTR-014: Nothing stays in a task that ended, and nobody gets more than it gave."""
    state = tasks.seize_deposit(scene.joined(), 0, 1, Role.TRAINER)
    closed = tasks.close_task(state, 0, phase)
    assert closed.tasks[0].escrow == 0 and not any(p.deposit for p in closed.tasks[0].participants)
    assert [identity.balance for identity in closed.identities] == [1000, 990, 1000, 1000]
    assert closed.treasury == 10 and tokens(closed) == closed.supply
