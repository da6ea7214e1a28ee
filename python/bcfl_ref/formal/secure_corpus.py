"""From the model of secure rounds to a tree of vectors: TLC prints the graph, the tree takes every transition once.

A branch is a path through the graph of `MCSecAggVectors`, with requests that the model refuses put in between. All
branches together take every transition of every slice and show every class of refusal, up to the names of members:
these are interchangeable, so TLC looks at one naming of each state. A row says after which other row it comes, what
is done by whom and how, and what that changes or which guards refuse it; sets of members are words, a letter each.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import UsageError
from . import tlc
from .manifest import Configuration
from .values import parse

FOLDER = Path("spec") / "tla"
CORPUS = FOLDER / "corpus" / "secure.json"
FORMAT = 1
MODULE = "MCSecAggVectors"
JOBS = 2
SETS = ("U1", "U2", "Y", "given", "final", "seen", "kept", "said", "held", "spent")
"""The fields of a state that are sets of members, after `round`, `window` and `standing`."""
_COMMON: Mapping[str, Any] = {
    "Honest": ["a", "b", "c"],
    "Corrupt": [],
    "Neighbours": "<- Complete",
    "T": 2,
    "Ledger": '"one"',
    "Rounds": 1,
    "Up": [],
    "Stranger": "s",
    "AllShare": False,
    "InTurn": False,
    "Loud": True,
}
SLICES: Mapping[str, Mapping[str, Any]] = {
    "three": {**_COMMON, "Ledger": '"censored"'},
    "corrupt": {**_COMMON, "Corrupt": ["x"], "InTurn": True},
    "rounds": {**_COMMON, "Rounds": 2, "InTurn": True},
    "four": {**_COMMON, "Honest": ["a", "b", "c", "d"]},
    "censored": {
        **_COMMON,
        "Honest": ["a", "b", "c", "d"],
        "Ledger": '"censored"',
        "AllShare": True,
        "InTurn": True,
    },
}
CHECKED = ("TypeOK", "GuardsAreSteps", "KeysNeverAlone", "LedgerKnows", "SameList")

Marks: TypeAlias = tuple[bool, ...]
"""For one member, in which of the sets of a state it is."""
Refusal: TypeAlias = tuple[str, str, str, tuple[str, ...]]
"""Operation, who, how, and the codes of the guards that are false."""
_LINE = re.compile(r'^"@(EDGE|STATE) (.*)"$')


@dataclass(frozen=True)
class State:
    """A state of the module: three plain fields, and `SETS` as they are named there."""

    round: int
    window: str
    standing: str
    sets: tuple[frozenset[str], ...]

    def marks(self, who: str) -> Marks:
        """Where a member is."""
        return tuple(who in names for names in self.sets)

    def words(self) -> dict[str, Any]:
        """The state as the corpus writes it."""
        named = {name: word(names) for name, names in zip(SETS, self.sets, strict=True)}
        return {"round": self.round, "window": self.window, "standing": self.standing, **named}


@dataclass(frozen=True)
class Edge:
    """A transition: who does it or, at a deadline, to whom; how; and the state after it."""

    op: str
    whom: frozenset[str]
    how: str
    after: State


Place: TypeAlias = tuple[Any, ...]
"""A state up to the names of its honest members."""
Way: TypeAlias = tuple[Place, tuple[Any, ...]]
"""A transition up to these names."""


@dataclass
class Graph:
    """One slice up to renaming: states, transitions with the state that each begins in, what each state refuses."""

    honest: tuple[str, ...]
    states: dict[Place, State] = field(default_factory=dict)
    edges: dict[Place, dict[Way, tuple[State, Edge]]] = field(default_factory=dict)
    refused: dict[Place, list[Refusal]] = field(default_factory=dict)
    root: Place = ()


def word(names: Iterable[str]) -> str:
    """A set of members in its one order."""
    return "".join(sorted(names))


# ---------------------------------------------------------------------------------------------------------
# Reading what TLC prints


def explore(folder: Path, name: str, symmetry: bool = True) -> list[str]:
    """Let TLC print the graph of a slice; raises `UsageError` when it does not get to the end."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.tla")}
    how = Configuration(
        name,
        MODULE,
        "model",
        "fast",
        SLICES[name],
        invariants=(*CHECKED, "EmitState"),
        specification="VSpec",
        symmetry="Symmetry" if symmetry else None,
    )
    outcome = tlc.run(sources, MODULE, how.text())
    if outcome.verdict is not tlc.Verdict.HOLDS:
        raise UsageError(f"{name}: TLC ended with {outcome.exit_code}: {outcome.error}")
    return [line for line in outcome.output.splitlines() if line.startswith('"@')]


