"""Runs of whole tasks are runs of the model Task, changed ones are not (CTR-001 to CTR-017)."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from bcfl_ref.errors import InvariantError
from bcfl_ref.formal import task_relation, task_runs
from bcfl_ref.formal.modules import read_modules
from bcfl_ref.operations.cases.contract_model import PEOPLE, REPUTATIONS, SAMPLES, corpus
from bcfl_ref.types import LedgerRecord, State
from engines.runs import open_engine, small_config

ROOT = Path(__file__).parents[2]
ABSENT = '[[adversaries]]\ntrainer = {0}\nkind = "absent"\n'
RUNS = {
    "nothing happens": "",
    "two trainers drop out": ABSENT.format(0) + ABSENT.format(2),
    "a validator is down": "[network]\ncrashed = [0]\n",
    "a validator says two things": "[network]\nequivocating = [1]\n",
    "a fifth of the messages is lost": "[network]\nloss_bps = 2000\n",
    "all aggregate": 'averaging = "all"\n',
}


@lru_cache
def log_of(name: str, stops: int = 0) -> task_runs.Log:
    """The log of a whole run; after `stops` heights everybody stops and is started again."""
    blocks: list[task_runs.Block] = []

    def watch(before: State, record: LedgerRecord, after: State) -> None:
        blocks.append((before, record))

    with TemporaryDirectory() as place:
        if stops:
            with closing(open_engine(small_config(RUNS[name]), Path(place) / "run")) as engine:
                for _ in range(stops):
                    engine.run_height()
        with closing(open_engine(small_config(RUNS[name]), Path(place) / "run", watch)) as engine:
            engine.run()
            return task_runs.task_log(blocks, engine.ledger.blobs)


def parts() -> Iterator[tuple[task_relation.Terms, task_runs.Log]]:
    """Terms and traces of the corpus that TLC printed."""
    for part in corpus()["slices"]:
        constants = part["constants"]
        first, low, high, gain, loss = REPUTATIONS[constants["Reputation"]]
        terms = task_relation.Terms(
            order=PEOPLE,
            seats=frozenset(name.strip('"') for name in constants["Seats"]),
            rounds=constants["Rounds"],
            width=constants["Width"],
            registration=constants["Registration"],
            trainers=(constants["TrainersMin"], constants["TrainersMax"]),
            scorers=(constants["ScorersMin"], constants["ScorersMax"]),
            deposit=constants["Deposit"],
            reward=constants["Reward"],
            shares=(6, 3, 1),
            average_all=constants["AverageAll"],
            drawn=constants["Drawn"],
            by_size=constants["BySize"],
            samples=dict(zip(PEOPLE, SAMPLES, strict=True)),
            acceptance=constants["Acceptance"],
            reputation={"initial": first, "min": low, "max": high, "gain": gain, "loss": loss},
        )
        for trace in part["traces"]:
            yield terms, {"init": part["init"], "steps": trace["steps"]}


def test_the_relation_gives_every_trace_of_the_model() -> None:
    """The transcription in Python and the module agree on every step that TLC printed, failing guards included."""
    traces = list(parts())
    assert len(traces) > 100
    assert [str(found) for terms, trace in traces if (found := task_relation.validate(terms, trace))] == []


def test_the_relation_asks_the_guards_of_the_module() -> None:
    """Codes and their order are those of the module's table."""
    body = read_modules(ROOT / "spec" / "tla")["Task"].definitions["Codes"].body
    for op, codes in task_relation.CODES.items():
        row = body[body.index(f"{op} ") :].partition(">>")[0]
        assert tuple(row.partition("<<")[2].replace('"', "").replace(",", " ").split()) == codes


def test_a_changed_trace_of_the_model_is_noticed() -> None:
    """A refusal without one of its failing guards, or a change that is left out, is not of the model."""
    for terms, trace in list(parts())[::9]:
        for key in ("refused", "change"):
            steps = copy.deepcopy(trace["steps"])
            step = next((step for step in steps if len(step.get(key, ())) > 1), None)
            if step is not None:
                step[key] = step[key][:-1] if key == "refused" else dict(list(step[key].items())[:-1])
                assert task_relation.validate(terms, {**trace, "steps": steps}) is not None


