"""From the model of a task to traces: TLC prints the graph, a greedy walk covers it, the corpus keeps the walks.

A trace is a path through the graph of `MCTaskVectors`, with requests that the model refuses put in between. What
has to be covered are *classes*: transitions and refusals that differ in action, guard, window, first or last
height of it, or in what the sender has done so far. Nothing here is random, so writing the file again changes
nothing. `operations/cases/contract_model.py` turns the traces into vectors; that needs neither TLC nor Java.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import UsageError
from . import tlc
from .manifest import Configuration
from .values import canonical, parse

CORPUS = Path("spec") / "tla" / "corpus" / "task.json"
FOLDER = Path("spec") / "tla"
MODULE = "MCTaskVectors"
FORMAT = 1
JOBS = 2
SEATS = 3
"""Seats in the slice of the registration; all have to attest."""

Request: TypeAlias = dict[str, Any]
Goal: TypeAlias = tuple[Any, ...]

_COMMON: Mapping[str, Any] = {
    "Order": "<- People",
    "Trainers": ['"a"', '"b"'],
    "Scorers": ['"b"', '"c"'],
    "Seats": ['"issuer"'],
    "Rounds": 1,
    "Width": 2,
    "Registration": 2,
    "TrainersMin": 1,
    "TrainersMax": 2,
    "ScorersMin": 1,
    "ScorersMax": 2,
    "Deposit": 7,
    "Reward": 100,
    "Shares": "<- Thirds",
    "AverageAll": True,
    "Drawn": 3,
    "BySize": False,
    "Samples": "<- Sizes",
    "Acceptance": 50,
    "Scores": [0, 90],
    "Blobs": ['"own"'],
    "Models": ['"model"'],
    "Endowment": "<- Rich",
    "Reputation": "<- Bounds",
    "LastPublish": 1,
    "Stop": 99,
}
SLICES: Mapping[str, Mapping[str, Any]] = {
    "registration": {
        **_COMMON,
        "Free": [9],
        "Stop": 10,
        "Seats": ['"issuer"', '"a"', '"b"'],
        "TrainersMax": 1,
        "Models": ['"model"', '"junk"'],
        "Endowment": "<- Poor",
    },
    "updates": {
        **_COMMON,
        "Free": [10, 11, 12],
        "Stop": 13,
        "Blobs": ['"own"', '"same"', '"junk"'],
    },
    "scores": {**_COMMON, "Free": [13, 14]},
    "thirds": {
        **_COMMON,
        "Free": [14],
        "Stop": 14,
        "Trainers": ['"a"'],
        "Scorers": ['"a"', '"b"', '"c"'],
        "ScorersMax": 3,
        "Scores": [90],
    },
    "claims": {**_COMMON, "Free": [15], "Reward": 101, "Acceptance": 100},
    "draws": {
        **_COMMON,
        "Free": [15],
        "AverageAll": False,
        "BySize": True,
        "Reward": 15,
        "Scorers": ['"c"'],
        "Reputation": "<- Tight",
    },
    "rounds": {
        **_COMMON,
        "Free": [11, 14, 15, 24],
        "Rounds": 2,
        "Trainers": ['"a"'],
        "Reputation": "<- Steep",
    },
}
_LINE = re.compile(r'^"@(EDGE|STATE) (.*)"$')
_TIMES = ("begin_height", "close_registration", "close_attestation", "decide", "settle")


@dataclass
class Graph:
    """The states of one slice by their canonical text, with their requests, taken and refused."""

    edges: dict[str, list[tuple[Request, str]]] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, list[tuple[Request, list[str]]]] = field(default_factory=dict)
    root: str = ""


def explore(folder: Path, name: str) -> Graph:
    """Let TLC print the graph of a slice; raises `UsageError` when it does not get to the end."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.tla")}
    base = Configuration(name, MODULE, "model", "fast", SLICES[name], specification="VSpec", view="View")
    text = base.text() + "ACTION_CONSTRAINT EmitEdge\nINVARIANT EmitState\n"
    outcome = tlc.run(sources, MODULE, text)
    if outcome.verdict is not tlc.Verdict.HOLDS:
        raise UsageError(f"{name}: TLC ended with {outcome.exit_code}: {outcome.error}")
    return read_graph(outcome.output.splitlines())


