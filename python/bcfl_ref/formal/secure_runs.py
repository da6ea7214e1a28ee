"""Runs → the model of secure aggregation: what one group did in one secure round, as a log of SecAgg (PRV-032).

A log is {members, threshold, steps, end}, one for each group and round of a ledger's first task; a step is {op, who,
set, phase}. Whoever answers a list has read it and made it durable before: three steps. Members are called p0, p1 …
by registration index. Logs are judged by TLC and by `secure_relation`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ..contract.rounds import Blobs
from ..contract.secure import group_trainers
from ..contract.tasks import SECURE_WINDOWS, Phase, Standing, Step, Window
from ..encoding import decode
from ..errors import InvariantError
from ..infrastructure.transactions import PAYLOADS
from ..transition import apply_transaction, begin_height
from ..types import AdvertiseKeys, Container, MaskedInput, ShareKeys, State, Task, Unmask
from .task_runs import Block, followed, name_of
from .traces import Judgement
from .values import to_tla

Json = Any
Log = dict[str, Json]
Place = tuple[int, int]
"""Round and group."""
_SENT: Mapping[type[Container], str] = {
    AdvertiseKeys: "advertise_keys",
    ShareKeys: "share_keys",
    MaskedInput: "masked_input",
    Unmask: "unmask",
}
_DEADLINES = {
    Window.SHARES: "draw_graphs",
    Window.INPUT: "close_shares",
    Window.UNMASK: "close_inputs",
    Window.SCORE_COMMIT: "open_groups",
}
_PHASES = {Window.KEYS: "keys", Window.SHARES: "shares", Window.INPUT: "inputs", Window.ATTEST: "inputs"}


def secure_logs(blocks: Iterable[Block], blobs: Blobs) -> list[Log]:
    """One log for each group and round. Errors: InvariantError where the model has no words for what happened."""
    logs: dict[Place, Log] = {}
    for before, record in blocks:
        state = begin_height(before, blobs)
        _deadline(logs, before, state)
        for signed in record.block.body.transactions:
            payload = decode(PAYLOADS[signed.transaction.kind], signed.transaction.payload)
            after = apply_transaction(state, signed.transaction, blobs)
            if type(payload) in _SENT:
                _transaction(logs, _SENT[type(payload)], signed.transaction.sender, after)
            state = after
    if not logs:
        raise InvariantError("there was no secure round")
    return [{**log, "end": len(log["steps"])} for _, log in sorted(logs.items())]


def _log(logs: dict[Place, Log], task: Task, group: int) -> list[Json]:
    """The steps of a group's log in the current round, begun when there is none."""
    if task.spec.privacy.degree:
        raise InvariantError("the model is asked about groups in which everybody is everybody's neighbour")
    members = [name_of(trainer) for trainer in group_trainers(task)[group]]
    fresh = {"members": members, "threshold": task.spec.privacy.threshold, "steps": []}
    steps: list[Json] = logs.setdefault((task.round.number, group), fresh)["steps"]
    return steps


def _at(state: State, group: int, *steps: Step) -> list[str]:
    members = state.tasks[0].round.secure.members
    return [name_of(member.trainer) for member in members if member.group == group and member.step in steps]


def _deadline(logs: dict[Place, Log], before: State, state: State) -> None:
    """What the begin of a height did to the groups that stood until then."""
    if not state.tasks or state.tasks[0].phase != Phase.RUNNING or not before.tasks[0].round.secure.groups:
        return
    task = state.tasks[0]
    offset, rest = divmod(state.height - task.round.start_height, task.spec.window_heights)
    if rest or SECURE_WINDOWS[offset] not in _DEADLINES:
        return
    window, sets = SECURE_WINDOWS[offset], {}
    for group, (then, now) in enumerate(
        zip(before.tasks[0].round.secure.groups, task.round.secure.groups, strict=True)
    ):
        if window == Window.UNMASK:
            sets[group] = _at(state, group, Step.SURVIVOR)
        if window == Window.SCORE_COMMIT:
            answered = [m for m in before.tasks[0].round.secure.members if m.group == group and m.answered]
            sets[group] = [name_of(member.trainer) for member in answered]
        if then.status == Standing.OPEN:
            step = {
                "op": _DEADLINES[window],
                "who": "",
                "set": sets.get(group, []),
                "phase": _phase(window, now.status),
            }
            _log(logs, task, group).append(step)