@pytest.mark.parametrize("name", RUNS)
def test_runs_are_runs_of_the_model(name: str) -> None:
    """What engine, validators and contract did under each fault, to the end of the task, the model does too."""
    log = log_of(name)
    assert task_relation.validate(task_runs.terms_of(log), log) is None
    last = {}
    for step in log["steps"]:
        last |= step.get("change", {})
    assert last["task.phase"] == "completed"
    assert ("apply_evidence" in {step["op"] for step in log["steps"]}) == ("two things" in name)
    assert sum("code" in step for step in log["steps"]) > 50


def test_who_drops_out_does_so_in_its_log() -> None:
    """In the log of dropouts two trainers joined and committed nothing, in that of the quiet run none."""
    for name, wanted in (("nothing happens", 0), ("two trainers drop out", 2)):
        done = {(step["op"], step.get("who")) for step in log_of(name)["steps"] if "code" not in step}
        trainers = {who for op, who in done if op == "join"} - {who for op, who in done if op == "attest"}
        assert len(trainers) == 3
        assert len(trainers - {who for op, who in done if op == "commit_update"}) == wanted


def test_a_run_that_was_stopped_is_the_same_run() -> None:
    """A run that was stopped in the middle and continued from its directory has the same log as one that was not."""
    assert log_of("nothing happens", 12) == log_of("nothing happens")


def test_every_changed_event_is_noticed() -> None:
    """Every log with one thing changed is rejected, in every class of change, at least fifty in all."""
    found: Counter[str] = Counter()
    for name in ("nothing happens", "two trainers drop out"):
        for kind, mutant in task_runs.mutants_of(log_of(name)):
            assert task_relation.validate(task_runs.terms_of(mutant), mutant) is not None, (name, kind)
            found[kind] += 1
    assert found.keys() == set(task_runs.CLASSES)
    assert sum(found.values()) >= 50


def test_tlc_accepts_runs_and_rejects_changed_ones_at_the_same_step() -> None:
    """The module follows runs that have the same terms, and stops at a changed step where the relation does."""
    logs = [log_of(name) for name in RUNS if name != "all aggregate"]
    wanted: list[int | None] = [None] * len(logs)
    for kind, mutant in task_runs.mutants_of(logs[0]):
        divergence = task_relation.validate(task_runs.terms_of(mutant), mutant)
        if mutant["terms"] == logs[0]["terms"] and divergence is not None and divergence.step < 70:
            cut = mutant["steps"][: divergence.step + 1]
            logs.append({**mutant, "steps": cut, "end": mutant["end"] if "log" in kind else len(cut)})
            wanted.append(divergence.step)
    assert len(logs) > 20
    judgement = task_runs.judge(ROOT, logs)
    assert list(judgement.rejected_at) == wanted


def test_a_divergence_names_the_step_and_the_false_guard() -> None:
    """Whoever reads the rejection learns which guard was false, or which value is not that of the module."""
    mutants = dict(task_runs.mutants_of(log_of("nothing happens")))
    said = {kind: str(task_relation.validate(task_runs.terms_of(mutant), mutant)) for kind, mutant in mutants.items()}
    assert "commit_update of p0 accepted, but the guard ROLE_MISSING is false" in said["another sender"]
    assert "but no guard is false" in said["accepted said to be refused"]
    assert "the module has 3" in said["height"]
    assert "is no request" in str(
        task_relation.validate(
            task_runs.terms_of(mutants["height"]), {**mutants["height"], "steps": [{"op": "join", "who": "nobody"}]}
        )
    )


def test_what_the_model_has_no_words_for_is_refused() -> None:
    """A ledger without a task gives no log, and TLC's failure to read a log is no verdict."""
    with pytest.raises(InvariantError, match="no task"):
        task_runs.task_log([], {})
    log = copy.deepcopy(log_of("nothing happens"))
    log["steps"][0]["op"] = "vanish"
    with pytest.raises(InvariantError, match="TLC ended"):
        task_runs.judge(ROOT, [log])
    other = {**log, "terms": {**log["terms"], "width": 3}}
    with pytest.raises(InvariantError, match="same terms"):
        task_runs.judge(ROOT, [log, other])
