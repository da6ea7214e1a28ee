"""Groups of secure rounds do what the model SecAgg does, changed logs of them do not (PRV-032 to PRV-038)."""

from __future__ import annotations

import copy
from collections import Counter
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from bcfl_ref.application.config import parse_config
from bcfl_ref.contract import opening
from bcfl_ref.errors import InvariantError
from bcfl_ref.formal import secure_relation, secure_runs
from bcfl_ref.formal.task_runs import Block
from bcfl_ref.types import LedgerRecord, State
from engines.runs import SMALL, open_engine

ROOT = Path(__file__).parents[2]
RUNS = {
    "dropouts in three rounds": """rounds = 3
trainers = 6
privacy = "secure"
threshold = 2
[dropouts]
share_bps = 4000
""",
    "two groups, dropouts, a validator down": """rounds = 1
trainers = 8
privacy = "secure-grouped"
groups = 2
threshold = 2
[dropouts]
share_bps = 2500
[network]
crashed = [0]
""",
    "a validator says two things, messages are lost": """rounds = 1
trainers = 3
privacy = "secure"
threshold = 2
[network]
equivocating = [1]
loss_bps = 1000
""",
}
FIRST, GROUPED = tuple(RUNS)[:2]


def recorded(name: str) -> tuple[secure_runs.Log, ...]:
    """What the groups of a whole run did."""
    blocks: list[Block] = []

    def watch(before: State, record: LedgerRecord, after: State) -> None:
        blocks.append((before, record))

    config = parse_config(SMALL.replace("rounds = 1\ntrainers = 3\n", RUNS[name]), "test")
    with TemporaryDirectory() as place, closing(open_engine(config, Path(place) / "run", watch)) as engine:
        engine.run()
        return tuple(secure_runs.secure_logs(blocks, engine.ledger.blobs))


@lru_cache
def logs(name: str = FIRST) -> tuple[secure_runs.Log, ...]:
    """The same for every test."""
    return recorded(name)


@lru_cache
def mutants() -> tuple[tuple[str, secure_runs.Log], ...]:
    """Logs with one thing changed."""
    return tuple(mutant for log in logs() for mutant in secure_runs.mutants_of(log))


def test_runs_with_dropouts_end_in_every_way() -> None:
    """With dropouts at every step one round opens its sum, one lacks answers, one does not get beyond its keys."""
    ends = [(log["steps"][-1]["op"], log["steps"][-1]["phase"]) for log in logs()]
    assert ends == [("open_groups", "done"), ("open_groups", "failed"), ("draw_graphs", "failed")]


@pytest.mark.parametrize("name", RUNS)
def test_runs_are_runs_of_the_model(name: str) -> None:
    """The relation follows every group of every run to its end, and so does TLC."""
    assert [str(found) for log in logs(name) if (found := secure_relation.validate(log))] == []
    if name != FIRST:
        assert set(secure_runs.judge(ROOT, logs(name)).rejected_at) == {None}


def test_every_changed_event_is_noticed() -> None:
    """Every log with one thing changed is rejected, in every class of change, at least fifty in all."""
    found: Counter[str] = Counter()
    for kind, mutant in mutants():
        assert secure_relation.validate(mutant) is not None, kind
        found[kind] += 1
    assert found.keys() == {*secure_runs.CLASSES, *secure_runs.WHOLE}
    assert sum(found.values()) >= 50


def test_tlc_accepts_secure_rounds_and_rejects_changed_ones_at_the_same_step() -> None:
    """TLC follows all rounds to their ends, and every changed log as far as the relation does."""
    judgement = secure_runs.judge(ROOT, [*logs(), *(mutant for _, mutant in mutants())])
    assert judgement.rejected_at[: len(logs())] == (None,) * len(logs())
    for (kind, mutant), at in zip(mutants(), judgement.rejected_at[len(logs()) :], strict=True):
        divergence = secure_relation.validate(mutant)
        assert divergence is not None and at == divergence.step, kind


def test_a_divergence_names_the_step_and_the_false_guard() -> None:
    """Whoever reads the rejection learns which guard was false, by its text, or which phase the module has."""
    said = {kind: str(secure_relation.validate(mutant)) for kind, mutant in reversed(mutants())}
    assert "share_keys of p5, but the guard u \\in U1 is false" in said["keys not advertised"]
    assert "but the guard kept[u] = seen[u] is false" in said["answered before it was durable"]
    assert "but the guard L \\in InTime is false" in said["a survivor without an input"]
    assert "close_inputs leads to unmasking, the module has failed" in said["one survivor only"]
    assert "step 28: the log claims 29 steps" in said["log claims more"]


@pytest.mark.parametrize(
    ("op", "text"), [("read", "L \\in Shown"), ("close_inputs", "L \\in InTime"), ("open_groups", "C \\in OnLedger")]
)
def test_a_guard_less_is_another_verdict(monkeypatch: pytest.MonkeyPatch, op: str, text: str) -> None:
    """Guards on what is chosen, which no graph shows since only choices are tried, decide on some changed log."""
    wanted = [secure_relation.validate(mutant) for _, mutant in mutants()]
    asked = secure_relation.GUARDS[op]
    fewer = {**secure_relation.GUARDS, op: lambda *given: [guard for guard in asked(*given) if guard[0] != text]}
    monkeypatch.setattr(secure_relation, "GUARDS", fewer)
    assert [secure_relation.validate(mutant) for _, mutant in mutants()] != wanted


def test_a_broken_contract_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract that goes on with too few survivors gives no run of the model."""
    assert "failed" in [log["steps"][-1]["phase"] for log in logs(GROUPED)]
    monkeypatch.setattr(opening, "enough_left", lambda *given: bool(given[-1]))
    found = [str(divergence) for log in recorded(GROUPED) if (divergence := secure_relation.validate(log))]
    assert any("close_inputs leads to unmasking, the module has failed" in divergence for divergence in found), found


def test_what_the_model_has_no_words_for_is_refused() -> None:
    """No secure round, groups of different sizes, a log that TLC cannot read: each is an error and no verdict."""
    with pytest.raises(InvariantError, match="no secure round"):
        secure_runs.secure_logs([], {})
    first = logs()[0]
    with pytest.raises(InvariantError, match="same size"):
        secure_runs.judge(ROOT, [first, {**first, "threshold": 3}])
    odd = copy.deepcopy(first["steps"][0])
    with pytest.raises(InvariantError, match="TLC ended"):
        secure_runs.judge(ROOT, [{**first, "steps": [{**odd, "op": "vanish"}]}])
    for wrong in ({"op": "vanish"}, {"who": "p99"}, {"set": ["p99"]}, {"op": "restart"}):
        assert secure_relation.validate({**first, "steps": [{**odd, **wrong}]}) is not None