def _phase(window: Window, status: int) -> str:
    if status in (Standing.DEALER_INCONSISTENT, Standing.SUM_RANGE):
        raise InvariantError("the model is asked about members who deal and mask as they should")
    if status not in (Standing.OPEN, Standing.OPENED):
        return "failed"
    return "done" if status == Standing.OPENED else _PHASES.get(window, "unmasking")


def _transaction(logs: dict[Place, Log], op: str, sender: int, after: State) -> None:
    task = after.tasks[0]
    group = next(member.group for member in task.round.secure.members if member.trainer == sender)
    offset = (after.height - task.round.start_height) // task.spec.window_heights
    step = {"op": op, "who": name_of(sender), "set": [], "phase": _phase(SECURE_WINDOWS[offset], Standing.OPEN)}
    steps = _log(logs, task, group)
    if op == "unmask":
        steps.append({**step, "op": "read", "set": _at(after, group, Step.SURVIVOR)})
        steps.append({**step, "op": "persist"})
    steps.append(step)


# ---------------------------------------------------------------------------------------------------------
# Judging by TLC


def judge(root: Path, logs: Sequence[Log]) -> Judgement:
    """Let TLC follow logs of groups of one size and threshold; raises InvariantError unless it can read them all."""
    members, threshold = len(logs[0]["members"]), logs[0]["threshold"]
    if any((len(log["members"]), log["threshold"]) != (members, threshold) for log in logs):
        raise InvariantError("groups of one run of TLC have the same size and threshold")
    names = [f"m{place}" for place in range(members)]
    body = ",\n".join(to_tla(_renamed(log, names)) for log in logs)
    text = f"---- MODULE SecAggTraceData ----\nEXTENDS Integers, Sequences, TLC\nLogs == <<\n{body}\n>>\n====\n"
    honest = ", ".join(f'"{name}"' for name in names)
    constants = (
        f"Honest = {{{honest}}}",
        "Corrupt = {}",
        "Neighbours <- Everybody",
        f"T = {threshold}",
        'Ledger = "censored"',
        "Rounds = 1",
        "Up = {}",
    )
    return followed(root, "TraceSecAgg", {"SecAggTraceData.tla": text}, constants, len(logs))


def _renamed(log: Log, names: Sequence[str]) -> Json:
    """The log with members called by their place in the group, so that groups of one size share one run of TLC."""
    new = {"": "", **dict(zip(log["members"], names, strict=True))}
    steps = [
        {**step, "who": new[step["who"]], "set": {"#set": [new[name] for name in step["set"]]}}
        for step in log["steps"]
    ]
    return {"steps": steps, "end": log["end"]}


# ---------------------------------------------------------------------------------------------------------
# Logs with one thing wrong

Change: TypeAlias = Callable[[list[Json], int], bool]
"""Changes the steps of a log at one place; False where that would leave a run of the model."""
PLACES = 3
"""Of one class in one log, at most."""


def mutants_of(log: Log) -> Iterator[tuple[str, Log]]:
    """(class, log with one thing changed), a few of each class that has a place in it; none is a run of the model."""
    for name, change in CLASSES.items():
        found = 0
        for index in range(len(log["steps"])):
            steps = copy.deepcopy(log["steps"])
            if found < PLACES and change(steps, index):
                yield name, {**log, "steps": steps, "end": len(steps)}
                found += 1
    yield "log cut short", {**log, "steps": log["steps"][:-1]}
    yield "log claims more", {**log, "end": log["end"] + 1}


def _later(steps: list[Json], index: int, *ops: str) -> list[Json]:
    """The steps after a place that are one of these, or all of them."""
    return [step for step in steps[index + 1 :] if not ops or step["op"] in ops]


def _drop(op: str) -> Change:
    """A step is left out on which a later one rests: one of the same member, or one that counts it."""

    def change(steps: list[Json], index: int) -> bool:
        lost = steps[index]
        missed = [
            step for step in _later(steps, index) if not lost["who"] or lost["who"] in (step["who"], *step["set"])
        ]
        if lost["op"] != op or not missed:
            return False
        del steps[index]
        return True

    return change


def _twice(*ops: str) -> Change:
    def change(steps: list[Json], index: int) -> bool:
        steps.insert(index, copy.deepcopy(steps[index]))
        return steps[index]["op"] in ops

    return change