def read_graph(lines: Iterable[str]) -> Graph:
    """The graph from TLC's lines; the first state printed is where it begins."""
    graph = Graph()
    known: dict[str, tuple[str, Any]] = {}

    def read(text: str) -> tuple[str, Any]:
        """TLC prints the fields of one record now in this order, now in that."""
        if text not in known:
            value = parse(text)
            known[text] = canonical(value), value
        return known[text]

    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        parts = match[2].replace('\\"', '"').split(" @ ")
        key, state = read(parts[0])
        if match[1] == "EDGE":
            graph.edges.setdefault(key, []).append((read(parts[1])[1], read(parts[2])[0]))
        elif key not in graph.states:
            graph.root = graph.root or key
            graph.states[key] = state
            pairs = parse(parts[1])["#set"]
            graph.refused[key] = [(request, codes) for request, codes in sorted(pairs, key=canonical)]
    return graph


# ---------------------------------------------------------------------------------------------------------
# What has to be covered


def place_of(state: Any, width: int) -> tuple[Any, ...]:
    """Phase, window, and whether this is the window's first height."""
    task = state["task"]
    if task["phase"] != "running":
        return (task["phase"], state["now"] == task["published"])
    window, rest = divmod(state["now"] - task["round"]["start"], width)
    return ("running", min(task["round"]["number"], 2), window, rest == 0)


def standing(state: Any, who: str) -> tuple[Any, ...]:
    """What an identity has done and still holds."""
    task, round_ = state["task"], state["task"]["round"]
    roles = tuple((who in task["joined"][role]["#set"], task["dep"][role][who] > 0) for role in ("trainer", "scorer"))
    return (roles, round_["upd"][who]["status"], round_["sheets"][who]["status"], round_["claims"][who])


def taken(before: Any, request: Request, after: Any, width: int) -> frozenset[Goal]:
    """The classes of a transition: the act by itself, its place, and what it meets."""
    op, place = request["op"], place_of(before, width)
    if op not in _TIMES:
        act = (request["arg"], request["how"], tuple(request["say"]))
        meets = _equals(before["task"]["round"], request) if op.endswith("_update") else ()
        return frozenset({("do", op, place), ("do", op, *act, standing(before, request["who"]), meets)})
    if op == "begin_height":
        return frozenset({("do", op, place)})
    task, then = before["task"], after["task"]
    if op == "close_registration":
        joined = tuple(len(task["joined"][role]["#set"]) for role in ("trainer", "scorer"))
        facts = (*joined, len(task["seen"]["#set"]), task["model"])
        reasons = [not joined[0], not joined[1], facts[2] < SEATS, facts[3] == "junk"]
        return frozenset({("do", op, *(facts if sum(reasons) < 2 else ()), then["phase"])})
    updates, later = task["round"]["upd"], then["round"]["upd"]
    if op == "close_attestation":
        alone = len({u["blob"][0] for u in updates.values()}) > 2
        return frozenset(
            ("do", op, u["status"], u["blob"][0], len(u["att"]["#set"]), alone) for u in updates.values()
        )
    if op == "decide":
        scored = then["round"]["scored"]
        sheets = task["round"]["sheets"].items()
        said = {("do", op, who, sheet["status"], tuple(sheet["said"]), scored) for who, sheet in sheets}
        found = {("do", op, u["status"], u["score"], u["accepted"], _revealed(sheets)) for u in later.values()}
        close = ("do", op, scored, *_near_misses(before, then["round"]))
        return frozenset({*said, *found, close, *(("do", op, *what) for what in _spoken(then["round"]))})
    outcome = then["results"][-1]["outcome"]
    claims = tuple(sorted(task["round"]["claims"].values()))
    ends = {("do", op, who, updates[who]["accepted"], standing(before, who), outcome) for who in updates}
    return frozenset({("do", op, place[1], outcome, claims), *ends})


