"""Whole runs in one process."""

from __future__ import annotations

from pathlib import Path

import pytest
from bcfl_ref.application.config import RunConfig
from bcfl_ref.contract.deadlines import Outcome
from bcfl_ref.contract.tasks import Phase
from bcfl_ref.engines.embedded import EmbeddedEngine, check_faults
from bcfl_ref.errors import UsageError
from bcfl_ref.node.verify import verify
from engines.runs import finished, open_engine, small_config


def test_a_run_completes_pays_and_verifies(tmp_path: Path) -> None:
    """A small task completes, pays its whole reward, returns deposits, and its ledger verifies to the same head."""

    def inspect(engine: EmbeddedEngine) -> None:
        state = engine.ledger.state
        task = state.tasks[0]
        assert task.phase == Phase.COMPLETED
        assert [result.outcome for result in task.results] == [Outcome.AGGREGATED]
        assert sum(result.paid for result in task.results) == task.spec.reward_round
        assert state.height == engine.heights_expected

    head = finished(small_config(), tmp_path / "run", inspect)
    result = verify(tmp_path / "run", expected_head=head)
    assert result.head == head and result.aggregates == 1


def test_two_runs_of_one_config_give_one_head(tmp_path: Path) -> None:
    """A second run of the same configuration gives the same head; another seed gives another."""
    first = finished(small_config(), tmp_path / "a")
    assert finished(small_config(), tmp_path / "b") == first
    other = RunConfig(**{**dict(small_config()), "seed": 2})
    assert finished(other, tmp_path / "c") != first


@pytest.mark.parametrize(
    "network",
    ["loss_bps = 2000", "crashed = [1]", "equivocating = [2]", "loss_bps = 1000\nequivocating = [0]"],
    ids=["loss", "crash", "equivocation", "loss and equivocation"],
)
def test_faults_do_not_stop_a_run(tmp_path: Path, network: str) -> None:
    """Lost messages, a crashed or a two-faced validator neither stop the task nor spoil its ledger."""
    config = small_config(f"[network]\n{network}\n")

    def inspect(engine: EmbeddedEngine) -> None:
        state = engine.ledger.state
        assert state.tasks[0].phase in (Phase.COMPLETED, Phase.ABORTED)
        liars = {engine.cast.validators[position] for position in config.network.equivocating}
        assert {index for index, identity in enumerate(state.identities) if identity.convicted} == liars
        assert all(state.identities[liar].stake == 0 for liar in liars)
        assert state.treasury >= len(liars) * config.ledger.stake

    head = finished(config, tmp_path / "run", inspect)
    assert verify(tmp_path / "run").head == head


def test_a_directory_of_another_run_is_refused(tmp_path: Path) -> None:
    """A directory that holds another configuration's ledger is refused and left alone."""
    open_engine(small_config(), tmp_path / "run").close()
    before = (tmp_path / "run" / "genesis.ssz").read_bytes()
    with pytest.raises(UsageError, match="another configuration"):
        open_engine(small_config("reward_round = 999\n"), tmp_path / "run")
    assert (tmp_path / "run" / "genesis.ssz").read_bytes() == before


def test_too_many_crashed_validators_are_refused() -> None:
    """A network in which no quorum is left is refused before anything is written."""
    with pytest.raises(UsageError, match="nothing could be decided"):
        check_faults(small_config("[network]\ncrashed = [0, 1]\n"))