def state_of(value: Any) -> State:
    """A state from what `Here` prints."""
    number, window, standing, *sets = value
    return State(number, window, standing, tuple(frozenset(names["#set"]) for names in sets))


def read_lines(lines: Iterable[str]) -> Iterator[tuple[State, Edge | list[Refusal]]]:
    """Transitions and refusals, each with the state where it is; the first refusals are those of the first state."""
    known: dict[str, State] = {}

    def read(text: str) -> State:
        if text not in known:
            known[text] = state_of(parse(text))
        return known[text]

    for line in lines:
        match = _LINE.match(line)
        if match is None:
            raise UsageError(f"TLC printed {line[:80]}")
        parts = match[2].replace('\\"', '"').split(" @ ")
        if match[1] == "STATE":
            rows = parse(parts[1])["#set"]
            yield read(parts[0]), sorted((op, who, how, tuple(codes)) for op, who, how, codes in rows)
        else:
            op, who, how, names = parse(parts[1])
            yield read(parts[0]), Edge(op, frozenset(names["#set"] if not who else [who]), how, read(parts[2]))


# ---------------------------------------------------------------------------------------------------------
# Up to names


def place_of(state: State, honest: tuple[str, ...]) -> Place:
    """The same for states that differ in the names of honest members only."""
    rest = tuple(word(names - set(honest)) for names in state.sets)
    marks = tuple(sorted(state.marks(name) for name in honest))
    return (state.round, state.window, state.standing, rest, marks)


def way_of(state: State, edge: Edge, honest: tuple[str, ...]) -> Way:
    """The same for transitions that differ in these names only."""
    after, others = edge.after, set(honest)
    rest = (edge.op, edge.how, word(edge.whom - others), place_of(after, honest)[:4])
    marks = tuple(sorted((state.marks(name), after.marks(name), name in edge.whom) for name in honest))
    return place_of(state, honest), (*rest, marks)


def graph_of(lines: Iterable[str], honest: tuple[str, ...]) -> Graph:
    """The graph of a slice up to renaming, from TLC's lines."""
    graph = Graph(honest)
    for state, found in read_lines(lines):
        place = place_of(state, honest)
        if isinstance(found, Edge):
            graph.edges.setdefault(place, {}).setdefault(way_of(state, found, honest), (state, found))
        elif place not in graph.states:
            graph.root = graph.root or place
            graph.states[place], graph.refused[place] = state, found
    return graph


def renaming(honest: tuple[str, ...], known: State, state: State, first: int) -> dict[str, str]:
    """Names in a known state to names in another one of the same place; ties go round from the `first` member on."""
    turned = honest[first:] + honest[:first]
    return dict(zip(sorted(honest, key=known.marks), sorted(turned, key=state.marks), strict=True))


def renamed(names: Iterable[str], new: Mapping[str, str]) -> frozenset[str]:
    """The members by their other names; strangers and corrupt ones keep theirs."""
    return frozenset(new.get(name, name) for name in names)


def carried(edge: Edge, new: Mapping[str, str]) -> Edge:
    """The transition with other names."""
    sets = tuple(renamed(names, new) for names in edge.after.sets)
    after = State(edge.after.round, edge.after.window, edge.after.standing, sets)
    return Edge(edge.op, renamed(edge.whom, new), edge.how, after)


