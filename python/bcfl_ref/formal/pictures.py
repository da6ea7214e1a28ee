"""Pictures of two state graphs, drawn from what TLC dumps: the life of a task, and secure aggregation.

A whole graph is too large to look at, so states that look alike are one box: for a task those of one window, for
secure aggregation those of one phase with the same number of clients. Every box and every arrow says how many
states and transitions of TLC's graph it stands for.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import UsageError
from . import tlc
from .manifest import Configuration
from .task_corpus import FOLDER, SLICES
from .values import parse

PICTURES = Path("docs") / "pictures"
WINDOWS = ("COMMIT", "REVEAL", "ATTEST", "SCORE COMMIT", "SCORE REVEAL", "AGGREGATE")

State: TypeAlias = Mapping[str, Any]
Box: TypeAlias = tuple[int, int]
"""Column and row."""

_NODE = re.compile(r'^(-?\d+) \[label="((?:[^"\\]|\\.)*)"')
_EDGE = re.compile(r'^(-?\d+) -> (-?\d+) \[label="(\w+)"')
_VARIABLE = re.compile(r"/\\ (\w+) = ")


@dataclass
class Quotient:
    """Boxes with their states, and arrows by the actions that they stand for."""

    states: Counter[Box] = field(default_factory=Counter)
    arrows: dict[tuple[Box, Box], Counter[str]] = field(default_factory=dict)


def dump(folder: Path, configuration: Configuration) -> str:
    """TLC's graph in the language of Graphviz; raises `UsageError` when TLC finds fault."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.tla")}
    with tempfile.TemporaryDirectory(prefix="bcfl-dot-") as place:
        target = Path(place) / "graph.dot"
        options = ("-dump", "dot,actionlabels", str(target))
        outcome = tlc.run(sources, configuration.module, configuration.text(), options)
        if outcome.verdict is not tlc.Verdict.HOLDS:
            raise UsageError(f"{configuration.id}: TLC ended with {outcome.exit_code}: {outcome.error}")
        return target.read_text(encoding="utf-8")


def read_state(label: str) -> State:
    """The variables of one node."""
    text = label.replace("\\n", " ").replace('\\"', '"').replace("\\\\", "\\")
    parts = _VARIABLE.split(text)[1:]
    return {name: parse(value) for name, value in zip(parts[::2], parts[1::2], strict=True)}


def quotient(dot: str, box_of: Callable[[State], Box]) -> Quotient:
    """Put the states of a dump into boxes."""
    found, boxes = Quotient(), {}
    lines = dot.splitlines()
    for line in lines:
        node = _NODE.match(line)
        if node is not None and node[1] not in boxes:
            boxes[node[1]] = box_of(read_state(node[2]))
            found.states[boxes[node[1]]] += 1
    for line in lines:
        edge = _EDGE.match(line)
        if edge is not None and edge[1] != edge[2]:
            pair = (boxes[edge[1]], boxes[edge[2]])
            found.arrows.setdefault(pair, Counter())[edge[3]] += 1
    return found


# ---------------------------------------------------------------------------------------------------------
# The two graphs

TASK = Configuration(
    "picture-task",
    "MCTask",
    "model",
    "fast",
    {
        **{name: value for name, value in SLICES["rounds"].items() if name not in ("Free", "Stop")},
        "Scorers": ['"c"'],
        "Width": 1,
        "Registration": 1,
    },
    invariants=("TypeOK",),
)
NEEDED = 3
"""Survivors, with four clients and threshold 2."""
SECAGG = Configuration(
    "picture-secagg",
    "MCSecAgg",
    "model",
    "fast",
    {
        "Honest": ["h1", "h2", "h3", "h4"],
        "Corrupt": [],
        "Neighbours": "<- Complete",
        "T": 2,
        "Ledger": '"one"',
        "Rounds": 1,
        "Up": [],
    },
    invariants=("TypeOK",),
)
PLACES: tuple[Box, ...] = ((2, 0), (3, 0), (4, 0), (4, 1), (3, 1), (2, 1))
"""Of the six windows: there and back."""
TASK_NAMES: Mapping[Box, tuple[str, str]] = {
    (0, 0): ("not published", ""),
    (1, 0): ("REGISTRATION", "until its last height"),
    (1, 1): ("ABORTED", "everything has been returned"),
    **{
        box: (name, f"from height S{f' + {index}w' if index else ''} on")
        for index, (name, box) in enumerate(zip(WINDOWS, PLACES, strict=True))
    },
    (2, 2): ("COMPLETED", "the rest has been returned"),
}
PHASES = ("keys", "shares", "inputs", "unmasking")


