"""Whole runs in one process."""

from __future__ import annotations

from pathlib import Path

import pytest
from bcfl_ref.aggregation import RuleName
from bcfl_ref.aggregation.dispatch import EXTENSIONS, Extension
from bcfl_ref.application import plugins
from bcfl_ref.application.config import RunConfig, parse_config
from bcfl_ref.contract.deadlines import Outcome
from bcfl_ref.contract.tasks import Phase
from bcfl_ref.engines.embedded import EmbeddedEngine, check_faults
from bcfl_ref.engines.observer import RunObserver
from bcfl_ref.errors import UsageError
from bcfl_ref.node.verify import verify
from engines.runs import SMALL, finished, open_engine, small_config


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


RULES = {
    "mean": "eta = '1/2'",
    "weighted-mean": "",
    "coordinate-median": "",
    "trimmed-mean": "trim_bps = 3400",
    "krum": "byzantine = 0",
    "multi-krum": "byzantine = 0\nselect = 2",
    "norm-bounded-mean": "norm_bound = 100000",
    "bulyan": "byzantine = 0",
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_can_be_chosen(tmp_path: Path, rule: str) -> None:
    """Each aggregation rule of the specification runs from the configuration and gives a model of its own."""

    def inspect(engine: EmbeddedEngine) -> None:
        task = engine.ledger.state.tasks[0]
        assert task.spec.rule.name == RuleName[rule.upper().replace("-", "_")]
        assert [result.outcome for result in task.results] == [Outcome.AGGREGATED]
        assert task.model_root != task.spec.model_root

    finished(small_config(f'[task.rule]\nname = "{rule}"\n{RULES[rule]}\n'), tmp_path / "run", inspect)


def test_all_may_aggregate(tmp_path: Path) -> None:
    """With averaging = "all", more than two thirds of the participants claim the aggregate and share its pool."""

    observer = RunObserver()
    engine = open_engine(small_config('averaging = "all"\npayment = "size"\n'), tmp_path / "run", observer)
    engine.run()
    engine.close()
    (seen,) = observer.rounds
    members = len(engine.cast.validators) + len(engine.cast.trainers)
    assert seen.outcome == "aggregated" and 3 * sum(seen.claims.values()) > 2 * members
    assert {claimant for claimant, correct in seen.claims.items() if correct} <= set(seen.payouts)


def test_a_rule_outside_the_specification_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AGG-032: a user's own rule runs, is named in genesis, and cannot be verified where it is not installed."""
    first_only = Extension("the first update alone", lambda rule, base, updates, weights: base + updates[0])
    monkeypatch.setitem(EXTENSIONS, 200, first_only)
    monkeypatch.setattr(plugins, "extension_numbers", lambda: {"first-only": 200})
    head = finished(small_config('[task.rule]\nname = "first-only"\n'), tmp_path / "run")
    result = verify(tmp_path / "run", expected_head=head)
    assert result.extensions == ("the first update alone",)
    monkeypatch.delitem(EXTENSIONS, 200)
    with pytest.raises(UsageError, match="EXTENSION_UNKNOWN"):
        verify(tmp_path / "run")


def test_an_absent_trainer_is_not_slashed(tmp_path: Path) -> None:
    """A trainer that stops sending keeps its deposit, earns nothing, and the round goes on without it."""

    def inspect(engine: EmbeddedEngine) -> None:
        state, absent = engine.ledger.state, engine.cast.trainers[2]
        assert state.identities[absent].balance == 2 * engine.spec.deposit
        assert state.treasury == 0
        assert [result.outcome for result in state.tasks[0].results] == [Outcome.AGGREGATED]

    finished(small_config('[[adversaries]]\ntrainer = 2\nkind = "absent"\n'), tmp_path / "run", inspect)


@pytest.mark.parametrize(
    ("trainers", "validators", "heights"),
    [(1, 1, 22), (8, 4, 22), (20, 7, 24)],
    ids=["one", "a batch", "three batches"],
)
def test_tasks_of_any_size_take_the_heights_foretold(
    tmp_path: Path, trainers: int, validators: int, heights: int
) -> None:
    """However many register, in batches of what one sender may send, the task ends at the foretold height."""
    text = SMALL.replace("trainers = 3", f"trainers = {trainers}") + f"[ledger]\nvalidators = {validators}\n"

    def inspect(engine: EmbeddedEngine) -> None:
        assert engine.ledger.state.height == engine.heights_expected == heights
        assert [result.outcome for result in engine.ledger.state.tasks[0].results] == [Outcome.AGGREGATED]

    finished(parse_config(text, "test"), tmp_path / "run", inspect)


@pytest.mark.parametrize(
    "network",
    ["loss_bps = 5000", "crashed = [1]", "equivocating = [2]", "loss_bps = 1000\nequivocating = [0]"],
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