# ---------------------------------------------------------------------------------------------------------
# The tree


def refusal_class(state: State, refusal: Refusal) -> tuple[Any, ...]:
    """Which guards fail, where, and for whom."""
    op, who, how, codes = refusal
    return (op, how, codes, state.window, state.standing, state.marks(who))


def classes(graph: Graph) -> set[tuple[Any, ...]]:
    """All classes of refusals of a graph."""
    return {refusal_class(graph.states[place], r) for place, rows in graph.refused.items() for r in rows}


def tree(graph: Graph, shown: set[tuple[Any, ...]]) -> list[Any]:
    """The rows of a slice: every transition once, after the first row that leads to where it begins, nearest first.

    A row is [number of the row before it, from 1, or 0; op; whom; how; what changed, or the codes that refuse]. Every
    row takes another turn at which of several members in the same place has a name. `shown` are the classes of
    refusals that need not be shown again.
    """
    rows: list[Any] = []
    reached = {graph.root}
    queue = deque([(0, graph.root, graph.states[graph.root])])
    while queue:
        number, place, state = queue.popleft()
        rows += _refusals(graph, number, place, state, shown)
        for known, edge in graph.edges.get(place, {}).values():
            edge = carried(edge, renaming(graph.honest, known, state, len(rows) % len(graph.honest)))
            before, after = state.words(), place_of(edge.after, graph.honest)
            change = {name: value for name, value in edge.after.words().items() if value != before[name]}
            rows.append([number, edge.op, word(edge.whom), edge.how, change])
            if after not in reached:
                reached.add(after)
                queue.append((len(rows), after, edge.after))
    return rows


def _refusals(
    graph: Graph, number: int, place: Place, state: State, shown: set[tuple[Any, ...]]
) -> Iterator[list[Any]]:
    known = graph.states[place]
    new = renaming(graph.honest, known, state, number % len(graph.honest))
    for refusal in graph.refused[place]:
        kind = refusal_class(known, refusal)
        if kind not in shown:
            shown.add(kind)
            op, who, how, codes = refusal
            yield [number, op, new.get(who, who), how, list(codes)]


# ---------------------------------------------------------------------------------------------------------
# The file


def generate(root: Path, names: Sequence[str] = tuple(SLICES)) -> str:
    """The text of the corpus, from the models of a checkout; or of the first slices only."""
    shown: set[tuple[Any, ...]] = set()
    slices = []
    with ThreadPoolExecutor(JOBS) as pool:
        printed = list(pool.map(lambda name: explore(root / FOLDER, name), names))
    for name, lines in zip(names, printed, strict=True):
        constants = SLICES[name]
        graph = graph_of(lines, tuple(constants["Honest"]))
        fresh = len(classes(graph) - shown)
        size = {"states": len(graph.states), "edges": sum(map(len, graph.edges.values())), "classes": fresh}
        slices.append({"id": name, **size, "constants": dict(constants), "rows": tree(graph, shown)})
    return layout({"format": FORMAT, "model": MODULE, "sets": list(SETS), "slices": slices})


def layout(corpus: Any) -> str:
    """One line a row, so that a change of the model shows where it changes the tree."""
    text = json.dumps({name: value for name, value in corpus.items() if name != "slices"})[:-1] + ', "slices": [\n'
    blocks = []
    for part in corpus["slices"]:
        head = json.dumps({name: value for name, value in part.items() if name != "rows"}, sort_keys=True)[:-1]
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in part["rows"])
        blocks.append(head + ', "rows": [\n' + rows + "\n]}")
    return text + ",\n".join(blocks) + "\n]}\n"


def write(root: Path) -> bool:
    """Bring the corpus of a checkout up to date; whether that changed it."""
    text, path = generate(root), root / CORPUS
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True
