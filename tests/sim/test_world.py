"""Simulated histories: one hundred seeds hold, and broken consensus is found out (CON-014, CON-015, CON-017)."""

from __future__ import annotations

from collections import Counter

import pytest
from bcfl_ref.sim.canaries import step_with_small_quorum, step_without_lock, step_without_retransmission
from bcfl_ref.sim.faults import KINDS, ForgetfulJournal, scenario_of
from bcfl_ref.sim.host import Rules
from bcfl_ref.sim.world import HEIGHTS, Outcome, SimulatedWorld, simulate

SEEDS = 100
BATCH = 10


def report(outcome: Outcome) -> str:
    """What a failing seed prints: the command that shows it again comes first."""
    return f"{outcome.command}\n{outcome.scenario.summary()}\n" + "\n".join(outcome.findings)


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_seeds_hold(first: int) -> None:
    """Under crashes, partitions, liars, loss, restarts and holes everybody agrees, and gets on once they heal."""
    for outcome in simulate(range(first, first + BATCH)):
        assert not outcome.findings, report(outcome)
        assert outcome.height >= HEIGHTS


def test_the_seeds_cover_every_fault() -> None:
    """Each kind of fault occurs in at least a fifth of the hundred seeds, every committee size, and f lost."""
    scenarios = [scenario_of(seed) for seed in range(SEEDS)]
    counts = Counter()
    for scenario in scenarios:
        counts["crashed"] += bool(scenario.crashed)
        counts["liars"] += bool(scenario.liars)
        counts["loss"] += scenario.loss_percent == 20
        counts["holes"] += bool(scenario.hole_percent)
        counts["partitions"] += bool(scenario.partitions)
        counts["restarts"] += bool(scenario.restarts)
        assert 3 * len(scenario.crashed | scenario.liars) < scenario.replicas
    assert min(counts.values()) >= SEEDS // 5 and len(counts) == len(KINDS)
    assert {scenario.replicas for scenario in scenarios} == {4, 5, 6, 7}
    assert any(len(scenario.crashed | scenario.liars) == 2 for scenario in scenarios)


def test_a_seed_is_a_history() -> None:
    """The same seed gives the same outcome to the last message."""
    for seed in (1, 5, 23):
        assert SimulatedWorld(scenario_of(seed)).run() == SimulatedWorld(scenario_of(seed)).run()


@pytest.mark.parametrize(
    ("rules", "seeds", "property_broken"),
    [
        (step_without_lock, (17, 110), "agreement"),
        (step_with_small_quorum, (1, 2), "exception"),
        (step_without_retransmission, (3, 9), "progress"),
    ],
)
def test_canaries_die(rules: Rules, seeds: tuple[int, ...], property_broken: str) -> None:
    """A missing lock forks, a third is no quorum, and without retransmission a lost message stops a height."""
    for outcome in simulate(seeds, rules=rules):
        assert any(finding.startswith(property_broken) for finding in outcome.findings), report(outcome)


def test_a_journal_that_forgets_is_found_out() -> None:
    """When a crash loses what had been synced, a validator no longer knows what it said."""
    outcome = SimulatedWorld(scenario_of(4), journal=ForgetfulJournal).run()
    assert any(finding.startswith(("journal consistency", "no double vote")) for finding in outcome.findings)


def test_liars_are_accused() -> None:
    """In nearly every history with a liar some honest validator holds evidence against it."""
    lied = [outcome for outcome in simulate(range(2, 60, 6)) if outcome.scenario.liars]
    accused = [outcome for outcome in lied if set(outcome.accused) == outcome.scenario.liars]
    assert len(accused) >= len(lied) * 3 // 4 > 0
