"""Model → vectors and runs → model: the corpus, the transcribed relation, recorded runs and broken logs (CON-014)."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from bcfl_ref.errors import Code, InvariantError
from bcfl_ref.formal import corpus, relation, traces
from bcfl_ref.operations.cases import consensus_model
from bcfl_ref.operations.consensus import MACHINE
from bcfl_ref.sim.canaries import step_without_lock
from bcfl_ref.sim.faults import KINDS, Partition, Restart, Scenario, scenario_of
from bcfl_ref.sim.world import SimulatedWorld

ROOT = Path(__file__).parents[2]


QUIET = Scenario(
    seed=1,
    weights=(1, 1, 1, 1),
    crashed=frozenset(),
    liars=frozenset(),
    loss_percent=0,
    hole_percent=0,
    repeat_percent=0,
    latency_ms=(50, 150),
    partitions=(),
    restarts=(),
    heal_ms=0,
)


def inputs_of(logs: list[traces.Log], who: int, height: int = 0) -> list[str]:
    """What one validator took in, at one height or at all."""
    chosen = [log for log in logs if log["setup"]["me"] == who and height in (0, log["setup"]["height"])]
    return [step["input"]["op"] for log in chosen for step in log["steps"]]


def decided_by(logs: list[traces.Log], who: int) -> set[int]:
    """The heights at which a validator decided."""
    return {
        log["setup"]["height"]
        for log in logs
        if log["setup"]["me"] == who and any(step["after"].get("decidedRoot") for step in log["steps"])
    }


def lives_of(logs: list[traces.Log]) -> Counter[tuple[int, int]]:
    """How often each validator began each height."""
    return Counter((log["setup"]["me"], log["setup"]["height"]) for log in logs)


FAULTS: dict[str, tuple[Scenario, int, Callable[[list[traces.Log]], bool]]] = {
    "a validator crashes and stays away": (
        replace(QUIET, crashed=frozenset({1})),
        8,
        lambda logs: max(decided_by(logs, 1), default=0) < min(max(decided_by(logs, who)) for who in (0, 2, 3)),
    ),
    "a validator crashes and comes back": (
        replace(QUIET, restarts=(Restart(300, 2, 400, 0, 0, True),), heal_ms=700),
        2,
        lambda logs: lives_of(logs)[2, 1] == 2 and 1 in decided_by(logs, 2),
    ),
    "one is cut off and catches up": (
        replace(QUIET, partitions=(Partition(100, 4000, frozenset({3})),), heal_ms=4000),
        3,
        lambda logs: {who for who in range(4) if "certificate" in inputs_of(logs, who)} == {3},
    ),
    "two halves decide nothing until they meet": (
        replace(QUIET, partitions=(Partition(100, 4000, frozenset({2, 3})),), heal_ms=4000),
        2,
        lambda logs: all(inputs_of(logs, who, 1).count("timeout") > 3 for who in range(4)) and len(logs) < 12,
    ),
    "a validator says two things": (
        replace(QUIET, liars=frozenset({2})),
        2,
        lambda logs: any(
            item["output"] == "evidence" for log in logs for step in log["steps"] for item in step["out"]
        ),
    ),
    "messages are lost": (
        replace(QUIET, loss_percent=20),
        2,
        lambda logs: len({log["end"] for log in logs}) > 1 and "timeout" in inputs_of(logs, 0),
    ),
}
"""One fault each: the scenario, how many heights, and how the logs by themselves show that it happened."""


@lru_cache
def history(fault: str) -> list[traces.Log]:
    """The logs of every validator under one fault."""
    scenario, heights, _ = FAULTS[fault]
    recorder = traces.Recorder()
    assert not SimulatedWorld(scenario, recorder).run(heights).findings
    return recorder.logs()


@lru_cache(maxsize=1)
def recorded() -> tuple[traces.Log, ...]:
    """What validators did in one history of every fault: crash, partition, lies, loss, restarts, holes."""
    logs: list[traces.Log] = []
    for seed in range(len(KINDS)):
        recorder = traces.Recorder()
        assert not SimulatedWorld(scenario_of(seed), recorder).run(2).findings
        logs += recorder.logs()
    return tuple(logs)


def test_regenerating_the_corpus_changes_nothing() -> None:
    """TLC simulates the same runs again and the cover chooses the same of them."""
    assert corpus.text_of(corpus.build(ROOT)) == (ROOT / corpus.CORPUS).read_text(encoding="utf-8")


def test_the_corpus_reaches_every_guard_alone() -> None:
    """Every guard of every input is refused at least once with exactly that guard false, but for one proved case."""
    goals = corpus.read_corpus(ROOT)["goals"]
    reached = {tuple(goal.split()[1:3]) for goal in goals if goal.startswith("refused")}
    node, _ = relation.start(relation.Setup((0, 1, 2, 3), 1, 8, (0, 1, 2, 3)))
    slot = {"height": 8, "view": 0, "root": 1}
    inputs = (
        {"op": "proposal", **slot, "validView": -1, "proposer": 0},
        {"op": "vote", **slot, "kind": 1, "voter": 2},
        {"op": "verdict", "root": 1, "valid": True},
        {"op": "timeout", "view": 0, "phase": 1},
        {"op": "certificate", **slot, "seats": [True] * 4},
    )
    wanted = {(e["op"], code) for e in inputs for code, _ in relation.answer(node, e).guards}
    never_alone = {("vote", "VIEW_RANGE"), ("proposal", "VIEW_RANGE")}  # property RangeNeverAlone
    assert wanted - reached == never_alone
    assert {goal.split()[3] for goal in goals if "HEIGHT_DECIDED" in goal} == {"decided"}


def test_the_relation_gives_every_run_of_the_model() -> None:
    """The transcription in Python and the module agree on every step that TLC printed, refusals included."""
    for run in corpus.read_corpus(ROOT)["runs"]:
        assert relation.validate(run) is None


def test_the_reference_gives_every_run_of_the_model() -> None:
    """On every run of the corpus the reference answers with the model's codes, outputs and final state."""
    for case, run in zip(consensus_model.CASES, corpus.read_corpus(ROOT)["runs"], strict=True):
        answered = MACHINE.run(case.input)
        for given, step in zip(answered["steps"], run["steps"], strict=True):
            assert given.get("error", "ok") == step["code"]
            outputs = [item["output"] for item in given.get("ok", [])]
            assert outputs == [item["output"] for item in step["out"]]
        state, last = answered["state"], run["steps"][-1]["after"]
        assert (int(state["view"]), int(state["phase"])) == (last["view"], last["phase"])
        for key in ("locked", "valid", "decided"):
            root = "0x" + consensus_model.root_of(last[f"{key}Root"]).hex()
            assert state[f"{key}_root"] == root