def _equals(round_: Any, request: Request) -> Goal:
    """The updates of others that have this blob already: their status, committed before this one or not."""
    who, updates = request["who"], round_["upd"]
    others = [update for name, update in updates.items() if name != who and update["status"] != "none"]
    if request["op"] == "commit_update":
        return (len(others),)
    same = [update for update in others if request["arg"] == update["blob"][0] == "same"]
    return tuple((u["status"], len(u["att"]["#set"]), u["order"] < updates[who]["order"]) for u in same)


def _near_misses(before: Any, after: Any) -> Goal:
    """What the round would be if scorers counted by heads, or with the slashed; whether two thirds are hit."""
    task, rep = before["task"], before["rep"]
    joined = task["joined"]["scorer"]["#set"]
    holders = [who for who in joined if task["dep"]["scorer"][who] > 0]
    heard = [who for who in holders if task["round"]["sheets"][who]["status"] == "revealed"]
    heads = 3 * len(heard) > 2 * len(holders)
    exact = 3 * sum(rep[who] for who in heard) == 2 * sum(rep[who] for who in holders)
    slashed = 3 * sum(rep[who] for who in heard) > 2 * sum(rep[who] for who in joined)
    words = [word for who in heard for word in task["round"]["sheets"][who]["said"][:1]]
    scores = [update["score"] for update in after["upd"].values() if update["score"] >= 0]
    return (heads, exact, slashed, bool(scores and words) and min(words) not in scores)


def _spoken(round_: Any) -> Iterator[Goal]:
    """What the sheets say of each update, by scorer, and what came of it."""
    field = [who for who, update in sorted(round_["upd"].items()) if update["status"] == "eligible"]
    for who in field:
        judges = [(name, [t for t in field if t != name]) for name in sorted(round_["sheets"]) if name != who]
        said = [(name, round_["sheets"][name]["said"], others.index(who)) for name, others in judges]
        yield who, str([(name, words[at]) for name, words, at in said if words]), round_["scored"]


def _revealed(sheets: Iterable[tuple[str, Any]]) -> tuple[str, ...]:
    """Whose sheets count."""
    return tuple(sorted(who for who, sheet in sheets if sheet["status"] == "revealed"))


def refused(state: Any, request: Request, codes: list[str], width: int) -> Goal:
    """The class of a refusal: which guards fail, where, and for whom."""
    place = place_of(state, width)
    told = standing(state, request["who"])[0 if codes[0] == "ROLE_MISSING" else 1 :]
    own = told if len(codes) == 1 and request["how"] == "right" else ()
    return ("no", request["op"], request["arg"], request["how"], tuple(codes), place[0], place[2:3], own)


# ---------------------------------------------------------------------------------------------------------
# The walk


