"""Agreement under any schedule (CON-014, CON-015): pure steps, messages at any time or never, and a liar."""

from __future__ import annotations

import pytest
from bcfl_ref.consensus.state import ConsensusState, Input
from bcfl_ref.consensus.tendermint import Progress, step
from bcfl_ref.sim.canaries import step_with_small_quorum, step_without_lock
from consensus.schedules import Schedule, forks


def test_no_schedule_forks() -> None:
    """Honest validators decide one block and never contradict themselves, in three hundred histories."""
    assert forks(range(300), step) == []


def test_the_schedules_get_somewhere() -> None:
    """Histories decide, and reach later views: without that the test above would be empty."""
    histories = [Schedule(seed, step) for seed in range(60)]
    for history in histories:
        history.run(250)
    assert sum(bool(history.decisions) for history in histories) > 20
    assert sum(max(state.view for state in history.states.values()) >= 2 for history in histories) > 10


@pytest.mark.parametrize(("rules", "seeds"), [(step_without_lock, (25, 92)), (step_with_small_quorum, (2, 30, 50))])
def test_broken_steps_fork(rules: object, seeds: tuple[int, ...]) -> None:
    """Without a lock, or with a third for a quorum, the same schedules fork."""

    def broken(state: ConsensusState, event: Input) -> Progress:
        return rules(state, event)  # type: ignore[operator, no-any-return]

    assert [seed for first in seeds for seed in forks(range(first, first + 1), broken)] == list(seeds)