def _fewer(op: str, phase: str, edit: Callable[[list[str]], list[str]]) -> Change:
    """Other members where the phase after the step rests on them."""

    def change(steps: list[Json], index: int) -> bool:
        step = steps[index]
        if (step["op"], step["phase"]) != (op, phase) or len(step["set"]) < 2:
            return False
        step["set"] = edit(step["set"])
        return True

    return change


def _more(op: str, *of: str) -> Change:
    """Somebody is counted who did not do it: one of the members that did something, but not this."""

    def change(steps: list[Json], index: int) -> bool:
        everybody = {step["who"] for step in steps if step["who"]}
        idle = everybody - {step["who"] for step in steps if step["op"] in of}
        if steps[index]["op"] != op or not idle:
            return False
        steps[index]["set"] = [*steps[index]["set"], min(idle)]
        return True

    return change


def _again(op: str) -> Change:
    """A member does what another did, having done it before."""

    def change(steps: list[Json], index: int) -> bool:
        before = [step["who"] for step in steps[:index] if step["op"] == op]
        if steps[index]["op"] != op or not before:
            return False
        steps[index]["who"] = before[-1]
        return True

    return change


def _early(op: str, window: str) -> Change:
    """Before the deadline that opens its window."""

    def change(steps: list[Json], index: int) -> bool:
        if steps[index]["op"] != op:
            return False
        at = next(place for place, step in enumerate(steps) if step["op"] == window)
        steps.insert(at, steps.pop(index))
        return True

    return change


def _late(op: str, window: str) -> Change:
    """After the deadline that closes its window, where it was counted."""

    def change(steps: list[Json], index: int) -> bool:
        if steps[index]["op"] != op:
            return False
        at = next((place for place, step in enumerate(steps) if step["op"] == window), 0)
        if not at or (op in ("masked_input", "unmask") and steps[index]["who"] not in steps[at]["set"]):
            return False
        steps.insert(at, steps.pop(index))
        return True

    return change


def _phase_said(steps: list[Json], index: int) -> bool:
    """Another phase than the model has."""
    steps[index]["phase"] = "done" if steps[index]["phase"] != "done" else "unmasking"
    return True


def _end(steps: list[Json], index: int) -> bool:
    """Another end than the answers on the ledger give."""
    if steps[index]["op"] != "open_groups":
        return False
    steps[index]["phase"] = "failed" if steps[index]["phase"] == "done" else "done"
    return True


CLASSES: Mapping[str, Change] = {
    "keys not advertised": _drop("advertise_keys"),
    "shares not dealt": _drop("share_keys"),
    "graphs not drawn": _drop("draw_graphs"),
    "shares not closed": _drop("close_shares"),
    "inputs not closed": _drop("close_inputs"),
    "a survivor without an input": _drop("masked_input"),
    "answered what was not read": _drop("read"),
    "answered before it was durable": _drop("persist"),
    "an answer less": _drop("unmask"),
    "keys advertised twice": _twice("advertise_keys"),
    "shares dealt twice": _twice("share_keys"),
    "input given twice": _twice("masked_input"),
    "list read twice": _twice("read"),
    "answered twice": _twice("unmask"),
    "a deadline twice": _twice("draw_graphs", "close_shares", "close_inputs", "open_groups"),
    "another list read": _fewer("read", "unmasking", lambda names: names[1:]),
    "one survivor only": _fewer("close_inputs", "unmasking", lambda names: names[:1]),
    "opened from one answer": _fewer("open_groups", "done", lambda names: names[:1]),
    "a survivor that gave nothing": _more("close_inputs", "masked_input"),
    "an answer that nobody gave": _more("open_groups", "unmask"),
    "keys advertised for another": _again("advertise_keys"),
    "shares dealt for another": _again("share_keys"),
    "input given for another": _again("masked_input"),
    "answered for another": _again("unmask"),
    "shares dealt early": _early("share_keys", "draw_graphs"),
    "input given early": _early("masked_input", "close_shares"),
    "answered early": _early("unmask", "close_inputs"),
    "keys advertised late": _late("advertise_keys", "draw_graphs"),
    "shares dealt late": _late("share_keys", "close_shares"),
    "input given late": _late("masked_input", "close_inputs"),
    "answered late": _late("unmask", "open_groups"),
    "another phase": _phase_said,
    "opened, and said to have failed": _end,
}
"""The classes of changes of one step, by name."""
WHOLE = ("log cut short", "log claims more")
"""And of a whole log."""