def test_recorded_runs_are_runs_of_the_model() -> None:
    """The relation accepts what replicas did under every kind of fault, after crashes included."""
    logs = recorded()
    assert len(logs) > 50
    assert [str(found) for log in logs if (found := relation.validate(log))] == []
    inputs = Counter(step["input"]["op"] for log in logs for step in log["steps"])
    assert set(inputs) == {"proposal", "vote", "verdict", "timeout", "certificate"}
    assert any(item["output"] == "evidence" for log in logs for step in log["steps"] for item in step["out"])
    assert any(step["code"] != "ok" for log in logs for step in log["steps"])


def test_tlc_accepts_recorded_runs() -> None:
    """The module itself accepts the same logs, many in one run."""
    some = [log for log in recorded() if log["end"] <= 25][:40]
    judgement = traces.judge(ROOT, some)
    assert set(judgement.rejected_at) == {None}
    assert judgement.outcome.distinct == sum(log["end"] + 2 for log in some)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_happened_in_its_history(fault: str) -> None:
    """The logs that are validated show the fault that they are for, and a history without it does not."""
    happened = FAULTS[fault][2]
    quiet = traces.Recorder()
    SimulatedWorld(QUIET, quiet).run(FAULTS[fault][1])
    assert happened(history(fault)) and not happened(quiet.logs())