class Walk:
    """Greedy cover of one graph: to the nearest uncovered transition, and on from there."""

    def __init__(self, graph: Graph, width: int, covered: set[Goal]) -> None:
        self._graph, self._width, self._covered = graph, width, covered
        self._goals: dict[tuple[str, int], frozenset[Goal]] = {}
        self._refusals: dict[str, list[tuple[Request, list[str], Goal]]] = {}
        for key, requests in graph.refused.items():
            state = graph.states[key]
            self._refusals[key] = [(r, codes, refused(state, r, codes, width)) for r, codes in requests]
        for key, edges in graph.edges.items():
            for index, (request, after) in enumerate(edges):
                self._goals[(key, index)] = taken(graph.states[key], request, graph.states[after], width)

    def goals(self) -> set[Goal]:
        """All classes of this graph."""
        found = {goal for goals in self._goals.values() for goal in goals}
        return found | {goal for requests in self._refusals.values() for _, _, goal in requests}

    def traces(self) -> Iterator[list[dict[str, Any]]]:
        """Traces until nothing is left to cover."""
        while True:
            steps = list(self._refusals_at(self._graph.root))
            here, moved = self._graph.root, bool(steps)
            while (path := self._nearest(here)) is not None:
                for key, index in path:
                    request, after = self._graph.edges[key][index]
                    self._covered |= self._goals[(key, index)]
                    change = dict(changes(self._graph.states[key], self._graph.states[after]))
                    steps += [{**short(request), "change": change}, *self._refusals_at(after)]
                    here, moved = after, True
            if not moved:
                return
            yield steps

    def _refusals_at(self, key: str) -> Iterator[dict[str, Any]]:
        for request, codes, goal in self._refusals[key]:
            if goal not in self._covered:
                self._covered.add(goal)
                yield {**short(request), "refused": codes}

    def _new(self, key: str, index: int) -> bool:
        after = self._graph.edges[key][index][1]
        return not self._goals[(key, index)] <= self._covered or any(
            goal not in self._covered for _, _, goal in self._refusals[after]
        )

    def _nearest(self, start: str) -> list[tuple[str, int]] | None:
        came: dict[str, tuple[str, int] | None] = {start: None}
        queue = deque([start])
        while queue:
            key = queue.popleft()
            for index, (_, after) in enumerate(self._graph.edges.get(key, [])):
                if self._new(key, index):
                    return self._path(came, key, index)
                if after not in came:
                    came[after] = (key, index)
                    queue.append(after)
        return None

    @staticmethod
    def _path(came: Mapping[str, tuple[str, int] | None], key: str, index: int) -> list[tuple[str, int]]:
        path = [(key, index)]
        step = came[key]
        while step is not None:
            path.append(step)
            step = came[step[0]]
        return path[::-1]


def short(request: Request) -> Request:
    """The request without fields that say nothing."""
    silent = {"who": "", "arg": "", "by": "", "say": [], "how": "right"}
    return {name: value for name, value in request.items() if name not in silent or value != silent[name]}


def changes(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a state that are not what they were, by their path."""
    if (
        isinstance(before, dict)
        and isinstance(after, dict)
        and before.keys() == after.keys()
        and "#set" not in before
    ):
        for name in before:
            yield from changes(before[name], after[name], f"{path}.{name}" if path else name)
    elif before != after:
        yield path, after


# ---------------------------------------------------------------------------------------------------------
# The file


def generate(root: Path) -> str:
    """The text of the corpus, from the models of a checkout."""
    covered: set[Goal] = set()
    slices = []
    with ThreadPoolExecutor(JOBS) as pool:
        graphs = list(pool.map(lambda name: explore(root / FOLDER, name), SLICES))
    for (name, constants), graph in zip(SLICES.items(), graphs, strict=True):
        walk = Walk(graph, constants["Width"], covered)
        fresh = len(walk.goals() - covered)
        traces = [{"id": f"{name}-{number}", "steps": steps} for number, steps in enumerate(walk.traces(), 1)]
        size = {"states": len(graph.states), "edges": sum(map(len, graph.edges.values())), "classes": fresh}
        slices.append(
            {"id": name, **size, "constants": dict(constants), "init": graph.states[graph.root], "traces": traces}
        )
    return layout({"format": FORMAT, "model": MODULE, "slices": slices})


def layout(corpus: Any) -> str:
    """One line a step, so that a change of the model shows where it changes a trace."""
    text = json.dumps({name: value for name, value in corpus.items() if name != "slices"})[:-1] + ', "slices": [\n'
    blocks = []
    for part in corpus["slices"]:
        head = json.dumps({name: value for name, value in part.items() if name != "traces"}, sort_keys=True)[:-1]
        traces = []
        for trace in part["traces"]:
            steps = ",\n".join(json.dumps(step, sort_keys=True, separators=(",", ":")) for step in trace["steps"])
            traces.append(f'{{"id": "{trace["id"]}", "steps": [\n{steps}\n]}}')
        blocks.append(head + ', "traces": [\n' + ",\n".join(traces) + "\n]}")
    return text + ",\n".join(blocks) + "\n]}\n"


def write(root: Path) -> bool:
    """Bring the corpus of a checkout up to date; whether that changed it."""
    text, path = generate(root), root / CORPUS
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True
