"""Runs → model: what replicas did, recorded as logs, judged by TLC in one batch and by the transcribed relation.

A log is {setup, steps: [{input, code, after, out}], end}: one life of one validator at one height, input by input,
refusals included. Roots become numbers in their order. `end` claims how many steps there were.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..consensus.proposer import proposer_at
from ..consensus.state import (
    BuildBlock,
    Certified,
    ConsensusState,
    Decide,
    Evidence,
    Input,
    Output,
    Proposed,
    Resend,
    SetTimeout,
    SignProposal,
    SignVote,
    TimedOut,
    Validate,
    Validated,
    Voted,
)
from ..consensus.tendermint import Progress, step
from ..encoding import word_to_int64
from ..errors import InvariantError, SpecError
from ..sim.host import Rules
from ..types import ZERO_ROOT, SignedVote
from . import tlc
from .modules import read_modules
from .values import to_tla

Json = Any
Log = dict[str, Json]
MODULE = "TraceConsensusStep"
BATCH = 100
"""Logs in one run of TLC."""


# ---------------------------------------------------------------------------------------------------------
# Recording


@dataclass
class _Life:
    """One life of one validator at one height: the states it went through and what took it there."""

    first: ConsensusState
    last: ConsensusState
    steps: list[tuple[Input, ConsensusState, str, tuple[Output, ...]]] = field(default_factory=list)


class Recorder:
    """Stands where `step` stands and writes down what it does; replicas notice nothing.

    A state that does not follow from the last one is the begin of another life: a restart replays the journal.
    """

    def __init__(self, rules: Rules = step) -> None:
        self._rules = rules
        self._lives: list[_Life] = []
        self._running: dict[tuple[int, int], _Life] = {}

    def __call__(self, state: ConsensusState, event: Input) -> Progress:
        """CON-014: `step`, recorded."""
        place = (state.me, state.height)
        life = self._running.get(place)
        if life is None or life.last is not state:
            if state.votes or state.proposals or state.view:
                raise InvariantError(f"validator {state.me} goes on at height {state.height} from an unknown state")
            life = self._running[place] = _Life(state, state)
            self._lives.append(life)
        try:
            after, outputs = self._rules(state, event)
        except SpecError as refusal:
            life.steps.append((event, state, refusal.code.value, ()))
            raise
        life.steps.append((event, after, "ok", outputs))
        life.last = after
        return after, outputs

    def logs(self) -> list[Log]:
        """One log for each life that took a step."""
        return [_log(life) for life in self._lives if life.steps]


def _log(life: _Life) -> Log:
    first = life.first
    roots = {root for event, after, _, _ in life.steps for root in (*_roots_of(event), after.decided_root)}
    number = {root: index for index, root in enumerate(sorted(roots | {ZERO_ROOT}))}
    views = max([_view_of(event) for event, *_ in life.steps] + [life.last.view]) + 2
    proposers = [
        proposer_at(first.committee, first.height, view, first.epoch_heights) for view in range(min(views, 4096))
    ]
    committee = [seat.identity for seat in first.committee.seats]
    setup = {"committee": committee, "me": first.me, "height": first.height, "proposers": proposers}
    steps, before = [], first
    for event, after, code, outputs in life.steps:
        steps.append(
            {
                "input": _event(event, number),
                "code": code,
                "after": _observed(before, after, number),
                "out": [_output(output, number) for output in outputs],
            }
        )
        before = after
    return {"setup": setup, "steps": steps, "end": len(steps)}


def _roots_of(event: Input) -> tuple[bytes, ...]:
    match event:
        case Proposed(signed):
            return (signed.proposal.block_root,)
        case Voted(signed_vote):
            return (signed_vote.vote.block_root,)
        case Validated(root, _):
            return (root,)
        case Certified(certificate):
            return (certificate.block_root,)
    return ()


def _view_of(event: Input) -> int:
    match event:
        case Proposed(signed):
            return signed.proposal.view
        case Voted(signed_vote):
            return signed_vote.vote.view
        case TimedOut(view, _):
            return view
    return 0


def _event(event: Input, number: dict[bytes, int]) -> Json:
    match event:
        case Proposed(signed):
            made = signed.proposal
            return {
                "op": "proposal",
                "height": made.height,
                "view": made.view,
                "root": number[made.block_root],
                "validView": word_to_int64(made.valid_view),
                "proposer": signed.proposer,
            }
        case Voted(signed_vote):
            return {"op": "vote", "height": signed_vote.vote.height, **_vote(signed_vote, number)}
        case Validated(root, valid):
            return {"op": "verdict", "root": number[root], "valid": valid}
        case TimedOut(view, phase):
            return {"op": "timeout", "view": view, "phase": phase}
        case Certified(found):
            slot = {"height": found.height, "view": found.view, "root": number[found.block_root]}
            return {"op": "certificate", **slot, "seats": list(found.seats)}


def _vote(signed: SignedVote, number: dict[bytes, int]) -> Json:
    vote = signed.vote
    return {"kind": vote.kind, "view": vote.view, "voter": signed.voter, "root": number[vote.block_root]}


def _observed(before: ConsensusState, after: ConsensusState, number: dict[bytes, int]) -> Json:
    known_votes = {(signed.voter, signed.vote) for signed in before.votes}
    known_views = {signed.proposal.view for signed in before.proposals}
    known_verdicts = {verdict.block_root for verdict in before.verdicts}
    votes = [_vote(signed, number) for signed in after.votes if (signed.voter, signed.vote) not in known_votes]
    proposals = [
        {"view": made.view, "root": number[made.block_root], "validView": word_to_int64(made.valid_view)}
        for made in (signed.proposal for signed in after.proposals)
        if made.view not in known_views
    ]
    verdicts = [
        {"root": number[verdict.block_root], "valid": verdict.valid}
        for verdict in after.verdicts
        if verdict.block_root not in known_verdicts
    ]
    return {
        "view": after.view,
        "phase": after.phase,
        "lockedView": word_to_int64(after.locked_view),
        "lockedRoot": number[after.locked_root],
        "validView": word_to_int64(after.valid_view),
        "validRoot": number[after.valid_root],
        "timers": list(after.timers),
        "decidedView": after.decided_view,
        "decidedRoot": number[after.decided_root],
        "offenders": {"#set": list(after.offenders)},
        "votes": {"#set": votes},
        "proposals": {"#set": proposals},
        "verdicts": {"#set": verdicts},
    }


def _output(output: Output, number: dict[bytes, int]) -> Json:
    match output:
        case BuildBlock(view):
            return {"output": "build_block", "view": view}
        case SignProposal(made):
            valid_view, root = word_to_int64(made.valid_view), number[made.block_root]
            return {"output": "sign_proposal", "view": made.view, "validView": valid_view, "root": root}
        case SignVote(vote):
            return {"output": "sign_vote", "kind": vote.kind, "view": vote.view, "root": number[vote.block_root]}
        case SetTimeout(view, phase):
            return {"output": "set_timeout", "view": view, "phase": phase}
        case Validate(root):
            return {"output": "validate", "root": number[root]}
        case Resend(proposals, votes):
            views = {"#set": [signed.proposal.view for signed in proposals]}
            return {"output": "resend", "proposals": views, "votes": {"#set": [_vote(v, number) for v in votes]}}
        case Decide(view, root):
            return {"output": "decide", "view": view, "root": number[root]}
        case Evidence(found):
            slot = _vote(found.first, number)
            roots = {"#set": [number[signed.vote.block_root] for signed in (found.first, found.second)]}
            kept = {key: slot[key] for key in ("voter", "kind", "view")}
            return {"output": "evidence", **kept, "roots": roots}


# ---------------------------------------------------------------------------------------------------------
# Judging by TLC


@dataclass(frozen=True)
class Judgement:
    """What TLC says of a batch: the first wrong step of each log (from 0), None where the log is accepted."""

    rejected_at: tuple[int | None, ...]
    outcome: tlc.Outcome


def judge(root: Path, logs: Sequence[Log]) -> Judgement:
    """Let TLC follow all logs in one run; raises InvariantError unless it says yes or no to every one of them."""
    sources = {f"{name}.tla": module.text for name, module in read_modules(root / "spec" / "tla").items()}
    sources["TraceData.tla"] = trace_data(logs)
    configuration = "SPECIFICATION TraceSpec\nCONSTANTS\n  Setups = {}\n  Inputs <- NoInputs\n"
    outcome = tlc.run(sources, MODULE, configuration, long=True, timeout_s=300)
    if outcome.verdict is not tlc.Verdict.HOLDS:
        raise InvariantError(f"TLC ended with {outcome.exit_code}: {outcome.error}")
    accepted = {int(log) for log, _ in re.findall(r'"@ACCEPT (\d+) (\d+)"', outcome.output)}
    rejected = {int(log): int(at) - 1 for log, at in re.findall(r'"@REJECT (\d+) (\d+)"', outcome.output)}
    everything = set(range(1, len(logs) + 1))
    if accepted & rejected.keys() or accepted | rejected.keys() != everything:
        raise InvariantError(f"TLC was silent about {sorted(everything - accepted - rejected.keys())[:5]}")
    return Judgement(tuple(rejected.get(index) for index in sorted(everything)), outcome)


def trace_data(logs: Sequence[Log]) -> str:
    """The generated module with all logs as one sequence."""
    body = ",\n".join(to_tla(log) for log in logs)
    return f"---- MODULE TraceData ----\nEXTENDS Integers, Sequences, TLC\nLogs == <<\n{body}\n>>\n====\n"


# ---------------------------------------------------------------------------------------------------------
# Logs with one thing wrong


def mutants_of(log: Log) -> Iterator[tuple[str, Log]]:
    """(class, log with one event changed), a few of each class; none of them is a run of the model."""
    for name, places in _CHANGES.items():
        found = 0
        for index in range(len(log["steps"])):
            mutant = copy.deepcopy(log)
            if found < 3 and places(mutant["steps"], index):
                mutant["end"] = len(mutant["steps"])
                yield name, mutant
                found += 1
    for name, change in _WHOLE.items():
        mutant = copy.deepcopy(log)
        if change(mutant):
            yield name, mutant


def _kept(step: Json) -> bool:
    """The step added what it brought."""
    return any(step["after"][key]["#set"] for key in ("votes", "proposals", "verdicts"))


def _drop(steps: Json, index: int) -> bool:
    before = steps[index - 1]["after"] if index else None
    after, following = steps[index]["after"], steps[index + 1 :]
    plain = ("view", "phase", "decidedRoot", "lockedView")
    moved = before is not None and any(before[key] != after[key] for key in plain)
    if moved and following:
        del steps[index]
        return True
    return False


def _repeat(steps: Json, index: int) -> bool:
    if _kept(steps[index]):
        steps.insert(index, copy.deepcopy(steps[index]))
        return True
    return False


def _early(steps: Json, index: int) -> bool:
    """A verdict before its proposal."""
    if index and steps[index]["input"]["op"] == "verdict" and steps[index]["code"] == "ok":
        root = steps[index]["input"]["root"]
        at = next(k for k, s in enumerate(steps) if s["input"]["op"] == "proposal" and s["input"]["root"] == root)
        steps.insert(at, steps.pop(index))
        return True
    return False


def _refuse(steps: Json, index: int) -> bool:
    if steps[index]["code"] == "ok":
        steps[index]["code"] = "HEIGHT_DECIDED" if steps[index]["after"]["phase"] != 4 else "VIEW_AHEAD"
        return True
    return False


def _accept(steps: Json, index: int) -> bool:
    if steps[index]["code"] != "ok":
        steps[index]["code"] = "ok"
        return True
    return False


def _other_code(steps: Json, index: int) -> bool:
    if steps[index]["code"] != "ok":
        steps[index]["code"] = "VOTE_KIND" if steps[index]["code"] != "VOTE_KIND" else "VOTE_SEAT"
        return True
    return False


def _after(key: str) -> Any:
    def change(steps: Json, index: int) -> bool:
        value = steps[index]["after"][key]
        if key == "timers":
            value[0] = not value[0]
        elif isinstance(value, dict):
            known = value["#set"]
            value["#set"] = known[:-1] if known else [77] if key == "offenders" else known
            return bool(known) or key == "offenders"
        else:
            steps[index]["after"][key] = value + 1
        return True

    return change


def _input(op: str, key: str, delta: int) -> Any:
    def change(steps: Json, index: int) -> bool:
        event = steps[index]["input"]
        if event["op"] != op or steps[index]["code"] != "ok" or not (_kept(steps[index]) or op == "timeout"):
            return False
        event[key] = (not event[key]) if isinstance(event[key], bool) else event[key] + delta
        return True

    return change


def _lose_output(steps: Json, index: int) -> bool:
    return bool(steps[index]["out"]) and steps[index]["out"].pop() is not None


def _more_output(steps: Json, index: int) -> bool:
    steps[index]["out"].append({"output": "build_block", "view": steps[index]["after"]["view"]})
    return bool(steps[index]["code"] == "ok")


def _other_vote(steps: Json, index: int) -> bool:
    for item in steps[index]["out"]:
        if item["output"] == "sign_vote":
            item["root"] += 1
            return True
    return False


def _refused_speaks(steps: Json, index: int) -> bool:
    steps[index]["out"].append({"output": "decide", "view": 0, "root": 1})
    return bool(steps[index]["code"] != "ok")


_CHANGES: dict[str, Any] = {
    "step lost": _drop,
    "step repeated": _repeat,
    "verdict before its proposal": _early,
    "accepted said to be refused": _refuse,
    "refused said to be accepted": _accept,
    "refused with another code": _other_code,
    **{f"{key} after the step": _after(key) for key in ("view", "phase", "lockedView", "lockedRoot", "validView")},
    **{f"{key} after the step": _after(key) for key in ("validRoot", "timers", "decidedView", "decidedRoot")},
    **{f"{key} after the step": _after(key) for key in ("offenders", "votes", "proposals", "verdicts")},
    "root of a vote": _input("vote", "root", 90),
    "voter of a vote": _input("vote", "voter", 1),
    "view of a vote": _input("vote", "view", 1),
    "height of a vote": _input("vote", "height", 1),
    "kind of a vote": _input("vote", "kind", 2),
    "root of a proposal": _input("proposal", "root", 90),
    "valid view of a proposal": _input("proposal", "validView", 1),
    "proposer of a proposal": _input("proposal", "proposer", 1),
    "height of a proposal": _input("proposal", "height", 1),
    "verdict turned round": _input("verdict", "valid", 1),
    "verdict on another block": _input("verdict", "root", 90),
    "view of a time-out": _input("timeout", "view", 1),
    "output lost": _lose_output,
    "output invented": _more_output,
    "vote asked for another block": _other_vote,
    "refusal that speaks": _refused_speaks,
}


def _cut(log: Log) -> bool:
    log["steps"].pop()
    return True


def _longer(log: Log) -> bool:
    log["end"] += 1
    return True


def _elsewhere(log: Log) -> bool:
    log["setup"]["height"] += 1
    return any(step["input"]["op"] in ("vote", "proposal", "certificate") for step in log["steps"])


def _smaller_committee(log: Log) -> bool:
    log["setup"]["committee"] = [77]
    return any(step["input"]["op"] == "vote" and step["code"] == "ok" for step in log["steps"])


_WHOLE: dict[str, Any] = {
    "log cut short": _cut,
    "log claims more": _longer,
    "another height": _elsewhere,
    "another committee": _smaller_committee,
}

CLASSES: dict[str, Any] = {**_CHANGES, **_WHOLE}
"""The classes of changes, by name."""