def task_box(state: State) -> Box:
    """Phase and window."""
    task = state["task"]
    if task["phase"] == "running":
        return PLACES[state["now"] - task["round"]["start"]]
    return {"none": (0, 0), "registration": (1, 0), "aborted": (1, 1), "completed": (2, 2)}[task["phase"]]


def secagg_box(state: State) -> Box:
    """Phase, and how many have done what it asks; above them the failures of each phase."""
    phase, final = state["phase"], state["final"]["#set"]
    answered = [name for name, lists in _pairs(state["answers"]) if lists["#set"]]
    sizes = (state["U1"]["#set"], state["U2"]["#set"], state["Y"]["#set"], answered)
    if phase == "failed":
        few = [len(sizes[0]) < NEEDED, len(sizes[1]) < NEEDED, not final, True]
        return (few.index(True), 0)
    if phase == "done":
        return (4, 1 + NEEDED)
    column = PHASES.index(phase)
    return (column, 1 + len(sizes[column]))


def _pairs(function: Any) -> list[tuple[str, Any]]:
    """A function over names, however TLC printed it."""
    return [(str(name), value) for name, value in function["#map"]] if "#map" in function else list(function.items())


def secagg_names(found: Quotient) -> dict[Box, tuple[str, str]]:
    """What stands in the boxes of secure aggregation."""
    verbs = ("advertised keys", "shared keys", "sent masked inputs", "answered the list")
    names = {box: (PHASES[box[0]], f"{box[1] - 1} {verbs[box[0]]}") for box in found.states if box[0] < 4}
    failed = {(column, 0): ("FAILED", f"too few {verb}") for column, verb in enumerate(verbs)}
    return {**names, **failed, (4, 1 + NEEDED): ("DONE", "the sum over the list is known")}


# ---------------------------------------------------------------------------------------------------------
# Drawing

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 176, 114, 136, 54, 24
LEFT = 120
"""Room for arrows beside the first column."""
_STYLE = (
    "text{font-family:Helvetica,Arial,sans-serif;font-size:11px;fill:#222}"
    ".n{font-weight:bold;font-size:12px}.s{fill:#666;font-size:10px}.a{fill:#1f4e79;font-size:10px;paint-order:stroke;stroke:#fff;stroke-width:3px}"
    ".b{stroke:#555;stroke-width:1.2}path.e{fill:none;stroke:#1f4e79;stroke-width:1.3}"
)
_HEAD = (
    '<defs><marker id="h" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="#1f4e79"/></marker></defs>'
)


def corner(box: Box) -> tuple[int, int]:
    """The upper left corner of a box."""
    return (LEFT + box[0] * (WIDTH + GAP_X), MARGIN + 44 + box[1] * (HEIGHT + GAP_Y))


def draw(found: Quotient, names: Mapping[Box, tuple[str, str]], title: str, note: str) -> str:
    """The picture as SVG."""
    right = max(corner(box)[0] for box in found.states) + WIDTH + 2 * MARGIN
    bottom = max(corner(box)[1] for box in found.states) + HEIGHT + MARGIN + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{right}" height="{bottom}" viewBox="0 0 {right} {bottom}">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{_HEAD}",
        f'<rect width="{right}" height="{bottom}" fill="#fff"/>',
        f'<text x="{MARGIN}" y="28" class="n">{escape(title)}</text>',
        f'<text x="{MARGIN}" y="46" class="s">{escape(note)}</text>',
    ]
    arrows = [
        line
        for (source, target), actions in sorted(found.arrows.items())
        if source != target
        for line in _arrow(source, target, actions)
    ]
    parts += sorted(arrows, key=lambda line: line.startswith("<text"))
    for box, count in sorted(found.states.items()):
        parts += _box(box, names[box], count, found.arrows.get((box, box), Counter()))
    return "\n".join([*parts, "</svg>", ""])