def test_both_validators_accept_histories_with_every_fault() -> None:
    """Crash, partition, equivocation and loss: the relation and TLC follow every validator to the end of its log."""
    logs = [log for fault in FAULTS for log in history(fault)]
    assert [str(found) for log in logs if (found := relation.validate(log))] == []
    judgement = traces.judge(ROOT, logs)
    assert set(judgement.rejected_at) == {None}
    assert judgement.outcome.distinct == sum(log["end"] + 2 for log in logs)


def _sources() -> list[traces.Log]:
    """Logs that between them have a place for every change."""
    rich = sorted(recorded(), key=lambda log: (-len({step["input"]["op"] for step in log["steps"]}), log["end"]))
    return [
        *rich[:6],
        *(log for log in recorded() if any(step["after"]["offenders"]["#set"] for step in log["steps"])),
    ]


def test_every_changed_event_is_noticed() -> None:
    """A log in which one event was changed is rejected, in every class of change."""
    found = Counter()
    for log in _sources()[:10]:
        for name, mutant in traces.mutants_of(log):
            assert relation.validate(mutant) is not None, name
            found[name] += 1
    assert found.keys() == traces.CLASSES.keys()
    assert sum(found.values()) >= 50


def test_tlc_rejects_changed_events_at_the_same_step() -> None:
    """At least fifty changed logs, all rejected by TLC where the relation rejects them."""
    mutants: list[tuple[str, traces.Log]] = []
    for log in _sources()[:6]:
        known = {name for name, _ in mutants}
        mutants += [(name, mutant) for name, mutant in traces.mutants_of(log) if name not in known]
    short = sorted(mutants, key=lambda item: item[1]["end"])[:60]
    assert len(short) >= 50
    judgement = traces.judge(ROOT, [mutant for _, mutant in short])
    for (name, mutant), at in zip(short, judgement.rejected_at, strict=True):
        divergence = relation.validate(mutant)
        assert divergence is not None and at == divergence.step, name


def test_a_divergence_names_the_step_and_the_false_guard() -> None:
    """Whoever reads the rejection learns which guard was false, or what should have come out."""
    log = next(run for run in corpus.read_corpus(ROOT)["runs"] if any(s["code"] == "VOTE_SEAT" for s in run["steps"]))
    at = next(k for k, step in enumerate(log["steps"]) if step["code"] == "VOTE_SEAT")
    wrong = copy.deepcopy(log)
    wrong["steps"][at]["code"] = "ok"
    assert f"step {at}: vote" in str(relation.validate(wrong))
    assert "accepted, but the guard VOTE_SEAT is false" in str(relation.validate(wrong))
    wrong["steps"][at]["code"] = "VOTE_KIND"
    assert "refused with VOTE_KIND, but that guard is true; VOTE_SEAT is not" in str(relation.validate(wrong))
    wrong = {**log, "end": log["end"] + 1}
    assert "the log claims" in str(relation.validate(wrong))


def test_a_validator_without_a_lock_is_not_of_the_model() -> None:
    """A broken variant of the reference is found by its log, though its history looks harmless."""
    for seed in range(12):
        recorder = traces.Recorder(step_without_lock)
        SimulatedWorld(scenario_of(seed), recorder).run(1)
        if any(relation.validate(log) for log in recorder.logs()):
            return
    pytest.fail("twelve histories without a lock were accepted")


def test_the_relation_knows_only_codes_of_the_specification() -> None:
    """Codes are names of `spec/errors.md`."""
    reached = {step["code"] for run in corpus.read_corpus(ROOT)["runs"] for step in run["steps"]} - {"ok"}
    assert reached <= {code.value for code in Code}


def test_tlc_refuses_what_is_no_log() -> None:
    """A log that the module cannot read is an error and never a verdict."""
    log = copy.deepcopy(recorded()[0])
    log["setup"].pop("me")
    with pytest.raises(InvariantError):
        traces.judge(ROOT, [log])
