"""Runs → the model of secure aggregation: what one group did in one secure round, as a log of SecAgg (PRV-032).

A log is {members, threshold, steps, end}, one for each group and round of a ledger's first task; a step is {op, who,
set, phase}. Whoever answers a list has read it and made it durable before: three steps. Members are called p0, p1 …
by registration index. Logs are judged by TLC alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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


def mutants_of(log: Log) -> Iterator[tuple[str, Log]]:
    """(class, log with one thing changed), one of each class that has a place in it; none is a run of the model."""
    for name, change in CLASSES.items():
        for index in range(len(log["steps"])):
            steps = copy.deepcopy(log["steps"])
            if change(steps, index):
                yield name, {**log, "steps": steps, "end": len(steps)}
                break


def _drop(op: str) -> Callable[[list[Json], int], bool]:
    return lambda steps, index: steps[index]["op"] == op and steps.pop(index) is not None


def _twice(op: str) -> Callable[[list[Json], int], bool]:
    def change(steps: list[Json], index: int) -> bool:
        steps.insert(index, copy.deepcopy(steps[index]))
        return bool(steps[index]["op"] == op)

    return change


def _set(op: str, edit: Callable[[list[str]], list[str]]) -> Callable[[list[Json], int], bool]:
    def change(steps: list[Json], index: int) -> bool:
        if steps[index]["op"] != op or len(steps[index]["set"]) < 2:
            return False
        steps[index]["set"] = edit(steps[index]["set"])
        return True

    return change


def _end(steps: list[Json], index: int) -> bool:
    """Another end than the answers on the ledger give."""
    if steps[index]["op"] != "open_groups":
        return False
    steps[index]["phase"] = "failed" if steps[index]["phase"] == "done" else "done"
    return True


CLASSES: Mapping[str, Callable[[list[Json], int], bool]] = {
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
    "another list read": _set("read", lambda names: names[1:]),
    "one survivor only": _set("close_inputs", lambda names: names[:1]),
    "opened from one answer": _set("open_groups", lambda names: names[:1]),
    "opened, and said to have failed": _end,
}
"""The classes of changes, by name."""