def _box(box: Box, name: tuple[str, str], count: int, inside: Counter[str]) -> list[str]:
    x, y = corner(box)
    colour = (
        "#e8f0e4"
        if name[0] in ("COMPLETED", "DONE")
        else "#f6e3e0"
        if name[0] in ("ABORTED", "FAILED")
        else "#eef3f9"
    )
    lines = [f'<rect class="b" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="7" fill="{colour}"/>']
    lines.append(f'<text x="{x + 9}" y="{y + 17}" class="n">{escape(name[0])}</text>')
    lines.append(f'<text x="{x + 9}" y="{y + 31}" class="s">{escape(name[1])}</text>')
    lines.append(f'<text x="{x + 9}" y="{y + HEIGHT - 8}" class="s">{count} state{"s" if count > 1 else ""}</text>')
    for index, (action, times) in enumerate(sorted(inside.items())):
        lines.append(f'<text x="{x + 9}" y="{y + 46 + 13 * index}" class="a">↻ {action} · {times}</text>')
    return lines


def _arrow(source: Box, target: Box, actions: Counter[str]) -> list[str]:
    """Straight between neighbours, else a bow through the space between columns; the label at the beginning of it."""
    (x1, y1), (x2, y2) = corner(source), corner(target)
    label = [f"{action} · {times}" for action, times in sorted(actions.items())]
    column, row = target[0] - source[0], target[1] - source[1]
    if column == 0 and abs(row) == 1:
        x, ends = x1 + WIDTH // 2, (y1 + HEIGHT, y2 - 2) if row > 0 else (y1, y2 + HEIGHT + 2)
        path, at, anchor = f"M{x} {ends[0]} L{x} {ends[1]}", (x + 6, sum(ends) // 2 + 4), "start"
    elif column == 0:
        y, end = y1 + HEIGHT // 2, y2 + HEIGHT // 2
        path = f"M{x1} {y} C{x1 - 44} {y} {x2 - 44} {end} {x2 - 2} {end}"
        at, anchor = (x1 - 6, y - 16), "end"
    elif row == 0:
        y, ends = y1 + HEIGHT // 2, (x1 + WIDTH, x2 - 2) if column > 0 else (x1, x2 + WIDTH + 2)
        path, at, anchor = f"M{ends[0]} {y} L{ends[1]} {y}", (sum(ends) // 2, y - 6), "middle"
    else:
        x, y, end = x1 + WIDTH, y1 + HEIGHT * 3 // 4, y2 + HEIGHT // 2
        path = f"M{x} {y} C{x + 70} {y} {x2 - 72} {end} {x2 - 2} {end}"
        at, anchor = (x + 6, y + 14), "start"
    texts = [
        f'<text x="{at[0]}" y="{at[1] + 12 * index}" class="a" text-anchor="{anchor}">{escape(text)}</text>'
        for index, text in enumerate(label)
    ]
    return [f'<path class="e" marker-end="url(#h)" d="{path}"/>', *texts]


def pictures(root: Path) -> dict[str, str]:
    """The text of every picture by file name."""
    folder = root / FOLDER
    task = quotient(dump(folder, TASK), task_box)
    secagg = quotient(dump(folder, SECAGG), secagg_box)
    return {
        "task-life.svg": draw(
            task,
            TASK_NAMES,
            "The life of a task",
            "Task.tla with one trainer, one scorer and two rounds: every path from publication to an end. "
            "↻ what happens within a window; numbers count TLC's states and transitions.",
        ),
        "secure-aggregation.svg": draw(
            secagg,
            secagg_names(secagg),
            "Secure aggregation with clients that fall silent",
            "SecAgg.tla with four clients, threshold 2 and one ledger: down, one client more has answered; "
            "right or up, a deadline has passed.",
        ),
    }


def write(root: Path) -> list[str]:
    """Bring the pictures of a checkout up to date; gives the names of those that changed."""
    changed = []
    for name, text in pictures(root).items():
        path = root / PICTURES / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed
