"""Model → vectors: a few of the many runs that TLC simulates, which together reach every goal.

A goal is an abstraction of one step: for an accepted input its kind, the phase before and after, the rules that
fired and what came out; for a refused one its kind, the code, and whether the height was decided, where exactly
that guard was false. One worker and pinned seeds make TLC deterministic, so the corpus is the same every time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..errors import InvariantError
from . import tlc
from .manifest import Configuration
from .modules import read_modules
from .relation import DECIDED
from .values import parse

CORPUS = Path("spec") / "tla" / "corpus" / "consensus_step.json"
FORMAT = 1
RUNS = Configuration(
    id="corpus",
    module="MCConsensusStep",
    kind="model",
    tier="fast",
    constants={"Setups": "<- Everybody", "Inputs": "<- AtRandom", "Votes": 99, "LastView": 9},
    simulate="-simulate file=run,num={number} -depth 60 -seed {seed}",
)
SEED, NUMBER = 20, 250

Json = Any
Run = list[dict[str, Json]]


def simulate(root: Path, number: int = NUMBER, seed: int = SEED) -> list[Run]:
    """Random runs of the model: lists of {node, act}, the first without an input."""
    sources = {f"{name}.tla": module.text for name, module in read_modules(root / "spec" / "tla").items()}
    arguments = (RUNS.simulate or "").format(number=number, seed=seed).split()
    outcome = tlc.run(sources, RUNS.module, RUNS.text(), arguments, timeout_s=300, long=True, collect="run_*")
    if outcome.verdict is not tlc.Verdict.HOLDS or len(outcome.files) != number:
        raise InvariantError(f"TLC ended with {outcome.exit_code} and {len(outcome.files)} runs: {outcome.error}")
    return [_read_run(text) for text in outcome.files]


def _read_run(text: str) -> Run:
    found = []
    for state in re.split(r"^STATE_\d+ ==\s*$", text, flags=re.M)[1:]:
        parts = re.split(r"^/\\ (\w+) = ", state.split("====")[0], flags=re.M)
        values = dict(zip(parts[1::2], parts[2::2], strict=True))
        found.append({"node": parse(values["node"]), "act": parse(values["act"])})
    return found


def goals_of(run: Run) -> list[tuple[str, ...] | None]:
    """The goal of every step after the first state; None for a step that pursues none."""
    found: list[tuple[str, ...] | None] = []
    for before, after in pairwise(run):
        act, node = after["act"], before["node"]
        who = str(node["setup"]["me"])
        if act["code"] != "ok":
            decided = "decided" if node["phase"] == DECIDED else "open"
            found.append(("refused", act["input"]["op"], act["code"], decided) if act["sole"] else None)
            continue
        outputs = sorted({item["output"] for item in act["out"]})
        phases = (str(node["phase"]), str(after["node"]["phase"]))
        seated = "seated" if who != "9" else "watching"
        found.append(("taken", act["input"]["op"], seated, *phases, "+".join(act["rules"]), "+".join(outputs)))
    return found


def cover(runs: Sequence[Run]) -> tuple[list[Run], set[tuple[str, ...]]]:
    """Greedy: the run with the most new goals, cut after the last of them, until nothing is new."""
    goals = [goals_of(run) for run in runs]
    missing = {goal for each in goals for goal in each if goal is not None}
    everything = set(missing)
    chosen: list[Run] = []
    while missing:
        best = max(range(len(runs)), key=lambda index: (len(missing & set(goals[index])), -index))
        last = max(number for number, goal in enumerate(goals[best]) if goal in missing)
        chosen.append(runs[best][: last + 2])
        missing -= set(goals[best][: last + 1])
    return chosen, everything


def build(root: Path) -> Json:
    """The corpus: chosen runs as logs, and the goals that they reach."""
    chosen, goals = cover(simulate(root))
    return {
        "format": FORMAT,
        "module": RUNS.module,
        "seed": SEED,
        "simulated": NUMBER,
        "goals": sorted(" ".join(goal) for goal in goals),
        "runs": [_log(run) for run in chosen],
    }


def _log(run: Run) -> Json:
    steps = [
        {
            "input": state["act"]["input"],
            "code": state["act"]["code"],
            "after": observed(before["node"], state["node"]),
            "out": state["act"]["out"],
        }
        for before, state in pairwise(run)
    ]
    return {"setup": run[0]["node"]["setup"], "steps": steps, "end": len(steps)}


def observed(before: Json, node: Json) -> Json:
    """What a log says of a step of the model: the plain fields, and what was added to the sets."""
    plain = ("view", "phase", "lockedView", "lockedRoot", "validView", "validRoot", "timers")
    named = {key: node[key] for key in (*plain, "decidedView", "decidedRoot", "offenders")}
    sets = ("votes", "proposals", "verdicts")
    added = {key: {"#set": [x for x in node[key]["#set"] if x not in before[key]["#set"]]} for key in sets}
    return {**named, **added}


def text_of(corpus: Json) -> str:
    """The one layout of the file: one line per goal and per run."""
    head = {key: value for key, value in corpus.items() if key not in ("goals", "runs")}
    lines = [json.dumps(head, indent=1)[:-2] + ",", ' "goals": [', _rows(corpus["goals"]), " ],"]
    return "\n".join([*lines, ' "runs": [', _rows(corpus["runs"]), " ]", "}", ""])


def _rows(items: Iterable[Json]) -> str:
    return ",\n".join("  " + json.dumps(item, separators=(",", ":"), sort_keys=True) for item in items)


def read_corpus(root: Path) -> Json:
    """The committed corpus."""
    return json.loads((root / CORPUS).read_text(encoding="utf-8"))
